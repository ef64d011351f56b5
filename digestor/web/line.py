"""The one connection to a family, and one request over it."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import httpcore2
import httpx2

from digestor.web.asking import Request
from digestor.web.dialling import CONNECT, Dialler, Resolve
from digestor.web.failures import LATER, FailedError, unreachable
from digestor.web.unpacking import GarbledError, TooMuchError, whole

IDLE = 30.0
"""Seconds for which a connection is kept for the next request."""
BEGINNING = 2**16
"""Bytes that are read of a reply that nobody asked for: an error page, a redirect."""
BROKEN_OFF = ("without sending", "peer closed", "incomplete")
"""In what the protocol library says when a connection ends too early, and not when it was never HTTP."""


class Answer(NamedTuple):
    """What came back to one request, unpacked; the beginning of it where its status is not wanted."""

    status: int
    headers: dict[str, str]
    body: bytes


class Line:
    """Kept open between requests, to one host at a time: asking another one ends it."""

    def __init__(
        self,
        proxy: str | None,
        private: bool,
        tls: ssl.SSLContext,
        resolve: Resolve,
        dial: httpcore2.NetworkBackend,
    ) -> None:
        self.proxy, self.private = proxy, private
        self._dialler = Dialler(resolve, dial, private, proxied=proxy is not None)
        self._pool = self._pooled(tls)

    def _pooled(self, tls: ssl.SSLContext) -> httpcore2.ConnectionPool:
        if self.proxy is None:
            return httpcore2.ConnectionPool(
                ssl_context=tls, max_connections=1, keepalive_expiry=IDLE, network_backend=self._dialler
            )
        todo = "set HTTPS_PROXY to an address like http://proxy.example:3128, or unset it"
        try:
            proxy = httpx2.Proxy(self.proxy)
            if proxy.url.scheme not in ("http", "https"):
                raise FailedError("cannot be reached by the kind of proxy that this machine is set to use", todo)
            url = httpcore2.URL(scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=b"/")
        except (httpx2.InvalidURL, ValueError):
            raise FailedError("cannot be reached: the proxy of this machine has no right address", todo) from None
        return httpcore2.HTTPProxy(
            proxy_url=url,
            proxy_auth=proxy.raw_auth,
            ssl_context=tls,
            max_connections=1,
            keepalive_expiry=IDLE,
            network_backend=self._dialler,
        )

    def ask(
        self,
        request: Request,
        seconds: float,
        wanted: tuple[int, ...],
        most: int,
        came: Callable[[int, int | None], None],
    ) -> Answer:
        """Send it and read the reply. `came` is told of bytes, and of how many there will be. Raises FailedError."""
        self._dialler.begin(seconds)
        url = httpcore2.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        with explained(seconds, self.proxy is not None):
            response = self._pool.handle_request(
                httpcore2.Request(
                    request.method,
                    url,
                    headers=framed(request),
                    content=request.body or b"",
                    extensions={"timeout": {"pool": CONNECT}},
                )
            )
            try:
                return read(response, response.status in wanted, most, came)
            finally:
                response.close()

    def close(self) -> None:
        """End the connection."""
        self._pool.close()


def framed(request: Request) -> list[tuple[str, str]]:
    """The headers as they are sent, with those that the connection wants."""
    host = request.url.netloc.decode("ascii")
    length = [("Content-Length", str(len(request.body)))] if request.body is not None else []
    # What our own reader unpacks, and nothing else.
    return [("Host", host), *request.headers, ("Accept-Encoding", "gzip, deflate"), *length]


def read(response: httpcore2.Response, wanted: bool, most: int, came: Callable[[int, int | None], None]) -> Answer:
    """A reply: whole where it is wanted, else its beginning. Raises what `explained` explains."""
    headers: dict[str, str] = {}
    for raw, value in response.headers:
        name = raw.decode("latin-1").lower()
        if name != "set-cookie":
            text = value.decode("latin-1")
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
    length = headers.get("content-length", "")
    of = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None

    def counted() -> Iterator[bytes]:
        done = 0
        for chunk in response.iter_stream():
            done += len(chunk)
            if wanted:
                came(done, of)
            yield chunk

    packed = headers.get("content-encoding", "")
    if wanted:
        return Answer(response.status, headers, whole(counted(), packed, most))
    body = b""
    # What stands in an error page is of use only where it comes whole and small.
    with suppress(
        TooMuchError, GarbledError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException
    ):
        body = whole(counted(), packed, BEGINNING)
    return Answer(response.status, headers, body)


@contextmanager
def explained(seconds: float, proxied: bool) -> Iterator[None]:
    """Turn what the library says into what a user can act on. Raises FailedError."""
    try:
        yield
        return
    except TooMuchError:
        failed = FailedError("its reply is longer than what is read of one", "ask for less at once")
    except GarbledError as error:
        failed = FailedError(f"its reply is damaged: {error}", LATER, again=True)
    except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
        failed = unreachable(error, proxied)
    except httpcore2.TimeoutException:
        failed = FailedError(f"gave no whole answer within {seconds:g} s", LATER, again=True)
    except httpcore2.ProxyError as error:
        failed = FailedError(f"is not let through by the proxy on the way ({brief(error)})", LATER, again=True)
    except httpcore2.RemoteProtocolError as error:
        broke = any(word in str(error) for word in BROKEN_OFF)
        what = "broke off before its reply was whole" if broke else "gave an answer that is no HTTP"
        failed = FailedError(what, LATER, again=True)
    except (httpcore2.NetworkError, OSError):
        failed = FailedError("broke off before its reply was whole", LATER, again=True)
    except httpcore2.ProtocolError:
        failed = FailedError("cannot be sent such a request", "is there an odd letter in the address?")
    raise failed from None


def brief(error: Exception) -> str:
    """The status that a proxy answered, without its words."""
    return f"HTTP {str(error)[:3]}" if str(error)[:3].isdigit() else "no connection"
