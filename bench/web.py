"""What politeness costs, and what it saves: small replies and one that swells, beside the usual ways to fetch.

    python -m bench.web

200 replies of 4 KB from a server on loopback, spacing set to nothing: each by httpx2.get (a connection a reply, as it
comes), one httpx2.Client, urllib, and ours with its replies on the disk; then the same again where they are fresh.
Then 300 kB that unpack to 300 MB, each in a process of its own: how much memory it takes to be done with it.
"""

import gzip
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx2

from digestor.errors import SourceError
from digestor.protocols import Ask
from digestor.store import Store
from digestor.web import Web
from tests.hosting import Answer, Host, hosted

REPLIES = 200
FEED = "<item><title>Bees count to four</title></item>" * 90
SWOLLEN = 300_000_000
"""Bytes of the reply that swells."""
DECODED = ("ours", "httpx2.get")
"""Ways that unpack what they read."""


def ours(host: Host, store: Store, fresh: float) -> int:
    """All of them through the web that sources have; how many came from the store."""
    with closing(Web(store.replies)) as web:
        asks = (Ask(f"{host.url}/feed?page={page}", private=True, spacing=0, fresh=fresh) for page in range(REPLIES))
        return sum(web.get(ask).kept for ask in asks)


def one_client(host: Host) -> None:
    """What the library's documentation would have one write."""
    with httpx2.Client() as client:
        for page in range(REPLIES):
            client.get(f"{host.url}/feed?page={page}").raise_for_status()


def each_anew(host: Host) -> None:
    """The shortest way to write it."""
    for page in range(REPLIES):
        httpx2.get(f"{host.url}/feed?page={page}").raise_for_status()


def standard(host: Host) -> None:
    """Without any library."""
    for page in range(REPLIES):
        with urllib.request.urlopen(f"{host.url}/feed?page={page}") as reply:
            reply.read()


def speed() -> None:
    """Time each and print a table."""
    with tempfile.TemporaryDirectory() as name, hosted() as host, Store.open(Path(name) / "digestor.db") as store:
        host.routes["/feed"] = Answer(FEED, headers={"Content-Type": "text/xml"})
        httpx2.get(f"{host.url}/feed")
        ways: dict[str, Callable[[], object]] = {
            "httpx2.get": lambda: each_anew(host),
            "urllib": lambda: standard(host),
            "one httpx2.Client": lambda: one_client(host),
            "ours": lambda: ours(host, store, fresh=0),
            "ours, fresh": lambda: ours(host, store, fresh=3600),
        }
        took = {}
        for way, fetch in ways.items():
            start = time.perf_counter()
            fetch()
            took[way] = time.perf_counter() - start
    for way, seconds in took.items():
        ratio = took["httpx2.get"] / seconds
        print(f"{way:20}{seconds * 1000 / REPLIES:8.2f} ms a reply  x{ratio:.1f}")


def swell(way: str, url: str) -> None:
    """Fetch a reply that swells, in this process, and print the memory it took beyond a small one (MB)."""
    with closing(Web(Store.rehearsal().replies)) as web:
        fetch: dict[str, Callable[[str], object]] = {
            "ours": lambda url: web.get(Ask(url, private=True, spacing=0)),
            "httpx2.get": httpx2.get,
        }
        fetch[way](f"{url}/small")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            fetch[way](f"{url}/bomb")
        except SourceError as error:
            print(error.what, end=", ")
        print(f"{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:.0f} MB")


def memory() -> None:
    """Let each fetch it in a process of its own."""
    with hosted() as host:
        host.routes["/small"] = Answer(FEED, gzipped=True)
        host.routes["/bomb"] = Answer(gzip.compress(bytes(SWOLLEN)), headers={"Content-Encoding": "gzip"})
        for way in DECODED:
            done = subprocess.run(
                [sys.executable, "-m", "bench.web", way, host.url], capture_output=True, text=True, check=True
            )
            print(f"{way:20}{done.stdout.strip()}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        swell(*sys.argv[1:])
    else:
        speed()
        memory()
