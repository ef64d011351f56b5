"""The web: where a site may send us, and what we take along."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from digestor.errors import SourceError
from digestor.protocols import Ask
from tests.hosting import Answer, Host, hosted
from tests.internet import Names, Told, Wires, secure

HERE, THERE = "93.184.215.14", "93.184.215.15"


class Two(NamedTuple):
    """Two public sites."""

    papers: Host
    other: Host
    told: Told


@pytest.fixture
def two() -> Iterator[Two]:
    """https://papers.example and https://other.example; inner.example is of this network."""
    with ExitStack() as held:
        papers, other = held.enter_context(secure("papers.example")), held.enter_context(secure("other.example"))
        names = Names(papers_example=[HERE], other_example=[THERE], inner_example=["10.0.0.1"])
        wires = Wires({(HERE, 443): papers.port, (THERE, 443): other.port})
        yield Two(papers, other, held.enter_context(Told(names, wires)))


def to(where: str, status: int = 302) -> Answer:
    return Answer("moved", status, {"Location": where})


def ask(**keys: Any) -> Ask:
    return Ask("https://papers.example/feed")._replace(**keys)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_reply_says_where_it_came_from(two: Two, status: int) -> None:
    two.papers.routes["/feed"] = to("../feeds/new?week=47#top", status)
    two.papers.routes["/feeds/new"] = Answer("news")

    reply = two.told.get(ask())

    assert (reply.body, reply.url) == (b"news", "https://papers.example/feeds/new?week=47")
    assert two.papers.asked[1].query == {"week": "47"}
    assert two.told.clock.paused == [1.0]  # a request like any other


def test_three_redirects_are_followed_and_no_more(two: Two) -> None:
    two.papers.routes["/a"] = to("/b")
    two.papers.routes["/b"] = to("/c")
    two.papers.routes["/c"] = to("/d")
    two.papers.routes["/d"] = Answer("news")
    two.papers.routes["/feed"] = to("/a")

    assert two.told.get(Ask("https://papers.example/a")).body == b"news"
    with pytest.raises(SourceError, match="from one address to the next without end"):
        two.told.get(ask())


def test_a_circle_is_left(two: Two) -> None:
    two.papers.routes["/feed"] = to("/feed")

    with pytest.raises(SourceError, match="without end"):
        two.told.get(ask())

    assert len(two.papers.asked) == 4


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("http://papers.example/feed", "to a place without encryption"),
        ("HTTP://other.example/", "to a place without encryption"),
        ("https://127.0.0.1/", "to 127.0.0.1, which is an address of this machine or this network"),
        ("https://[::ffff:10.0.0.1]/", "which is an address of this machine or this network"),
        ("//169.254.169.254/latest", "which is an address of this machine or this network"),
        ("https://2130706433/", "which is an address of this machine or this network"),
        ("https://me:you@other.example/", "which has a name or a password in its address"),
        ("https://other.example:25/", "which is not asked at port 25"),
        ("file:///etc/passwd", "which is no address of the web"),
        ("https://[", "which has no host"),
        ("https://other.example:x", "to something that is no address"),
        ("https://ex\x7fample/", "to something that is no address"),
    ],
)
def test_a_redirect_to_where_nobody_may_be_sent_is_an_error(two: Two, where: str, what: str) -> None:
    two.papers.routes["/feed"] = to(where)

    with pytest.raises(SourceError) as caught:
        two.told.get(ask())

    assert caught.value.where == "papers.example"
    assert what in caught.value.what
    assert caught.value.todo
    assert len(two.papers.asked) == 1


def test_a_redirect_to_a_name_of_this_network_is_an_error(two: Two) -> None:
    two.papers.routes["/feed"] = to("https://inner.example/")

    with pytest.raises(SourceError, match=r"inner\.example: its name stands for an address of this machine"):
        two.told.get(ask())


def test_another_site_sees_no_key_and_nothing_else_of_ours_that_it_need_not(two: Two) -> None:
    two.papers.routes["/feed"] = to("https://other.example/feed")
    two.other.routes["/feed"] = Answer("news")
    headers = {"Authorization": "Bearer tiger77", "X-Api-Key": "lion", "X-More": "1", "Accept": "text/xml"}

    two.told.get(ask(headers=headers, secret=("X-Api-Key",)))

    seen = two.other.asked[0].headers
    assert set(seen) == {"host", "user-agent", "accept", "accept-encoding"}
    assert seen["accept"] == "text/xml"
    assert two.papers.asked[0].headers["x-api-key"] == "lion"


def test_the_same_site_sees_the_key_again(two: Two) -> None:
    two.papers.routes["/feed"] = to("/new")
    two.papers.routes["/new"] = Answer("news")

    two.told.get(ask(headers={"X-Api-Key": "tiger77"}, secret=("X-Api-Key",)))

    assert two.papers.asked[1].headers["x-api-key"] == "tiger77"


@pytest.mark.parametrize("where", ["https://other.example/?api_key=tiger77", "https://other.example/tiger77"])
def test_a_redirect_that_carries_a_key_to_another_site_is_an_error(two: Two, where: str) -> None:
    two.papers.routes["/feed"] = to(where)

    with pytest.raises(SourceError, match="with a key that is not meant for it") as caught:
        two.told.get(ask(query=(("api_key", "tiger77"),), secret=("api_key",)))

    assert "tiger77" not in str(caught.value)
    assert two.other.asked == []


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"id=7"), (308, "POST", b"id=7")],
)
def test_a_post_is_repeated_only_where_the_redirect_says_so(two: Two, status: int, method: str, body: bytes) -> None:
    two.papers.routes["/feed"] = to("https://other.example/api", status)
    two.other.routes["/api"] = Answer("{}")

    two.told.get(ask(form=(("id", "7"),)))

    (asked,) = two.other.asked
    assert (asked.method, asked.body) == (method, body)
    assert ("content-type" in asked.headers) == (method == "POST")


def test_a_form_with_a_key_goes_to_no_other_site(two: Two) -> None:
    two.papers.routes["/feed"] = to("https://other.example/api", 307)

    with pytest.raises(SourceError, match="with a key that is not meant for it"):
        two.told.get(ask(form=(("api_key", "tiger77"),), secret=("api_key",)))


def test_what_a_redirect_led_to_is_kept_and_confirmed_there(two: Two) -> None:
    two.papers.routes["/feed"] = to("https://other.example/feed")
    two.other.routes["/feed"] = Answer("news", etag='"v1"')

    two.told.get(ask())
    again = two.told.get(ask(fresh=0))

    assert (again.body, again.kept, again.url) == (b"news", True, "https://other.example/feed")
    assert two.other.asked[1].headers["if-none-match"] == '"v1"'


def test_one_connection_at_a_time_is_had_by_a_family_of_several_sites(two: Two) -> None:
    for host in (two.papers, two.other):
        host.routes["/feed"] = Answer("news")
    for _ in range(2):
        two.told.get(ask(family="arxiv", fresh=0))
        two.told.get(Ask("https://other.example/feed", family="arxiv", fresh=0))

    assert (two.papers.connections, two.other.connections) == (2, 2)
    assert two.told.clock.paused == [1.0] * 3


def test_changing_over_to_encryption_keeps_the_key_and_another_port_does_not() -> None:
    with secure("papers.example") as safe, hosted() as open_to_all, hosted() as elsewhere:
        open_to_all.routes["/feed"] = to("https://papers.example/feed")
        safe.routes["/feed"] = Answer("news")
        elsewhere.routes["/feed"] = to("https://papers.example/feed")
        wires = Wires({(HERE, 80): open_to_all.port, (HERE, 443): safe.port, (HERE, 8080): elsewhere.port})
        headers = {"X-Api-Key": "tiger77"}
        with Told(Names(papers_example=[HERE]), wires) as told:
            told.get(Ask("http://papers.example/feed", headers=headers, private=True))
            told.get(Ask("http://papers.example:8080/feed", headers=headers, private=True))

    assert ["x-api-key" in asked.headers for asked in safe.asked] == [True, False]
