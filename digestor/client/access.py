"""How a server is reached: its address, the key, and the library's client over our own wire."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from digestor.client.terms import Fatal

if TYPE_CHECKING:
    import openai
    from openai._types import RequestOptions

PATH = "/chat/completions"
HOST = re.compile(r"[\w.\-]+|[0-9a-f:.]+(?:%\w+)?", re.IGNORECASE)
SECRET = 12
"""Characters from which on something behind the address may be a key."""
NO_ADDRESS = "the address of the model's server is no http(s) address"
WRITE_IT = "write it as https://host/v1, or http://localhost:port/v1 for a server of your own"
UNSAID = ("Lang", "Package-Version", "OS", "Arch", "Runtime", "Runtime-Version", "Async")
"""What the client library would tell of this machine."""


def client(address: SplitResult, key: str, connections: int) -> "openai.AsyncOpenAI":
    """The library's client over our own wire. What it would take from the environment is given here, so it does not.

    Raises Fatal where the address turns out to be none.
    """
    import httpx2
    import openai

    from digestor.client import wire

    way = wire.way(address, connections)
    transport: httpx2.AsyncBaseTransport
    try:
        transport = wire.Swift(way)
    except ImportError:
        transport = wire.Plain(way)
    nothing: Any = openai.Omit()
    headers = {f"X-Stainless-{name}": nothing for name in UNSAID}
    http = httpx2.AsyncClient(transport=transport, trust_env=False, timeout=None, follow_redirects=False)
    try:
        return openai.AsyncOpenAI(
            api_key=key or "-",
            admin_api_key="",
            base_url=address._replace(query="", fragment="").geturl(),
            max_retries=0,
            timeout=None,
            default_headers={
                **headers,
                "Authorization": f"Bearer {key}",
                "OpenAI-Organization": nothing,
                "OpenAI-Project": nothing,
            },
            http_client=http,
        )
    except httpx2.InvalidURL:
        raise Fatal(NO_ADDRESS, WRITE_IT) from None


def options(key: str) -> "RequestOptions":
    """For each request: without a key, none is sent; and the library's own counts are nobody's business."""
    import openai

    nothing = openai.Omit()
    left_out: dict[str, openai.Omit] = {"X-Stainless-Retry-Count": nothing, "X-Stainless-Read-Timeout": nothing}
    return {"headers": left_out if key else {**left_out, "Authorization": nothing}}


def taken_apart(url: str) -> SplitResult:
    """The address taken apart. Raises Fatal for one that nothing can be sent to; passwords in it are not shown."""
    try:
        address = urlsplit(url.strip())
        sound = (
            address.scheme in ("http", "https") and bool(HOST.fullmatch(address.hostname or "")) and address.port != 0
        )
    except ValueError:
        sound = False
    if not sound:
        raise Fatal(NO_ADDRESS, WRITE_IT)
    if address.username is not None:
        raise Fatal(
            "the address of the model's server has a user or a password in it", f"{WRITE_IT}; the key goes apart"
        )
    return address


def place(address: SplitResult) -> str:
    """Host and port, and nothing else of it."""
    host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
    return f"{host}:{address.port or (443 if address.scheme == 'https' else 80)}"


def secrets(address: SplitResult, key: str) -> tuple[str, ...]:
    """What must not be seen anywhere. (Some gateways take a key behind the address.)"""
    return (key, *(value for _, value in parse_qsl(address.query) if len(value) >= SECRET))


def sound(key: str) -> str:
    """The key without the blanks around it. Raises Fatal for one that cannot be sent."""
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise Fatal("the key has characters that no key has", "copy it anew, without quotes or line breaks")
    return key
