"""What other sites know of papers that came in without an abstract, or without a link to their code."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from digestor.dedupe import merge
from digestor.errors import SourceError
from digestor.gathering import Progress, told
from digestor.models import Paper, Problem
from digestor.protocols import Lookup, Reach

Lack = Literal["abstract", "code", "all"]


class Asked(NamedTuple):
    """A site, and which papers it is asked about."""

    name: str
    site: Lookup
    lack: Lack = "abstract"


def enriched(
    papers: Sequence[Paper], sites: Sequence[Asked], reach: Reach, progress: Progress
) -> tuple[list[Paper], list[Problem]]:
    """The same papers in the same order, each with what the sites know of it. A site that fails is a Problem.

    A paper keeps its own id; its words change only where another record's are better by the rules of `merge`.
    """
    found = list(papers)
    problems: list[Problem] = []
    for asked in sites:
        places = [place for place, paper in enumerate(found) if _named(paper) and _lacks(paper, asked.lack)]
        by_name = {name: place for place in places for name in names(found[place])}
        if not places:
            continue
        try:
            for done, told_of in enumerate(asked.site.look_up([found[place] for place in places], reach), start=1):
                progress(f"asking {asked.name}", done, len(places))
                if isinstance(told_of, Problem):
                    problems.append(told_of)
                    continue
                place = next((by_name[name] for name in names(told_of) if name in by_name), None)
                if place is not None:
                    found[place] = _with(found[place], told_of, asked.name)
        except SourceError as error:
            where = told(asked.name, error)
            problems.append(Problem(where=where, what=error.what, todo=error.todo or "the papers are as they came"))
    return found, problems


def _with(paper: Paper, told_of: Paper, name: str) -> Paper:
    other = told_of if told_of.seen_in else told_of.model_copy(update={"seen_in": (name,)})
    # whether it is news was decided by the source that brought it
    return merge([paper, other]).model_copy(update={"id": paper.id, "revision": paper.revision})


def _lacks(paper: Paper, lack: Lack) -> bool:
    return lack == "all" or not (paper.abstract if lack == "abstract" else paper.code_url)


def _named(paper: Paper) -> bool:
    return bool(names(paper))


def names(paper: Paper) -> list[str]:
    """The identifiers that a paper and what is told of it must share."""
    known = (("arxiv", paper.arxiv_id), ("doi", paper.doi), ("pmid", paper.pmid))
    return [f"{kind}:{name}" for kind, name in known if name]
