"""What readers say of papers: the links in an issue that say it, and the mails and GitHub issues that come of them.

A link prefills the subject of a mail, or the title of a GitHub issue:

    digestor: more 2611.00001 · 2026-W47
    digestor: less "an id with blanks"

`more` or `less`, the paper's id (percent-encoded or in quotes where it has blanks), and the id of the issue it stood
in, which may be left out. Such lines may stand in the text too, several of them. Quoted lines (`> ...`) say nothing.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Literal, NamedTuple, cast
from urllib.parse import quote, unquote, urlencode

from digestor.errors import SourceError
from digestor.models import Problem
from digestor.text.dates import moment

Verdict = Literal["more", "less"]

LONGEST = 2_000
"""Characters of a line that are looked at."""
LARGEST = 32_000_000
"""Bytes of a file that are read."""
MOST, MOST_PROBLEMS = 10_000, 50
"""Opinions and problems of a file, after which it is read no further, or complained of no more."""
SAID = re.compile(
    r"""digestor ?: ?(?P<verdict>more|less) (?:["“”](?P<quoted>[^"“”]{1,1500})["“”]|(?P<id>[^\s"“”]{1,1500}))"""
    r"(?: (?:[^\w\s] ?)?(?P<issue>\d{4}-W\d\d|\d{4}-\d\d(?:-\d\d)?))?",
    re.IGNORECASE,
)
MEANT = re.compile(r"digestor ?:", re.IGNORECASE)
PLAIN = re.compile(r"[-*•] (?=digestor ?:)", re.IGNORECASE)
FROM = re.compile(rb"^From \S{1,200} +[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d[^\r\n]{0,60}\r?$", re.MULTILINE)
HEADERS = re.compile(rb"(?:(?!digestor[ :])[!-9;-~]{1,76}:[^\n]{0,2000}\r?\n(?:[ \t][^\n]{0,2000}\r?\n)*){2}", re.I)
SUBJECT = re.compile(rb"^Subject:([^\r\n]{1,2000})", re.IGNORECASE | re.MULTILINE)
BROKEN = (LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError, HeaderParseError)
"""What the standard library raises on mails made to be odd."""
HOW = "write `digestor: more ID` or `digestor: less ID`, the ID as the issue has it, on a line of its own"


class Opinion(NamedTuple):
    """What a reader said of a paper."""

    verdict: Verdict
    paper_id: str
    day: date | None
    """When, in UTC; None where nothing says it."""
    issue: str = ""
    """The issue the paper stood in, where that is said."""


class _Text(NamedTuple):
    """Something that was written on one occasion: its title, its text."""

    where: str
    title: str
    lines: str
    day: date | None


def mail_link(address: str, verdict: Verdict, paper_id: str, issue_id: str) -> str:
    """The address behind a link that begins a mail to whoever makes the newsletter."""
    return f"mailto:{quote(address, safe='@+')}?subject={quote(said(verdict, paper_id, issue_id), safe='')}"


def github_link(repo: str, verdict: Verdict, paper_id: str, issue_id: str) -> str:
    """The address behind a link that begins a GitHub issue; `repo` is `owner/name`. Nothing is sent by following it."""
    query = urlencode({"title": said(verdict, paper_id, issue_id), "labels": "digestor"}, quote_via=quote)
    return f"https://github.com/{quote(repo)}/issues/new?{query}"


def said(verdict: Verdict, paper_id: str, issue_id: str = "") -> str:
    """What a link says; `read` understands it.

    >>> said("more", "a b", "2026-W47")
    'digestor: more a%20b · 2026-W47'
    """
    id = quote(paper_id, safe="/:;()[]{}~!*'@+=,?#&$", errors="replace")
    return f"digestor: {verdict} {id}" + (f" · {issue_id}" if issue_id else "")


def read(body: bytes, where: str) -> tuple[list[Opinion], list[Problem]]:
    """The opinions in a mail, an mbox, lines of text, or GitHub's issues as JSON, in their order; and what is unclear.

    JSON is what `gh issue list --json title,body,createdAt` or GitHub's own interface gives. Raises SourceError where
    nothing can be read: JSON that is broken, a file of more than 32 MB.
    """
    if len(body) > LARGEST:
        raise SourceError(where, "is too large to be read", f"split it into files of at most {LARGEST:,} bytes")
    opinions: list[Opinion] = []
    problems: list[Problem] = []
    unclear = 0
    for text in _texts(body.removeprefix(b"\xef\xbb\xbf").lstrip(), where):
        for found in _opinions(text):
            if isinstance(found, Opinion):
                opinions.append(found)
            elif (unclear := unclear + 1) <= MOST_PROBLEMS:
                problems.append(found)
        if len(opinions) > MOST:
            what = f"says more than {MOST:,} things; only the first were read"
            problems.append(Problem(where=where, what=what, todo="split the file"))
            break
    if unclear > MOST_PROBLEMS:
        problems.append(Problem(where=where, what=f"{unclear - MOST_PROBLEMS:,} more are unclear", todo=HOW))
    if not opinions and not problems:
        problems.append(Problem(where=where, what="says nothing of any paper", todo=HOW))
    return opinions[:MOST], problems


def _opinions(text: _Text) -> Iterator[Opinion | Problem]:
    """What one mail or GitHub issue says; the same thing in its title and its text is said once."""
    told: set[Opinion | None] = set()
    start = MEANT.search(text.title[:LONGEST])
    lines = [text.title[start.start() :]] if start else []
    for line in (*lines, *text.lines.splitlines()):
        if not MEANT.search(line[:LONGEST]):
            continue
        plain = PLAIN.sub("", " ".join(_printable(line[:LONGEST]).split()), count=1)
        if not MEANT.match(plain):
            continue
        found = SAID.fullmatch(plain)
        opinion = _opinion(found, text.day) if found else None
        if opinion is None:
            short = plain if len(plain) <= 80 else f"{plain[:80]}…"
            yield Problem(where=text.where, what=f"is unclear: {short}", todo=HOW)
        elif opinion not in told:
            told.add(opinion)
            yield opinion


def _opinion(found: re.Match[str], day: date | None) -> Opinion:
    verdict = cast(Verdict, found["verdict"].lower())
    id = found["quoted"] or "".join(char if _on_a_line(char) else "\ufffd" for char in unquote(found["id"]))
    return Opinion(verdict, id, day, (found["issue"] or "").upper())


def _on_a_line(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _printable(text: str) -> str:
    """A text that can be stored and shown: no half characters, nothing that moves a terminal's cursor."""
    return "".join(char if char.isprintable() or char.isspace() else "\ufffd" for char in text)


def _texts(body: bytes, where: str) -> Iterator[_Text]:
    """The mails, GitHub issues, or lines in a file."""
    if body[:1] in (b"[", b"{"):
        yield from _github(body, where)
    elif FROM.match(body):
        starts = [found.span() for found in FROM.finditer(body) if _begins(body, found.start())]
        ends = [start for start, _ in starts[1:]] + [len(body)]
        for number, ((_, head), end) in enumerate(zip(starts, ends, strict=True), start=1):
            yield _mail(body[head:end].lstrip(b"\r\n"), f"{where}, mail {number}")
    elif HEADERS.match(body):
        yield _mail(body, where)
    else:
        for number, line in enumerate(body.decode("utf-8", "replace").splitlines(), start=1):
            if MEANT.search(line[:LONGEST]) and not line.startswith(">"):
                yield _Text(f"{where}:{number}", line, "", None)


def _begins(body: bytes, start: int) -> bool:
    """Does a mail of an mbox begin there: at the start of it, or after an empty line?"""
    return not start or body[max(0, start - 4) : start].endswith((b"\n\n", b"\n\r\n"))


def _mail(raw: bytes, where: str) -> _Text:
    """A mail's subject, plain text and day; nothing of what is beyond reading."""
    try:
        # compat32 leaves the headers as they are; the parser of email.policy.default fails on many odd ones
        mail = BytesParser(policy=compat32).parsebytes(raw)
        subject = next((_header(text) for name, text in mail.raw_items() if name.lower() == "subject"), "")
        lines = "\n".join(_plain_parts(mail))
        sent = moment(" ".join(str(mail["Date"] or "")[:200].partition("(")[0].split()))
    except BROKEN:
        bare = SUBJECT.search(raw)
        return _Text(where, bare[1].decode("utf-8", "replace") if bare else "", "", None)
    return _Text(where, subject, lines, sent.date() if sent else None)


def _header(raw: str) -> str:
    """A header in the letters it means, encoded or (against the rules) in UTF-8."""
    text = raw[: 4 * LONGEST].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    parts = (
        part if isinstance(part, str) else _decoded(part, charset or "utf-8")
        for part, charset in decode_header(re.sub(r"[\r\n]+(?=[ \t])", "", text))
    )
    return "".join(parts)


def _plain_parts(mail: "Message[str, str]") -> Iterator[str]:
    """The texts of a mail that are no HTML and no attached mail."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if isinstance(inner, list):
            if part.get_content_type() != "message/rfc822":
                waiting.extend(child for child in reversed(inner) if isinstance(child, Message))
        elif part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield _decoded(content, str(part.get_content_charset() or "utf-8"))


def _decoded(content: bytes, charset: str) -> str:
    """The text, in the charset it claims; else as UTF-8."""
    try:
        return content.decode(charset)
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _github(body: bytes, where: str) -> Iterator[_Text]:
    """GitHub's issues, a list of them or one. Raises SourceError where it is no JSON."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        todo = "take `gh issue list --label digestor --json title,body,createdAt` as it is"
        raise SourceError(where, f"is no JSON that can be read ({str(error)[:100]})", todo) from None
    if isinstance(given, dict) and isinstance(given.get("items"), list):
        given = given["items"]
    for number, issue in enumerate(given if isinstance(given, list) else [given], start=1):
        if isinstance(issue, dict):
            title, text, made = (
                value if isinstance(value, str) else ""
                for value in (issue.get("title"), issue.get("body"), issue.get("createdAt") or issue.get("created_at"))
            )
            when = moment(made)
            yield _Text(f"{where}, issue {number}", title, text, when.date() if when else None)
