"""Who gets the mail, and the token that lets them out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.delivery.readers import Reader, lines, reader, readers, token, whose
from digestor.errors import DeliveryError

SECRET = "sixteen letters and more"
ADDRESSES = st.from_regex(r"[a-z0-9]{1,20}(?:[.+_-][a-z0-9]{1,10})?@[a-z]{1,10}\.(?:org|de|fr)", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ann@example.org", Reader("ann@example.org")),
        ("  Ann Lee <ann@example.org> ", Reader("ann@example.org", "Ann Lee")),
        ('"Lee, Ann" <ann@EXAMPLE.org>', Reader("ann@example.org", "Lee, Ann")),
        (r'"The \"real\" Ann" <ann@example.org>', Reader("ann@example.org", 'The "real" Ann')),
        ("Änne Müller. <ann@bücher.example.org>", Reader("ann@xn--bcher-kva.example.org", "Änne Müller.")),
        ("<ann@example.org>", Reader("ann@example.org")),
    ],
)
def test_an_address_is_read_with_or_without_a_name(written: str, meant: Reader) -> None:
    assert reader(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ann",
        "ann@example",
        "ann@localhost",
        "ann@@example.org",
        "ann@example.org, bob@example.org",
        "ann@example.org bob@example.org",
        "ann@example.org\nBcc: bob@example.org",
        "Ann\r\nBcc: bob@example.org <ann@example.org>",
        "An\u2028n <ann@example.org>",
        "An\x00n <ann@example.org>",
        f"{'A' * 201} <ann@example.org>",
        "ann@[127.0.0.1]",
        '"ann lee"@example.org',
        "änn@example.org",
        "<<ann@example.org>>",
        "x" * 300 + "@example.org",
    ],
)
def test_what_is_no_single_address_is_refused_in_words_that_do_not_repeat_it(written: str) -> None:
    with pytest.raises(ValueError, match=r"\w+") as refused:
        reader(written)

    assert "example.org" not in str(refused.value)


def test_a_file_has_comments_blank_lines_and_a_mark_at_its_start(tmp_path: Path) -> None:
    file = tmp_path / "readers.txt"
    text = "# our readers\r\n\r\nAnn <ann@example.org>  # since May\r\nbob+news#1@example.org\n#x@example.org\n"
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())

    assert readers((), file) == [Reader("ann@example.org", "Ann"), Reader("bob+news#1@example.org")]
    assert [number for number, _ in lines(file)] == [3, 4]


def test_who_is_written_twice_gets_one_mail_and_the_list_comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "readers.txt"
    file.write_text("cy@example.org\nANN@Example.org\n", encoding="utf-8")

    assert readers(["Ann <ann@example.org>", "bob@example.org", "ann@example.org"], file) == [
        Reader("ann@example.org", "Ann"),
        Reader("bob@example.org"),
        Reader("cy@example.org"),
    ]


def test_all_faults_are_told_at_once_with_their_lines_and_without_the_addresses(tmp_path: Path) -> None:
    file = tmp_path / "readers.txt"
    file.write_text("ann@example.org\nsecret.person@@corp.example.org\n\nnobody\n", encoding="utf-8")

    with pytest.raises(DeliveryError) as refused:
        readers(["ann@example.org", "hidden@"], file)

    said = str(refused.value)
    assert "recipients[1]: " in said
    assert f"{file}:2: " in said
    assert f"{file}:4: " in said
    assert not any(word in said for word in ("secret", "hidden", "corp", "ann@"))


def test_of_very_many_faults_the_first_are_told_and_the_rest_counted() -> None:
    with pytest.raises(DeliveryError, match="and 80 more"):
        readers(["nobody"] * 100)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "readers.txt"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(DeliveryError, match=r"readers\.txt: cannot be read"):
        readers((), file)


def test_no_readers_is_no_fault() -> None:
    assert readers(()) == []


@given(ADDRESSES)
def test_a_token_says_nothing_of_its_reader_and_differs_with_the_secret(address: str) -> None:
    made = token(SECRET, address)

    assert len(made) == 26
    assert made.isalnum()
    assert made == token(SECRET, address.upper())
    assert made != token(SECRET + "x", address)
    assert made != token(SECRET, "x" + address)


@given(st.lists(ADDRESSES, min_size=1, max_size=5, unique=True), st.data())
def test_a_token_survives_being_pasted(addresses: list[str], data: st.DataObject) -> None:
    among = [Reader(address) for address in addresses]
    one = data.draw(st.sampled_from(among))
    made = token(SECRET, one.address)
    cut = data.draw(st.integers(0, 26))
    before, broken, after = data.draw(
        st.tuples(
            st.sampled_from(
                ["", "https://example.org/u/", "<https://example.org/?t=", "unsubscribe ", "unsubscribe%20"]
            ),
            st.sampled_from(["", "\r\n", " ", "\u200b", "\n> "[:1]]),
            st.sampled_from(["", ".", ">", " \n", '">', "),"]),
        )
    )

    assert whose(before + made[:cut] + broken + made[cut:].upper() + after, among, SECRET) == one


@given(st.text(max_size=80), ADDRESSES)
def test_what_is_no_token_is_nobodys(pasted: str, address: str) -> None:
    assert whose(pasted, [Reader(address)], SECRET) is None


@given(ADDRESSES, st.integers(0, 25), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_one_letter_changed_is_nobodys(address: str, at: int, letter: str) -> None:
    made = token(SECRET, address)
    changed = made[:at] + letter + made[at + 1 :]

    found = whose(changed, [Reader(address)], SECRET)

    assert (found is None) == (changed != made)
