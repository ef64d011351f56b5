"""What the documents say is so."""

import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digestor.cli import COMMANDS, run
from digestor.config import Config, load
from digestor.plugins import BUILT_IN, find
from digestor.taxonomy import load as load_tags
from tests.hosting import Answer, Host
from tests.serving import ChatServer

HOUSE = Path(__file__).parents[1]
DOCUMENTS = sorted([*HOUSE.glob("*.md"), *HOUSE.glob("docs/*.md"), *HOUSE.glob("*/README.md")])
EXAMPLE = (HOUSE / "config.example.toml").read_text(encoding="utf-8")


def uncommented(text: str) -> dict[str, Any]:
    """The example with every default switched on: the lines that are TOML once their `# ` is gone."""
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    kept = [line for line in lines if re.match(r"(\[\[?\w+\]\]?$|\w+ = [\"\[].*[\"\]]$)", line)]
    return tomllib.loads("\n".join(kept))


def blocks(document: str, language: str) -> list[str]:
    text = (HOUSE / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")

    assert f"`digestor {command}`" in readme or f", `{command}`" in readme


def test_every_config_key_is_explained_and_every_default_is_the_real_one() -> None:
    shown = uncommented(EXAMPLE)

    assert set(shown) == set(Config.model_fields) - {"file"}, "a key is missing, or too many"
    defaults = Config().model_dump(mode="json")
    for key in ("name", "store", "output", "formats", "annotator"):
        assert shown[key] == defaults[key]


def test_every_key_of_every_built_in_is_explained() -> None:
    for seam in BUILT_IN:
        for kind in BUILT_IN[seam]:
            for key in find(seam, kind, "test").model_fields:
                assert re.search(rf"\b{key}\b", EXAMPLE), f"{kind}: {key}"


def test_the_example_loads_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(EXAMPLE, encoding="utf-8")

    here = {"store": tmp_path / "digestor.db", "output": tmp_path / "digests"}
    assert load(file) == Config(file=file).model_copy(update=here)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))

    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_file_of_tags_in_the_document_loads(tmp_path: Path) -> None:
    (text,) = blocks("docs/tags.md", "toml")
    (tmp_path / "tags.toml").write_text(text, encoding="utf-8")

    tags = load_tags(tmp_path / "tags.toml")

    assert tags.tag("Tidal currents near a glacier", "A storm surge.") == ("tides", "ice")


def test_the_plugin_in_the_document_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, config = blocks("docs/plugins.md", "python"), blocks("docs/plugins.md", "toml")
    (tmp_path / "shelf_source.py").write_text("\n\n".join(code), encoding="utf-8")
    (tmp_path / "config.toml").write_text("\n".join(config), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    assert run(["weekly", "--date", "2026-11-21", "--format", "md,txt"]) == 0

    assert "2 papers read" in capsys.readouterr().out
    assert "On winds" in Path("printed.txt").read_text(encoding="utf-8")
    assert "On tides" in Path("digests/2026-W47.md").read_text(encoding="utf-8")


OAI = "http://www.openarchives.org/OAI/2.0/"
CHANGES = f'<OAI-PMH xmlns="{OAI}"><error code="noRecordsMatch">none</error></OAI-PMH>'
ALERT = r"""From: no-reply@arxiv.org
Date: Tue, 17 Nov 2026 01:30:00 +0000
Subject: cs daily 1 new + 0 crosses received

received from  Fri 13 Nov 26 19:00:00 GMT  to  Mon 16 Nov 26 19:00:00 GMT
------------------------------------------------------------------------------
\\
arXiv:2611.09999
Date: Mon, 16 Nov 2026 10:00:00 GMT   (20kb)

Title: On ferns
Authors: Ann Ash
Categories: cs.CL
\\
  We count ferns.
\\ ( https://arxiv.org/abs/2611.09999 ,  20kb)
%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---
"""


def test_the_commands_of_the_readme_run(tmp_path: Path, host: Host) -> None:
    (tmp_path / "pages").mkdir()
    for page in (HOUSE / "examples").glob("*.txt"):
        shutil.copy(page, tmp_path / "pages")
    (tmp_path / "library.bib").write_text("@article{a, title={On moss}, abstract={We count moss.}}\n", encoding="utf-8")
    (tmp_path / "alerts.eml").write_text(ALERT, encoding="utf-8")
    (tmp_path / "papers.jsonl").write_text('{"title": "On tides"}\n', encoding="utf-8")
    (tmp_path / "digestor").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m digestor "$@"\n', encoding="utf-8")
    (tmp_path / "digestor").chmod(0o755)
    lines = [line.split(" # ")[0] for block in blocks("README.md", "sh") for line in block.splitlines()]
    commands = [line.strip() for line in lines if line.startswith("digestor ")]
    script = "set -e\nPATH=.:$PATH\n" + "\n".join(commands)
    script = script.replace(" --max-cost 0.50", "")  # a server on this machine has no price
    keys = f'via = "oai"\\noai_base = "{host.url}/oai"\\nallow_private = true'  # in place of arXiv's own
    rewrite = f"sed -i 's#^kind = \"arxiv\"#&\\n{keys}#' config.toml"
    script = re.sub("digestor init .*", lambda line: f"{line[0]}\n{rewrite}", script)
    host.routes["/oai"] = Answer(CHANGES, headers={"Content-Type": "text/xml"})

    with ChatServer() as server:
        environ = {**os.environ, "OPENAI_BASE_URL": server.url}
        done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True)

    assert len(commands) >= 6
    assert done.returncode == 0, done.stderr
    assert (done.returncode, [line for line in done.stderr.splitlines() if "leave the issue" in line]) == (0, [])


PERSONAL = """
[[sources]]
kind = "files"
path = "*.jsonl"
[interests]
topics = ["moss"]
"""


def test_the_commands_of_the_documents_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [{"id": "2611.10000", "title": "On moss", "abstract": "We count moss."}, {"title": "On ferns"}]
    (tmp_path / "config.toml").write_text(PERSONAL.replace("*", "a"), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(json.dumps(rows[1]) + "\n", encoding="utf-8")
    assert run(["weekly", "--date", "2026-11-14", "--quiet"]) == 0  # the issue that is forgotten
    (tmp_path / "config.toml").write_text(PERSONAL.replace("*", "b"), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
    assert run(["weekly", "--date", "2026-11-21", "--quiet"]) == 0
    (tmp_path / "answers.mbox").write_text("Subject: digestor: more 2611.10000\n\n", encoding="utf-8")
    lines = [line.split("  #")[0].strip() for block in blocks("docs/interests.md", "sh") for line in block.splitlines()]
    asked = '[{"title": "digestor: less 2611.10000", "body": "", "createdAt": "2026-11-22T08:00:00Z"}]'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(asked.encode())))

    for line in lines:
        command = line.rpartition("| ")[2].split()
        assert command[0] == "digestor"
        assert run(command[1:]) == 0, f"{line}: {capsys.readouterr().err}"

    assert {line.split()[1] for line in lines} >= {"why", "history", "forget", "feedback"}


def test_what_is_collected_as_the_document_says_is_in_the_issue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: Host
) -> None:
    monkeypatch.chdir(tmp_path)
    day = datetime.now(UTC).strftime("%a, %d %b %Y 00:00:00 GMT")
    item = (
        f"<item><title>On moss</title><description>We count moss in bays.</description><pubDate>{day}</pubDate></item>"
    )
    host.routes["/feed"] = [
        Answer(f'<rss version="2.0"><channel><title>Moss</title>{item}</channel></rss>'),
        Answer('<rss version="2.0"><channel><title>Moss</title></channel></rss>'),
    ]
    source = f'[[sources]]\nkind = "feed"\nlabel = "Moss"\nurl = "{host.url}/feed"\nallow_private = true\n'
    (tmp_path / "config.toml").write_text(source, encoding="utf-8")
    (command,) = (line.split() for line in blocks("docs/sources.md", "sh")[0].splitlines() if line)

    assert run([word for word in command[1:] if word.isalpha()][:1]) == 0
    collected = capsys.readouterr().out
    with closing(sqlite3.connect("digestor.db")) as db, db:
        db.execute("DELETE FROM reply")  # an hour later
    assert run(["weekly", "--format", "json"]) == 0

    assert "1 new to the store" in collected
    assert "1 papers read" in capsys.readouterr().out.replace("1 paper read", "1 papers read")
    assert len(host.asked) == 2


def test_the_kinds_of_sources_and_their_keys_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sources"]) == 0

    out = capsys.readouterr().out
    for kind in BUILT_IN["source"]:
        assert f"\n{kind}: " in f"\n{out}"
    assert "categories = []" in out


def test_a_source_is_tried_by_its_name_its_kind_or_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(PERSONAL.replace("*", "a"), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"title": "On moss", "abstract": "We count moss."}\n', encoding="utf-8")

    for name in ("a.jsonl", "files", "1"):
        assert run(["sources", "test", name]) == 0
        assert "On moss" in capsys.readouterr().out
    assert run(["sources", "test", "nothing"]) == 2
    assert "there are: a.jsonl" in capsys.readouterr().err
