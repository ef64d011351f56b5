"""`digestor check --online` against real servers on loopback: what is there, what is not, and that nothing is sent."""

import json
import socket
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import trustme

from digestor.cli import online, run
from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Reach, Reply, Window
from tests.fakes import a_paper
from tests.hosting import Answer, Host
from tests.mailbox import PASSWORD, USER, Mailbox
from tests.serving import ChatServer, Step, Weather, chat_reply

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbours</title>{}</channel></rss>"""
ENTRY = "<item><title>{}</title><link>https://example.org/{}</link><description>We look at it.</description></item>"
ENTRIES = FEED.format("".join(ENTRY.format(f"Tides of harbour {n}", n) for n in range(1, 9)))
RSS = {"Content-Type": "application/rss+xml"}
JSON = {"Content-Type": "application/json"}
WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and nobody's keys and proxies."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def tried(capsys: pytest.CaptureFixture[str]) -> Any:
    """Check a config online; the exit code and the trials by what and name."""

    def check(config: str) -> tuple[int, dict[str, Any]]:
        Path("config.toml").write_text(config, encoding="utf-8")
        code = run(["check", "--online", "--json"])
        out, err = capsys.readouterr()
        assert err == ""
        rows = {trial["what"] + ": " + trial["name"]: trial for trial in json.loads(out)["trials"]}
        del rows["delivery: files in digests"]
        return code, {name: row for name, row in rows.items() if not row["name"].startswith("extractive")}

    return check


def a_feed(host: Host, path: str, label: str) -> str:
    return (
        f'[[sources]]\nkind = "feed"\nurl = "{host.url}{path}"\nlabel = "{label}"\ndays = "all"\nallow_private = true\n'
    )


def nobody() -> int:
    """A port at which nobody is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# sources and sites


def test_each_source_is_asked_and_one_that_fails_stops_no_other(tried: Any, host: Host) -> None:
    host.routes["/good"] = Answer(ENTRIES, 200, RSS)
    host.routes["/gone"] = Answer("no", 410, {"Content-Type": "text/plain"})
    host.routes["/page"] = Answer("<!doctype html><p>hello", 200, {"Content-Type": "text/html"})
    host.routes["/none"] = Answer(FEED.format(""), 200, RSS)
    sources = {"/gone": "Gone", "/page": "A page", "/good": "Good", "/none": "Empty"}

    code, rows = tried("".join(a_feed(host, path, label) for path, label in sources.items()))

    states = {name: row["state"] for name, row in rows.items()}
    assert code == 1
    assert states == {
        "source: Gone": "FAILED", "source: A page": "FAILED", "source: Good": "ok", "source: Empty": "ok",
    }  # fmt: skip
    assert rows["source: Good"]["found"] == "5 papers or more; the first: “Tides of harbour 1”"
    assert "no paper yet" in rows["source: Empty"]["found"]
    assert "410" in rows["source: Gone"]["found"]
    assert all(row["todo"] for row in rows.values() if row["state"] == "FAILED")
    assert len(host.asked) == 4


def test_all_well_is_exit_0_and_nothing_is_left_behind(tried: Any, host: Host, elsewhere: Path) -> None:
    host.routes["/good"] = Answer(ENTRIES, 200, RSS)

    code, _ = tried(a_feed(host, "/good", "Good"))

    assert code == 0
    assert [file.name for file in elsewhere.iterdir()] == ["config.toml"]


def test_a_file_is_read_too(tried: Any) -> None:
    Path("papers.jsonl").write_text('{"title": "Tides of an inner sea"}\n', encoding="utf-8")
    Path("odd.txt").write_bytes(b"%PDF-1.7 \x00")

    code, rows = tried(
        "".join(f'[[sources]]\nkind = "files"\npath = "{name}"\n' for name in ("papers.jsonl", "odd.txt"))
    )

    assert code == 1
    assert rows["source: papers.jsonl"]["found"] == "1 paper; the first: “Tides of an inner sea”"
    assert (rows["source: odd.txt"]["state"], "PDF" in rows["source: odd.txt"]["found"]) == ("FAILED", True)


class Endless:
    """A site that has always one more page, and never a paper of the week."""

    name = "Endless"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        while True:
            reach.get(Ask("https://example.org/page"))
            yield from ()


class Many:
    """A source with no end of papers."""

    name = "Many"

    def __init__(self) -> None:
        self.given, self.closed = 0, False

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        try:
            while True:
                self.given += 1
                yield a_paper(self.given)
        finally:
            self.closed = True


def test_a_site_is_asked_a_few_times_anew_and_no_more() -> None:
    asked: list[Ask] = []

    def get(ask: Ask) -> Reply:
        asked.append(ask)
        return Reply(200, b"")

    trial = online.source(Endless(), WEEK, Reach(get))

    assert trial.state == "ok"
    assert "no paper of this week" in trial.found
    assert len(asked) == online.REPLIES
    assert {ask.fresh for ask in asked} == {0.0}, "a kept reply says nothing of the site"


class Thorough:
    """A source that reads all it can before it gives anything, and makes the best of what breaks off."""

    name = "Thorough"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        read = 0
        try:
            while True:
                reach.get(Ask("https://example.org/page"))
                read += 1
        except SourceError:
            yield from (a_paper(number) for number in range(read))
            yield Problem(where=self.name, what="the rest could not be read", lost=1)


def test_what_a_source_says_of_being_held_up_is_no_fault_of_its_own() -> None:
    trial = online.source(Thorough(), WEEK, Reach(lambda ask: Reply(200, b"")))

    assert trial.state == "ok"
    assert trial.found == f"{online.REPLIES} papers or more; the first: “Bees navigate by polarised light, study 0”"


def test_standard_input_is_not_waited_for(tried: Any) -> None:
    code, rows = tried('[[sources]]\nkind = "files"\npath = "-"\n')

    assert (code, rows["source: stdin"]["state"]) == (0, "not tried")


def test_only_the_first_papers_are_read_and_the_source_is_closed() -> None:
    source = Many()

    trial = online.source(source, WEEK, Reach())

    assert (source.given, source.closed) == (online.PAPERS, True)
    assert trial.found.startswith("5 papers or more; the first: “Sorting networks")


def enrich(host: Host) -> str:
    return f'[[enrich]]\nkind = "openalex"\nbase_url = "{host.url}"\nallow_private = true\n'


def test_a_site_that_enriches_is_asked_about_papers_that_it_should_know(tried: Any, host: Host) -> None:
    work = {"id": "https://openalex.org/W1", "doi": "https://doi.org/10.1038/s41586-021-03819-2", "title": "Proteins"}
    host.routes["/works"] = Answer(json.dumps({"meta": {"count": 1}, "results": [work]}), 200, JSON)

    code, rows = tried(enrich(host))

    (row,) = rows.values()
    assert (code, row["what"], row["state"]) == (0, "enrich", "ok")
    assert "Proteins" in row["found"]


def test_one_that_refuses_is_told(tried: Any, host: Host) -> None:
    host.routes["/works"] = Answer("{}", 403, JSON)

    code, rows = tried(enrich(host))

    (row,) = rows.values()
    assert (code, row["state"]) == (1, "FAILED")


# the model


def llm(url: str, *keys: str) -> str:
    return "\n".join(['[annotator]\nkind = "llm"', 'model = "m"', f'base_url = "{url}"', *keys, ""])


def test_the_model_is_asked_once_and_what_it_took_is_told(tried: Any, chat: ChatServer) -> None:
    code, rows = tried(llm(chat.url, "input_price = 1.0", "output_price = 2.0", "max_cost = 0.5"))

    (row,) = rows.values()
    (seen,) = chat.log
    assert (code, row["state"]) == (0, "ok")
    assert " tokens in, " in row["found"]
    assert "$0.0" in row["found"]
    assert "Tides in four small bays" in json.dumps(seen.body)


def test_it_is_asked_as_for_the_reader_of_the_config(tried: Any, chat: ChatServer) -> None:
    code, _ = tried('[interests]\ntopics = ["salt marshes"]\n' + llm(chat.url))

    assert code == 0
    assert "salt marshes" in json.dumps(chat.log[0].body)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (Step(401), "key"),
        (Step(404), "address"),
        (Step(429), "fast"),
        (Step(500), "500"),
        (Step(body=chat_reply("I would rather talk about boats.")), "not as asked"),
        (Step(body="<html>hello"), ""),
    ],
)
def test_a_model_that_does_not_answer_as_it_should_is_told(tried: Any, chat: ChatServer, step: Step, says: str) -> None:
    chat.script(step)

    code, rows = tried(llm(chat.url))

    (row,) = rows.values()
    assert (code, row["state"]) == (1, "FAILED")
    assert says in (row["found"] + row["todo"]).lower()
    assert row["todo"]
    assert len(chat.log) == 1, "asked once, whatever comes of it"


def test_a_server_that_refuses_how_it_is_asked_is_asked_in_other_words() -> None:
    with ChatServer(Weather()) as server:
        server.script(Step(400, body={"error": {"message": "response_format json_schema is not supported"}}))
        Path("config.toml").write_text(llm(server.url), encoding="utf-8")

        assert run(["check", "--online"]) == 0
        assert len(server.log) == 2


def test_nobody_there_is_told(tried: Any) -> None:
    code, rows = tried(llm(f"http://127.0.0.1:{nobody()}/v1"))

    (row,) = rows.values()
    assert (code, row["state"]) == (1, "FAILED")
    assert "nobody answers" in row["found"]


def test_with_nothing_to_spend_nothing_is_asked(tried: Any, chat: ChatServer) -> None:
    code, rows = tried(llm(chat.url, "input_price = 1.0", "output_price = 2.0", "max_cost = 0"))

    (row,) = rows.values()
    assert (code, row["state"], chat.log) == (0, "not tried", [])
    assert "max_cost = 0" in row["found"]


def test_a_key_that_is_not_set_is_told_and_nothing_is_asked(tried: Any, chat: ChatServer) -> None:
    code, rows = tried(llm(chat.url, 'api_key_env = "NO_SUCH_KEY"'))

    (row,) = rows.values()
    assert (code, row["state"], chat.log) == (1, "FAILED", [])
    assert "NO_SUCH_KEY is not set" in row["found"]


# deliveries


def smtp(box: Mailbox, ca_file: Path, *keys: str) -> str:
    table = ['[[delivery]]\nkind = "smtp"', 'host = "127.0.0.1"', f"port = {box.port}", f'ca_file = "{ca_file}"']
    login = [f'user = "{USER}"', 'password_env = "MAIL_PASSWORD"', 'sender = "a@example.org"']
    return "\n".join([*table, *login, 'recipients = ["b@example.org"]', "timeout = 20", *keys, ""])


@pytest.mark.parametrize("implicit", [False, True])
def test_it_logs_in_to_the_mail_server_and_sends_nothing(
    tried: Any, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch, implicit: bool
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    with Mailbox(authority, implicit=implicit) as box:
        code, rows = tried(smtp(box, ca_file, *(['security = "tls"'] if implicit else [])))

        assert (box.connections, box.got) == (1, [])
    row = rows["delivery: mail by 127.0.0.1"]
    assert (code, row["state"]) == (0, "ok")
    assert row["found"] == "connected, encrypted, logged in; nothing was sent; 1 reader"


@pytest.mark.parametrize(
    ("password", "without", "says"),
    [
        ("wrong", (), "refuses the login (535)"),
        (PASSWORD, ("STARTTLS",), "does not offer to encrypt"),
        (PASSWORD, ("AUTH",), "offers no login"),
        ("", (), "MAIL_PASSWORD is not set"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_told_without_the_password(
    tried: Any,
    authority: trustme.CA,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    password: str,
    without: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", password)
    with Mailbox(authority, without=without) as box:
        code, rows = tried(smtp(box, ca_file))

        assert box.got == []
    row = rows["delivery: mail by 127.0.0.1"]
    assert (code, row["state"]) == (1, "FAILED")
    assert says in row["found"]
    assert row["todo"]
    assert not password or password not in json.dumps(row)


def test_a_certificate_that_nobody_knows_is_told(
    tried: Any, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    with Mailbox(authority) as box:
        _, rows = tried(smtp(box, other))

    assert "not to be trusted" in rows["delivery: mail by 127.0.0.1"]["found"]


def test_readers_that_cannot_be_read_are_told_before_anybody_is_asked(
    tried: Any, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    with Mailbox(authority) as box:
        code, rows = tried(smtp(box, ca_file, 'recipients_file = "none.txt"'))

        assert box.connections == 0
    assert (code, rows["delivery: mail by 127.0.0.1"]["state"]) == (1, "FAILED")


def command(*arguments: str) -> str:
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *names, *arguments], capture_output=True, text=True, check=True).stdout


GIT = '[[delivery]]\nkind = "git"\npush = true\n'


def test_the_remote_is_asked_and_nothing_is_pushed(tried: Any, elsewhere: Path) -> None:
    command("init", "--quiet", "--bare", "remote.git")
    command("init", "--quiet", ".")
    command("commit", "--quiet", "--allow-empty", "-m", "first")
    command("remote", "add", "origin", str(elsewhere / "remote.git"))

    code, rows = tried(GIT)
    (row,) = rows.values()
    assert (code, row["state"]) == (1, "FAILED")
    assert "git push --set-upstream origin main" in row["todo"]

    command("push", "--quiet", "--set-upstream", "origin", "main")
    command("commit", "--quiet", "--allow-empty", "-m", "second")
    code, rows = tried(GIT)
    (row,) = rows.values()
    assert (code, row["state"]) == (0, "ok")
    assert "origin answers" in row["found"]
    assert command("-C", "remote.git", "log", "--format=%s", "main") == "first\n"

    (elsewhere / "remote.git").rename(elsewhere / "away.git")
    code, rows = tried(GIT)
    (row,) = rows.values()
    assert (code, row["state"]) == (1, "FAILED")
    assert "origin does not answer" in row["found"]


def test_no_repository_is_told_and_one_that_is_not_pushed_is_enough(tried: Any) -> None:
    code, rows = tried(GIT)
    (row,) = rows.values()
    assert (code, "no git repository" in row["found"]) == (1, True)

    command("init", "--quiet", ".")
    code, rows = tried('[[delivery]]\nkind = "git"\n')
    (row,) = rows.values()
    assert (code, row["state"]) == (0, "ok")


def test_a_webhook_is_not_tried_for_that_would_post(tried: Any, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", f"{host.url}/hook")

    code, rows = tried('[[delivery]]\nkind = "webhook"\nformat = "json"\nurl_env = "HOOK"\n')

    (row,) = rows.values()
    assert (code, row["state"], host.asked) == (0, "not tried", [])
    assert "would post" in row["found"]


def test_an_output_that_is_a_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("digests").write_text("mine", encoding="utf-8")

    code = run(["check", "--online"])

    assert code == 1
    assert "digests is a file" in capsys.readouterr().out


# all together


def test_the_table_has_all_that_failed_and_what_to_do(
    host: Host,
    authority: trustme.CA,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "wrong")
    host.routes["/good"] = Answer(ENTRIES, 200, RSS)
    with Mailbox(authority) as box:
        url = f"http://127.0.0.1:{nobody()}/v1"
        config = a_feed(host, "/good", "Good") + a_feed(host, "/bad", "Bad") + llm(url) + GIT + smtp(box, ca_file)
        Path("config.toml").write_text(config, encoding="utf-8")

        code = run(["check", "--online"])

    out, err = capsys.readouterr()
    table = out.partition("\n\n")[2]
    states = [line.split("  ")[0].split()[0] for line in table.splitlines() if " FAILED " in line]
    assert code == 1
    assert states == ["source", "annotator", "delivery", "delivery"]
    assert "check user, and the variable that password_env names" in table
    assert "templates  filled" in out
    assert err.splitlines()[:2] == ["trying Good …", "trying Bad …"]
    assert "wrong" not in out + err


def test_without_online_nobody_is_asked(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    Path("config.toml").write_text(a_feed(host, "/good", "Good"), encoding="utf-8")

    code = run(["check", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert (code, host.asked, told["trials"]) == (0, [], [])
    assert {"what": "source", "found": "feed: Good"} in told["checks"]
