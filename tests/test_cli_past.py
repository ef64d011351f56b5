"""`digestor history`, `forget`, `feedback` and `why`, as their user sees them."""

import io
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from digestor.cli import run
from digestor.compose import compose
from digestor.feedback import said as link_says
from digestor.models import Code, Entry, Issue, Ledger, Listed, Pick
from digestor.period import weekly
from digestor.render.issue import as_json
from digestor.store import Store
from tests.fakes import a_paper, an_annotation

ONE, TWO, THREE, OLD = a_paper(1, arxiv_id="2611.00001"), a_paper(2), a_paper(3), a_paper(7)


def an_issue() -> Issue:
    """Two papers ranked, one carried over, one listed."""
    judged = an_annotation(ONE, relevance=2, why="close to your topic", tags=("bees", "survey"))
    entries = [
        Entry(paper=ONE, annotation=judged, why="“memory” in the title", score=3.25),
        Entry(paper=TWO, annotation=an_annotation(TWO, tag="bees")),
    ]
    issue = compose("Week", weekly(date(2026, 11, 21)), entries, Ledger(read=2, annotated=2), {"bees": "Bees"})
    code = Code(status="released", url="https://github.com/a/b", evidence="code at", found_in="abstract")
    old = Entry(paper=OLD, annotation=an_annotation(OLD, code=code))
    listed = Listed(paper=THREE.model_copy(update={"abstract": ""}), why="41 votes")
    outside = Pick(paper_id="p2", why="nothing like your library")
    return issue.model_copy(update={"carried": (old,), "listed": (listed,), "outside": outside})


def before() -> Issue:
    entries = [Entry(paper=paper, annotation=an_annotation(paper)) for paper in (OLD, a_paper(8))]
    return compose("Week", weekly(date(2026, 11, 10)), entries, Ledger(read=2, annotated=2), {})


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of two issues and no store; both were made, nobody knows when."""
    (tmp_path / "digests").mkdir()
    for issue in (before(), an_issue()):
        (tmp_path / "digests" / f"{issue.id}.json").write_text(as_json(issue), encoding="utf-8")
    (tmp_path / "config.toml").write_text('store = "memory.db"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; its exit code, stdout and stderr."""

    def ask(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


def remembered(on: date) -> None:
    with Store.open(Path("memory.db")) as store:
        store.remember(an_issue(), as_json(an_issue()), on)


def opinions() -> list[tuple[str, str, date]]:
    with Store.open(Path("memory.db")) as store:
        return [(paper.id, verdict, day) for paper, verdict, day in store.past.opinions()]


def test_history_lists_issues_with_days_papers_and_when_they_were_made(said: Any) -> None:
    remembered(on=date(2026, 11, 20))

    assert said("history") == (
        0,
        "2026-W46      2 papers  9–15 November 2026, made nobody knows when\n"
        "2026-W47      4 papers  16–22 November 2026, made 20 November 2026\n",
        "",
    )


def test_history_can_be_read_by_a_program_and_writes_nothing(said: Any) -> None:
    code, out, _ = said("history", "--json")

    assert code == 0
    assert json.loads(out)["issues"][0] == {
        "id": "2026-W46",
        "start": "2026-11-09",
        "end": "2026-11-15",
        "made": None,
        "papers": 2,
    }
    assert not Path("memory.db").exists()


def test_history_of_nothing_says_so(said: Any, desk: Path) -> None:
    for file in (desk / "digests").iterdir():
        file.unlink()

    assert said("history") == (0, "No issue was made yet; `digestor weekly` makes one.\n", "")


def test_a_file_that_cannot_be_read_is_told_beside_the_history(said: Any, desk: Path) -> None:
    (desk / "digests" / "2026-W46.json").write_text('{"sections": 1}', encoding="utf-8")

    code, out, err = said("history")

    assert (code, out.count("\n")) == (0, 1)
    assert "2026-W46.json: is no issue that can be read" in err


@pytest.mark.parametrize("words", ["2611.00001", "p1", "https://arxiv.org/abs/2611.00001v2", "memory, STUDY 1"])
def test_a_paper_is_forgotten_by_any_of_its_names(said: Any, words: str) -> None:
    code, out, err = said("forget", words)

    assert (code, out, err) == (
        0,
        f"Forgotten: {ONE.title} (2026-W47). It may come again when a source gives it.\n",
        "",
    )
    with Store.open(Path("memory.db")) as store:
        assert store.published(ONE, but="") is None
        assert store.published(TWO, but="") == "2026-W47"


def test_an_issue_is_forgotten_and_it_is_said_that_its_file_is_still_there(said: Any) -> None:
    code, out, err = said("forget", "2026-W47")

    assert (code, out) == (0, "2026-W47 is forgotten, and its 4 papers may come again when a source gives them.\n")
    assert str(Path("digests/2026-W47.json")) in err
    assert said("history")[1].startswith("2026-W46 ")
    assert "2026-W47" not in said("history")[1]


def test_words_that_mean_several_papers_forget_none_and_list_them(said: Any) -> None:
    code, out, err = said("forget", "study")

    assert (code, out) == (2, "")
    assert err.startswith("digestor: study: may be one of several papers:\n")
    assert all(f"{paper.id}  {paper.title} (" in err for paper in (ONE, TWO, THREE, OLD, a_paper(8)))
    with Store.open(Path("memory.db")) as store:
        assert store.published(ONE, but="") == "2026-W47"


@pytest.mark.parametrize("command", ["forget", "why"])
def test_what_nobody_knows_is_said_to_be_unknown(said: Any, command: str) -> None:
    code, out, err = said(command, "2611.99999")

    assert (code, out) == (2, "")
    assert err.startswith("digestor: 2611.99999: is ")


def test_feedback_keeps_what_readers_said_and_says_what_it_could_not_use(said: Any, desk: Path) -> None:
    lines = [link_says("more", "p1", "2026-W47"), "digestor: less p3", "digestor: more p99", "digestor: whatever"]
    (desk / "answers.txt").write_text("\n".join(lines), encoding="utf-8")

    code, out, err = said("feedback", "answers.txt")

    assert code == 1
    assert out == f"more: {ONE.title}\nless: {THREE.title}\n2 kept: 1 more, 1 less.\n"
    assert "answers.txt: p99: is the id of no paper that was published" in err
    assert "answers.txt:4: is unclear: digestor: whatever" in err
    today = datetime.now(UTC).date()
    assert [(id, verdict) for id, verdict, _ in opinions()] == [("p1", "more"), ("p3", "less")]
    assert all(abs((today - day).days) <= 1 for _, _, day in opinions())


def test_feedback_reads_several_files_and_the_standard_input_and_the_last_word_counts(
    said: Any, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issues = [{"title": "digestor: more p1", "createdAt": "2026-11-20T10:00:00Z"}]
    mail = "From: ann@example.org\nDate: Sat, 21 Nov 2026 10:00:00 +0000\nSubject: Re: digestor: less p1\n\nSorry.\n"
    (desk / "answers.eml").write_text(mail, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(issues).encode())))

    code, out, err = said("feedback", "answers.eml", "-")

    assert (code, out.splitlines()[-1], err) == (0, "2 kept: 1 more, 1 less.", "")
    assert opinions() == [("p1", "less", date(2026, 11, 21))]


def test_feedback_from_the_future_counts_from_today(said: Any, desk: Path) -> None:
    issues = [{"title": "digestor: more p1", "createdAt": "2099-11-20T10:00:00Z"}]
    (desk / "answers.json").write_text(json.dumps(issues), encoding="utf-8")

    said("feedback", "answers.json")

    assert opinions()[0][2] <= datetime.now(UTC).date()


def test_feedback_goes_on_with_the_other_files_where_one_cannot_be_read(said: Any, desk: Path) -> None:
    (desk / "broken.json").write_text("[{", encoding="utf-8")
    (desk / "answers.txt").write_text("digestor: more p1\n", encoding="utf-8")

    code, out, err = said("feedback", "broken.json", "answers.txt")

    assert (code, out.splitlines()[-1]) == (1, "1 kept: 1 more, 0 less.")
    assert "broken.json: is no JSON that can be read" in err


def test_an_id_that_two_issues_gave_to_two_papers_means_that_of_the_issue_named(said: Any, desk: Path) -> None:
    other = before().model_copy(update={"id": "2026-W45", "end": date(2026, 11, 8)})
    text = as_json(other).replace('"p8"', '"p1"')
    (desk / "digests" / "2026-W45.json").write_text(text, encoding="utf-8")
    (desk / "one.txt").write_text("digestor: more p1 · 2026-W45\n", encoding="utf-8")
    (desk / "two.txt").write_text("digestor: more p1\n", encoding="utf-8")

    assert said("feedback", "one.txt")[1].startswith(f"more: {a_paper(8).title}\n")
    code, _, err = said("feedback", "two.txt")
    assert (code, "may be one of several papers" in err) == (1, True)


def test_feedback_without_a_file_says_how_it_is_used(said: Any) -> None:
    assert said("feedback")[0] == 2
    assert said("feedback", "missing.mbox")[0] == 2


def test_why_says_where_a_paper_stands_and_for_what(said: Any, desk: Path) -> None:
    (desk / "answers.txt").write_text("digestor: more p1\n", encoding="utf-8")
    said("feedback", "answers.txt")

    code, out, err = said("why", "2611.00001")

    assert (code, err) == (0, "")
    assert re.sub(r"number \d", "number N", out).splitlines()[:-1] == [
        f"{ONE.title} (p1)",
        "In 2026-W47 it is number N of 2 in the section “Bees”.",
        "It is the one to read: close to your topic.",
        "Ranked with 3.25 for: “memory” in the title.",
        "The model finds it relevant, 2 of 3: close to your topic.",
        "Its tags: Bees, survey. Code: none.",
        f"Its line: It is about {ONE.title}.",
    ]
    assert re.fullmatch(r"A reader said: more, on \d{1,2} \w+ \d{4}\.", out.splitlines()[-1])


def test_why_says_of_the_paper_from_outside_that_it_is_and_how_papers_are_ordered_without_a_score(said: Any) -> None:
    out = said("why", "p2")[1]

    assert "It is the one from outside the usual: nothing like your library.\n" in out
    assert "In a section papers stand by code, then votes, then title.\n" in out


def test_why_says_of_a_listed_paper_that_there_was_no_room(said: Any) -> None:
    assert said("why", "p3")[1] == (
        f"{THREE.title} (p3)\n"
        "In 2026-W47 it is number 1 of the 1 listed by title, for want of room.\n"
        "Ranked for: 41 votes.\n"
    )


def test_why_says_of_a_paper_that_was_carried_over_what_was_said_of_it_before(said: Any) -> None:
    out = said("why", "p7")[1]

    assert "In 2026-W47 it is carried over, since its code has appeared.\n" in out
    assert f"It was in 2026-W46: It is about {OLD.title}.\n" in out


def test_why_says_of_a_paper_that_is_not_in_the_issue_which_one_had_it(said: Any) -> None:
    eight = a_paper(8)

    assert said("why", "p8")[1] == (
        f"{eight.title} (p8)\nIt is not in 2026-W47.\nIt was in 2026-W46: It is about {eight.title}.\n"
    )
    assert said("why", "p8", "--issue", "2026-W46")[1].startswith(f"{eight.title} (p8)\nIn 2026-W46 it is ")


def test_why_prefers_the_papers_of_the_issue_where_words_mean_several(said: Any) -> None:
    assert said("why", "study 8", "--issue", "2026-W46")[0] == 0
    assert said("why", "study")[0] == 2


@pytest.mark.parametrize("command", ["history", "forget", "feedback", "why"])
def test_the_first_line_of_the_help_is_the_one_in_the_list_of_commands(said: Any, command: str) -> None:
    out = said(command, "--help")[1]

    assert "Example: digestor " in out
