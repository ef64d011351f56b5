import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.text.words import content, stem, stems, words


def test_words_are_lower_case_hyphens_divide_and_apostrophes_do_not() -> None:
    assert words("The Ant-sorter's 2nd_MAP, isn't GPT-4!") == [
        "the",
        "ant",
        "sorter's",
        "2nd",
        "map",
        "isn't",
        "gpt",
        "4",
    ]


@pytest.mark.parametrize(
    "same",
    [
        "model models",
        "study studies studied",
        "learn learns learned learning",
        "propose proposes proposed proposing",
        "class classes",
    ],
)
def test_the_forms_of_a_word_share_a_stem(same: str) -> None:
    assert len(set(map(stem, same.split()))) == 1


@pytest.mark.parametrize("different", ["bus bush", "thing thin", "corpus corp", "ring red"])
def test_different_words_keep_different_stems(different: str) -> None:
    one, other = different.split()

    assert stem(one) != stem(other)


def test_content_leaves_stopwords_and_single_letters_out() -> None:
    assert content("We propose a sorter of the maps x") == {"propos", "sorter", "map"}


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_any_text_has_words_and_content(text: str) -> None:
    assert stems(words(text)) == content(text)
    assert all(word == word.casefold() and not any(map(str.isspace, word)) for word in words(text))
