"""One request to one server, and what came of it: a reply, or one of the failures of `terms`.

No retries and no limits: those are for `work`. What is learnt here is the server's dialect: a refusal of how we ask
is no failure, the request goes on in humbler words.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from digestor.client import access
from digestor.client.access import PATH
from digestor.client.dialect import Dialect, Frame
from digestor.client.envelope import opened
from digestor.client.terms import Failure, Form, Garbled, Lost, Reply, Unwell
from digestor.client.verdicts import complaint, is_missing_address, may_be_dialect, plain, verdict

if TYPE_CHECKING:
    import httpx2

LIMITS = ("ratelimit", "rate-limit", "retry")
"""Parts of the names of headers that say something about limits."""
KEPT = frozenset(("content-type", "date", "moved-to"))


class Came(NamedTuple):
    """What came back, not looked at yet."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Chat:
    """A model at a server. Use it within one event loop, and close it there."""

    def __init__(
        self, url: str, key: str, model: str, form: Form, dialect: Dialect, timeout: float, connections: int = 64
    ) -> None:
        """`timeout`: seconds a request may take from first to last. Raises Fatal for an address or key that is none."""
        address, key = access.taken_apart(url), access.sound(key)
        self._model, self._form, self._timeout = model, form, timeout
        self._keys = access.secrets(address, key)
        self.dialect = dialect
        """As learnt so far."""
        self._frames: dict[Dialect, Frame] = {}
        self._spoken: Dialect | None = None
        """The dialect of the last reply: one that works is not given up because of what is in one request."""
        self._place = access.place(address)
        path = address.path.rstrip("/").removesuffix(PATH)
        self._path = PATH
        self._bare = not path
        self._client = access.client(address._replace(path=path), key, connections)
        self._options = access.options(key)

    async def ask(self, user: str, most: int, deadline: float | None = None) -> Reply:
        """Send the papers, `most` tokens of output at most; `deadline` is a time of the loop. Raises a Failure."""
        dialect, alone = self.dialect, False
        while True:
            path = self._path
            came = await self._post(path, self._body(dialect, user, most), deadline)
            told = opened(came.headers, came.body, self._keys) if came.status < 300 else None
            if isinstance(told, Reply):
                if not alone:
                    self._spoken = dialect
                self._bare = False
                return told
            refusal = told or complaint(came.status, came.body)
            if is_missing_address(refusal) and self._elsewhere(path):
                continue
            humbler = dialect.after(refusal) if may_be_dialect(refusal) else None
            if humbler is None:
                raise verdict(refusal, came.headers, self._keys)
            if alone or self.dialect == dialect == self._spoken:
                dialect, alone = humbler, True
            else:
                # Others may have been refused for the same meanwhile: then they have stepped down already.
                if self.dialect == dialect:
                    self.dialect = humbler
                dialect = self.dialect

    async def close(self) -> None:
        """End all connections."""
        await self._client.close()

    def _elsewhere(self, path: str) -> bool:
        """Many write an address without the `/v1` that it has: then it is looked for there, once."""
        if self._bare and self._path == PATH:
            self._path = f"/v1{PATH}"
        return self._path != path

    def _body(self, dialect: Dialect, user: str, most: int) -> bytes:
        if dialect not in self._frames:
            self._frames[dialect] = dialect.frame(self._model, self._form)
        return self._frames[dialect].body(user, most)

    async def _post(self, path: str, content: bytes, deadline: float | None) -> Came:
        now = asyncio.get_running_loop().time()
        end = now + self._timeout if deadline is None else min(now + self._timeout, deadline)
        if end <= now:
            raise Unwell("there was no time left to ask")
        try:
            async with asyncio.timeout_at(end):
                came = await self._sent(path, content)
        except TimeoutError:
            came = Lost(f"no whole reply from {self._place} within {end - now:.0f} s")
            came.slow = True
        # Raised here and not where it was caught: the errors before it hold the request, and in it the key.
        if isinstance(came, Failure):
            raise came
        return came

    async def _sent(self, path: str, content: bytes) -> Came | Failure:
        import httpx2
        import openai

        try:
            response = await self._client.post(path, content=content, cast_to=httpx2.Response, options=self._options)
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            return self._unreached(error.__cause__)
        return Came(response.status_code, _kept(response.headers, self._keys), response.content)

    def _unreached(self, cause: BaseException | None) -> Failure:
        import httpx2

        from digestor.client.wire import TooMuchError

        why = plain(str(cause), self._keys)
        if isinstance(cause, httpx2.ConnectError):
            failure = Unwell(f"nobody answers at {self._place}: {why}")
            failure.answered = False
            return failure
        if isinstance(cause, TooMuchError):
            return Garbled(why)
        return Lost(f"no reply from {self._place}: {why}")


def _kept(headers: "httpx2.Headers", keys: Sequence[str]) -> dict[str, str]:
    """Those of the headers that matter, in lower case; the others might have anything in them, and these no key."""
    decoded = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers.raw)
    return {
        name: value
        for name, value in decoded
        if (name in KEPT or any(part in name for part in LIMITS)) and not any(key and key in value for key in keys)
    }
