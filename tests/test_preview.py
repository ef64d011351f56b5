"""`digestor preview`: over real HTTP, and in the browser while a template changes."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from digestor.cli.preview import Preview, preview, served
from digestor.errors import InputError
from digestor.render import Look
from tests.browser import Browser
from tests.browser import browser as browser
from tests.test_page import an_issue


class Answer(NamedTuple):
    status: int
    kind: str
    rules: str
    text: str


@contextmanager
def serving(issue: Path, look: Look) -> Iterator[int]:
    """A preview running in a thread; its port."""
    with served(Preview(issue, look)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def get(port: int, path: str, host: str = "127.0.0.1") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        reply = connection.getresponse()
        kind, rules = reply.headers["Content-Type"], reply.headers["Content-Security-Policy"] or ""
        return Answer(reply.status, kind, rules, reply.read().decode())
    finally:
        connection.close()


@pytest.fixture
def issue(tmp_path: Path) -> Path:
    file = tmp_path / "2026-W47.json"
    file.write_text(an_issue().model_dump_json(), encoding="utf-8")
    return file


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder


def test_page_mail_and_text_are_served(issue: Path) -> None:
    with serving(issue, Look()) as port:
        page, mail, text = get(port, "/"), get(port, "/mail"), get(port, "/mail.txt?x=1")

    assert (page.status, page.kind) == (200, "text/html; charset=utf-8")
    assert (mail.status, mail.kind) == (200, "text/html; charset=utf-8")
    assert (text.status, text.kind) == (200, "text/plain; charset=utf-8")
    assert '<input id="_search"' in page.text
    assert text.text.startswith("Subject: ")
    for answer in (page, mail, text):
        assert "Rivers as walks" in answer.text


def test_what_is_not_there_is_said_not_to_be(issue: Path) -> None:
    with serving(issue, Look()) as port:
        answer = get(port, "/../../etc/passwd")

    assert answer.status == 404
    assert "There is no such page." in answer.text


def test_another_sites_name_that_leads_here_gets_nothing(issue: Path) -> None:
    with serving(issue, Look()) as port:
        assert get(port, "/", host="evil.example").status == 403
        assert get(port, "/", host="localhost").status == 200


def test_it_listens_on_this_machine_alone(issue: Path) -> None:
    with served(Preview(issue, Look())) as server:
        assert server.server_address[0] == "127.0.0.1"


def test_a_changed_template_is_used_at_once_and_one_newly_put_there_too(issue: Path, templates: Path) -> None:
    with serving(issue, Look(templates=templates)) as port:
        ours, before = get(port, "/").text, get(port, "/stamp").text
        (templates / "issue.html.j2").write_text("<p>one {{ papers }}</p>", encoding="utf-8")
        first, then = get(port, "/").text, get(port, "/stamp").text
        (templates / "issue.html.j2").write_text("<p>two, and longer</p>", encoding="utf-8")
        second, last = get(port, "/").text, get(port, "/stamp").text

    assert "<h1" in ours
    assert first.startswith("<p>one 4</p>")
    assert second.startswith("<p>two, and longer</p>")
    assert len({before, then, last}) == 3


def test_a_changed_issue_is_used_at_once(issue: Path) -> None:
    with serving(issue, Look()) as port:
        before = get(port, "/stamp").text
        issue.write_text(
            issue.read_text(encoding="utf-8").replace("Rivers as walks", "Rivers as runs"), encoding="utf-8"
        )
        os.utime(issue, ns=(1, 1))

        assert "Rivers as runs" in get(port, "/").text
        assert get(port, "/stamp").text != before


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("<p>\n{{ nothing }}", "line 2"),
        ("{% for %}", "line 1"),
        ("\n\n{{ 1 / 0 }}", "line 3"),
        ("{{ '<script>alert(1)</script>'.x }}", "&#x27;str object&#x27; has no attribute"),
    ],
)
def test_a_fault_of_a_template_is_shown_in_the_page_with_its_line(
    issue: Path, templates: Path, template: str, shown: str
) -> None:
    (templates / "issue.html.j2").write_text(template, encoding="utf-8")

    with serving(issue, Look(templates=templates)) as port:
        answer = get(port, "/")
        mail = get(port, "/mail")

    assert answer.status == 500
    assert shown in answer.text
    assert "issue.html.j2" in answer.text
    assert "Traceback" not in answer.text
    assert "<script>alert" not in answer.text
    assert mail.status == 200


def test_an_issue_that_is_broken_while_it_is_shown_is_an_error_in_the_page(issue: Path) -> None:
    with serving(issue, Look()) as port:
        issue.write_text("{", encoding="utf-8")
        broken = get(port, "/")
        issue.unlink()
        gone = get(port, "/mail")

    assert (broken.status, gone.status) == (500, 500)
    assert "is no issue" in broken.text
    assert "cannot be read" in gone.text


def test_the_script_that_watches_is_in_no_file(issue: Path) -> None:
    from digestor.render.issue import as_page

    with serving(issue, Look()) as port:
        shown = get(port, "/").text

    assert "/stamp" in shown
    assert "/stamp" not in as_page(an_issue())


def test_the_browser_shows_a_template_as_it_is_saved(issue: Path, templates: Path, browser: Browser) -> None:
    with serving(issue, Look(templates=templates)) as port:
        with browser.page(f"http://127.0.0.1:{port}/") as page:
            page.get_by_role("searchbox").fill("bees")
            expect(page.get_by_role("status")).to_have_text("1 of 5 papers")
            (templates / "issue.html.j2").write_text("<h1>{{ nothing }}</h1>", encoding="utf-8")
            expect(page.get_by_text("'nothing' is undefined")).to_be_visible()
            assert [line for line in browser.complaints if "status of 500" not in line] == []
            (templates / "issue.html.j2").write_text(
                "<h1>Mended</h1><img src='https://x.example/p.gif'>", encoding="utf-8"
            )
            expect(page.get_by_role("heading", name="Mended")).to_be_visible()
            assert browser.refused == []
        with browser.page(f"http://127.0.0.1:{port}/mail") as page:
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert (browser.complaints, browser.refused) == ([], [])


def test_a_port_that_is_taken_is_an_error_with_a_way_on(issue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(InputError, match="--port"):
        served(Preview(issue, Look()), taken.getsockname()[1])


def test_the_command_serves_until_it_is_interrupted(issue: Path) -> None:
    command = [sys.executable, "-c", "from digestor.cli.preview import preview; preview()", str(issue), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=issue.parent
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        port = int(re.findall(r":(\d+)/", lines[0])[0])
        answer = get(port, "/")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)

    assert answer.status == 200
    assert lines == [
        f"page  http://127.0.0.1:{port}/\n",
        f"mail  http://127.0.0.1:{port}/mail\n",
        f"text  http://127.0.0.1:{port}/mail.txt\n",
        "Ctrl-C ends it.\n",
    ]
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("argument", ["gone", "2026-W46"])
def test_an_issue_that_is_not_there_is_an_error(argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match=f"{argument}: is no file"):
        preview.main([argument], standalone_mode=False)
