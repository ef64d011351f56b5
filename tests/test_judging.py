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
