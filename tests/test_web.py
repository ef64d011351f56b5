"""The web: what is asked, what is kept, what is said when it fails."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from digestor.errors import SourceError
from digestor.protocols import Ask, Reply
from digestor.store import Store
from tests.fakes import Clock
from tests.hosting import Answer, Host
from tests.internet import Told

HOUR = 3600.0


def ask(host: Host, path: str = "/feed", **keys: Any) -> Ask:
    return Ask(host.url + path, private=True)._replace(**keys)


def test_a_page_is_read_and_unpacked_and_says_where_it_came_from(host: Host) -> None:
    host.routes["/feed"] = Answer("news", headers={"Content-Type": "Application/XML; charset=utf-8"}, gzipped=True)

    with Told() as told:
        reply = told.get(ask(host))

    headers = {"content-type": "Application/XML; charset=utf-8"}
    assert reply == Reply(200, b"news", "application/xml", f"{host.url}/feed", headers)


def test_it_says_who_asks_and_whom_to_write_to(host: Host) -> None:
    host.routes["/feed"] = Answer("news")
    with Told(contact="reader@example.org") as told:
        told.get(ask(host))
    with Told(contact="no\nheader") as told:
        told.get(ask(host))

    assert [asked.headers["user-agent"] for asked in host.asked] == [
        "digestor/0.1.0 (mailto:reader@example.org)",
        "digestor/0.1.0",
    ]


def test_the_query_is_escaped_and_joined_to_one_that_is_there(host: Host) -> None:
    host.routes["/api"] = Answer("{}")
    with Told() as told:
        told.get(ask(host, "/api?verb=List", query=(("q", "bees & \ud800 [1 TO 2]"), ("page", "2"))))

    assert host.asked[0].query == {"verb": "List", "q": "bees & ? [1 TO 2]", "page": "2"}


def test_a_form_and_json_are_posted(host: Host) -> None:
    host.routes["/api"] = Answer("{}")
    with Told() as told:
        told.get(ask(host, "/api", form=(("id", "1,2"),)))
        told.get(ask(host, "/api", json='{"ids": ["ä"]}'))

    assert [(asked.method, asked.headers["content-type"], asked.body) for asked in host.asked] == [
        ("POST", "application/x-www-form-urlencoded", b"id=1%2C2"),
        ("POST", "application/json", '{"ids": ["ä"]}'.encode()),
    ]


def test_what_belongs_to_the_connection_is_set_by_no_source_and_no_cookie_is_ever_sent(host: Host) -> None:
    host.routes["/feed"] = Answer("news", headers={"Set-Cookie": "who=you"})
    given = {"Cookie": "who=me", "Host": "evil.example", "Accept-Encoding": "br", "Accept": "application/json"}
    with Told() as told:
        reply = told.get(ask(host, headers=given, fresh=0))
        told.get(ask(host, headers=given, fresh=0))

    for asked in host.asked:
        assert "cookie" not in asked.headers
        assert asked.headers["host"] == host.url.removeprefix("http://")
        assert asked.headers["accept-encoding"] == "gzip, deflate"
        assert asked.headers["accept"] == "application/json"
    assert "set-cookie" not in reply.headers


def test_one_connection_is_kept_for_a_family(host: Host) -> None:
    host.routes["/feed"] = Answer("news")
    host.routes["/gone"] = Answer("gone", 404)
    with Told() as told:
        for _ in range(3):
            told.get(ask(host, fresh=0))
            told.get(ask(host, "/gone", wanted=(404,)))

    assert host.connections == 1
    assert len(host.asked) == 6


def test_a_reply_that_is_fresh_enough_is_not_asked_for_again(host: Host) -> None:
    host.routes["/feed"] = Answer("news")
    with Told() as told:
        first = told.get(ask(host, fresh=HOUR))
        told.clock.now += HOUR - 1
        second = told.get(ask(host, fresh=HOUR))
        told.clock.now += 1
        third = told.get(ask(host, fresh=HOUR))

    assert (first.kept, second.kept, third.kept) == (False, True, False)
    assert second.body == first.body
    assert len(host.asked) == 2


def test_a_clock_that_was_put_back_makes_nothing_fresh(host: Host) -> None:
    host.routes["/feed"] = Answer("news")
    with Told() as told:
        told.get(ask(host))
        told.clock.now -= 10 * HOUR
        told.get(ask(host))

    assert len(host.asked) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"query": (("page", "2"),)},
        {"headers": {"Accept": "text/csv"}},
        {"form": (("id", "1"),)},
        {"json": "{}"},
        {"url": "/other"},
    ],
)
def test_what_is_asked_otherwise_is_another_reply(host: Host, changes: dict[str, Any]) -> None:
    host.routes["/feed"] = host.routes["/other"] = Answer("news")
    if "url" in changes:
        changes = {"url": host.url + str(changes["url"])}
    with Told() as told:
        told.get(ask(host))

        assert not told.get(ask(host)._replace(**changes)).kept


def test_an_etag_is_sent_back_by_a_later_run_and_confirms_what_is_kept(host: Host, tmp_path: Path) -> None:
    host.routes["/feed"] = Answer("news", etag='"v1"', headers={"Content-Type": "text/xml"}, gzipped=True)
    clock = Clock()
    with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies, clock=clock) as told:
        first = told.get(ask(host))
    clock.now += 2 * HOUR

    with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies, clock=clock) as told:
        second = told.get(ask(host))
        clock.now += HOUR / 2
        third = told.get(ask(host))

    assert [asked.headers.get("if-none-match") for asked in host.asked] == [None, '"v1"']
    assert (second, third) == (first._replace(kept=True), first._replace(kept=True))


def test_a_date_of_last_change_is_sent_back_too_and_news_replace_what_is_kept(host: Host, tmp_path: Path) -> None:
    day = "Fri, 20 Nov 2026 00:00:00 GMT"
    host.routes["/feed"] = [Answer("old", headers={"Last-Modified": day}), Answer("new")]
    with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies) as told:
        told.get(ask(host))
    with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies) as told:
        reply = told.get(ask(host, fresh=0))
        again = told.get(ask(host))

    assert host.asked[1].headers["if-modified-since"] == day
    assert (reply.body, reply.kept) == (b"new", False)
    assert (again.body, again.kept) == (b"new", True)


def test_nothing_changed_where_nothing_is_kept_is_an_error(host: Host) -> None:
    host.routes["/feed"] = Answer(status=304)

    with Told() as told, pytest.raises(SourceError, match="nothing has changed, but nothing of it is kept"):
        told.get(ask(host))


def test_a_status_that_is_wanted_is_a_reply_but_only_a_200_is_kept(host: Host) -> None:
    host.routes["/feed"] = Answer("no such paper", 404)
    with Told() as told:
        first, second = (told.get(ask(host, wanted=(200, 404))) for _ in range(2))

    assert (first.status, first.body) == (404, b"no such paper")
    assert not second.kept
    assert len(host.asked) == 2


def test_a_secret_is_sent_and_neither_kept_nor_shown(host: Host) -> None:
    host.routes["/feed"] = Answer("news")
    secret = ask(
        host,
        query=(("api_key", "tiger/7 7"), ("q", "bees")),
        headers={"X-Token": "Bearer liontamer"},
        secret=("api_key", "x-token"),
    )
    with Told() as told:
        reply = told.get(secret)
        query = (("api_key", "another one"), ("q", "bees"))
        other = told.get(secret._replace(query=query, headers={"X-Token": "another"}))

    assert host.asked[0].query["api_key"] == "tiger/7 7"
    assert host.asked[0].headers["x-token"] == "Bearer liontamer"
    assert reply.url == f"{host.url}/feed?q=bees"
    assert other.kept
    assert "tiger" not in repr(vars(told.cupboard))
    assert "lion" not in repr(vars(told.cupboard))


def test_a_key_that_a_site_puts_into_an_address_under_another_name_is_not_shown(host: Host) -> None:
    host.routes["/feed"] = Answer(status=302, headers={"Location": "/next?token=tiger77&page=2"})
    host.routes["/next"] = Answer("news")
    with Told() as told:
        reply = told.get(ask(host, query=(("api_key", "tiger77"),), secret=("api_key",)))

    assert host.asked[1].query["token"] == "tiger77"
    assert reply.url == f"{host.url}/next"


@pytest.mark.parametrize("where", ["body", "header"])
def test_a_reply_that_repeats_a_secret_is_not_kept(host: Host, where: str) -> None:
    host.routes["/feed"] = Answer(
        "your key is tiger77" if where == "body" else "", headers={"Link": "</next?api_key=tiger77>; rel=next"}
    )
    with Told() as told:
        told.get(ask(host, query=(("api_key", "tiger77"),), secret=("api_key",)))

        assert "tiger77" not in repr(vars(told.cupboard))


@pytest.mark.parametrize(
    ("status", "what", "todo"),
    [
        (400, "cannot make sense of the request (HTTP 400)", "query"),
        (401, "does not let us in (HTTP 401)", "is the key right"),
        (403, "does not let us in (HTTP 403)", "is the key right"),
        (404, "has nothing at this address (HTTP 404)", "is the address right"),
        (406, "does not want to answer this (HTTP 406)", "ask less"),
        (302, "does not say where (HTTP 302)", "browser"),
        (418, "nobody expected (HTTP 418)", "browser"),
        (501, "has trouble of its own (HTTP 501)", "later"),
    ],
)
def test_a_failure_says_host_status_and_what_to_do(host: Host, status: int, what: str, todo: str) -> None:
    host.routes["/feed"] = Answer("Some plain words.", status)
    with Told() as told, pytest.raises(SourceError) as caught:
        told.get(ask(host, query=(("api_key", "tiger77"),), secret=("api_key",)))

    error = caught.value
    assert error.where == "127.0.0.1"
    assert what in error.what
    assert error.what.endswith(": “Some plain words.”")
    assert todo in error.todo
    assert "tiger77" not in str(error)
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        ("Rate exceeded.", "Rate exceeded."),
        ('{"message": "Invalid id: 7"}', "Invalid id: 7"),
        ('{"error": {"code": 7}}', ""),
        ("<html><h1>No</h1></html>", ""),
        ("your key tiger77 is wrong", ""),
        ("word " * 23 + "tiger77", ""),
        ("a\x00b", ""),
        ("[" * 50_000, ""),
        ("word " * 1000, ("word " * 24).strip()),
    ],
)
def test_words_of_the_site_are_quoted_where_they_are_plain_and_short(host: Host, body: str, quoted: str) -> None:
    host.routes["/feed"] = Answer(body, 403)
    with Told() as told, pytest.raises(SourceError) as caught:
        told.get(ask(host, query=(("api_key", "tiger77"),), secret=("api_key",)))

    assert caught.value.what == "does not let us in (HTTP 403)" + (f": “{quoted}”" if quoted else "")


@pytest.mark.parametrize("query", [(), (("api_key", ""),), (("mailto", "reader@example.org"),)])
def test_without_a_key_nobody_is_asked_whether_it_is_right(host: Host, query: tuple[tuple[str, str], ...]) -> None:
    host.routes["/feed"] = Answer("", 403)
    with Told() as told, pytest.raises(SourceError) as caught:
        told.get(ask(host, query=query, secret=("api_key", "mailto")))

    assert "may want a key" in caught.value.todo


@pytest.mark.parametrize("value", ["tiger\n77", "tiger\r\nX: y", "tig\u200ber", "tiger\x00"])
def test_a_key_that_cannot_stand_in_a_header_is_an_error_that_does_not_show_it(host: Host, value: str) -> None:
    with Told() as told, pytest.raises(SourceError) as caught:
        told.get(ask(host, headers={"X-Token": value}, secret=("X-Token",)))

    assert "x-token cannot be sent" in caught.value.what
    assert "tig" not in str(caught.value)
    assert host.asked == []


def test_a_long_reply_says_that_it_goes_on(host: Host) -> None:
    host.routes["/feed"] = Answer(b"x" * 5_000_000)
    with Told() as told:
        told.get(ask(host))

    (line,) = told.lines
    assert re.match(r"127\.0\.0\.1: 4\.\d of 5\.0 MB", line)  # where a piece ends is for the network to say
    assert told.steps[-1] == ("reading 127.0.0.1", 5_000_000, 5_000_000)


def test_what_it_takes_to_ask_is_loaded_only_when_something_is_asked() -> None:
    script = "import sys, digestor.web; print({'httpx2', 'httpcore2', 'tenacity', 'ssl'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
