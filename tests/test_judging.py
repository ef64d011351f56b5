"""What becomes of a model's answer."""

import json
from typing import Any

import pytest

from digestor import taxonomy
from digestor.annotators.judging import Again, fallback, judged
from digestor.models import Annotation, Code, Paper
from tests.fakes import a_paper

TAGS = taxonomy.load()
PAPER = a_paper(
    1,
    title="Tide tables from cheap buoys",
    abstract="Tide tables need costly gauges. We train a graph network on 40 cheap buoys and predict tides with an "
    "error of 3.1 cm. The code is available at https://github.com/tides/buoys.",
)
GOOD = "A graph network trained on 40 cheap buoys predicts tides with an error of 3.1 cm."
BAD = "A graph network trained on 90 cheap buoys predicts tides with an error of 3.1 cm."


def said(line: str = GOOD, tags: Any = ("graphs",), code: str = "released") -> str:
    return json.dumps({"id": 1, "title": "Tide tables from", "line": line, "tags": list(tags), "code": code})


READER = "I deploy sensors at Kiel, mostly LoRaWAN nodes, 12 harbours. I look for tides and graph networks."


def rated(relevance: Any, why: Any = "", line: str = GOOD) -> str:
    return json.dumps({**json.loads(said(line)), "relevance": relevance, "why": why})


def verdict(*answers: str, paper: Paper = PAPER) -> Annotation:
    found = judged(paper, answers, TAGS, "en", "m/1")
    assert isinstance(found, Annotation)
    return found


def test_a_line_that_the_abstract_bears_out_is_the_models() -> None:
    found = verdict(said())

    assert (found.origin, found.summary, found.tags, found.annotator) == ("llm", GOOD, ("graphs",), "m/1")
    assert found.code.status == "released"
    assert found.code.evidence in PAPER.abstract
    assert found.doubts == ()


def test_what_a_model_wraps_around_its_line_is_taken_away() -> None:
    assert verdict(said(f'Here is a summary: "{GOOD}"')).summary == GOOD


def test_an_unsupported_line_is_asked_for_again_with_the_words_that_offend() -> None:
    found = judged(PAPER, [said(BAD)], TAGS, "en", "m/1")

    assert found == Again(BAD, ("the number 90 is not in the abstract",))


def test_the_second_line_counts_if_it_is_good() -> None:
    assert verdict(said(BAD), said(GOOD)).summary == GOOD


def test_a_line_refused_twice_becomes_the_papers_own_words_and_says_why() -> None:
    found = verdict(said(BAD), said(BAD, tags=["survey"]))

    assert found.origin == "fallback"
    assert found.note == "the model's line was refused twice: the number 90 is not in the abstract"
    assert found.summary is not None
    assert "90" not in found.summary
    assert found.tags == TAGS.tag(PAPER.title, PAPER.abstract)


def test_a_refusal_is_a_fallback_that_says_so() -> None:
    found = verdict(json.dumps({"refused": "no\nthanks"}))

    assert (found.origin, found.note) == ("fallback", "the model did not answer: no thanks")


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"id": 1}', "null", "3"])
def test_an_answer_that_cannot_be_read_is_none(body: str) -> None:
    assert judged(PAPER, [body], TAGS, "en", "m/1") is None


def test_nothing_answered_is_nothing() -> None:
    assert judged(PAPER, [], TAGS, "en", "m/1") is None


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        (["graphs", "graphs", "survey"], ("graphs", "survey")),
        (["Graphs ", "no-such-tag"], ("graphs",)),
        (["other", "graphs"], ("graphs",)),
        (["other"], ("other",)),
        (["graphs", "survey", "speech", "rag"], ("graphs", "survey", "speech")),
    ],
)
def test_tags_are_from_the_taxonomy_at_most_three_and_other_only_alone(tags: list[str], kept: tuple[str, ...]) -> None:
    assert verdict(said(tags=tags)).tags == kept


def test_where_no_tag_is_left_the_papers_own_words_choose_and_a_doubt_says_so() -> None:
    found = verdict(said(tags=["tides", ""]))

    assert found.tags == TAGS.tag(PAPER.title, PAPER.abstract)
    assert found.doubts == ("the model named no tag that there is",)


def without_link(status: str) -> Paper:
    words = {"released": "The code is publicly available.", "none": "", "promised": "We will release the code."}[status]
    abstract = f"We train a graph network on 40 cheap buoys and predict tides with an error of 3.1 cm. {words}"
    return PAPER.model_copy(update={"abstract": abstract.strip()})


@pytest.mark.parametrize(
    ("paper", "says", "status", "doubts"),
    [
        (without_link("none"), "released", "none", 1),
        (without_link("promised"), "released", "promised", 1),
        (without_link("released"), "promised", "promised", 0),
        (without_link("released"), "none", "released", 1),
        (PAPER, "promised", "released", 1),
        (PAPER, "none", "released", 1),
        (PAPER, "nonsense", "released", 0),
    ],
)
def test_a_models_flag_counts_as_far_as_the_evidence_goes(paper: Paper, says: str, status: str, doubts: int) -> None:
    found = verdict(said(code=says), paper=paper)

    assert found.code.status == status
    assert len(found.doubts) == doubts
    assert found.code == Code() or found.code.evidence in paper.abstract


def test_a_fallback_is_marked_and_its_reason_is_one_line() -> None:
    found = fallback(PAPER, TAGS, "m/1", "the server\r\nfailed")

    assert (found.origin, found.note, found.annotator) == ("fallback", "the server failed", "m/1")


# what the paper is to the reader


def rating(*answers: str, paper: Paper = PAPER, language: str = "en") -> tuple[int | None, str]:
    found = judged(paper, answers, TAGS, language, "m/1", READER)
    assert isinstance(found, Annotation)
    return found.relevance, found.why


@pytest.mark.parametrize(
    ("why", "kept"),
    [
        ("predicts tides from cheap buoys", "predicts tides from cheap buoys"),
        ("  Graph networks\n for tides. ", "Graph networks for tides"),
        ('"Tides from 40 buoys, for your 12 harbours"', "Tides from 40 buoys, for your 12 harbours"),
        ("Tides with LoRaWAN nodes such as yours", "Tides with LoRaWAN nodes such as yours"),
        ("tides", "tides"),
        ("", ""),
        (" \n.", ""),
    ],
)
def test_half_a_line_that_papers_and_readers_words_bear_out_is_kept(why: str, kept: str) -> None:
    assert rating(rated(2, why)) == (2, kept)


@pytest.mark.parametrize(
    "why",
    [
        "predicts tides, see https://tides.example/buoys",
        "predicts tides, see github.com/tides/buoys",
        "predicts tides, see www.tides.example",
        "predicts tides, see tides.org",
        "predicts tides, see tides.de/buoys",
        "**predicts** tides",
        "[tides](https://tides.example)",
        "- `tides` from buoys",
        "predicts tides for 300 harbours",
        "predicts tides with BERT-XL",
        "a must for anybody who cooks",
        "As an AI language model I find these tides relevant",
        {"en": "tides"},
        None,
        7,
    ],
)
def test_half_a_line_that_will_not_do_is_left_out_and_the_relevance_stays(why: object) -> None:
    assert rating(rated(3, why)) == (3, "")


@pytest.mark.parametrize("relevance", [4, -1, "very", None, True, [3], 10**400])
def test_a_relevance_that_is_none_is_none_and_nothing_is_asked_again(relevance: object) -> None:
    assert rating(rated(relevance, "predicts tides")) == (None, "")


def test_an_answer_to_a_prompt_that_asks_nothing_of_the_reader_is_as_it_was() -> None:
    found = verdict(said())

    assert (found.relevance, found.why) == (None, "")


def test_a_long_half_line_is_cut_at_a_word() -> None:
    relevance, why = rating(rated(1, "tides and buoys " * 20))

    assert relevance == 1
    assert len(why) <= 90
    assert why.endswith("buoys…") or why.endswith("tides…") or why.endswith("and…")
    assert len(rating(rated(1, f"tides{'s' * 200}"))[1]) <= 90


def test_in_another_language_only_numbers_and_names_are_compared() -> None:
    line = "Ein Graphnetz sagt mit 40 billigen Bojen die Gezeiten auf 3,1 cm genau voraus."

    assert rating(rated(2, "Gezeiten mit wenig Geld", line), language="de") == (2, "Gezeiten mit wenig Geld")
    assert rating(rated(2, "Gezeiten an 300 Orten", line), language="de") == (2, "")


def test_the_relevance_of_a_line_asked_for_again_is_that_of_the_line_that_counts() -> None:
    assert rating(rated(1, "tides", BAD), rated(2, "cheap buoys")) == (2, "cheap buoys")
    assert rating(rated(1, "tides", BAD), rated(9, "cheap buoys")) == (None, "")


def test_a_fallback_keeps_the_last_relevance_and_no_words_of_the_model() -> None:
    assert rating(rated(1, "tides", BAD), rated(2, "cheap buoys", BAD)) == (2, "")
    assert rating(rated(1, "tides", BAD), rated(None, "", BAD)) == (1, "")
    assert rating(said(BAD), said(BAD)) == (None, "")
