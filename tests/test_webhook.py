"""Posts to chat servers: once, within their limits, calling nobody, and the address said to nobody."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.delivery.gist import gist
from digestor.delivery.posts import DISCORD_ALL, Format, Size, length, linkable, post
from digestor.delivery.webhook import LONGEST, TRIES, Webhook
from digestor.errors import DeliveryError
from digestor.models import Code, Entry, Issue, Ledger, Message, Pick, Section
from digestor.protocols import Office, SendState
from tests.fakes import a_memory, a_paper, an_annotation, an_office

FORMATS: tuple[Format, ...] = ("slack", "discord", "matrix", "json")
SECRET = "T0SECRET/B0SECRET"


class Reply(NamedTuple):
    """What the server says."""

    status: int = 200
    body: bytes = b"ok"
    headers: tuple[tuple[str, str], ...] = ()


class Hook:
    """A server that keeps what it was posted, and answers as it is told; at the end of its script, 200."""

    def __init__(self, *script: Reply) -> None:
        self.script, self.got = list(script), list[dict[str, Any]]()
        self.paths, self.headers = list[str](), list[dict[str, str]]()
        self.heard = 0
        """Replies that were taken to their end."""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                hook.paths.append(self.path)
                hook.headers.append({key.lower(): value for key, value in self.headers.items()})
                reply = hook.script.pop(0) if hook.script else Reply()
                if reply.status == 0:  # read, and then nothing is said
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                with suppress(OSError):  # whoever posted has read enough
                    self.wfile.write(reply.body)
                    hook.heard += 1

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/services/{SECRET}"

    def __enter__(self) -> "Hook":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def an_entry(number: int, **fields: object) -> Entry:
    paper = a_paper(number, **{"url": f"https://arxiv.example/abs/{number}", **fields})
    code = Code(status="released", url=f"https://code.example/{number}") if number % 2 else Code()
    return Entry(paper=paper, annotation=an_annotation(paper, code=code))


def an_issue(sections: Sequence[Sequence[Entry]] | None = None, title: str = "Papers of the week") -> Issue:
    found = sections or [[an_entry(0)], [an_entry(number) for number in range(1, 6)]]
    papers = sum(map(len, found))
    return Issue(
        id="2026-W47",
        title=title,
        start=date(2026, 11, 16),
        end=date(2026, 11, 22),
        sections=tuple(
            Section(tag=f"t{number}", title=f"Topic {number}", entries=tuple(entries))
            for number, entries in enumerate(found)
        ),
        ledger=Ledger(read=papers, annotated=papers),
        pick=Pick(paper_id=found[0][0].paper.id, why="most votes (41)"),
    )


def a_message(issue: Issue | None = None) -> Message:
    issue = issue or an_issue()
    return Message(id=issue.id, subject=issue.title, formats={"json": issue.model_dump_json()})


class Waiting:
    """An office that does not wait, and remembers how long it would have, and what was told."""

    def __init__(self, url: str, again: bool = False) -> None:
        self.paused, self.told = list[float](), list[str]()
        self.store = a_memory()
        self.office = Office(
            self.store.sends, {"HOOK": url}, self.told.append, pause=self.paused.append, resend_unknown=again
        )

    def states(self, name: str = "webhook") -> dict[SendState, int]:
        return dict(self.store.sends.count(f"webhook {name}", "2026-W47"))


def a_webhook(format: Format = "json", **keys: object) -> Webhook:
    return Webhook.model_validate({"format": format, "url_env": "HOOK", **keys})


# posted once


@pytest.mark.parametrize("format", FORMATS)
def test_an_issue_is_posted_once_however_often_it_is_delivered(format: Format) -> None:
    with Hook() as hook:
        waiting = Waiting(hook.url)
        first = a_webhook(format).deliver(a_message(), waiting.office)
        second = a_webhook(format).deliver(a_message(), waiting.office)

    assert len(hook.got) == 1
    assert (first, second) == (["posted to webhook webhook"], [])
    assert waiting.states() == {"sent": 1}


def test_another_name_or_address_is_another_reader() -> None:
    with Hook() as one, Hook() as other:
        waiting = Waiting(one.url)
        for name in ("team", "lab"):
            a_webhook(name=name).deliver(a_message(), waiting.office)
        a_webhook(name="team").deliver(a_message(), waiting.office._replace(environ={"HOOK": other.url}))

    assert (len(one.got), len(other.got)) == (2, 1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_busy_is_tried_again(status: int) -> None:
    with Hook(Reply(status), Reply(status)) as hook:
        waiting = Waiting(hook.url)
        a_webhook().deliver(a_message(), waiting.office)

    assert len(hook.got) == 3
    assert len(waiting.paused) == 2
    assert waiting.states() == {"sent": 1}
    assert len({headers["idempotency-key"] for headers in hook.headers}) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, b'{"message": "You are being rate limited.", "retry_after": 1.5, "global": false}'),
        Reply(429, b"", (("Retry-After", "1.5"),)),
        Reply(429, b'{"retry_after": 1.5}', (("Retry-After", "2"),)),
    ],
)
def test_a_server_that_names_a_time_is_given_it(reply: Reply) -> None:
    with Hook(reply) as hook:
        waiting = Waiting(hook.url)
        a_webhook("discord").deliver(a_message(), waiting.office)

    assert waiting.paused == [1.5]


@pytest.mark.parametrize("said", [b"[1]", b"{", b'{"retry_after": "soon"}', b'{"retry_after": -1}', b"[" * 9999])
def test_a_time_that_is_none_is_not_believed(said: bytes) -> None:
    with Hook(Reply(429, said, (("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),))) as hook:
        waiting = Waiting(hook.url)
        a_webhook().deliver(a_message(), waiting.office)

    assert len(waiting.paused) == 1
    assert 0 <= waiting.paused[0] <= 1


def test_a_server_that_asks_for_too_long_is_left_for_another_run() -> None:
    with Hook(Reply(429, b"", (("Retry-After", str(LONGEST + 1)),))) as hook:
        waiting = Waiting(hook.url)
        with pytest.raises(DeliveryError, match="was not posted: HTTP 429"):
            a_webhook().deliver(a_message(), waiting.office)
        assert (waiting.paused, waiting.states()) == ([], {"retry": 1})

        a_webhook().deliver(a_message(), waiting.office)

    assert waiting.states() == {"sent": 1}


def test_patience_ends_and_the_next_run_posts() -> None:
    with Hook(*[Reply(503)] * TRIES) as hook:
        waiting = Waiting(hook.url)
        with pytest.raises(DeliveryError, match="was not posted: HTTP 503"):
            a_webhook().deliver(a_message(), waiting.office)
        assert len(hook.got) == TRIES

        a_webhook().deliver(a_message(), waiting.office)

    assert waiting.states() == {"sent": 1}


def test_a_refusal_is_told_in_the_server_s_words_and_not_repeated() -> None:
    with Hook(Reply(404, b"no_service")) as hook:
        waiting = Waiting(hook.url)
        with pytest.raises(DeliveryError, match=r"HTTP 404 \(no_service\)"):
            a_webhook("slack").deliver(a_message(), waiting.office)

    assert len(hook.got) == 1
    assert waiting.states() == {"retry": 1}


def test_a_server_that_has_moved_is_not_followed() -> None:
    with (
        Hook() as other,
        Hook(Reply(307, b"", (("Location", other.url),))) as hook,
        pytest.raises(DeliveryError, match="redirects are not followed"),
    ):
        a_webhook().deliver(a_message(), Waiting(hook.url).office)

    assert other.got == []


def test_where_nobody_listens_nothing_was_posted() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    waiting = Waiting(f"http://127.0.0.1:{port}/{SECRET}")

    with pytest.raises(DeliveryError, match="no secure connection"):
        a_webhook().deliver(a_message(), waiting.office)

    assert len(waiting.paused) == TRIES - 1
    assert waiting.states() == {"retry": 1}


# nobody can know


@pytest.mark.parametrize("status", [0, 502, 504])
def test_what_may_have_arrived_is_never_posted_again_by_itself(status: int) -> None:
    with Hook(Reply(status)) as hook:
        waiting = Waiting(hook.url)
        assert a_webhook().deliver(a_message(), waiting.office) == []
        assert waiting.states() == {"unknown": 1}

        assert a_webhook().deliver(a_message(), waiting.office) == []
        assert len(hook.got) == 1
        assert ["not known" in line and "--resend-unknown" in line for line in waiting.told] == [True, True]

        a_webhook().deliver(a_message(), waiting.office._replace(resend_unknown=True))

    assert len(hook.got) == 2
    assert waiting.states() == {"sent": 1}


def test_a_run_that_died_while_posting_is_not_repeated() -> None:
    class PowerCutError(BaseException):
        pass

    def cut(seconds: float) -> None:
        raise PowerCutError

    with Hook(Reply(503)) as hook:
        waiting = Waiting(hook.url)
        with pytest.raises(PowerCutError):
            a_webhook().deliver(a_message(), waiting.office._replace(pause=cut))
        assert waiting.states() == {"sending": 1}

        assert a_webhook().deliver(a_message(), waiting.office) == []

    assert len(hook.got) == 1
    assert "not known" in waiting.told[0]


@contextmanager
def a_doling_server() -> Iterator[str]:
    """It says one byte of a header after the other, each long before a read could time out, and in the end yes."""
    done = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def dole() -> None:
        connection, _ = listener.accept()
        with closing(connection):
            connection.recv(2**16)
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                for _ in range(200):
                    done.wait(0.05)
                    connection.sendall(b"a")
                connection.sendall(b"\r\nContent-Length: 0\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(2**16):  # closed on unread bytes, it would break off what it said
                    pass
            except OSError:
                return

    thread = threading.Thread(target=dole)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/{SECRET}"
    finally:
        done.set()
        thread.join()
        listener.close()


def test_a_server_that_doles_out_bytes_does_not_hold_us() -> None:
    with a_doling_server() as url:
        waiting = Waiting(url)
        a_webhook(timeout=2).deliver(a_message(), waiting.office)

    assert "no answer within 2 s" in waiting.told[0]
    assert waiting.states() == {"unknown": 1}


def test_an_endless_refusal_is_read_to_a_bound() -> None:
    with Hook(Reply(400, b"x" * 2**25)) as hook, pytest.raises(DeliveryError, match="HTTP 400"):
        a_webhook().deliver(a_message(), Waiting(hook.url).office)

    assert hook.heard == 0


# the address is a secret


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, f"Cannot POST {SECRET}".encode()),
        Reply(403, b'{"message": "T0SECRET is gone"}'),
        Reply(400, b"<html>no</html>"),
        Reply(302, b"", (("Location", "/elsewhere"),)),
    ],
)
def test_no_error_holds_the_address(reply: Reply) -> None:
    with Hook(reply) as hook:
        waiting = Waiting(hook.url)
        with pytest.raises(DeliveryError) as caught:
            a_webhook().deliver(a_message(), waiting.office)

    told = f"{caught.value!r} {caught.value} {caught.value.__cause__} {waiting.told}"
    assert "SECRET" not in told
    assert "127.0.0.1" not in told


def test_neither_does_the_ledger() -> None:
    class Spy:
        """The ledger, and all that it is told."""

        def __init__(self) -> None:
            self.told = list[object]()

        def claim(self, *given: object) -> None:
            self.told += given

        def settle(self, *given: object) -> None:
            self.told += given

    with Hook() as hook:
        spy: Any = Spy()
        a_webhook().deliver(a_message(), an_office()._replace(sends=spy, environ={"HOOK": hook.url}))

    assert "2026-W47" in spy.told
    assert "SECRET" not in str(spy.told)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("", "not set"),
        ("http://hooks.example/x", "not https"),
        ("http://127.0.0.1.evil.example/x", "not https"),
        ("ftp://127.0.0.1/x", "not https"),
        ("hooks.example/x", "no address"),
        ("https://", "no address"),
        ("https://me:word@hooks.example/x", "no address"),
        ("https://hooks.example:99999/x", "no address"),
        ("https://[::1/x", "no address"),
        ("https://hooks.example/a b", "no address"),
        ("https://hooks.example/a\nHost: b", "no address"),
    ],
)
def test_an_address_that_must_not_be_posted_to_is_refused_unseen(url: str, what: str) -> None:
    with pytest.raises(DeliveryError, match=what) as caught:
        a_webhook().deliver(a_message(), Waiting(url).office)

    assert "HOOK" in str(caught.value)
    assert len(url) < 9 or url not in str(caught.value)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))
    got = list[bytes]()

    def serve() -> None:
        for _ in range(TRIES):
            connection, _ = listener.accept()
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) as secured:
                        got.append(secured.recv(2**16))
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    with closing(listener):
        waiting = Waiting(f"https://127.0.0.1:{listener.getsockname()[1]}/{SECRET}")
        with pytest.raises(DeliveryError, match="no secure connection"):
            a_webhook().deliver(a_message(), waiting.office)
        thread.join()

    assert b"".join(got) == b""


def test_discord_is_asked_to_answer_when_it_knows() -> None:
    with Hook() as hook:
        a_webhook("discord").deliver(a_message(), Waiting(f"{hook.url}?thread_id=7#x").office)

    assert hook.paths == [f"/services/{SECRET}?thread_id=7&wait=true"]


@pytest.mark.parametrize(
    "keys",
    [
        {"format": "teams"},
        {"url_env": "https://hooks.example/x"},
        {"name": "a\nb"},
        {"page_url": "javascript:alert(1)"},
        {"papers": 0},
        {"timeout": float("inf")},
        {"url": "https://hooks.example/x"},
    ],
)
def test_a_key_that_makes_no_sense_is_refused_with_the_config(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        a_webhook().model_validate({"format": "json", "url_env": "HOOK", **keys})


# what is in it


def posted(
    format: Format, issue: Issue, page: str | None = "https://me.example/2026-W47.html", size: Size | None = None
) -> Any:
    return post(format, gist(a_message(issue)), page, size or Size())


@pytest.mark.parametrize("format", FORMATS)
def test_a_post_has_the_numbers_the_pick_the_largest_sections_the_ledger_and_the_page(format: Format) -> None:
    text = json.dumps(posted(format, an_issue()), ensure_ascii=False)

    assert "6 papers, 3 with code" in text
    assert "most votes (41)" in text
    assert text.index("Topic 1") < text.index("Topic 0")
    assert "https://arxiv.example/abs/1" in text
    assert "https://code.example/1" in text
    assert "https://me.example/2026-W47.html" in text
    assert ("6 papers read" in text) or '"read": 6' in text


def test_a_program_is_given_every_paper() -> None:
    found = posted("json", an_issue(), size=Size(1, 1))

    assert [len(section["papers"]) for section in found["sections"]] == [5, 1]
    assert found["pick"]["why"] == "most votes (41)"
    assert (found["id"], found["start"], found["version"]) == ("2026-W47", "2026-11-16", 1)


@pytest.mark.parametrize("format", FORMATS)
def test_a_message_without_its_json_form_is_a_post_of_its_title(format: Format) -> None:
    found = post(format, gist(Message(id="2026-W47", subject="Papers <of> the week", formats={"md": "x"})))

    assert "Papers" in json.dumps(found)
    assert "None" not in json.dumps(found)


def test_an_empty_issue_can_be_posted() -> None:
    empty = Issue(
        id="2026-W47", title="x", start=date(2026, 11, 16), end=date(2026, 11, 22), sections=(), ledger=Ledger()
    )

    for format in FORMATS:
        assert "0 papers" in json.dumps(posted(format, empty))


HOSTILE = (
    "<!channel> <@U123> @everyone @here @room <#C1> <@&7> [a](https://evil.example) *b* _c_ `d` ~e~ ||f|| "
    "</a><script>alert(1)</script> &amp; :tada: <https://evil.example|g> https://evil.example \u202e # h"
)


def hostile_issue() -> Issue:
    entry = an_entry(1, title=HOSTILE, url="https://arxiv.example/a|b>c)d e\"f'<g")
    annotation = entry.annotation.model_copy(update={"summary": HOSTILE})
    made = an_issue([[Entry(paper=entry.paper, annotation=annotation)]], title=HOSTILE)
    section = made.sections[0].model_copy(update={"title": HOSTILE})
    return made.model_copy(update={"sections": (section,), "pick": Pick(paper_id="p1", why=HOSTILE)})


@pytest.mark.parametrize("format", ["slack", "discord", "matrix"])
def test_nobody_is_called_whatever_a_title_says(format: Format) -> None:
    text = json.dumps(posted(format, hostile_issue()), ensure_ascii=False)

    assert not re.search(r"@(everyone|here|room|U123|&)", text)
    assert format == "matrix" or "<!channel" not in text.replace("\\\\<", "")


def test_in_slack_every_tag_is_a_link_of_ours() -> None:
    found = posted("slack", hostile_issue())

    for block in found["blocks"][1:]:
        text = block["text"] if "text" in block else block["elements"][0]
        assert text["verbatim"] is True
        for tag in re.findall(r"<([^>]*)>", text["text"]):
            assert re.match(r"https://(arxiv|code|me)\.example/[^|]*\|[^|<>]*", tag), tag
    assert "*b*" not in json.dumps(found)


def test_in_discord_nothing_of_a_title_is_markdown() -> None:
    found = posted("discord", hostile_issue())

    assert found["allowed_mentions"] == {"parse": []}
    for embed in found["embeds"]:
        text = re.sub(r"\\.", "", embed.get("description", ""))
        text = re.sub(r"\[[^\[\]]*\]\(https://(arxiv|code)\.example/[^()\s]*\)", "", text)
        assert not re.search(r"[*_`~|<>\[\]]|https?:", text.removeprefix("- ")), text


def test_in_matrix_nothing_of_a_title_is_html() -> None:
    found = posted("matrix", hostile_issue())

    tags = set(re.findall(r"</?(\w+)", found["formatted_body"]))
    assert tags <= {"h4", "p", "strong", "br", "a", "ul", "li"}
    assert set(re.findall(r'href="(https://\w+)', found["formatted_body"])) == {
        "https://arxiv", "https://code", "https://me"
    }  # fmt: skip
    assert found["m.mentions"] == {}
    assert (found["text"], found["html"]) == (found["body"], found["formatted_body"])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/x", "", None, "https://", "https://[::1", "https://a.example/" + "x" * 999]
)
def test_what_is_no_web_address_is_no_link(url: str | None) -> None:
    assert linkable(url) is None


def test_discord_is_sent_no_more_embeds_than_it_takes() -> None:
    sections = [[an_entry(number, title="short")] for number in range(20)]

    assert len(posted("discord", an_issue(sections), size=Size(20, 1))["embeds"]) == 10


TITLES = st.text(min_size=1, max_size=600).map(lambda text: " ".join(text.split()) or "x")


def within_limits(format: Format, found: dict[str, Any]) -> None:
    """The limits that the servers' documents name."""
    json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
    if format == "slack":
        assert len(found["blocks"]) <= 50
        assert length(found["text"]) <= 3000
        for block in found["blocks"]:
            texts = [block["text"]] if "text" in block else block["elements"]
            for text in texts:
                assert 1 <= length(text["text"]) <= (150 if block["type"] == "header" else 3000)
    if format == "discord":
        assert 1 <= length(found["content"]) <= 2000
        assert len(found["embeds"]) <= 10
        total = 0
        for embed in found["embeds"]:
            parts = [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
            assert [length(part) <= most for part, most in zip(parts, (256, 4096, 2048), strict=True)] == [True] * 3
            total += sum(map(length, parts))
        assert total <= DISCORD_ALL
    if format == "matrix":
        event = {key: found[key] for key in ("msgtype", "body", "format", "formatted_body", "m.mentions")}
        assert len(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")) < 16_000


@pytest.mark.parametrize("format", ["slack", "discord", "matrix"])
@pytest.mark.parametrize("papers", [1, 24, 60, 255])
def test_an_issue_of_any_size_is_within_the_limits(format: Format, papers: int) -> None:
    entries = [an_entry(number, title=f"{'A title of some length ' * 9}{number}") for number in range(papers)]
    sections = [entries[start : start + 9] for start in range(0, papers, 9)]

    within_limits(format, posted(format, an_issue(sections), size=Size(20, 10)))


@pytest.mark.parametrize("format", ["slack", "discord", "matrix"])
@given(st.lists(TITLES, min_size=1, max_size=4))
def test_any_titles_are_within_the_limits(format: Format, titles: list[str]) -> None:
    entries = []
    for number, title in enumerate(titles):
        entry = an_entry(number)
        paper = entry.paper.model_copy(update={"title": title, "url": f"https://a.example/{'&' * number * 99}"})
        said = entry.annotation.model_copy(update={"summary": title})
        entries.append(Entry(paper=paper, annotation=said))
    issue = an_issue([entries] * 3, title=titles[0])

    within_limits(format, posted(format, issue))
