"""Addresses in running text are found whole, cut clean, and refused when they are not sane."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.text import links


def urls(text: str) -> list[str]:
    return [link.url for link in links.find(text)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Code: https://github.com/ada/loom.", "https://github.com/ada/loom"),
        ("(see https://github.com/ada/loom).", "https://github.com/ada/loom"),
        ("at [https://github.com/ada/loom-2] the", "https://github.com/ada/loom-2"),
        (r"at \url{https://github.com/ada/big\_loom}", "https://github.com/ada/big_loom"),
        ("https://en.example.org/wiki/Loom_(textile)).", "https://en.example.org/wiki/Loom_(textile)"),
        ("on http://www.cs.example.edu/~ada/, too", "http://www.cs.example.edu/~ada/"),
        ("on <https://loom.example.org:8443/x?a=b#c>;", "https://loom.example.org:8443/x?a=b#c"),
        ("https://github.com/ada/loom.We also weave", "https://github.com/ada/loom"),
        ("https://github.com/ada/loom,and more", "https://github.com/ada/loom"),
        ("the codehttps://github.com/ada/loom", "https://github.com/ada/loom"),
        ("at github.com/ada/Loom.jl.", "https://github.com/ada/Loom.jl"),
        ("at sites.google.com/view/loom", "https://sites.google.com/view/loom"),
        ("visit loom.github.io.", "https://loom.github.io"),
        ("visit www.example.org.", "https://www.example.org"),
    ],
)
def test_an_address_is_cut_out_of_the_punctuation_around_it(text: str, url: str) -> None:
    assert urls(text) == [url]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://github.com/ ada/loom and", ["https://github.com/ada/loom"]),
        ("see github. com/ada/loom.", ["https://github.com/ada/loom"]),
        ("see github .com/ada/loom .", ["https://github.com/ada/loom"]),
        ("https: //github.com/ada/loom", ["https://github.com/ada/loom"]),
        ("https://github.com/ada/ big-loom.", ["https://github.com/ada/big-loom"]),
        ("https://github.com/ada/ contains it", ["https://github.com/ada/"]),
        ("https://github.com/ and/or elsewhere", []),
    ],
)
def test_a_space_inside_an_address_is_mended_and_no_wrong_word_is_glued_on(text: str, found: list[str]) -> None:
    assert urls(text) == found


def test_a_link_knows_where_it_was_written() -> None:
    text = "Here (github.com/ ada/loom), or https://example.org/x."

    assert [text[link.start : link.end] for link in links.find(text)] == [
        "github.com/ ada/loom",
        "https://example.org/x",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://127.0.0.1/x",
        "http://localhost:8080/admin",
        "https://github.com@evil.example/x",
        "https://ada:secret@example.org/x",
        "http://blinded_for_review/",
        "https://github.com/",
        "https://exämple.org/x",
        "https://example.orgé/x",
        "ada@github.com/x",
        "https://example.org/" + "x" * 400,
    ],
)
def test_what_is_no_sane_web_address_is_no_link(text: str) -> None:
    assert urls(text) == []


@pytest.mark.parametrize(
    "text", ["see https://github.com/ada/loom", "https://a.example.org https://b.example.org", "", "x"]
)
def test_a_metadata_field_must_hold_one_address_and_nothing_else(text: str) -> None:
    assert links.only(text) is None


def test_a_metadata_field_may_have_punctuation_around_its_address() -> None:
    assert links.only(" <https://github.com/ada/loom>. ") == "https://github.com/ada/loom"


def test_repositories_pages_and_videos_are_told_apart() -> None:
    repositories = [
        "https://github.com/a/b",
        "https://gitlab.example.fr/a",
        "https://huggingface.co/a",
        "https://doi.org/10.5281/z",
    ]
    pages = ["https://loom.github.io", "https://huggingface.co/spaces/a/b", "https://github.com.example.org/a/b"]
    elsewhere = ["https://youtu.be/x", "https://arxiv.org/abs/1234.56789", "https://doi.org/10.1000/182"]

    assert [links.is_repository(url) for url in repositories + pages + elsewhere] == [True] * 4 + [False] * 6
    assert [links.is_page(url) for url in pages] == [True, True, False]
    assert [links.is_elsewhere(url) for url in repositories + pages + elsewhere] == [False] * 7 + [True] * 3


PIECES = [
    "https://",
    "http:/",
    "github",
    ".com",
    "/",
    " ",
    "a_b",
    "C-3",
    ")",
    "(",
    ".",
    "\0",
    "\u202e",
    "@",
    "é",
    "www.",
    ",",
    "\\",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60))
def test_whatever_the_text_every_link_is_plain_ascii_and_in_its_place(text: str) -> None:
    last = 0
    for link in links.find(text):
        assert last <= link.start < link.end <= len(text)
        assert link.url.isascii()
        assert link.url.isprintable()
        assert not set(link.url) & set(" \"'<>`{}\\")
        assert link.url.lower().startswith(("http://", "https://"))
        assert "@" not in link.url.split("/")[2]
        assert link.url.endswith(text[link.start : link.end].replace("\\", "")[-3:].split(" ")[-1])
        last = link.end


@pytest.mark.parametrize(
    "unit",
    ["(((a+)+)+ www. http://http://", "github.com/ ", "a-", "http: ", "https://github.com/a/ b_c ", "https://x.io/)"],
)
def test_every_link_of_a_long_hostile_text_is_where_it_says(unit: str) -> None:
    text = unit * (300_000 // len(unit))

    found = links.find(text)

    assert all(0 <= link.start < link.end <= len(text) for link in found)
