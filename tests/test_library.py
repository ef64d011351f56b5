"""The papers a reader likes: files of any kind, and lists of ids."""

import json
from pathlib import Path

import pytest

from digestor.library import library
from digestor.models import Paper, Problem
from digestor.protocols import NOWHERE, Ask, Reach, Reply
from digestor.store import Store
from tests.fakes import a_memory, a_paper

FOUND = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
<opensearch:totalResults>1</opensearch:totalResults><entry><id>http://arxiv.org/abs/2611.00001v1</id>
<title>Tides in bays</title><summary>We measure tides.</summary><published>2026-11-02T00:00:00Z</published>
<updated>2026-11-02T00:00:00Z</updated><author><name>Ada Beta</name></author></entry></feed>"""


class Sites:
    """arXiv's API and OpenAlex, as far as one paper goes."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []

    def get(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        if "arxiv" in ask.url:
            return Reply(200, FOUND.encode(), "application/atom+xml", ask.url)
        return Reply(200, json.dumps({"meta": {"count": 0}, "results": []}).encode(), "application/json", ask.url)


def read(store: Store, *files: Path, reach: Reach = NOWHERE) -> tuple[list[Paper], list[Problem]]:
    return library(files, store, reach)


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_exports_are_read_whatever_they_are(tmp_path: Path) -> None:
    bib = written(tmp_path, "a.bib", "@article{x, title={Moss}, abstract={We count moss.}}\n")
    rows = written(tmp_path, "b.jsonl", '{"title": "Ferns", "abstract": "We draw ferns."}\n')

    papers, problems = read(a_memory(), bib, rows)

    assert [paper.title for paper in papers] == ["Moss", "Ferns"]
    assert problems == []


def test_a_list_of_ids_is_looked_up_once(tmp_path: Path) -> None:
    store, sites = a_memory(), Sites()
    ids = written(tmp_path, "ids.txt", "# what I liked\narXiv:2611.00001\n")

    first, _ = read(store, ids, reach=Reach(sites.get))
    again, _ = read(store, ids, reach=Reach(sites.get))

    assert [paper.title for paper in first] == [paper.title for paper in again] == ["Tides in bays"]
    assert len(sites.asked) == 1


def test_what_an_issue_had_needs_no_asking(tmp_path: Path) -> None:
    store = a_memory()
    from tests.test_remembering import an_issue

    an_issue(store, 0, a_paper(1, arxiv_id="2611.00001"))

    papers, problems = read(store, written(tmp_path, "ids.txt", "2611.00001\n"))

    assert [paper.id for paper in papers] == ["p1"]
    assert problems == []


def test_ids_that_nobody_knows_are_named(tmp_path: Path) -> None:
    ids = written(tmp_path, "ids.txt", "2611.00001\n10.1000/nowhere\n")

    papers, problems = read(a_memory(), ids, reach=Reach(Sites().get))

    assert len(papers) == 1
    assert [problem.what for problem in problems] == ["nothing was found of 10.1000/nowhere"]


def test_without_a_way_to_the_web_the_issue_is_made_all_the_same(tmp_path: Path) -> None:
    papers, problems = read(a_memory(), written(tmp_path, "ids.txt", "2611.00001\n"))

    assert papers == []
    assert len(problems) == 2


@pytest.mark.parametrize("text", ["", "%PDF-1.4", "just words\n"])
def test_a_file_that_holds_nothing_is_a_problem_and_no_more(tmp_path: Path, text: str) -> None:
    papers, problems = read(a_memory(), written(tmp_path, "odd", text))

    assert papers == []
    assert problems[0].where.startswith("library")


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    _, problems = read(a_memory(), tmp_path / "none.bib")

    assert problems[0].what == "there is no such file"


def test_a_broken_record_of_the_library_costs_no_paper_of_the_issue(tmp_path: Path) -> None:
    rows = written(tmp_path, "b.jsonl", '{"title": "Ferns"}\n{"title": \n')

    papers, problems = read(a_memory(), rows)

    assert len(papers) == 1
    assert [problem.lost for problem in problems] == [0]


def test_the_issue_that_is_made_again_is_not_looked_into(tmp_path: Path) -> None:
    store = a_memory()
    from tests.test_remembering import an_issue

    run = an_issue(store, 0, a_paper(1, arxiv_id="2611.00001"))

    papers, _ = library([written(tmp_path, "ids.txt", "2611.00001\n")], store, NOWHERE, but=run.period.id)

    assert papers == []
