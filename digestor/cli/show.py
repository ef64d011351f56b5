"""`digestor show`: an issue in the terminal."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from digestor.cli.terminal import config_option, configured
from digestor.compose import in_words
from digestor.errors import InputError
from digestor.models import Entry, Issue
from digestor.period import last_day
from digestor.render import code_words
from digestor.render.reasons import why

if TYPE_CHECKING:
    from rich.console import Console

TITLES = 30
"""Papers for which there was no room that are named."""


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
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(edition.title, style="bold"))
    for note in edition.notes:
        console.print(Text(f"{note}."), style="dim")
    groups = [(section.title, section.entries) for section in edition.sections]
    groups += [("Code appeared since", edition.carried), ("Much rewritten since", edition.updated)]
    for title, entries in groups:
        shown = [entry for entry in entries if not code or entry.annotation.code.status == "released"]
        if shown:
            console.print(Text(f"\n{title}", style="bold cyan"), Text(f"({len(shown)})", style="dim"))
        for entry in shown:
            print_entry(console, entry, edition)
    if edition.listed and not code:
        console.print(Text("\nAlso new, by title", style="bold cyan"), Text(f"({len(edition.listed):,})", style="dim"))
        for one in edition.listed[:TITLES]:
            console.print(Text(f"  {one.paper.title}"))
        if len(edition.listed) > TITLES:
            console.print(Text(f"  and {len(edition.listed) - TITLES:,} more in the page of the issue", style="dim"))
    console.print(Text(f"\n{in_words(edition.ledger)}.", style="dim"))
    return 0


def print_entry(console: "Console", entry: Entry, edition: Issue) -> None:
    """A paper: title and flag, line, why it is there, where its code is."""
    from rich.padding import Padding
    from rich.text import Text

    said = entry.annotation
    title = Text(entry.paper.title, style="bold" + (f" link {entry.paper.url}" if entry.paper.url else ""))
    if words := code_words(said.code):
        title.append(f"  {words}", style="green" if said.code.status == "released" else "yellow")
    if edition.outside and entry.paper.id == edition.outside.paper_id:
        title.append("  outside your usual", style="magenta")
    line = Text(said.summary or "(no abstract)")
    if said.origin == "fallback":
        line.append(" (from the abstract)", style="dim")
    for more in (why(entry), said.code.url or ""):
        if more:
            line.append(f"\n{more}", style="dim")
    console.print(Padding(title, (0, 0, 0, 2)))
    console.print(Padding(line, (0, 0, 0, 4)))


def find(issue: str | None, folder: Path) -> Path:
    """The file of an issue: a path, an id in the folder, or the latest there. Raises InputError."""
    if issue is None:
        files = sorted((file for file in folder.glob("*.json") if last_day(file.stem)), key=_by_day)
        if not files:
            raise InputError(str(folder), "there is no issue yet", "`digestor weekly` makes one")
        return files[-1]
    for file in (Path(issue), folder / f"{issue}.json"):
        if file.is_file():
            return file
    raise InputError(issue, f"is no file, and {folder} has no issue of that id", "`ls` the folder for what there is")


def _by_day(file: Path) -> tuple[date, str]:
    return last_day(file.stem) or date.min, file.name


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
