"""`digestor send` and `digestor unsubscribe`, as their user sees them."""

import email
import email.policy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from digestor.cli import run
from digestor.compose import compose
from digestor.delivery.readers import token
from digestor.models import Entry, Issue, Ledger
from digestor.period import weekly
from digestor.render.issue import as_json
from digestor.store import Store
from tests.fakes import a_paper, an_annotation
from tests.mailbox import ENVIRON, HANG_UP, SECRET, Mailbox
from tests.test_letters import LINT
from tests.test_store import an_issue

ANN, BOB, CY = "ann@example.org", "bob@example.org", "cy@example.net"
CONFIG = """
store = "memory.db"
[newsletter]
url = "https://papers.example.org/"
reason = "You asked for it."
address = "1 Bee Street, Hive"
[[delivery]]
kind = "smtp"
host = "127.0.0.1"
port = {port}
ca_file = "ca.pem"
user = "digest"
password_env = "MAIL_PASSWORD"
sender = "Paper Digest <digest@example.org>"
recipients = ["Ann <ann@example.org>", "bob@example.org"]
recipients_file = "readers.txt"
unsubscribe_url = "https://example.org/u/"
secret_env = "MAIL_SECRET"
"""


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an issue, a list of readers, and the secrets in the environment."""
    (tmp_path / "digests").mkdir()
    issue = an_issue(a_paper(1), a_paper(2), a_paper(3))
    (tmp_path / "digests" / "2026-W47.json").write_text(as_json(issue), encoding="utf-8")
    (tmp_path / "readers.txt").write_text(f"# late\n{CY}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def box(desk: Path) -> Iterator[Mailbox]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(desk / "ca.pem"))
    with Mailbox(authority) as mailbox:
        (desk / "config.toml").write_text(CONFIG.format(port=mailbox.port), encoding="utf-8")
        yield mailbox


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; its exit code, stdout and stderr."""

    def ask(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


def offline(recipients: str = '["ann@example.org"]') -> None:
    """A config whose server is never asked."""
    text = CONFIG.format(port=9).replace('["Ann <ann@example.org>", "bob@example.org"]', recipients)
    Path("config.toml").write_text(text.replace('ca_file = "ca.pem"\n', ""), encoding="utf-8")


def test_an_issue_goes_to_everybody_once_however_often_it_is_asked(box: Mailbox, said: Any) -> None:
    first = said("send", "2026-W47")
    again = said("send", "digests/2026-W47.json")

    assert first == (0, "2026-W47 by 127.0.0.1: 3 readers: 3 sent.\n", "")
    assert again == (0, "2026-W47 by 127.0.0.1: 3 readers: 0 sent, 3 had it before.\n", "")
    assert box.counted() == {ANN: 1, BOB: 1, CY: 1}


def test_the_mail_has_the_papers_of_the_issue(box: Mailbox, said: Any) -> None:
    said("send", "2026-W47")

    message = email.message_from_bytes(box.got[0].content, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            assert all(f"study {number}" in part.get_content() for number in (1, 2, 3))


def test_only_those_named_get_it_and_the_others_later(box: Mailbox, said: Any) -> None:
    assert said("send", "2026-W47", "--to", BOB, "--to", "Dee <dee@example.org>")[0] == 0
    assert box.counted() == {BOB: 1, "dee@example.org": 1}

    said("send", "2026-W47")
    assert box.counted() == {ANN: 1, BOB: 1, CY: 1, "dee@example.org": 1}


def test_a_send_that_is_not_complete_says_what_is_left_and_what_to_do(box: Mailbox, said: Any) -> None:
    box.at_letter[ANN] = [HANG_UP]
    box.at_letter[BOB] = ["554 5.7.1 spam"]

    code, out, err = said("send", "2026-W47")

    assert code == 1
    assert "3 readers: 1 sent, 1 refused for good, 1 unknown; the server 554 5.7.1 spam." in out
    assert "by their number in the list of readers: 1\n" in err
    assert "@" not in out + err


def test_the_unknown_are_sent_to_again_only_when_asked(box: Mailbox, said: Any) -> None:
    box.at_letter[ANN] = [HANG_UP]

    assert [said("send", "2026-W47")[0], said("send", "2026-W47")[0]] == [1, 1]
    assert said("send", "2026-W47", "--resend-unknown")[0] == 0
    assert box.counted() == {ANN: 2, BOB: 1, CY: 1}


def test_as_json_the_counts_can_be_read_by_a_program(box: Mailbox, said: Any) -> None:
    code, out, err = said("send", "2026-W47", "--json")

    told = json.loads(out)
    assert (code, err, told["issue"]) == (0, "", "2026-W47")
    assert {key: told["mail"][0][key] for key in ("host", "readers", "sent", "left", "unknown")} == {
        "host": "127.0.0.1",
        "readers": 3,
        "sent": 3,
        "left": 0,
        "unknown": [],
    }


def test_a_rehearsal_writes_one_letter_a_reader_and_claims_nothing(box: Mailbox, said: Any) -> None:
    code, out, _ = said("send", "2026-W47", "--dry-run", "--out", "letters")
    said("unsubscribe", BOB)

    assert (code, out) == (0, "3 letters written to letters; nothing was sent.\n")
    files = sorted(Path("letters").iterdir())
    assert [file.name for file in files] == [f"2026-W47-000{number}.eml" for number in (1, 2, 3)]
    contents = [file.read_bytes() for file in files]
    assert [email.message_from_bytes(content)["To"] for content in contents] == [f"Ann <{ANN}>", BOB, CY]
    assert (box.got, box.connections) == ([], 0)

    said("send", "2026-W47")
    assert [got.content for got in box.got] == [contents[0], contents[2]]


def test_a_rehearsal_leaves_out_whoever_wants_no_mail_and_keeps_the_numbers(said: Any) -> None:
    offline('["ann@example.org", "bob@example.org"]')
    said("unsubscribe", ANN)

    code, out, _ = said("send", "2026-W47", "--dry-run", "--out", "letters", "--json")

    assert code == 0
    assert json.loads(out)["files"] == ["letters/2026-W47-0002.eml", "letters/2026-W47-0003.eml"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("send",), "Missing argument"),
        (("send", "2026-W99"), "is no file"),
        (("send", "config.toml"), "is no issue"),
        (("send", "2026-W47", "--dry-run"), "go together"),
        (("send", "2026-W47", "--out", "x"), "go together"),
        (("unsubscribe",), "name a token"),
        (("unsubscribe", "--file", "nothing.txt"), "does not exist"),
        (("unsubscribe", "who"), "argument 1: is no address, and no reader's token"),
    ],
)
def test_a_request_that_makes_no_sense_is_told_so(arguments: tuple[str, ...], word: str, said: Any) -> None:
    offline()

    code, out, err = said(*arguments)

    assert (code, out) == (2, "")
    assert word in err


def test_without_a_delivery_by_mail_it_says_how_to_have_one(said: Any) -> None:
    code, _, err = said("send", "2026-W47")

    assert code == 2
    assert 'kind = "smtp"' in err


def test_a_letter_is_never_dated_in_the_future(said: Any) -> None:
    offline()
    issue = an_issue(a_paper(1), day=date(2099, 1, 7))
    Path("digests/2099-W02.json").write_text(as_json(issue), encoding="utf-8")

    assert said("send", "2099-W02", "--dry-run", "--out", "letters")[0] == 0

    letter = email.message_from_bytes(Path("letters/2099-W02-0001.eml").read_bytes())
    assert parsedate_to_datetime(letter["Date"]).date() <= datetime.now(UTC).date()


def test_an_issue_without_papers_is_not_sent(box: Mailbox, said: Any) -> None:
    Path("digests/2026-W47.json").write_text(as_json(an_issue()), encoding="utf-8")

    assert said("send", "2026-W47") == (0, "2026-W47 has no papers, so nothing was sent.\n", "")
    assert box.connections == 0


def test_an_address_that_is_none_is_not_repeated(said: Any) -> None:
    offline()

    code, out, err = said("send", "2026-W47", "--to", "private.person@@example.org", "--dry-run", "--out", "x")

    assert (code, out) == (1, "")
    assert "recipients[0]: " in err
    assert "private" not in err


def test_a_mail_with_faults_is_not_sent(box: Mailbox, said: Any) -> None:
    Path("mine").mkdir()
    Path("mine/mail.html.j2").write_text("<p>{{ '{{ name }}' }}</p>", encoding="utf-8")
    config = Path("config.toml").read_text(encoding="utf-8")
    Path("config.toml").write_text(config.replace("[newsletter]", '[newsletter]\ntemplates = "mine"'), encoding="utf-8")

    code, out, err = said("send", "2026-W47")

    assert (code, out, box.connections) == (1, "", 0)
    assert "2026-W47: its mail would not arrive as it should:\n  " in err


def test_a_reader_leaves_by_the_address_in_the_letter(box: Mailbox, said: Any) -> None:
    said("send", "2026-W47", "--to", BOB)
    way = re.search(rb"^List-Unsubscribe: <(https:[^>]+)>", box.got[0].content, re.MULTILINE)
    assert way

    code, out, err = said("unsubscribe", way[1].decode().upper())

    assert (code, out, err) == (0, "1 reader gets no more mail.\n", "")
    with Store.open(Path("memory.db")) as store:
        assert [store.sends.suppressed(who) for who in (ANN, BOB)] == [None, "unsubscribed"]


def test_a_file_of_tokens_and_addresses_is_done_as_far_as_it_goes(said: Any) -> None:
    offline()
    forged = token("another secret of sixteen", BOB)
    asked = ["# in May", f"unsubscribe {token(SECRET, ANN)}", "", f"Cy <{CY}>", forged, "Dee@Example.org"]
    Path("asked.txt").write_text("\n".join(asked), encoding="utf-8")

    code, out, err = said("unsubscribe", "--file", "asked.txt", CY)

    assert (code, out) == (1, "4 readers get no more mail (1 of them got none before).\n")
    assert err == "asked.txt:5: is no address, and no reader's token\n"
    with Store.open(Path("memory.db")) as store:
        known = [store.sends.suppressed(who) for who in (ANN, BOB, CY, "dee@example.org")]
    assert known == ["unsubscribed", None, "unsubscribed", "unsubscribed"]


def test_an_address_can_be_taken_off_without_any_delivery(said: Any) -> None:
    assert said("unsubscribe", ANN) == (0, "1 reader gets no more mail.\n", "")


def issues() -> Iterator[tuple[str, Issue]]:
    """Issues of several sizes, one with titles that would break a careless writer."""
    hostile = [
        "<s>A & B</s> {{ x }} {% y %}",
        "x" * 390,
        "عنوان 鲍勃 🎈 \u202eevil",
        "&amp; &lt;b&gt; | $x_1$ @you #12",
    ]
    for size in (1, 3, 24, 80):
        yield f"of {size}", an_issue(*(a_paper(number) for number in range(size)))
    papers = [a_paper(number, title=title) for number, title in enumerate(hostile)]
    entries = [Entry(paper=paper, annotation=an_annotation(paper)) for paper in papers]
    ledger = Ledger(read=len(papers), annotated=len(papers))
    yield "hostile", compose("Week", weekly(an_issue().end), entries, ledger, {})


@pytest.mark.skipif(not LINT.exists(), reason="the shared tools are not here")
@pytest.mark.parametrize(("name", "issue"), list(issues()), ids=lambda given: given if isinstance(given, str) else "")
def test_the_letters_of_an_issue_have_no_fault(name: str, issue: Issue, said: Any) -> None:
    offline('["Ann <ann@example.org>", "بوب 鲍勃 <bob@example.org>"]')
    Path("digests/2026-W47.json").write_text(as_json(issue), encoding="utf-8")

    assert said("send", "2026-W47", "--dry-run", "--out", "letters")[0] == 0

    files = sorted(map(str, Path("letters").iterdir()))
    lint = [sys.executable, str(LINT), "-q", *files]
    assert len(files) == 3
    assert subprocess.run(lint, capture_output=True, text=True, check=False).stdout == "0 violations\n"
