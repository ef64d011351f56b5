"""`digestor plan`, `--model` and `--max-cost`: what it would cost, before it costs."""

import json
from pathlib import Path
from typing import Any

import pytest

from digestor.cli import run
from digestor.cli.money import dollars, how_far_off, in_words
from digestor.models import Plan, Spent
from tests.serving import Batches, ChatServer, Weather
from tests.test_llm import a_study

PRICES = "input_price = 1.0\noutput_price = 4.0\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with thirty papers, and no key in the environment."""
    lines = [a_study(number).model_dump_json(exclude_defaults=True) for number in range(30)]
    (tmp_path / "papers.jsonl").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def configured(url: str, more: str = "") -> None:
    text = f'[annotator]\nkind = "llm"\nmodel = "m"\nbase_url = "{url}"\n{PRICES}{more}'
    Path("config.toml").write_text(text, encoding="utf-8")


def asked_directly(server: ChatServer) -> int:
    return sum(seen.path.endswith("/chat/completions") for seen in server.log)


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_plan_costs_nothing_and_the_next_one_says_how_far_off_it_was(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer() as server:
        configured(server.url)

        assert run(["plan", "papers.jsonl", "--json"]) == 0
        plan = said(capsys)["plan"]
        assert server.log == []
        assert run(["weekly", "papers.jsonl", "--date", "2026-11-21", "--json"]) == 0
        spent = said(capsys)["usage"]["spent"]
        assert run(["plan", "papers.jsonl", "--date", "2026-11-21"]) == 0

    out = capsys.readouterr().out
    assert (plan["papers"], plan["requests"]) == (30, 2)
    assert plan["cost"] == pytest.approx(spent["cost"], rel=0.5)
    assert "0 papers to annotate, nothing to be paid for" in out
    assert "The last plan: 2 planned, 2 requests taken (+0%)" in out


def test_an_issue_of_a_model_says_what_it_took(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer() as server:
        configured(server.url)

        assert run(["weekly", "papers.jsonl", "--date", "2026-11-21"]) == 0

    out = capsys.readouterr().out
    assert "30 papers answered in 2 requests" in out
    issue = json.loads((desk / "digests" / "2026-W47.json").read_text(encoding="utf-8"))
    entries = [entry for section in issue["sections"] for entry in section["entries"]]
    assert {entry["annotation"]["origin"] for entry in entries} == {"llm"}


def test_a_model_and_the_usual_variables_are_enough(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatServer(Weather(key="k-1", model="some-model")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k-1")

        assert run(["plan", "papers.jsonl", "--model", "some-model"]) == 0
        assert "30 papers in 2 requests" in capsys.readouterr().out
        assert run(["annotate", "papers.jsonl", "--model", "some-model"]) == 0

    assert len(capsys.readouterr().out.splitlines()) == 30


def test_without_a_key_nothing_is_read(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["weekly", "papers.jsonl", "--model", "m"]) == 2

    assert "not set in the environment: OPENAI_API_KEY" in capsys.readouterr().err


def test_a_rehearsal_spends_nothing(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer() as server:
        configured(server.url)

        assert run(["weekly", "papers.jsonl", "--dry-run"]) == 0

        assert server.log == []
    assert "30 papers in 2 requests" in capsys.readouterr().out
    assert not (desk / "digests").exists()


def test_a_budget_that_is_reached_gives_a_whole_issue_and_exit_code_1(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer() as server:
        configured(server.url, "papers_per_request = 5\n")

        assert run(["weekly", "papers.jsonl", "--max-cost", "0.02", "--date", "2026-11-21", "--json"]) == 1
        first = said(capsys)
        assert run(["weekly", "papers.jsonl", "--date", "2026-11-21", "--json"]) == 0
        second = said(capsys)

    assert first["usage"]["spent"]["cost"] <= 0.02
    assert first["ledger"]["annotated"] + first["ledger"]["fallback"] == 30
    assert first["ledger"]["fallback"] == first["usage"]["spent"]["skipped"] > 0
    assert second["ledger"]["annotated"] == 30, "those that were not asked about are asked about now"
    assert second["usage"]["from_store"] == first["ledger"]["annotated"]


def test_a_server_that_fails_makes_no_issue(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer(Weather(credit=1)) as server:
        configured(server.url, "papers_per_request = 5\nconcurrency = 1\n")

        assert run(["weekly", "papers.jsonl", "--date", "2026-11-21"]) == 1
        assert not (desk / "digests").exists()
        server.weather = Weather()
        assert run(["weekly", "papers.jsonl", "--date", "2026-11-21"]) == 0

        assert max(server.paid.values()) == 1, "what was answered before the credit ended was kept"
    err = capsys.readouterr().err
    assert "5 papers were answered and are kept" in err


def test_check_says_server_prompt_and_price(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configured("http://localhost:1/v1")

    assert run(["check"]) == 0

    out = capsys.readouterr().out
    assert "http://localhost:1/v1" in out
    assert "annotate/v1@" in out
    assert "$1 in, $4 out a million tokens (the config)" in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('prompt = "annotate/v9"', "there are: annotate/v1"),
        ('base_url = "localhost:8080"', "begins with http"),
        ('language = "tlh"', "name a language by its code"),
        ("papers_per_request = 0", "papers_per_request"),
        ("parameters = { model = 'x' }", "model cannot be set here"),
        ("max_costs = 1.0", "did you mean 'max_cost'"),
    ],
)
def test_a_wrong_key_of_the_config_is_told(
    desk: Path, capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    Path("config.toml").write_text(f'[annotator]\nkind = "llm"\nmodel = "m"\n{line}\n', encoding="utf-8")

    assert run(["check"]) == 2

    assert words in capsys.readouterr().err


def test_prompts_of_ones_own_are_beside_the_config(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = "{% block system %}S{% endblock %}{% block paper %}{{ number }}{% endblock %}"
    blocks += "{% block again %}{% endblock %}{% block reminder %}{% endblock %}"
    (desk / "set" / "prompts").mkdir(parents=True)
    (desk / "set" / "prompts" / "mine.j2").write_text(blocks, encoding="utf-8")
    text = '[annotator]\nkind = "llm"\nmodel = "m"\nbase_url = "http://localhost:1"\n'
    text += 'prompts = "prompts"\nprompt = "mine"\n'
    (desk / "set" / "c.toml").write_text(text, encoding="utf-8")

    assert run(["check", "-c", "set/c.toml"]) == 0

    assert "mine@" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cost", "words"), [(None, "no price known"), (0, "$0.00"), (0.00012, "$0.0001"), (3, "$3.00")]
)
def test_an_amount_is_exact_enough(cost: float | None, words: str) -> None:
    assert dollars(cost) == words


def test_what_was_spent_is_said_whole() -> None:
    spent = Spent(
        requests=2, papers=30, tokens_in=9000, cached=800, tokens_out=2000, reasoning=500, cost=0.5, skipped=3
    )

    assert in_words(spent) == (
        "30 papers answered in 2 requests, 9,000 tokens in, 800 of them cached, 2,000 out, 500 of them thought, "
        "$0.5000, 3 papers not asked about, for the budget was reached"
    )


def test_how_far_off_a_plan_was_is_said_in_percent() -> None:
    plan = Plan(annotator="m", papers=1, requests=10, tokens_in=100, tokens_out=100, cost=1.0)

    words = how_far_off(plan, Spent(requests=11, tokens_in=90, tokens_out=100, cost=2.0))

    assert words == (
        "The last plan: 10 planned, 11 requests taken (+10%); 100 planned, 90 tokens in taken (-10%); "
        "100 planned, 100 tokens out taken (+0%); $1.00 planned, $2.00 taken (+100%)"
    )


def test_a_batch_is_handed_in_waited_for_and_collected_by_the_same_command(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["weekly", "papers.jsonl", "--date", "2026-11-21", "--json"]
    with ChatServer(batches=Batches(polls=1)) as server:
        configured(server.url, 'mode = "batch"\n')

        assert run(command) == 3
        assert run(command) == 3
        assert not (desk / "digests").exists()
        assert "under way" in capsys.readouterr().err
        assert run(command) == 0

        assert asked_directly(server) == 0
        assert set(server.paid.values()) == {1}
    done = said(capsys)
    assert done["ledger"]["annotated"] == 30
    assert done["usage"]["spent"]["cost"] > 0


def test_what_a_batch_left_is_asked_directly_so_that_the_issue_is_made(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["weekly", "papers.jsonl", "--date", "2026-11-21", "--json"]
    with ChatServer(batches=Batches(polls=0, broken=0.2)) as server:
        configured(server.url, 'mode = "batch"\npapers_per_request = 3\n')

        assert run(command) == 3
        assert run(command) == 0

        assert 0 < asked_directly(server) <= 4
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["ledger"]["annotated"] == 30


def test_asking_now_while_a_batch_is_under_way_says_that_it_pays_twice(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(batches=Batches(polls=9)) as server:
        configured(server.url, 'mode = "batch"\n')
        assert run(["annotate", "papers.jsonl"]) == 3
        configured(server.url)

        assert run(["annotate", "papers.jsonl"]) == 0

    assert "30 papers are in a batch under way" in capsys.readouterr().err


def test_papers_that_fell_back_are_asked_about_again_only_when_that_is_asked_for(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["weekly", "papers.jsonl", "--date", "2026-11-21", "--json"]
    with ChatServer(Weather(faults={"stubborn": 1.0})) as server:
        configured(server.url)
        assert run(command) == 0
        first = said(capsys)["ledger"]
        server.weather = Weather()
        server.clear()
        assert run(command) == 0
        assert (said(capsys)["ledger"], server.log) == (first, [])

        assert run([*command, "--ask-again"]) == 0

    assert first["fallback"] > 0
    assert said(capsys)["ledger"]["annotated"] == 30
