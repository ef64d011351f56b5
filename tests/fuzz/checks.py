"""What must hold of each parser, run on bytes; each says what kinds of things came of them."""

import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from digestor import feedback, notices
from digestor.dedupe.marks import keys
from digestor.dedupe.merge import merge
from digestor.dedupe.same import same
from digestor.dedupe.versions import rewritten
from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask
from digestor.sources import (
    entries,
    files,
    formats,
    listing,
)
from digestor.sources.bibliography import ids, tex
from digestor.sources.facts import Facts, paper_of
from digestor.text import clean, clean_line, links, sentences
from digestor.text.dates import moment
from digestor.text.identifiers import arxiv, content_id, doi, safe_url, url_of
from digestor.web import addresses, asking, failures, unpacking, waits
from tests.fuzz.oracle import LINE, Found, held, said

SECRET = "sesame-open"
MOST = 100_000
"""Bytes that a reply may have."""


def text_of(data: bytes) -> str:
    """Bytes as a text; those that are no UTF-8 as halves of characters."""
    return data.decode("utf-8", "surrogateescape")


def from_bytes(parse: Callable[[bytes, str], Iterable[Found]], data: bytes) -> Iterator[str]:
    return held(lambda: parse(data, "f"), len(data))


def from_text(parse: Callable[[str, str], Iterable[Found]], data: bytes) -> Iterator[str]:
    return held(lambda: parse(text_of(data), "f"), len(data))


def from_lines(parse: Callable[[Iterable[str], str], Iterable[Found]], data: bytes) -> Iterator[str]:
    return held(lambda: parse(text_of(data).split("\n"), "f"), len(data))


def any_file(data: bytes) -> Iterator[str]:
    return held(lambda: files.read(io.BytesIO(data), "f"), len(data))


def any_format(data: bytes) -> Iterator[str]:
    """The first byte chooses which parser is given what may be of quite another format."""
    names = ("jsonl", "csv", "pages", *formats.KNOWN)
    name = names[data[0] % len(names)] if data else "auto"
    return held(lambda: files.read(io.BytesIO(data[1:]), "f", name), len(data))


def a_list_of_ids(data: bytes) -> Iterator[str]:
    text = text_of(data)
    found, problems = ids.read_ids(text)
    assert len(found) <= len(data)
    yield from held(lambda: iter(problems), len(data))
    for known in found:
        assert ids.identifier(f"{'pmid:' if known.kind == 'pmid' else ''}{known.id}") == known
        yield known.kind
    yield from ids.noted(text)
    assert len(ids.without_ids(text)) <= len(text)
    preprint = ids.preprint([text])
    assert not preprint or arxiv(preprint)


def a_mailing(data: bytes) -> Iterator[str]:
    left: Counter[str] = Counter()
    text = text_of(data)
    yield from held(lambda: listing.read(text, "f", left), len(data))
    yield from left
    yield str(listing.is_listing(text))


def any_text(data: bytes) -> Iterator[str]:
    text = text_of(data)
    whole, line = clean(text), clean_line(text)
    assert clean(whole) == whole, f"not clean yet: {whole!r}"
    assert clean_line(line) == line, f"not clean yet: {line!r}"
    assert "\n" not in line
    assert len(whole) <= 20_000
    assert len(line) <= 1_000
    whole.encode()
    line.encode()
    parts = sentences.split(whole)
    assert all(part and part in whole for part in parts)
    for link in links.find(text):
        assert link.url.isascii()
        assert 0 <= link.start < link.end <= len(text)
        yield f"link {links.is_repository(link.url)} {links.is_page(link.url)} {links.is_elsewhere(link.url)}"
    links.only(text)
    tex.plain(text)
    entries.people(text)
    listing.authors(text)
    yield f"{whole.count(chr(10)) > 0} {min(len(parts), 5)} {whole == text}"


def any_identifier(data: bytes) -> Iterator[str]:
    text = text_of(data)
    if found := arxiv(text):
        assert arxiv(found.id) == (found.id, None)
        assert safe_url(url_of(found.id, None) or "")
        yield f"arxiv {'/' in found.id} {found.version is not None}"
    if digital := doi(text):
        assert doi(digital) == digital
        url = url_of(None, digital)
        assert url
        assert len(url) > 2_000 or safe_url(url) == url, f"leads nobody knows where: {url!r}"
        yield "doi"
    if url := safe_url(text):
        assert safe_url(url) == url
        yield "url"
    content_id(text, text[::-1]).encode()
    when = moment(text)
    assert when is None or when.utcoffset() is not None
    yield f"{when is not None}"


def any_notice(data: bytes) -> Iterator[str]:
    title, _, abstract = text_of(data).partition("\n")
    yield notices.standing(title, abstract, title)
    yield from notices.flags(title, abstract)


def two_papers(data: bytes) -> Iterator[str]:
    """Two papers from one text, divided by a line of `--`."""
    found = [one_paper(part) for part in text_of(data).split("\n--\n", 1)]
    papers = [paper for paper in found if isinstance(paper, Paper)]
    for paper in papers:
        assert len(keys(paper)) <= 30
        for key in keys(paper):
            key.encode()
        assert same(paper, paper)
    if len(papers) == 2:
        one, two = papers
        verdict = same(one, two)
        assert verdict == same(two, one)
        rewritten(one, two)
        yield f"{verdict}"
        yield from held(lambda: [merge(papers)], len(data))


def one_paper(text: str) -> Found:
    title, _, abstract = text.partition("\n")
    return paper_of(Facts("f", title=title, abstract=abstract, doi=title, authors=title.split(";")), "f")


def what_a_server_says(data: bytes) -> Iterator[str]:
    text = text_of(data)
    for name in ("retry-after", "ratelimit", "x-ratelimit-reset"):
        wait = waits.wait_asked({name: text}, 1.8e9)
        assert wait is None or (wait >= 0 and math.isfinite(wait))
        yield f"{name} {wait is None}"
    first, _, second = text.partition("\n")
    pace = waits.pace({"x-rate-limit-limit": first, "x-rate-limit-interval": second})
    assert pace >= 0
    assert math.isfinite(pace)
    words = failures.said(data, [SECRET])
    assert SECRET not in words
    said(words)
    yield f"{bool(words)} {pace > 0}"
    for packed in ("gzip", "deflate"):
        whole = unpacked([data], packed)
        if len(data) < MOST:  # what stands behind the end is not read where it comes later
            pieces = unpacked([data[at : at + 1] for at in range(len(data))], packed)
            assert whole == pieces or (isinstance(whole, str) and isinstance(pieces, str)), f"{whole!r} {pieces!r}"
        yield f"{packed} {whole if isinstance(whole, str) else bool(whole)}"


def unpacked(chunks: list[bytes], packed: str) -> bytes | str:
    try:
        whole = unpacking.whole(chunks, packed, MOST)
    except unpacking.GarbledError as error:
        return str(error)
    except unpacking.TooMuchError:
        return "too much"
    assert len(whole) <= MOST
    return whole


def an_address(data: bytes) -> Iterator[str]:
    text = text_of(data)
    ask = Ask("https://one.example/a", query=(("key", SECRET),), secret=("key",))
    request = asking.first(ask, "digestor/1")
    for private in (False, True):
        try:
            url = addresses.checked(text, private)
            assert addresses.checked(str(url), private) == url
            number = addresses.literal(addresses.host_of(url))
            if not private:
                assert url.scheme == "https"
                assert number is None or addresses.public(number)
            yield f"{private} {url.scheme} {number is not None}"
            said(addresses.brief(text))
        except SourceError as error:
            said(error.where, error.what, error.todo)
            yield f"{private} {error.what[:20]}"
        try:
            moved = asking.moved(request, 302, text, ask._replace(private=private))
            assert SECRET not in asking.shown(moved.url, ask)
            yield f"{private} moved {asking.elsewhere(request.url, moved.url)}"
        except SourceError as error:
            said(error.where, error.what, error.todo)
            yield f"{private} {error.what[:20]}"


def what_readers_say(data: bytes) -> Iterator[str]:
    opinions: list[feedback.Opinion] = []

    def read() -> list[Problem]:
        found, problems = feedback.read(data, "f")
        opinions.extend(found)
        return problems

    yield from held(read, len(data))
    assert len(opinions) <= len(data)
    for opinion in opinions:
        opinion.paper_id.encode()
        assert LINE.fullmatch(opinion.paper_id), f"is more than a line: {opinion.paper_id!r}"
        yield f"{opinion.verdict} {bool(opinion.issue)} {opinion.day is not None}"
    for opinion in opinions[:3]:
        line = feedback.said(opinion.verdict, opinion.paper_id, opinion.issue)
        if len(line) < 1_500:
            again, _ = feedback.read(line.encode(), "f")
            assert again == [opinion._replace(day=None)], f"says {opinion} and then {again}"
