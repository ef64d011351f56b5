"""Mail against a real server on loopback: whatever it does, nobody gets an issue twice."""

import json
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from digestor.delivery.relay import Relay, Route, Said, Security
from digestor.delivery.rounds import RESTS, Account, is_gone, verdict
from digestor.delivery.smtp import Smtp
from digestor.errors import DeliveryError
from digestor.models import Message
from digestor.protocols import Office
from tests.fakes import a_memory
from tests.mailbox import ENVIRON, HANG_UP, MAIL, MESSAGE, PASSWORD, SECRET, Mailbox, keys

ANN, BOB, CY = "ann@example.org", "bob@example.org", "cy@example.net"
READERS = tuple(f"Reader {number} <r{number}@example.org>" for number in range(1, 201))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture
def box(authority: trustme.CA) -> Iterator[Mailbox]:
    with Mailbox(authority) as mailbox:
        yield mailbox


class Desk:
    """An office that notes what it is told and how long it is asked to wait, and waits not at all."""

    def __init__(self) -> None:
        self.store = a_memory()
        self.told: list[str] = []
        self.waited: list[float] = []
        self.progress: list[tuple[str, int, int | None]] = []

    def office(self, resend_unknown: bool = False) -> Office:
        def progress(doing: str, done: int, of: int | None) -> None:
            self.progress.append((doing, done, of))

        return Office(self.store.sends, ENVIRON, self.told.append, progress, self.waited.append, resend_unknown)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.store.close()


@pytest.fixture
def to(ca_file: Path) -> Callable[..., Smtp]:
    """A delivery to a mailbox."""

    def made(box: Mailbox, recipients: Sequence[str] = (ANN, BOB, CY), **changes: Any) -> Smtp:
        return Smtp.model_validate(keys(box.port, ca_file, recipients) | changes)

    return made


To = Callable[..., Smtp]


def test_two_hundred_readers_get_one_letter_each_over_a_connection_renewed_now_and_then(
    box: Mailbox, desk: Desk, to: To
) -> None:
    (place,) = to(box, READERS).deliver(MESSAGE, desk.office())

    assert place == "127.0.0.1: 200 readers: 200 sent"
    assert set(box.counted().values()) == {1}
    assert len(box.got) == 200
    assert box.connections == 2
    assert desk.progress[-1] == ("sending", 200, 200)
    assert (desk.told, desk.waited) == ([], [])


def test_what_arrives_is_what_would_be_written_by_a_dry_run(box: Mailbox, desk: Desk, to: To) -> None:
    mail = MAIL.model_copy(update={"text": "dots\n.\n..x\n" + MAIL.text})
    message = MESSAGE.model_copy(update={"mail": mail})

    to(box).deliver(message, desk.office())

    assert [got.content for got in box.got] == [content for _, content in to(box).letters(message, ENVIRON)]
    assert {got.sender for got in box.got} == {"digest@example.org"}
    assert set(box.hellos) == {"example.org"}


def test_no_letter_names_another_reader(box: Mailbox, desk: Desk, to: To) -> None:
    to(box).deliver(MESSAGE, desk.office())

    for got in box.got:
        others = {ANN, BOB, CY} - {got.to}
        assert not [other for other in others if other.encode() in got.content]


def test_the_same_command_again_sends_nothing_and_connects_to_nobody(box: Mailbox, desk: Desk, to: To) -> None:
    to(box).deliver(MESSAGE, desk.office())

    (place,) = to(box).deliver(MESSAGE, desk.office())

    assert place == "127.0.0.1: 3 readers: 0 sent, 3 had it before"
    assert (len(box.got), box.connections) == (3, 1)


def test_a_reader_added_later_gets_the_issue_too(box: Mailbox, desk: Desk, to: To) -> None:
    to(box, [ANN]).deliver(MESSAGE, desk.office())
    to(box, [BOB, ANN]).deliver(MESSAGE, desk.office())

    assert [got.to for got in box.got] == [ANN, BOB]


def test_a_reader_of_two_newsletters_with_ids_of_their_own_gets_both(box: Mailbox, desk: Desk, to: To) -> None:
    to(box, [ANN], list_id="One <one.example.org>").deliver(MESSAGE, desk.office())
    to(box, [ANN], list_id="Two <two.example.org>").deliver(MESSAGE, desk.office())
    to(box, [ANN], list_id="Two renamed <TWO.example.org>").deliver(MESSAGE, desk.office())

    assert len(box.got) == 2


@pytest.mark.parametrize("reply", ["550 5.1.1 <{}>: no such user", "551 5.1.6 moved", "550 5.2.1 mailbox disabled"])
def test_an_address_that_does_not_exist_gets_no_more_mail(reply: str, box: Mailbox, desk: Desk, to: To) -> None:
    box.at_reader[BOB] = [reply.format(BOB)]

    (place,) = to(box).deliver(MESSAGE, desk.office())

    assert "2 sent, 1 no such address" in place
    assert BOB not in (desk.store.sends.suppressed(BOB) or BOB)
    later = MESSAGE.model_copy(update={"id": "2026-W48"})
    assert "2 sent, 1 want none or are gone" in to(box).deliver(later, desk.office())[0]
    assert box.counted() == {ANN: 2, CY: 2}


def test_a_bare_550_counts_against_a_reader_once_the_server_has_taken_another(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_reader[ANN] = ["550 no"] * 9

    to(box).deliver(MESSAGE, desk.office())

    assert desk.store.sends.suppressed(ANN) == "550 no"
    assert len(box.at_reader[ANN]) == 7


def test_a_server_that_takes_nobody_takes_no_reader_off_the_list(box: Mailbox, desk: Desk, to: To) -> None:
    for reader in READERS:
        box.at_reader[reader.partition("<")[2].rstrip(">")] = ["550 relaying denied"] * 9

    with pytest.raises(DeliveryError, match="took none of the last letters") as refused:
        to(box, READERS).deliver(MESSAGE, desk.office())

    assert "0 sent, 200 left" in str(refused.value)
    assert desk.store.sends.count("smtp", MESSAGE.id) == {"retry": 12}
    assert desk.store.sends.suppressed("r1@example.org") is None


def test_a_reader_whose_server_wants_nothing_from_us_stays_on_the_list(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_reader[BOB] = ["550 5.7.1 by policy"]

    with pytest.raises(DeliveryError, match="2 sent, 1 refused for good"):
        to(box).deliver(MESSAGE, desk.office())

    assert desk.store.sends.suppressed(BOB) is None
    assert "2 had it before, 1 refused before" in to(box).deliver(MESSAGE, desk.office())[0]


@pytest.mark.parametrize("reply", ["450 4.2.1 busy", "451 4.7.1 greylisted", "452 4.2.2 full", "421 4.3.2 closing"])
def test_a_reader_put_off_is_tried_again_after_a_while(reply: str, box: Mailbox, desk: Desk, to: To) -> None:
    box.at_reader[BOB] = [reply]

    (place,) = to(box).deliver(MESSAGE, desk.office())

    assert "3 sent" in place
    assert [got.to for got in box.got] == [ANN, CY, BOB]
    assert desk.waited == [RESTS[0]]
    assert desk.told == ["the server put off 1; they are tried again in 60 seconds"]


def test_a_reader_put_off_for_long_is_left_for_the_next_run(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_reader[BOB] = ["451 4.7.1 not now"] * 3

    with pytest.raises(DeliveryError, match="2 sent, 1 left") as refused:
        to(box).deliver(MESSAGE, desk.office())

    assert "`digestor send 2026-W47`" in str(refused.value)
    assert desk.waited == list(RESTS)
    assert "1 sent, 2 had it before" in to(box).deliver(MESSAGE, desk.office())[0]
    assert set(box.counted().values()) == {1}


@pytest.mark.parametrize("reply", ["554 5.7.1 this is spam", "552 5.3.4 too big"])
def test_a_letter_refused_for_good_is_not_sent_again_and_its_reader_stays(
    reply: str, box: Mailbox, desk: Desk, to: To
) -> None:
    box.at_letter[BOB] = [reply]

    with pytest.raises(DeliveryError, match="2 sent, 1 refused for good") as refused:
        to(box).deliver(MESSAGE, desk.office())

    assert reply in str(refused.value)
    assert desk.store.sends.suppressed(BOB) is None
    to(box).deliver(MESSAGE, desk.office())
    assert box.counted() == {ANN: 1, CY: 1}


def test_a_letter_put_off_after_it_was_whole_is_sent_again(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_letter[BOB] = ["451 4.3.0 try later"]

    to(box).deliver(MESSAGE, desk.office())

    assert box.counted() == {ANN: 1, BOB: 1, CY: 1}


def test_a_connection_lost_before_the_letter_was_whole_is_opened_again(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_reader[BOB] = [HANG_UP]

    (place,) = to(box).deliver(MESSAGE, desk.office())

    assert "3 sent" in place
    assert set(box.counted().values()) == {1}


def test_nobody_knows_of_a_letter_whose_answer_was_lost_so_it_is_not_sent_again_unasked(
    box: Mailbox, desk: Desk, to: To
) -> None:
    box.at_letter[BOB] = [HANG_UP]

    (first,) = to(box).deliver(MESSAGE, desk.office())
    (again,) = to(box).deliver(MESSAGE, desk.office())

    assert "2 sent, 1 unknown" in first
    assert "0 sent, 2 had it before, 1 unknown" in again
    assert desk.told[0] == desk.told[1]
    assert "by their number in the list of readers: 2\n" in desk.told[0]
    assert box.counted()[BOB] == 1


def test_what_is_unknown_is_sent_again_when_asked_with_the_same_message_id(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_letter[BOB] = [HANG_UP]
    to(box).deliver(MESSAGE, desk.office())

    to(box).deliver(MESSAGE, desk.office(resend_unknown=True))

    first, second = [got.content for got in box.got if got.to == BOB]
    assert first == second
    assert box.counted() == {ANN: 1, BOB: 2, CY: 1}


def test_a_server_that_takes_too_long_over_a_reader_is_left_and_asked_again(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_reader[BOB] = ["slow"]

    (place,) = to(box, timeout=1).deliver(MESSAGE, desk.office())

    assert "3 sent" in place


def test_a_refused_sender_stops_everything_and_costs_no_reader(box: Mailbox, desk: Desk, to: To) -> None:
    box.at_sender = ["550 5.7.1 <digest@example.org> is not yours"] * 5

    with pytest.raises(DeliveryError, match=r"refuses the sender: 550 5\.7\.1") as refused:
        to(box).deliver(MESSAGE, desk.office())

    assert "0 sent, 3 left" in str(refused.value)
    assert "digest@example.org" not in str(refused.value)
    assert len(box.at_sender) == 4
    box.at_sender.clear()
    assert "3 sent" in to(box).deliver(MESSAGE, desk.office())[0]


def test_a_wrong_password_sends_nothing_and_is_never_repeated(authority: trustme.CA, desk: Desk, to: To) -> None:
    with Mailbox(authority, login=f"535 5.7.8 {PASSWORD}x is wrong") as box:
        office = desk.office()._replace(environ={**ENVIRON, "MAIL_PASSWORD": PASSWORD + "x"})

        with pytest.raises(DeliveryError, match=r"refuses the login \(535\)") as refused:
            to(box).deliver(MESSAGE, office)

    assert PASSWORD not in str(refused.value)
    assert box.got == []
    assert desk.waited == []
    assert desk.store.sends.count("smtp", MESSAGE.id) == {"retry": 1}


def test_a_login_put_off_is_tried_again(authority: trustme.CA, desk: Desk, to: To) -> None:
    with Mailbox(authority, login="454 4.7.0 later") as box:
        office = desk.office()._replace(environ={**ENVIRON, "MAIL_PASSWORD": "other"})

        with pytest.raises(DeliveryError, match=r"refuses the login \(454\)"):
            to(box).deliver(MESSAGE, office)

    assert (box.connections, len(desk.waited)) == (3, 2)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_nobody_we_know_is_refused(
    security: str, authority: trustme.CA, desk: Desk, to: To, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    with Mailbox(authority, implicit=security == "tls") as box:
        for ca_file in (None, stranger):
            with pytest.raises(DeliveryError, match="its certificate is not to be trusted"):
                to(box, security=security, ca_file=ca_file).deliver(MESSAGE, desk.office())

        assert box.got == []


def test_a_certificate_of_another_name_is_refused(authority: trustme.CA, desk: Desk, to: To) -> None:
    with (
        Mailbox(authority, name="elsewhere.example.org") as box,
        pytest.raises(DeliveryError, match="its certificate is not to be trusted"),
    ):
        to(box).deliver(MESSAGE, desk.office())


def test_mail_goes_over_implicit_tls_as_well(authority: trustme.CA, desk: Desk, to: To) -> None:
    with Mailbox(authority, implicit=True) as box:
        assert "3 sent" in to(box, security="tls").deliver(MESSAGE, desk.office())[0]


def test_without_encryption_nothing_is_sent(authority: trustme.CA, desk: Desk, to: To) -> None:
    with Mailbox(authority, without=["STARTTLS"]) as box:
        with pytest.raises(DeliveryError, match="does not offer to encrypt"):
            to(box).deliver(MESSAGE, desk.office())

        assert box.got == []
        assert "3 sent" in to(box, security="none", user="").deliver(MESSAGE, desk.office())[0]


def test_a_server_that_speaks_tls_elsewhere_says_so(box: Mailbox, desk: Desk, to: To) -> None:
    with pytest.raises(DeliveryError, match="does not speak TLS as it should"):
        to(box, security="tls").deliver(MESSAGE, desk.office())


def test_a_server_without_a_login_says_so(authority: trustme.CA, desk: Desk, to: To) -> None:
    with Mailbox(authority, without=["AUTH"]) as box, pytest.raises(DeliveryError, match="offers no login"):
        to(box).deliver(MESSAGE, desk.office())


def test_a_server_that_is_not_there_is_tried_a_few_times(box: Mailbox, desk: Desk, to: To) -> None:
    with pytest.raises(DeliveryError, match="cannot be reached: Connection refused") as refused:
        to(box, port=9).deliver(MESSAGE, desk.office())

    assert "0 sent, 3 left" in str(refused.value)
    assert desk.waited == [5.0, 30.0]


def test_a_name_that_no_server_can_have_says_so(box: Mailbox, desk: Desk, to: To) -> None:
    with pytest.raises(DeliveryError, match="has no name that a server can have"):
        to(box, host="..").deliver(MESSAGE, desk.office())


def test_a_server_that_loses_every_answer_is_left_soon(box: Mailbox, desk: Desk, to: To) -> None:
    for number in range(1, 201):
        box.at_letter[f"r{number}@example.org"] = [HANG_UP]

    with pytest.raises(DeliveryError, match="0 sent, 3 unknown, 197 left"):
        to(box, READERS).deliver(MESSAGE, desk.office())

    assert len(box.got) == 3


def test_letters_are_spaced_by_what_a_minute_may_have(box: Mailbox, desk: Desk, to: To) -> None:
    to(box, per_minute=30).deliver(MESSAGE, desk.office())

    assert desk.waited == [2.0, 2.0]


def test_an_interrupted_send_leaves_nothing_in_doubt(box: Mailbox, desk: Desk, to: To) -> None:
    def interrupt(doing: str, done: int, of: int | None) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to(box).deliver(MESSAGE, desk.office()._replace(progress=interrupt))

    assert desk.store.sends.count("smtp", MESSAGE.id) == {"sent": 2}
    to(box).deliver(MESSAGE, desk.office())
    assert set(box.counted().values()) == {1}


def test_a_send_interrupted_before_the_answer_is_unknown(box: Mailbox, desk: Desk, to: To) -> None:
    main = threading.main_thread().ident
    assert main is not None
    box.on_letter = lambda count: signal.pthread_kill(main, signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        to(box).deliver(MESSAGE, desk.office())

    assert desk.store.sends.count("smtp", MESSAGE.id) == {"unknown": 1}
    box.on_letter = lambda count: None
    to(box).deliver(MESSAGE, desk.office())
    assert set(box.counted().values()) == {1}


def test_a_missing_password_or_secret_is_named_before_anything_is_done(box: Mailbox, desk: Desk, to: To) -> None:
    for environ, name in (({"MAIL_SECRET": SECRET}, "MAIL_PASSWORD"), ({"MAIL_PASSWORD": "x"}, "MAIL_SECRET")):
        with pytest.raises(DeliveryError, match=name):
            to(box).deliver(MESSAGE, desk.office()._replace(environ=environ))
    with pytest.raises(DeliveryError, match="shorter than 16"):
        to(box).deliver(MESSAGE, desk.office()._replace(environ={**ENVIRON, "MAIL_SECRET": "short"}))
    with pytest.raises(DeliveryError, match="plain ASCII"):
        to(box).deliver(MESSAGE, desk.office()._replace(environ={**ENVIRON, "MAIL_PASSWORD": "pässword"}))

    assert box.connections == 0


def test_too_many_readers_is_a_mistake_until_said_otherwise(box: Mailbox, desk: Desk, to: To) -> None:
    with pytest.raises(DeliveryError, match="200 readers, more than max_recipients = 199"):
        to(box, READERS, max_recipients=199).deliver(MESSAGE, desk.office())

    assert box.connections == 0


def test_an_issue_without_a_mail_or_a_day_says_so(box: Mailbox, desk: Desk, to: To) -> None:
    for message in (Message(id="W", subject="s", formats={}, mail=MAIL), MESSAGE.model_copy(update={"mail": None})):
        with pytest.raises(DeliveryError, match="without a mail or a day"):
            to(box).deliver(message, desk.office())


def test_without_readers_nothing_is_done_and_that_is_said(box: Mailbox, desk: Desk, to: To) -> None:
    assert to(box, []).deliver(MESSAGE, desk.office()) == ["127.0.0.1: 0 readers: 0 sent"]
    assert desk.told == ["smtp 127.0.0.1: there are no readers, so nothing was sent"]
    assert box.connections == 0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"security": "none", "host": "mail.example.org"}, "this machine only"),
        ({"security": "none", "host": "192.168.1.1"}, "this machine only"),
        ({"password_env": ""}, "password_env"),
        ({"user": "änn"}, "beyond ASCII"),
        ({"sender": "nobody"}, "is no address"),
        ({"sender": "A\r\nBcc: eve@example.com <a@example.org>"}, "is no address"),
        ({"recipients": ["nobody"]}, "is no address"),
        ({"list_id": "A <b>"}, "list_id"),
        ({"list_id": "A\nB <b.example.org>\r\nBcc: x"}, "list_id"),
        ({"unsubscribe_url": "http://example.org/"}, "no https address"),
        ({"unsubscribe_url": "https://example.org/\r\nBcc: x/"}, "no https address"),
        ({"unsubscribe_url": "https://example.org/>, <mailto:x@y.org/"}, "no https address"),
        ({"unsubscribe_url": f"https://example.org/{'x' * 400}/"}, "no https address"),
        ({"unsubscribe_url": "https://example.org/u"}, "ends with / or ="),
        ({"unsubscribe_url": "https://example.org/u/", "secret_env": ""}, "needs secret_env"),
        ({"host": "mail example"}, "match"),
        ({"host": "mail.example.org:587"}, "a key of its own"),
        ({"per_minute": -1}, "greater"),
        ({"bcc": "x"}, "xtra"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(changes: dict[str, Any], word: str, ca_file: Path) -> None:
    with pytest.raises(ValidationError, match=word):
        Smtp.model_validate(keys(25, ca_file, [ANN]) | changes)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_this_machine_nothing_need_be_encrypted(host: str, ca_file: Path) -> None:
    assert Smtp.model_validate(keys(0, ca_file, [ANN], host=host, security="none")).host == host


@pytest.mark.parametrize(
    ("said", "accepted", "state", "gone"),
    [
        (Said("lost"), True, "retry", False),
        (Said("lost", whole=True), True, "unknown", False),
        (Said("sender", 550, "5.7.1 no"), True, "retry", False),
        (Said("reader", 450, "4.2.1 busy"), True, "retry", False),
        (Said("reader", 550, "5.1.1 who"), False, "failed", True),
        (Said("reader", 550, "5.1.10 who"), False, "failed", True),
        (Said("reader", 550, "5.1.8 bad sender"), True, "failed", False),
        (Said("reader", 550, "5.7.1 relaying denied"), False, "retry", False),
        (Said("reader", 552, "5.2.2 full"), True, "failed", False),
        (Said("reader", 550, "who"), False, "retry", True),
        (Said("reader", 550, "who"), True, "failed", True),
        (Said("reader", 530, "log in first"), False, "retry", False),
        (Said("letter", 554, "no"), True, "failed", False),
        (Said("end", 250, "ok", True), True, "sent", False),
        (Said("end", 554, "5.1.1 who", True), True, "failed", False),
        (Said("end", 451, "later", True), True, "retry", False),
    ],
)
def test_what_became_of_a_letter(said: Said, accepted: bool, state: str, gone: bool) -> None:
    assert (verdict(said, accepted), is_gone(said)) == (state, gone)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_need_not_wait_for_the_acknowledgement_of_the_one_before(
    security: Security, authority: trustme.CA, ca_file: Path
) -> None:
    with Mailbox(authority, implicit=security == "tls") as box:
        relay = Relay(Route("127.0.0.1", box.port, security, "example.org", ca_file=ca_file))
        relay.open()

        assert relay._smtp is not None
        assert relay._smtp.sock is not None
        assert relay._smtp.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        relay.close()


def test_no_address_or_password_of_a_reply_is_kept() -> None:
    relay = Relay(Route("127.0.0.1", 25, "none", "example.org", password="hunter22"))

    said = relay._said("reader", (550, b"5.1.1 <ANN@example.org> (x+ann=y@z.org)\r\nhunter22 \xff " + b"x" * 500), ANN)

    assert said.reply.startswith("5.1.1 <…> (…) … � xxx")
    assert len(said.reply) == 200


def test_readers_left_are_what_no_other_count_has() -> None:
    account = Account(20, sent=5, had=4, refused_before=1, refused=2, gone=1, silent=1, unknown=[3, 4])

    assert account.left == 4


KILLS = 5


@pytest.mark.parametrize("seed", range(1))
def test_killed_at_random_points_nobody_gets_it_twice_and_each_is_sent_or_listed(
    seed: int, box: Mailbox, ca_file: Path, tmp_path: Path
) -> None:
    dice = random.Random(seed)
    points = sorted(dice.sample(range(2, 195), KILLS))
    work = json.dumps({"store": str(tmp_path / "digestor.db"), "keys": keys(box.port, ca_file, READERS)})
    told: dict[str, Any] = {}

    for point in [*points, None]:
        sender = subprocess.Popen(
            [sys.executable, "-m", "tests.mailbox"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        when, wait = dice.choice(["at a letter", "at a reader", "soon after"]), dice.random() / 50

        def kill(
            count: int,
            point: int | None = point,
            wait: float = wait if when == "soon after" else 0,
            sender: subprocess.Popen[str] = sender,
        ) -> None:
            if point is None or count < point:
                return
            if wait:
                threading.Timer(wait, sender.send_signal, [signal.SIGKILL]).start()
            else:
                sender.send_signal(signal.SIGKILL)

        box.on_letter = kill if when != "at a reader" else lambda count: None
        box.on_reader = kill if when == "at a reader" else lambda count: None
        out, _ = sender.communicate(work)
        if point is None:
            told = json.loads(out)
        else:
            assert sender.returncode == -signal.SIGKILL

    once = box.counted()
    assert max(once.values()) == 1
    listed = {f"r{number}@example.org" for number in told["unknown"]}
    assert len(listed) <= KILLS
    assert told["left"] == 0
    assert set(once) | listed == {f"r{number}@example.org" for number in range(1, 201)}
