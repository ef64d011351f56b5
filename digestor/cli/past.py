"""`digestor history`, `forget`, `feedback` and `why`: what was published, and what readers say of it."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from digestor import dedupe, feedback
from digestor.cli.show import find, read
from digestor.cli.terminal import config_option, configured, say, tell, today
from digestor.config import Config
from digestor.errors import InputError, SourceError
from digestor.feedback import Opinion
from digestor.models import Entry, Issue, Paper, Problem
from digestor.period import span
from digestor.protocols import Window
from digestor.render import code_words
from digestor.store import Made, Store

READABLE = click.Path(exists=True, dir_okay=False, allow_dash=True)
SHOWN = 20
"""Papers that are named where words mean several."""

Found = Sequence[tuple[str, Paper]]
"""Papers, each with the issue it stood in, newest first."""


@click.command(epilog="Example: digestor history", short_help="List the issues that were made.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def history(config_file: Path | None, as_json: bool) -> int:
    """List the issues that were made.

    The oldest first, with the days each one covers, how many papers it has, and when it was made. Issues whose files
    are in the output folder are among them, even if the store was lost.
    """
    config = configured(config_file)
    with Store.rehearsal(config.store) as store:
        tell(store.learn(config.output, but=""))
        issues = store.past.issues()
    if as_json:
        click.echo(json.dumps({"issues": [_as_object(issue) for issue in issues]}))
        return 0
    if not issues:
        click.echo("No issue was made yet; `digestor weekly` makes one.")
    width = max((len(issue.id) for issue in issues), default=0)
    for issue in issues:
        days = span(Window(issue.start, issue.end)) if issue.start else f"until {_spoken(issue.end)}"
        made = f"made {_spoken(issue.made)}" if issue.made else "made nobody knows when"
        click.echo(f"{issue.id:{width}}  {_papers(issue.papers):>12}  {days}, {made}")
    return 0


def _as_object(issue: Made) -> dict[str, object]:
    return {
        "id": issue.id,
        "start": issue.start.isoformat() if issue.start else None,
        "end": issue.end.isoformat(),
        "made": issue.made.isoformat() if issue.made else None,
        "papers": issue.papers,
    }


@click.command(
    epilog="Example: digestor forget 2611.00001", short_help="Forget a paper or an issue, so that it may come again."
)
@click.argument("what", metavar="PAPER|ISSUE")
@config_option
def forget(what: str, config_file: Path | None) -> int:
    """Forget a paper or an issue, so that it may come again.

    PAPER is an id, an arXiv id, a DOI, or words of a title; ISSUE an id such as 2026-W47. Nothing that was delivered is
    taken back, and no file is touched. Exit code 2: it means several papers, or none.
    """
    config = configured(config_file)
    with Store.open(config.store) as store:
        tell(store.learn(config.output, but=""))
        if what in {issue.id for issue in store.past.issues()}:
            papers = store.past.forget_issue(what)
            click.echo(f"{what} is forgotten, and its {_papers(papers)} may come again when a source gives them.")
            file = config.output / f"{what}.json"
            if file.exists():
                say(f"{file} is still there; a store that is lost is rebuilt from it, so move it away too")
            return 0
        found = store.past.find(what)
        if not found:
            todo = "`digestor history` lists the issues, `digestor show ISSUE` the papers of one"
            raise InputError(what, "is neither an issue nor a paper that was published", todo)
        paper = _the_one(what, found)
        store.past.forget_paper(paper)
    issues = ", ".join(dict.fromkeys(issue for issue, _ in found))
    click.echo(f"Forgotten: {paper.title} ({issues}). It may come again when a source gives it.")
    return 0


@click.command(
    "feedback",
    epilog="Example: digestor feedback answers.mbox",
    short_help="Read back what readers said of papers.",
)
@click.argument("files", metavar="[FILE|-]...", nargs=-1, required=True, type=READABLE)
@config_option
def read_back(files: tuple[str, ...], config_file: Path | None) -> int:
    """Read back what readers said of papers.

    FILE is a mail (.eml), an mbox, lines of text, or what `gh issue list --label digestor --json title,body,createdAt`
    prints; - is the standard input. The last word on a paper counts; the next issues are ranked by it. A file may be
    read again. Exit code 1: something in it could not be used.
    """
    config = configured(config_file)
    said: list[tuple[str, Opinion]] = []
    problems: list[Problem] = []
    for file in files:
        where = "the standard input" if file == "-" else click.format_filename(file)
        try:
            with click.open_file(file, "rb") as content:
                opinions, unclear = feedback.read(content.read(feedback.LARGEST + 1), where)
        except SourceError as error:
            problems.append(Problem(where=error.where, what=error.what, todo=error.todo))
            continue
        problems += unclear
        said += [(where, opinion) for opinion in opinions]
    kept: Counter[str] = Counter()
    with Store.open(config.store) as store:
        problems += store.learn(config.output, but="")
        for where, opinion in said:
            try:
                paper = _meant(opinion, store)
            except InputError as error:
                problems.append(Problem(where=f"{where}: {error.where}", what=error.what, todo=error.todo))
                continue
            store.past.opine(paper, opinion.verdict, min(opinion.day or today(), today()))
            kept[opinion.verdict] += 1
            click.echo(f"{opinion.verdict}: {paper.title}")
    click.echo(f"{kept.total()} kept: {kept['more']} more, {kept['less']} less.")
    tell(problems)
    return 1 if problems else 0


def _meant(opinion: Opinion, store: Store) -> Paper:
    """The paper an opinion is of. Raises InputError where there is none, or where there are several."""
    found = store.past.named(opinion.paper_id) or store.past.named(opinion.paper_id.rstrip(".,;:!?"))
    there = [(issue, paper) for issue, paper in found if issue == opinion.issue]
    if not found:
        raise InputError(opinion.paper_id, "is the id of no paper that was published", "take it from the issue")
    return _the_one(opinion.paper_id, there or found)


@click.command(epilog="Example: digestor why 2611.00001", short_help="Say why a paper stands where it stands.")
@click.argument("paper")
@config_option
@click.option("--issue", metavar="ISSUE", help="An id such as 2026-W47, or a file.  [default: the latest]")
def why(paper: str, config_file: Path | None, issue: str | None) -> int:
    """Say why a paper stands where it stands.

    PAPER is an id, an arXiv id, a DOI, or words of a title. Of a paper that is not in the issue it says which issue
    had it. Exit code 2: it means several papers, or none that was published.
    """
    config = configured(config_file)
    edition = read(find(issue, config.output))
    with Store.rehearsal(config.store) as store:  # a copy, into which the issue may go as well
        tell(store.learn(config.output, but=""))
        store.remember(edition, "")
        found = store.past.find(paper)
        if not found:
            todo = "it was filtered out, never came in, or has another title"
            raise InputError(paper, f"is in no issue, neither in {edition.id} nor before", todo)
        one = _the_one(paper, [(id, paper) for id, paper in found if id == edition.id] or found)
        issues = list(dict.fromkeys(id for id, paper in found if dedupe.same(one, paper)))
        opinions = [(verdict, day) for paper, verdict, day in store.past.opinions() if dedupe.same(one, paper)]
    lines = [line for place in _places(edition) if dedupe.same(one, place.paper) for line in _reasons(edition, place)]
    click.echo(f"{one.title} ({one.id})")
    for line in lines or [f"It is not in {edition.id}."]:
        click.echo(line)
    for id in issues:
        if id != edition.id:
            click.echo(f"It was in {id}{_told(id, one, config)}")
    for verdict, day in opinions:
        click.echo(f"A reader said: {verdict}, on {_spoken(day)}.")
    return 0


class Place(NamedTuple):
    """Where a paper stands in an issue, and why."""

    paper: Paper
    words: str
    entry: Entry | None = None
    why: str = ""


def _places(edition: Issue) -> Iterator[Place]:
    for section in edition.sections:
        for number, entry in enumerate(section.entries, start=1):
            place = f"is number {number} of {len(section.entries)} in the section “{section.title}”"
            yield Place(entry.paper, place, entry, entry.why)
    for entry in edition.carried:
        yield Place(entry.paper, "is carried over, since its code has appeared", entry, entry.why)
    for entry in edition.updated:
        yield Place(entry.paper, "is among the updated: its abstract was much rewritten", entry, entry.why)
    for number, one in enumerate(edition.listed, start=1):
        place = f"is number {number} of the {len(edition.listed)} listed by title, for want of room"
        yield Place(one.paper, place, None, one.why)


def _reasons(edition: Issue, place: Place) -> Iterator[str]:
    """Where it stands, what it was ranked by, what a model said, what is said of it."""
    yield f"In {edition.id} it {place.words}."
    for pick, what in ((edition.pick, "the one to read"), (edition.outside, "the one from outside the usual")):
        if pick and pick.paper_id == place.paper.id:
            yield f"It is {what}: {pick.why}."
    score = place.entry.score if place.entry else None
    if score is not None or place.why:
        yield f"Ranked {'' if score is None else f'with {score:.3g} '}for: {place.why or 'nothing in particular'}."
    if place.entry is None:
        return
    said = place.entry.annotation
    if place.entry in (entry for section in edition.sections for entry in section.entries) and score is None:
        yield "In a section papers stand by code, then votes, then title."
    if said.relevance is not None:
        yield f"The model finds it relevant, {said.relevance} of 3{f': {said.why}' if said.why else ''}."
    tags = ", ".join(edition.labels.get(tag, tag) for tag in said.tags)
    yield f"Its tags: {tags}. Code: {code_words(said.code) or 'none'}."
    if said.summary:
        yield f"Its line: {said.summary}"


def _told(id: str, one: Paper, config: Config) -> str:
    """What an earlier issue said of a paper, as far as its file is there."""
    file = config.output / f"{id}.json"
    places = _places(read(file)) if file.is_file() else ()
    lines = [place.entry.annotation.summary for place in places if place.entry and dedupe.same(one, place.paper)]
    return f": {lines[0]}" if lines and lines[0] else "."


def _the_one(words: str, found: Found) -> Paper:
    """The paper that is meant, as it was last. Raises InputError, and lists them, where it may be one of several."""
    papers = [paper for _, paper in found]
    groups = dedupe.cluster(papers)
    if len(groups) == 1:
        return papers[0]
    several = [found[group[0]] for group in groups]
    lines = [f"{paper.id}  {paper.title} ({issue})" for issue, paper in several[:SHOWN]]
    if len(several) > SHOWN:
        lines.append(f"and {len(several) - SHOWN:,} more")
    raise InputError(words, "may be one of several papers:\n  " + "\n  ".join(lines), "name one by its id")


def _papers(count: int) -> str:
    return f"{count:,} paper{'' if count == 1 else 's'}"


def _spoken(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
