"""The command line as its user sees it: words, files, exit codes; nothing is faked."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from digestor.cli import COMMANDS, cli, run
from digestor.models import Issue
from digestor.store import Store

EXAMPLES = sorted(str(page) for page in (Path(__file__).parents[1] / "examples").glob("*.txt"))
WEEK = ["--date", "2026-11-21"]
LEDGER = ["read", "duplicates", "published", "filtered", "listed", "annotated", "fallback", "failed"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder of its own."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; its exit code, stdout and stderr."""

    def ask(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


def records(*rows: dict[str, Any]) -> str:
    file = Path("papers.jsonl")
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(file)


def test_the_examples_become_an_issue_whose_ledger_adds_up(said: Any) -> None:
    code, out, err = said("weekly", *EXAMPLES, *WEEK, "--json")

    told = json.loads(out)
    ledger = told["ledger"]
    assert (code, err) == (0, "")
    assert list(told) == ["issue", "ledger", "files", "usage", "sources", "notes", "leaving", "problems"]
    assert list(ledger) == LEDGER
    assert ledger["read"] == sum(ledger[bucket] for bucket in LEDGER[1:])
    assert ledger["duplicates"] > 0
    files = [f"digests/2026-W47.{format}" for format in ("md", "html", "txt", "json")]
    assert told["files"] == [*files, "digests/index.html", "digests/README.md"]
    issue = Issue.model_validate_json(Path("digests/2026-W47.json").read_bytes())
    assert sum(len(section.entries) for section in issue.sections) == ledger["annotated"]


def test_in_words_it_says_what_was_written_and_where_every_paper_went(said: Any) -> None:
    code, out, _ = said("weekly", *EXAMPLES, *WEEK, "--format", "md,json", "--out", "reports")

    assert code == 0
    assert "  reports/2026-W47.md\n  reports/2026-W47.json\n" in out
    assert re.search(r"\d+ papers read: \d+ duplicates, 0 published before, 0 filtered out, \d+ annotated, ", out)


def test_the_same_week_again_here_or_elsewhere_is_the_same_bytes(said: Any, tmp_path: Path) -> None:
    said("weekly", *EXAMPLES, *WEEK)
    first = {file.name: file.read_bytes() for file in Path("digests").iterdir()}

    said("weekly", *EXAMPLES, *WEEK)
    again = {file.name: file.read_bytes() for file in Path("digests").iterdir()}
    (tmp_path / "another").mkdir()
    os.chdir(tmp_path / "another")
    said("weekly", *[os.path.relpath(page) for page in EXAMPLES], *WEEK)
    there = {file.name: file.read_bytes() for file in Path("digests").iterdir()}

    assert first == again == there


def test_a_week_later_only_what_is_new_is_in_the_issue(said: Any) -> None:
    said("weekly", *EXAMPLES, *WEEK)
    new = records({"id": "fresh", "title": "A fresh look at tides", "abstract": "We look at tides afresh in one bay."})

    code, out, _ = said("weekly", *EXAMPLES, new, "--date", "2026-11-28", "--json")

    ledger = json.loads(out)["ledger"]
    assert code == 0
    assert ledger["annotated"] == 1
    assert ledger["published"] > 20


def test_the_issue_files_alone_are_memory_enough(said: Any) -> None:
    said("weekly", *EXAMPLES, *WEEK)
    Path("digestor.db").unlink()

    code, out, _ = said("weekly", *EXAMPLES, "--date", "2026-11-28")

    assert code == 0
    assert "2026-W48: nothing new, so nothing was written. Of 23–29 November 2026, this was read:\n" in out
    assert "0 annotated" in out
    assert not Path("digests/2026-W48.md").exists()


def test_a_dry_run_writes_nothing_at_all(said: Any, elsewhere: Path) -> None:
    code, out, _ = said("weekly", *EXAMPLES, *WEEK, "--dry-run")

    assert code == 0
    assert "Would write:\n  digests/2026-W47.md" in out
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(("command", "id"), [("daily", "2026-11-21"), ("monthly", "2026-11")])
def test_a_day_and_a_month_have_issues_too(said: Any, command: str, id: str) -> None:
    code, _, _ = said(command, *EXAMPLES, *WEEK)

    assert code == 0
    assert Path(f"digests/{id}.html").exists()


def test_no_input_and_no_config_names_the_two_ways_on(said: Any) -> None:
    code, out, err = said("weekly")

    assert (code, out) == (2, "")
    assert "name files" in err
    assert "digestor init" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["weekly", "none.txt"], "there is no such file"),
        (["weekly", "none*.txt"], "fits no file"),
        (["weekly", "x", "--date", "21.11.2026"], "--date"),
        (["weekly", "x", "--date", "2026-02-30"], "--date"),
        (["weekly", "x", "--format", "md,pdf"], "name one or more of md, html, txt, json"),
        (["weekly", "x", "--config", "none.toml"], "digestor init"),
        (["weekly", "x", "--nonsense"], "No such option"),
        (["weakly"], "No such command"),
        (["show", "2026-W01"], "has no issue of that id"),
        (["show"], "no issue yet"),
    ],
)
def test_a_request_that_makes_no_sense_is_exit_2_and_one_message(said: Any, arguments: list[str], says: str) -> None:
    Path("x").write_text("", encoding="utf-8")

    code, out, err = said(*arguments)

    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_an_annotator_that_is_not_there_is_told_with_those_that_are(said: Any) -> None:
    code, _, err = said("weekly", *EXAMPLES, "--annotator", "oracle")

    assert code == 2
    assert "there is no annotator 'oracle'" in err
    assert "extractive" in err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7 \x00\x01", "PDF"),
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 50, "no text"),
        (b"\x1f\x8b\x08\x00" * 9, ""),
    ],
)
def test_a_file_that_holds_no_papers_is_one_message_and_exit_1(said: Any, content: bytes, says: str) -> None:
    Path("odd.txt").write_bytes(content)

    code, out, err = said("weekly", "odd.txt", *WEEK)

    assert (code, out) == (1, "")
    assert err.startswith("digestor: odd.txt: ")
    assert says in err
    assert not Path("digests").exists()


def test_one_bad_file_among_good_ones_makes_a_partial_issue_that_says_so(said: Any) -> None:
    Path("bad.pdf").write_bytes(b"%PDF-1.7 \x00")

    code, out, err = said("weekly", *EXAMPLES, "bad.pdf", *WEEK)

    assert code == 1
    assert "Written:" in out
    assert "bad.pdf" in err
    assert "bad.pdf" in Path("digests/2026-W47.md").read_text(encoding="utf-8")


def test_a_bad_line_is_counted_as_failed_and_named(said: Any) -> None:
    file = Path("papers.jsonl")
    file.write_text('{"title": "One", "abstract": "We count to one."}\n{"title": \n', encoding="utf-8")

    code, out, err = said("weekly", "papers.jsonl", *WEEK, "--json")

    told = json.loads(out)
    assert code == 1
    assert (told["ledger"]["read"], told["ledger"]["failed"]) == (2, 1)
    assert "papers.jsonl:line 2" in told["problems"][0]["where"]
    assert err == ""


def test_when_quiet_it_says_what_went_wrong_and_nothing_else(said: Any) -> None:
    Path("bad.pdf").write_bytes(b"%PDF-1.7 \x00")

    assert said("weekly", *EXAMPLES, *WEEK, "-q") == (0, "", "")
    code, out, err = said("weekly", *EXAMPLES, "bad.pdf", *WEEK, "-q")

    assert (code, out) == (1, "")
    assert err.startswith("bad.pdf: is a PDF")


def test_on_a_terminal_a_bar_shows_what_takes_longer_than_a_second() -> None:
    rows = (
        json.dumps({"title": f"Study {n} of rivers", "abstract": f"We study river {n}. " * 30}) for n in range(4000)
    )
    Path("many.jsonl").write_text("\n".join(rows), encoding="utf-8")
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "digestor", "annotate", "many.jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=end, env={**os.environ, "TERM": "xterm"})
    os.close(end)

    shown = b""
    with suppress(OSError):  # so a terminal tells that nobody writes to it any more
        while piece := os.read(terminal, 4096):
            shown += piece
    os.close(terminal)

    assert process.wait() == 0
    assert b"annotating" in shown
    assert b"/?" in shown


def test_an_unknown_config_key_is_told_before_anything_is_read(said: Any) -> None:
    Path("config.toml").write_text('outptu = "x"', encoding="utf-8")

    code, _, err = said("weekly", "none.txt")

    assert code == 2
    assert "outptu: there is no such key; did you mean 'output'?" in err


def test_a_secret_that_is_not_in_the_environment_is_told_before_anything_is_read(said: Any) -> None:
    Path("config.toml").write_text('[annotator]\nkind = "extractive"\nkey_env = "NO_SUCH_SECRET"', encoding="utf-8")

    code, _, err = said("weekly", *EXAMPLES)

    assert code == 2
    assert "NO_SUCH_SECRET" in err


def test_a_store_in_use_is_told(said: Any) -> None:
    with Store.open(Path("digestor.db")):
        code, _, err = said("weekly", *EXAMPLES, *WEEK)

    assert code == 1
    assert "another digestor is at work" in err


def test_an_output_folder_that_is_a_file_is_told_and_nothing_is_remembered(said: Any) -> None:
    Path("digests").write_text("mine", encoding="utf-8")

    code, _, err = said("weekly", *EXAMPLES, *WEEK)
    assert code == 1
    assert "digests" in err

    Path("digests").unlink()
    code, out, _ = said("weekly", *EXAMPLES, "--date", "2026-11-28", "--json")
    assert json.loads(out)["ledger"]["published"] == 0


def test_the_filters_pipe() -> None:
    program = f"{sys.executable} -m digestor"

    done = subprocess.run(
        f"{program} dedupe {' '.join(EXAMPLES)} | {program} annotate -",
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"paper_id", "tags", "summary", "code", "origin", "annotator"} <= set(lines[0])
    assert {"status", "url", "evidence"} <= set(lines[0]["code"])
    assert len(lines) > 20
    assert done.stderr == ""


def test_an_id_that_is_given_is_kept_as_it_is(said: Any) -> None:
    file = records(
        {"id": "2611.00001v2", "title": "Tides of the inner sea", "abstract": "We model tides in a bay."},
        {"id": "my paper/7", "title": "Winds of the outer sea", "abstract": "We model winds over a cape."},
    )

    _, out, _ = said("annotate", file)

    assert [json.loads(line)["paper_id"] for line in out.splitlines()] == ["2611.00001v2", "my paper/7"]


def test_clusters_are_told_one_line_a_record_in_order(said: Any) -> None:
    same = {"title": "Tides of the inner sea", "abstract": "We model tides in a bay."}
    other = {"title": "Winds of the outer sea", "abstract": "We model winds over a cape."}
    file = records({"id": "a", **same}, {"id": "b", **other}, {"id": "c", **same})

    code, out, _ = said("dedupe", "--clusters", file)

    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["cluster"] == rows[2]["cluster"] != rows[1]["cluster"]


def test_a_config_is_written_once_and_never_over(said: Any) -> None:
    assert said("init")[0] == 0
    assert said("check")[0] == 0
    Path("config.toml").write_text('name = "Mine"', encoding="utf-8")

    code, _, err = said("init")

    assert code == 2
    assert "left alone" in err
    assert Path("config.toml").read_text(encoding="utf-8") == 'name = "Mine"'


def test_check_says_what_is_configured_and_what_is_missing(said: Any) -> None:
    Path("config.toml").write_text('[[sources]]\nkind = "files"\npath = "inbox.txt"\n', encoding="utf-8")

    code, out, _ = said("check")

    assert code == 1
    assert "inbox.txt  MISSING: there is no such file" in out
    assert "extractive/" in out


def test_an_issue_is_shown_in_the_terminal(said: Any) -> None:
    said("weekly", *EXAMPLES, *WEEK)

    code, out, _ = said("show")
    _, by_id, _ = said("show", "2026-W47")

    assert code == 0
    assert out == by_id
    assert "Papers of the week, 16–22 November 2026" in out


def test_a_file_that_is_no_issue_is_not_shown(said: Any) -> None:
    Path("x.json").write_text("{}", encoding="utf-8")

    code, _, err = said("show", "x.json")

    assert code == 2
    assert "is no issue" in err


def test_the_line_of_each_command_is_the_first_of_its_own_help(said: Any) -> None:
    context = cli.make_context("digestor", ["weekly"], resilient_parsing=True)
    for name, (_, line) in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.short_help == line
        code, out, _ = said(name, "--help")
        assert code == 0
        assert "Example:" in out
        assert all(word in said("--help")[1] for word in line.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(said: Any, shell: str) -> None:
    code, out, _ = said("completion", shell)

    assert code == 0
    assert "_DIGESTOR_COMPLETE" in out


def test_a_reader_that_goes_away_is_no_error() -> None:
    rows = "".join(
        json.dumps({"title": f"Study {n} of rivers", "abstract": f"We study river {n}."}) + "\n" for n in range(3000)
    )
    Path("many.jsonl").write_text(rows, encoding="utf-8")

    done = subprocess.run(
        f"{sys.executable} -m digestor annotate many.jsonl | head -n 1; echo ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, check=True,
    )  # fmt: skip

    first, code = done.stdout.splitlines()
    assert json.loads(first)["paper_id"]
    assert (code, done.stderr) == ("0", "")


def test_ctrl_c_keeps_what_was_done_and_shows_no_traceback() -> None:
    rows = "".join(
        json.dumps({"title": f"Study {n} of rivers and {n * 7} seas", "abstract": f"We study river {n}. " * 40}) + "\n"
        for n in range(20000)
    )
    Path("many.jsonl").write_text(rows, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "digestor", "weekly", "many.jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not Path("digestor.db").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not list(Path("digests").glob("*"))


def test_help_imports_nothing_slow() -> None:
    program = "import sys; from digestor.cli import run; run(['--help']); print(sorted(sys.modules))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    modules = done.stdout.splitlines()[-1]
    assert not [slow for slow in ("pydantic", "jinja2", "rich", "sqlite3", "ftfy") if f"'{slow}'" in modules]


def a_personal_issue(said: Any, day: str, *rows: dict[str, Any]) -> tuple[int, str, str]:
    Path("config.toml").write_text('[interests]\ntopics = ["moss"]\nmax_papers = 1\n', encoding="utf-8")
    found: tuple[int, str, str] = said("weekly", records(*rows), "--date", day)
    return found


MOSS = {"title": "On moss", "abstract": "We count moss on stones."}
FERNS = {"title": "On ferns", "abstract": "We draw ferns in rain."}


def test_a_personal_issue_made_again_of_the_same_raises_no_alarm(said: Any) -> None:
    a_personal_issue(said, "2026-11-20", MOSS, FERNS)

    code, out, err = a_personal_issue(said, "2026-11-20", MOSS, FERNS)

    assert (code, err) == (0, "")
    assert "1 listed by title" in out


def test_show_has_all_that_a_personal_issue_has(said: Any) -> None:
    a_personal_issue(said, "2026-11-20", MOSS, FERNS)

    _, out, _ = said("show")

    assert "“moss” in the title" in out
    assert "Also new, by title (1)" in out
    assert "On ferns" in out


def test_show_takes_the_issue_of_the_latest_days_whichever_was_written_last(said: Any) -> None:
    a_personal_issue(said, "2026-11-20", MOSS)
    a_personal_issue(said, "2026-11-06", FERNS)
    Path("digests/notes.json").write_text("{}", encoding="utf-8")

    _, out, _ = said("show")

    assert "16–22 November 2026" in out


def test_the_store_and_the_issues_are_where_the_config_is(said: Any) -> None:
    Path("home").mkdir()
    Path("home/config.toml").write_text("", encoding="utf-8")
    said("weekly", records(MOSS), "-c", "home/config.toml", *WEEK)

    _, out, _ = said("weekly", records(MOSS), "-c", "home/config.toml", "--date", "2026-11-27")

    assert "1 published before" in out
    assert not Path("digests").exists()


def test_an_issue_file_that_is_cut_short_is_told_of(said: Any) -> None:
    Path("digests").mkdir()
    Path("digests/2026-W40.json").write_text("{bad", encoding="utf-8")

    _, out, _ = said("weekly", records(MOSS), *WEEK, "--json")

    assert "is no issue that can be read" in json.loads(out)["problems"][0]["what"]


def test_check_misses_a_library_that_is_not_there_and_a_tag_that_is_none(said: Any) -> None:
    Path("config.toml").write_text('[interests]\nlibrary = ["no.bib"]\ntags = ["mosss"]\n', encoding="utf-8")

    code, out, _ = said("check")

    assert code == 1
    assert "no.bib  MISSING" in out
    assert "tag mosss  MISSING" in out


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('kind = "feed"\nurl = "https://[::1/x"', "IPv6"),
        ('kind = "feed"\nurl = "http://example.org/x"', "is not https"),
        ('kind = "feed"\nurl = "https://example.org:99999/x"', "out of range"),
        ('kind = "arxiv"', "names neither categories nor a query"),
        ('kind = "arxiv"\ncategories = "cs.CL"', "is a list"),
    ],
)
def test_a_source_that_cannot_be_asked_is_found_by_check(said: Any, config: str, says: str) -> None:
    Path("config.toml").write_text(f"[[sources]]\n{config}\n", encoding="utf-8")

    code, _, err = said("check")

    assert code == 2
    assert says in err
    assert "value error" not in err.lower()


def test_a_day_far_from_all_newsletters_is_refused(said: Any) -> None:
    assert said("weekly", records(MOSS), "--date", "9999-12-31")[0] == 2


def test_a_name_too_long_for_any_file_is_no_file(said: Any) -> None:
    code, _, err = said("weekly", "a" * 300)

    assert code == 2
    assert "there is no such file" in err


def test_a_file_whose_name_is_no_text_is_read(said: Any) -> None:
    name = os.fsdecode(b"bad\xff.jsonl")
    Path(name).write_text('{"title": "On moss", "abstract": "We count moss."}\n', encoding="utf-8")

    code, out, _ = said("weekly", name, *WEEK)

    assert code == 0
    assert "1 paper read" in out
