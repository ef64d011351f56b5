"""The web: which addresses are asked at all."""

from contextlib import closing, suppress
from ipaddress import ip_address
from threading import Event

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.protocols import Ask
from digestor.web import Web
from digestor.web.addresses import checked, public
from digestor.web.dialling import Dialler, looked_up
from digestor.web.failures import FailedError
from tests.fakes import Clock, Cupboard
from tests.hosting import Answer, Host
from tests.internet import Names, Told, Wires, secure, trusting, tunnel

PUBLIC = "93.184.215.14"
OURS = [
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::808:808",
    "2002:7f00:1::",
    "2001:0:1::",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", OURS)
def test_addresses_of_this_machine_and_network_are_known(address: str) -> None:
    assert not public(ip_address(address))


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.215.14", "64:ff9b::93.184.215.14"])
def test_addresses_that_everybody_can_reach_are_known(address: str) -> None:
    assert public(ip_address(address))


@pytest.mark.parametrize("address", [*OURS, "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1.", "0"])
def test_a_number_of_this_machine_or_network_is_refused_however_it_is_spelt(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with Told(wires=Wires({})) as told, pytest.raises(SourceError):
        told.get(Ask(f"https://{host}/feed"))


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["fe80::1%2"], ["::ffff:192.168.0.1"], ["x"]]
)
def test_a_name_that_stands_for_one_is_refused_before_anything_is_sent(addresses: list[str]) -> None:
    wires = Wires({})
    with Told(Names(papers_example=addresses), wires) as told, pytest.raises(SourceError) as caught:
        told.get(Ask("https://papers.example/feed"))

    assert caught.value.where == "papers.example"
    assert "stands for an address of this machine or this network" in caught.value.what
    assert "allow_private" in caught.value.todo
    assert wires.called == []


def test_the_connection_goes_to_the_address_that_was_checked_and_not_to_the_name() -> None:
    with secure("papers.example") as host:
        host.routes["/feed"] = Answer("news")
        wires = Wires({(PUBLIC, 443): host.port})
        with Told(Names(papers_example=[PUBLIC]), wires) as told:
            reply = told.get(Ask("http://papers.example/feed"))

    assert reply.body == b"news"
    assert reply.url == "https://papers.example/feed"
    assert (wires.called, told.names.asked) == ([(PUBLIC, 443)], ["papers.example"])
    assert host.asked[0].headers["host"] == "papers.example"


def test_the_next_address_of_a_name_is_tried_where_the_first_does_not_answer() -> None:
    with secure("papers.example") as host:
        host.routes["/feed"] = Answer("news")
        wires = Wires({(PUBLIC, 443): host.port})
        with Told(Names(papers_example=["2606:2800:220:1::1", PUBLIC]), wires) as told:
            assert told.get(Ask("https://papers.example/feed")).body == b"news"

    assert [address for address, _ in wires.called] == ["2606:2800:220:1::1", PUBLIC]


def test_a_connection_to_a_private_address_is_not_used_for_who_may_not() -> None:
    with secure("papers.example") as host:
        host.routes["/feed"] = Answer("news")
        names = Names(papers_example=["10.0.0.1"])
        with Told(names, Wires({("10.0.0.1", 443): host.port})) as told:
            told.get(Ask("https://papers.example/feed", private=True))

            with pytest.raises(SourceError, match="stands for an address of this machine"):
                told.get(Ask("https://papers.example/feed", fresh=0))


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("", "is no address of the web"),
        ("feed.xml", "is no address of the web"),
        ("ftp://papers.example/", "is no address of the web"),
        ("file:///etc/passwd", "is no address of the web"),
        ("javascript:alert(1)", "is no address"),
        ("https:///feed", "has no host"),
        ("https://pa pers.example/", "has no host"),
        ("https://papers..example/", "has no host"),
        (f"https://{'a' * 64}.example/", "has no host"),
        ("https://.example/", "has no host"),
        ("https://papers.example:99999/", "has no port"),
        ("https://papers.example:x/", "is no address"),
        ("https://papers.example/\nX: y", "is no address"),
        ("https://papers.example/\ud800", "is no address"),
        ("https://xn--zzzzzz.example:0/", "has no port 0"),
        ("https://[::1/", "is no address"),
        ("https://me:tiger77@papers.example/", "has a name or a password in its address"),
        ("https://papers.example:22/", "is not asked at port 22"),
        ("http://papers.example:8080/", "is not asked without encryption"),
    ],
)
def test_what_is_no_address_to_be_asked_is_an_error_that_says_why(url: str, what: str) -> None:
    with Told(wires=Wires({})) as told, pytest.raises(SourceError) as caught:
        told.get(Ask(url, query=(("q", "secret words"),)))

    assert what in caught.value.what
    assert caught.value.todo
    assert "tiger77" not in str(caught.value)
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_an_address_or_a_source_error(text: str, private: bool) -> None:
    for url in (text, f"https://{text}", f"https://papers.example{text}"):
        with suppress(SourceError):
            assert checked(url, private).scheme in ("http", "https")


def test_a_name_that_nobody_knows_is_not_tried_again() -> None:
    with Told(Names(), Wires({})) as told, pytest.raises(SourceError, match="there is no host of that name"):
        told.get(Ask("https://papers.example/feed"))

    assert told.names.asked == ["papers.example"]


def test_a_name_that_is_looked_up_for_ever_is_given_up() -> None:
    never = Event()

    def resolve(host: str, port: int) -> list[str]:
        never.wait()
        return []

    try:
        with pytest.raises(FailedError, match="could not be looked up in time") as caught:
            looked_up(resolve, "papers.example", 443, 0.05)
    finally:
        never.set()

    assert caught.value.again


def test_a_certificate_of_somebody_else_is_said_to_be_one() -> None:
    with secure("other.example") as host:
        wires = Wires({(PUBLIC, 443): host.port})
        with Told(Names(papers_example=[PUBLIC]), wires) as told, pytest.raises(SourceError) as caught:
            told.get(Ask("https://papers.example/feed"))

    assert "its certificate is not trusted (Hostname mismatch" in caught.value.what
    assert len(wires.called) == 1


def test_a_site_that_does_not_speak_tls_is_said_not_to(host: Host) -> None:
    wires = Wires({(PUBLIC, 443): host.port})
    with Told(Names(papers_example=[PUBLIC]), wires) as told, pytest.raises(SourceError) as caught:
        told.get(Ask("https://papers.example/feed"))

    assert "no secure connection could be made" in caught.value.what


def through(host: Host, url: str, private: bool = True) -> bytes:
    """What is got of an address by way of a proxy."""
    with closing(Web(Cupboard(), clock=Clock(), proxies=lambda url: host.url, resolve=Names())) as web:
        return web.get(Ask(url, private=private)).body


def test_with_a_proxy_it_is_the_proxy_that_looks_names_up(host: Host) -> None:
    host.routes["/feed"] = Answer("news")

    assert through(host, "http://papers.example/feed") == b"news"
    assert host.asked[0].headers["host"] == "papers.example"


def test_a_proxy_sees_which_host_is_asked_and_nothing_of_the_request() -> None:
    with secure("papers.example") as host, tunnel(host.port) as (address, asked):
        host.routes["/feed"] = Answer("news", gzipped=True)
        web = Web(Cupboard(), clock=Clock(), proxies=lambda url: address, tls=trusting(), resolve=Names())
        with closing(web):
            got = [web.get(Ask("https://papers.example/feed", fresh=0)).body for _ in range(2)]

    assert got == [b"news", b"news"]
    (head,) = asked
    assert head.startswith(b"CONNECT papers.example:443 ")
    assert b"Proxy-Authorization: Basic bWU6dGlnZXI3Nw==" in head
    assert b"/feed" not in head
    assert "proxy-authorization" not in host.asked[0].headers


def test_a_proxy_that_lets_nothing_through_is_named_and_nothing_of_it_is_shown(host: Host) -> None:
    with pytest.raises(SourceError, match=r"is not let through by the proxy on the way \(HTTP 501\)"):
        through(host, "https://papers.example/feed")


def test_a_number_of_this_network_is_refused_with_a_proxy_too(host: Host) -> None:
    with pytest.raises(SourceError, match="is an address of this machine or this network"):
        through(host, "https://10.0.0.1/feed", private=False)


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:9", "nonsense", "http://[", "ftp://proxy.example", "http://127.0.0.1:1"]
)
def test_a_proxy_that_cannot_be_used_is_an_error(proxy: str) -> None:
    web = Web(Cupboard(), clock=Clock(), proxies=lambda url: proxy)
    with closing(web), pytest.raises(SourceError, match="proxy"):
        web.get(Ask("https://papers.example/feed"))


def test_time_that_is_up_ends_every_step(host: Host) -> None:
    dialler = Dialler(Names(), httpcore2.SyncBackend(), private=True, proxied=False)
    dialler.begin(60)
    stream = dialler.connect_tcp("127.0.0.1", host.port)
    dialler.begin(0)

    with pytest.raises(httpcore2.ReadTimeout):
        stream.read(1)
    with pytest.raises(httpcore2.WriteTimeout):
        stream.write(b"x")
    with pytest.raises(httpcore2.ConnectTimeout):
        dialler.connect_tcp("127.0.0.1", host.port)
    stream.close()
