"""The text of a file, read as a stream and no more of it than is wanted; or its bytes, where they are XML or mail."""

import codecs
import re
from collections.abc import Iterator
from io import IncrementalNewlineDecoder
from itertools import chain
from typing import BinaryIO, NamedTuple

from digestor.errors import SourceError
from digestor.sources.records import LINE

WHOLE = 50_000_000
"""Characters, or bytes, that a file may have that has to be seen whole; lines and tables are read however long."""
CHUNK = 1 << 16
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a]")
ESCAPED = re.compile("[\udc80-\udcff]+")
BLANK = "\ufeff \t\n"
LISTS = (
    "digestor reads lists of papers: page text, JSONL or CSV; BibTeX, RIS, CSL-JSON, PubMed's .nbib and XML; "
    "arXiv mails; RSS, Atom and OAI-PMH; replies of arXiv, Hugging Face, OpenAlex, Crossref, Semantic Scholar, bioRxiv"
)


class Refused(NamedTuple):
    """What is certainly no list of papers, and what to do about it."""

    sign: re.Pattern[bytes]
    what: str
    todo: str


UNPACK = "unpack it first"
REFUSED = (
    Refused(re.compile(rb"%PDF"), "is a PDF", LISTS),
    Refused(re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!"), "is compressed", UNPACK),
    Refused(re.compile(rb"PK\x03\x04"), "is a ZIP archive or an Office file", f"unpack it, or save it as CSV; {LISTS}"),
    Refused(re.compile(rb"\xd0\xcf\x11\xe0"), "is an Office file", f"save it as CSV; {LISTS}"),
)


class Text:
    """A file's text, as a stream of lines or whole; bounded, and decoded by its mark or else as UTF-8."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.odd = False
        """Were there bytes that are no UTF-8?"""
        self._stream = stream
        self._taken: list[bytes] | None = []  # what was read, as long as the bytes themselves may yet be wanted
        start = self._bytes()
        self._refuse(start)
        self._chunks = self._decoded(start)
        self._begun = next(self._chunks, "")
        while not self._begun.strip(BLANK) and (more := next(self._chunks, "")):
            self._begun = more
            del self._taken[:-1]
        self.head = self._begun.lstrip(BLANK)
        """The beginning of the text, from its first line that is not blank."""
        if not self.head:
            raise SourceError(name, "is empty", LISTS)

    def first_line(self) -> str | None:
        """The first line that is not blank, where another follows; None where it is the only one, or has no end."""
        self._taken = None
        parts, length = [self.head], len(self.head)
        end = self.head.find("\n")
        follows = end >= 0 and bool(self.head[end:].strip())
        while not follows and length <= WHOLE and (chunk := next(self._chunks, None)) is not None:
            at = chunk.find("\n") if end < 0 else 0
            if at >= 0:
                end = length + at if end < 0 else end
                follows = bool(chunk[at:].strip())
            parts.append(chunk)
            length += len(chunk)
        self._begun = self.head = "".join(parts)
        return self.head[:end] if follows else None

    def lines(self) -> Iterator[str]:
        """Line by line, without their ends; of a line of more than `LINE` characters only so many and one more."""
        self._taken = None
        held, cut = "", False
        for chunk in chain([self._begun], self._chunks):
            *whole, held = (held + chunk).split("\n")
            for line in whole:
                if not cut:
                    yield line
                cut = False
            if len(held) > LINE:
                if not cut:
                    yield held[: LINE + 1]
                held, cut = "", True
        if held and not cut:
            yield held

    def whole(self) -> str:
        """All of it, as often as it is asked for. Raises SourceError where that is more than `WHOLE` characters."""
        self._taken = None
        parts, length = [], 0
        for chunk in chain([self._begun], self._chunks):
            parts.append(chunk)
            length += len(chunk)
            if length > WHOLE:
                raise SourceError(self.name, f"is longer than {WHOLE:,} characters", "split it, or write JSON lines")
        self._begun = "".join(parts)
        return self._begun

    def raw(self) -> bytes:
        """All its bytes, for a format that says by itself how it is encoded; in place of all else, not after it.

        Raises SourceError where there are more than `WHOLE`.
        """
        parts, self._taken = self._taken or [], None
        self.odd = False
        length = sum(map(len, parts))
        while more := self._bytes():
            parts.append(more)
            length += len(more)
            if length > WHOLE:
                raise SourceError(self.name, f"is longer than {WHOLE:,} bytes", "split it")
        return b"".join(parts)

    def encoded(self) -> bytes:
        """All of it as UTF-8, whatever it was; for what has no say of its own. Raises SourceError like `whole`."""
        return self.whole().encode("utf-8", "replace")

    def _bytes(self) -> bytes:
        try:
            found = self._stream.read(CHUNK)
        except OSError as error:
            raise SourceError(self.name, f"cannot be read: {reason(error)}", "try again") from error
        if self._taken is not None:
            self._taken.append(found)
        return found

    def _refuse(self, start: bytes) -> None:
        for refused in REFUSED:
            if refused.sign.match(start.removeprefix(codecs.BOM_UTF8)):
                raise SourceError(self.name, refused.what, refused.todo)
        if not start.startswith(UTF16) and len(CONTROLS.findall(start)) > 2 + len(start) // 50:
            raise SourceError(self.name, "is no text", LISTS)

    def _decoded(self, start: bytes) -> Iterator[str]:
        encoding, errors = ("utf-16", "replace") if start.startswith(UTF16) else ("utf-8-sig", "surrogateescape")
        decoder = IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
        while start:
            yield self._mended(decoder.decode(start))
            start = self._bytes()
        yield self._mended(decoder.decode(b"", final=True))

    def _mended(self, text: str) -> str:
        """Bytes that are no UTF-8, each as Windows-1252 has it."""
        if not ESCAPED.search(text):
            return text
        self.odd = True
        return ESCAPED.sub(lambda odd: odd[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text)


def start_of(body: bytes) -> str:
    """The beginning of some bytes as text, to tell a format by."""
    encoding = "utf-16" if body.startswith(UTF16) else "utf-8"
    return body[:CHUNK].decode(encoding, "replace").lstrip(BLANK + "\r")


def reason(error: Exception) -> str:
    """An error in the system's words, without the path: that would make two issues of the same files differ."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
