"""Several records of one paper become the paper, with the best that each says."""

from datetime import UTC, datetime
from itertools import permutations

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
