"""Papers as Hugging Face writes them: the JSON of its daily list, of its search, of one paper, or a saved page of it.

What the site's own model wrote (`ai_summary`, `ai_keywords`) is never taken. Of the two moments called `publishedAt`
only the inner one is: the outer one is American wall time that claims to be UTC.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.facts import AUTHORS, Facts, paper_of
from digestor.text.dates import moment

HEAD = 1 << 16
"""Characters of a beginning that are looked at."""
DEEP = 4
"""Brackets around a name that is looked at."""
MOST = 1_000_000_000
"""Votes or stars beyond which a number is a mistake."""
TODO = "save the reply of https://huggingface.co/api/daily_papers, or the page of a day, a week or a month"

DECODER = json.JSONDecoder(strict=False)
SPACE = re.compile(r"[\ufeff\s]*")
TARGET = re.compile(r"""\bdata-target=(?:"DailyPapers"|'DailyPapers')""")
ATTRIBUTE = re.compile(r"""\s*+([^\s"'<>/=]++)(?:=(?:"([^"]*+)"|'([^']*+)'))?+""")
PAGE = re.compile(
    r"""<(?:meta|link)\s[^<>]{0,300}["']https://huggingface\.co/papers(?:/(?:date|week|month)/[\w-]{1,12}|/trending)?/?["']"""
)
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\]:]', re.DOTALL)
REPOSITORY = re.compile(r"(?:(?:www\.)?github\.com/)?([\w.-]{1,100}/[\w.-]{1,100})/?", re.ASCII)

FEATURED = {"discussionId", "submittedOnDailyAt", "submittedOnDailyBy"}
"""Fields that nobody else gives a paper."""
OURS = {"abstract", "annotation", "sections", "paper/abstract"}
"""Fields of our own issues and records, which have a `paper` too."""


def parse_daily_papers(body: bytes | str, where: str) -> Iterator[Paper | Problem]:
    """The papers of a reply or a saved file, in order. Raises SourceError where it is nothing of the kind.

    Several JSON values may follow each other, as where pages were saved into one file.
    """
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    text = text.strip("\ufeff \t\r\n\x00")
    if text.startswith("<"):
        text = _props(text, where)
    if not text:
        raise SourceError(where, "is empty", TODO)
    number, at = 0, 0
    while at < len(text):
        try:
            value, at = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise SourceError(where, f"is not JSON: {str(error)[:200]}", TODO) from error
        at = SPACE.match(text, at).end()  # type: ignore[union-attr]
        for entry in _entries(value, where):
            number += 1
            yield _paper(entry, f"{where}:record {number}")


def is_daily_papers(head: str) -> bool:
    """Is this the beginning of such a reply or page, and of nothing of ours?

    >>> is_daily_papers('[{"paper": {"id": "2611.00001", "authors": ['), is_daily_papers('[{"title": "A paper"}]')
    (True, False)
    """
    head = head[:HEAD].lstrip("\ufeff \t\r\n")
    if head.startswith("<"):
        return bool(TARGET.search(head) or PAGE.search(head))
    names = _names(head)
    return not names & OURS and ("paper/" in names or "dailyPapers" in names or bool(names & FEATURED))


def _names(head: str) -> set[str]:
    """The names in the first object, as far as they are seen: `title`, `paper/id`; `paper/` where that is an object."""
    names = set[str]()
    path: list[str] = []
    key = said = ""
    for found in TOKEN.finditer(head):
        token = found[0]
        if token[0] == '"':
            said = token[1:-1]
            continue
        if token == ":":
            key = said
        elif token in "{[":
            path.append(key)
            key = ""
        elif path:
            path.pop()
            key = ""
            if token == "}" and not any(path[:DEEP]):
                break
        if token in ":{" and len(path) <= DEEP:
            names.add("/".join([*path, key]).lstrip("/"))
    return names


def _props(page: str, where: str) -> str:
    """The JSON that a page was made of: it stands, escaped, in the tag that the list is drawn in."""
    target = TARGET.search(page)
    at = page.rfind("<div", 0, target.start()) + len("<div") if target else len(page)
    while (found := ATTRIBUTE.match(page, at)) and found.end() > at:
        if found[1] == "data-props" and (value := found[2] or found[3]):
            try:
                return html.unescape(value).strip()
            except ValueError as error:  # a character number of more digits than Python reads
                raise SourceError(where, f"is damaged: {str(error)[:200]}", TODO) from error
        at = found.end()
    raise SourceError(where, "is a web page without the list of papers", TODO)


def _entries(value: object, where: str) -> list[object]:
    """What the list holds; a paper by itself is a list of one."""
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        if isinstance(listed := value.get("dailyPapers"), list):
            return listed
        if isinstance(value.get("paper"), Mapping) or "title" in value or "summary" in value:
            return [value]
        if isinstance(said := value.get("error"), str):
            raise SourceError(where, f"holds an error in place of papers: {said[:200]}", "ask for something else")
    raise SourceError(where, "is JSON, but no list of papers", TODO)


def _paper(entry: object, where: str) -> Paper | Problem:
    """The paper of an entry: in a list it is wrapped, alone it is not."""
    if not isinstance(entry, Mapping):
        return Problem(where=where, what="is no record", todo="a paper is an object with a title", lost=1)
    inner = entry.get("paper")
    paper: Mapping[str, object] = inner if isinstance(inner, Mapping) else entry
    return paper_of(
        Facts(
            source="huggingface",
            title=_text(paper, "title") or _text(entry, "title"),
            abstract=_text(paper, "summary") or _text(entry, "summary"),
            arxiv_id=_text(paper, "id"),
            authors=_authors(paper.get("authors")),
            published=_text(paper, "publishedAt"),
            announced=_day(_text(paper, "submittedOnDailyAt")),
            upvotes=_count(paper.get("upvotes")),
            code_url=_repository(_text(paper, "githubRepo")),
            stars=_count(paper.get("githubStars")),
            project_url=_text(paper, "projectPage"),
            organisation=_organisation(paper.get("organization")) or _organisation(entry.get("organization")),
        ),
        where,
    )


def _text(values: Mapping[str, object], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    """A number of votes or stars, where it can be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else None


def _day(text: str) -> date | None:
    featured = moment(text)
    return featured.date() if featured else None


def _authors(value: object) -> list[str]:
    """The names, without those that the site hides because they were matched to the wrong person."""
    people = value[:AUTHORS] if isinstance(value, list) else []
    shown = (person for person in people if isinstance(person, Mapping) and person.get("hidden") is not True)
    return [name for person in shown if (name := _text(person, "name"))]


def _repository(text: str) -> str:
    """An address; `owner/name` is on GitHub."""
    found = REPOSITORY.fullmatch(text.strip())
    return f"https://github.com/{found[1]}" if found else text


def _organisation(value: object) -> str:
    return (_text(value, "fullname") or _text(value, "name")) if isinstance(value, Mapping) else ""
