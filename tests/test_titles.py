"""What a title says once its wrappings are off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.dedupe.titles import generic, notice, numbers, title_key, unwrapped

PLAIN = "Tidal locks for memory: a fine-grained study"
KEY = "tidal locks for memory a fine grained study"


@pytest.mark.parametrize(
    "written",
    [
        PLAIN.upper(),
        PLAIN.title() + ".",
        PLAIN.replace(":", " —").replace("-", "\u2011"),
        PLAIN.replace("fi", "ﬁ"),
        PLAIN.replace("o", "\u03bf"),
        PLAIN.replace("a", "\u0430"),
        PLAIN.replace("e", "é"),
        PLAIN.replace(" ", "\u00a0").replace("mem", "me\u200bm"),
        PLAIN.replace("memory", "mem-\nory"),
        f"“{PLAIN}”",
        f"arXiv:2310.06227v2 {PLAIN}",
        f"[2310.06227] {PLAIN}",
        f"{PLAIN} (ICLR 2024)",
        f"{PLAIN} - NeurIPS 2023",
        f"{PLAIN}. Accepted at NeurIPS",
        f"[Extended Abstract] {PLAIN}",
        f"(Withdrawn) {PLAIN}",
        f"Title: {PLAIN}",
        f"{PLAIN} (Preprint)",
        f"[ICML'24 Workshop] arXiv 1234.56789v2 {PLAIN} (oral)",
    ],
)
def test_a_title_has_one_key_however_it_is_written(written: str) -> None:
    assert title_key(written) == KEY


def test_full_width_letters_are_letters() -> None:
    assert title_key("Ｆｕｌｌｗｉｄｔｈ ＢＥＲＴ model") == "fullwidth bert model"


def test_unseen_characters_do_not_divide_words() -> None:
    assert (
        title_key("Zero\u200bWidth\u200c Join\u200der\ufeff and soft\u00adhyphen") == "zerowidth joiner and softhyphen"
    )


def test_a_greek_letter_that_stands_alone_is_called_by_its_name() -> None:
    assert title_key("β-carotene and the σ, Σ of it") == "beta carotene and the sigma sigma of it"


def test_a_plus_is_a_part_of_a_name() -> None:
    assert title_key("GridNet+: grids") != title_key("GridNet: grids")


@pytest.mark.parametrize("title", ["Preprint", "[2310.06227]", "ICLR 2024", "???", "深度学习"])
def test_a_title_is_never_unwrapped_to_nothing(title: str) -> None:
    assert title_key(title)


@pytest.mark.parametrize(
    "title",
    ["Retraction of the tongue in frogs", "Drafts of wind", "ACL injuries in ICU 2020 data", "Overview of CLEF 2023"],
)
def test_words_that_only_look_like_wrappings_stay(title: str) -> None:
    assert title_key(title) == title.casefold()


def test_numbers_are_found_in_every_spelling() -> None:
    assert numbers(unwrapped("Reefs, Part II: GPT-4 on 3D maps")) == {"2", "4", "3d"}
    assert numbers(unwrapped("Reefs, Part Two")) == numbers(unwrapped("Reefs II")) == {"2"}


def test_the_first_person_is_no_number() -> None:
    assert numbers(unwrapped("Can I trust the tide?")) == frozenset()


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ('A Comment on "Reefs"', "comment"),
        ("Reply to: Reefs", "reply"),
        ("[Re] Reefs", "reproduction"),
        ("Reproducing Reefs", "reproduction"),
        ("Reefs: A Replication Study", "reproduction"),
        ("Erratum: Reefs", "erratum"),
        ("Reefs: A Rebuttal", "reply"),
        ("Responses of reefs: a model", ""),
        ("Reproducing kernel spaces of reefs", ""),
        ("Reproducible reefs", ""),
        ("Responses of reefs to light", ""),
    ],
)
def test_a_notice_says_what_it_is(title: str, kind: str) -> None:
    assert notice(unwrapped(title)) == kind


def test_a_generic_title_says_nothing() -> None:
    assert generic(title_key("Introduction to the Special Issue"))
    assert not generic(title_key("Introduction to Reefs"))


@given(st.lists(st.text("bcdfghjklnpqrt", min_size=3, max_size=9), min_size=2, max_size=9))
def test_case_and_wrappings_never_change_a_key(words: list[str]) -> None:
    title = " ".join(words)

    assert title_key(f"[2310.06227] {title.upper()} (ICLR 2024)") == title_key(f"{title.title()}.") == title


@given(st.text())
def test_any_string_has_a_key_of_single_spaced_words(title: str) -> None:
    key = title_key(title)

    assert key == " ".join(key.split())


@pytest.mark.parametrize(
    "piece", ["a", "[", "arxiv ", "-\n", "- ", "(accepted at ", "1", "+", "é", "\u200b", " ii", "re: "]
)
def test_a_long_hostile_title_has_a_key_of_single_spaced_words(piece: str) -> None:
    title = piece * (300_000 // len(piece))

    key = title_key(title)

    assert key == " ".join(key.split())
