"""A mail server on loopback that keeps what it is sent and does to each reader what it was told; and a sender to kill.

python -m tests.mailbox < work.json        sends what the work says, in a process of its own
"""

import asyncio
import json
import ssl
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from digestor.delivery.smtp import Smtp
from digestor.models import UNSUBSCRIBE, Mail, Message
from digestor.protocols import Office
from digestor.store import Store

USER, PASSWORD = "digest", "a long password"
SECRET = "a secret of sixteen letters or more"
ENVIRON = {"MAIL_PASSWORD": PASSWORD, "MAIL_SECRET": SECRET}
HANG_UP = "hang up"
"""In a script: the connection goes without a word."""


class Got(NamedTuple):
    """A letter that the server took."""

    sender: str
    to: str
    content: bytes


class Strict(SMTP):
    """Leaves off TLS or the login where it is told to."""

    without: frozenset[str] = frozenset()

    async def push(self, status: Any) -> None:
        """Says what the library would say, but for what is left off."""
        words = status if isinstance(status, bytes) else status.encode()
        if any(word.encode() in words for word in self.without if words.startswith(b"250-")):
            return
        await super().push(status)


class Mailbox:
    """The server. `at_reader` and `at_letter` hold, by address, what is said to each attempt in turn; then "250 OK".

    "hang up" in `at_letter` is said after the letter was kept: only the answer is lost.
    """

    def __init__(
        self,
        authority: trustme.CA,
        name: str = "127.0.0.1",
        implicit: bool = False,
        without: Sequence[str] = (),
        login: str = "535 5.7.8 no",
    ) -> None:
        self.got: list[Got] = []
        self.hellos: list[str] = []
        self.at_sender: list[str] = []
        self.at_reader: dict[str, list[str]] = defaultdict(list)
        self.at_letter: dict[str, list[str]] = defaultdict(list)
        self.connections = 0
        self.on_letter: Callable[[int], None] = lambda count: None
        """Called with how many letters there are, after one was kept and before it is acknowledged."""
        self.on_reader: Callable[[int], None] = lambda count: None
        """The same, called when a letter is about to come."""
        self.letting_go = threading.Event()
        """Set: those that were told "slow" are answered."""
        self._login, self._implicit, self._without = login, implicit, frozenset(without)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(self._context)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = 0

    def __enter__(self) -> "Mailbox":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.letting_go.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def counted(self) -> Counter[str]:
        """How many letters each address has."""
        return Counter(got.to for got in self.got)

    def _serve(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        tls = self._context if self._implicit else None
        server = loop.run_until_complete(loop.create_server(self._spoken, "127.0.0.1", 0, ssl=tls))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        loop.run_forever()
        server.close()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    def _spoken(self) -> Strict:
        self.connections += 1
        starttls = not self._implicit and "STARTTLS" not in self._without
        spoken = Strict(
            self,
            hostname="mail.example.org",
            loop=self._loop,
            tls_context=self._context if starttls else None,
            require_starttls=starttls,
            auth_required=starttls and "AUTH" not in self._without,
            auth_require_tls=not self._implicit and starttls,
            authenticator=self._known,
        )
        spoken.without = self._without
        return spoken

    def _known(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
        # handled=False: else the library answers nothing and the client waits for ever.
        return AuthResult(success=right, handled=False, message=None if right else self._login)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.hellos.append(hostname)
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await self._answer(server, self.at_sender)
        if said.startswith("250"):
            envelope.mail_from = address
        return said

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.on_reader(len(self.got))
        said = await self._answer(server, self.at_reader[address])
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        script = self.at_letter[to]
        if not script or not script[0].startswith(("4", "5")):
            assert isinstance(envelope.content, bytes)
            self.got.append(Got(envelope.mail_from or "", to, envelope.content))
            self.on_letter(len(self.got))
        return await self._answer(server, script)

    async def _answer(self, server: SMTP, script: list[str]) -> str:
        said = script.pop(0) if script else "250 OK"
        if said == "slow":
            await asyncio.get_running_loop().run_in_executor(None, self.letting_go.wait)
            return "250 OK"
        if said == HANG_UP:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return said


MAIL = Mail(
    subject="24 papers, 8 with code: bees count · 2026-W47",
    preheader="Top pick: Bees count.",
    html=f'<!doctype html><html lang="en"><title>W47</title><h1>24 papers</h1><a href="{UNSUBSCRIBE}">Unsubscribe</a>',
    text=f"24 papers\n\nUnsubscribe:\n{UNSUBSCRIBE}\n",
)
MESSAGE = Message(id="2026-W47", subject=MAIL.subject, formats={}, mail=MAIL, day=date(2026, 11, 22))


def keys(port: int, ca_file: Path, recipients: Sequence[str], **changes: Any) -> dict[str, Any]:
    """The config of a delivery to a mailbox."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "ca_file": str(ca_file),
        "user": USER,
        "password_env": "MAIL_PASSWORD",
        "sender": "Paper Digest <digest@example.org>",
        "recipients": tuple(recipients),
        "unsubscribe_url": "https://example.org/u/",
        "secret_env": "MAIL_SECRET",
        "timeout": 20,
        **changes,
    }


def main() -> None:
    """Send what the work on stdin says."""
    work = json.load(sys.stdin)
    with Store.open(Path(work["store"])) as store:
        account = Smtp.model_validate(work["keys"]).post(MESSAGE, Office(store.sends, ENVIRON))
    sys.stdout.write(json.dumps({"sent": account.sent, "unknown": account.unknown, "left": account.left}))


if __name__ == "__main__":
    main()
