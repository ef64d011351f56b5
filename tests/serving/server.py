"""A chat-completions server that does as it is told: a script, a weather, and a log of what it was asked.

In a test: `with ChatServer(Weather(latency=0.1)) as server: ... server.url`. For benchmarks, in another process:
`python -m tests.serving --port 0 --weather '{"latency": 0.2}'` prints its address and serves until its input ends.
"""

import argparse
import asyncio
import json
import signal
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from tests.serving.batch_lines import Line
from tests.serving.batches import Batches, Desk
from tests.serving.service import Service, parsed
from tests.serving.tally import Tally
from tests.serving.weather import Limit, Weather, weather_of
from tests.serving.wire import Connection, Reply, Request
from tests.serving.wording import TEXT, Outcome, RefusedError, Seen, Step, chat_reply, json_reply, zipped

__all__ = ["Batches", "ChatServer", "Limit", "Seen", "Step", "Weather", "chat_reply", "main"]


class ChatServer(Tally):
    """The server, in a thread of its own while it is entered. What it saw may be read at any time."""

    def __init__(
        self, weather: Weather | None = None, batches: Batches | None = None, port: int = 0, keep: bool = True
    ) -> None:
        super().__init__()
        self._port, self._keep = port, keep
        self._service = Service(weather or Weather())
        self._steps: defaultdict[str, deque[Step]] = defaultdict(deque)
        self._settings = batches or Batches()
        self._living: set[Connection] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chat-server")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._failed: OSError | None = None
        self.desk = Desk(self._settings, self._line)
        """Files and batches."""
        self.url = ""
        """Where the API is, with the `/v1`."""

    def clear(self) -> None:
        """Forget what was seen; limits, faults and batches begin anew as well."""
        self.forget()
        self._service = Service(self._service.weather)
        self.desk = Desk(self._settings, self._line)

    @property
    def weather(self) -> Weather:
        """How it behaves; set another to begin anew with limits and faults."""
        return self._service.weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        self._service = Service(weather)

    @property
    def batches(self) -> Batches:
        """How batches go; set others to begin anew with them."""
        return self._settings

    @batches.setter
    def batches(self, settings: Batches) -> None:
        self._settings = settings
        self.desk = Desk(settings, self._line)

    @property
    def admitted(self) -> int:
        """Requests let through the limit."""
        return len(self._service.admissions)

    @property
    def refused(self) -> int:
        """Requests answered 429 by the limit."""
        return self._service.refused

    @property
    def admissions(self) -> list[float]:
        """When requests were let through, in seconds of the monotonic clock."""
        return self._service.admissions

    def script(self, *steps: Step, at: str = "chat") -> None:
        """The next requests get these, one each; `at` is the first word of the path: chat, files, batches, models."""
        self._steps[at].extend(steps)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: Connection(self._answer, self._living), "127.0.0.1", self._port, backlog=1024
            )
        except OSError as error:
            self._failed = error
            return
        else:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        finally:
            self._ready.set()
        await self._stop.wait()
        server.close()
        while self._living:
            for connection in tuple(self._living):
                connection.abort()
            await asyncio.sleep(0)

    def _answer(self, request: Request, connection: Connection) -> None:
        path = request.path.partition("?")[0]
        if not path.startswith("/v1/"):
            connection.reply(self._control(request, path))
            return
        outcome = self._outcome(request, path)
        if self.weather.gzip:
            outcome = outcome._replace(reply=zipped(outcome.reply, request))
        self._send(outcome, connection)

    def _outcome(self, request: Request, path: str) -> Outcome:
        now = time.monotonic()
        body: Mapping[str, Any] = {}
        titles: tuple[str, ...] = ()
        if (closed := self._service.gate(request.headers)) is not None:
            outcome = Outcome(closed)
        elif (request.method, path) == ("POST", "/v1/chat/completions"):
            try:
                body, question = parsed(request.body)
            except RefusedError as refused:
                outcome = Outcome(refused.reply)
            else:
                titles = question.titles
                outcome = self._service.chat(body, question, now, self._steps["chat"])
        else:
            outcome = self._other(request, path)
        status = outcome.reply.status if outcome.reply.end == "whole" else 0
        self.count(status, now, titles, outcome)
        if self._keep:
            self.log.append(Seen(now, path, request.headers, body, titles, status, outcome.fault, outcome.usage))
        return outcome

    def _line(self, line: Line) -> Outcome:
        """Answer a line of a batch; what it takes is counted at once, and it is no request of its own."""
        now = time.monotonic()
        outcome = self._service.line(line.body, line.question, now)
        self.worked(line.question.titles, outcome)
        self.delivered(outcome)
        return outcome

    def _send(self, outcome: Outcome, connection: Connection) -> None:
        self.enter()

        def finish() -> None:
            self.leave()
            self.delivered(outcome)
            connection.reply(outcome.reply)

        if outcome.reply.end == "hang":
            connection.when_gone = self.leave
        elif outcome.delay > 0:
            asyncio.get_running_loop().call_later(outcome.delay, finish)
        else:
            finish()

    def _other(self, request: Request, path: str) -> Outcome:
        room = path.split("/")[2]
        steps = self._steps[room]
        step = steps.popleft() if steps else Step()
        if not step.plain:
            return Outcome(step.reply(), step.delay, step.fault or "")
        if (request.method, path) == ("GET", "/v1/models"):
            model = {"id": self.weather.model or "scripted", "object": "model", "created": 0, "owned_by": "nobody"}
            reply = json_reply({"object": "list", "data": [model]})
        else:
            reply = self.desk.answer(request, path)
        return Outcome(step.finished(reply), step.delay, step.fault or "")

    def _control(self, request: Request, path: str) -> Reply:
        match request.method, path:
            case "GET", "/stats":
                return json_reply(self.stats(self.admissions, self.refused))
            case "GET", "/paid":
                return json_reply(self.paid)
            case "POST", "/reset":
                self.clear()
            case "POST", "/weather":
                try:
                    self.weather = weather_of(json.loads(request.body))
                except (ValueError, TypeError, AttributeError) as error:
                    return Reply(400, f"{error}\n".encode(), TEXT)
            case "POST", "/batches":
                try:
                    self.batches = Batches(**json.loads(request.body))
                except (ValueError, TypeError) as error:
                    return Reply(400, f"{error}\n".encode(), TEXT)
            case _:
                return Reply(404, b"There are /v1, /stats, /paid, /reset, /weather, /batches.\n", TEXT)
        return json_reply({})


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the input ends or the process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m tests.serving", description="A scripted chat-completions server.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--weather", type=json.loads, default={}, help="JSON: the fields of Weather")
    parser.add_argument("--batches", type=json.loads, default={}, help="JSON: the fields of Batches")
    options = parser.parse_args(arguments)
    try:
        server = ChatServer(weather_of(options.weather), Batches(**options.batches), options.port, keep=False)
    except (ValueError, TypeError, AttributeError) as error:
        parser.error(str(error))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
