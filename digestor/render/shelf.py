"""The output folder's own pages: an index of all issues as HTML and Markdown, an Atom feed, and the way from issue
to issue. Made from the issue files that are there, so that the same files give the same bytes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from pydantic_core import from_json

from digestor.models import Code
from digestor.render.environment import filled
from digestor.render.look import PLAIN, Look
from digestor.render.words import code_words
from digestor.text.identifiers import safe_url

ENTRIES = 20
"""Issues in the feed."""
TOP = 8
"""Papers of an issue in the feed."""
HEAD = 65_536
"""Characters of an issue's page in which its way to other issues stands."""
WAY = re.compile(r"<!--issues-->.*?<!--/issues-->", re.DOTALL)
"""Where a page has it."""
OURS = {
    "index.html": '<meta name="generator" content="digestor">',
    "README.md": "<!-- Written by digestor",
    "feed.xml": "<generator>digestor</generator>",
}
"""The pages of the folder, and what a file must hold to be taken for one of them and written anew."""


class Seen(NamedTuple):
    """A paper, as an index or a feed mentions it."""

    title: str
    line: str
    url: str
    code: str
    """What its flag says; empty for none."""


class Past(NamedTuple):
    """An issue, as an index mentions it."""

    id: str
    title: str
    start: date
    end: date
    papers: int
    with_code: int
    carried: int
    pick: Seen | None
    top: tuple[Seen, ...]
    """The first papers, those with code before the others."""
    listed: int = 0
    """Papers that are listed by title alone."""
    file: str = ""
    """What to open; empty where there is only the JSON."""

    @property
    def days(self) -> str:
        """The days of the issue in words: what its title says after the newsletter's name."""
        return self.title.rpartition(", ")[2]

    @property
    def amount(self) -> str:
        """How many papers: `24`, or `60 of 5,912` where there was not room for all."""
        return f"{self.papers:,} of {self.papers + self.listed:,}" if self.listed else f"{self.papers:,}"


def pages(
    folder: Path,
    name: str,
    formats: Sequence[str],
    look: Look = PLAIN,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, str]:
    """File name -> text of every page that an output folder should have beside its issues.

    `index.html` where issues are made as pages, `README.md` where they are made as Markdown, `feed.xml` where
    `look.url` says where all is published; and the pages of issues whose way to their neighbours has changed. A file
    of one of these names that is not ours is left alone. What could not be read, or is left alone, `tell` is told.
    """
    past, broken = read(folder)
    for line in broken:
        tell(line)
    made: dict[str, str] = {}
    if past and "html" in formats:
        made["index.html"] = index_page(first(past, folder, ("html", "md", "txt", "json")), name, look)
    if past and "md" in formats:
        made["README.md"] = index_markdown(first(past, folder, ("md", "html", "txt", "json")), name, look)
    if past and look.url:
        made["feed.xml"] = feed(first(past, folder, ("html", "md", "txt")), name, look)
    for file in [file for file in made if not _ours(folder / file, OURS[file])]:
        del made[file]
        tell(f"{folder / file}: is not digestor's, so it is left as it is\n  move it away to get an index in its place")
    if "index.html" in made:
        made.update(ways(folder, past))
    return made


def read(folder: Path) -> tuple[list[Past], list[str]]:
    """The issues of a folder, the newest first, and a line for each file that looks like one and cannot be read."""
    found: list[Past] = []
    broken: list[str] = []
    for file in sorted(folder.glob("*.json")):
        try:
            past = remembered(from_json(file.read_bytes()))
        except OSError as error:
            broken.append(f"{file}: cannot be read, so the index leaves it out: {error.strerror}")
            continue
        except (ValueError, TypeError, LookupError, AttributeError):
            past = None
        if past is None or past.id != file.stem:
            broken.append(f"{file}: is no issue, so the index leaves it out")
        else:
            found.append(past)
    return sorted(found, key=lambda past: (past.end, past.start, past.id), reverse=True), broken


def remembered(issue: Any) -> Past:
    """What an index needs of an issue's JSON. Raises ValueError, TypeError, LookupError or AttributeError on another's.

    It is not read as an Issue: a year of issues is 25 MB, and only this much of it is wanted.
    """
    entries = [entry for section in issue["sections"] for entry in section["entries"]]
    with_code = [entry for entry in entries if entry["annotation"]["code"]["status"] == "released"]
    wanted = (issue.get("pick") or {}).get("paper_id")
    pick = next((entry for entry in entries if wanted is not None and entry["paper"]["id"] == wanted), None)
    first = [*([pick] if pick else []), *with_code, *entries][: TOP * 2]
    distinct = list({entry["paper"]["id"]: entry for entry in first}.values())[:TOP]
    return Past(
        id=_text(issue["id"]),
        title=_text(issue["title"]),
        start=date.fromisoformat(issue["start"]),
        end=date.fromisoformat(issue["end"]),
        papers=len(entries),
        with_code=len(with_code),
        carried=len(issue.get("carried") or ()),
        listed=len(issue.get("listed") or ()),
        pick=_seen(pick) if pick else None,
        top=tuple(map(_seen, distinct)),
    )


def first(past: Iterable[Past], folder: Path, order: Sequence[str]) -> list[Past]:
    """The same with the file to open: the first of the formats that is there."""
    there = {file.name for file in folder.iterdir()}
    return [
        issue._replace(file=next((name for form in order if (name := f"{issue.id}.{form}") in there), ""))
        for issue in past
    ]


def index_page(past: Sequence[Past], name: str, look: Look = PLAIN) -> str:
    """All issues, as a page."""
    return filled("index.html.j2", look.templates, past=past, name=name, look=look)


def index_markdown(past: Sequence[Past], name: str, look: Look = PLAIN) -> str:
    """All issues, as a table that a repository shows."""
    return filled("index.md.j2", look.templates, past=past, name=name, look=look)


def feed(past: Sequence[Past], name: str, look: Look) -> str:
    """The newest issues as an Atom feed (RFC 4287), whose ids are tag URIs (RFC 4151) that never change."""
    host = urlsplit(look.url or "").hostname or ""
    newest = past[:ENTRIES]
    return filled("feed.xml.j2", look.templates, past=newest, name=name, look=look, host=host, in_short=in_short)


def in_short(issue: Past) -> str:
    """An issue as a little HTML, escaped: how many papers, and the first of them."""
    one = issue.papers + issue.listed == 1
    said = f"<p>{issue.amount} paper{'' if one else 's'}, {issue.with_code:,} with code.</p>"
    items = "".join(f"<li>{_item(paper)}</li>" for paper in issue.top)
    rest = issue.papers - len(issue.top)
    return said + (f"<ul>{items}</ul>" if items else "") + (f"<p>And {rest:,} more.</p>" if rest > 0 else "")


def ways(folder: Path, past: Sequence[Past]) -> dict[str, str]:
    """The pages of issues as they should be, where their links to the index and their neighbours are not so yet."""
    there = [issue.id for issue in past if (folder / f"{issue.id}.html").is_file()]
    made: dict[str, str] = {}
    for number, id in enumerate(there):
        newer, older = there[number - 1] if number else "", there[number + 1] if number + 1 < len(there) else ""
        file = folder / f"{id}.html"
        try:
            with file.open(encoding="utf-8", newline="") as page:
                found = WAY.search(page.read(HEAD))
                if found and found.group() != (way := _way(older, newer)):
                    page.seek(0)
                    made[file.name] = WAY.sub(lambda _, way=way: way, page.read(), count=1)  # type: ignore[misc]
        except (OSError, UnicodeDecodeError):
            continue  # not a page of ours; the issue is listed all the same
    return made


def _way(older: str, newer: str) -> str:
    links = ['<a class="all" href="index.html">All issues</a>']
    if older:
        links.append(f'<a rel="prev" href="{quote(older)}.html">← {escape(older)}</a>')
    if newer:
        links.append(f'<a rel="next" href="{quote(newer)}.html">{escape(newer)} →</a>')
    return f'<!--issues--><nav class="issues" aria-label="Issues">{"".join(links)}</nav><!--/issues-->'


def _ours(file: Path, mark: str) -> bool:
    """May a file be written: is it not there, or ours?"""
    try:
        return mark in file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False


def _seen(entry: Mapping[str, Any]) -> Seen:
    paper, said = entry["paper"], entry["annotation"]
    code = Code.model_validate(said["code"])
    url = (safe_url(paper["url"] or "") or "").replace("|", "%7C")  # it may have to stand in a table
    return Seen(_text(paper["title"]), _text(said["summary"] or " ").strip(), url, code_words(code))


def _item(paper: Seen) -> str:
    title = escape(paper.title)
    linked = f'<a href="{escape(paper.url)}">{title}</a>' if paper.url else title
    said = f": {escape(paper.line)}" if paper.line else ""
    return f"<b>{linked}</b>{said}" + (f" ({escape(paper.code)})" if paper.code else "")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value
