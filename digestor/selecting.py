"""Which of the new papers are shown, in which order, and why: what the reader wants, applied."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from digestor.interests import Ranked, Reader, choose, rank
from digestor.models import UNLISTED, Listed, Paper, Pick
from digestor.protocols import Vocabulary

NAMED = 5
"""Excluding words that are named in the issue, with how many papers they cost."""


class Shown(NamedTuple):
    """A paper that is annotated and shown; without wishes, nothing is said of its place."""

    paper: Paper
    why: str = ""
    score: float | None = None


class Selected(NamedTuple):
    """Every new paper, in one of three places."""

    shown: list[Shown]
    listed: tuple[Listed, ...]
    filtered: int
    outside: Pick | None
    note: str
    """What was filtered out, and for which words; empty where nothing was."""


def selected(papers: Sequence[Paper], reader: Reader, vocabulary: Vocabulary) -> Selected:
    """The papers by what the reader wants; without any wishes, all of them in the order they came."""
    wishes = reader.interests
    if not (wishes.any or wishes.exclude or wishes.max_papers or reader.liked or reader.disliked):
        return Selected([Shown(paper) for paper in papers], (), 0, None, "")
    ranked = rank(papers, reader, lambda paper: vocabulary.tag(paper.title, paper.abstract))
    chosen = choose(ranked, wishes.max_papers, wishes.outside and wishes.any)
    outside = chosen.outside
    return Selected(
        shown=[Shown(one.paper, in_words(one), one.score) for one in chosen.shown],
        listed=tuple(Listed(paper=_bare(one.paper), why=in_words(one)) for one in chosen.listed),
        filtered=len(chosen.excluded),
        outside=Pick(paper_id=outside.paper.id, why="; ".join(outside.why)) if outside else None,
        note=_left_out(chosen.excluded),
    )


def in_words(ranked: Ranked) -> str:
    """Why a paper stands where it stands, in a line."""
    return "; ".join(ranked.why)


def _bare(paper: Paper) -> Paper:
    return Paper.model_validate(paper.model_dump(exclude=set(UNLISTED)))


def _left_out(excluded: Sequence[Ranked]) -> str:
    words = Counter(one.excluded for one in excluded)
    if not words:
        return ""
    said = [f"“{word}” ({count:,})" for word, count in sorted(words.items(), key=lambda item: (-item[1], item[0]))]
    more = f" and {len(said) - NAMED} more words" if len(said) > NAMED else ""
    count = f"{len(excluded):,} paper{'' if len(excluded) == 1 else 's'}"
    return f"{count} of those read were left out for your excluded words: {', '.join(said[:NAMED])}{more}"
