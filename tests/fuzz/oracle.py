"""What must hold of whatever a parser yields, and of what it raises."""

import re
from collections.abc import Callable, Iterable, Iterator

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.arxiv.announcements import Announced
from digestor.text import clean, clean_line
from digestor.text.identifiers import arxiv, doi, safe_url

WORDS = 2_000
"""Characters that a message may have."""
SLACK = 50
"""Papers and problems that an input may give beside one a byte."""
SPREAD = 400
"""Characters that may come of each byte: some things, as the name of a feed, are said anew of each of its papers."""
LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
PARTICULAR = re.compile(r"[\"'“‘`(…].*|\d+|\S*[^\x00-\x7f]\S*", re.DOTALL)

Found = Paper | Problem | Announced


def held(parse: Callable[[], Iterable[Found]], size: int) -> Iterator[str]:
    """Run a parser on an input of so many bytes; say of what kind each thing is that came. AssertionError if wrong."""
    many, length = 0, 0
    try:
        for item in parse():
            found = item.paper if isinstance(item, Announced) else item
            many += 1
            assert many <= size + SLACK, f"more than {many:,} papers and problems from {size:,} bytes"
            text = checked(found)
            length += len(text)
            assert length <= SPREAD * size + 100_000, f"more than {length:,} characters from {size:,} bytes"
            yield shape(found)
    except SourceError as error:
        said(error.where, error.what, error.todo)
        yield "error " + PARTICULAR.sub("", error.what).partition(":")[0]


def checked(found: Paper | Problem) -> str:
    """A paper or a problem as it is kept. AssertionError where it is not what it should be."""
    kept = found.model_dump_json()
    if isinstance(found, Problem):
        said(found.where, found.what, found.todo)
        assert found.lost >= 0
        return kept
    assert Paper.model_validate_json(kept) == found, "does not come back as it went"
    for line in (found.id, found.title, *found.authors, *found.categories, *found.also):
        assert LINE.fullmatch(line), f"is more than a line: {line!r}"
    for line in (found.venue, found.comment, found.licence, found.organisation):
        assert not line or LINE.fullmatch(line), f"is more than a line: {line!r}"
    assert clean_line(found.title) == found.title, "its title is not clean"
    assert clean(found.abstract) == found.abstract, "its abstract is not clean"
    for url in (found.url, found.code_url, found.project_url):
        assert url is None or safe_url(url) == url, f"leads nobody knows where: {url!r}"
    assert found.doi is None or doi(found.doi) == found.doi, f"no DOI: {found.doi!r}"
    assert found.arxiv_id is None or arxiv(found.arxiv_id) == (found.arxiv_id, None), f"no id: {found.arxiv_id!r}"
    return kept


def said(*words: str) -> None:
    """Can it be told? AssertionError where it cannot be written, or nobody would read it."""
    for text in words:
        assert len(text) <= WORDS, f"says {len(text):,} characters"
        text.encode()


def shape(found: Paper | Problem) -> str:
    """What kind of thing it is, by which another input may be told to be of another kind."""
    if isinstance(found, Problem):
        return "problem " + PARTICULAR.sub("", found.what).partition(":")[0]
    return "paper " + " ".join(name for name in Paper.model_fields if getattr(found, name))
