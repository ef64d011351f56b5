"""Addresses: what one may be, and which are of this machine or this network."""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx2

from digestor.errors import SourceError

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
"""Between the dots of a name."""
NUMBERS = re.compile(r"[0-9a-fx.]+")
"""What the machine's resolver may take for a number, however odd: `127.1`, `0x7f000001`, `2130706433`."""
LOWEST_PORT = 1024
"""Below it only 443 is asked in public: the rest is mail, remote shells and the like."""
EMBEDDED = ip_network("64:ff9b::/96")
"""IPv4 seen from networks that have only IPv6 (RFC 6052)."""
CLOSED = tuple(ip_network(net) for net in ("::/96", "64:ff9b:1::/48", "2001::/32", "fec0::/10"))
"""IPv4 in old or local clothes, and the site-local addresses of old: never of a public site."""
OURS = "set allow_private = true for this source, if it is a machine of your own"


def checked(text: str, private: bool) -> httpx2.URL:
    """An address that may be asked; `http://` becomes `https://` unless `private`. Raises SourceError.

    A host that is a number is checked here; a name is checked when it is known what it stands for (`dialling`).
    """
    url = parsed(text)
    host = host_of(url)
    if url.userinfo:
        raise SourceError(host, "has a name or a password in its address", "take them out; keys have settings")
    if not private:
        url = encrypted(url)
        number = literal(host)
        if number is not None and not public(number):
            raise SourceError(host, "is an address of this machine or this network", OURS)
        if url.port is not None and url.port < LOWEST_PORT and url.port != 443:
            raise SourceError(host, f"is not asked at port {url.port}", "leave the port out: https has its own")
    return url.copy_with(fragment=None)


def parsed(text: str) -> httpx2.URL:
    """An address of the web, whatever it leads to. Raises SourceError."""
    todo = "give an address like https://example.org/feed"
    try:
        url = httpx2.URL(text)
        host = host_of(url)
        port = url.port
    except (httpx2.InvalidURL, ValueError):
        raise SourceError(brief(text), "is no address", todo) from None
    if url.scheme not in ("http", "https"):
        raise SourceError(brief(text), "is no address of the web", todo)
    if not (literal(host) or all(LABEL.fullmatch(label) for label in host.removesuffix(".").split("."))):
        raise SourceError(brief(text), "has no host that could be asked", todo)
    if port is not None and not 0 < port < 2**16:
        raise SourceError(host, f"has no port {str(port)[:9]}", todo)
    return url


def encrypted(url: httpx2.URL) -> httpx2.URL:
    """The same by https. Raises SourceError where that is no mere matter of spelling."""
    if url.scheme == "https":
        return url
    if url.port not in (None, 80):
        raise SourceError(host_of(url), "is not asked without encryption", f"use https, or {OURS}")
    return url.copy_with(scheme="https", port=None)


def host_of(url: httpx2.URL) -> str:
    """Its host as it is sent: letters of other scripts in their ASCII form."""
    return url.raw_host.decode("ascii")


def brief(text: str) -> str:
    """The beginning of an address, for a message: nothing behind a question mark, nothing that is not printed."""
    shown = re.split(r"[?#]", text, maxsplit=1)[0].rpartition("@")[2][:80]
    return "".join(letter if letter.isprintable() else "�" for letter in shown) or "an empty address"


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The number that a host is, in any of the spellings a resolver takes; None for a name."""
    bare = host.strip("[]").rstrip(".")
    try:
        return ip_address(bare)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(bare)) if NUMBERS.fullmatch(bare) else None
    except OSError:
        return None


def public(number: IPv4Address | IPv6Address) -> bool:
    """Is it one that everybody can reach, not of this machine, this network or a group?"""
    if isinstance(number, IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour
        if number in EMBEDDED:
            inner = IPv4Address(number.packed[-4:])
        if inner is not None:
            return public(inner)
    closed = number.is_multicast or number.is_unspecified or number.is_reserved or number.is_link_local
    return number.is_global and not closed and not any(number in net for net in CLOSED)
