"""The settings of the llm annotator, and what they come to: server, key, price, name of the asker."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator

from digestor import prompt as prompts
from digestor.annotators import asking, judging
from digestor.client.prices import Price, price
from digestor.errors import ConfigError
from digestor.prompt import Prompt
from digestor.protocols import Vocabulary

PLAIN, PERSONAL = "annotate/v1", "annotate/v2"
"""The prompts that are used where none is named: without a reader to judge for, and with one."""
OPENAI = "https://api.openai.com/v1"
LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Languages a line may be written in, as a prompt names them."""
THINKS = re.compile(r"(?:^|/)(?:o\d|gpt-[5-9])|reason|think|magistral|qwq|-r1\b", re.IGNORECASE)
THOUGHT = 8_000
"""Tokens a reply that models with such a name get to think in, before it is known what they use."""
FAST, SLOW = 120.0, 600.0
"""Seconds a reply may take; the second for a model on this machine, which is slow and not lost."""
LONGEST = 40_000
"""Tokens of the longest request, for prices that depend on it."""
RESERVED = frozenset("messages model response_format stream n tools max_tokens max_completion_tokens".split())


class Settings(BaseModel):
    """A chat model and how to ask it. Only the model must be named; limits are learnt from the server's replies."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: Literal["llm"] = "llm"
    model: str = Field(min_length=1)
    base_url: str | None = None
    """Of any server that speaks the OpenAI format; else OPENAI_BASE_URL; else OpenAI's."""
    api_key_env: str = "OPENAI_API_KEY"
    """The environment variable with the key; a server named by base_url may need none."""
    papers_per_request: PositiveInt = Field(24, le=200)
    concurrency: PositiveInt | None = Field(None, le=1000)
    """Requests at once; None: learnt, from 8 up to 64."""
    requests_per_minute: PositiveFloat | None = None
    tokens_per_minute: PositiveFloat | None = None
    max_cost: float | None = Field(None, ge=0)
    """US dollars a run."""
    max_requests: PositiveInt | None = None
    timeout: PositiveFloat | None = None
    """Seconds a reply may take; None: 120, or 600 for a model on this machine."""
    structured: Literal["auto", "json_schema", "json_object", "prompt"] = "auto"
    """How the server is told to answer in JSON; auto: as strictly as it takes."""
    context: PositiveInt | None = None
    """Tokens of the model's context; None: learnt when the server complains."""
    language: str = "en"
    prompt: str = PLAIN
    """Where it is not named, and the reader's interests are known: annotate/v2."""
    prompts: Path | None = None
    """A folder of your own prompts."""
    mode: Literal["now", "batch"] = "now"
    """batch: the provider's Batch API, at half the price, within a day."""
    input_price: float | None = Field(None, ge=0)
    output_price: float | None = Field(None, ge=0)
    cached_price: float | None = Field(None, ge=0)
    """US dollars a million tokens, in place of the table's."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Whatever else the server takes: temperature, reasoning_effort, ..."""

    @field_validator("language")
    @classmethod
    def _known(cls, language: str) -> str:
        if language not in LANGUAGES:
            raise ValueError(f"name a language by its code: {', '.join(LANGUAGES)}")
        return language

    @field_validator("parameters")
    @classmethod
    def _free(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(RESERVED & parameters.keys()):
            raise ValueError(f"{', '.join(taken)} cannot be set here")
        return parameters

    @field_validator("base_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError("an address begins with http:// or https://, such as http://localhost:8080/v1")
        return url

    def signature(self, vocabulary: Vocabulary, reader: str = "") -> str:
        """`MODEL annotate/v1@` and a hash of all that is asked, and the version of the rules that judge the answer."""
        return f"{self.asker(vocabulary, reader)}/{judging.VERSION}"

    def asker(self, vocabulary: Vocabulary, reader: str = "") -> str:
        """The signature without the judging: what answers are kept by, for they were paid for."""
        prompt = self.loaded(reader)
        fixed = asking.system(prompt, vocabulary, self.spoken, reader)
        return asking.asker(self.model, prompt, fixed, self.parameters, asking.answer(prompt, reader))

    def secrets(self, environ: Mapping[str, str]) -> list[str]:
        """The key, unless the server is somebody else's and the config does not name one."""
        own = self.url(environ) != OPENAI and "api_key_env" not in self.model_fields_set
        return [] if own else [self.api_key_env]

    def check(self, vocabulary: Vocabulary, environ: Mapping[str, str], reader: str = "") -> list[tuple[str, str]]:
        """Server, prompt and price. Raises ConfigError: no such prompt, or a budget that cannot be kept."""
        prompt = self.loaded(reader)
        asking.system(prompt, vocabulary, self.spoken, reader)
        known = self.price(environ)
        if self.max_cost is not None and known is None:
            todo = "give input_price and output_price (US dollars a million tokens), or use max_requests instead"
            raise ConfigError("max_cost", f"no price is known for {self.model} at {self.host(environ)}", todo)
        said = f"${known.input:g} in, ${known.output:g} out a million tokens ({known.source})" if known else "not known"
        return [("server", self.url(environ)), ("prompt", f"{prompt.name}@{prompt.hash}"), ("price", said)]

    # what the settings come to

    @property
    def spoken(self) -> str:
        """The language as the prompt names it."""
        return LANGUAGES[self.language]

    def loaded(self, reader: str = "") -> Prompt:
        """The prompt, for this reader if there is one. What the user named is taken as it is. Raises ConfigError."""
        free = not {"prompt", "prompts"} & self.model_fields_set
        name = PERSONAL if free and asking.description(reader) else self.prompt
        return prompts.load(name, self.prompts, asking.BLOCKS)

    def url(self, environ: Mapping[str, str]) -> str:
        """Where the server is."""
        return (self.base_url or environ.get("OPENAI_BASE_URL", "").strip() or OPENAI).rstrip("/")

    def host(self, environ: Mapping[str, str]) -> str:
        """The server's name, for messages."""
        return urlsplit(self.url(environ)).netloc.rpartition("@")[2]

    def price(self, environ: Mapping[str, str]) -> Price | None:
        """What a token costs, as far as it is known."""
        given = {"input_price": self.input_price, "output_price": self.output_price, "cached_price": self.cached_price}
        usd = {key: amount for key, amount in given.items() if amount is not None}
        return price(self.model, self.url(environ), usd, longest=self.context or LONGEST)

    def patience(self, environ: Mapping[str, str]) -> float:
        """Seconds a reply may take."""
        return self.timeout or (SLOW if self.here(environ) else FAST)

    def here(self, environ: Mapping[str, str]) -> bool:
        """Is the model on this machine? Then it is slow, and does not get faster by being asked for more at once."""
        return urlsplit(self.url(environ)).hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def thinking(self) -> int:
        """Tokens a reply to think in, as long as nothing better is known."""
        return THOUGHT if THINKS.search(self.model) else 0
