"""Several records of one paper become the paper, with the best that each says."""

from datetime import UTC, date, datetime
from itertools import combinations, permutations

import pytest

from digestor.dedupe.merge import merge
from digestor.models import Paper

FULL = (
    "We weigh clouds from below with a net of cheap radios. The scale holds 384 x 384 cells and needs no calibration."
)
DAY = datetime(2026, 11, 20, tzinfo=UTC)

PAGE = Paper(
    id="page", title="WEIGHING CLOUDS", abstract=FULL.replace("384 x 384", "384times384"), source="pages", upvotes=7
)
FEED = Paper(
    id="feed",
    title="[2611.00001] Weighing Clouds",
    abstract=FULL[:50] + "…",
    url="https://feed.example/1",
    source="feed",
)
ARXIV = Paper(
    id="arxiv",
    title="Weighing Clouds",
    abstract=FULL,
    authors=("Nim Bus", "Cu Mulus"),
    arxiv_id="2611.00001",
    version=1,
    published=DAY,
    categories=("cs.CV", "physics.ao-ph"),
    source="arxiv",
    upvotes=3,
)
JOURNAL = Paper(
    id="journal",
    title="Weighing Clouds",
    abstract=FULL,
    authors=("Bus, N.",),
    doi="10.1000/182",
    code_url="https://code.example/clouds",
    published=DAY.replace(day=21),
    categories=("cs.LG",),
    source="records",
    also=("older",),
)


def test_every_field_is_the_best_of_all_records() -> None:
    merged = merge([PAGE, FEED, ARXIV, JOURNAL])

    assert merged == Paper(
        id="page",
        title="Weighing Clouds",
        abstract=FULL,
        url="https://feed.example/1",
        authors=("Nim Bus", "Cu Mulus"),
        published=DAY,
        arxiv_id="2611.00001",
        version=1,
        doi="10.1000/182",
        categories=("cs.CV", "physics.ao-ph", "cs.LG"),
        code_url="https://code.example/clouds",
        upvotes=7,
        source="arxiv+feed+pages+records",
        also=("feed", "arxiv", "journal", "older"),
    )


def test_the_order_of_records_decides_the_id_and_nothing_else() -> None:
    records = (PAGE, FEED, ARXIV, JOURNAL)

    merged = [merge(order) for order in permutations(records)]

    assert {paper.id for paper in merged} == {record.id for record in records}
    assert len({paper.model_dump_json(exclude={"id", "also"}) for paper in merged}) == 1
    assert all({paper.id, *paper.also} == {"page", "feed", "arxiv", "journal", "older"} for paper in merged)


def test_the_latest_version_is_quoted_unless_it_is_cut_off() -> None:
    second = ARXIV.model_copy(update={"version": 2, "title": "Weighing Clouds by Radio", "abstract": FULL[:90]})
    cut = second.model_copy(update={"version": 3, "abstract": FULL[:40] + "..."})

    assert merge([ARXIV, second]).abstract == FULL[:90]
    assert merge([ARXIV, second]).title == "Weighing Clouds by Radio"
    assert merge([ARXIV, cut]).abstract == FULL
    assert merge([ARXIV, cut]).version == 3


def test_a_version_is_of_the_arxiv_id_it_came_with() -> None:
    other = ARXIV.model_copy(update={"arxiv_id": "2611.00002", "version": None})

    merged = merge([other, ARXIV])

    assert (merged.arxiv_id, merged.version) == ("2611.00001", 1)


def test_one_record_is_left_as_it_is() -> None:
    assert merge([JOURNAL]) is JOURNAL


def test_an_id_is_named_once() -> None:
    assert merge([ARXIV, ARXIV, PAGE, PAGE]).also == ("page",)


# Several sources

RANKS = (
    ("arxiv", "mail"),
    ("pubmed", "crossref", "biorxiv", "feed"),
    ("openalex", "semanticscholar"),
    ("huggingface",),
)
PAIRS = [
    (good, worse)
    for better, lesser in combinations((*RANKS, ("records", "pages", "bibliography", "")), 2)
    for good in better
    for worse in lesser
]
FEATURED = Paper(
    id="hf",
    title="Weighing Clouds",
    abstract=FULL,
    arxiv_id="2611.00001",
    source="huggingface",
    upvotes=41,
    stars=5,
    code_url="https://code.example/clouds-by-readers",
    project_url="https://clouds.example",
    organisation="The Cloud Lab",
    announced=date(2026, 11, 24),
    seen_in=("Hugging Face daily papers",),
)
PRINTED = Paper(
    id="pubmed",
    title="Weighing clouds.",
    abstract=FULL,
    doi="10.1000/182",
    pmid="31452104",
    source="pubmed",
    venue="Journal of Weights",
    licence="CC BY",
    comment="Retracted in May",
    standing="retracted",
    announced=date(2026, 11, 23),
    updated=DAY.replace(day=29),
    flags=("prompt_injection?",),
    seen_in=("PubMed", "Journal of Weights"),
)
SECOND = ARXIV.model_copy(
    update={
        "version": 2,
        "updated": DAY.replace(day=27),
        "standing": "withdrawn",
        "comment": "9 pages",
        "stars": 3,
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "seen_in": ("arXiv cs.CV", "PubMed"),
    }
)


@pytest.mark.parametrize(("good", "worse"), PAIRS)
def test_of_one_version_the_words_are_those_of_the_source_that_keeps_them_best(good: str, worse: str) -> None:
    better = Paper(id="a", title="Weighing Clouds", abstract=FULL, source=good)
    longer = Paper(id="b", title="Weighing Clouds", abstract=f"Abstract. {FULL}", source=worse)

    assert merge([longer, better]).abstract == FULL


@pytest.mark.parametrize(
    "poor",
    ["", FULL[:-9] + "...", FULL[:-9] + " [...]", FULL[:-9] + " […]", PAGE.abstract, FULL.replace("net", "<b>net</b>")],
    ids=["none", "cut", "cut in brackets", "cut by a sign", "formula lost", "tags"],
)
def test_no_source_is_so_good_that_a_poor_abstract_of_its_wins_over_a_whole_one(poor: str) -> None:
    whole = Paper(id="a", title="Weighing Clouds", abstract=FULL, source="pages")
    best = Paper(id="b", title="Weighing Clouds", abstract=poor, source="arxiv", version=3)

    assert merge([best, whole]).abstract == FULL


def test_a_formula_that_arxiv_has_as_written_is_no_damage_but_one_that_was_stripped_of_its_signs_is() -> None:
    written = FULL.replace("384 x 384", r"$\mathcal{N}$ times 384")
    stripped = FULL.replace("384 x 384", "mathcalN times 384")
    source = Paper(id="a", title="Weighing Clouds", abstract=written, source="arxiv")
    elsewhere = source.model_copy(update={"id": "c", "source": "crossref"})
    site = Paper(id="b", title="Weighing Clouds", abstract=stripped, source="huggingface")

    assert merge([site, source]).abstract == written
    assert merge([site, elsewhere]).abstract == stripped


def test_a_short_abstract_of_arxiv_is_whole_and_a_short_one_of_a_feed_is_its_beginning() -> None:
    long = Paper(id="long", title="Weighing Clouds", abstract=f"{FULL} {FULL} {FULL}", source="openalex")
    short = Paper(id="short", title="Weighing Clouds", abstract=FULL, source="arxiv")

    assert merge([long, short]).abstract == FULL
    assert merge([long, short.model_copy(update={"source": "feed"})]).abstract == long.abstract
    assert merge([long, short.model_copy(update={"standing": "withdrawn"})]).abstract == long.abstract


def test_what_any_source_knows_of_a_paper_is_known_of_it() -> None:
    merged = merge([FEATURED, PRINTED, SECOND, ARXIV])

    assert (merged.arxiv_id, merged.version, merged.doi, merged.pmid) == ("2611.00001", 2, "10.1000/182", "31452104")
    assert merged.announced == date(2026, 11, 23)
    assert (merged.upvotes, merged.stars) == (41, 5)
    assert merged.code_url == "https://code.example/clouds-by-readers"
    assert merged.project_url == "https://clouds.example"
    assert (merged.organisation, merged.venue) == ("The Cloud Lab", "Journal of Weights")
    assert (merged.comment, merged.licence) == ("9 pages", "https://creativecommons.org/licenses/by/4.0/")
    assert merged.standing == "retracted"
    assert merged.flags == ("prompt_injection?",)
    assert merged.seen_in == ("arXiv cs.CV", "PubMed", "Journal of Weights", "Hugging Face daily papers")
    assert merged.source == "arxiv+huggingface+pubmed"


def test_when_a_paper_was_updated_is_said_of_the_version_that_it_is_now() -> None:
    first = ARXIV.model_copy(update={"updated": DAY})
    silent = SECOND.model_copy(update={"updated": None})

    assert merge([first, SECOND, PRINTED]).updated == SECOND.updated
    assert merge([first, silent]).updated is None
    assert merge([PRINTED, FEATURED]).updated == PRINTED.updated


def test_with_all_fields_the_order_of_records_decides_the_id_and_nothing_else() -> None:
    records = (PAGE, FEATURED, PRINTED, SECOND, ARXIV)

    merged = [merge(order) for order in permutations(records)]

    assert len({paper.model_dump_json(exclude={"id", "also"}) for paper in merged}) == 1


def test_it_does_not_matter_in_how_many_steps_records_are_merged() -> None:
    at_once = merge([FEATURED, PRINTED, SECOND])

    in_steps = merge([merge([FEATURED, SECOND]), PRINTED])

    assert in_steps.model_dump(exclude={"seen_in"}) == at_once.model_dump(exclude={"seen_in"}) | {
        "also": ("arxiv", "pubmed")
    }
    assert set(in_steps.seen_in) == set(at_once.seen_in)


def test_a_paper_that_any_source_has_as_new_is_no_mere_revision() -> None:
    revised = SECOND.model_copy(update={"revision": True})

    assert not merge([revised, FEATURED]).revision
    assert merge([revised, revised.model_copy(update={"id": "again"})]).revision


def test_no_field_is_forgotten() -> None:
    full = ARXIV.model_copy(
        update=PRINTED.model_dump(exclude_defaults=True, exclude={"id", "source"})
        | FEATURED.model_dump(exclude_defaults=True, exclude={"id", "source"})
        | {"url": "https://arxiv.org/abs/2611.00001", "also": ("older",), "revision": True}
    )
    assert set(full.model_dump(exclude_defaults=True)) == set(Paper.model_fields)

    assert merge([full, full]) == full
