import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.text.sentences import split

PIECES = st.sampled_from(
    ["e.g. ", "end.The ", ". ", "? ", "A. ", "3.5 ", "(Fig. 2) ", "[3]. ", "\n", "word ", "。", '"', ") ", "1. "]
)


@pytest.mark.parametrize(
    "whole",
    [
        "We sort ants, e.g. Red ones, i.e. Those that bite, cf. Figures by Lee et al. (2019) vs. Those of others.",
        "As Fig. 3, Eq. (4), Sec. II and App. B show, No. 7 costs 3.5 times as much.",
        "J. R. Smith and A. B. Lee wrote it in the U.S. Senate.",
        "The code stands at https://ants.example.org/Maps.html?x=1.Y and in ant.nest.Map today.",
        "Errors are i.i.d. Gaussian w.r.t. Maps.",
        "It was done on Oct. 4 by Prof. Lee of Ant Inc. Zurich.",
        "Ants (bees, wasps, etc.) can be sorted.",
        "We follow three steps: 1. Sort the ants, 2. Count them, and 3. Feed them.",
    ],
)
def test_what_is_one_sentence_stays_whole(whole: str) -> None:
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Ants are small.", "We sort them!", "Is it fast?", "Yes."],
        ["Ants are known [3].", "Bees are not [4, 5].", "Wasps?"],
        ["Maps help.", "kMaX finds them.", "m2mKD learns them.", "eP-ALM reads them.", "3 ants agree."],
        ["She said “it works.”", "We agree (at last).", '"So do I."', "(All do.)"],
        ["It lacks vitamin C.", "We add it.", "It follows Lee et al.", "However, it is new."],
        ["It sells maps, ants, etc.", "Buyers like them."],
        ["It is shown for all n.", "Experiments agree."],
        ["It rests on two ideas.", "(i) ants sort.", "(ii) maps fold."],
    ],
)
def test_sentences_are_told_apart(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_missing_space_after_a_full_stop_is_seen() -> None:
    assert split("This is the end.The next one begins.[3] It ends at 0.5.We stop.") == [
        "This is the end.",
        "The next one begins.[3]",
        "It ends at 0.5.",
        "We stop.",
    ]


def test_a_newline_divides() -> None:
    assert split("A heading\n\n  Its text goes on.  \n") == ["A heading", "Its text goes on."]


def test_a_numbered_list_keeps_its_numbers() -> None:
    assert split("1. We sort ants. 2. We count them.") == ["1. We sort ants.", "2. We count them."]


def test_chinese_sentences_need_no_space() -> None:
    assert split("蚂蚁很小。我们排序！好吗？") == ["蚂蚁很小。", "我们排序！", "好吗？"]


@settings(max_examples=80)
@given(st.text(max_size=200) | st.lists(PIECES, max_size=30).map("".join))
def test_nothing_is_lost_and_nothing_is_empty(text: str) -> None:
    sentences = split(text)

    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence and sentence == sentence.strip() and sentence in text for sentence in sentences)


@pytest.mark.parametrize("piece", ["e.g. ", ".", ". ", ".)", "A. ", "end.The", "[1,", ".[1,", "1. ", "! ?", "。"])
def test_nothing_of_a_long_hostile_text_is_lost(piece: str) -> None:
    text = piece * (300_000 // len(piece))

    assert "".join("".join(split(text)).split()) == "".join(text.split())
