"""Our parsers beside the library one would otherwise call, on the same bytes: records a second, and memory.

    python -m bench.parsers

2,000 made-up records in each format, with abstracts of about 1,200 characters, some of them with LaTeX, entities and
accents. Each side of each pair runs in a process of its own: once to warm up on a few records, then five times, of
which the median counts; memory is what the first whole run adds to the process. What the library leaves off is where
we go on: text cleaned, identifiers and addresses checked, dates in UTC, notices and odd requests in the text looked
for. Where there is no library (JSON), the parser of the format itself is beside it; for OAI-PMH
lxml, which only builds the tree.
"""

import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from typing import NamedTuple
from xml.sax.saxutils import escape

from digestor.models import Paper
from digestor.sources.facts import Facts, paper_of

RECORDS, WARM, TIMES = 2_000, 20, 5
WORDS = """moss river model tide count wood forest stone light deep graph train learn sample noise field wave
cell protein network token sparse kernel bound proof curve rate growth method data measure result signal agent
policy image speech language vision robot grasp plan search tree code reward loss batch layer norm scale""".split()
ODD = ("$x_{1}^2$", 'M\\"uller', "caf\u00e9", "p < 0.05", "\u2018so\u2019", "R&D", "\\emph{all}", "\\%", "e.g.")
NAMES = "Ann Bob Cleo Dan Eve Finn Gus Hana Ida Jo".split()
FAMILIES = "Moss Fern Birch Heath Reed Thorn Vale Wood Brook Field".split()


class Made(NamedTuple):
    """A made-up paper."""

    number: int
    title: str
    abstract: str
    authors: tuple[tuple[str, str], ...]
    """Given name, family name."""

    @property
    def id(self) -> str:
        return f"2611.{self.number % 100_000:05}"

    @property
    def doi(self) -> str:
        return f"10.1000/moss.{self.number}"

    @property
    def names(self) -> str:
        return ", ".join(f"{given} {family}" for given, family in self.authors)


def made(number: int) -> Made:
    random = Random(number)

    def said(words: int) -> str:
        return " ".join(random.choice(ODD) if random.random() < 0.02 else random.choice(WORDS) for _ in range(words))

    abstract = " ".join(said(random.randint(12, 28)).capitalize() + "." for _ in range(10))
    people = {(random.choice(NAMES), random.choice(FAMILIES)) for _ in range(random.randint(1, 8))}
    return Made(number, said(9).capitalize(), abstract, tuple(sorted(people)))


def rss(papers: list[Made]) -> bytes:
    """As arXiv announces papers."""
    items = "".join(
        f"<item><title>{escape(p.title)}</title><link>https://arxiv.org/abs/{p.id}</link><description>arXiv:{p.id}v1 "
        f"Announce Type: new \nAbstract: {escape(p.abstract)}</description><guid isPermaLink='false'>oai:arXiv.org:"
        f"{p.id}v1</guid><category>cs.CL</category><category>cs.LG</category><pubDate>Fri, 20 Nov 2026 00:00:00 -0500"
        f"</pubDate>"
        f"<arxiv:announce_type>new</arxiv:announce_type><dc:creator>{p.names}</dc:creator></item>\n"
        for p in papers
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss xmlns:arxiv='http://arxiv.org/schemas/atom' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/' version='2.0'><channel><title>cs.CL updates on arXiv.org</title>"
        f"<link>http://rss.arxiv.org/rss/cs.CL</link>{items}</channel></rss>"
    ).encode()


def journal(papers: list[Made]) -> bytes:
    """As a journal's feed has it: the abstract as escaped HTML."""
    items = "".join(
        f"<item><title>{escape(p.title)}</title><link>https://moss.example/{p.number}</link><description>"
        f"{escape('<p>Moss Letters, Volume 3, November 2026</p><p>' + escape(p.abstract) + '</p>')}</description>"
        f"<dc:creator>{p.names}</dc:creator><prism:doi>{p.doi}</prism:doi><dc:date>2026-11-20</dc:date></item>\n"
        for p in papers
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss xmlns:dc='http://purl.org/dc/elements/1.1/' version='2.0' "
        "xmlns:prism='http://prismstandard.org/namespaces/basic/2.0/'><channel><title>Moss Letters</title>"
        f"<link>https://moss.example/</link>{items}</channel></rss>"
    ).encode()


def atom(papers: list[Made]) -> bytes:
    """As arXiv's API answers."""
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{p.id}v1</id><updated>2026-11-19T18:00:00Z</updated><published>"
        f"2026-11-19T18:00:00Z</published><title>{escape(p.title)}</title><summary>{escape(p.abstract)}</summary>"
        + "".join(f"<author><name>{given} {family}</name></author>" for given, family in p.authors)
        + f"<link href='http://arxiv.org/abs/{p.id}v1' rel='alternate' type='text/html'/><link title='pdf' "
        f"rel='related' href='http://arxiv.org/pdf/{p.id}v1' type='application/pdf'/>"
        "<arxiv:primary_category term='cs.CL'/><category term='cs.CL'/><category term='cs.LG'/>"
        "<arxiv:comment>12 pages</arxiv:comment></entry>\n"
        for p in papers
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom' "
        "xmlns:arxiv='http://arxiv.org/schemas/atom' xmlns:opensearch='http://a9.com/-/spec/opensearch/1.1/'>"
        "<title>ArXiv Query</title><id>http://arxiv.org/api/moss</id><updated>2026-11-20T00:00:00-05:00</updated>"
        f"<opensearch:totalResults>{len(papers)}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>"
        f"<opensearch:itemsPerPage>{len(papers)}</opensearch:itemsPerPage>{entries}</feed>"
    ).encode()


def oai(papers: list[Made]) -> bytes:
    """As arXiv's OAI-PMH interface answers."""
    records = "".join(
        f"<record><header><identifier>oai:arXiv.org:{p.id}</identifier><datestamp>2026-11-20</datestamp></header>"
        f"<metadata><arXivRaw xmlns='http://arxiv.org/OAI/arXivRaw/'><id>{p.id}</id><version version='v1'><date>"
        f"Thu, 19 Nov 2026 18:00:00 GMT</date></version><title>{escape(p.title)}</title><authors>{p.names}"
        f"</authors><categories>cs.CL cs.LG</categories><abstract>{escape(p.abstract)}</abstract></arXivRaw></metadata>"
        "</record>\n"
        for p in papers
    )
    return (
        f"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>{records}</ListRecords></OAI-PMH>".encode()
    )


def bibtex(papers: list[Made]) -> bytes:
    return "".join(
        f"@article{{moss{p.number},\n  title = {{{p.title}}},\n  author = {{"
        + " and ".join(f"{family}, {given}" for given, family in p.authors)
        + f"}},\n  journal = {{Moss Letters}},\n  year = 2026,\n  month = nov,\n  doi = {{{p.doi}}},\n"
        f"  abstract = {{{p.abstract}}},\n}}\n\n"
        for p in papers
    ).encode()


def ris(papers: list[Made]) -> bytes:
    return "".join(
        f"TY  - JOUR\nTI  - {p.title}\n"
        + "".join(f"AU  - {family}, {given}\n" for given, family in p.authors)
        + f"AB  - {p.abstract}\nJO  - Moss Letters\nPY  - 2026\nDA  - 2026/11/20/\nDO  - {p.doi}\nER  - \n\n"
        for p in papers
    ).encode()


def csl(papers: list[Made]) -> bytes:
    return dumped(
        {
            "id": f"moss{p.number}", "type": "article-journal", "title": p.title, "abstract": p.abstract, "DOI": p.doi,
            "author": [{"given": given, "family": family} for given, family in p.authors],
            "issued": {"date-parts": [[2026, 11, 20]]}, "container-title": "Moss Letters",
        }
        for p in papers
    )  # fmt: skip


def daily(papers: list[Made]) -> bytes:
    return dumped(
        {
            "paper": {"id": p.id, "title": p.title, "summary": p.abstract, "publishedAt": "2026-11-19T18:00:00.000Z",
                      "submittedOnDailyAt": "2026-11-20T00:00:00.000Z", "upvotes": p.number % 90,
                      "authors": [{"name": f"{given} {family}"} for given, family in p.authors]},
            "title": p.title, "publishedAt": "2026-11-19T13:00:00.000Z",
        }
        for p in papers
    )  # fmt: skip


def openalex(papers: list[Made]) -> bytes:
    def index(text: str) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(text.split()):
            places.setdefault(word, []).append(place)
        return places

    works = [
        {
            "id": f"https://openalex.org/W{p.number}", "doi": f"https://doi.org/{p.doi}", "title": p.title,
            "publication_date": "2026-11-20", "abstract_inverted_index": index(p.abstract),
            "authorships": [{"author": {"display_name": f"{given} {family}"}} for given, family in p.authors],
        }
        for p in papers
    ]  # fmt: skip
    return json.dumps({"meta": {"count": len(works)}, "results": works}).encode()


def crossref(papers: list[Made]) -> bytes:
    items = [
        {
            "DOI": p.doi, "type": "journal-article", "title": [p.title], "container-title": ["Moss Letters"],
            "abstract": f"<jats:title>Abstract</jats:title><jats:p>{escape(p.abstract)}</jats:p>",
            "author": [{"given": given, "family": family} for given, family in p.authors],
            "issued": {"date-parts": [[2026, 11, 20]]},
        }
        for p in papers
    ]  # fmt: skip
    return json.dumps({"status": "ok", "message": {"total-results": len(items), "items": items}}).encode()


def jsonl(papers: list[Made]) -> bytes:
    return "".join(
        json.dumps({"title": p.title, "abstract": p.abstract, "authors": p.names, "id": p.id}) + "\n" for p in papers
    ).encode()


def dumped(values: Iterator[object]) -> bytes:
    return json.dumps(list(values)).encode()


Read = Callable[[bytes], int]
"""Everything in some bytes, kept until it is counted; how many records."""


class Pair(NamedTuple):
    """A format, who writes it, and two who read it."""

    write: Callable[[list[Made]], bytes]
    ours: str
    """`module:function` in digestor.sources."""
    takes: type
    """`bytes`, `str`, or `list` for lines."""
    beside: str
    """The name of one of `OTHERS`."""


def ours(pair: Pair) -> Read:
    module, _, function = pair.ours.partition(":")
    parse = getattr(import_module(f"digestor.sources.{module}"), function)

    def read(body: bytes) -> int:
        given: object = body
        if pair.takes is not bytes:
            given = body.decode() if pair.takes is str else body.decode().split("\n")
        found = list(parse(given, "bench"))
        return sum(isinstance(item, Paper) for item in found)

    return read


def by_feedparser(body: bytes) -> int:
    import feedparser

    return len(feedparser.parse(body).entries)


def by_arxiv(body: bytes) -> int:
    return len(import_module("arxiv._feed").parse(body).results)


def by_lxml(body: bytes) -> int:
    from lxml import etree

    return len(etree.fromstring(body)[0])


def by_bibtexparser(body: bytes) -> int:
    from bibtexparser.entrypoint import parse_string

    return len(parse_string(body.decode()).entries)


def by_rispy(body: bytes) -> int:
    import rispy

    return len(rispy.loads(body.decode()))


def by_json(body: bytes) -> int:
    value = json.loads(body)
    inner = value.get("results") or value["message"]["items"] if isinstance(value, dict) else value
    return len(inner)


def by_json_lines(body: bytes) -> int:
    return len([json.loads(line) for line in body.split(b"\n") if line])


OTHERS: dict[str, Read] = {
    "feedparser": by_feedparser,
    "arxiv": by_arxiv,
    "lxml": by_lxml,
    "bibtexparser": by_bibtexparser,
    "rispy": by_rispy,
    "json": by_json,
    "json, a line each": by_json_lines,
}
PAIRS = {
    "arXiv announcements, RSS": Pair(rss, "arxiv.announcements:parse_feed", bytes, "feedparser"),
    "a journal's feed, RSS": Pair(journal, "entries:parse_entries", bytes, "feedparser"),
    "arXiv API, Atom": Pair(atom, "arxiv.api:parse", bytes, "arxiv"),
    "arXiv OAI-PMH": Pair(oai, "arxiv.oai:parse_records", bytes, "lxml"),
    "BibTeX": Pair(bibtex, "bibliography:parse_bibtex", str, "bibtexparser"),
    "RIS": Pair(ris, "bibliography:parse_ris", str, "rispy"),
    "CSL-JSON": Pair(csl, "bibliography:parse_csl", str, "json"),
    "Hugging Face daily papers": Pair(daily, "daily_papers:parse_daily_papers", bytes, "json"),
    "OpenAlex": Pair(openalex, "openalex:parse", bytes, "json"),
    "Crossref": Pair(crossref, "crossref:parse", bytes, "json"),
    "JSON lines": Pair(jsonl, "records:parse_jsonl", list, "json, a line each"),
}


class Measured(NamedTuple):
    """What one reader took for one format."""

    records: int
    seconds: float
    """Processor time, the median."""
    memory: int
    """Bytes that the first run added to the process."""


def measured(name: str, is_ours: bool, folder: str) -> Measured | str:
    """In a process of its own, of what was written into a folder. The name of what is missing, where a library is."""
    body, few = ((Path(folder) / part).read_bytes() for part in ("all", "few"))
    read = ours(PAIRS[name]) if is_ours else OTHERS[PAIRS[name].beside]
    try:
        read(few)
    except ModuleNotFoundError as error:
        return str(error.name).partition(".")[0]
    before, took, records = peak(), list[float](), 0
    for number in range(TIMES):
        started = time.process_time()
        records = read(body)
        took.append(time.process_time() - started)
        if number == 0:
            memory = peak() - before
    return Measured(records, statistics.median(took), memory)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def alone() -> float:
    """Papers a second that are made of facts, by whatever parser: the part of our time that is no parsing."""
    papers = [made(number) for number in range(RECORDS)]
    facts = [
        Facts("bench", title=p.title, abstract=p.abstract, authors=p.names.split(", "), arxiv_id=p.id, doi=p.doi)
        for p in papers
    ]
    started = time.process_time()
    for fact in facts:
        paper_of(fact, "bench")
    return len(papers) / (time.process_time() - started)


def write(name: str, folder: str) -> None:
    """The bytes of a format, in a process of its own: a child begins with the peak of its parent."""
    papers = [made(number) for number in range(RECORDS)]
    (Path(folder) / "all").write_bytes(PAIRS[name].write(papers))
    (Path(folder) / "few").write_bytes(PAIRS[name].write(papers[:WARM]))


def main() -> None:
    """A line a format."""
    print(f"{RECORDS:,} records each, processor time, the median of {TIMES}")
    print(f"  {'':<27}{'':<18}{'records/s':>19}{'':>8}{'MB':>17}")
    print(f"  {'format':<27}{'beside':<18}{'ours':>9}{'theirs':>10}{'ratio':>8}{'ours':>9}{'theirs':>8}")
    for name, pair in PAIRS.items():
        workers = multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1)
        with tempfile.TemporaryDirectory() as folder, workers as pool:
            pool.apply(write, (name, folder))
            one, two = pool.starmap(measured, [(name, True, folder), (name, False, folder)], chunksize=1)
        if isinstance(one, str) or isinstance(two, str):
            print(f"  {name:<27}{pair.beside:<18}is missing: pip install {two if isinstance(two, str) else one}")
            continue
        rates = [found.records / found.seconds for found in (one, two)]
        memory = [found.memory / 1e6 for found in (one, two)]
        odd = "" if one.records == two.records == RECORDS else f"  read {one.records:,} and {two.records:,}"
        print(f"  {name:<27}{pair.beside:<18}{rates[0]:9,.0f}{rates[1]:10,.0f}{rates[0] / rates[1]:8.2f}", end="")
        print(f"{memory[0]:9.1f}{memory[1]:8.1f}{odd}")
    print(f"  making papers of facts alone: {alone():,.0f}/s")


if __name__ == "__main__":
    main()
