"""`digestor init`: from nothing to a personal config, by four questions or by flags, and whatever runs it each week."""

import shlex
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import click
from pydantic import ValidationError

from digestor import prompt
from digestor.cli import questions, schedule
from digestor.cli.answers import Answers, Timer, delivery, example, written
from digestor.cli.terminal import CONFIG, environment
from digestor.config import Config, explain
from digestor.errors import ConfigError, InputError
from digestor.wiring import parts, secrets


@click.command(
    epilog='Example: digestor init --topic "sparse attention" --category cs.CL && digestor check',
    short_help="Write your config.toml, by four questions or flags.",
)
@click.argument("file", type=click.Path(path_type=Path), default=CONFIG)
@click.option("--topic", "topics", multiple=True, metavar="WORDS", help="What you want to read about; may be repeated.")
@click.option(
    "--category", "categories", multiple=True, metavar="NAME", help="An arXiv category, such as cs.CL; may be repeated."
)
@click.option("--model", default="", metavar="NAME", help="The chat model that writes the lines.")
@click.option("--base-url", default="", metavar="URL", help="Where it is, if not at OpenAI: http://localhost:11434/v1.")
@click.option("--prompts", is_flag=True, help="Copy the model's prompts into prompts/, to be edited.")
@click.option("--mail", default="", metavar="ADDRESS", help="Your address: the issue is mailed to you, from you.")
@click.option("--smtp", default="", metavar="HOST[:PORT]", help="The server that sends it.  [default: a guess]")
@click.option("--github", is_flag=True, help="Write a workflow that makes the issue each week on GitHub.")
@click.option("--timer", type=click.Choice(["systemd", "cron"]), help="Have this machine make the issue each week.")
@click.option("--yes", "--defaults", "-y", "unasked", is_flag=True, help="Ask nothing: what no flag says is as usual.")
def init(
    file: Path,
    topics: tuple[str, ...],
    categories: tuple[str, ...],
    model: str,
    base_url: str,
    prompts: bool,
    mail: str,
    smtp: str,
    github: bool,
    timer: Timer | None,
    unasked: bool,
) -> int:
    """Write your config.toml, by four questions or flags.

    FILE is config.toml unless said otherwise. On a terminal and without flags it asks what you want to read about,
    from where, who writes the lines, and where the issue goes. Elsewhere it asks nothing, and without flags writes
    the commented example alone. No file that is there already is written over.
    """
    said = Answers(topics, categories, model, base_url, mail, smtp, github, timer, prompts)
    must_be_free(file, "name another: digestor init FILE")
    if said._replace(prompts=False) == Answers() and not unasked:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            if prompts:
                raise InputError("--prompts", "are the prompts of a chat model", "add --model NAME")
            write({file: example().encode()})
            click.echo(f"Written: {file}\nNext: list your sources in it, then `digestor check` and `digestor weekly`.")
            return 0
        try:
            said = questions.answers()._replace(prompts=prompts)
        except click.Abort:
            click.echo("\nNothing was written.", err=True)
            return 130
    said = questions.sound(said)
    if said.github and file.name != CONFIG.name:
        raise InputError("--github", f"the workflow reads {CONFIG}, not {file.name}", "leave FILE out")
    text = written(said, environment())
    needed = checked(text, file)
    files = {file: text.encode(), **beside(said, file)}
    for other in files:
        must_be_free(other, "move it away, or leave out the flag that asks for it; nothing was written")
    write(files)
    click.echo("\n".join(told(said, file, list(files), needed)))
    return 0


def must_be_free(file: Path, todo: str) -> None:
    """Raises InputError where a file is there already."""
    if file.exists() or file.is_symlink():
        raise InputError(str(file), "is there already and was left alone", todo)


def checked(text: str, file: Path) -> list[str]:
    """The secrets that the config needs and the environment does not have.

    Raises ConfigError or InputError with all that is wrong with the answers.
    """
    try:
        config = Config.model_validate({**tomllib.loads(text), "file": file})
    except ValidationError as error:
        faults = explain(error.errors(), Config.model_fields)
        raise InputError("digestor init", "\n  ".join(faults), "nothing was written") from None
    annotator = parts(config).annotator
    return [name for name, there in secrets(config, annotator, environment()) if not there]


def beside(said: Answers, file: Path) -> dict[Path, bytes]:
    """What is written beside the config, as path and content."""
    folder, files = file.parent, dict[Path, str]()
    if said.github:
        files[folder / schedule.WORKFLOW] = schedule.workflow()
        if said.mail:
            files[folder / "mail.toml"] = delivery(said.mail, said.smtp)
        if not (folder / ".gitignore").exists():
            files[folder / ".gitignore"] = "\n".join((*schedule.IGNORED, ""))
    if said.timer == "systemd":
        files[folder / "digestor.service"] = schedule.service(folder.resolve(), file.name, sys.executable)
        files[folder / "digestor.timer"] = schedule.timer()
    elif said.timer == "cron":
        schedule.cron(folder.resolve(), file.name, sys.executable)
    home = prompt.home()
    copied = [found for found in sorted(home.rglob("*")) if found.suffix in (".j2", ".md")] if said.prompts else []
    to_edit = {folder / "prompts" / found.relative_to(home): found.read_bytes() for found in copied}
    return {**{path: text.encode() for path, text in files.items()}, **to_edit}


def write(files: Mapping[Path, bytes]) -> None:
    """Write each file, and none over another. Raises InputError, ConfigError."""
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                out.write(content)
        except FileExistsError:
            raise InputError(str(path), "is there already and was left alone") from None
        except OSError as error:
            raise ConfigError(str(path), f"cannot be written: {error.strerror}") from error


def told(said: Answers, file: Path, files: list[Path], needed: list[str]) -> list[str]:
    """What was written and what comes next, in at most six lines."""
    named = [str(path) for path in files if path.suffix != ".j2" and path.name != "README.md"]
    lines = [f"Written: {', '.join(named)}" + (", prompts/" if said.prompts else "")]
    folder = file.parent.resolve()
    if said.github:
        ignored = folder / ".gitignore"
        missing = [] if ignored in map(Path.resolve, files) else [f"put {' '.join(schedule.IGNORED)} into .gitignore"]
        missing += [] if schedule.origin() else [f"say in {schedule.WORKFLOW} where DIGESTOR is installed from"]
        pages = "commit these files and push; the issue is made each Saturday, or by hand under Actions"
        lines.append(f"GitHub: {'; '.join([*missing, pages])}")
    if said.timer == "systemd":
        units = [shlex.quote(str(folder / f"digestor.{kind}")) for kind in ("service", "timer")]
        lines.append(f"Timer: systemctl --user link {units[0]} && systemctl --user enable --now {units[1]}")
        lines.append("  `loginctl enable-linger` has it run while you are not logged in.")
    if said.timer == "cron":
        lines.append("Cron: run `crontab -e` and add the line")
        lines.append(schedule.cron(folder, file.name, sys.executable))
    needed += ["SMTP_PASSWORD"] if said.github and said.mail else []
    if needed:
        where = "the repository's settings: Secrets and variables, Actions" if said.github else "the environment"
        where += f"; for the timer in {folder / 'secrets.env'}" if said.timer else ""
        lines.append(f"Secrets: set {', '.join(dict.fromkeys(needed))} in {where}")
    option = "" if file == CONFIG else f" -c {shlex.quote(str(file))}"
    lines.append(f"Next: `digestor check --online{option}` tries all of it, `digestor weekly{option}` makes an issue.")
    return lines
