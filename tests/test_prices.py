"""What tokens cost, and who says so."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestor.client.prices import Price, cost, divided, price
from digestor.client.terms import Usage

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

OPENAI = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("model", "url", "provider"),
    [
        ("gpt-5-mini", OPENAI, "openai gpt-5-mini"),
        ("GPT-5-mini ", "https://API.OpenAI.com:443/v1/", "openai gpt-5-mini"),
        ("claude-sonnet-4-5", "https://api.anthropic.com/v1", "anthropic claude-sonnet-4-5"),
        ("mistral-small-latest", "https://api.mistral.ai/v1", "mistral mistral-small-latest"),
        ("llama-3.3-70b-versatile", "https://api.groq.com/openai/v1", "groq llama-3.3-70b-versatile"),
        ("gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/openai", "google gemini-2.5-flash"),
        ("deepseek-chat", "https://api.deepseek.com", "deepseek deepseek-chat"),
        ("openai/gpt-5-mini", "https://openrouter.ai/api/v1", "openrouter openai/gpt-5-mini"),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "https://api.together.ai/v1", "together meta-llama/Llama-3.3"),
        ("openai/gpt-oss-120b", "https://router.huggingface.co/cerebras", "huggingface_cerebras"),
        ("gpt-4.1-mini", "https://someone.openai.azure.com/openai/v1", "azure gpt-4.1-mini"),
    ],
)
def test_the_provider_is_known_by_its_host_and_the_model_by_its_name(model: str, url: str, provider: str) -> None:
    found = price(model, url, {})

    assert found is not None
    assert found.source.startswith("genai-prices ")
    assert f": {provider}" in found.source
    assert 0 < found.input <= found.output
    assert found.cached is None or found.cached < found.input


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("gpt-nonsense", OPENAI),
        ("", OPENAI),
        ("gpt-5-mini", "https://llm.example.com/v1"),
        ("gpt-5-mini", "http://127.0.0.1:8000/v1"),
        ("gpt-5-mini", "http://[::1]:8000/v1"),
        ("gpt-5-mini", "http://192.168.1.7/v1"),
        ("gpt-5-mini", "http://localhost:11434/v1"),
        ("gpt-5-mini", "http://vllm:8000/v1"),
        ("gpt-5-mini", "http://box.local/v1"),
        ("gpt-5-mini", "https://example.com/?https://api.openai.com"),
        ("gpt-5-mini", "https://api.openai.com@example.com/v1"),
        ("gpt-5-mini", "https://api.openai.com.example.com/v1"),
        ("gpt-5-mini", "http://[::1"),
        ("gpt-5-mini", ""),
        ("sonar", "https://api.perplexity.ai"),
        ("text-embedding-3-small", OPENAI),
    ],
)
def test_there_is_no_price_where_nobody_knows_one(model: str, url: str) -> None:
    assert price(model, url, {}) is None


def test_a_price_in_the_config_goes_before_every_other() -> None:
    given = {"input_price": 0.5, "output_price": 2, "cached_price": 0.05}

    assert price("mine", "http://127.0.0.1/v1", given) == Price(0.5, 2, 0.05, "the config")
    assert price("gpt-5-mini", OPENAI, {"input_price": 0, "output_price": 0}) == Price(0, 0, None, "the config")


def test_a_price_in_the_config_is_completed_by_what_is_known() -> None:
    known, mixed = price("gpt-5-mini", OPENAI, {}), price("gpt-5-mini", OPENAI, {"output_price": 9.0})

    assert known is not None
    assert mixed == known._replace(output=9.0, source=f"{known.source}; and the config")


def test_writing_to_the_cache_costs_what_the_config_says_of_input_where_it_does() -> None:
    url = "https://api.anthropic.com/v1"
    known, mixed = price("claude-sonnet-4-5", url, {}), price("claude-sonnet-4-5", url, {"input_price": 9.0})

    assert known is not None
    assert mixed is not None
    assert (known.written or 0) > known.input
    assert mixed.written is None


def test_half_a_price_is_none() -> None:
    assert price("mine", "http://127.0.0.1/v1", {"input_price": 1.0}) is None


@pytest.mark.parametrize("odd", [-1.0, float("nan"), float("inf"), None, "3", True])
def test_a_price_that_is_none_is_as_if_not_given(odd: Any) -> None:
    assert price("mine", "http://127.0.0.1/v1", {"input_price": odd, "output_price": 1.0}) is None
    assert price("gpt-5-mini", OPENAI, {"input_price": odd}) == price("gpt-5-mini", OPENAI, {})


def test_a_price_that_rises_with_length_is_the_dearest_that_a_request_can_reach() -> None:
    short = price("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai", {}, longest=200_000)
    long = price("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai", {}, longest=200_001)

    assert short is not None
    assert long is not None
    assert short.input < long.input
    assert short.output < long.output
    assert long == price("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai", {})


def test_a_price_counts_from_the_day_it_begins() -> None:
    before = price("mistral-small-latest", "https://api.mistral.ai/v1", {}, day=date(2026, 3, 15))
    after = price("mistral-small-latest", "https://api.mistral.ai/v1", {}, day=date(2026, 3, 16))

    assert before is not None
    assert after is not None
    assert before.input < after.input
    assert after == price("mistral-small-latest", "https://api.mistral.ai/v1", {})


def test_a_price_that_changes_with_the_hour_is_the_dearest() -> None:
    found = price("deepseek-chat", "https://api.deepseek.com", {})

    assert found is not None
    assert (found.input, found.output, found.cached) == (0.27, 1.1, 0.07)


def test_the_cost_has_cached_and_written_tokens_apart_and_reasoning_in_the_output() -> None:
    usage = Usage(tokens_in=1_000_000, cached=500_000, tokens_out=100_000, reasoning=90_000, written=100_000)

    assert cost(Price(1.0, 10.0, 0.1, "", 2.0), usage) == pytest.approx(0.4 + 0.05 + 0.2 + 1.0)
    assert cost(Price(1.0, 10.0, None, ""), usage) == pytest.approx(1.0 + 1.0)


@UNHURRIED
@given(*[st.integers(-10, 100)] * 5)
def test_the_parts_of_the_input_add_up_whatever_a_server_claims(
    one: int, two: int, three: int, four: int, five: int
) -> None:
    usage = Usage(one, two, three, four, five)

    assert sum(divided(usage)) == max(one, 0)
    assert min(divided(usage)) >= 0
    assert cost(Price(1.0, 10.0, 0.1, ""), usage) >= 0


@UNHURRIED
@given(model=st.text(max_size=20), url=st.text(max_size=30) | st.builds("https://api.openai.com/{}".format, st.text()))
def test_no_model_and_no_address_makes_it_fail(model: str, url: str) -> None:
    price(model, url, {})


def test_who_gives_the_price_does_not_wait_for_the_list() -> None:
    code = (
        "import sys; from digestor.client.prices import price;"
        "price('m', 'https://api.openai.com/v1', {'input_price': 1.0, 'output_price': 1.0});"
        "price('m', 'http://127.0.0.1/v1', {}); sys.exit('genai_prices' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
