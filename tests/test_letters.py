"""What goes over the wire."""

import email
import email.policy
import re
import subprocess
import sys
from datetime import date
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.delivery.letters import Letterhead, Wire, letter, ways_out
from digestor.delivery.readers import Reader
from digestor.models import UNSUBSCRIBE, Mail
from tests.mailbox import MAIL, SECRET

LINT = Path(__file__).parents[2] / "shared" / "tools" / "email_lint.py"
HEAD = Letterhead(
    Reader("digest@example.org", "Paper Digest"),
    Reader("digest.example.org", "Papers of the week"),
    "leave@example.org",
    Reader("ann@example.org"),
    "https://example.org/u/",
    SECRET,
)
BOB = Reader("bob@example.net", "Bob")
DAY = date(2026, 11, 22)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn")), max_size=90)


def made(mail: Mail = MAIL, to: Reader = BOB, head: Letterhead = HEAD, issue: str = "2026-W47") -> bytes:
    return letter(mail, issue, DAY, to, head).as_bytes()


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(content: bytes, kind: str) -> str:
    part = parsed(content).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def raw(content: bytes, header: str) -> str:
    """A header as it stands, its lines joined."""
    return str(email.message_from_bytes(content, policy=email.policy.compat32)[header]).replace("\r\n", "")


def decoded(text: str) -> str:
    """What a client shows. (The library's newer parser leaves blanks between the encoded words of a name.)"""
    return str(make_header(decode_header(text)))


def named(content: bytes, header: str) -> tuple[str, str]:
    """The one name and address in a header."""
    ((name, address),) = getaddresses([raw(content, header)])
    return one_line(decoded(name)), address


def one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def test_a_letter_has_the_headers_of_the_conventions_once_each() -> None:
    message = parsed(made())

    assert message.keys() == [
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    ]
    assert message["From"] == "Paper Digest <digest@example.org>"
    assert message["To"] == "Bob <bob@example.net>"
    assert message["Reply-To"] == "ann@example.org"
    assert message["Subject"] == MAIL.subject
    assert message["Date"] == "Sun, 22 Nov 2026 06:00:00 +0000"
    assert message["List-Id"] == "Papers of the week <digest.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"


def test_text_comes_first_and_both_bodies_are_quoted_printable_utf_8() -> None:
    parts = list(parsed(made()).iter_parts())

    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"quoted-printable"}
    assert {part.get_content_charset() for part in parts} == {"utf-8"}
    assert not any(part.defects for part in parts)


def test_each_reader_has_an_address_of_their_own_to_leave_in_both_bodies_and_in_the_header() -> None:
    found = set()
    for to in (BOB, Reader("cy@example.net")):
        content = made(to=to)
        way = ways_out(to, HEAD)[0]
        assert way.startswith("https://example.org/u/")
        assert body(content, "plain").endswith(f"\n{way}\n")
        assert f'href="{way}"' in body(content, "html")
        assert f"\r\nList-Unsubscribe: <{way}>, <mailto:leave@example.org?subject=unsubscribe%20".encode() in content
        assert UNSUBSCRIBE.encode() not in content
        found.add(way)

    assert len(found) == 2


def test_without_an_https_address_one_leaves_by_mail() -> None:
    content = made(head=HEAD._replace(unsubscribe_url="", secret=""))

    way = "mailto:leave@example.org?subject=unsubscribe"
    assert parsed(content)["List-Unsubscribe"] == f"<{way}>"
    assert parsed(content)["List-Unsubscribe-Post"] is None
    assert f'href="{way}"' in body(content, "html")
    assert way in body(content, "plain")


def test_an_address_with_an_ampersand_is_escaped_in_html_only() -> None:
    content = made(head=HEAD._replace(unsubscribe_url="https://example.org/?a=1&t="))

    assert 'href="https://example.org/?a=1&amp;t=' in body(content, "html")
    assert "https://example.org/?a=1&t=" in body(content, "plain")
    assert "<https://example.org/?a=1&t=" in parsed(content)["List-Unsubscribe"]


def test_a_long_address_to_leave_stays_on_one_line_as_it_is() -> None:
    url = f"https://example.org/{'x' * 300}/"

    (line,) = [
        line for line in made(head=HEAD._replace(unsubscribe_url=url)).split(b"\r\n") if line.startswith(b"List-U")
    ][:1]

    assert line.startswith(f"List-Unsubscribe: <{url}".encode())
    assert line.endswith(b">")
    assert b"=?" not in line


def test_the_same_letter_has_the_same_bytes_and_another_reader_or_issue_another_id() -> None:
    ids = {
        parsed(made())["Message-ID"],
        parsed(made(to=Reader("cy@example.net")))["Message-ID"],
        parsed(made(issue="2026-W48"))["Message-ID"],
        parsed(made(head=HEAD._replace(list_id=Reader("other.example.org"))))["Message-ID"],
    }

    assert made() == made()
    assert parsed(made())["Message-ID"] == parsed(made(MAIL.model_copy(update={"text": "other"})))["Message-ID"]
    assert len(ids) == 4
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.org>", one) for one in ids)


def test_a_letter_names_nobody_but_its_reader() -> None:
    content = made(to=BOB)

    named = set(re.findall(rb"[\w.+-]+@[\w.-]+\w", content))
    assert {name for name in named if not re.match(rb"[0-9a-f]{32}@", name)} == {
        b"digest@example.org",
        b"bob@example.net",
        b"ann@example.org",
        b"leave@example.org",
    }


@settings(max_examples=60)
@given(NAMES, NAMES, NAMES)
def test_any_name_comes_back_as_it_was_and_is_one_address(to: str, sender: str, subject: str) -> None:
    head = HEAD._replace(sender=HEAD.sender._replace(name=sender), list_id=HEAD.list_id._replace(name=to))
    content = made(Mail(subject=subject, preheader="", html="h", text="t"), BOB._replace(name=to), head)

    assert named(content, "To") == (one_line(to), "bob@example.net")
    assert named(content, "From") == (one_line(sender), "digest@example.org")
    assert named(content, "List-Id") == (one_line(to), "digest.example.org")
    assert one_line(decoded(raw(content, "Subject"))) == one_line(subject)
    head_bytes = content.partition(b"\r\n\r\n")[0]
    assert head_bytes.isascii()
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^\s]*\?=", head_bytes))


@settings(max_examples=60)
@given(
    st.text(max_size=60), st.text(max_size=60), st.sampled_from(["\r\n", "\n", "\r", "\x00", "\x85", "\u2028", "\x0b"])
)
def test_a_line_break_in_a_field_never_begins_a_header(before: str, after: str, brk: str) -> None:
    hostile = (before + brk + "Bcc: eve@example.com" + brk + brk + after).encode("utf-8", "replace").decode()
    mail = Mail(subject=hostile, preheader="", html="h", text="t")
    head = HEAD._replace(sender=HEAD.sender._replace(name=hostile), list_id=HEAD.list_id._replace(name=hostile))

    message = parsed(made(mail, BOB._replace(name=hostile), head))

    assert message.keys() == parsed(made()).keys()
    assert [part.get_content() for part in message.iter_parts()] == ["t\r\n", "h\r\n"]


@pytest.mark.parametrize("subject", ["=?utf-8?q?a=0D=0ABcc:_eve@example.com?=", "=?utf-8?b?aGk=?= there", "a =?x?= b"])
def test_what_looks_encoded_arrives_as_it_stands(subject: str) -> None:
    assert parsed(made(Mail(subject=subject, preheader="", html="h", text="t")))["Subject"] == subject


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=400))
def test_bodies_come_back_as_they_were_in_short_lines(text: str) -> None:
    content = made(Mail(subject="s", preheader="", html=f"<p>{text}</p>", text=f"{text}|"))

    assert body(content, "plain") == f"{text}|\n"
    assert body(content, "html") == f"<p>{text}</p>\n"
    lines = content.split(b"\r\n")
    assert all(len(line) <= 76 for line in lines[lines.index(b"") :])
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")


@pytest.mark.parametrize("length", [77, 998, 5000])
def test_a_very_long_word_breaks_no_limit(length: int) -> None:
    content = made(Mail(subject="x" * length, preheader="", html="y" * length, text="z" * length))

    assert max(len(line) for line in content.split(b"\r\n")) < 300
    assert parsed(content)["Subject"] == "x" * length
    assert body(content, "plain") == "z" * length + "\n"


@pytest.mark.parametrize("text", ["a\r\nBcc: x", "a\nb", "a\rb", "ü", "a\r\n\r\n b", "x" * 990, "a\x00", "a\r\n"])
def test_text_that_could_end_a_header_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a header has"):
        Wire(text)


def test_no_name_of_a_header_can_begin_another() -> None:
    with pytest.raises(ValueError, match="no name"):
        letter(MAIL, "2026-W47", DAY, BOB, HEAD)["X: y\r\nBcc"] = "z"


def linted(folder: Path, contents: list[bytes]) -> list[str]:
    files = [folder / f"{number}.eml" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    command = [sys.executable, str(LINT), "-q", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()


@pytest.mark.skipif(not LINT.exists(), reason="the shared tools are not here")
def test_the_lint_finds_no_fault_in_any_header(tmp_path: Path) -> None:
    odd = HEAD._replace(
        sender=HEAD.sender._replace(name='Ä "very" long, name <of> ' * 5), unsubscribe_url=f"https://e.org/{'x' * 200}/"
    )
    contents = [made(to=Reader(f"r{number}@example.net", "Bob" * number)) for number in range(5)]
    contents.append(made(to=Reader("r9@example.net", "بوب, 鲍勃 🎈"), head=odd))

    found = linted(tmp_path, contents)

    assert found[-1].endswith("violations")
    of_headers = re.compile(r"\.eml: (?:header|recipient|from|address|date|message-id|list-|mime|auto|text\.unsub)")
    assert [line for line in found if of_headers.search(line)] == []
