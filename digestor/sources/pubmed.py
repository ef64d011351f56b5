"""PubMed: what a query finds among the papers added on the days of a window, by NCBI's E-utilities."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple, TypeVar

from pydantic import Field

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.period import span
from digestor.protocols import Ask, Reach, Window
from digestor.sources.medline import parse
from digestor.text import clean_line

__all__ = ["Pubmed", "parse"]

PAGE = 200
"""Records in a reply of efetch."""
ASKED = 50
"""DOIs in one search."""
UNKNOWN = ("phrasesnotfound", "fieldsnotfound", "quotedphrasesnotfound")
TOKEN = re.compile(r"[!-~]{1,500}")
PMID = re.compile(r"[0-9]{1,9}")
KEY = "API key invalid"
LATER = "try again later"
Pairs = Sequence[tuple[str, str]]
T = TypeVar("T")


class Pubmed(Record):
    """Papers that PubMed added in the days of the issue and that a query finds."""

    kind: Literal["pubmed"] = "pubmed"
    query: str = Field(min_length=1, max_length=4_000)
    """As in PubMed's search box: `crispr[tiab] AND review[pt]`."""
    api_key_env: str = ""
    """The environment variable with a key of NCBI's, which is free and allows ten requests a second, not three."""
    most: int = Field(1_000, ge=1, le=9_999)
    """Papers to take at most; PubMed itself gives no more than 9,999."""
    label: str = ""
    """How readers are told of it; else the query."""
    base_url: str = Field("https://eutils.ncbi.nlm.nih.gov/entrez/eutils", pattern=r"^https?://")
    """Where the E-utilities are."""
    allow_private: bool = False
    """May it be an address of this machine or network?"""

    @property
    def name(self) -> str:
        """`PubMed crispr[tiab]`."""
        return self.label or f"PubMed {self.query[:80]}"

    def covers(self, window: Window) -> str:
        """In words: "added to PubMed 16–22 November 2026"."""
        return f"added to PubMed {span(window)}"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """Those that entered PubMed in the window, in pages of 200. Raises SourceError."""
        days = [(f"{end}date", f"{day:%Y/%m/%d}") for end, day in (("min", window.start), ("max", window.end))]
        terms = [("term", self.query), ("datetype", "edat"), *days, ("usehistory", "y"), ("retmax", "0")]
        found = self._search(terms, reach)
        yield from found.doubts
        wanted = min(found.total, self.most)
        if wanted and not (found.key and found.environment):
            raise SourceError(self.name, f"PubMed found {found.total:,} papers and does not say where", LATER)
        for start in range(0, wanted, PAGE):
            size = min(PAGE, wanted - start)
            history = [("query_key", found.key), ("WebEnv", found.environment)]
            page = [*history, ("retstart", str(start)), ("retmax", str(size))]
            read = 0
            for paper in parse(self._fetch(page, reach), self.name):
                read += 1
                yield paper
            if read < size:
                what = f"sent {read} of the {size} papers from number {start + 1:,} on"
                yield Problem(where=self.name, what=what, todo=LATER, lost=size - read)
        if found.total > wanted:
            what = f"found {found.total:,} papers; {found.total - wanted:,} were not fetched"
            yield Problem(where=self.name, what=what, todo="raise `most`, or narrow the query")

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """What PubMed has under the PMIDs, and under the DOIs of papers without one. Raises SourceError."""
        dois = {paper.doi for paper in papers if paper.doi and not paper.pmid and '"' not in paper.doi}
        pmids = {paper.pmid for paper in papers if paper.pmid}
        ids = dict.fromkeys(sorted(pmids, key=int))
        for batch in _batches(sorted(dois), ASKED):
            term = " OR ".join(f'"{doi}"[AID]' for doi in batch)
            ids |= dict.fromkeys(self._search([("term", term), ("retmax", str(4 * ASKED))], reach, "POST").ids)
        for some in _batches(list(ids), PAGE):
            for paper in parse(self._fetch([("id", ",".join(some))], reach, "POST"), self.name):
                if isinstance(paper, Problem) or paper.pmid in pmids or paper.doi in dois:
                    yield paper

    def _search(self, terms: Pairs, reach: Reach, method: str = "GET") -> "Found":
        return _found(self._ask("esearch.fcgi", [*terms, ("retmode", "json")], reach, method), self.name)

    def _fetch(self, which: Pairs, reach: Reach, method: str = "GET") -> bytes:
        return self._ask("efetch.fcgi", [*which, ("retmode", "xml")], reach, method)

    def _ask(self, tool: str, pairs: Pairs, reach: Reach, method: str) -> bytes:
        """The reply's body; NCBI answers 400 with a reason, which the parsers of both replies understand."""
        key = reach.environ.get(self.api_key_env, "") if self.api_key_env else ""
        own = [("email", reach.contact)] * bool(reach.contact) + [("api_key", key)] * bool(key)
        sent = [("db", "pubmed"), *pairs, ("tool", "digestor"), *own]
        ask = Ask(
            f"{self.base_url.rstrip('/')}/{tool}",
            query=sent if method == "GET" else (),
            form=sent if method == "POST" else None,
            secret=("api_key", "email"),
            family="ncbi",
            spacing=0.1 if key else 0.34,
            within=120.0,
            private=self.allow_private,
            wanted=(200, 400),
        )
        reply = reach.get(ask)
        if reply.status == 400 and KEY.encode() in reply.body[:500]:
            raise SourceError(self.name, f"NCBI does not know the key in {self.api_key_env}", "is it typed right?")
        return reply.body


class Found(NamedTuple):
    """What a search found: how many, and where PubMed keeps them for us."""

    total: int
    ids: Sequence[str] = ()
    key: str = ""
    environment: str = ""
    doubts: Sequence[Problem] = ()


def _found(body: bytes, where: str) -> Found:
    """A reply of esearch. Raises SourceError where it is none, or an error."""
    try:
        value = json.loads(body, strict=False) if body.strip() else None
    except (ValueError, RecursionError) as error:
        raise SourceError(where, "the reply to the search is not JSON, or breaks off", LATER) from error
    result = value.get("esearchresult") if isinstance(value, dict) else None
    said = (value if isinstance(value, dict) else {}).get("error") or _mapping(result).get("ERROR")
    if said:
        words = clean_line(said)[:200] if isinstance(said, str) else "error"
        raise SourceError(where, f"PubMed says {words!r}", "is the query right? else try again later")
    total = _token(result, "count")
    if not PMID.fullmatch(total):
        raise SourceError(where, "the reply to the search has no count", LATER)
    ids = _mapping(result).get("idlist")
    return Found(
        int(total),
        [name for name in (ids if isinstance(ids, list) else []) if isinstance(name, str) and PMID.fullmatch(name)],
        _token(result, "querykey"),
        _token(result, "webenv"),
        _doubts(_mapping(result), where),
    )


def _doubts(result: Mapping[str, object], where: str) -> list[Problem]:
    """Words of the query that PubMed knows nothing of, and left out of the search."""
    lists = [_mapping(result.get(name)).get(kind) for name in ("errorlist", "warninglist") for kind in UNKNOWN]
    said = [
        clean_line(word)[:100]
        for words in lists
        if isinstance(words, list)
        for word in words[:10]
        if isinstance(word, str)
    ]
    if not said:
        return []
    words = ", ".join(repr(word) for word in dict.fromkeys(said[:10]))
    return [Problem(where=where, what=f"PubMed did not find {words} of the query", todo="are they spelled right?")]


def _token(result: object, name: str) -> str:
    value = _mapping(result).get(name)
    return str(value) if isinstance(value, str | int) and TOKEN.fullmatch(str(value)[:501]) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _batches(values: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch
