"""XML of others: read whole or not at all, and nothing of it is done."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.sources.markup import child_text, children, descendants, local, parse_xml, text_of

LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
BOMB = b'<!DOCTYPE a [<!ENTITY l0 "lol">' + LAUGHS + b"]><a>&l9;</a>"
QUIET_BOMB = b'<!DOCTYPE a [<!ENTITY l0 "lol">' + LAUGHS + b"]><a b='&l3;'/>"

UNREADABLE = {
    "nothing": (b"", "it is empty"),
    "blanks": (b" \n\t", "it is empty"),
    "a NUL": (b"\x00", "Document is empty"),
    "a NUL in text": (b"<a>\x00</a>", "Invalid character"),
    "text": (b"Rate exceeded.", "it is text: 'Rate exceeded.'"),
    "a web page": (b"<!DOCTYPE html><html><body>Busy<br></body></html>", "it is a web page"),
    "a tidy web page": (b"<html><body>Busy</body></html>", "it is a web page"),
    "a short web page": (b"<!DOCTYPE HTML><title>Busy</title>", "it is a web page"),
    "a beginning": (b"<a><b>half", "Premature end of data"),
    "two roots": (b"<a/><b/>", "Extra content"),
    "a comment": (b"<!-- nobody -->", "Start tag expected"),
    "an encoding nobody knows": (b'<?xml version="1.0" encoding="klingon"?><a/>', "Unsupported encoding"),
    "an encoding it does not have": (b'<?xml version="1.0" encoding="utf-8"?><a>\xff</a>', "Invalid bytes"),
    "a bomb": (BOMB, "amplification"),
    "a bomb in an attribute": (QUIET_BOMB, "it defines entities"),
    "an entity nobody defined": (b"<a>&boo;</a>", "Entity 'boo' not defined"),
    "100,000 elements deep": (b"<a>" * 100_000 + b"</a>" * 100_000, "Excessive depth"),
    "a text without end": (b"<a>" + b"x" * 11_000_000 + b"</a>", "too long"),
    "too many elements": (b"<a>" + b"<b/>" * 3_000_001 + b"</a>", "too many elements"),
    "too many attributes": (b"<a><b " + b'c="" ' * 3_000_001 + b"/></a>", "too many elements"),
    "a number beyond Unicode": (b"<a>&#x99999999999;</a>", "out of bounds"),
    "half a character": (b"<a>&#xD800;</a>", "invalid xmlChar"),
    "a prefix nobody bound": (b"<x:a/>", "prefix x"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_not_all_of_an_xml_document_is_refused_and_the_reason_told(name: str) -> None:
    body, reason = UNREADABLE[name]

    with pytest.raises(SourceError) as refused:
        parse_xml(body, "reply.xml")

    assert refused.value.where == "reply.xml"
    assert refused.value.what.startswith("is not XML that can be read: ")
    assert reason in refused.value.what
    assert refused.value.todo
    assert len(refused.value.what) < 300


def test_a_file_of_this_machine_is_not_read_through_an_entity() -> None:
    with pytest.raises(SourceError, match="defines entities"):
        parse_xml(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "reply.xml")


def test_a_document_type_that_is_kept_elsewhere_is_not_fetched_and_does_no_harm() -> None:
    root = parse_xml(b'<!DOCTYPE a PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd"><a>1&nbsp;2</a>', "reply.xml")

    assert text_of(root) == "1&nbsp;2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_that_a_document_declares_is_used(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><a>é</a>'.encode(encoding)

    assert text_of(parse_xml(body, "reply.xml")) == "é"


def test_blank_lines_before_a_document_are_no_fault() -> None:
    assert local(parse_xml(b'\xef\xbb\xbf\r\n\n<?xml version="1.0"?><a/>', "reply.xml")) == "a"


def test_elements_are_found_by_name_in_any_namespace_and_none() -> None:
    root = parse_xml(b'<a xmlns="urn:1" xmlns:y="urn:2"><y:b>1</y:b><b>2</b><c><b xmlns="">3</b></c></a>', "reply.xml")

    assert [text_of(found) for found in children(root, "b")] == ["1", "2"]
    assert [text_of(found) for found in children(root, "c", "b")] == ["1", "2", "3"]
    assert [text_of(found) for found in descendants(root, "b")] == ["1", "2", "3"]
    assert [local(found) for found in descendants(root)] == ["a", "b", "b", "c", "b"]


def test_comments_and_instructions_are_neither_elements_nor_text() -> None:
    root = parse_xml(b"<a>1<!-- two -->3<?four five?>6<b>7</b>8</a>", "reply.xml")

    assert text_of(root) == "13678"
    assert [local(found) for found in children(root)] == ["b"]
    assert [local(found) for found in root] == ["", "", "b"]


def test_the_text_of_a_child_is_that_of_the_first_which_has_any() -> None:
    root = parse_xml(b"<a><b> </b><b>\n one <i>and</i> a half\n</b><b>two</b></a>", "reply.xml")

    assert child_text(root, "b") == "one and a half"
    assert child_text(root, "c") == ""


@given(st.binary(max_size=400))
def test_whatever_the_bytes_are_nothing_but_a_source_error_is_raised(body: bytes) -> None:
    for tried in (body, b"<a>" + body + b"</a>", b'<?xml version="1.0" encoding="' + body + b'"?><a/>'):
        with suppress(SourceError):
            assert isinstance(text_of(parse_xml(tried, "reply.xml")), str)
