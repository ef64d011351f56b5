"""What is told of a file of many records: its first problems one by one, the rest in one sum."""

import re
from collections.abc import Iterable, Iterator

from digestor.errors import SourceError
from digestor.models import Paper, Problem

TOLD = 20
"""Problems told one by one."""
FEW = 3
"""From so many papers on, it is told that none has an abstract."""
SURROGATE = re.compile(r"[\ud800-\udfff]")
BREAK = re.compile(r"\r\n?|[\x85\u2028\u2029]")


def sound(text: str) -> str:
    """Text without halves of characters, its lines ended by `\\n` alone."""
    if not text.isascii():
        text = SURROGATE.sub("\ufffd", text)
    elif "\r" not in text:
        return text
    return BREAK.sub("\n", text)


def told(found: Iterable[Paper | Problem], where: str, kind: str) -> Iterator[Paper | Problem]:
    """The papers, and at most `TOLD` problems before the sum. Raises SourceError where there is neither."""
    papers, abstracts, problems, lost = 0, 0, 0, 0
    for item in found:
        if isinstance(item, Paper):
            papers, abstracts = papers + 1, abstracts + bool(item.abstract)
            yield item
        else:
            problems += 1
            if problems <= TOLD:
                yield item
            else:
                lost += item.lost
    if problems > TOLD:
        yield Problem(where=where, what=f"has {problems - TOLD} more records that could not be read", lost=lost)
    if papers >= FEW and not abstracts:
        todo = "export it with abstracts, or name a source that can look them up"
        yield Problem(where=where, what=f"none of its {papers} papers has an abstract", todo=todo)
    if not papers and not problems:
        raise SourceError(where, f"holds no {kind} records", "export it anew")
