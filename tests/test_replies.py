"""Answers and the papers they are for."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from digestor.client.replies import Tied, read
from digestor.client.terms import Answer, Item
from digestor.models import Paper
from tests.fakes import a_paper

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Digest(Answer):
    line: Annotated[str, Field(min_length=1, max_length=600)]
    tags: tuple[str, ...] = ()
    code: Literal["released", "promised", "mentioned", "none"] = "none"
    weight: float | None = None


TITLES = (
    "Bees navigate by polarised light",
    "The Sorting of networks for slow memory",
    "Éclairs & rivers: random walks",
    "Typed holes in spreadsheets",
    "Glacier sounds from fibre cables",
    "Proofs by colouring games",
)
ITEMS = [Item(a_paper(number, title=title), "text", 100) for number, title in enumerate(TITLES)]


def an_item(title: str, abstract: str = "") -> Item:
    return Item(Paper(id=title, title=title, abstract=abstract), "text", 100)


def fields(number: int, echo: str | None = None, **other: object) -> dict[str, object]:
    """What a model that does as it is told says of a paper of ITEMS."""
    first = " ".join(TITLES[(number - 1) % len(TITLES)].split()[:3]) if echo is None else echo
    return {"id": number, "title": first, "line": f"Line {number}.", "tags": ["other"], "code": "none", **other}


def reply(*answers: Mapping[str, object]) -> str:
    return json.dumps({"papers": answers})


def tied(text: str, items: Sequence[Item] = ITEMS, whole: bool = True) -> Tied:
    """What is read, after looking whether every item is in one list, once."""
    found = read(text, items, Digest, whole)
    ended = [id(item) for item, _ in found.good] + [id(item) for item in found.again]
    assert sorted(ended) == sorted(map(id, items))
    return found


def numbers(found: Tied) -> list[int]:
    """Which of ITEMS have an answer."""
    return [ITEMS.index(item) + 1 for item, _ in found.good]


ALL = reply(*map(fields, range(1, 7)))


def test_answers_in_any_order_are_tied_by_their_numbers_and_given_in_the_order_of_the_papers() -> None:
    found = tied(reply(*map(fields, (4, 2, 6, 1, 3, 5))))

    assert [(item.paper.title, answer.id) for item, answer in found.good] == list(zip(TITLES, range(1, 7), strict=True))
    assert found.again == []
    assert found.faults == ()


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: json.dumps(json.loads(text)["papers"]),
        lambda text: f"```json\n{text}\n```",
        lambda text: f"Here [as asked] is it {{in JSON}}:\n\n{text}\n\nI hope {{this}} helps [you]!",
        lambda text: "\n".join(json.dumps(one) for one in json.loads(text)["papers"]),
        lambda text: json.dumps({"answers": json.loads(text)["papers"], "notes": ["none"]}),
        lambda text: f"<think>{reply(fields(1, line='A draft.'))} no...</think>{text}",
        lambda text: json.dumps(json.loads(text), indent=4).replace("\n", "\r\n"),
        lambda text: f"\ufeff{text}",
    ],
    ids=["list", "fence", "chatter", "lines", "renamed", "thought", "indented", "mark"],
)
def test_the_answers_are_found_whatever_is_around_them(dress: Callable[[str], str]) -> None:
    found = tied(dress(ALL))

    assert numbers(found) == [1, 2, 3, 4, 5, 6]
    assert {answer.model_dump()["line"] for _, answer in found.good} == {f"Line {n}." for n in range(1, 7)}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(fields(1)),
        json.dumps([fields(1)]),
        json.dumps({"papers": fields(1)}),
        json.dumps({key: value for key, value in fields(1).items() if key not in ("id", "title")}),
        reply(fields(1, "Quite another text")),
        reply(fields(1, id="Paper 1")),
    ],
)
def test_one_paper_alone_needs_no_echo_and_no_number(text: str) -> None:
    found = tied(text, ITEMS[:1])

    assert [answer.id for _, answer in found.good] == [1]


def test_one_paper_alone_is_asked_again_when_another_number_is_answered() -> None:
    found = tied(json.dumps(fields(2)), ITEMS[:1])

    assert found.good == []
    assert found.faults == ("an answer for 2, which was not asked", "paper 1 is missing")


def test_a_missing_paper_is_asked_again() -> None:
    found = tied(reply(*map(fields, (1, 2, 4, 5, 6))))

    assert numbers(found) == [1, 2, 4, 5, 6]
    assert found.again == [ITEMS[2]]
    assert found.faults == ("paper 3 is missing",)


@pytest.mark.parametrize("said", ["3", " 3 ", "paper 3", "Paper #3", "#3", "3.", 3.0])
def test_a_number_is_understood_in_the_forms_that_models_give_it(said: object) -> None:
    assert numbers(tied(reply(fields(3, id=said)))) == [3]


@pytest.mark.parametrize("said", [True, None, -3, "-3", 3.5, "3 or 4", "three", "", [3], {"n": 3}, "³", "٣", 0, 10**40])
def test_what_is_no_number_is_not_guessed_at(said: object) -> None:
    found = tied(reply(fields(3, id=said)))

    assert found.good == []
    assert "which was not asked" in found.faults[0] or found.faults[0] == "an answer without a number"


def test_an_answer_under_an_unknown_number_is_not_used_even_if_its_title_fits() -> None:
    found = tied(reply(*map(fields, (1, 2, 3, 4, 5)), fields(6, id=9)))

    assert found.again == [ITEMS[5]]
    assert found.faults == ("an answer for 9, which was not asked", "paper 6 is missing")


def test_two_answers_with_swapped_numbers_are_both_asked_again() -> None:
    swapped = [fields(2, id=5), fields(5, id=2)]

    found = tied(reply(*map(fields, (1, 3, 4, 6)), *swapped))

    assert numbers(found) == [1, 3, 4, 6]
    assert found.faults == ("paper 2 has the title of paper 5", "paper 5 has the title of paper 2")


def test_answers_that_slipped_by_one_are_none_of_them_believed() -> None:
    slipped = [fields(number, id=number % 6 + 1) for number in range(1, 7)]

    assert tied(reply(*slipped)).good == []


def test_an_answer_given_twice_in_the_same_words_counts_once() -> None:
    found = tied(reply(fields(2), fields(1), fields(2, id="2")))

    assert numbers(found) == [1, 2]


def test_of_two_different_answers_the_one_with_the_right_title_is_kept() -> None:
    found = tied(reply(fields(2, "Glacier sounds from", line="It is of ice."), fields(2)))

    assert [(answer.id, answer.model_dump()["line"]) for _, answer in found.good] == [(2, "Line 2.")]
    assert "paper 2 is answered twice, differently" in found.faults


@pytest.mark.parametrize("echo", ["Sorting of networks", ""])
def test_of_two_different_answers_none_is_kept_when_both_have_the_right_title_or_neither(echo: str) -> None:
    found = tied(reply(fields(2, echo, line="Sorting once."), fields(2, echo, line="Sorting twice.")))

    assert found.good == []


@pytest.mark.parametrize(
    ("number", "echo"),
    [
        (1, "BEES NAVIGATE BY..."),
        (1, "Bees"),
        (1, "Bees navigate by polarised light"),
        (1, "Bees navigate by polarized light"),
        (1, '"Bees-navigate by"'),
        (2, "Sorting of networks"),
        (3, "Eclairs"),
        (3, "E\u0301clairs & rivers"),
    ],
)
def test_an_echo_is_known_however_it_is_typed(number: int, echo: str) -> None:
    assert numbers(tied(reply(fields(number, echo)))) == [number]


SERIES = [an_item(f"Deep learning for rivers, part {part}", "We go on.") for part in range(1, 5)]


def test_papers_whose_titles_begin_alike_are_tied_by_number() -> None:
    found = tied(reply(*(fields(number, "Deep learning for") for number in range(1, 5))), SERIES)

    assert [answer.id for _, answer in found.good] == [1, 2, 3, 4]


def test_the_whole_title_of_another_paper_of_the_series_is_seen() -> None:
    found = tied(
        reply(fields(1, "Deep learning for rivers, part 2"), fields(2, "Deep learning for rivers, part 2")), SERIES
    )

    assert [answer.id for _, answer in found.good] == [2]
    assert found.faults[0] == "paper 1 has the title of paper 2"


def test_a_title_that_another_begins_with_is_not_taken_for_it() -> None:
    items = [an_item("BERT"), an_item("BERTopic for rivers")]

    found = tied(reply(fields(1, "BERTopic for rivers"), fields(2, "BERTopic for rivers")), items)

    assert [answer.id for _, answer in found.good] == [2]


@pytest.mark.parametrize("echo", ["", "On insects and the sky", "?!", None, 7])
def test_where_the_echo_fits_nobody_the_words_of_the_line_decide(echo: object) -> None:
    bees = an_item("Bees navigate by light", "Insects see the polarised sky and find home.")
    ice = an_item("Glacier sounds", "Cables hear how ice breaks.")
    of_bees, of_ice = "Insects find home by the polarised sky.", "Cables hear ice that breaks."

    right = tied(reply(fields(1, title=echo, line=of_bees), fields(2, title=echo, line=of_ice)), [bees, ice])
    wrong = tied(reply(fields(1, title=echo, line=of_ice), fields(2, title=echo, line="It is good.")), [bees, ice])

    assert [answer.id for _, answer in right.good] == [1, 2]
    assert wrong.good == []
    assert wrong.faults == (
        "paper 1 has neither its title nor its words",
        "paper 2 has neither its title nor its words",
    )


def test_an_echo_that_is_only_a_little_like_the_title_is_not_enough() -> None:
    assert tied(reply(fields(1, "Bees never at all", line="It is good."))).good == []


def test_a_word_chosen_from_a_list_is_no_word_of_the_line() -> None:
    released = an_item("One", "It is released.")

    assert tied(reply(fields(1, "", line="Of it.", code="released")), [released, an_item("Two")]).good == []


@pytest.mark.parametrize(
    "bad",
    [
        {"line": ""},
        {"line": None},
        {"line": "x" * 601},
        {"line": "\ud800"},
        {"code": "maybe"},
        {"tags": "other"},
    ],
)
def test_a_malformed_answer_costs_only_itself(bad: dict[str, Any]) -> None:
    found = tied(reply(fields(1), fields(2, **bad), fields(3)))

    assert numbers(found) == [1, 3]
    assert f"the answer for 2 is malformed: {next(iter(bad))!r}" in found.faults


@pytest.mark.parametrize("damage", ['"Line 3.', 'Line 3."', '"Line \\alpha 3."', "NaN,", '"Li"ne" 3."'])
def test_broken_json_costs_only_the_answer_it_is_in(damage: str) -> None:
    found = tied(ALL.replace('"Line 3."', damage))

    assert numbers(found) in ([1, 2, 4, 5, 6], [1, 2, 5, 6])


def test_a_line_end_inside_a_text_and_a_number_that_is_none_break_nothing() -> None:
    found = tied(ALL.replace("Line 3.", "Line\n3.").replace('"code"', '"weight": NaN, "code"'))

    assert [(answer.id, answer.model_dump()["weight"]) for _, answer in found.good] == [(n, None) for n in range(1, 7)]
    assert found.good[2][1].model_dump()["line"] == "Line\n3."


def test_two_answers_run_into_one_are_not_believed() -> None:
    merged = ALL.replace('"code": "none"}, {"id": 4', '"code": "none", "id": 4')

    assert numbers(tied(merged)) == [1, 2, 5, 6]


def test_an_answer_in_a_cut_reply_counts_only_when_it_is_complete() -> None:
    for length in range(len(ALL)):
        found = tied(ALL[:length], whole=False)
        whole = ALL[:length].count("}")

        assert len(found.good) in (whole, max(whole - 1, 0))
        assert [answer for _, answer in found.good] == [answer for _, answer in tied(ALL).good][: len(found.good)]


def test_complete_answers_before_the_cut_are_all_kept() -> None:
    assert numbers(tied(ALL[: ALL.index("Line 3") + 4], whole=False)) == [1, 2]


def test_the_last_answer_of_a_cut_reply_is_not_trusted_though_it_be_closed() -> None:
    closed = reply(fields(1), fields(2), fields(3, line="It is no"))

    found = tied(closed, whole=False)

    assert numbers(found) == [1, 2]
    assert found.faults[0] == "the reply is cut"


@pytest.mark.parametrize("text", ["", " ", "I cannot help with that.", "null", "7", '"papers"', "<html></html>", "}]"])
def test_a_text_without_json_has_everything_asked_again(text: str) -> None:
    found = tied(text)

    assert found.again == ITEMS
    assert found.faults[0] == "no JSON"


def test_a_thought_that_does_not_end_is_no_answer() -> None:
    assert tied(f"<think>Perhaps {ALL}", whole=False).good == []


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"papers":' * 100_000,
        "[{" * 50_000,
        "{" * 8_000_000,
        '{"a":"' * 1_000_000,
        "[" + "1," * 4_000_000,
        "[" * 400 + "1," * 500_000,
        '{"papers": [' + "{}," * 300_000,
        '{"id": ' + "9" * 1_000_000 + "}",
        '[{"id": 1e999, "title": "", "line": "x"}]',
        "\ud800" * 1000 + '[{"id": "\ud800", "\ud800": 1, "title": "\\ud800", "line": "x"}]',
        "\x00[\x00]",
        reply(*({"id": 1, "title": f"e{number}" * 200, "line": "x"} for number in range(159))),
    ],
    ids=range(13),
)
def test_hostile_text_is_read_with_bounded_work_and_ties_nothing(text: str) -> None:
    found = tied(text)

    assert found.again == ITEMS
    assert len(found.faults) < 200
    assert all(len(fault) < 100 for fault in found.faults)


def test_answers_by_the_thousand_are_not_picked_from() -> None:
    found = tied(reply(*(fields(number % 6 + 1, line=f"Line {number}.") for number in range(5000))))

    assert found.good == []
    assert found.faults[0] == "far more answers than papers"


def test_a_request_of_no_papers_has_no_answers() -> None:
    assert tied(ALL, []).good == []
    assert tied("", []) == Tied([], [], ("no JSON",))


SAID = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(st.integers(-2, 9), st.integers(1, 6).map(str), st.none(), st.floats(), st.text(max_size=5)),
        "title": st.one_of(st.sampled_from((*TITLES, "Bees", "")), st.text(max_size=20), st.none()),
        "line": st.one_of(st.sampled_from(("It is of bees.", "Rivers walk.", "")), st.text(max_size=20)),
        "code": st.sampled_from(("none", "released", "perhaps")),
        "more": st.recursive(st.none() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
    },
)


@UNHURRIED
@given(said=st.lists(SAID, max_size=9), asked=st.integers(0, 6), whole=st.booleans())
def test_every_paper_ends_in_one_list_and_only_under_a_number_that_was_said(
    said: list[dict[str, Any]], asked: int, whole: bool
) -> None:
    found = tied(reply(*said), ITEMS[:asked], whole)

    for item, answer in found.good:
        number = ITEMS.index(item) + 1
        mine = [one for one in said if one.get("id") in (number, str(number)) or (asked == 1 and one.get("id") is None)]
        assert answer.id == number
        assert answer.model_dump()["line"] in [one.get("line") for one in mine]


@UNHURRIED
@given(said=st.lists(SAID, max_size=9), data=st.data())
def test_the_order_of_a_reply_changes_nothing(said: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(said))

    assert tied(reply(*said)) == tied(reply(*shuffled))


@UNHURRIED
@given(titles=st.lists(st.integers(1, 6), min_size=6, max_size=6))
def test_no_answer_is_tied_to_a_paper_whose_title_is_not_the_one_it_says(titles: list[int]) -> None:
    found = tied(reply(*(fields(title, id=number) for number, title in enumerate(titles, 1))))

    assert numbers(found) == [number for number, title in enumerate(titles, 1) if number == title]


@UNHURRIED
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(ALL)), st.integers(0, 30), st.text('{}[]",:\\ 123456ae', max_size=3)), max_size=4
    )
)
def test_a_damaged_reply_never_puts_a_line_under_another_title(cuts: list[tuple[int, int, str]]) -> None:
    text = reply(*(fields(number, TITLES[number - 1], line=TITLES[number - 1]) for number in range(1, 7)))
    for start, length, instead in cuts:
        text = text[:start] + instead + text[start + length :]

    for item, answer in tied(text).good:
        line = answer.model_dump()["line"]
        assert not any(line in title for title in TITLES if title != item.paper.title and len(line) > 8)


@UNHURRIED
@given(text=st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    tied(text)
    tied(f'{{"papers": [{{"id": 1, "title": "{text}", "line": "{text}"}}]}}')
