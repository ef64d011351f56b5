"""The papers a reader likes, from the files the config names: exports, anything digestor reads, or a list of ids.

What stands there by its id alone is looked for in what was published and collected before, and else asked of arXiv or
OpenAlex, once: the answer is kept with what sources gave.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Lookup, Reach, Window
from digestor.sources.arxiv.source import Arxiv
from digestor.sources.bibliography import Identifier, read_ids
from digestor.sources.files import Files
from digestor.sources.openalex import OpenAlex
from digestor.store import Store

MOST = 2_000
"""Papers of a library that are used, and ids that are looked up."""
LISTED = 1_000_000
"""Bytes of a file up to which it may be a list of ids."""
ALWAYS = Window(date.min, date.max)
NAME = "library"
"""What the papers looked up are collected under."""


def library(files: Sequence[Path], store: Store, reach: Reach, but: str = "") -> tuple[list[Paper], list[Problem]]:
    """The papers of the files, in order. What cannot be read is a Problem, and the others count.

    The issue `but` is not looked into for papers that stand there by their id: made again, it would be another.
    """
    papers: list[Paper] = []
    problems: list[Problem] = []
    for file in files:
        ids = _ids(file)
        if ids:
            found, wrong = _known_by_id(ids, store, reach, but)
        else:
            found, wrong = _read(file, reach)
        papers += found
        problems += wrong
    if len(papers) > MOST:
        what = f"has {len(papers):,} papers; the first {MOST:,} are used"
        problems.append(Problem(where="library", what=what, todo="name the ones you like best"))
    return papers[:MOST], problems


def _read(file: Path, reach: Reach) -> tuple[list[Paper], list[Problem]]:
    papers: list[Paper] = []
    problems: list[Problem] = []
    try:
        for found in Files(path=str(file)).papers(ALWAYS, reach):
            if isinstance(found, Paper):
                papers.append(found)
            elif found.lost:  # of the library, it costs no paper of the issue
                problems.append(found.model_copy(update={"lost": 0, "where": f"library {found.where}"}))
    except SourceError as error:
        problems.append(Problem(where=f"library {error.where}", what=error.what, todo=error.todo))
    return papers, problems


def _ids(file: Path) -> list[Identifier]:
    """The ids that a file is a list of; none where it is something else."""
    try:
        if file.stat().st_size > LISTED:
            return []
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    ids, wrong = read_ids(text, file.name)
    return ids if len(ids) > len(wrong) else []


def _known_by_id(ids: Sequence[Identifier], store: Store, reach: Reach, but: str) -> tuple[list[Paper], list[Problem]]:
    here = {name: paper for paper in store.collection.within(NAME, ALWAYS) for name in _names(paper)}
    for one in ids[:MOST]:
        if one not in here:  # one that was only listed has no abstract to be like
            known = (paper for issue, paper in store.past.find(one.id) if issue != but and paper.abstract)
            if before := next(known, None):
                here[one] = before
    wanted = [one for one in ids[:MOST] if one not in here]
    problems: list[Problem] = []
    for site, kind in ((Arxiv(query="all:*"), "arxiv"), (OpenAlex(), "doi"), (OpenAlex(), "pmid")):
        asked = [_bare(one) for one in wanted if one.kind == kind]
        if asked:
            found, wrong = _asked(site, asked, reach)
            store.collection.add(NAME, date.max, found)
            here |= {name: paper for paper in found for name in _names(paper)}
            problems += wrong
    unknown = [one.id for one in ids[:MOST] if one not in here]
    if unknown:
        told = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        what = f"nothing was found of {told}"
        problems.append(Problem(where="library", what=what, todo="export them with abstracts"))
    return list({paper.id: paper for one in ids if (paper := here.get(one))}.values()), problems


def _asked(site: Lookup, papers: Sequence[Paper], reach: Reach) -> tuple[list[Paper], list[Problem]]:
    papers_found: list[Paper] = []
    try:
        papers_found += [found for found in site.look_up(papers, reach) if isinstance(found, Paper)]
    except SourceError as error:
        return papers_found, [Problem(where=f"library ({error.where})", what=error.what, todo=error.todo)]
    return papers_found, []


def _bare(one: Identifier) -> Paper:
    names = {"arxiv": "arxiv_id", "doi": "doi", "pmid": "pmid"}
    return Paper.model_validate({"id": one.id, "title": one.id, names[one.kind]: one.id})


def _names(paper: Paper) -> Iterable[Identifier]:
    if paper.arxiv_id:
        yield Identifier("arxiv", paper.arxiv_id)
    if paper.doi:
        yield Identifier("doi", paper.doi)
    if paper.pmid:
        yield Identifier("pmid", paper.pmid)
