"""What is shipped to run digestor by itself: its shell steps are run here, against a repository with a remote."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
import yaml  # type: ignore[import-untyped]

EXAMPLES = Path(__file__).parents[1] / "examples"
WORKFLOW = (EXAMPLES / "weekly-issue.yml").read_text(encoding="utf-8")
PARSED: dict[Any, Any] = yaml.safe_load(WORKFLOW)
JOB: dict[str, Any] = PARSED["jobs"]["issue"]
STEPS: list[dict[str, Any]] = JOB["steps"]
SHELL = {step["name"]: step["run"] for step in STEPS if "run" in step and step["name"] != "install"}

DIGESTOR = """#!/bin/sh
case "$1" in
send) echo "$@" >> "$LETTERS"; exit "${SENDS:-0}" ;;
unsubscribe) echo "$@" >> "$LETTERS"; exit "${LEAVES:-0}" ;;
*) exec "PYTHON" -m digestor "$@" ;;
esac
"""
"""The checkout's own, but for mail, which is only noted."""


class Runner:
    """A fresh machine for each run: a clone of the remote, and nothing else but what the cache brought."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.remote, self.letters = folder, folder / "remote.git", folder / "letters"
        self.runs = 0
        (folder / "bin").mkdir()
        program = folder / "bin" / "digestor"
        program.write_text(DIGESTOR.replace("PYTHON", sys.executable), encoding="utf-8")
        program.chmod(0o755)
        self.git(folder, "init", "--quiet", "--bare", str(self.remote))
        self.git(folder, "clone", "--quiet", str(self.remote), "mine")
        mine = folder / "mine"
        config = '[[sources]]\nkind = "files"\npath = "inbox/*.txt"\n'
        (mine / "config.toml").write_text(config, encoding="utf-8")
        self.share(".gitignore", "digestor.db*\nwith-mail.toml\nrecipients.txt\n*.log\n")
        self.page(1)

    def git(self, folder: Path, *arguments: str) -> str:
        command = ["git", "-c", "init.defaultBranch=main", *arguments]
        return subprocess.run(
            command, cwd=folder, env=self.environ(), capture_output=True, text=True, check=True
        ).stdout

    def environ(self, **more: str) -> dict[str, str]:
        """What the workflow sets, as far as it is no expression of the server's."""
        plain = {key: value for key, value in PARSED["env"].items() if "${{" not in value}
        path = f"{self.folder / 'bin'}:{os.environ.get('PATH', os.defpath)}"
        here = {"PATH": path, "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", "LETTERS": str(self.letters)}
        unset = {key: "" for step in STEPS for key in step.get("env", {})}
        return {**plain, **here, **unset, "PYTHONPATH": str(Path(__file__).parents[1]), **more}

    def share(self, name: str, text: str) -> None:
        """A person pushes a file."""
        mine = self.folder / "mine"
        if "main" in self.git(self.remote, "branch", "--list"):
            self.git(mine, "pull", "--quiet", "--rebase")
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_text(text, encoding="utf-8")
        self.git(mine, "add", "--", ".")
        self.git(mine, "commit", "--quiet", "-m", f"share {name}")
        self.git(mine, "push", "--quiet", "--set-upstream", "origin", "HEAD:main")

    def page(self, number: int) -> None:
        name = f"made-up-page-{number}.txt"
        self.share(f"inbox/{name}", (EXAMPLES / name).read_text(encoding="utf-8"))

    def run(self, day: str, cache: Path | None = None, fails: tuple[str, ...] = (), **more: str) -> Path:
        """All shell steps, in order, as the server would run them; `fails` names those that are to fail."""
        self.runs += 1
        machine = self.folder / f"machine-{self.runs}"
        self.git(self.folder, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{self.remote}", str(machine))
        if cache:
            shutil.copy(cache / "digestor.db", machine)
        failed = []
        for name, lines in SHELL.items():
            if name == "mail" and "commit" in failed:
                continue
            environ = self.environ(DAY=day, STORE=f"digestor-{self.runs}-1", **more)
            command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", lines]
            done = subprocess.run(command, cwd=machine, env=environ, capture_output=True, text=True)
            if done.returncode:
                failed.append(name)
            assert (done.returncode != 0) == (name in fails), f"{name}: {done.stdout}{done.stderr}"
        return machine

    def log(self) -> list[str]:
        return self.git(self.remote, "log", "--format=%s", "main").splitlines()

    def changed(self) -> list[str]:
        return self.git(self.remote, "show", "--format=", "--name-only", "main").split()

    def sent(self) -> list[str]:
        return self.letters.read_text(encoding="utf-8").splitlines() if self.letters.exists() else []


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


# the shell steps


def test_an_issue_is_committed_once_and_a_week_later_the_next_one_only(runner: Runner) -> None:
    runner.run("2026-11-21")
    first = runner.log()
    assert first[0] == "Issue 2026-W47"
    assert "digests/2026-W47.md" in runner.changed()

    runner.run("2026-11-21")
    assert runner.log() == first

    runner.page(2)
    runner.run("2026-11-28")
    assert runner.log()[0] == "Issue 2026-W48"
    assert "digests/2026-W48.json" in runner.changed()
    earlier = {file for file in runner.changed() if "W47" in file}
    assert earlier <= {"digests/2026-W47.html"}, "its page may have got a link to the next; nothing else may change"


def test_what_was_published_is_known_on_a_fresh_machine_without_the_store(runner: Runner) -> None:
    runner.run("2026-11-21")
    before = runner.log()

    runner.run("2026-11-28")

    assert runner.log() == before


def test_a_commit_that_somebody_pushed_meanwhile_is_kept(runner: Runner) -> None:
    program = runner.folder / "bin" / "digestor"
    meanwhile = f'cd "{runner.folder}/mine" && echo x > x && git add x && git commit -qm meanwhile && git push -q'
    program.write_text(f'#!/bin/sh\n({meanwhile})\nexec "{sys.executable}" -m digestor "$@"\n', encoding="utf-8")

    runner.run("2026-11-21")

    assert runner.log()[:2] == ["Issue 2026-W47", "meanwhile"]


def test_nothing_at_all_to_publish_is_no_error(runner: Runner) -> None:
    runner.share("inbox/made-up-page-1.txt", "")

    runner.run("2026-11-21", fails=("make",))

    assert "Issue" not in runner.log()[0]


def test_a_partial_week_is_committed_and_the_run_still_fails(runner: Runner) -> None:
    runner.share("inbox/broken.txt", "%PDF-1.7 no text at all\n")

    runner.run("2026-11-21", fails=("make",))

    assert runner.log()[0] == "Issue 2026-W47"


# mail


def with_mail(runner: Runner) -> None:
    runner.share("mail.toml", '[[delivery]]\nkind = "smtp"\nhost = "mail.example.org"\nsender = "a@example.org"\n')


def test_without_a_mail_toml_nothing_is_mailed(runner: Runner) -> None:
    runner.run("2026-11-21")

    assert runner.sent() == []


def test_an_issue_is_mailed_once_even_where_the_store_is_lost(runner: Runner) -> None:
    with_mail(runner)

    for _ in range(3):
        runner.run("2026-11-21")

    assert runner.sent() == ["send --config with-mail.toml 2026-W47"]


def test_the_next_issue_is_mailed_and_the_last_one_is_not_again(runner: Runner) -> None:
    with_mail(runner)
    runner.run("2026-11-21")
    runner.page(2)
    runner.run("2026-11-28")

    assert [line.split()[-1] for line in runner.sent()] == ["2026-W47", "2026-W48"]


def test_a_run_that_was_cut_off_goes_on_only_with_its_own_store(runner: Runner) -> None:
    with_mail(runner)
    first = runner.run("2026-11-21", fails=("mail",), SENDS="1")

    runner.run("2026-11-21", FOUND="digestor-0-1")
    assert len(runner.sent()) == 1

    runner.run("2026-11-21", cache=first, FOUND="digestor-1-1")
    assert len(runner.sent()) == 2


@pytest.mark.parametrize("code", ["0", "1"])
def test_who_left_is_taken_off_before_anything_is_sent(runner: Runner, code: str) -> None:
    with_mail(runner)
    runner.share("unsubscribed.txt", "token\n")

    runner.run("2026-11-21", LEAVES=code)

    assert runner.sent() == [
        "unsubscribe --config with-mail.toml --file unsubscribed.txt",
        "send --config with-mail.toml 2026-W47",
    ]


def test_where_that_fails_nothing_is_sent_and_nothing_claimed(runner: Runner) -> None:
    with_mail(runner)
    runner.share("unsubscribed.txt", "token\n")

    runner.run("2026-11-21", fails=("mail",), LEAVES="2")

    assert [line.split()[0] for line in runner.sent()] == ["unsubscribe"]
    assert runner.git(runner.remote, "tag") == ""


def test_the_readers_come_from_a_secret_and_are_not_committed(runner: Runner) -> None:
    with_mail(runner)

    machine = runner.run("2026-11-21", RECIPIENTS="a@example.org\nb@example.org")

    assert (machine / "recipients.txt").read_text(encoding="utf-8") == "a@example.org\nb@example.org\n"
    assert "recipients.txt" not in runner.git(runner.remote, "ls-tree", "-r", "--name-only", "main")
    assert 'kind = "smtp"' in (machine / "with-mail.toml").read_text(encoding="utf-8")


# the document


def test_the_endpoint_of_the_document_writes_tokens_down_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = (EXAMPLES.parent / "docs" / "newsletter.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    made: dict[str, Any] = {}
    exec(code, made)
    monkeypatch.chdir(tmp_path)
    token = "abcdefghijklmnopqrstuvwx27"

    def ask(method: str, path: str) -> tuple[str, bytes]:
        given: dict[str, Any] = {"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": ""}
        setup_testing_defaults(given)
        said: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], error: object = None) -> Any:
            said.append(status)

        answer: Any = validator(made["application"])(given, start)
        try:
            return said[0], b"".join(answer)
        finally:
            answer.close()

    assert ask("GET", f"/u/{token}")[0] == "200 OK"
    assert not (tmp_path / "unsubscribed.txt").exists(), "a scanner that follows links must not unsubscribe anybody"
    assert ask("POST", f"/u/{token}")[0] == "200 OK"
    assert ask("POST", "/u/x")[0] == ask("POST", f"/u/{token}%0Ax")[0] == ask("POST", f"/u/{token}\n")[0]
    assert ask("POST", "/u/x")[0] == "404 Not Found"
    assert (tmp_path / "unsubscribed.txt").read_text(encoding="utf-8") == f"{token}\n"


# the workflow as it is written


def test_no_shell_line_holds_an_expression_of_the_server() -> None:
    assert [name for name, lines in SHELL.items() if "${{" in lines] == []
    assert set(SHELL) == {"make", "commit", "mail"}


def test_it_may_write_contents_and_nothing_else_and_runs_one_at_a_time() -> None:
    assert PARSED["permissions"] == {"contents": "write"}
    assert PARSED["concurrency"]["cancel-in-progress"] is False
    assert "permissions" not in JOB
    assert JOB["timeout-minutes"] <= 60


def test_it_can_be_started_by_hand_and_by_the_clock() -> None:
    on = PARSED[True]  # YAML 1.1 reads the key `on` as yes

    assert set(on) == {"schedule", "workflow_dispatch"}
    assert [cron_fault(line["cron"]) for line in on["schedule"]] == [""]


def test_every_action_is_pinned_to_a_major_and_is_of_the_server_itself() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]

    assert [name for name in used if not re.fullmatch(r"actions/[\w/-]+@v\d+", name)] == []


def test_every_secret_comes_by_the_environment_of_the_one_step_that_needs_it() -> None:
    for step in STEPS:
        for key, value in step.get("env", {}).items():
            found = re.fullmatch(r"\$\{\{ secrets\.(\w+) \}\}", value)
            assert found is None or found[1] == key
    assert "secrets." not in json.dumps(PARSED["env"])


# cron and systemd


def cron_fault(line: str) -> str:
    """What is wrong with the five fields; empty where nothing is."""
    fields = line.split()
    bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    if len(fields) != len(bounds):
        return "not five fields"
    wrong = [
        field
        for field, (least, most) in zip(fields, bounds, strict=True)
        if field != "*" and not (field.isdigit() and least <= int(field) <= most)
    ]
    return " ".join(wrong)


def crontab() -> list[tuple[str, str]]:
    lines = (EXAMPLES / "digestor.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and not re.match(r"\w+=", line)]
    split = [line.split(maxsplit=5) for line in jobs]
    return [(" ".join(parts[:5]), parts[5]) for parts in split]


def test_every_line_of_the_crontab_is_one() -> None:
    assert len(crontab()) == 2
    for when, command in crontab():
        assert cron_fault(when) == ""
        assert "%" not in command, "cron would make a line break of it"


def test_the_command_of_the_crontab_runs_as_cron_would_run_it(tmp_path: Path) -> None:
    program = tmp_path / "papers" / ".venv" / "bin" / "digestor"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" "$SMTP_PASSWORD" "$(pwd)"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "papers" / "secrets.env").write_text("SMTP_PASSWORD=word\n", encoding="utf-8")
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    for _, command in crontab():
        done = subprocess.run(["/bin/sh", "-c", command], env=environ, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["weekly", "--config", "config.toml", "--quiet", "word", str(tmp_path / "papers")]


def unit(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, strict=True)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read(EXAMPLES / name, encoding="utf-8")
    return parsed


def test_the_service_runs_the_weekly_command_in_its_folder() -> None:
    service = unit("digestor.service")["Service"]

    assert service["ExecStart"].split()[1:] == ["weekly", "--config", "config.toml"]
    assert service["ExecStart"].startswith(service["WorkingDirectory"])
    assert service["ReadWritePaths"] == service["WorkingDirectory"]
    assert "PASSWORD" not in json.dumps(dict(service))


def test_the_timer_is_of_the_same_hour_as_the_others() -> None:
    when = unit("digestor.timer")["Timer"]["OnCalendar"]

    assert when == "Sat *-*-* 06:23:00 UTC"
    assert crontab()[0][0] == PARSED[True]["schedule"][0]["cron"] == "23 6 * * 6"


@pytest.mark.parametrize("name", ["digestor.service", "digestor.timer"])
def test_systemd_finds_nothing_wrong_where_it_is_there_to_ask(name: str, tmp_path: Path) -> None:
    there = tmp_path / "srv" / "digestor"
    (there / ".venv" / "bin").mkdir(parents=True)
    shutil.copy("/bin/true", there / ".venv" / "bin" / "digestor")
    for file in ("digestor.service", "digestor.timer"):
        text = (EXAMPLES / file).read_text(encoding="utf-8").replace("/srv/digestor", str(there))
        (tmp_path / file).write_text(text, encoding="utf-8")
    if not shutil.which("systemd-analyze"):
        assert unit(name).sections()
        return

    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
