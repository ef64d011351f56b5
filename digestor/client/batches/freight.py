"""The way to a server for files: larger than a reply, in either direction, and not only for POST.

A transport for the client library, beside `wire`: ConnectError, nothing was sent; ReadError, something may have been.
"""

from collections.abc import Mapping

import httpx2

from digestor.client.wire import CONNECT, TooMuchError, Way, whole

MOST = 512 * 2**20
"""Bytes of a file that is fetched; what comes back for the largest file that may be handed in is about as large."""
SILENT = 120.0
"""Seconds without a byte after which a transfer is given up."""
TIMES: Mapping[str, float | None] = {"connect": CONNECT, "read": SILENT, "write": SILENT, "pool": None}


class Freight(httpx2.AsyncBaseTransport):
    """Reads replies whole, up to `most` bytes."""

    def __init__(self, way: Way, most: int = MOST) -> None:
        self._query, self._most = way.query, most
        self._inner = httpx2.AsyncHTTPTransport(proxy=way.proxy)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it and read the reply. Raises ConnectError or ReadError."""
        kept = [(name, value) for name, value in request.headers.raw if name.lower() != b"accept-encoding"]
        asked = httpx2.Request(
            request.method,
            f"{request.url}{self._behind(request)}",
            headers=[*kept, (b"Accept-Encoding", b"identity")],
            stream=request.stream,
            extensions={"timeout": TIMES},
        )
        try:
            response = await self._inner.handle_async_request(asked)
            try:
                body = await self._read(response)
            finally:
                await response.aclose()
        except httpx2.ConnectTimeout:
            reason: httpx2.TransportError = httpx2.ConnectError(f"no connection within {CONNECT:g} s")
        except (httpx2.ConnectError, httpx2.ProxyError, httpx2.UnsupportedProtocol) as error:
            reason = httpx2.ConnectError(str(error).lower() or "no connection")
        except TooMuchError as error:
            reason = error
        except (httpx2.RequestError, OSError) as error:
            reason = httpx2.ReadError(type(error).__name__)
        else:
            return whole(response.status_code, response.headers.raw, body, request)
        raise reason

    async def aclose(self) -> None:
        """End all connections."""
        await self._inner.aclose()

    def _behind(self, request: httpx2.Request) -> str:
        return self._query.replace("?", "&", 1) if request.url.query else self._query

    async def _read(self, response: httpx2.Response) -> bytes:
        parts, size = [], 0
        async for chunk in response.aiter_bytes():
            parts.append(chunk)
            size += len(chunk)
            if size > self._most:
                raise TooMuchError(f"the file goes on beyond {self._most} bytes")
        return b"".join(parts)
