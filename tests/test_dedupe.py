"""One paper, once: clusters of records, whatever their number."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.dedupe import cluster, merge
from digestor.dedupe.candidates import candidates
from digestor.models import Paper

SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"
TOPICS = "otters spiders bridges violins comets dunes lichens turbines looms geysers kites anvils".split()


def prose(topic: str, seed: int, sentences: int = 6) -> str:
    """An abstract about a topic; two seeds give two texts."""
    draw = random.Random(f"{topic}{seed}")
    words = [f"{topic[:4]}{a}{b}" for a in "aeiou" for b in ("ral", "sto", "min", "ter", "dov", "pex", "lun", "gri")]
    return " ".join(f"The {topic} {' '.join(draw.choices(words, k=14))}." for _ in range(sentences))


def record(topic: str, seed: int = 0, **fields: object) -> Paper:
    """A record of the paper about a topic."""
    given = {
        "id": f"{topic}{seed}{len(fields)}",
        "title": f"How {topic} hold their shape: {topic} in slow motion",
        "abstract": prose(topic, seed),
    }
    return Paper.model_validate(given | fields)


def test_records_of_one_paper_come_together_in_order() -> None:
    papers = [
        record("otters"),
        record("spiders"),
        record("otters", title="HOW OTTERS HOLD THEIR SHAPE - OTTERS IN SLOW MOTION", abstract=""),
        record("bridges"),
        record("spiders", abstract=prose("spiders", 0)[:200], title="[2310.06227] How spiders hold their shape"),
        record("otters", title="Otters in slow motion (ICLR 2024)"),
    ]

    assert cluster(papers) == [[0, 2, 5], [1, 4], [3]]


def test_nothing_is_no_cluster() -> None:
    assert cluster([]) == []


def test_a_bare_title_does_not_glue_two_papers() -> None:
    papers = [
        record("otters", title="Shape shifts"),
        record("dunes", title="Shape shifts"),
        record("x", title="Shape shifts", abstract=""),
    ]

    clusters = cluster(papers)

    assert [0, 1] not in clusters
    assert clusters in ([[0, 2], [1]], [[0], [1, 2]])


def test_a_topic_swapped_stays_out_though_every_other_record_links_it() -> None:
    swapped = record("otters", title="How beavers hold their shape: beavers in slow motion")
    swapped = swapped.model_copy(update={"abstract": swapped.abstract.replace("otters", "beavers")})
    papers = [
        record("otters"),
        swapped,
        record("otters", abstract=prose("otters", 0)[:300]),
        record("otters", title="Otters in slow motion"),
    ]

    assert cluster(papers) == [[0, 2, 3], [1]]


def test_equal_identifiers_bring_together_what_words_do_not() -> None:
    papers = [
        record("otters", arxiv_id="2310.06227"),
        record("dunes", arxiv_id="2310.06227", doi="10.1/x"),
        record("kites", doi="10.1/x"),
    ]

    assert cluster(papers) == [[0, 1, 2]]


def test_an_id_column_of_ones_loses_no_paper() -> None:
    papers = [record(topic, id="1") for topic in TOPICS]

    assert cluster(papers) == [[index] for index in range(len(TOPICS))]


def test_a_boilerplate_abstract_makes_no_cluster_of_two_papers() -> None:
    boilerplate = (
        "Please sign in at the site of the publisher in order to read the abstract and the text of this article."
    )
    papers = [Paper(id=topic, title=f"On the {topic}", abstract=boilerplate) for topic in TOPICS]

    assert cluster(papers) == [[index] for index in range(len(TOPICS))]


def unlike(number: int) -> str:
    """A title that shares no word with another number's."""
    return " ".join(f"{syllable}{number:x}q" for syllable in ("bor", "tam", "liv", "kes"))


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ([record("otters") for _ in range(1_000)], 1),
        ([record("otters", id=f"i{i}", abstract="") for i in range(1_000)], 1),
        ([record("otters", id=f"i{i}", abstract=prose("otters", 0) + f" Seen {i} times.") for i in range(1_000)], 1),
        ([Paper(id=str(i), title=unlike(i), abstract=prose("dunes", 0)) for i in range(2_000)], 2_000),
        ([Paper(id="1", title=unlike(i), abstract=prose(f"{i:04x}", i, 3)) for i in range(1_000)], 1_000),
        ([Paper(id=str(i), title="-", abstract="") for i in range(1_000)], 1),
        ([Paper(id=str(i), title="Editorial", abstract=prose(f"{i:04x}", i, 3)) for i in range(1_000)], 1_000),
        ([record("otters", abstract="word " * 60_000 + str(i)) for i in range(20)], 1),
        (
            [
                record("otters", abstract=prose("otters", 0, 3_000)),
                record("otters", abstract=prose("otters", 0, 2_000)),
            ],
            1,
        ),
    ],
    ids=[
        "identical",
        "no abstract",
        "many versions",
        "one boilerplate",
        "one id",
        "no title",
        "one generic title",
        "one word 60,000 times",
        "300 kB",
    ],
)
def test_hostile_records_are_told_apart(papers: list[Paper], expected: int) -> None:
    assert len(cluster(papers)) == expected


def test_the_pairs_to_compare_grow_with_the_records_and_not_with_their_square() -> None:
    papers = [Paper(id=str(i), title=unlike(i), abstract=prose(f"t{i % 97}opic", i)) for i in range(4_000)]

    pairs = list(candidates(papers, list(range(len(papers)))))

    assert len(pairs) < 10 * len(papers)  # all of them would be two thousand for each


RECORDS = st.lists(
    st.builds(
        lambda topic, seed, short, number, id: record(
            topic,
            seed,
            id=id,
            abstract=prose(topic, seed)[: 150 if short else None],
            title=f"On {topic} {number}".strip(),
        ),
        st.sampled_from(TOPICS[:3]),
        st.integers(0, 1),
        st.booleans(),
        st.sampled_from(["", "II", "and shapes"]),
        st.sampled_from("abcd"),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_clusters_are_a_partition_in_order_and_merging_keeps_every_id(papers: list[Paper]) -> None:
    clusters = cluster(papers)
    merged = [merge([papers[index] for index in members]) for members in clusters]

    assert sorted(index for members in clusters for index in members) == list(range(len(papers)))
    assert all(members == sorted(members) for members in clusters)
    assert [members[0] for members in clusters] == sorted(members[0] for members in clusters)
    for members, paper in zip(clusters, merged, strict=True):
        assert paper.id == papers[members[0]].id
        assert {paper.id, *paper.also} == {papers[index].id for index in members}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five seed pages are not here")
def test_the_seed_pages_hold_255_papers() -> None:
    papers: list[Paper] = []
    for page in sorted(SEEDS.iterdir()):
        blocks = page.read_text(encoding="utf-8").split("\n\n")[5:]
        for title, abstract in zip(blocks[::2], blocks[1::2], strict=True):
            papers.append(Paper(id=f"p{len(papers)}", title=title, abstract=abstract))

    clusters = cluster(papers)

    assert (len(papers), len(clusters)) == (384, 255)
    assert all(len({json.dumps(papers[index].title) for index in members}) == 1 for members in clusters)
