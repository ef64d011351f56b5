"""The way to a server: connections that are kept, replies read whole and never beyond a bound.

This is a transport for the client library. Its own two cost more time a request and cannot say whether a request had
been sent when it failed. Here: ConnectError, it had not; ReadError, it had or may have.
"""

import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult
from urllib.request import getproxies, proxy_bypass

import httpx2

if TYPE_CHECKING:
    import aiohttp

CAP = 8 * 2**20
"""Bytes of a reply, decoded; the longest answers of a request are a hundredth of it."""
CHUNK = 2**16
CONNECT = 5.0
"""Seconds for name, connection and TLS together."""
KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))
"""A model may think for minutes, and some routers forget a connection that is silent so long."""
BROKEN = "it broke off before its reply was whole"
OURS = frozenset((b"host", b"connection", b"content-length", b"accept-encoding"))
"""Headers that are set here and not by the client library."""
HANDLED = frozenset((b"content-encoding", b"content-length", b"transfer-encoding", b"set-cookie"))
"""Headers of a reply that are done with once it is read whole."""
MOVED = b"Moved-To"
"""What `Location` is called from here on, so that nobody goes there."""


class Way(NamedTuple):
    """Where requests go besides what their own address says."""

    query: str = ""
    """Put behind each address here and nowhere else: it may be a secret, and addresses are logged."""
    proxy: str | None = None
    connections: int = 64


def way(address: SplitResult, connections: int) -> Way:
    """The way to an address: past the proxy that the machine is set to use, unless the server is this machine."""
    host = address.hostname or ""
    here = host == "localhost" or host.endswith(".localhost") or host.startswith("127.") or host == "::1"
    proxy = None if here or proxy_bypass(host) else getproxies().get(address.scheme)
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    return Way(f"?{address.query}" if address.query else "", proxy, connections)


class TooMuchError(httpx2.ReadError):
    """A reply that goes on beyond the bound."""


def whole(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, request: httpx2.Request) -> httpx2.Response:
    """A reply read to its end. Its text is UTF-8, as JSON is, whatever it says of itself."""
    kept = []
    for name, value in headers:
        match name.lower():
            case b"content-type":
                kept.append((name, value.partition(b";")[0].strip()))
            case b"location":
                kept.append((MOVED, value))
            case lowered if lowered not in HANDLED:
                kept.append((name, value))
    return httpx2.Response(status, headers=kept, content=body, request=request)


async def bounded(chunks: AsyncIterator[bytes]) -> bytes:
    """All of them. Raises TooMuchError."""
    parts, size = [], 0
    async for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > CAP:
            raise TooMuchError(f"the reply goes on beyond {CAP // 2**20} MiB")
    return b"".join(parts)


class Swift(httpx2.AsyncBaseTransport):
    """Over aiohttp. Needs it installed: ImportError where it is not."""

    def __init__(self, way: Way) -> None:
        import aiohttp

        self._aiohttp, self._way = aiohttp, way
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it and read the reply. Raises ConnectError or ReadError."""
        aiohttp = self._aiohttp
        session = self._session or self._open(request.url.scheme == "https")
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in request.headers.raw
            if name.lower() not in OURS
        }
        # Nothing packed is asked for: replies are small, and what is not packed cannot swell.
        headers["Accept-Encoding"] = "identity"
        try:
            async with session.post(
                f"{request.url}{self._way.query}",
                data=request.content,
                headers=headers,
                allow_redirects=False,
                proxy=self._way.proxy,
            ) as response:
                body = await bounded(response.content.iter_chunked(CHUNK))
                return whole(response.status, response.raw_headers, body, request)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError) as error:
            reason: httpx2.TransportError = httpx2.ConnectError(why(error))
        except aiohttp.ClientResponseError:
            reason = httpx2.ReadError("what it said was no HTTP")
        except (aiohttp.ClientError, OSError):
            reason = httpx2.ReadError(BROKEN)
        raise reason

    async def aclose(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self, secure: bool) -> "aiohttp.ClientSession":
        aiohttp = self._aiohttp
        connector = aiohttp.TCPConnector(
            limit=self._way.connections,
            ssl=httpx2.create_ssl_context() if secure else True,
            socket_factory=lasting,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
        )
        return self._session


class Plain(httpx2.AsyncBaseTransport):
    """Over the client library's own transport, where aiohttp is missing."""

    def __init__(self, way: Way) -> None:
        limits = httpx2.Limits(max_connections=way.connections, max_keepalive_connections=way.connections)
        self._query = way.query
        options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
        self._inner = httpx2.AsyncHTTPTransport(limits=limits, proxy=way.proxy, socket_options=options)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it and read the reply. Raises ConnectError or ReadError."""
        kept = [(name, value) for name, value in request.headers.raw if name.lower() != b"accept-encoding"]
        timeouts: Mapping[str, float | None] = {"connect": CONNECT, "read": None, "write": None, "pool": None}
        asked = httpx2.Request(
            request.method,
            f"{request.url}{self._query}",
            headers=[*kept, (b"Accept-Encoding", b"identity")],
            content=request.content,
            extensions={"timeout": timeouts},
        )
        try:
            response = await self._inner.handle_async_request(asked)
            try:
                body = await bounded(response.aiter_bytes())
            finally:
                await response.aclose()
        except httpx2.ConnectTimeout:
            reason: httpx2.TransportError = httpx2.ConnectError(f"no connection within {CONNECT:g} s")
        except (httpx2.ConnectError, httpx2.ProxyError, httpx2.UnsupportedProtocol) as error:
            reason = httpx2.ConnectError(str(error).lower() or "no connection")
        except TooMuchError as error:
            reason = error
        except (httpx2.RequestError, OSError):
            reason = httpx2.ReadError(BROKEN)
        else:
            return whole(response.status_code, response.headers.raw, body, request)
        raise reason

    async def aclose(self) -> None:
        """End all connections."""
        await self._inner.aclose()


def lasting(address: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """A socket that asks, when it has been silent for long, whether the other end is still there."""
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made


def why(error: Exception) -> str:
    """Why no connection could be made, in plain words."""
    import aiohttp

    match error:
        case aiohttp.ClientConnectorDNSError():
            return "there is no host of that name"
        case aiohttp.ClientConnectorCertificateError():
            inner = error.certificate_error
            why = inner.verify_message if isinstance(inner, ssl.SSLCertVerificationError) else "not valid"
            return f"its certificate is not trusted ({why})"
        case aiohttp.ClientConnectorSSLError():
            return "no secure connection could be made"
        case aiohttp.ConnectionTimeoutError():
            return f"no connection within {CONNECT:g} s"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return "the proxy on the way does not let it through"
    code = getattr(error, "errno", None)
    return os.strerror(code).lower() if code else "no connection could be made"
