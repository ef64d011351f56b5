"""arXiv's alert mails: as .eml, as an mbox of many, or as text that was pasted. What is in them is `listing`."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import NamedTuple

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources import listing
from digestor.text.dates import moment

MAILS = "digestor reads arXiv's daily mailings as .eml, mbox or plain text; for journals and searches use their feeds"
BROKEN = (LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the standard library raises on mails made to be odd."""
FROM = re.compile(rb"^From \S{1,200} +[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d[^\r\n]{0,60}\r?$", re.MULTILINE)
NAMES = (
    "from to cc date subject sender reply-to received return-path message-id mime-version content-type delivered-to "
    "dkim-signature content-transfer-encoding authentication-results precedence list-id envelope-to references"
)
HEAD = re.compile(rf"(?:{'|'.join(NAMES.split())}|arc-[a-z-]+|x-[\w-]{{1,60}}): ?\S", re.IGNORECASE)
TELLING = re.compile(
    r"^(?:from|received|return-path|message-id|mime-version|delivered-to):", re.IGNORECASE | re.MULTILINE
)
FOLDED = re.compile(r"[ \t]+\S|[!-9;-~]{1,76}:(?:[ \t]|$)")
ID = re.compile(rb"arXiv:\s?(\d{4}\.\d{4,5}|[a-z-]{2,12}(?:\.[A-Z]{2})?/\d{7})", re.IGNORECASE)


NO_CHARSETS = ("punycode", "idna", "unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape")
"""Codecs of Python's that no mail is written in; the first takes time by the square of the length."""


class Part(NamedTuple):
    """A text in a mail, and what its envelope says."""

    text: str
    sent: datetime | None = None
    relayed: bool = False
    """Did somebody else than arXiv send it?"""
    html: int = 0
    """Ids in a mail that has no plain text."""


def fits(head: str) -> bool:
    """Is it the beginning of a mail, whosever it is, of an mbox, or of an arXiv mailing?"""
    head = head.lstrip("\ufeff \t\r\n")
    return FROM.match(head[:400].encode("utf-8", "replace")) is not None or _is_mail(head) or listing.is_listing(head)


def parse(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """The papers that the mailings announce as new, and one Problem for all that was left out of each kind.

    Replacements are left out, and cross-lists whose id is older than the month before the mailing: a mail does not
    say of which version they are. Raises SourceError where there is no arXiv mailing at all.
    """
    left: Counter[str] = Counter()
    many = FROM.match(body.lstrip()) is not None
    for number, raw in enumerate(_messages(body), 1):
        name = f"{where}, mail {number}" if many else where
        found = False
        for part in _parts(raw):
            left["ids"] += part.html
            left["html"] += bool(part.html)
            if part.text and listing.is_listing(part.text):
                found = True
                yield from listing.read(part.text, name, left, part.sent, part.relayed)
        left["read" if found else "other"] += 1
    if not left["read"]:
        if left["html"]:
            raise SourceError(
                where, "has no plain text, only HTML", "save it as plain text, or copy its text into a file"
            )
        raise SourceError(where, "holds no mailing of arXiv's", MAILS)
    yield from _left_out(left, where)


def _left_out(left: Counter[str], where: str) -> Iterator[Problem]:
    replaced, cross, html, other = left["replaced"], left["cross"], left["html"], left["other"] - left["html"]
    if replaced:
        what = f"{replaced} replacement{'s were' if replaced > 1 else ' was'} left out"
        yield Problem(where=where, what=what, todo="new versions of papers that were announced before are no news")
    if cross:
        what = f"{cross} cross-list{'s' if cross > 1 else ''} of older papers {'were' if cross > 1 else 'was'} left out"
        yield Problem(where=where, what=what, todo="they were announced in their own category before")
    if html:
        what = f"{html} mail{'s have' if html > 1 else ' has'} no plain text, only HTML"
        yield Problem(where=where, what=what, todo="save them as plain text", lost=left["ids"])
    if other > 0:
        what = f"{other} mail{'s are' if other > 1 else ' is'} no mailing of arXiv's"
        yield Problem(where=where, what=what, todo=MAILS)


def _messages(body: bytes) -> Iterator[bytes]:
    """The mails of an mbox one by one; anything else as it is."""
    text = body.lstrip()
    if not FROM.match(text):
        yield body
        return
    start = 0
    for found in FROM.finditer(text):
        if found.start() and not text[max(0, found.start() - 4) : found.start()].endswith((b"\n\n", b"\n\r\n")):
            continue
        if found.start():
            yield text[start : found.start()].replace(b"\n>From ", b"\nFrom ")
        start = found.end()
    yield text[start:].replace(b"\n>From ", b"\nFrom ")


def _parts(raw: bytes) -> list[Part]:
    """The texts of one mail; of something pasted that is no mail, the whole. None where it is beyond reading."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    raw = raw.removeprefix(codecs.BOM_UTF8).lstrip()
    if not HEAD.match(raw[:200].decode("latin-1")):
        return [Part(_decoded(raw, "utf-8"))]
    try:
        # compat32 leaves the headers as they are; the parser of email.policy.default fails on many odd ones
        return _walk(BytesParser(policy=compat32).parsebytes(raw))
    except BROKEN:
        return [Part(_decoded(raw, "utf-8"))]


def _walk(mail: "Message[str, str]") -> list[Part]:
    """Each text/plain with the envelope nearest to it: mails may be forwarded whole, within another."""
    texts: list[Part] = []
    ids: set[bytes] = set()
    waiting: list[tuple[Message[str, str], datetime | None, bool]] = [(mail, None, False)]
    while waiting:
        part, sent, relayed = waiting.pop()
        if part["Date"]:
            sent = moment(_brief(part["Date"]))
            relayed = bool(part["From"]) and "arxiv" not in _brief(part["From"]).lower()
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting.extend((child, sent, relayed) for child in reversed(inner) if isinstance(child, Message))
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if part.get_content_type() == "text/html":
            ids.update(ID.findall(content))
        elif part.get_content_maintype() in ("text", "multipart", "message"):
            texts.append(Part(_decoded(content, str(part.get_content_charset() or "utf-8")), sent, relayed))
    if not any(part.text.strip() for part in texts):
        texts.append(Part("", html=len(ids)))
    return texts


def _brief(header: object) -> str:
    """A header's text, on one line and without the remark in brackets that dates have."""
    return " ".join(str(header)[:300].partition("(")[0].split())


def _decoded(content: bytes, charset: str) -> str:
    """The text, in the charset it claims; else as UTF-8, else as Windows-1252."""
    for known in (charset, "utf-8"):
        try:
            if codecs.lookup(known).name not in NO_CHARSETS:
                return content.decode(known)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _is_mail(head: str) -> bool:
    """Does it begin with headers, among them some that only mails have?"""
    lines = head[:20_000].split("\n")
    if not HEAD.match(lines[0][:200]):
        return False
    count = next((n for n, line in enumerate(lines) if not FOLDED.match(line[:200])), len(lines))
    return count > 1 and TELLING.search("\n".join(line[:80] for line in lines[:count])) is not None
