import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Reply
from digestor.sources import answers
from digestor.sources.answers import Page
from tests.fakes import a_paper

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def made(value: Mapping[str, object], where: str) -> Paper | Problem:
    """A paper of the number in a value."""
    number = value.get("n")
    return a_paper(number) if isinstance(number, int) else Problem(where=where, what="has no number", lost=1)


def pages(*found: Page) -> tuple[list[str], Callable[[str], Page]]:
    """Pages given one after another, and what they were asked for with."""
    asked: list[str] = []

    def page_at(mark: str) -> Page:
        asked.append(mark)
        return found[len(asked) - 1]

    return asked, page_at


def numbered(*numbers: int) -> list[object]:
    return [{"n": number} for number in numbers]


# JSON


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_is_read_in_any_encoding_it_is_saved_in(encoding: str) -> None:
    assert answers.read_json('{"title": "Gezeiten – über Flüsse"}'.encode(encoding), "f") == {
        "title": "Gezeiten – über Flüsse"
    }


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html>busy</html>", "is not JSON"),
        (b'{"a": [1, 2', "is not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b"1" * 5_000, "is not JSON"),
        (b"\x00\x00\x00", "is not JSON"),
    ],
)
def test_what_is_no_json_is_refused_in_words(body: bytes, what: str) -> None:
    with pytest.raises(SourceError) as caught:
        answers.read_json(body, "saved.json")

    assert caught.value.where == "saved.json"
    assert what in caught.value.what
    assert caught.value.todo


def test_json_that_is_too_long_is_not_even_looked_at() -> None:
    with pytest.raises(SourceError, match="longer than 10 bytes"):
        answers.read_json(b"this is no JSON", "f", most=10)


@pytest.mark.parametrize("unit", [b"[],", b"{},", b"1,"])
def test_json_of_too_many_values_is_refused_before_it_fills_the_memory(unit: bytes) -> None:
    with pytest.raises(SourceError, match="too many values"):
        answers.read_json(b"[" + unit * 3_000_001 + b"0]", "f")


def test_bytes_that_are_no_utf_8_cost_a_letter_and_not_the_answer() -> None:
    assert answers.read_json(b'{"title": "caf\xe9"}', "f") == {"title": "caf\ufffd"}


def test_a_control_character_in_a_text_is_read() -> None:
    assert answers.read_json(b'{"title": "a\nb"}', "f") == {"title": "a\nb"}


@given(st.binary())
@example(b"\xff\xfe")
@example(b'"\\ud800"')
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(SourceError):
        answers.read_json(body, "f")


# What a site says of a refusal


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"error": "Invalid filter", "message": "no such field: <b>athor</b>"}, "no such field: athor"),
        ({"error": "Unsupported\nfields"}, "Unsupported fields"),
        (
            {"status": "failed", "message": [{"type": "x", "message": "this filter does not exist"}]},
            "this filter does not exist",
        ),
        ({"message": {"odd": 1}}, ""),
        ([], ""),
        ({"error": "x" * 500}, "x" * 200),
    ],
)
def test_a_refusal_is_told_in_the_sites_words(value: object, words: str) -> None:
    assert answers.said(json.dumps(value).encode()) == words


def test_a_refusal_in_no_words_at_all_is_still_an_error() -> None:
    with pytest.raises(SourceError, match=r"HTTP 400\): no reason given"):
        answers.accepted(Reply(400, b"<html>"), "site", "look at the config")


def test_a_refusal_that_repeats_the_key_is_not_passed_on() -> None:
    with pytest.raises(SourceError) as caught:
        answers.accepted(Reply(400, b'{"error": "bad key abc123"}'), "site", "look at the config", key="abc123")

    assert "abc123" not in str(caught.value)


# Odd values


def test_a_text_is_a_text_or_a_number_that_stands_for_one() -> None:
    values: tuple[object, ...] = ("a", 12, True, None, 1.5, [], {}, 10**40)

    assert [answers.text(value) for value in values] == [
        "a",
        "12",
        "",
        "",
        "",
        "",
        "",
        "",
    ]


def test_an_identifier_has_no_blanks_breaks_or_half_characters() -> None:
    odd: tuple[object, ...] = ("10.1/a b", "10.1/a\u2028b", "10.1/\ud800", "10.1/a\x00", None)

    assert [answers.identifier(value) for value in odd] == [""] * 5
    assert answers.identifier(" 10.1/a ") == "10.1/a"


def test_the_first_of_a_list_is_the_first_text_that_is_not_empty() -> None:
    values: tuple[object, ...] = ("a", ["", None, "b", "c"], [], None, {"a": 1})

    assert [answers.first(value) for value in values] == ["a", "b", "", "", ""]


def test_a_count_is_a_whole_number_that_is_not_negative() -> None:
    assert [answers.number(value) for value in (0, 7, -1, True, "7", None, 7.0)] == [0, 7, None, None, None, None, None]


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ([[2026, 11, 16]], date(2026, 11, 16)),
        ([["2026", "11", "16"]], date(2026, 11, 16)),
        ([[2026, 11, 16, 9]], date(2026, 11, 16)),
        ([[2026, 11]], None),
        ([[2026]], None),
        ([[]], None),
        ([[None]], None),
        ([], None),
        (None, None),
        ([[2026, 2, 30]], None),
        ([[-1, 1, 1]], None),
        ([[10**30, 1, 1]], None),
        ([[1, 1, 1]], None),
        ([["٢٠٢٦", "1", "1"]], None),
    ],
)
def test_a_day_has_a_year_a_month_and_a_day(parts: object, day: date | None) -> None:
    assert answers.day({"date-parts": parts}) == day


@given(ODD)
def test_any_value_is_taken_for_what_it_is_or_for_nothing(value: object) -> None:
    assert isinstance(answers.text(value) + answers.identifier(value) + answers.first(value), str)
    assert all(isinstance(item, dict) for item in answers.objects(value))
    assert answers.day(value) is None or isinstance(value, dict)
    assert answers.day({"date-parts": value}) is None or isinstance(value, list)


@pytest.mark.parametrize(
    ("abstract", "left"),
    [
        ("Abstract We count tides.", "We count tides."),
        ("ABSTRACT we count tides.", "we count tides."),
        ("Abstract: tides are counted.", "tides are counted."),
        ("Abstract — 12 tides.", "12 tides."),
        ("<jats:title>Abstract</jats:title><jats:p>Tides.</jats:p>", "<jats:p>Tides.</jats:p>"),
        ('\n  <jats:title id="t1">Summary</jats:title>\n  <jats:p>Tides.</jats:p>', "<jats:p>Tides.</jats:p>"),
        ("<jats:p>Abstract Tides rise.</jats:p>", "Tides rise.</jats:p>"),
        ("Abstract machines are counted.", "Abstract machines are counted."),
        ("Abstract Interpretation is sound.", "Abstract Interpretation is sound."),
        ("Abstraction. Tides.", "Abstraction. Tides."),
        ("Summary judgements are quick.", "Summary judgements are quick."),
        ("<jats:title>Background</jats:title><jats:p>Tides.</jats:p>",) * 2,
    ],
)
def test_only_the_heading_abstract_is_dropped(abstract: str, left: str) -> None:
    assert answers.without_heading(abstract) == left


def test_a_heading_that_never_ends_is_no_heading() -> None:
    endless = "<jats:title>Abstract" + " " * 1_000_000

    assert answers.without_heading(endless) == endless


# Records and pages


def test_what_is_no_record_is_a_problem_in_its_place() -> None:
    found = list(answers.each([{"n": 1}, None, "text", {"n": "x"}, {"n": 2}], "f", made))

    assert [item.id if isinstance(item, Paper) else item.where for item in found] == [
        "p1",
        "f:record 2",
        "f:record 3",
        "f:record 4",
        "p2",
    ]
    assert sum(item.lost for item in found if isinstance(item, Problem)) == 3


def test_many_bad_records_are_told_in_one_sum_and_none_is_uncounted() -> None:
    problems = [item for item in answers.each([1] * 1_000, "f", made) if isinstance(item, Problem)]

    assert len(problems) == answers.TOLD + 1
    assert sum(problem.lost for problem in problems) == 1_000


def test_an_answer_of_too_many_records_is_read_so_far_and_the_rest_counted() -> None:
    *_, last = answers.each([1] * 50_007, "f", made)

    assert isinstance(last, Problem)
    assert last.what == "has 50,007 records; only 50,000 were read"
    assert last.lost == 7


def test_pages_are_read_until_there_is_nothing_more() -> None:
    asked, page_at = pages(Page(numbered(1, 2), 3, "b"), Page(numbered(3), 3, "c"))

    found = list(answers.leaf(page_at, "a", 10, "site", made))

    assert [paper.id for paper in found if isinstance(paper, Paper)] == ["p1", "p2", "p3"]
    assert len(found) == 3
    assert asked == ["a", "b"]


def test_a_site_that_gives_the_same_mark_for_ever_is_left() -> None:
    asked, page_at = pages(Page(numbered(1), None, "b"), Page(numbered(2), None, "b"))

    assert len(list(answers.leaf(page_at, "a", 10, "site", made))) == 2
    assert asked == ["a", "b"]


def test_an_empty_page_ends_it_and_says_what_is_missing() -> None:
    _, page_at = pages(Page(numbered(1), 5, "b"), Page([], 5, "c"))

    *_, last = answers.leaf(page_at, "a", 10, "site", made)

    assert isinstance(last, Problem)
    assert last.what == "gave 1 of 5 papers and no more"


@pytest.mark.parametrize(
    ("page", "what"),
    [
        (Page(numbered(1, 2, 3), 5_000, "b"), "has 4,998 more papers than the 2 that were read"),
        (Page(numbered(1, 2, 3), None, ""), "has 1 more papers than the 2 that were read"),
        (Page(numbered(1, 2), None, "b"), "has more than 2"),
    ],
)
def test_what_is_more_than_wanted_is_counted_and_told(page: Page, what: str) -> None:
    asked, page_at = pages(page)

    *papers, last = answers.leaf(page_at, "a", 2, "site", made)

    assert [paper.id for paper in papers if isinstance(paper, Paper)] == ["p1", "p2"]
    assert isinstance(last, Problem)
    assert last.what == what
    assert "most" in last.todo
    assert asked == ["a"]


def test_exactly_as_many_as_wanted_is_no_problem() -> None:
    _, page_at = pages(Page(numbered(1, 2), 2, "b"))

    assert len(list(answers.leaf(page_at, "a", 2, "site", made))) == 2


def test_a_guess_of_the_total_accuses_nobody() -> None:
    _, page_at = pages(Page(numbered(1), 3, ""))

    assert len(list(answers.leaf(page_at, "a", 9, "site", made, estimated=True))) == 1


def test_what_was_read_before_a_page_failed_counts() -> None:
    def page_at(mark: str) -> Page:
        if mark == "b":
            raise SourceError("site", "went away", "try again")
        return Page(numbered(1), 2, "b")

    found = answers.leaf(page_at, "a", 9, "site", made)

    assert isinstance(next(found), Paper)
    with pytest.raises(SourceError, match="went away"):
        next(found)


# Look-ups


def test_a_paper_carries_the_doi_it_was_asked_by_and_keeps_the_other() -> None:
    paper = answers.asked_by(a_paper(doi="10.1000/new", id="10.1000/new"), "10.1000/old")

    assert (paper.id, paper.doi, paper.also) == ("10.1000/old", "10.1000/old", ("10.1000/new",))


def test_a_paper_carries_the_arxiv_id_it_was_asked_by() -> None:
    paper = answers.asked_by(a_paper(doi="10.1000/1"), "2611.10000")

    assert (paper.id, paper.arxiv_id, paper.doi) == ("2611.10000", "2611.10000", "10.1000/1")


def test_a_paper_asked_by_the_doi_of_an_arxiv_id_carries_both() -> None:
    paper = answers.asked_by(a_paper(), "10.48550/arxiv.2611.10000")

    assert (paper.id, paper.arxiv_id, paper.doi) == ("2611.10000", "2611.10000", "10.48550/arxiv.2611.10000")


def test_a_paper_carries_the_pubmed_id_it_was_asked_by() -> None:
    paper = answers.asked_by(a_paper(), "pmid:30000000")

    assert (paper.id, paper.pmid) == ("pmid:30000000", "30000000")


def test_no_paper_is_lost_where_a_look_up_fails() -> None:
    found = list(answers.harmless([a_paper(), Problem(where="w", what="odd", lost=1)]))

    assert [item.lost for item in found if isinstance(item, Problem)] == [0]
    assert len(found) == 2
