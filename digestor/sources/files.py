"""Files: lists of papers on disk or on stdin, told apart by what is in them and not only by their names."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.protocols import NOWHERE, Reach, Window
from digestor.sources.formats import KNOWN, FormatName, papers_of, recognised
from digestor.sources.texts import LISTS, Text, reason


class Files(Record):
    """One file, or `-` for stdin."""

    kind: Literal["files"] = "files"
    path: str
    """Where it is; `~` is the home folder."""
    format: FormatName = "auto"
    """Where it is not to be told by what is in the file."""

    @property
    def name(self) -> str:
        """The file's own name, without its folder: the same files elsewhere make the same issue."""
        name = Path(self.path).name or self.path
        return "stdin" if self.path == "-" else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def papers(self, window: Window, reach: Reach = NOWHERE) -> Iterator[Paper | Problem]:
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
            raise SourceError(self.name, f"cannot be opened: {reason(error)}", "is the path right?") from error


def read(stream: BinaryIO, name: str, format: FormatName = "auto") -> Iterator[Paper | Problem]:
    """The papers of an open file. Raises SourceError, in the file's name, where there are none to be read.

    What a site answered, or the feed of a quiet day, may well hold none: that is a Problem.
    """
    text = Text(stream, name)
    chosen = recognised(text) if format == "auto" else format
    papers, lost, first = 0, 0, ""
    for found in papers_of(text, chosen):
        if isinstance(found, Paper):
            papers += 1
        else:
            lost += found.lost
            first = first or f"{found.where}: {found.what}"
        yield found
    if text.odd:
        what = "is not all UTF-8; the odd bytes were read as Windows-1252"
        yield Problem(where=name, what=what, todo="save it as UTF-8 if names look wrong")
    if papers:
        return
    if lost or chosen not in KNOWN or not KNOWN[chosen].may_be_empty:
        raise SourceError(name, f"no papers were found in it{f' ({first})' if first else ''}", LISTS)
    if not first:
        yield Problem(where=name, what="holds no papers")
