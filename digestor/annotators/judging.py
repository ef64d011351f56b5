"""A model's answer -> an annotation, as far as the paper bears it out. Pure: the same answers give the same annotation.

A line must pass `faithful`; one that does not is asked for once more, and then replaced by the paper's own words and
marked as a fallback. Tags come from the taxonomy or not at all. The code flag may not exceed the evidence. Relevance
to the reader, and the half line why, are taken where they are sound and never asked for again.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from digestor import availability, faithful
from digestor.annotators.asking import Rated
from digestor.annotators.extractive import extracted
from digestor.annotators.relevance import reason
from digestor.models import Annotation, Code, Paper, Status
from digestor.protocols import Vocabulary
from digestor.text import clean_line

VERSION = 1
"""Raised with the rules here, so that the store judges paid answers anew instead of serving old judgements."""
TURNS = 2
"""Lines that a model may write of a paper."""
RANK: tuple[Status, ...] = ("none", "mentioned", "promised", "released")


class Again(NamedTuple):
    """A line to be asked for once more."""

    line: str
    faults: tuple[str, ...]
    """What was wrong with it, in short sentences that name the words."""


def judged(
    paper: Paper, answers: Sequence[str], vocabulary: Vocabulary, language: str, signature: str, reader: str = ""
) -> Annotation | Again | None:
    """What comes of the answers so far, as the journal has them; None where there is none that can be read."""
    turns: list[tuple[Rated, str, list[faithful.Fault]]] = []
    for answer in map(_read, answers):
        if answer is None or len(turns) == TURNS:
            continue
        if isinstance(answer, str):
            return fallback(paper, vocabulary, signature, f"the model did not answer: {answer}")
        said = answer
        line = faithful.repair(clean_line(said.line))
        faults = faithful.check(line, paper.title, paper.abstract, language)
        turns.append((said, line, faults))
        if not any(fault.hard for fault in faults):
            rating = {"relevance": said.relevance, "why": reason(said, paper, reader, language)}
            return _accepted(paper, said, line, faults, vocabulary, signature).model_copy(update=rating)
    if not turns:
        return None
    _, line, faults = turns[-1]
    wrong = tuple(fault.sentence for fault in faults if fault.hard)
    if len(turns) < TURNS:
        return Again(line, wrong)
    # Its tags go as well: a model that is wrong about the line twice is mostly wrong about them too (measured).
    found = fallback(paper, vocabulary, signature, f"the model's line was refused twice: {wrong[0]}")
    # A number states nothing of the paper, so it stays; the words of a model that was wrong twice do not.
    grades = [said.relevance for said, _, _ in turns if said.relevance is not None]
    return found.model_copy(update={"relevance": grades[-1]}) if grades else found


def fallback(paper: Paper, vocabulary: Vocabulary, signature: str, why: str) -> Annotation:
    """The paper's own words in place of the model's, marked as such."""
    own = extracted(paper, vocabulary, signature)
    return own.model_copy(update={"origin": "fallback", "note": clean_line(why)})


def _read(body: str) -> Rated | str | None:
    """An answer; or why the model refuses one; or None where the journal has nothing that can be read."""
    try:
        answer = json.loads(body)
        if isinstance(answer, dict) and isinstance(answer.get("refused"), str):
            return str(answer["refused"])
        return Rated.model_validate(answer)
    except ValueError:  # pydantic's too
        return None


def _accepted(
    paper: Paper,
    said: Rated,
    line: str,
    faults: Sequence[faithful.Fault],
    vocabulary: Vocabulary,
    signature: str,
) -> Annotation:
    tags, strange = _tags(paper, said, vocabulary)
    code, beyond = _code(paper, said)
    return Annotation(
        paper_id=paper.id,
        tags=tags,
        summary=line,
        code=code,
        origin="llm",
        annotator=signature,
        doubts=(*(fault.sentence for fault in faults), *strange, *beyond),
    )


def _tags(paper: Paper, said: Rated, vocabulary: Vocabulary) -> tuple[tuple[str, ...], list[str]]:
    """The tags that there are, at most three, `other` only alone; by their names in the paper where none is left."""
    known = list(dict.fromkeys(tag.strip().casefold() for tag in said.tags))
    known = [tag for tag in known if tag in vocabulary.labels][:3]
    if len(known) > 1:
        known = [tag for tag in known if tag != "other"]
    if known:
        return tuple(known), []
    return vocabulary.tag(paper.title, paper.abstract), ["the model named no tag that there is"]


def _code(paper: Paper, said: Rated) -> tuple[Code, list[str]]:
    """What the words of the paper bear out. Where only words speak for it, the model may say that they say less."""
    found = availability.flag(paper.title, paper.abstract, paper.code_url)
    if said.code not in RANK or said.code == found.status:
        return found, []
    if RANK.index(said.code) > RANK.index(found.status):
        return found, [f"the model takes the code to be {said.code}, with no evidence for it"]
    if found.url is None and found.found_in != "metadata" and said.code != "none":
        return found.model_copy(update={"status": said.code}), []
    return found, [f"the model takes the code to be {said.code}"]
