"""What befalls in each week of the made-up year, and what the outside saw of it in the end."""

import email
import email.policy
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as hours
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from digestor.errors import AnnotatorError, DeliveryError, SourceError
from digestor.models import Issue, Message
from digestor.pipeline import Digestor
from digestor.protocols import Office
from tests.fakes import Clock
from tests.mailbox import HANG_UP, Mailbox
from tests.serving import ChatServer, Step, Weather
from tests.year import habit
from tests.year.habit import READERS, Addresses, PowerCut
from tests.year.studies import DAY, QUIET, TOPICS, Study, weeks
from tests.year.world import World

FRIDAY, SATURDAY, SUNDAY, MONDAY = 4, 5, 6, 7
"""Days after the Monday of a week; the last is that of the next one."""
MISSED = (5, 15, 16, 33)
NO_ISSUE = (*MISSED, 10, QUIET, 48)
"""Weeks of which there is no issue in the end."""
EVENTS = dict.fromkeys(MISSED, "nobody_runs_it") | {
    3: "run_again",
    6: "chat_stumbles",
    7: "arxiv_is_down",
    8: "run_again_with_more",
    9: "mail_is_put_off",
    10: "all_are_down",
    12: "votes_are_down",
    14: "a_record_is_broken",
    17: "killed_while_annotating",
    18: "journal_is_down",
    19: "chat_is_unwell",
    20: "collected_daily",
    21: "collected_daily",
    22: "collected_daily",
    23: "killed_before_a_letter",
    25: "run_again",
    26: "store_is_lost",
    27: "killed_after_a_letter",
    28: "votes_and_journal_are_down",
    29: "mail_is_refused",
    30: "run_again_with_more",
    32: "chat_refuses",
    34: "killed_and_left_alone",
    35: "mail_hangs_up",
    36: "arxiv_is_back_on_sunday",
    37: "chat_knows_no_key",
    38: "cut_off_while_reading",
    39: "cut_off_while_comparing",
    QUIET: "nothing_is_new",
    41: "cut_off_while_annotating",
    42: "cut_off_while_rendering",
    43: "cut_off_while_sending",
    44: "run_again_with_more",
    45: "cut_off_while_remembering",
    47: "cut_off_while_asking_again",
    48: "cut_off_before_it_is_anywhere",
    51: "run_again",
}


class Letter(NamedTuple):
    """What a reader got."""

    to: str
    issue: str
    id: str


class Seen(NamedTuple):
    """The year from outside: what is on the disk, in the mailboxes and in the chat server's books."""

    studies: list[Study]
    issues: dict[str, Issue]
    letters: list[Letter]
    paid: Counter[str]
    """Title -> answers."""
    in_flight: Counter[str]
    """Title -> how often it was being asked about when a run was killed."""
    again: list[tuple[str, dict[str, bytes], dict[str, bytes]]]
    """Issues that were made again of the same, and their files before and after."""
    more: list[tuple[Issue, Issue]]
    """Issues that were made again for whatever reason, before and after."""
    surprises: list[str]
    """What a run should have ended with, and did not."""


class Life:
    """The habit kept for a year."""

    def __init__(self, folder: Path, world: World, clock: Clock, box: Mailbox, chat: ChatServer) -> None:
        self.folder, self.world, self.clock, self.box, self.chat = folder, world, clock, box, chat
        self.addresses = Addresses(world.host.url, chat.url, box.port)
        self.in_flight: Counter[str] = Counter()
        self.again: list[tuple[str, dict[str, bytes], dict[str, bytes]]] = []
        self.more: list[tuple[Issue, Issue]] = []
        self.surprises: list[str] = []

    def lived(self) -> Seen:
        """All of it."""
        habit.write(self.folder, self.addresses)
        for period in weeks():
            self.period = period
            getattr(self, EVENTS.get(int(period.id[-2:]), "as_usual"))()
        letters = []
        for got in self.box.got:
            letter = email.message_from_bytes(got.content, policy=email.policy.default)
            (issue,) = re.findall(r"\d{4}-W\d\d", letter["Subject"])
            letters.append(Letter(got.to, issue, letter["Message-ID"]))
        issues = habit.issues(self.folder)
        return Seen(
            self.world.studies, issues, letters, self.chat.paid, self.in_flight, self.again, self.more, self.surprises
        )

    # what a user does

    def at(self, days: int, hour: int = 17) -> None:
        """It is so many days after the Monday of the week."""
        then = datetime.combine(self.period.window.start + days * DAY, hours(hour), UTC).timestamp()
        assert then > self.clock.now, "time does not go back"
        self.clock.now = then

    def run(self, **how: Any) -> bool:
        """Make the issue; was there one? What was there of it before is put beside it."""
        before = habit.issue(self.folder, self.period.id)
        try:
            made = habit.run(self.folder, self.period.window.start, self.clock, **how)
        finally:
            after = habit.issue(self.folder, self.period.id)
            if before and after:
                self.more.append((before, after))
        return made.issue is not None

    def expect(self, so: bool, what: str) -> None:
        """Note it where it is not so, and go on."""
        if not so:
            self.surprises.append(f"{self.period.id}: {what}")

    def later(self, hours: int = 2) -> None:
        """Some hours pass."""
        self.clock.now += hours * 3600

    def as_usual(self) -> None:
        """On Friday; on Sunday every third week, and on the Monday after every seventh."""
        number = int(self.period.id[-2:])
        self.at(SUNDAY if number % 3 == 0 else MONDAY if number % 7 == 0 else FRIDAY, 6 if number % 7 == 0 else 17)
        self.expect(self.run(), "an issue")

    def nobody_runs_it(self) -> None:
        """The week is missed."""

    def run_again(self) -> None:
        """Some hours later, and nothing has happened in between."""
        self.as_usual()
        before = habit.files(self.folder, self.period.id)
        self.later()
        self.run()
        self.again.append((self.period.id, before, habit.files(self.folder, self.period.id)))

    def run_again_with_more(self) -> None:
        """On Friday and on Sunday."""
        self.at(FRIDAY)
        self.run()
        self.at(SUNDAY)
        self.run()

    def collected_daily(self) -> None:
        """arXiv's feed of the day, each working day, for its list of changes is down."""
        habit.write(self.folder, self.addresses, via="auto")
        self.world.down = {"oai"}
        for day in range(FRIDAY + 1):
            self.at(day, hour=9)
            habit.collect(self.folder, self.clock)
        self.at(FRIDAY)
        self.run()
        self.world.down = set()
        habit.write(self.folder, self.addresses)

    def store_is_lost(self) -> None:
        """The issue files are all that is left."""
        for file in self.folder.glob("digestor.db*"):
            file.unlink()
        self.as_usual()

    # what befalls the sites

    def without(self, *sites: str) -> None:
        """Sites that are down on the day."""
        self.world.down = set(sites)
        self.as_usual()
        self.world.down = set()

    def arxiv_is_down(self) -> None:
        """Its week is lost, and the issue says so."""
        self.without("oai")

    def votes_are_down(self) -> None:
        """No papers with votes."""
        self.without("huggingface")

    def journal_is_down(self) -> None:
        """No feed."""
        self.without("feed")

    def votes_and_journal_are_down(self) -> None:
        """Two of three."""
        self.without("huggingface", "feed")

    def all_are_down(self) -> None:
        """There is no issue; an error, where nothing is kept of earlier days either."""
        self.world.down = {"oai", "huggingface", "feed"}
        self.at(FRIDAY)
        failing(self.run)
        self.expect(habit.issue(self.folder, self.period.id) is None, "no issue, for all sources are down")
        self.world.down = set()

    def arxiv_is_back_on_sunday(self) -> None:
        """The issue is made a second time, with what was not to be had on Friday."""
        self.at(FRIDAY)
        self.world.down = {"oai"}
        self.run()
        self.world.down = set()
        self.at(SUNDAY)
        self.run()

    def a_record_is_broken(self) -> None:
        """One of which nothing can be read."""
        self.world.broken = True
        self.as_usual()
        self.world.broken = False

    def nothing_is_new(self) -> None:
        """There is no issue, and that is no error."""
        self.at(FRIDAY)
        self.expect(not self.run(), "no issue, for nothing is new")

    # what befalls the model

    def chat_stumbles(self) -> None:
        """It answers in the end."""
        self.chat.script(Step(status=500), Step(fault="reset"), Step(), Step(status=503))
        self.as_usual()

    def chat_is_unwell(self) -> None:
        """Every second request fails."""
        self.chat.weather = Weather(faults={"500": 0.2, "429": 0.1, "reset": 0.2})
        self.as_usual()
        self.chat.weather = Weather()

    def chat_refuses(self) -> None:
        """It will not speak of two papers: these fall back."""
        window = self.period.window
        there = [one for one in self.world.studies if one.announced and window.start <= one.announced <= window.end]
        wanted = [one.title for one in there if one.title.startswith(TOPICS[:3])]
        self.chat.weather = Weather(poison=tuple(wanted[:2]))
        self.as_usual()
        self.chat.weather = Weather()

    def chat_knows_no_key(self) -> None:
        """There is no issue on Friday, but on Saturday."""
        self.chat.script(Step(status=401))
        self.at(FRIDAY)
        self.expect(failing(self.run) is AnnotatorError, "AnnotatorError")
        self.at(SATURDAY)
        self.run()

    # what befalls the mail

    def mail_is_put_off(self) -> None:
        """The server wants to see us again in a minute."""
        self.box.at_reader[READERS[0]].append("451 4.7.1 come again")
        self.as_usual()

    def mail_is_refused(self) -> None:
        """The issue is out, but no letter; the next day the server takes them."""
        self.at(FRIDAY)
        self.box.at_sender.append("550 5.7.1 not you")
        self.expect(failing(self.run) is DeliveryError, "DeliveryError")
        self.at(SATURDAY)
        self.run()

    def mail_hangs_up(self) -> None:
        """A letter arrives, and only we do not know. So a second run sends nothing either."""
        self.box.at_letter[READERS[1]].append(HANG_UP)
        self.as_usual()
        self.later()
        self.run()

    # what befalls us: killed from outside, at a moment that the outside chooses

    def killed(self, when: Callable[[Callable[[], None]], None], **environ: str) -> None:
        """A run of its own, killed; `when` is told how, and sees to it."""
        children: list[subprocess.Popen[bytes]] = []
        when(lambda: children[0].kill())
        children.append(habit.apart(self.folder, self.period.window.start, self.clock, **environ))
        assert children[0].wait(60) == -9, "it was not killed"
        self.later()

    def killed_while_annotating(self) -> None:
        """With the second request under way."""
        seen = len(self.chat.log)
        self.chat.script(Step(), Step(delay=0.4))
        self.at(FRIDAY)
        child = habit.apart(self.folder, self.period.window.start, self.clock)
        while len(self.chat.log) < seen + 2 and child.poll() is None:
            time.sleep(0.01)
        child.kill()
        assert child.wait(60) == -9
        self.note_in_flight()
        self.later()
        self.run()

    def killed_before_a_letter(self) -> None:
        """Its claim stands, so the user is told, asks the reader, and has it sent again."""

        def when(kill: Callable[[], None]) -> None:
            self.box.on_reader = lambda count: kill()

        self.at(FRIDAY)
        self.killed(when)
        self.box.on_reader = lambda count: None
        told: list[str] = []
        self.run(tell=told.append)
        self.expect(any("nobody can know" in line for line in told), "a word on who may have it")
        self.later()
        self.run(resend_unknown=True)

    def killed_after_a_letter(self) -> None:
        """It is there, but not acknowledged."""

        def when(kill: Callable[[], None]) -> None:
            self.box.on_letter = lambda count: kill()

        self.at(FRIDAY)
        self.killed(when)
        self.box.on_letter = lambda count: None
        self.run()

    def killed_and_left_alone(self) -> None:
        """Everybody has it, we do not know, and nobody looks before the next week."""
        self.at(FRIDAY)
        self.killed(lambda kill: None, **{habit.KILLED: "yes"})

    def note_in_flight(self) -> None:
        """What the chat server was asked last may be paid for and not known to us."""
        while self.chat.in_flight:
            time.sleep(0.01)
        self.in_flight.update(self.chat.log[-1].titles)

    # what befalls us: cut off from inside, at a stage

    def cut_off(self, stage: str, **how: Any) -> None:
        """The run ends while it is at a stage; two hours later there is another."""

        def progress(doing: str, done: int, of: int | None) -> None:
            if doing.startswith(stage) and done > 0:
                raise PowerCut

        self.at(SUNDAY if self.period.id.endswith("W39") else FRIDAY)
        self.expect(failing(lambda: self.run(progress=progress, **how)) is PowerCut, "PowerCut")
        self.note_in_flight()
        self.later()
        self.run()

    def cut_off_while_reading(self) -> None:
        """After the first paper."""
        self.cut_off("reading")

    def cut_off_while_comparing(self) -> None:
        """With the memory."""
        self.cut_off("remembering")

    def cut_off_while_annotating(self) -> None:
        """After the first answer."""
        self.cut_off("annotating")

    def cut_off_while_asking_again(self) -> None:
        """About past weeks."""
        self.cut_off("asking Hugging Face daily papers of past")

    def cut_off_while_rendering(self) -> None:
        """Before anything is delivered."""

        def change(digestor: Digestor) -> None:
            digestor.render = cut

        self.cut_off("no stage", change=change)

    def cut_off_before_it_is_anywhere(self) -> None:
        """The issue is made and nobody has it, and nobody looks before the next week."""

        def change(digestor: Digestor) -> None:
            digestor.deliveries = [Ending(), *digestor.deliveries]

        self.at(FRIDAY)
        self.expect(failing(lambda: self.run(change=change)) is PowerCut, "PowerCut")

    def cut_off_while_sending(self) -> None:
        """After the first letter."""
        self.cut_off("sending")

    def cut_off_while_remembering(self) -> None:
        """After the last."""

        def change(digestor: Digestor) -> None:
            digestor.store.remember = cut  # type: ignore[method-assign, assignment]

        self.cut_off("no stage", change=change)


class Ending:
    """A delivery that ends the run."""

    def deliver(self, message: Message, office: Office) -> list[str]:
        """The power goes."""
        raise PowerCut


def cut(*_: object) -> NoReturn:
    """The power goes."""
    raise PowerCut


def failing(run: Callable[[], object]) -> type[BaseException] | None:
    """What a run ends with; None: with nothing."""
    try:
        run()
    except (SourceError, AnnotatorError, DeliveryError, PowerCut) as error:
        return type(error)
    return None
