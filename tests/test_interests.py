"""Papers in the order in which a reader wants them, with reasons that are true."""

import re
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.interests import Interests, Ranked, Reader, in_words, rank
from digestor.interests.phrases import tokens
from digestor.models import Paper
from digestor.text.words import stem


def a_paper(title: str, abstract: str = "", **fields: object) -> Paper:
    return Paper.model_validate({"id": fields.pop("id", title), "title": title, "abstract": abstract, **fields})


def no_tags(paper: Paper) -> Sequence[str]:
    raise AssertionError("nobody named a tag")


def ranked(papers: Sequence[Paper], **wishes: object) -> list[Ranked]:
    return rank(papers, Reader(Interests.model_validate(wishes)), no_tags)


def titles(found: Sequence[Ranked]) -> list[str]:
    return [one.paper.title for one in found]


FILLER = [a_paper(f"Grammar of clay, part {n}", f"We fire pot {n} and look at glaze {n}.") for n in range(20)]


def test_a_topic_in_the_title_goes_before_one_in_the_abstract_and_that_before_its_words_apart() -> None:
    apart = a_paper("Alpha", "Attention is what the sparse nets of fishers need.")
    abstract = a_paper("Beta", "We study sparse attention in fishers.")
    title = a_paper("Gamma of sparse attention", "We study nets.")
    part = a_paper("Delta", "We study attention.")

    found = ranked([*FILLER, part, apart, abstract, title], topics=["sparse attention"])

    assert titles(found)[:4] == [title.title, "Beta", "Alpha", "Delta"]
    assert [one.why for one in found[:3]] == [
        ("“sparse attention” in the title",),
        ("“sparse attention” in the abstract",),
        ("“sparse” and “attention” of “sparse attention”",),
    ]
    assert all(one.score == 0 and one.why == () and not one.wanted for one in found[4:])


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("pre-training", "Pretraining of tides"),
        ("pretraining", "Pre training of tides"),
        ("self attention", "Self-attention of tides"),
        ("data set", "Datasets of tides"),
        ("language models", "A language model of tides"),
        ("fine-tuning", "To fine-tune tides"),
        ("Poincaré maps", "A Poincare map of tides"),
        ("LLMs", "An LLM of tides"),
        ("C++", "Tides in C++"),
    ],
)
def test_a_phrase_is_found_whatever_its_endings_hyphens_and_accents(topic: str, said: str) -> None:
    best = ranked([*FILLER, a_paper(said)], topics=[topic])[0]

    assert (best.paper.title, best.why) == (said, (f"“{topic}” in the title",))


def test_a_phrase_begins_and_ends_with_a_word_and_keeps_its_order() -> None:
    papers = [a_paper("Attention, sparse"), a_paper("Sparse attentional"), a_paper("Unsparse attention")]

    assert not [one for one in ranked(papers, topics=["sparse attention"]) if "in the title" in " ".join(one.why)]


def test_a_rare_topic_counts_more_than_one_that_every_second_paper_has() -> None:
    common = [a_paper(f"Clay {n}", "On clay.") for n in range(10)]

    found = ranked([*FILLER, *common, a_paper("Tides", "On tides.")], topics=["clay", "tides"])

    assert found[0].paper.title == "Tides"


def test_a_weight_lifts_a_topic() -> None:
    papers = [*FILLER, a_paper("Reeds"), a_paper("Tides")]

    found = ranked(papers, topics=["reeds", {"words": "tides", "weight": 3}])

    assert titles(found)[:2] == ["Tides", "Reeds"]
    assert found[0].score == pytest.approx(3 * found[1].score)


def test_a_topic_that_says_nothing_and_one_given_twice_change_nothing() -> None:
    papers = [*FILLER, a_paper("Tides")]

    assert ranked(papers, topics=["tides"]) == ranked(papers, topics=["tides", "?!", "Tide"])


@pytest.mark.parametrize(
    ("unwanted", "said"),
    [
        ("covid", "COVID and tides"),
        ("neural network", "Neural networks of tides"),
        ("GANs", "A GAN of tides"),
        ("self-driving", "Selfdriving tides"),
        ("self driving", "Self-driving tides"),
        ("case study", "Case studies of tides"),
        ("batches", "A batch of tides"),
    ],
)
def test_an_excluded_word_leaves_a_paper_out_in_title_or_abstract(unwanted: str, said: str) -> None:
    papers = [a_paper(said, id="t"), a_paper("Tides", f"We look: {said}.", id="a"), a_paper("Tides", id="no")]

    found = ranked(papers, topics=["tides"], exclude=[unwanted])

    assert [(one.paper.id, one.excluded) for one in found] == [
        ("no", ""),
        *((one.paper.id, unwanted) for one in found[1:]),
    ]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("unwanted", "said"),
    [
        ("covid", "Postcovid tides"),
        ("news", "New tides"),
        ("train", "Training tides"),
        ("therapist", "The rapist of tides"),
        ("robotics", "Robotic tides"),
        ("neural network", "Neural tides of a network"),
    ],
)
def test_exclusion_is_word_for_word(unwanted: str, said: str) -> None:
    assert ranked([a_paper(said)], exclude=[unwanted])[0].excluded == ""


def test_a_category_or_a_whole_archive_can_be_excluded_but_no_tag() -> None:
    papers = [
        a_paper("A", categories=("cs.CV",)),
        a_paper("B", categories=("math.CO",)),
        a_paper("C", categories=("cs.CL",)),
    ]

    found = rank(papers, Reader(Interests(exclude=("CS.cv", "math", "survey"))), no_tags)

    assert [(one.paper.title, one.excluded) for one in found] == [("C", ""), ("A", "CS.cv"), ("B", "math")]


def test_authors_categories_and_venues_are_reasons() -> None:
    by = a_paper("A", authors=("Bo Chen", "A. Lovelace"))
    at = a_paper("B", venue="Journal of Tides (2026)")
    soon = a_paper("C", comment="Accepted at the Journal of Tides")
    within = a_paper("D", categories=("math.CO", "cs.CL"))

    found = ranked(
        [*FILLER, within, soon, at, by], authors=["Ada Lovelace"], venues=["journal of tides"], categories=["cs"]
    )

    assert [(one.paper.title, one.why) for one in found[:4]] == [
        ("A", ("by A. Lovelace",)),
        ("B", ("in journal of tides",)),
        ("C", ("“journal of tides” in the authors' comment",)),
        ("D", ("in cs.CL",)),
    ]
    assert [one.wanted for one in found[:4]] == [True, True, True, False]


def test_a_category_is_not_the_beginning_of_another() -> None:
    assert ranked([a_paper("A", categories=("csx.CL", "cs.CLX"))], categories=["cs", "cs.CL"])[0].why == ("in cs.CLX",)


def test_tags_are_asked_for_only_if_the_reader_named_some() -> None:
    papers = [*FILLER, a_paper("Tides")]

    found = rank(
        papers, Reader(Interests(tags=("sea",))), lambda paper: ("sea", "x") if paper.title == "Tides" else ("x",)
    )

    assert (found[0].paper.title, found[0].why) == ("Tides", ("tagged sea",))
    assert ranked(papers, topics=["tides"])[0].paper.title == "Tides"  # `no_tags` would raise


LIBRARY = [
    a_paper("Eel migration in brackish rivers", "We tag silver eels and follow their migration to the sea.", id="l1"),
    a_paper("Silver eels avoid turbines", "Eels in rivers with turbines turn back; migration is delayed.", id="l2"),
]


def test_papers_like_the_library_rise_and_the_nearest_is_named() -> None:
    like = a_paper("Turbines delay eels", "The migration of silver eels past turbines in rivers is slow.")

    found = rank([*FILLER, like], Reader(Interests(), library=LIBRARY), no_tags)

    assert found[0].paper == like
    assert found[0].why == ("like “Silver eels avoid turbines” of your library",)
    assert found[0].wanted
    assert not found[1].wanted


def test_what_was_liked_counts_less_than_the_library_and_what_was_not_sinks() -> None:
    like = a_paper("Turbines delay eels", "The migration of silver eels past turbines in rivers is slow.")
    papers = [*FILLER, like]

    library, liked, disliked = (
        next(one for one in rank(papers, reader, no_tags) if one.paper == like)
        for reader in (
            Reader(Interests(), library=LIBRARY),
            Reader(Interests(), liked=LIBRARY),
            Reader(Interests(), disliked=LIBRARY),
        )
    )

    assert library.score > liked.score > 0 > disliked.score
    assert liked.why == ("like “Silver eels avoid turbines”, which you liked",)
    assert disliked.why == ("like “Silver eels avoid turbines”, of which you wanted less",)
    assert not disliked.wanted


def test_a_paper_of_the_library_does_not_rise_for_being_itself() -> None:
    again = LIBRARY[0].model_copy(update={"id": "seen", "title": "Eel migration in brackish rivers!"})

    alone = rank([*FILLER, again], Reader(Interests(), library=[LIBRARY[0]]), no_tags)
    beside = rank([*FILLER, again], Reader(Interests(), library=LIBRARY), no_tags)

    assert next(one for one in alone if one.paper == again).score == 0
    assert beside[0].paper == again
    assert beside[0].why == ("like “Silver eels avoid turbines” of your library",)


def test_what_the_reader_says_of_their_work_counts_too() -> None:
    like = a_paper("Turbines delay eels", "The migration of silver eels past turbines is slow.")

    found = ranked([*FILLER, like], about="I study how eels migrate, and what turbines do to silver eels.")

    assert found[0].paper == like
    assert found[0].why[0].endswith(", as in what you work on")
    assert {"“silver”", "“eels”"} & set(re.findall("“.+?”", found[0].why[0]))


def test_votes_and_code_part_equals_and_never_beat_a_topic() -> None:
    voted = a_paper("Voted clay", upvotes=100_000, code_url="https://code.example.org/a")
    coded = a_paper("Coded clay", code_url="https://code.example.org/b")
    faint = a_paper("Zebra", "We fire pots, " + "more clay and more glaze, " * 40 + "and the net of sparse tides.")

    found = ranked(
        [*FILLER, voted, coded, faint], topics=[{"words": "attention to sparse and wide nets", "weight": 0.01}]
    )

    assert titles(found)[:3] == ["Zebra", "Voted clay", "Coded clay"]
    assert [one.why for one in found[1:4]] == [("100,000 votes", "with code"), ("with code",), ()]
    assert found[0].score > found[1].score > found[2].score > 0 == found[3].score


def test_without_any_wish_votes_decide_then_titles() -> None:
    papers = [a_paper("B"), a_paper("C", upvotes=1), a_paper("A"), a_paper("D", upvotes=7)]

    found = ranked(papers)

    assert titles(found) == ["D", "C", "A", "B"]
    assert [one.why for one in found] == [("7 votes",), ("1 vote",), (), ()]


def test_no_more_than_four_reasons_are_named_the_strongest_first() -> None:
    paper = a_paper("Tides, reeds", "Of silt and gulls.", authors=("Ada Lovelace",), categories=("cs.CL",), upvotes=3)

    found = ranked(
        [*FILLER, paper],
        topics=["tides", {"words": "reeds", "weight": 5}, "silt", "gulls"],
        authors=["Ada Lovelace"],
        categories=["cs"],
    )[0]

    assert found.why[:2] == ("“reeds” in the title", "by Ada Lovelace")
    assert len(found.why) == 4


WORDS = "tide reed silt gull pre-training pretraining data set dataset sparse attention networks the of".split()
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
PAPERS = st.lists(
    st.builds(
        lambda title, abstract, votes, author, code: (title, abstract, votes, author, code),
        TEXT,
        TEXT,
        st.sampled_from([None, 0, 1, 40]),
        st.sampled_from(["Ada Lovelace", "B. Lovelace", "Lovelace, A."]),
        st.sampled_from([None, "https://code.example.org"]),
    ),
    min_size=1,
    max_size=8,
).map(
    lambda rows: [
        a_paper(title, abstract, id=str(n), upvotes=votes, authors=(author,), code_url=code, categories=("cs.CL",))
        for n, (title, abstract, votes, author, code) in enumerate(rows)
    ]
)
WISHES = st.builds(
    lambda topics, exclude: {
        "topics": topics,
        "exclude": exclude,
        "authors": ["Ada Lovelace"],
        "categories": ["cs"],
        "about": "reed and silt",
    },
    st.lists(TEXT, max_size=3),
    st.lists(st.sampled_from(["gull", "data set", "math"]), max_size=1),
)


def run_together(text: str) -> str:
    """Stems without anything between them, so that "data set" and "dataset" are the same."""
    return "".join(map(stem, tokens(text)))


def is_true(reason: str, paper: Paper, library: Sequence[Paper]) -> bool:
    """Can a reader find the reason in the paper?"""
    both = run_together(f"{paper.title} {paper.abstract}")
    if found := re.fullmatch(r"“(.+)” in the (title|abstract)", reason):
        return run_together(found[1]) in run_together(paper.title if found[2] == "title" else paper.abstract)
    if found := re.fullmatch(r"(“.+”) of “(.+)”", reason):
        words = re.findall("“(.+?)”", found[1])
        return all(run_together(word) in both and word in tokens(found[2]) for word in words)
    if found := re.fullmatch(r"by (.+)", reason):
        return found[1] in paper.authors and found[1] != "B. Lovelace"
    if found := re.fullmatch(r"in (cs\..+)", reason):
        return found[1] in paper.categories
    if found := re.fullmatch(r"like “(.+)” of your library", reason):
        near = [one for one in library if one.title == found[1]]
        theirs = {stem(word) for one in near for word in tokens(f"{one.title} {one.abstract}")}
        return bool(theirs & {stem(word) for word in tokens(f"{paper.title} {paper.abstract}")})
    if found := re.fullmatch(r"(“.+”), as in what you work on", reason):
        return all(run_together(word) in both for word in re.findall("“(.+?)”", found[1]))
    if found := re.fullmatch(r"(\d+) votes?", reason):
        return paper.upvotes == int(found[1])
    return reason == "with code" and paper.code_url is not None


@settings(max_examples=60, deadline=None)
@given(PAPERS, WISHES, st.randoms(use_true_random=False))
def test_every_reason_is_true_and_the_order_of_what_comes_in_changes_nothing(
    papers: list[Paper], wishes: dict[str, object], chance: Random
) -> None:
    library = [a_paper("Reed and silt", "Of reed, of silt."), a_paper("Gull", "The tide, the gull.")]
    interests = Interests.model_validate(wishes)

    found = rank(papers, Reader(interests, library), no_tags)
    again = rank(chance.sample(papers, len(papers)), Reader(interests, chance.sample(library, len(library))), no_tags)

    assert found == again
    assert sorted(one.paper.id for one in found) == sorted(paper.id for paper in papers)
    assert [one for one in found if not all(is_true(reason, one.paper, library) for reason in one.why)] == []
    assert all(a.score >= b.score for a, b in pairwise(found) if a.excluded == b.excluded == "")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4), st.lists(st.text(min_size=1, max_size=8), max_size=3))
def test_any_text_can_be_ranked_by_any_wish(texts: list[str], wishes: list[str]) -> None:
    papers = [Paper.model_construct(id=str(n), title=text, abstract=text) for n, text in enumerate(texts)]
    some = tuple(wishes)
    interests = Interests.model_construct(
        authors=some, categories=some, tags=some, venues=some, exclude=some, about=" ".join(some)
    )

    assert len(rank(papers, Reader(interests, papers[:2]), lambda _: wishes)) == len(papers)


def test_a_model_is_told_of_the_reader_in_words_but_not_of_files() -> None:
    interests = Interests.model_validate(
        {
            "about": "Eels.\nAnd rivers.",
            "topics": ["tides", {"words": "sea ice", "weight": 2}],
            "authors": ["Ada Lovelace"],
            "library": ["/home/me/eels.bib"],
        }
    )

    assert in_words(interests) == (
        "Works on: Eels. And rivers.\nLooks for, most wanted first: sea ice; tides.\nFollows the authors: Ada Lovelace."
    )
    assert in_words(Interests()) == ""
