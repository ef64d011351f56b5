"""The whole house with a real model: a server is started, and `digestor weekly` makes an issue with it.

Off unless DIGESTOR_LIVE=1, for it takes minutes. DIGESTOR_LIVE=all takes both example pages, whole; that is half an
hour on two cores. DIGESTOR_LLAMA_PYTHON names an interpreter with the server, see tests/llama.py.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from digestor.models import Issue
from tests.llama import MODEL, Llama

LIVE = os.environ.get("DIGESTOR_LIVE", "")
EXAMPLES = Path(__file__).parents[1] / "examples"
PAPERS = 4
"""Of the first page, where not all are wanted."""


@pytest.fixture(autouse=True)
def watchdog() -> None:
    """None: a model takes as long as it takes, and the annotator gives up on one that does not answer."""


def pages(folder: Path) -> list[str]:
    """The example pages, or one with the first papers of the first."""
    if LIVE == "all":
        return sorted(str(page) for page in EXAMPLES.glob("*.txt"))
    blocks = (EXAMPLES / "made-up-page-1.txt").read_text(encoding="utf-8").split("\n\n")
    abstracts = [number for number, block in enumerate(blocks) if len(block) > 300]
    page = folder / "page.txt"
    page.write_text("\n\n".join(blocks[: abstracts[PAPERS - 1] + 1]) + "\n", encoding="utf-8")
    return [str(page)]


def weekly(folder: Path, url: str, *inputs: str) -> tuple[int, dict[str, Any], str]:
    """`digestor weekly`, in a process of its own: its exit code, what it tells, and its complaints."""
    command = [sys.executable, "-m", "digestor", "weekly", *inputs, "--model", MODEL]
    environ = {**os.environ, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": ""}
    done = subprocess.run(
        [*command, "--date", "2026-11-21", "--format", "md,json", "--json"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.mark.skipif(not LIVE, reason="starts a real model and takes minutes: set DIGESTOR_LIVE=1 (or =all)")
def test_a_real_model_makes_an_issue_in_which_each_paper_is_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[annotator]\nkind = "llm"\nmodel = "none"\npapers_per_request = 2\n')
    inputs = pages(tmp_path)

    with Llama() as server:
        code, told, complaints = weekly(tmp_path, server.url, *inputs)
        again, told_again, _ = weekly(tmp_path, server.url, *inputs)

    assert (code, again) == (0, 0), complaints
    ledger = told["ledger"]
    assert ledger["read"] == sum(count for name, count in ledger.items() if name != "read") >= PAPERS
    assert ledger["failed"] == 0
    issue = Issue.model_validate_json((tmp_path / next(f for f in told["files"] if f.endswith(".json"))).read_bytes())
    found = [entry.annotation for section in issue.sections for entry in section.entries]
    assert len(found) == ledger["annotated"] + ledger["fallback"]
    assert {one.origin for one in found} <= {"llm", "fallback"}
    assert all(one.note for one in found if one.origin == "fallback")
    assert told["usage"]["spent"]["requests"] > 0
    assert "spent" not in told_again["usage"], "what was answered was asked again"
    assert told_again["ledger"] == ledger
