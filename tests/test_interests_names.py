"""Is this author the one that a reader follows?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.interests.names import Followed


@pytest.mark.parametrize(
    ("followed", "author"),
    [
        ("Ada Lovelace", "A. Lovelace"),
        ("Ada Lovelace", "Lovelace, Ada"),
        ("Ada Lovelace", "LOVELACE, Ada K."),
        ("Ada Lovelace", "Ada King Lovelace"),
        ("Ada Lovelace", "Lovelace AK"),
        ("Lovelace, Ada", "Ada Lovelace"),
        ("Ada K. Lovelace", "A. King Lovelace"),
        ("Ada Lovelace", "Ada Lovelace, PhD"),
        ("Lovelace", "Ada Lovelace"),
        ("Jörg Müller", "Jorg Muller"),
        ("Søren Łukasz", "Soren Lukasz"),
        ("Vincent van Gogh", "van Gogh, V."),
        ("Xiaoming Li", "Xiao-Ming Li"),
        ("Jean-Pierre Serre", "J.-P. Serre"),
        ("Flann O'Brien", "Flann O’Brien"),
        ("The Tide Collaboration", "The Tide Collaboration"),
    ],
)
def test_a_name_is_known_in_the_forms_that_sources_write(followed: str, author: str) -> None:
    assert Followed([followed]).among(["Bo Chen", author]) == [author]


@pytest.mark.parametrize(
    ("followed", "author"),
    [
        ("Ada Lovelace", "B. Lovelace"),
        ("Ada Lovelace", "Bea Lovelace"),
        ("Ada Lovelace", "Lovelace"),
        ("Ada Lovelace", "Ada Loveless"),
        ("Ada Lovelace", "Lovelace Ada King"),
        ("Ada K. Lovelace", "Ada B. Lovelace"),
        ("Lovelace", "Lovelace Jones"),
        ("...", "Ada Lovelace"),
    ],
)
def test_another_name_is_not(followed: str, author: str) -> None:
    assert Followed([followed]).among([author]) == []


def test_a_followed_author_counts_once_and_several_count_each() -> None:
    found = Followed(["Ada Lovelace", "Lovelace, Ada", "Bo Chen"]).among(["A. Lovelace", "Bo Chen", "Ada Lovelace"])

    assert found == ["A. Lovelace", "Bo Chen"]


@given(st.lists(st.text(max_size=12)), st.lists(st.text(max_size=12)))
def test_any_text_may_be_a_name(followed: list[str], authors: list[str]) -> None:
    assert set(Followed(followed).among(authors)) <= set(authors)
