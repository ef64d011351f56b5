"""The measures, and `digestor eval` that prints them."""

import json
from pathlib import Path
from typing import Any

import pytest

from digestor import evaluate
from digestor.cli import run

TIDES = {
    "id": "a",
    "title": "When the water comes: graph networks at the shore",
    "abstract": "Tides are old. We model the tides of the inner sea with a graph neural network. "
    "Our code is available at https://github.com/example/tides.",
    "lines": ["A graph neural network models the tides of the inner sea."],
    "tags": ["graphs"],
    "code": "released",
    "cluster": 1,
}
WINDS = {
    "id": "b",
    "title": "A survey of machine learning for winds over the outer cape",
    "abstract": "This survey reviews how machine learning forecasts winds.",
    "tags": ["survey"],
    "also_ok_tags": ["time-series-tabular"],
    "code": "none",
    "cluster": 2,
}


def gold(*rows: dict[str, Any]) -> str:
    file = Path("gold.jsonl")
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(file)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_flags_are_counted_as_a_reader_would() -> None:
    scores = evaluate.flags(
        [("released", "released"), ("promised", "released"), ("mentioned", "none"), ("none", "promised")]
    )

    assert scores["P"] == 1.0
    assert scores["R"] == pytest.approx(2 / 3)
    assert scores["any F1"] == pytest.approx(0.8)
    assert scores["accuracy"] == 0.5


def test_a_tag_that_is_also_right_counts_neither_way_when_lenient() -> None:
    scores = evaluate.tags([(("a", "b"), ("a",), ("b",)), (("c",), ("d",), ())])

    assert scores["strict F1"] == pytest.approx(2 / 5)
    assert scores["lenient F1"] == pytest.approx(2 / 4)
    assert scores["first right"] == 0.5


def test_clusters_are_scored_by_pairs() -> None:
    assert evaluate.clusters(["x", "x", "y", "y"], [1, 1, 1, 2]) == {"P": 0.5, "R": 1 / 3, "F1": pytest.approx(0.4)}
    assert evaluate.clusters(["x", "y"], [1, 2])["F1"] == 1.0


def test_a_line_is_scored_against_the_reference_it_is_closest_to() -> None:
    scores = evaluate.lines([("we sort rivers", ("a study of bees", "we sort rivers"), "Bees")])

    assert scores["R1"] == pytest.approx(100)
    assert scores["title copies %"] == 0


def test_the_title_again_is_a_title_copy() -> None:
    assert evaluate.copies("Tides of the inner seas.", "Tides of the Inner Sea")
    assert not evaluate.copies("We model tides with a network.", "Tides of the Inner Sea")


def test_each_kind_of_label_is_scored_with_its_baselines(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["eval", gold(TIDES, WINDS), "--json", "--misses", "misses.txt"])

    rows = json.loads(capsys.readouterr().out)
    assert code == 0
    assert {row["task"] for row in rows} == {"lines", "tags", "code", "dedupe"}
    ours = {row["task"]: row for row in rows if row["method"] in ("extractive", "digestor")}
    assert ours["code"]["any F1"] == 1.0
    assert ours["tags"]["first right"] == 1.0
    assert ours["dedupe"]["F1"] == 1.0
    assert ours["lines"]["R1"] > 50
    assert "line\ta\t" in Path("misses.txt").read_text(encoding="utf-8")


def test_without_json_it_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    run(["eval", gold(WINDS)])

    out = capsys.readouterr().out
    assert out.startswith("tags ")
    assert "the three most frequent" in out
    assert "lines" not in out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"title": "x"}\n{"ti\n', "line 2"),
        ('{"title": "x", "code": "yes"}', "code is 'yes'"),
        ('{"title": "x", "tags": "survey"}', "tags is not a list"),
        ('{"id": "1", "title": "x", "tags": ["a"]}\n' * 2, "2 rows have it"),
        ('{"title": "x"}', "no row has a label"),
        ("", "has no rows"),
        ("[1]", "line 1"),
    ],
)
def test_gold_that_makes_no_sense_is_one_message(text: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("gold.jsonl").write_text(text, encoding="utf-8")

    code = run(["eval", "gold.jsonl"])

    assert code == 2
    assert says in capsys.readouterr().err
