"""Files: lists of papers on disk or on stdin, told apart by what is in them and not only by their names."""

import codecs
import json
import re
import sys
from collections.abc import Callable, Iterator
from io import IncrementalNewlineDecoder
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.protocols import Window
from digestor.sources.pages import parse
from digestor.sources.records import LINE, columns, parse_csv, parse_json, parse_jsonl

WHOLE = 50_000_000
"""Characters that a page or a single JSON value may have; JSON lines and tables are read as a stream, however long."""
CHUNK = 1 << 16
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a]")
ESCAPED = re.compile("[\udc80-\udcff]+")
JSON = re.compile(r"""\A(?:\[\s*[\[\]{"]|\{\s*["}])|\n\{"[\w ]{1,60}": ?["\[{\d]""")

FormatName = Literal["auto", "pages", "jsonl", "csv"]


class Files(Record):
    """One file, or `-` for stdin."""

    kind: Literal["files"] = "files"
    path: str
    format: FormatName = "auto"

    @property
    def name(self) -> str:
        """The file's own name, without its folder: the same files elsewhere make the same issue."""
        return "stdin" if self.path == "-" else Path(self.path).name or self.path

    def papers(self, window: Window) -> Iterator[Paper | Problem]:
        """Every paper in the file: a file knows no dates, so the window does not matter. Raises SourceError."""
        if self.path == "-":
            yield from read(sys.stdin.buffer, self.name, self.format)
            return
        with self._opened() as stream:
            yield from read(stream, self.name, self.format)

    def _opened(self) -> BinaryIO:
        try:
            return Path(self.path).expanduser().open("rb")
        except FileNotFoundError as error:
            raise SourceError(self.name, "there is no such file", "is the path right, seen from here?") from error
        except IsADirectoryError as error:
            raise SourceError(self.name, "is a folder", "name the files in it, for example 'pages/*.txt'") from error
        except PermissionError as error:
            raise SourceError(self.name, "may not be read", "ask for permission to read it") from error
        except (OSError, RuntimeError, ValueError) as error:  # no home folder; a NUL in the path
            raise SourceError(self.name, f"cannot be opened: {_reason(error)}", "is the path right?") from error


class Format(NamedTuple):
    """How papers can be written in a file. A new format is one more of these in `FORMATS`."""

    name: FormatName
    fits: Callable[[str], bool]
    """Does the beginning of a file, without blank lines, look like it?"""
    papers: Callable[["Text"], Iterator[Paper | Problem]]


class Refused(NamedTuple):
    """What is certainly no list of papers, and what to do about it."""

    sign: re.Pattern[bytes]
    what: str
    todo: str


LISTS = "digestor reads lists of papers: page text, JSONL or CSV"
UNPACK = "unpack it first"
REFUSED = (
    Refused(re.compile(rb"%PDF"), "is a PDF", LISTS),
    Refused(re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!"), "is compressed", UNPACK),
    Refused(re.compile(rb"PK\x03\x04"), "is a ZIP archive or an Office file", f"unpack it, or save it as CSV; {LISTS}"),
    Refused(re.compile(rb"\xd0\xcf\x11\xe0"), "is an Office file", f"save it as CSV; {LISTS}"),
    Refused(
        re.compile(rb"\s*(?:<!--.{0,999}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL),
        "is a saved web page",
        "open it in a browser, select all, copy, and save that as plain text",
    ),
    Refused(re.compile(rb"\s*<(?:\?xml|rss|feed|rdf:RDF)\b"), "is XML", f"feeds cannot be read from files; {LISTS}"),
)


def read(stream: BinaryIO, name: str, format: FormatName = "auto") -> Iterator[Paper | Problem]:
    """The papers of an open file. Raises SourceError, in the file's name, where there are none to be read."""
    text = Text(stream, name)
    chosen = next(known for known in FORMATS if known.name == format or (format == "auto" and known.fits(text.head)))
    papers, first = 0, ""
    for found in chosen.papers(text):
        if isinstance(found, Paper):
            papers += 1
        else:
            first = first or f"{found.where}: {found.what}"
        yield found
    if text.odd:
        what = "is not all UTF-8; the odd bytes were read as Windows-1252"
        yield Problem(where=name, what=what, todo="save it as UTF-8 if names look wrong")
    if not papers:
        raise SourceError(name, f"no papers were found in it{f' ({first})' if first else ''}", LISTS)


class Text:
    """A file's text, as a stream of lines or whole; bounded, and decoded by its mark or else as UTF-8."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.odd = False
        """Were there bytes that are no UTF-8?"""
        self._stream = stream
        start = self._bytes()
        self._refuse(start)
        self._chunks = self._decoded(start)
        self._begun = next(self._chunks, "")
        while not self._begun.strip("\ufeff \t\n") and (more := next(self._chunks, "")):
            self._begun = more
        self.head = self._begun.lstrip("\ufeff \t\n")
        """The beginning of the text, from its first line that is not blank."""
        if not self.head:
            raise SourceError(name, "is empty", LISTS)

    def lines(self) -> Iterator[str]:
        """Line by line, without their ends; of a line of more than `LINE` characters only so many and one more."""
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
        """All of it. Raises SourceError where that is more than `WHOLE` characters."""
        parts, length = [], 0
        for chunk in chain([self._begun], self._chunks):
            parts.append(chunk)
            length += len(chunk)
            if length > WHOLE:
                raise SourceError(self.name, f"is longer than {WHOLE:,} characters", "split it, or write JSON lines")
        return "".join(parts)

    def _bytes(self) -> bytes:
        try:
            return self._stream.read(CHUNK)
        except OSError as error:
            raise SourceError(self.name, f"cannot be read: {_reason(error)}", "try again") from error

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


def _reason(error: Exception) -> str:
    """An error in the system's words, without the path: that would make two issues of the same files differ."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _json(text: Text) -> Iterator[Paper | Problem]:
    """JSON lines as a stream; what is one value over several lines, or a list, as a whole."""
    first, newline, _ = text.head.partition("\n")
    if text.head.startswith("{") and (not newline or _is_json(first)):
        return parse_jsonl(text.lines(), text.name)
    whole = text.whole()
    try:
        return parse_json(whole, text.name)
    except SourceError:
        if any(_is_json(line) for line in whole.split("\n", 20)[:20] if line.strip().startswith("{")):
            return parse_jsonl(whole.split("\n"), text.name)
        raise


def _page(text: Text) -> Iterator[Paper | Problem]:
    """A page, if it is one: any text has short lines, so without a single abstract they are no titles."""
    found = list(parse(text.whole(), text.name))
    if not any(isinstance(item, Paper) and item.abstract for item in found):
        raise SourceError(text.name, "no papers were found in it", LISTS)
    return iter(found)


def _is_json(line: str) -> bool:
    try:
        json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


FORMATS = (
    Format("jsonl", lambda head: JSON.search(head[:CHUNK]) is not None, _json),
    Format("csv", lambda head: bool(columns(head[:5_000].partition("\n")[0])), lambda t: parse_csv(t.lines(), t.name)),
    Format("pages", lambda head: True, _page),
)
"""The formats there are, in the order in which they are tried; the last fits every text."""
