"""From what a source asks for to what is sent: the request, its key, where it may go on to, what stays secret."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import httpx2

from digestor.errors import SourceError
from digestor.protocols import Ask
from digestor.web.addresses import brief, checked, host_of

OURS = frozenset(
    """accept-encoding connection content-length cookie expect host if-modified-since if-none-match proxy-authorization
    range te transfer-encoding upgrade user-agent""".split()
)
"""Headers that no source sets: they belong to the connection, or to whoever keeps the replies."""
ANYWHERE = frozenset(("accept", "accept-language", "content-type", "if-none-match", "if-modified-since", "user-agent"))
"""Headers that another host may see."""
MOVED = (301, 302, 303, 307, 308)
SAME = (307, 308)
"""The redirects after which the very same request is made."""
HEADER = re.compile(r"[\t -~]*")
NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
ADDRESS = re.compile(r"[!-'*-;=?-~]{3,200}")
CONTACTS = frozenset(("email", "mailto"))
SHORTEST = 4
"""Letters of a secret from which on it is looked for in what a site says."""


class Request(NamedTuple):
    """One request, ready to be sent."""

    method: str
    url: httpx2.URL
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None

    @property
    def host(self) -> str:
        """The name of who is asked."""
        return host_of(self.url)


def agent(version: str, contact: str) -> str:
    """How we introduce ourselves; a contact that could not stand in a header is left out."""
    return f"digestor/{version}" + (f" (mailto:{contact})" if ADDRESS.fullmatch(contact) else "")


def first(ask: Ask, user_agent: str) -> Request:
    """The request that an ask begins with. Raises SourceError."""
    query = urlencode(ask.query, errors="replace")
    text, _, _ = ask.url.partition("#")
    url = checked(f"{text}{'&' if '?' in text else '?'}{query}" if query else text, ask.private)
    body, kind = None, ""
    if ask.json is not None:
        body, kind = ask.json.encode("utf-8", "replace"), "application/json"
    elif ask.form is not None:
        body, kind = urlencode(ask.form, errors="replace").encode(), "application/x-www-form-urlencoded"
    given = {name.lower(): value for name, value in own(ask)}
    headers = {"user-agent": user_agent, "accept": "*/*", **({"content-type": kind} if kind else {}), **given}
    for name, value in headers.items():
        if not (NAME.fullmatch(name) and HEADER.fullmatch(value)):
            todo = "is there a line break or an odd letter in a key?"
            raise SourceError(host_of(url), f"its header {brief(name)} cannot be sent", todo)
    return Request("GET" if body is None else "POST", url, tuple(headers.items()), body)


def own(ask: Ask) -> Iterator[tuple[str, str]]:
    """The headers that a source may set."""
    return ((name, value.strip()) for name, value in ask.headers.items() if name.lower() not in OURS)


def moved(request: Request, status: int, location: str, ask: Ask) -> Request:
    """The request that a redirect asks for. Raises SourceError where it may not be made."""
    host, todo = request.host, "is the address right? It may have moved: look at it in a browser"
    try:
        joined = str(request.url.join(location))
    except (httpx2.InvalidURL, ValueError):
        raise SourceError(host, "sends us to something that is no address", todo) from None
    if request.url.scheme == "https" and joined.lower().startswith("http:"):
        raise SourceError(host, "sends us to a place without encryption", todo)
    try:
        url = checked(joined, ask.private)
    except SourceError as error:
        raise SourceError(host, f"sends us elsewhere, to {error.where}, which {error.what}", error.todo) from None
    again = request.method == "GET" or status in SAME
    headers, body = request.headers, request.body if again else None
    if elsewhere(request.url, url):
        headers = tuple((name, value) for name, value in headers if name in ANYWHERE)
        sent = f"{url}\n{(body or b'').decode('utf-8', 'replace')}"
        if any(secret in sent for secret in secrets(ask)):
            raise SourceError(host, f"sends us to {host_of(url)} with a key that is not meant for it", todo)
    if body is None:
        headers = tuple((name, value) for name, value in headers if name != "content-type")
    return Request(request.method if again else "GET", url, headers, body)


def elsewhere(before: httpx2.URL, after: httpx2.URL) -> bool:
    """Is it another site? Changing over to https is not."""
    ports = {"http": 80, "https": 443}
    one = (before.raw_host, before.port or ports[before.scheme])
    two = (after.raw_host, after.port or ports[after.scheme])
    return one != two and not (one == (after.raw_host, 80) and two == (before.raw_host, 443))


def hidden(ask: Ask) -> frozenset[str]:
    """The names whose values are secret, in small letters."""
    return frozenset(name.lower() for name in ask.secret)


def hidden_pairs(ask: Ask) -> Iterator[tuple[str, str]]:
    """The names, in small letters, and values that are secret."""
    pairs = (*ask.query, *(ask.form or ()), *ask.headers.items(), *parse_qsl(asked_for(ask.url)))
    names = hidden(ask)
    return ((name.lower(), value.strip()) for name, value in pairs if name.lower() in names)


def keyed(ask: Ask) -> bool:
    """Is a key sent? An address to write to is none, though it is not shown either."""
    return any(value and name not in CONTACTS for name, value in hidden_pairs(ask))


def secrets(ask: Ask) -> frozenset[str]:
    """The values that are shown to nobody, in each of the spellings they are sent in."""
    found = {value for _, value in hidden_pairs(ask)}
    found |= {value.split()[-1] for value in found if value}  # `Bearer` before a key is none
    spellings = (found, (quote(value, "", errors="replace") for value in found), map(plus, found))
    return frozenset(value for values in spellings for value in values if len(value) >= SHORTEST)


def plus(value: str) -> str:
    """A value as it stands in a form."""
    return quote_plus(value, errors="replace")


def asked_for(text: str) -> str:
    """What stands behind the question mark of an address."""
    return text.partition("#")[0].partition("?")[2]


def key(ask: Ask, request: Request) -> str:
    """The name under which the reply is kept: whatever it depends on, and no secret."""
    names = hidden(ask)
    headers = sorted((name, value) for name, value in request.headers if name != "user-agent" and name not in names)
    parts = (request.method, shown(request.url, ask), headers, open_pairs(ask.form or (), names), ask.json)
    text = json.dumps(parts)  # escapes what is not ASCII, lone surrogates too
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def open_pairs(pairs: Iterable[tuple[str, str]], names: frozenset[str]) -> list[tuple[str, str]]:
    """Those that are no secret."""
    return [(name, value) for name, value in pairs if name.lower() not in names]


def shown(url: httpx2.URL, ask: Ask) -> str:
    """An address without what is secret in it."""
    query = url.query.decode("ascii")
    pairs = parse_qsl(query, keep_blank_values=True)
    plain = open_pairs(pairs, hidden(ask))
    if len(plain) < len(pairs):
        query = urlencode(plain, errors="replace")
    if any(secret in query for secret in secrets(ask)):
        query = ""
    return str(url.copy_with(query=query.encode() or None))


def tells(headers: Mapping[str, str], body: bytes, ask: Ask) -> bool:
    """Does a reply repeat a secret?"""
    said = "\n".join(headers.values())
    return any(secret in said or secret.encode("utf-8", "replace") in body for secret in secrets(ask))
