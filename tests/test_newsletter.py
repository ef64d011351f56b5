"""From papers to readers in one command: files, index, feed, mail, repository and webhook, each once."""

import email
import email.policy
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from digestor.cli import run
from digestor.models import Issue
from tests.fakes import a_paper
from tests.mailbox import ENVIRON, Mailbox
from tests.test_webhook import Hook

CONFIG = """
name = "Bees"
[newsletter]
url = "https://bees.example.org/"
[[sources]]
kind = "files"
path = "papers.jsonl"
[[delivery]]
kind = "smtp"
host = "127.0.0.1"
port = {port}
ca_file = "ca.pem"
user = "digest"
password_env = "MAIL_PASSWORD"
sender = "Bees <digest@example.org>"
recipients = ["ann@example.org", "bob@example.org"]
unsubscribe_url = "https://example.org/u/"
secret_env = "MAIL_SECRET"
[[delivery]]
kind = "webhook"
format = "slack"
url_env = "BEES_HOOK"
[[delivery]]
kind = "git"
author = "Bees <bees@example.org>"
"""
WEEKLY = ["weekly", "--date", "2026-11-21"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Mailbox, Hook]]:
    """A repository with five papers, a mail server and a webhook."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    papers = [a_paper(number, url=f"https://bees.example.org/{number}", upvotes=number) for number in range(5)]
    (tmp_path / "papers.jsonl").write_text(
        "".join(paper.model_dump_json(exclude_defaults=True) + "\n" for paper in papers), encoding="utf-8"
    )
    (tmp_path / ".gitignore").write_text("digestor.db*\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    with Mailbox(authority) as box, Hook() as hook:
        for name, value in {**ENVIRON, "BEES_HOOK": hook.url}.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "config.toml").write_text(CONFIG.format(port=box.port), encoding="utf-8")
        yield box, hook


def commits() -> list[str]:
    log = subprocess.run(["git", "log", "--format=%s"], capture_output=True, text=True, check=False)
    return log.stdout.splitlines()


def test_one_command_brings_the_issue_everywhere_and_a_second_one_brings_nothing_twice(
    world: tuple[Mailbox, Hook], capsys: pytest.CaptureFixture[str]
) -> None:
    box, hook = world

    first, second = run(WEEKLY), run(WEEKLY)

    assert (first, second) == (0, 0), capsys.readouterr().err
    assert box.counted() == {"ann@example.org": 1, "bob@example.org": 1}
    assert len(hook.got) == 1
    assert len(commits()) == 1
    assert "5 papers" in commits()[0]
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    assert {Path(name).name for name in tracked} >= {"2026-W47.md", "index.html", "README.md", "feed.xml"}
    assert not any(name.startswith(("digestor.db", "papers", "config")) for name in tracked)


def test_mail_page_markdown_and_feed_have_the_same_papers_lines_and_links(world: tuple[Mailbox, Hook]) -> None:
    box, _ = world
    assert run(WEEKLY) == 0
    issue = Issue.model_validate_json(Path("digests/2026-W47.json").read_bytes())
    letter = email.message_from_bytes(box.got[0].content, policy=email.policy.default)
    parts: dict[str, Any] = {part.get_content_subtype(): part.get_content() for part in letter.iter_parts()}
    forms = {
        "mail": parts["html"],
        "mail's text": parts["plain"],
        "page": Path("digests/2026-W47.html").read_text(encoding="utf-8"),
        "Markdown": Path("digests/2026-W47.md").read_text(encoding="utf-8"),
    }

    for form, text in forms.items():
        flat = re.sub(r"[\s\\]+", " ", text)
        for entry in (entry for section in issue.sections for entry in section.entries):
            assert entry.paper.title in flat, form
            assert entry.paper.url is not None
            assert entry.paper.url in flat.replace("\\", ""), form
            assert (entry.annotation.summary or "?") in flat, form
    assert "2026-W47" in Path("digests/feed.xml").read_text(encoding="utf-8")


def test_send_goes_to_webhooks_too_and_posts_nothing_twice(
    world: tuple[Mailbox, Hook], capsys: pytest.CaptureFixture[str]
) -> None:
    _, hook = world
    config = Path("config.toml").read_text(encoding="utf-8")
    hooks = '[[delivery]]\nkind = "webhook"' + config.split('kind = "webhook"')[1].split("[[delivery]]")[0]
    Path("config.toml").write_text(config.split("[[delivery]]")[0], encoding="utf-8")
    assert run(WEEKLY) == 0
    Path("config.toml").write_text(config.split("[[delivery]]")[0] + hooks, encoding="utf-8")
    capsys.readouterr()

    first, second = run(["send", "2026-W47"]), run(["send", "2026-W47", "--json"])

    assert (first, second) == (0, 0)
    assert len(hook.got) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "2026-W47 posted to webhook webhook."
    assert json.loads(out[1])["posted"] == []


def test_a_relay_that_refuses_the_login_leaves_the_issue_published_and_the_mail_to_be_sent_later(
    world: tuple[Mailbox, Hook], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, hook = world
    monkeypatch.setenv("MAIL_PASSWORD", "a wrong one")

    assert run(WEEKLY) == 1
    err = capsys.readouterr().err
    assert "127.0.0.1" in err
    assert "a wrong one" not in err
    assert box.got == []
    assert len(hook.got) == len(commits()) == 1
    monkeypatch.setenv("MAIL_PASSWORD", ENVIRON["MAIL_PASSWORD"])

    assert run(["send", "2026-W47"]) == 0
    assert box.counted() == {"ann@example.org": 1, "bob@example.org": 1}
