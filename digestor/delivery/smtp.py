"""An issue by mail: one letter a reader through any mail server, never twice to the same one.

Which letters were claimed, sent, refused or lost is in the ledger of sends (`protocols.Sends`); how a server is spoken
to is in `relay.py`, who is sent to when in `rounds.py`.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from digestor.delivery import readers as reading
from digestor.delivery.letters import Letterhead, letter
from digestor.delivery.readers import Reader
from digestor.delivery.relay import Relay, Route, Security
from digestor.delivery.rounds import Account, Posting
from digestor.errors import DeliveryError
from digestor.models import Mail, Message
from digestor.protocols import Office

PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
LIST_ID = re.compile(r"(?:(?P<name>[^<>]*)<)?(?P<id>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)>?")
URL = re.compile(r"[!#$%&*+\-./0-9:;=?@A-Z\[\]_a-z~]{12,400}")
SHORTEST_SECRET = 16


def _mailbox(written: str) -> str:
    try:
        reading.reader(written)
    except ValueError as fault:
        raise PydanticCustomError("private", "is no address: {fault}", {"fault": str(fault)}) from None
    return written


Mailbox = Annotated[str, AfterValidator(_mailbox)]
"""`a@b.org` or `Name <a@b.org>`. A fault in it is of type "private": what was written is not to be repeated."""


class Smtp(BaseModel):
    """Sends an issue to each reader by SMTP, encrypted, with a login."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: Literal["smtp"] = "smtp"
    host: str = Field(pattern=r"\A[A-Za-z0-9.:_-]+\z")
    port: int = Field(0, ge=0, le=65535)
    """0: the usual one, 587 for starttls and 465 for tls."""
    security: Security = "starttls"
    """How the connection is encrypted; "none" only on this machine."""
    ca_file: Path | None = None
    """A company's own certificate authority (PEM), trusted beside the usual ones."""
    user: str = ""
    password_env: str = ""
    """The environment variable that holds the password."""
    sender: Mailbox
    """Who it is from: `Name <digest@example.org>`."""
    reply_to: Mailbox | None = None
    recipients: tuple[Mailbox, ...] = ()
    recipients_file: Path | None = None
    """One address a line; what follows a # is a comment."""
    list_id: str = ""
    """`Name <digest.example.org>`: what tells this newsletter from others, to mail programs and to the ledger."""
    unsubscribe_url: str = ""
    """An https address; a reader's token is put at its end."""
    unsubscribe_mail: Mailbox | None = None
    """Where a mail that unsubscribes goes; else to reply_to, else to the sender."""
    secret_env: str = ""
    """The environment variable that holds the secret of the tokens."""
    per_minute: float = Field(0, ge=0, le=60_000, allow_inf_nan=False)
    """Letters a minute at most; 0: as fast as it goes."""
    max_recipients: int = Field(500, ge=1)
    timeout: float = Field(60, gt=0, le=3600)
    """Seconds that the server may take over each step."""

    @model_validator(mode="after")
    def _fit(self) -> "Smtp":
        """What no field shows alone. Raises ValueError with all faults."""
        faults = []
        if self.security == "none" and not _is_here(self.host):
            faults.append('security = "none" is for this machine only (localhost); nothing is sent in the open')
        if ":" in self.host and not _is_number(self.host):
            faults.append("the port has a key of its own: port")
        if self.user and not self.password_env:
            faults.append("user needs password_env, the name of the variable that holds the password")
        if not (self.user.isascii() and self.user.isprintable()):
            faults.append("user holds a character beyond ASCII")
        if self.list_id and not LIST_ID.fullmatch(self.list_id):
            faults.append("list_id is written as Name <digest.example.org>")
        if self.unsubscribe_url:
            faults += self._leaving()
        if faults:
            raise PydanticCustomError("private", "{faults}", {"faults": "; ".join(faults)})
        return self

    def _leaving(self) -> list[str]:
        parts = urlsplit(self.unsubscribe_url) if URL.fullmatch(self.unsubscribe_url) else None
        faults = []
        if parts is None or parts.scheme != "https" or not parts.netloc or parts.fragment:
            faults.append("unsubscribe_url is no https address of at most 400 plain characters")
        elif not self.unsubscribe_url.endswith(("/", "=")):
            faults.append("unsubscribe_url ends with / or =, since a reader's token is put at its end")
        if not self.secret_env:
            faults.append("unsubscribe_url needs secret_env, the name of the variable that holds a secret of your own")
        return faults

    @property
    def way(self) -> str:
        """The name of this delivery in the ledger: a reader gets an issue once for each list_id that is written."""
        return f"smtp {self._list().address.lower()}" if self.list_id else "smtp"

    def deliver(self, message: Message, office: Office) -> list[str]:
        """Send it to every reader who has not had it; say to how many it went.

        Raises DeliveryError where something is left to do, with the counts and what to do.
        """
        account = self.post(message, office)
        if account.unknown:
            office.tell(unknown(account))
        if account.left or account.refused:
            again = f"`digestor send {message.id}` sends to those left, and to nobody twice" if account.left else ""
            raise DeliveryError(
                f"smtp {self.host}", in_words(account), "\n  ".join(filter(None, (account.todo, again)))
            )
        return [f"{self.host}: {in_words(account)}"]

    def post(self, message: Message, office: Office) -> Account:
        """Send it to every reader who has not had it, and account for each.

        Raises DeliveryError where nothing can be sent at all; trouble on the way is in the account.
        """
        password = self._password(office.environ)
        head = self.letterhead(office.environ)
        mail, day = _mail_of(message)
        readers = self.readers()
        if not readers:
            office.tell(f"smtp {self.host}: there are no readers, so nothing was sent")
            return Account(0)
        hello = head.sender.domain
        route = Route(self.host, self.port or PORTS[self.security], self.security, hello, self.timeout)
        relay = Relay(route._replace(user=self.user, password=password, ca_file=self.ca_file))
        posting = Posting(
            self.way,
            message.id,
            head.sender.address,
            relay,
            lambda reader: letter(mail, message.id, day, reader, head).as_bytes(),
            office,
        )
        return posting.post(readers, 60 / self.per_minute if self.per_minute else 0.0)

    def letters(self, message: Message, environ: Mapping[str, str]) -> Iterator[tuple[Reader, bytes]]:
        """Each reader and the bytes that would be sent; nothing is. Raises DeliveryError."""
        head = self.letterhead(environ)
        mail, day = _mail_of(message)
        for reader in self.readers():
            yield reader, letter(mail, message.id, day, reader, head).as_bytes()

    def readers(self) -> list[Reader]:
        """Who gets it. Raises DeliveryError with every address that is none, and where there are too many."""
        found = reading.readers(self.recipients, self.recipients_file)
        if len(found) > self.max_recipients:
            what = f"there are {len(found)} readers, more than max_recipients = {self.max_recipients}"
            raise DeliveryError("smtp", what, "raise it if that is what you want; nothing was sent")
        return found

    def letterhead(self, environ: Mapping[str, str]) -> Letterhead:
        """What stands at the top of each letter. Raises DeliveryError where the secret is missing or short."""
        sender = reading.reader(self.sender)
        reply_to = reading.reader(self.reply_to) if self.reply_to else None
        leaving = reading.reader(self.unsubscribe_mail) if self.unsubscribe_mail else reply_to or sender
        url = self.unsubscribe_url
        return Letterhead(sender, self._list(), leaving.address, reply_to, url, self.secret(environ))

    def secret(self, environ: Mapping[str, str]) -> str:
        """What signs the tokens; empty where none is configured. Raises DeliveryError."""
        secret = environ.get(self.secret_env, "") if self.secret_env else ""
        if self.secret_env and len(secret) < SHORTEST_SECRET:
            what = f"{self.secret_env} is not set, or shorter than {SHORTEST_SECRET} characters"
            raise DeliveryError(
                "smtp", what, "`openssl rand -hex 32` makes a secret; keep it: with another, old links die"
            )
        return secret

    def _password(self, environ: Mapping[str, str]) -> str:
        password = environ.get(self.password_env, "") if self.user else ""
        if self.user and not (password and password.isascii()):
            what = f"{self.password_env} is " + ("not plain ASCII, which a login needs" if password else "not set")
            raise DeliveryError("smtp", what, "it holds the password of user; nothing was sent")
        return password

    def _list(self) -> Reader:
        """Name and id of the list: as configured, else made from the sender's."""
        sender = reading.reader(self.sender)
        found = LIST_ID.fullmatch(self.list_id)
        if found:
            return Reader(found["id"], (found["name"] or "").strip().strip('"'))
        local = re.sub(r"[^A-Za-z0-9-]+", "-", sender.address.rpartition("@")[0]).strip("-") or "list"
        return Reader(f"{local}.{sender.domain}", sender.name)


def in_words(account: Account) -> str:
    """Where every reader ended, as one line; nobody is named."""
    counts = (
        (account.sent, "sent"),
        (account.had, "had it before"),
        (account.gone, "no such address (no more mail goes there)"),
        (account.refused, "refused for good"),
        (account.refused_before, "refused before"),
        (account.silent, "want none or are gone"),
        (len(account.unknown), "unknown"),
        (account.left, "left"),
    )
    line = f"{account.readers} readers: " + ", ".join(f"{n} {word}" for n, word in counts if n or word == "sent")
    return f"{line}; the server {account.trouble}" if account.trouble and (account.left or account.refused) else line


def unknown(account: Account) -> str:
    """Which readers may or may not have it, by their numbers, and what to do."""
    numbers = ", ".join(map(str, account.unknown[:50])) + (" …" if len(account.unknown) > 50 else "")
    what = f"nobody can know whether these have it, by their number in the list of readers: {numbers}"
    return f"{what}\n  `digestor send --resend-unknown` sends to them again; some may then have it twice"


def _mail_of(message: Message) -> tuple[Mail, date]:
    if message.mail is None or message.day is None:
        todo = "`digestor send` takes the .json of an issue and writes one"
        raise DeliveryError("smtp", f"issue {message.id} comes without a mail or a day", todo)
    return message.mail, message.day


def _is_here(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback if _is_number(host) else host.lower() == "localhost"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
