"""What makes the issue by itself each week: a workflow on GitHub, a systemd timer, a line for cron."""

import json
import re
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from digestor.cli.answers import shipped
from digestor.delivery.repository import without_secrets
from digestor.errors import InputError

WORKFLOW = Path(".github/workflows/digestor.yml")
IGNORED = ("digestor.db*", "recipients.txt", "with-mail.toml", "*.log")
"""What a repository with the workflow must not hold."""
INSTALLED = re.compile(r"(?m)^(  DIGESTOR: ).*$")
WEEKLY = "23 6 * * 6"
"""Saturday: the week's papers are out, and a start some hours late is still in the same week."""
SERVICE = """# Makes the issue of the week: everything that config.toml in this folder names.
# A unit of the user's own; digestor.timer starts it.
[Unit]
Description=The issue of the week
# A run again sends to those left and to nobody twice: up to three more times a day.
StartLimitIntervalSec=20h
StartLimitBurst=4

[Service]
Type=oneshot
WorkingDirectory={folder}
# SMTP_PASSWORD=... and the like, one a line, if there are any; readable by you alone
EnvironmentFile=-{folder}/secrets.env
ExecStart={python} -m digestor weekly --config {config}
Restart=on-failure
RestartSec=30min
# 2: the config makes no sense; again would not help
RestartPreventExitStatus=2
# As Ctrl-C would: what was paid for is kept
KillSignal=SIGINT
TimeoutStartSec=3h
NoNewPrivileges=yes
"""


def workflow() -> str:
    """The workflow, with the place that this digestor was installed from, where others can have it from too."""
    text = shipped("examples/weekly-issue.yml").read_text(encoding="utf-8")
    place = origin()
    return INSTALLED.sub(lambda found: found[1] + json.dumps(place), text) if place else text


def origin() -> str:
    """What to give pip on another machine to have this digestor; empty where only this machine has it."""
    try:
        found = distribution("digestor")
        told = found.read_text("direct_url.json")
        if told is None:
            return f"digestor=={found.version}"
        place = json.loads(told)
        commit = place.get("vcs_info", {}).get("commit_id", "")
    except (PackageNotFoundError, ValueError, AttributeError):
        return ""
    url = without_secrets(str(place.get("url", "")))
    return f"git+{url}@{commit}" if commit and url.startswith("https://") else ""


def service(folder: Path, config: str, python: str) -> str:
    """A unit that makes the issue in a folder. Raises InputError for a folder that no unit can name."""
    if not str(folder).isprintable():
        raise InputError(str(folder), "cannot be named in a unit of systemd", "use a folder with a plain name")
    plain = str(folder).replace("%", "%%")
    return SERVICE.format(folder=plain, python=_word(python), config=_word(config))


def timer() -> str:
    """When the unit is started."""
    return shipped("examples/digestor.timer").read_text(encoding="utf-8")


def cron(folder: Path, config: str, python: str) -> str:
    """The line for `crontab -e`. Raises InputError for a folder that no line can name."""
    if not str(folder).isprintable():
        raise InputError(str(folder), "cannot be named in a crontab", "use a folder with a plain name")
    secrets = "set -a && { test ! -f secrets.env || . ./secrets.env; }"
    make = shlex.join([python, "-m", "digestor", "weekly", "--config", config, "--quiet"])
    command = f"cd {shlex.quote(str(folder))} && {secrets} && {make}"
    return f"{WEEKLY}  " + command.replace("%", "\\%")


def _word(text: str) -> str:
    """A word of a command in a unit: quoted, with nothing in it that systemd would fill in."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
