"""What is said to a server about files and batches: hand in, ask after, fetch. Every call is tried a few times.

Making a batch is the one call that must not happen twice: where it is not known what became of it, the server's list
is looked through for the mark that each batch of ours has, before it is tried again.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from digestor.client import access
from digestor.client.batches import states
from digestor.client.batches.states import ENQUEUED, MARK, Said, State
from digestor.client.chat import Came
from digestor.client.headers import away
from digestor.client.patience import PAUSE
from digestor.client.terms import Failure, Fatal, Garbled, Limited, Lost, Unwell
from digestor.client.verdicts import complaint, is_missing_address, plain, verdict

if TYPE_CHECKING:
    import openai

T = TypeVar("T")

TRIES = 5
"""Of one call."""
LONGEST = 60.0
"""Seconds between two tries, however long the server would have us stay away."""
LONG = 900.0
"""Seconds that handing in or fetching a file may take."""
PAGES = 20
"""Of the server's list of batches, a hundred each."""
KEPT = ("content-type", "date", "moved-to", "retry-after", "retry-after-ms")
"""The headers that matter."""
LATER = "run it again later: what is under way is remembered"
NOW = 'use mode = "now": it asks the same server directly'
STRANGE = "check that the key is of the account, and of the project, that the batch was made with"


class Full(Failure):
    """The server takes no batch, because too many tokens wait already."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.message or said.code)
        self.said = said


class Lacking(Fatal):
    """The server has no such thing as batches."""


class Link:
    """Files and batches at a server. Use it within one event loop, and close it there.

    What its calls raise: Fatal where there is no use in trying; Unwell, Limited or Garbled where all tries failed.
    """

    def __init__(
        self, url: str, key: str, timeout: float = 120.0, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """`timeout`: seconds a call may take that moves no file. Raises Fatal for an address or key that is none."""
        import httpx2

        from digestor.client.batches.freight import Freight
        from digestor.client.wire import way

        address, key = access.taken_apart(url), access.sound(key)
        self.keys = access.secrets(address, key)
        """What must not be seen anywhere."""
        path = address.path.rstrip("/").removesuffix(access.PATH)
        self.place = f"{access.place(address)}{path.removesuffix('/v1')}"
        """Names the server, with no secret in it."""
        self._prefixes = ("",) if path else ("", "/v1")
        self._timeout, self._sleep, self._lists = timeout, sleep, True
        client = httpx2.AsyncClient(
            transport=Freight(way(address, 4)), trust_env=False, timeout=None, follow_redirects=False
        )
        self._client: openai.AsyncOpenAI = access.client(address._replace(path=path), key, 4).copy(http_client=client)
        self._options = access.options(key)

    async def upload(self, content: bytes) -> str:
        """Hand in a file of requests; its id."""
        headers = {**self._options.get("headers", {}), "Content-Type": "multipart/form-data"}
        file = ("file", ("digestor.jsonl", content, "application/jsonl"))
        sent = {"body": {"purpose": "batch"}, "files": [file], "options": {"headers": headers}}
        return states.name(await self._tried(lambda: self._told(self._client.post, "/files", LONG, sent)))

    async def create(self, file: str, mark: str) -> State:
        """Make a batch of a file, or find the one that was made with this mark. Raises Full, too."""
        asked = {
            "input_file_id": file,
            "endpoint": f"/v1{access.PATH}",
            "completion_window": "24h",
            "metadata": {MARK: mark},
        }
        sent = {"content": json.dumps(asked).encode(), "options": self._options}
        doubt = False

        async def attempt() -> State:
            nonlocal doubt
            if doubt and (found := await self._looked_for(mark)):
                return found
            doubt = True
            return states.state(await self._told(self._client.post, "/batches", self._timeout, sent), self.keys)

        return await self._tried(attempt)

    async def state(self, name: str) -> State:
        """How far a batch is."""
        path = f"/batches/{quote(name, safe='')}"
        told = await self._tried(lambda: self._told(self._client.get, path, self._timeout, {"options": self._options}))
        return states.state(told, self.keys)

    async def find(self, mark: str) -> State | None:
        """The batch with this mark; None where the server does not list it, or has no list."""
        after: dict[str, object] = {}
        for _ in range(PAGES):
            sent: dict[str, Any] = {"options": {**self._options, "params": {"limit": 100, **after}}}
            try:
                told = await self._tried(lambda: self._told(self._client.get, "/batches", self._timeout, sent))  # noqa: B023
            except Lacking:
                self._lists = False
                return None
            data = told.get("data")
            listed = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
            for one in listed:
                if states.mark(one) == mark and states.name(one):
                    return states.state(one, self.keys)
            if not (told.get("has_more") and listed):
                break
            after = {"after": states.name(listed[-1])}
        return None

    async def _looked_for(self, mark: str) -> State | None:
        """Whether a batch was made after all. Raises no Fatal: what was not found may still be there."""
        try:
            found = await self.find(mark)
        except Fatal as fatal:
            raise Garbled(f"it is not known whether {self.place} made a batch: {fatal}") from None
        if found is None and not self._lists:
            raise Garbled(f"it is not known whether {self.place} made a batch, for it has no list of them")
        return found

    async def content(self, file: str) -> bytes | None:
        """What is in a file; None where the server does not have it any more."""
        path = f"/files/{quote(file, safe='')}/content"

        async def attempt() -> bytes | None:
            came = await self._came(self._client.get, path, LONG, {"options": self._options})
            if came.status in (404, 410):
                return None
            if came.status >= 300:
                raise self._verdict(path, came)
            if "html" in came.headers.get("content-type", ""):
                raise Lost(f"{self.place} sent a page in place of a file")
            return came.body

        return await self._tried(attempt)

    async def close(self) -> None:
        """End all connections."""
        await self._client.close()

    # one call

    async def _tried(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """A few times, with growing pauses; the last failure as it is."""

        def pause(state: RetryCallState) -> float:
            failure = state.outcome.exception() if state.outcome else None
            asked = away(failure.headers) if isinstance(failure, Failure) else None
            return min(asked or 0.0, LONGEST) + PAUSE(state)

        retrying = AsyncRetrying(
            retry=retry_if_exception_type((Limited, Unwell)),
            stop=stop_after_attempt(TRIES),
            wait=pause,
            sleep=self._sleep,
            reraise=True,
        )

        async def once() -> T:
            return await attempt()

        return await retrying(once)

    async def _told(self, call: Any, path: str, seconds: float, sent: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the server says: an object, and where something is made, one with a name."""
        came = await self._came(call, path, seconds, sent)
        if came.status >= 300:
            raise self._verdict(path, came)
        try:
            told = json.loads(came.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or not (states.name(told) or isinstance(told.get("data"), list)):
            raise Lost(f"the reply of {self.place} about {path.split('/')[1]} is none")
        return told

    async def _came(self, call: Any, path: str, seconds: float, sent: Mapping[str, Any]) -> Came:
        """Many write an address without the `/v1` that it has: then it is looked for there, too."""
        while True:
            came = await self._sent(call, f"{self._prefixes[0]}{path}", seconds, sent)
            if came.status < 300:
                self._prefixes = self._prefixes[:1]
            elif len(self._prefixes) > 1 and is_missing_address(complaint(came.status, came.body)):
                self._prefixes = self._prefixes[1:]
                continue
            return came

    async def _sent(self, call: Any, path: str, seconds: float, sent: Mapping[str, Any]) -> Came:
        import httpx2
        import openai

        try:
            async with asyncio.timeout(seconds):
                response = await call(path, cast_to=httpx2.Response, **sent)
            failure: Failure | None = None
        except TimeoutError:
            failure = Lost(f"no whole reply from {self.place} within {seconds:.0f} s")
        except openai.APIStatusError as error:
            response, failure = error.response, None
        except openai.APIConnectionError as error:
            failure = self._unreached(error.__cause__)
        # Raised here and not where it was caught: the errors before it hold the request, and in it the key.
        if failure is not None:
            raise failure
        headers = {name: response.headers[name] for name in KEPT if name in response.headers}
        return Came(response.status_code, headers, response.content)

    def _unreached(self, cause: BaseException | None) -> Failure:
        import httpx2

        from digestor.client.wire import TooMuchError

        why = plain(str(cause), self.keys)
        if isinstance(cause, httpx2.ConnectError):
            return Unwell(f"nobody answers at {self.place}: {why}")
        return Garbled(why) if isinstance(cause, TooMuchError) else Lost(f"{self.place} broke off ({why})")

    def _verdict(self, path: str, came: Came) -> Failure:
        """What a refusal is. Our calls are always the same: where they are refused as such, there are no batches."""
        refusal = complaint(came.status, came.body)
        words = plain(refusal.message or refusal.code, self.keys)
        if came.status in (400, 403, 429) and ENQUEUED.search(f"{refusal.code} {refusal.message}"):
            return Full(Said(refusal.code, words))
        if path.count("/") > 1 and came.status in (404, 410):
            return Fatal(f"{self.place} does not know the batch {path.split('/')[2]} ({words})", STRANGE)
        failure = verdict(refusal, came.headers, self.keys)
        if isinstance(failure, (Limited, Unwell)) and came.status != 501:
            return failure
        if isinstance(failure, Fatal) and came.status not in (404, 405, 410):
            return failure
        return Lacking(f"{self.place} takes no batches ({came.status}: {words or 'without a word'})", NOW)
