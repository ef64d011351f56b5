"""Sending to many, each at most once: the ledger before every letter, those put off again later, an account after."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from digestor.delivery.readers import Reader
from digestor.delivery.relay import Relay, RelayError, Said
from digestor.protocols import Office, SendState

RESTS = (60.0, 300.0)
"""Seconds to wait before those that the server put off are tried again; greylisting lets go after five minutes."""
CONNECTING = (5.0, 30.0)
"""Seconds to wait before another attempt at connecting."""
RENEWED = 100
"""Letters after which a connection is replaced; servers count too."""
ENOUGH = 12
"""Refusals in a row after which it is us whom the server refuses, not the readers."""
LOST = 4
"""How many refusals a letter counts for of which nobody knows whether it arrived: they are not to become many."""
NO_SUCH_READER = re.compile(r"5\.(?:1\.(?:0|1|2|3|6|10)|2\.1)\b")
"""What RFC 3463 has for an address that does not exist, was moved or takes no mail."""
ENHANCED = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}\b")
NO_SUCH_READER_PLAIN = (550, 551, 553)

OWN_SENDER = "sender must be an address that this server sends for"
OF_SENDER = {530: "it wants a login: user and password_env", 552: "the letter is too big for it"}

Numbered = tuple[int, Reader]
"""A reader, and which one of the list it is, from 1: reports name nobody."""


@dataclass
class Account:
    """Where each reader of a list ended."""

    readers: int
    sent: int = 0
    had: int = 0
    """An earlier run sent it."""
    refused_before: int = 0
    """An earlier run was refused for good."""
    refused: int = 0
    """The server will not have it; that was the letter's fault, or the server's rule."""
    gone: int = 0
    """The server knows no such address; it gets no more mail."""
    silent: int = 0
    """Unsubscribed, or found to be gone before."""
    unknown: list[int] = field(default_factory=list)
    """Their numbers: it was sent, and nobody can know whether it arrived."""
    trouble: str = ""
    """Why sending stopped, or the last thing the server said against a letter."""
    todo: str = ""

    @property
    def left(self) -> int:
        """Those that nothing was sent to yet, and that may still be sent to."""
        settled = self.sent + self.had + self.refused_before + self.refused + self.gone + self.silent
        return self.readers - settled - len(self.unknown)


class Posting:
    """One issue on its way to a list of readers, through one relay."""

    def __init__(
        self, way: str, issue: str, sender: str, relay: Relay, write: Callable[[Reader], bytes], office: Office
    ) -> None:
        self.way, self.issue, self.sender, self.relay, self.write, self.office = (
            way,
            issue,
            sender,
            relay,
            write,
            office,
        )
        self._against = 0
        self._accepted = False
        self._done = 0

    def post(self, readers: Sequence[Reader], gap: float = 0.0) -> Account:
        """Send to everybody who has not had it, `gap` seconds apart. Trouble with the server is in the account."""
        account = Account(len(readers))
        waiting: list[Numbered] = list(enumerate(readers, start=1))
        try:
            for rest in (0.0, *RESTS):
                if rest:
                    self.office.tell(f"the server put off {len(waiting)}; they are tried again in {rest:.0f} seconds")
                    self.office.pause(rest)
                waiting = list(self._round(waiting, account, gap))
                if not waiting:
                    break
        except RelayError as error:
            account.trouble, account.todo = error.what, error.todo
        finally:
            self.relay.close()
        return account

    def _round(self, readers: Sequence[Numbered], account: Account, gap: float) -> Iterator[Numbered]:
        sending = False
        for number, reader in readers:
            if sending and gap:
                self.office.pause(gap)
            sending = self._is_ours(number, reader, account)
            if sending and self._send(number, reader, account) == "retry":
                yield number, reader
            else:
                self._done += 1
            self.office.progress("sending", self._done, account.readers)
            if self._against >= ENOUGH:
                todo = f"it said: {account.trouble}" if account.trouble else ""
                raise RelayError("took none of the last letters, so no more were tried", todo)

    def _is_ours(self, number: int, reader: Reader, account: Account) -> bool:
        sends = self.office.sends
        if sends.suppressed(reader.address) is not None:
            account.silent += 1
            return False
        state = sends.claim(self.way, self.issue, reader.address, self.office.resend_unknown)
        if state == "sent":
            account.had += 1
        elif state == "failed":
            account.refused_before += 1
        elif state is not None:
            account.unknown.append(number)
        return state is None

    def _send(self, number: int, reader: Reader, account: Account) -> SendState:
        """Send what was claimed, and settle it whatever happens; only `kill -9` leaves a claim standing."""
        state: SendState = "retry"
        said = Said("lost")
        self.relay.whole = False
        try:
            self._connect()
            said = self.relay.hand(self.sender, reader.address, self.write(reader))
            state = verdict(said, self._accepted)
        finally:
            if said.step == "lost" and self.relay.whole:
                state = "unknown"
            reply = f"{said.code} {said.reply}" if said.code else ""
            self.office.sends.settle(self.way, self.issue, reader.address, state, reply)
        self._note(number, reader, said, state, account)
        if said.step == "sender" and said.code // 100 == 5:
            raise RelayError(f"refuses the sender: {reply}", OF_SENDER.get(said.code, OWN_SENDER))
        return state

    def _note(self, number: int, reader: Reader, said: Said, state: SendState, account: Account) -> None:
        against = LOST if state == "unknown" else 1
        self._against = 0 if state == "sent" or said.code // 100 == 4 else self._against + against
        self._accepted = self._accepted or said.step in ("letter", "end")
        if state == "sent":
            account.sent += 1
        elif state == "unknown":
            account.unknown.append(number)
        elif state == "failed" and is_gone(said):
            self.office.sends.suppress(reader.address, f"{said.code} {said.reply}")
            account.gone += 1
        elif state == "failed":
            account.refused += 1
        if state != "sent":
            account.trouble = f"{said.code} {said.reply}".strip() if said.code else "the connection was lost"

    def _connect(self) -> None:
        if self.relay.is_open and self.relay.handed < RENEWED:
            return
        self.relay.close()
        for wait in CONNECTING:
            try:
                return self.relay.open()
            except RelayError as error:
                if not error.passing:
                    raise
                self.office.pause(wait)
        self.relay.open()


def verdict(said: Said, accepted: bool) -> SendState:
    """What became of a letter. `accepted`: has the server taken any reader in this run?

    A refused reader is a fact about that reader only where the server says so by its code, or takes others; a server
    that takes nobody refuses us, and that can be mended. A letter refused once will be refused again.
    """
    if said.step == "lost":
        return "unknown" if said.whole else "retry"
    if said.code // 100 == 4 or said.step == "sender":
        return "retry"
    if said.step == "reader":
        return "failed" if NO_SUCH_READER.match(said.reply) or accepted else "retry"
    return "sent" if said.code // 100 == 2 else "failed"


def is_gone(said: Said) -> bool:
    """Did the server refuse a reader because there is no such address?"""
    if said.step != "reader" or said.code // 100 != 5:
        return False
    if ENHANCED.match(said.reply):
        return NO_SUCH_READER.match(said.reply) is not None
    return said.code in NO_SUCH_READER_PLAIN
