"""A mail and a reader -> the message as it goes over the wire; the same bytes whenever it is made again.

The conventions: RFC 5322 (form), 2047 (words beyond ASCII), 2369 and 8058 (leaving by one click), 2919 (List-Id), 3834
(Auto-Submitted).
"""

import binascii
import hashlib
import html
import re
import unicodedata
from datetime import UTC, date, datetime, time
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from digestor.delivery.readers import UNFIT, Reader, token
from digestor.models import UNSUBSCRIBE, Mail

HOUR = time(6, tzinfo=UTC)
"""When on its day a mail says it was written."""
LINE = 76
"""Characters after which a header is folded (RFC 2047 allows no more where words are encoded)."""
LONGEST = 998
"""Bytes a line may have (RFC 5322, 2.1.1)."""
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
WIRE = re.compile(r"[\x20-\x7e]*(?:\r\n [\x20-\x7e]+)*")


class Letterhead(NamedTuple):
    """What all letters of a newsletter have at their top."""

    sender: Reader
    list_id: Reader
    """The name of the newsletter, and in place of an address its id: `digest.example.org`."""
    unsubscribe_mail: str
    reply_to: Reader | None = None
    unsubscribe_url: str = ""
    """A reader's token is put at its end; empty: one can leave by mail only."""
    secret: str = ""
    """Signs the tokens; empty: there are none."""


class Wire(str):
    """The text of a header as it goes over the wire: encoded, folded, nothing left to do."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Wire":
        """Raises ValueError at anything that could end the header or begin another."""
        if not WIRE.fullmatch(text) or any(len(line) > LONGEST - 70 for line in text.split("\r\n")):
            raise ValueError("a header has a line break, a character beyond ASCII, or a line that is too long")
        return super().__new__(cls, text)


class AsWritten(EmailPolicy):
    """Leaves headers as they are written here.

    The library's own way takes words of the form =?utf-8?...?= apart that were meant as they stand, and folds a long
    address into encoded words, so that no mail program finds the one in List-Unsubscribe.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Takes a Wire as it is. Raises ValueError at a name or text that could begin another header."""
        if not re.fullmatch(r"[A-Za-z-]+", name):
            raise ValueError("no name of a header")
        return (name, value) if isinstance(value, Wire) else super().header_store_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        """The lines of a header."""
        return f"{name}: {value}\r\n" if isinstance(value, Wire) else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The lines of a header, as bytes."""
        return self.fold(name, value).encode("ascii")


POLICY = AsWritten(linesep="\r\n", max_line_length=LINE, cte_type="7bit")


def letter(mail: Mail, issue: str, day: date, to: Reader, head: Letterhead) -> EmailMessage:
    """The mail of an issue for one reader. `day` is the issue's; `as_bytes()` of it is the same every time."""
    ways = ways_out(to, head)
    message = EmailMessage(POLICY)
    message["From"] = mailbox("From", head.sender)
    message["To"] = mailbox("To", to)
    if head.reply_to:
        message["Reply-To"] = mailbox("Reply-To", head.reply_to)
    message["Subject"] = words("Subject", mail.subject)
    message["Date"] = Wire(format_datetime(datetime.combine(day, HOUR)))
    message["Message-ID"] = Wire(f"<{_hash(head.list_id.address, issue, to.address.casefold())}@{head.sender.domain}>")
    message["List-Id"] = mailbox("List-Id", head.list_id)
    message["List-Unsubscribe"] = Wire(", ".join(f"<{way}>" for way in ways))
    if ways[0].startswith("https:"):
        message["List-Unsubscribe-Post"] = Wire("List-Unsubscribe=One-Click")
    message["Auto-Submitted"] = Wire("auto-generated")
    message["MIME-Version"] = Wire("1.0")
    # A quoted-printable body never has "=_", so never the boundary.
    boundary = f"=_{_hash(issue, mail.subject, mail.text, mail.html)}"
    message["Content-Type"] = Wire(f'multipart/alternative;\r\n boundary="{boundary}"')
    message.set_payload(
        [
            _part("plain", mail.text.replace(UNSUBSCRIBE, ways[0])),
            _part("html", mail.html.replace(UNSUBSCRIBE, html.escape(ways[0]))),
        ]
    )
    return message


def ways_out(to: Reader, head: Letterhead) -> list[str]:
    """The addresses at which a reader can unsubscribe, the best first: https where there is one, then mailto."""
    signed = token(head.secret, to.address) if head.secret else ""
    subject = quote(f"unsubscribe {signed}".strip())
    by_mail = f"mailto:{quote(head.unsubscribe_mail, safe='@')}?subject={subject}"
    return [head.unsubscribe_url + signed, by_mail] if head.unsubscribe_url and signed else [by_mail]


def words(name: str, text: str) -> Wire:
    """The text of a header that is free text. What is plain ASCII stays readable; the rest is encoded and folded."""
    line = _line(text)
    plain = line.isascii() and "=?" not in line and all(len(word) < LINE - 10 for word in line.split())
    return Wire(_folded(name, line, "us-ascii" if plain else "utf-8"))


def mailbox(name: str, one: Reader) -> Wire:
    """The text of a header that names one address."""
    line = _line(one.name)
    if not line:
        return Wire(f"<{one.address}>" if name == "List-Id" else one.address)
    if not line.isascii() or "=?" in line or len(line) > LINE - 20:
        phrase = _folded(name, line, "utf-8")
    elif ATOMS.fullmatch(line):
        phrase = line
    else:
        phrase = '"' + re.sub(r'(["\\])', r"\\\1", line) + '"'
    last = len(phrase.rpartition("\r\n")[2]) + (0 if "\r\n" in phrase else len(name) + 2)
    return Wire(f"{phrase}{' ' if last + len(one.address) + 3 <= LINE else chr(13) + chr(10) + ' '}<{one.address}>")


def _folded(name: str, line: str, charset: str) -> str:
    header = Header(line, charset, maxlinelen=LINE - 1, header_name=name)
    return header.encode(splitchars=" ", linesep="\r\n")


def _line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(c) in UNFIT else c for c in text).split())


def _part(subtype: str, text: str) -> EmailMessage:
    part = EmailMessage(POLICY)
    part["Content-Type"] = Wire(f'text/{subtype}; charset="utf-8"')
    part["Content-Transfer-Encoding"] = Wire("quoted-printable")
    lines = re.sub(r"\r\n?|\n", "\r\n", text.rstrip("\r\n") + "\n")
    part.set_payload(binascii.b2a_qp(lines.encode()).decode("ascii"))
    return part


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).hexdigest()
