"""One ask, from what is kept of it to the reply: asked once, asked again, sent elsewhere, confirmed."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpcore2
import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from digestor import __version__
from digestor.client.wire import way
from digestor.errors import SourceError
from digestor.protocols import Ask, Kept, Reply
from digestor.web.asking import HEADER, MOVED, Request, agent, first, key, keyed, moved, secrets, shown, tells
from digestor.web.failures import REFUSALS, TROUBLES, FailedError, judged, said
from digestor.web.line import Answer, Line
from digestor.web.manners import PATIENCE, Manners
from digestor.web.means import Means
from digestor.web.waits import pace, wait_asked

TRIES = 3
"""Times that one ask is tried; so its waits are two, and none is longer than PATIENCE."""
TROUBLE = 2.0
"""Seconds to wait after a failure that is no refusal; twice that after the next."""
HOPS = 3
"""Redirects that are followed."""
LONG = 2**22
"""Bytes of a reply from which on it is said that it goes on."""
SLOW = 10.0
"""Seconds of reading, likewise."""

HANDLED = frozenset(("connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"))
"""Headers that are done with once a reply is read whole."""


class AgainError(Exception):
    """A try that failed and may be repeated after so many seconds; None: as long as is usual."""

    def __init__(self, error: SourceError, wait: float | None = None, refused: bool = False) -> None:
        super().__init__(str(error))
        self.error, self.wait, self.refused = error, wait, refused


class Trips:
    """All the asks of a run."""

    def __init__(self, means: Means) -> None:
        self._pantry, self._clock, self._tell, self._progress = means.pantry, means.clock, means.tell, means.progress
        self._manners = Manners(means.pantry, means.clock, means.pause, means.tell)
        self._agent = agent(__version__, means.contact)
        self._proxies, self._tls, self._resolve, self._dial = means.proxies, means.tls, means.resolve, means.dial
        self._lines: dict[str, Line] = {}

    def get(self, ask: Ask) -> Reply:
        """The reply to an ask. Raises SourceError."""
        request = first(ask, self._agent)
        label = key(ask, request)
        kept = self._pantry.kept(label)
        if kept is not None and (kept.reply.status not in ask.wanted or len(kept.reply.body) > ask.most):
            kept = None
        if kept is not None and 0 <= self._clock() - kept.at < ask.fresh:
            return kept.reply._replace(kept=True)
        marks = conditions(kept) if kept is not None and request.method == "GET" else []
        answer, url = self._tried(request._replace(headers=(*request.headers, *marks)), ask)
        if answer.status == 304:
            return self._confirmed(label, kept if marks else None, answer, request.host)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        headers = {name: value for name, value in answer.headers.items() if name not in HANDLED}
        reply = Reply(answer.status, answer.body, kind, shown(url, ask), headers)
        if reply.status == 200 and not tells(reply.headers, reply.body, ask):
            self._pantry.keep(label, Kept(reply, self._clock()))
        return reply

    def _confirmed(self, label: str, kept: Kept | None, answer: Answer, host: str) -> Reply:
        if kept is None:
            raise SourceError(host, "says that nothing has changed, but nothing of it is kept here", "try again later")
        marks = {name: value for name, value in answer.headers.items() if name in ("etag", "last-modified")}
        reply = kept.reply._replace(headers={**kept.reply.headers, **marks}, kept=False)
        self._pantry.keep(label, Kept(reply, self._clock()))
        return reply._replace(kept=True)

    def _tried(self, request: Request, ask: Ask) -> tuple[Answer, httpx2.URL]:
        retrying = Retrying(
            sleep=lambda seconds: None,  # `before_sleep` waits, because it knows why
            before_sleep=self._wait,
            stop=stop_after_attempt(TRIES),
            wait=wait,
            retry=retry_if_exception_type(AgainError),
            reraise=True,
        )
        try:
            return retrying(self._walk, request, ask)
        except AgainError as again:
            raise again.error from None

    def _wait(self, state: RetryCallState) -> None:
        again, seconds = trouble(state), state.upcoming_sleep
        asks = again.refused and again.wait is not None
        line = f"{again.error.where} asks us to wait {seconds:.0f} s" if asks else ""
        self._manners.wait(seconds, line or f"{again.error.where} {again.error.what}: waiting {seconds:.0f} s")

    def _walk(self, request: Request, ask: Ask) -> tuple[Answer, httpx2.URL]:
        """One try, from address to address. Raises AgainError, SourceError."""
        for _ in range(HOPS + 1):
            answer = self._once(request, ask)
            if answer.status in ask.wanted or answer.status == 304:
                return answer, request.url
            if answer.status not in MOVED or "location" not in answer.headers:
                raise self._refused(request, answer, ask)
            request = moved(request, answer.status, answer.headers["location"], ask)
        raise SourceError(request.host, "sends us from one address to the next without end", "is the address right?")

    def _once(self, request: Request, ask: Ask) -> Answer:
        """One request. Raises AgainError, SourceError."""
        host, family = request.host, ask.family or request.host
        self._manners.turn(family, ask.spacing, host)
        try:
            line = self._line(family, request, ask.private)
            answer = line.ask(request, ask.within, ask.wanted, ask.most, self._watched(host))
        except FailedError as failed:
            error = SourceError(host, failed.what, failed.todo)
            raise AgainError(error) if failed.again else error from None
        finally:
            self._manners.asked(family)
        if answer.status not in REFUSALS or answer.status in ask.wanted:
            self._manners.answered(family, pace(answer.headers))
        return answer

    def _refused(self, request: Request, answer: Answer, ask: Ask) -> Exception:
        """What is raised for a status that the source did not want."""
        what, todo = judged(answer.status, keyed(ask))
        error = SourceError(request.host, what + said(answer.body, secrets(ask)), todo)
        asked = wait_asked(answer.headers, self._clock())
        if answer.status in REFUSALS:
            family = ask.family or request.host
            seconds = self._manners.refused(family, asked)
            if seconds is not None:
                return AgainError(error, seconds, asked is not None)
            until = self._manners.left_alone(family)
            return SourceError(error.where, f"{error.what}; it is left alone until {until}", error.todo)
        if answer.status in TROUBLES and (asked is None or asked <= PATIENCE):
            return AgainError(error, asked)
        return error

    def _line(self, family: str, request: Request, private: bool) -> Line:
        """The connection of a family; it has one, so what is asked in another way ends the one before."""
        proxy = (self._proxies or usual_proxy)(str(request.url))
        line = self._lines.get(family)
        if line is None or (line.proxy, line.private) != (proxy, private):
            if line is not None:
                line.close()
            self._tls = self._tls or httpx2.create_ssl_context()
            self._dial = self._dial or httpcore2.SyncBackend()
            line = self._lines[family] = Line(proxy, private, self._tls, self._resolve, self._dial)
        return line

    def _watched(self, host: str) -> Callable[[int, int | None], None]:
        begun, told = time.monotonic(), False

        def came(done: int, of: int | None) -> None:
            nonlocal told
            self._progress(f"reading {host}", done, of)
            if not told and (done >= LONG or time.monotonic() - begun >= SLOW):
                told = True
                end = f" of {of / 1e6:.1f}" if of else ""
                self._tell(f"{host}: {done / 1e6:.1f}{end} MB so far")

        return came

    def close(self) -> None:
        """End all connections."""
        while self._lines:
            self._lines.popitem()[1].close()


def usual_proxy(url: str) -> str | None:
    """The proxy that the machine is set to use for an address."""
    return way(urlsplit(url), 1).proxy


def conditions(kept: Kept) -> list[tuple[str, str]]:
    """Headers that ask for a reply only where it is another than the one kept."""
    marks = (("if-none-match", "etag"), ("if-modified-since", "last-modified"))
    given = ((ours, kept.reply.headers.get(theirs, "")) for ours, theirs in marks)
    return [(name, mark) for name, mark in given if mark and HEADER.fullmatch(mark)]


def trouble(state: RetryCallState) -> AgainError:
    """Why a try failed."""
    error = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(error, AgainError):
        raise TypeError("only what may be tried again is")
    return error


def wait(state: RetryCallState) -> float:
    """Seconds until the next try."""
    asked = trouble(state).wait
    return asked if asked is not None else TROUBLE * 2.0 ** (state.attempt_number - 1)
