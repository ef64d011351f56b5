"""What a source is given, and what it must do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple, Protocol, runtime_checkable

from digestor.errors import SourceError
from digestor.models import Paper, Problem


class Window(NamedTuple):
    """The days an issue covers, both included."""

    start: date
    end: date


class Ask(NamedTuple):
    """A page, feed or answer wanted of a site, and how to ask for it politely."""

    url: str
    query: Sequence[tuple[str, str]] = ()
    """Put behind the address, escaped."""
    headers: Mapping[str, str] = MappingProxyType({})
    form: Sequence[tuple[str, str]] | None = None
    """Sent as a form by POST in place of GET."""
    json: str | None = None
    """Sent as JSON by POST in place of GET."""
    secret: tuple[str, ...] = ()
    """Names in `query`, `form` and `headers` whose values are shown to nobody and kept nowhere."""
    family: str = ""
    """Whose patience is used up by asking, where that is more than one host: `arxiv`; empty: the host itself."""
    spacing: float = 1.0
    """Seconds from one request of the family to the next, in this run and any other."""
    within: float = 60.0
    """Seconds for the reply, from the first byte sent to the last byte read; every try anew."""
    most: int = 20_000_000
    """Bytes of the reply, unpacked."""
    fresh: float = 3_600.0
    """Seconds for which the same reply will do again without asking."""
    private: bool = False
    """May the address be of this machine or this network, or be http? Only where the user said so."""
    wanted: tuple[int, ...] = (200,)
    """The statuses that the source understands; any other is an error."""


class Reply(NamedTuple):
    """What a site answered, read whole and unpacked."""

    status: int
    body: bytes
    kind: str = ""
    """The media type it claims, lower case, without parameters: `application/json`."""
    url: str = ""
    """Where it came from in the end."""
    headers: Mapping[str, str] = MappingProxyType({})
    """Names in lower case."""
    kept: bool = False
    """Is it the reply of an earlier request, either fresh enough or confirmed by the site?"""


def nowhere(ask: Ask) -> Reply:
    """What is got where no web is given."""
    raise SourceError(ask.url, "there is no way to the web here", "run it from the command line")


class Reach(NamedTuple):
    """What a source is given to work with, beside the window."""

    get: Callable[[Ask], Reply] = nowhere
    """Raises SourceError, in the words of the host: it could not be reached, it refused, its reply was too much."""
    environ: Mapping[str, str] = MappingProxyType({})
    """The environment: secrets are taken from here, by the names in the config."""
    contact: str = ""
    """An address of the user's that sites may write to; some ask for one in each request."""
    tell: Callable[[str], None] = lambda line: None
    """Called with what a user should know at once: a line of plain words, no secret in it."""
    today: date | None = None


NOWHERE = Reach()
"""For sources that need nothing of the world."""


@runtime_checkable
class Source(Protocol):
    """Where papers come from."""

    @property
    def name(self) -> str:
        """How a reader is told of this source: a file's name, a feed's title."""

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """Every paper the source has for the window, and a Problem in place of each one it could not read.

        A file knows no dates, so it may ignore the window. Raises SourceError when nothing can be read at all, or
        when what was read breaks off: what it yielded before counts.
        """


@runtime_checkable
class Covers(Source, Protocol):
    """A source that can say what the days of an issue mean to it."""

    def covers(self, window: Window) -> str:
        """In words: "announced 16–20 November 2026"."""


@runtime_checkable
class Lookup(Protocol):
    """A source that can be asked about papers that are known already."""

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """What the source knows of those papers that it can identify (by arXiv id, DOI, ...), in any order.

        Each paper it yields carries the identifier it was asked by. One it does not know is no problem.
        """


class Kept(NamedTuple):
    """A reply as it is kept, and when it came or was last confirmed (seconds since 1970)."""

    reply: Reply
    at: float


class Pantry(Protocol):
    """Where replies of sites are kept from run to run. `store.Store.replies` is the one."""

    def kept(self, key: str) -> Kept | None:
        """The last reply under this key."""

    def keep(self, key: str, kept: Kept) -> None:
        """Keep a reply, in place of the one before; committed when this returns."""

    def recall(self, name: str) -> str:
        """A note made before under this name; empty where there is none."""

    def note(self, name: str, text: str) -> None:
        """Keep a note: when a site was last asked, until when it wants to be left alone."""
