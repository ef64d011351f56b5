"""Which papers are news to this newsletter's readers: new ones, and old ones with something new about them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from digestor import availability
from digestor.annotators.extractive import extracted
from digestor.dedupe import cluster, merge, rewritten
from digestor.enriching import Asked, names
from digestor.errors import SourceError
from digestor.gathering import Progress, told
from digestor.models import Entry, Paper, Problem
from digestor.period import Period
from digestor.protocols import Reach, Vocabulary
from digestor.store import Store

LOOKED_BACK = timedelta(weeks=9)
"""How long a paper's code is still looked for, from the end of its issue to the end of this one."""
ASKED = 100
"""Papers of past issues that a site is asked about in one run."""


class News(NamedTuple):
    """The papers that came in, by what they are to the readers."""

    new: list[Paper]
    carried: list[Entry]
    """Published before, and their code has appeared since."""
    updated: list[Entry]
    """Published before, and their abstract is another by now, or they were withdrawn."""
    passed: int
    """New versions of papers that nobody here has read."""


def distinct(papers: Sequence[Paper]) -> tuple[list[Paper], list[Problem]]:
    """One paper for each cluster of records, with the best of each; ids made unique where a source repeats one."""
    merged = [merge([papers[index] for index in group]) for group in cluster(papers)]
    problems: list[Problem] = []
    taken: set[str] = set()
    for index, paper in enumerate(merged):
        unique, number = paper.id, 1
        while unique in taken:
            number += 1
            unique = f"{paper.id}~{number}"
        taken.add(unique)
        if unique != paper.id:
            merged[index] = paper.model_copy(update={"id": unique})
            what = f"two different papers have this id; the second is {unique} here: {paper.title}"
            problems.append(Problem(where=f"id {paper.id}", what=what, todo="give each paper an id of its own"))
    return merged, problems


def sorted_out(
    papers: Sequence[Paper], period: Period, store: Store, vocabulary: Vocabulary, progress: Progress
) -> News:
    """Those that no other issue has published; of the others, those with news: code, or another abstract."""
    found = News([], [], [], 0)
    for done, paper in enumerate(papers, start=1):
        before = [paper for _, paper in store.editions(paper, but=period.id)]
        if not before and paper.revision:
            found = found._replace(passed=found.passed + 1)
        elif not before:
            found.new.append(paper)
        elif _appeared(paper, before):
            found.carried.append(_entry(paper, vocabulary, "carried over"))
        elif _withdrawn(paper, before) or all(_newer(paper, old) and rewritten(paper, old) for old in before):
            found.updated.append(_entry(paper, vocabulary, "updated"))
        progress("remembering", done, len(papers))
    return found


def asked_again(
    news: News,
    period: Period,
    store: Store,
    vocabulary: Vocabulary,
    sites: Sequence[Asked],
    reach: Reach,
    progress: Progress,
) -> tuple[News, list[Problem]]:
    """The news, with what the sites know by now of papers of past weeks: code that has appeared, another abstract.

    Only sites that are asked for more than abstracts are asked. One that fails is a Problem.
    """
    asked = [site for site in sites if site.lack != "abstract"]
    there = {name for entry in (*news.carried, *news.updated) for name in names(entry.paper)}
    old = _of_late(period, store, there) if asked else []
    problems: list[Problem] = []
    for site in asked:
        waiting = {name: paper for paper in old for name in names(paper)}
        try:
            for done, answer in enumerate(site.site.look_up(old, reach), start=1):
                progress(f"asking {site.name} of past weeks", done, len(old))
                if isinstance(answer, Problem):
                    continue  # it is about past weeks, and costs this issue nothing
                before = next((waiting[name] for name in names(answer) if name in waiting), None)
                if before is None:
                    continue
                now = merge([before, answer]).model_copy(update={"id": before.id})
                known = [earlier for _, earlier in store.editions(now, but=period.id)]
                if _appeared(now, known):
                    news.carried.append(_entry(now, vocabulary, "carried over"))
                elif known and all(_newer(now, earlier) and rewritten(answer, earlier) for earlier in known):
                    news.updated.append(_entry(now, vocabulary, "updated"))
                else:
                    continue
                old = [paper for paper in old if paper.id != before.id]
                waiting = {name: paper for name, paper in waiting.items() if paper.id != before.id}
        except SourceError as error:
            problems.append(Problem(where=told(site.name, error), what=error.what, todo=error.todo))
    return news, problems


def _of_late(period: Period, store: Store, but: set[str]) -> list[Paper]:
    """Papers of the last weeks' issues that sites could know and whose code was not there, the latest first.

    Not those that were only listed: of them nobody knows what was there.
    """
    since: date = period.window.end - LOOKED_BACK
    found = (
        paper
        for _, paper in store.past.recent(since, but=period.id)
        if paper.abstract and names(paper) and but.isdisjoint(names(paper)) and not _released(paper)
    )
    return [paper for _, paper in zip(range(ASKED), found, strict=False)]


def _entry(paper: Paper, vocabulary: Vocabulary, why: str) -> Entry:
    return Entry(paper=paper, annotation=extracted(paper, vocabulary, why))


def _appeared(paper: Paper, before: Sequence[Paper]) -> bool:
    """Has it code that it had not? Of a paper that was only listed nobody knows what its abstract said of code."""
    read = all(earlier.abstract or earlier.code_url for earlier in before)
    return bool(before) and read and _released(paper) and not any(map(_released, before))


def _withdrawn(paper: Paper, before: Sequence[Paper]) -> bool:
    """Was it withdrawn or retracted since?"""
    return paper.standing != "active" and all(earlier.standing == "active" for earlier in before)


def _newer(paper: Paper, before: Paper) -> bool:
    """Is it a later version, and not another source's words for the same one?"""
    return paper.revision or (paper.version or 0) > (before.version or 0)


def _released(paper: Paper) -> bool:
    return availability.flag(paper.title, paper.abstract, paper.code_url).status == "released"
