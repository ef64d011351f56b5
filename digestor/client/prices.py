"""What a model's tokens cost, in US dollars: as the config says, or as genai-prices knows (offline; never updated)."""

import ipaddress
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from digestor.client.terms import Usage

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice

GIVEN = "the config"
SAME = {"api.together.ai": "api.together.xyz"}
"""Hosts that are another by a second name -> the one that genai-prices knows."""
AT_HOME = (".local", ".localhost", ".internal", ".lan", ".home", ".home.arpa")


class Price(NamedTuple):
    """US dollars for a million tokens."""

    input: float
    output: float
    """Of tokens thought and not said, too."""
    cached: float | None
    """Of input that the server had in its prompt cache; None where that is no cheaper, as far as is known."""
    source: str
    """For a user: `genai-prices 0.2.3: openai gpt-5-mini`, or `the config`."""
    written: float | None = None
    """Of input that the server puts into its prompt cache; None where that costs no more, as far as is known."""


def price(
    model: str, url: str, given: Mapping[str, float], *, day: date | None = None, longest: int | None = None
) -> Price | None:
    """The price of a model at an address (the base URL), or None where nobody knows it.

    given: `input_price`, `output_price` and `cached_price` of the config, in US dollars for a million tokens; each
        goes before what genai-prices says. One that is no price (negative, not finite) is as if not given.
    day: a price that begins later is left out; without it, the newest listed counts. A price that changes with the
        time of day counts as the dearest of them.
    longest: the tokens of the longest request to be sent; a price for requests longer than that is left out. Without
        it, a price that rises with length counts as the dearest, so that a budget holds.

    A host of one's own (loopback, private network) has no price that we know of. Nor has a model that is charged by
    the request, or whose input or output has no price. No argument makes this raise.
    """
    own = {key: value for key, value in given.items() if _is_price(value)}
    known = None if {"input_price", "output_price"} <= own.keys() else _known(model, url, day, longest)
    if known is None and not {"input_price", "output_price"} <= own.keys():
        return None
    return Price(
        input=own["input_price"] if known is None else own.get("input_price", known.input),
        output=own["output_price"] if known is None else own.get("output_price", known.output),
        cached=own.get("cached_price", known.cached if known else None),
        source=GIVEN if known is None else f"{known.source}; and {GIVEN}" if own else known.source,
        written=known.written if known and "input_price" not in own else None,
    )


def cost(price: Price, usage: Usage) -> float:
    """US dollars for what a reply took.

    Tokens read from the server's cache, and those written into it, are part of the input and have a price of their
    own; reasoning is part of the output.
    """
    fresh, cached, written = divided(usage)
    read = fresh * price.input
    read += cached * (price.input if price.cached is None else price.cached)
    read += written * (price.input if price.written is None else price.written)
    return (read + max(usage.tokens_out, 0) * price.output) / 1e6


def divided(usage: Usage) -> tuple[int, int, int]:
    """The input tokens by what they cost: fresh, cached, written. They add up, whatever a server claims."""
    whole = max(usage.tokens_in, 0)
    cached = min(max(usage.cached, 0), whole)
    written = min(max(usage.written, 0), whole - cached)
    return whole - cached - written, cached, written


def _is_price(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _known(model: str, url: str, day: date | None, longest: int | None) -> Price | None:
    """What genai-prices says. Importing it takes a third of a second, so only who asks pays for it."""
    address = _address(url)
    if address is None or not model.strip():
        return None
    from genai_prices.data_snapshot import get_snapshot

    snapshot = get_snapshot()
    for provider in snapshot.providers:
        match = re.match(provider.api_pattern, address)
        if match is None or (match[0][-1] not in "./" and address[match.end() :][:1] not in ("", "/")):
            continue  # api.openai.com.example.com is not api.openai.com
        info = provider.find_model(model.strip().lower(), all_providers=snapshot.providers)
        if info is not None:
            source = f"genai-prices {version('genai-prices')}: {provider.id} {info.id}"
            return _listed(_current(info, day), source, longest)
    return None


def _address(url: str) -> str | None:
    """The address as genai-prices has its patterns: https, lower case, no port and no secrets; None for one's own."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if "." not in host or host.endswith(AT_HOME):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return f"https://{SAME.get(host, host)}{parts.path or '/'}"
    return None


def _current(info: "ModelInfo", day: date | None) -> "list[ModelPrice]":
    """The prices that may hold on a day: the newest one, and those for hours of the day that stand after it."""
    if not isinstance(info.prices, list):
        return [info.prices]
    current: list[ModelPrice] = []
    for condition in info.prices:
        start: date | None = getattr(condition.constraint, "start_date", None)
        if condition.constraint is None or (start is not None and (day is None or start <= day)):
            current = [condition.prices]
        elif start is None:
            current.append(condition.prices)
    return current


def _listed(prices: "list[ModelPrice]", source: str, longest: int | None) -> Price | None:
    if not prices or any(one.requests_kcount for one in prices):
        return None
    reads = _dearest([one.input_mtok for one in prices], longest)
    writes = _dearest([one.output_mtok for one in prices], longest)
    if reads is None or writes is None:
        return None
    cached, written = ([getattr(one, key) for one in prices] for key in ("cache_read_mtok", "cache_write_mtok"))
    return Price(reads, writes, _dearest(cached, longest), source, _dearest(written, longest))


def _dearest(prices: Sequence[Any], longest: int | None) -> float | None:
    """The highest of some prices (Decimal or TieredPrices), and of their tiers that a request can reach.

    None where one of them is missing.
    """
    if None in prices:
        return None
    tiers = [tier for one in prices for tier in getattr(one, "tiers", ())]
    reached = [tier.price for tier in tiers if longest is None or longest > tier.start]
    return float(max([getattr(one, "base", one) for one in prices] + reached))
