"""A week of ten sources, of which three fail, one is empty and one is slow: real requests to a server on loopback."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from digestor.config import load
from digestor.models import Paper
from digestor.period import weekly
from digestor.pipeline import Run
from digestor.protocols import Outside
from digestor.store import Store
from digestor.wiring import build, reaching
from tests.fakes import Clock
from tests.hosting import Answer, Host

DAY = date(2026, 11, 20)
JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "text/xml"}
ABSTRACT = "We count {0} in forty harbours and show that they grow by a third each spring, with code for all counts."

CONFIG = """
formats = ["md", "json"]
[[sources]]
kind = "files"
path = "library.bib"
[[sources]]
kind = "arxiv"
categories = ["cs.CL"]
via = "oai"
oai_base = "{host}/oai"
allow_private = true
[[sources]]
kind = "huggingface"
base_url = "{host}"
allow_private = true
[[sources]]
kind = "feed"
label = "Slow journal"
url = "{host}/slow.xml"
allow_private = true
[[sources]]
kind = "feed"
label = "Broken journal"
url = "{host}/cut.xml"
allow_private = true
[[sources]]
kind = "biorxiv"
base_url = "{host}"
allow_private = true
[[sources]]
kind = "pubmed"
query = "moss"
base_url = "{host}/eutils"
allow_private = true
[[sources]]
kind = "openalex"
search = "moss"
base_url = "{host}/openalex"
allow_private = true
[[sources]]
kind = "crossref"
query = "moss"
base_url = "{host}/crossref"
allow_private = true
[[sources]]
kind = "semanticscholar"
query = "moss"
base_url = "{host}/s2"
allow_private = true
"""


def a_site(host: Host) -> None:
    """All ten but the file, each with one paper of its own."""
    oai = f"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record>
<header><identifier>oai:arXiv.org:2611.10000</identifier><datestamp>2026-11-18</datestamp></header><metadata>
<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2611.10000</id>
<version version="v1"><date>Mon, 16 Nov 2026 12:00:00 GMT</date></version><title>Limpets on ropes</title>
<authors>Ada Beta</authors><categories>cs.CL</categories><abstract>{ABSTRACT.format("limpets")}</abstract></arXivRaw>
</metadata></record></ListRecords></OAI-PMH>"""
    feed = f"""<rss version="2.0"><channel><title>Slow journal</title><item><title>Mussels on chains</title>
<description>{ABSTRACT.format("mussels")}</description><pubDate>Tue, 17 Nov 2026 08:00:00 GMT</pubDate>
<guid>urn:mussels</guid></item></channel></rss>"""
    preprint = {
        "doi": "10.64898/2026.11.000001",
        "title": "Barnacles on hulls",
        "authors": "Doe, J.",
        "date": "2026-11-17",
        "version": "1",
        "category": "ecology",
        "abstract": ABSTRACT.format("barnacles"),
        "server": "bioRxiv",
    }
    count = {"status": "ok", "cursor": 0, "count": 1, "total": "1"}
    words = {word: [place] for place, word in enumerate(ABSTRACT.format("sponges").replace("and", "&").split())}
    work = {
        "id": "https://openalex.org/W1",
        "doi": "https://doi.org/10.1000/sponges",
        "display_name": "Sponges on piers",
        "title": "Sponges on piers",
        "publication_date": "2026-11-18",
        "abstract_inverted_index": words,
    }
    known = {
        "paperId": "a" * 40,
        "title": "Anemones on anchors",
        "abstract": ABSTRACT.format("anemones"),
        "publicationDate": "2026-11-18",
        "externalIds": {"DOI": "10.1000/anemones"},
    }
    broken = feed.replace("Slow", "Broken")
    host.routes |= {
        "/oai": Answer(oai, headers=XML),
        "/api/daily_papers": Answer("[]", headers=JSON),
        "/slow.xml": Answer(feed, headers=XML, delay=0.3),
        "/cut.xml": Answer(broken, headers=XML, cut=len(broken) // 2),
        "/details/biorxiv/2026-11-16/2026-11-22/0/json": Answer(
            json.dumps({"messages": [count], "collection": [preprint]}), headers=JSON
        ),
        "/eutils/esearch.fcgi": Answer("<html>down for a moment</html>", headers={"Content-Type": "text/html"}),
        "/openalex/works": Answer(json.dumps({"meta": {"count": 1}, "results": [work]}), headers=JSON),
        "/crossref/works": Answer("no", status=500),
        "/s2/graph/v1/paper/search/bulk": Answer(json.dumps({"total": 1, "data": [known]}), headers=JSON),
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: Host) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "library.bib").write_text(
        f"@article{{a, title={{Kelp on cables}}, doi={{10.1000/kelp}}, abstract={{{ABSTRACT.format('kelp')}}}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "config.toml").write_text(CONFIG.replace("{host}", host.url), encoding="utf-8")
    a_site(host)
    return tmp_path


def week(clock: Clock, day: date = DAY) -> Run:
    """One run of the whole thing; only the waiting takes no time."""
    config = load(Path("config.toml"))
    world = Outside({}, pause=clock.pause, today=day, clock=clock)
    with Store.open(config.store) as store, reaching(config, store, world) as reach:
        return build(config, store, outside=world, reach=reach).run(weekly(DAY))


def a_clock() -> Clock:
    return Clock(datetime(2026, 11, 20, 8, tzinfo=UTC).timestamp())


def shown(run: Run) -> list[Paper]:
    assert run.issue is not None
    return [entry.paper for section in run.issue.sections for entry in section.entries]


def test_the_issue_is_made_and_names_what_failed(folder: Path, host: Host) -> None:
    run = week(a_clock())

    titles = {paper.title for paper in shown(run)}
    assert titles == {
        "Kelp on cables",
        "Limpets on ropes",
        "Mussels on chains",
        "Barnacles on hulls",
        "Sponges on piers",
        "Anemones on anchors",
    }
    assert run.issue is not None
    states: dict[str, Any] = {one.name: (one.state, one.papers) for one in run.issue.sources}
    failed = {name for name, (state, _) in states.items() if state == "failed"}
    assert len(states) == 10
    assert (len(failed), run.sources_failed) == (3, 3), states
    assert states["Hugging Face daily papers"] == ("read", 0)
    report = (folder / "digests" / "2026-W47.md").read_text(encoding="utf-8")
    assert all(f"{name}: could not be read" in report for name in failed)
    assert not run.whole, "the exit code says partial"
    assert run.ledger.read == run.ledger.annotated + run.ledger.fallback == 6


def test_nothing_is_fetched_twice_within_the_hour(folder: Path, host: Host) -> None:
    clock = a_clock()
    first = week(clock)
    asked = len(host.asked)
    clock.now += 1_800 - (clock.now - a_clock().now) % 1_800

    again = week(clock)

    anew = {request.path for request in host.asked[asked:]}
    assert anew <= {"/cut.xml", "/eutils/esearch.fcgi", "/crossref/works"}, "only what failed is asked for once more"
    assert shown(again) == shown(first)


def test_on_the_next_day_a_source_that_is_down_gives_what_it_gave(folder: Path, host: Host) -> None:
    clock = a_clock()
    first = week(clock)
    for path in host.routes:
        host.routes[path] = Answer("down", status=503, headers={"Retry-After": "7200"})
    clock.now += 86_400

    again = week(clock, date(2026, 11, 21))

    assert {paper.title for paper in shown(again)} == {paper.title for paper in shown(first)}
    assert again.sources_failed == 9
