"""How fast letters go out, beside plain smtplib over the same connection.

    python -m bench.smtp

200 letters of 40 KB to a server on loopback, STARTTLS and a login each time: smtplib as it comes, smtplib with
TCP_NODELAY, and ours with its ledger on the disk. Without TCP_NODELAY each letter waits for a delayed acknowledgement.
"""

import smtplib
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import trustme

from digestor.delivery.smtp import Smtp
from digestor.models import Message
from digestor.protocols import Office
from digestor.store import Store
from tests.mailbox import ENVIRON, MAIL, MESSAGE, PASSWORD, USER, Mailbox, keys

LETTERS = 200
READERS = tuple(f"r{number}@example.org" for number in range(LETTERS))
BODY = "".join(f"<p>Paper {number} counts bees, and then some more bees.</p>\n" for number in range(700))


def plain(box: Mailbox, delivery: Smtp, message: Message, swift: bool) -> None:
    """What the library's own documentation would have one write."""
    letters = [(to.address, content) for to, content in delivery.letters(message, ENVIRON)]
    context = ssl.create_default_context(cafile=delivery.ca_file)
    with smtplib.SMTP("127.0.0.1", box.port, "example.org") as smtp:
        if swift and smtp.sock is not None:
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.starttls(context=context)
        smtp.login(USER, PASSWORD)
        for to, content in letters:
            smtp.sendmail("digest@example.org", [to], content)


def ours(delivery: Smtp, message: Message, folder: Path) -> None:
    """The delivery, its ledger in a file."""
    with Store.open(folder / "digestor.db") as store:
        account = delivery.post(message, Office(store.sends, ENVIRON))
    assert account.sent == LETTERS


def main() -> None:
    """Time each and print a table."""
    mail = MAIL.model_copy(update={"html": MAIL.html + BODY})
    message = MESSAGE.model_copy(update={"mail": mail})
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as name, Mailbox(authority) as box:
        folder = Path(name)
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        delivery = Smtp.model_validate(keys(box.port, folder / "ca.pem", READERS))
        ways: dict[str, Callable[[], None]] = {
            "smtplib as it comes": lambda: plain(box, delivery, message, swift=False),
            "smtplib, TCP_NODELAY": lambda: plain(box, delivery, message, swift=True),
            "digestor, with ledger": lambda: ours(delivery, message, folder),
        }
        took: dict[str, float] = {}
        for way, send in ways.items():
            box.got.clear()
            start = time.perf_counter()
            send()
            took[way] = time.perf_counter() - start
            assert len(box.got) == LETTERS
    slowest = max(took.values())
    for way, seconds in took.items():
        print(f"{way:24}{seconds:6.2f} s  {LETTERS / seconds:6.0f} letters/s  x{slowest / seconds:.1f}")


if __name__ == "__main__":
    main()
