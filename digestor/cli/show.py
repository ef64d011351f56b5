"""`digestor show`: an issue in the terminal."""

from pathlib import Path

import click
from pydantic import ValidationError

from digestor.cli.terminal import config_option, configured
from digestor.compose import in_words
from digestor.errors import InputError
from digestor.models import Issue
from digestor.render import code_words


@click.command(epilog="Example: digestor show 2026-W47", short_help="Read an issue in the terminal.")
@click.argument("issue", required=False)
@config_option
@click.option("--code", is_flag=True, help="Only the papers with released code, models or data.")
def show(issue: str | None, config_file: Path | None, code: bool) -> int:
    """Read an issue in the terminal.

    ISSUE is an id such as 2026-W47, looked for in the output folder, or a file 2026-W47.json. Without it, the latest.
    """
    edition = read(find(issue, configured(config_file).output))
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(edition.title, style="bold"))
    for section in edition.sections:
        entries = [entry for entry in section.entries if not code or entry.annotation.code.status == "released"]
        if entries:
            console.print(Text(f"\n{section.title}", style="bold cyan"), Text(f"({len(entries)})", style="dim"))
        for entry in entries:
            title = Text(entry.paper.title, style="bold" + (f" link {entry.paper.url}" if entry.paper.url else ""))
            words, said = code_words(entry.annotation.code), entry.annotation
            if words:
                title.append(f"  {words}", style="green" if said.code.status == "released" else "yellow")
            line = Text(said.summary or "(no abstract)")
            if said.origin == "fallback":
                line.append(" (from the abstract)", style="dim")
            if said.code.url:
                line.append(f"\n{said.code.url}", style="dim")
            console.print(Padding(title, (0, 0, 0, 2)))
            console.print(Padding(line, (0, 0, 0, 4)))
    console.print(Text(f"\n{in_words(edition.ledger)}.", style="dim"))
    return 0


def find(issue: str | None, folder: Path) -> Path:
    """The file of an issue: a path, an id in the folder, or the latest there. Raises InputError."""
    if issue is None:
        files = sorted(folder.glob("*.json"), key=lambda file: (file.stat().st_mtime, file.name))
        if not files:
            raise InputError(str(folder), "there is no issue yet", "`digestor weekly` makes one")
        return files[-1]
    for file in (Path(issue), folder / f"{issue}.json"):
        if file.is_file():
            return file
    raise InputError(issue, f"is no file, and {folder} has no issue of that id", "`ls` the folder for what there is")


def read(file: Path) -> Issue:
    """An issue from its JSON file. Raises InputError where it is none."""
    try:
        return Issue.model_validate_json(file.read_bytes())
    except OSError as error:
        raise InputError(str(file), f"cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise InputError(
            str(file), f"is no issue: {error.errors()[0]['msg']}", "show takes the .json of an issue"
        ) from None
