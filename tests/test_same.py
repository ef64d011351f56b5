"""Are these two records one paper? Every way in which sources differ, and every way in which papers do."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.dedupe.marks import keys, number
from digestor.dedupe.same import Verdict, compare, same
from digestor.models import Paper

TITLE = "Kelp-Net: Counting Seaweed from Drone Images with Graph Attention"
ABSTRACT = (
    "Kelp forests shelter young fish, yet nobody knows how much kelp there is along most coasts. We present Kelp-Net, "
    "a graph attention model that counts seaweed in drone images taken at low tide. Each frond becomes a node, and "
    "neighbouring fronds vote on where one plant ends and the next begins. On four rocky shores the count differs from "
    "a diver's by less than six percent, at a hundredth of the price. An efficient sampler lets a large survey finish "
    "within one afternoon. We also release two years of annotated drone images so that others can repeat the count. "
    "Our ablations suggest that the votes, not the depth of the model, explain most of the gain."
)
SENTENCES = ABSTRACT.split(". ")


def paper(title: str = TITLE, abstract: str = ABSTRACT, **fields: object) -> Paper:
    """A record of the kelp paper, unless told otherwise."""
    return Paper.model_validate(
        {"id": f"{title} {abstract[:9]} {sorted(fields)}", **fields, "title": title, "abstract": abstract}
    )


def other(title: str, topic: str = "owls") -> Paper:
    """A paper that has nothing to do with kelp."""
    abstract = (
        f"At night {topic} hear what they cannot see. We measure how far the ears of {topic} reach in heavy rain."
    )
    return Paper(id=f"{title} {topic}", title=title, abstract=abstract)


@pytest.mark.parametrize(
    "copy",
    [
        paper(TITLE.upper()),
        paper(TITLE.replace(":", " —") + "."),
        paper("[2310.06227] " + TITLE),
        paper(TITLE + " (ICLR 2024)"),
        paper(TITLE.replace("Attention", "Atention")),
        paper(TITLE, ""),
        paper(TITLE.lower(), "No abstract."),
        paper(TITLE, ABSTRACT[:170]),
        paper(TITLE, ABSTRACT.replace("forests", "for-\nests").replace(". ", ".\n")),
        paper(TITLE, ". ".join(SENTENCES[:2] + SENTENCES[3:]).replace("large", "big")),
        paper(TITLE, ". ".join(SENTENCES[4:]) + " Nothing else of the old text is left in this much later version."),
        paper("Counting Seaweed from Drone Images with Graph Attention"),
        paper("Kelp-Net"),
        paper("K3lp: " + TITLE),
        paper("Towards " + TITLE),
        paper(TITLE + ": A Case Study", ABSTRACT[:300]),
        paper("KelpNet: Counting Seaweed in Drone Images via Graph Attention", ". ".join(SENTENCES[:4])),
        paper("How Much Seaweed Is There? Drones and Votes", ". ".join(SENTENCES[1:])),
        paper("Kelp-Net: Counting Algae from Drone Images with Graph Attention"),
    ],
    ids=lambda copy: f"{copy.title[:30]}, {len(copy.abstract)} characters",
)
def test_a_copy_is_the_same_paper_and_shares_a_key(copy: Paper) -> None:
    assert same(paper(), copy)
    assert same(copy, paper())
    assert set(keys(paper())) & set(keys(copy))


def test_a_typing_error_in_a_bare_title_is_forgiven() -> None:
    assert same(paper(), paper(TITLE.replace("Seaweed", "Seawed"), ""))


def test_a_word_of_the_same_meaning_is_a_new_title_not_a_new_paper() -> None:
    a = paper("Efficient Counting of Kelp with Voting Algorithms")
    b = paper("Fast Counting of Kelp with Voting Methods", ABSTRACT.replace("efficient", "fast"))

    assert same(a, b)


@pytest.mark.parametrize(
    "different",
    [
        paper(TITLE.replace("Seaweed", "Mussels"), ABSTRACT.replace("seaweed", "mussels")),
        paper(TITLE.replace("Images", "Sounds"), ABSTRACT.replace("images", "sounds")),
        paper(TITLE.replace("Attention", "Recurrence"), ABSTRACT.replace("attention", "recurrence")),
        paper("Comment on " + TITLE),
        paper("[Re] " + TITLE, ABSTRACT + " We could repeat all of it."),
        paper("Erratum: " + TITLE),
        paper(TITLE + ": A Replication Study"),
        paper(TITLE + " 2", ". ".join(SENTENCES[3:])),
        paper("Counting Seaweed", ""),
        other(TITLE + ": A Benchmark"),
        other("Kelp-Net: Something Else"),
    ],
    ids=lambda different: f"{different.title[:30]}, {len(different.abstract)} characters",
)
def test_a_paper_that_only_looks_alike_is_another(different: Paper) -> None:
    assert not same(paper(), different)
    assert not same(different, paper())


@pytest.mark.parametrize(
    ("one", "two"),
    [("Part I", "Part II"), ("Part 1", "Part 2"), ("v1.0", "v2.0"), ("I", "II"), ("2022 Edition", "2023 Edition")],
)
def test_two_parts_are_two_papers_even_with_one_abstract(one: str, two: str) -> None:
    assert compare(paper(f"{TITLE}, {one}"), paper(f"{TITLE}, {two}")) is Verdict.APART


def test_a_paper_and_its_second_part_are_two_papers() -> None:
    assert not same(paper(), paper(f"{TITLE}, Part II", ". ".join(SENTENCES[3:])))


def test_a_new_title_leaves_the_abstract_but_a_new_topic_does_not() -> None:
    renamed = paper(TITLE.replace("Seaweed", "Fronds"))
    transferred = paper(TITLE.replace("Seaweed", "Corals"), ABSTRACT.replace("seaweed", "corals"))

    assert same(paper(), renamed)
    assert not same(paper(), transferred)


def test_an_added_beginning_is_no_typing_error() -> None:
    a = paper("Supervised Frond Detection on Rocky Shores", "")
    b = paper("Unsupervised Frond Detection on Rocky Shores", "")

    assert not same(a, b)


def test_equal_identifiers_settle_it_whatever_the_words_say() -> None:
    assert same(paper(arxiv_id="2310.06227"), other("Night ears").model_copy(update={"arxiv_id": "2310.06227"}))
    assert same(paper(doi="10.1000/182"), other("Night ears").model_copy(update={"doi": "10.1000/182"}))


def test_two_arxiv_ids_are_two_papers_unless_title_and_text_are_the_same() -> None:
    first, again = paper(arxiv_id="2310.06227"), paper(arxiv_id="2311.00001")
    revised = paper(
        abstract=". ".join(SENTENCES[:-2]) + " All else is new, and so it is another paper.", arxiv_id="2312.00001"
    )
    bare = paper(abstract="", arxiv_id="2312.00002")

    assert same(first, again)
    assert compare(first, revised) is Verdict.APART
    assert compare(first, bare) is Verdict.APART


def test_equal_ids_of_a_source_are_not_enough() -> None:
    assert not same(paper(id="1"), other("Night ears").model_copy(update={"id": "1"}))


def test_equal_ids_help_where_the_words_leave_a_doubt() -> None:
    short = {"title": "Kelp-Net: Counting Seaweed from Drone Images", "abstract": ""}

    assert not same(paper(id="a"), paper(**short, id="b"))
    assert same(paper(id="a"), paper(**short, id="a"))


def test_a_generic_title_needs_the_text_or_an_author() -> None:
    bare = Paper(id="a", title="Editorial", authors=("Ada Reef", "Ito, Ken"))

    assert compare(bare, Paper(id="b", title="Editorial")) is Verdict.UNKNOWN
    assert same(bare, Paper(id="b", title="EDITORIAL.", authors=("Ken Ito",)))
    assert compare(paper("Editorial"), other("Editorial")) is Verdict.APART
    assert same(paper("Editorial"), paper("Editorial", ABSTRACT[:400]))


def test_a_boilerplate_abstract_glues_nothing() -> None:
    boilerplate = (
        "The full text of this article is available to subscribers on the site of the publisher, please sign in there."
    )

    assert not same(paper("Owls in heavy rain", boilerplate), paper("Sorting by falling sand", boilerplate))


def test_titles_without_a_letter_are_no_reason() -> None:
    assert not same(paper(), other("???"))
    assert not same(other("!!!", "owls"), other("???", "bats in a belfry of the old town hall"))


def test_hashes_are_the_same_on_every_machine() -> None:
    assert number("kelp") == 0xCF4DDB380C10AE1
    assert keys(Paper(id="a", title="Kelp", arxiv_id="2310.06227", doi="10.1000/182"))[:2] == (
        "arxiv:2310.06227",
        "doi:10.1000/182",
    )


def test_there_are_at_most_eight_text_keys() -> None:
    assert 4 <= sum(key.startswith("text:") for key in keys(paper())) <= 8


PIECES = st.sampled_from([*SENTENCES, "Part II", "Kelp-Net", "Comment on", "v2", "with graph attention", "???", "é"])
RECORDS = st.builds(
    lambda title, abstract: Paper(id="x", title=" ".join(title) or "-", abstract=". ".join(abstract)),
    st.lists(PIECES, max_size=3),
    st.lists(PIECES, max_size=8),
)


@given(RECORDS, RECORDS)
def test_the_rule_is_symmetric(a: Paper, b: Paper) -> None:
    assert compare(a, b) is compare(b, a)


def test_long_records_that_begin_alike_are_compared() -> None:
    draw = random.Random(1)
    long = " ".join(f"word{draw.randrange(10**6)}" for _ in range(30_000))
    a, b = paper(long[:200_000], long), paper(long[1:200_000], long[::-1])

    assert compare(a, b) is compare(b, a)
