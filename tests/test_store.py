"""The memory."""

import sqlite3
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from digestor.compose import compose
from digestor.errors import StoreError
from digestor.models import Entry, Issue, Ledger, Listed, Paper
from digestor.period import weekly
from digestor.render.issue import as_json
from digestor.store import MIGRATIONS, Made, Store
from tests.fakes import a_paper, an_annotation


def an_issue(*papers: Paper, day: date = date(2026, 11, 21)) -> Issue:
    entries = [Entry(paper=paper, annotation=an_annotation(paper)) for paper in papers]
    return compose("Week", weekly(day), entries, Ledger(read=len(papers), annotated=len(papers)), {})


def remembered(store: Store, issue: Issue) -> None:
    store.remember(issue, as_json(issue))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "digestor.db"


def test_a_published_paper_is_known_after_the_store_is_opened_again(file: Path) -> None:
    with Store.open(file) as store:
        remembered(store, an_issue(a_paper(1)))

    with Store.open(file) as store:
        assert store.published(a_paper(1), but="2026-W48") == "2026-W47"
        assert store.published(a_paper(2), but="2026-W48") is None


def test_a_paper_does_not_count_as_published_for_the_very_issue_that_has_it(file: Path) -> None:
    with Store.open(file) as store:
        remembered(store, an_issue(a_paper(1)))

        assert store.published(a_paper(1), but="2026-W47") is None


def test_a_published_paper_is_known_under_another_id_and_in_a_later_version(file: Path) -> None:
    first = a_paper(1, id="a", arxiv_id="2611.00001", version=1)
    later = a_paper(1, id="b", arxiv_id="2611.00001", version=2, abstract="Every word of it is rewritten by now.")
    elsewhere = a_paper(1, id="c", title=first.title.upper())
    with Store.open(file) as store:
        remembered(store, an_issue(first))

        assert store.published(later, but="") == "2026-W47"
        assert store.published(elsewhere, but="") == "2026-W47"


def test_an_edition_made_again_replaces_the_one_before_and_says_what_leaves(file: Path) -> None:
    with Store.open(file) as store:
        remembered(store, an_issue(a_paper(1), a_paper(2)))

        assert store.leaving(an_issue(a_paper(2))) == [a_paper(1).title]
        remembered(store, an_issue(a_paper(2)))

        assert store.published(a_paper(1), but="") is None
        assert store.published(a_paper(2), but="") == "2026-W47"


def test_an_annotation_is_kept_by_content_and_annotator_not_by_id(file: Path) -> None:
    paper, renamed = a_paper(1), a_paper(1, id="another")
    with Store.open(file) as store:
        store.keep(paper, an_annotation(paper))

        found = store.annotation(renamed, "scribe/1")

        assert found == an_annotation(paper, paper_id="another")
        assert store.annotation(renamed, "scribe/2") is None
        assert store.annotation(a_paper(1, abstract="Changed."), "scribe/1") is None
        assert store.annotation(a_paper(1, code_url="https://x.example"), "scribe/1") is None


def test_issue_files_in_the_output_folder_are_memory_too(file: Path, tmp_path: Path) -> None:
    issue = an_issue(a_paper(1))
    (tmp_path / "2026-W47.json").write_text(as_json(issue), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"not": "ours"}', encoding="utf-8")

    with Store.open(file) as store:
        assert store.learn(tmp_path, but="2026-W48") == []
        assert store.published(a_paper(1), but="2026-W48") == "2026-W47"


def test_a_broken_issue_file_is_a_problem_that_names_it(file: Path, tmp_path: Path) -> None:
    (tmp_path / "2026-W46.json").write_text('{"id": "2026-W46", "sections": [', encoding="utf-8")

    with Store.open(file) as store:
        (problem,) = store.learn(tmp_path, but="2026-W48")

    assert problem.where.endswith("2026-W46.json")
    assert "may come again" in problem.todo


def test_two_runs_cannot_hold_one_store(file: Path) -> None:
    with Store.open(file), pytest.raises(StoreError, match="another digestor is at work"):
        Store.open(file)


def test_a_rehearsal_knows_what_the_store_knows_and_writes_nothing(file: Path) -> None:
    with Store.open(file) as store:
        remembered(store, an_issue(a_paper(1)))
    before = file.read_bytes()

    with Store.rehearsal(file) as copy:
        assert copy.published(a_paper(1), but="") == "2026-W47"
        remembered(copy, an_issue(a_paper(2), day=date(2026, 11, 28)))

    assert file.read_bytes() == before


def test_a_rehearsal_without_a_store_makes_none(file: Path) -> None:
    with Store.rehearsal(file) as store:
        assert store.published(a_paper(1), but="") is None

    assert not file.exists()


def test_a_file_that_is_no_store_is_left_alone(file: Path) -> None:
    file.write_text("These are my notes, not a database. " * 100, encoding="utf-8")

    with pytest.raises(StoreError, match="is not a store"):
        Store.open(file)

    assert file.read_text(encoding="utf-8").startswith("These are my notes")


def test_a_store_of_a_newer_digestor_is_refused(file: Path) -> None:
    Store.open(file).close()
    db = sqlite3.connect(file)
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()

    with pytest.raises(StoreError, match="newer digestor"):
        Store.open(file)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")

    with pytest.raises(StoreError, match="notes"):
        Store.open(tmp_path / "notes" / "digestor.db")


def test_the_folder_of_the_store_is_made_if_need_be(tmp_path: Path) -> None:
    Store.open(tmp_path / "memory" / "of" / "mine.db").close()

    assert (tmp_path / "memory" / "of" / "mine.db").exists()


def test_a_paper_that_was_listed_by_title_is_known_when_it_comes_again_with_its_abstract(file: Path) -> None:
    named, nameless = a_paper(1, arxiv_id="2611.00001"), a_paper(2)
    short = tuple(Listed(paper=paper.model_copy(update={"abstract": ""})) for paper in (named, nameless))
    with Store.open(file) as store:
        remembered(store, an_issue(a_paper(3)).model_copy(update={"listed": short}))

        assert store.published(named.model_copy(update={"title": "Renamed beyond recognition"}), but="") == "2026-W47"
        assert store.published(nameless, but="") == "2026-W47"
        assert store.published(a_paper(4), but="") is None


def test_two_papers_of_one_title_without_abstracts_are_each_known(file: Path) -> None:
    papers = [a_paper(n, title="Editorial", abstract="", doi=f"10.1000/{n}") for n in (1, 2)]
    with Store.open(file) as store:
        remembered(store, an_issue(*papers))

        assert [store.published(paper, but="") for paper in papers] == ["2026-W47", "2026-W47"]
        assert store.published(a_paper(3, title="Editorial", abstract="", doi="10.1000/3"), but="") is None


def test_a_lost_store_is_rebuilt_from_the_files_with_everything_but_the_day_they_were_made(
    file: Path, tmp_path: Path
) -> None:
    again = [Entry(paper=paper, annotation=an_annotation(paper)) for paper in (a_paper(2), a_paper(3))]
    more = {"carried": (again[0],), "updated": (again[1],), "listed": (Listed(paper=a_paper(4, abstract="")),)}
    issue = an_issue(a_paper(1)).model_copy(update=more)
    (tmp_path / "2026-W47.json").write_text(as_json(issue), encoding="utf-8")

    with Store.open(file) as store:
        assert store.learn(tmp_path, but="2026-W48") == []

        assert [store.published(a_paper(n), but="") for n in range(1, 6)] == ["2026-W47"] * 4 + [None]
        assert store.past.issues() == [Made("2026-W47", date(2026, 11, 22), None, 4, date(2026, 11, 16))]
        assert store.past.tallies("2026-W48", date(2026, 11, 23), 8) == [{("papers", ""): 1, ("tag", "survey"): 1}]


def test_a_file_that_is_learnt_does_not_make_the_day_its_issue_was_made_on_unknown(file: Path, tmp_path: Path) -> None:
    issue = an_issue(a_paper(1))
    (tmp_path / "2026-W47.json").write_text(f"{as_json(issue)}\n\n", encoding="utf-8")
    with Store.open(file) as store:
        store.remember(issue, as_json(issue), date(2026, 11, 20))

        store.learn(tmp_path, but="")

        assert [one.made for one in store.past.issues()] == [date(2026, 11, 20)]


def test_the_issues_of_a_store_of_an_older_digestor_are_counted_from_their_files(file: Path, tmp_path: Path) -> None:
    issue = an_issue(a_paper(1))
    db = sqlite3.connect(file)
    for step in MIGRATIONS[:5]:
        for statement in step:
            db.execute(statement)
    hash = sha256(as_json(issue).encode()).hexdigest()
    db.execute("INSERT INTO issue VALUES ('2026-W47', ?, '2026-11-22')", (hash,))
    db.execute("PRAGMA user_version = 5")
    db.commit()
    db.close()
    (tmp_path / "2026-W47.json").write_text(as_json(issue), encoding="utf-8")

    with Store.open(file) as store:
        assert store.past.issues() == [Made("2026-W47", date(2026, 11, 22), None, 0)]
        assert store.past.tallies("2026-W48", date(2026, 11, 23), 8) == []
        store.learn(tmp_path, but="")

        assert len(store.past.tallies("2026-W48", date(2026, 11, 23), 8)) == 1
        assert store.past.named("p1") == [("2026-W47", a_paper(1))]
