"""What a server understands: the body of a request in its words, and how to ask more humbly when it refuses.

Servers that speak the chat-completions format differ in what they take: a schema, bounds in it, the name of the output
limit, a temperature. None says so beforehand; a refusal costs nothing, so the first ones teach.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Self, get_args
from urllib.parse import urlsplit

from digestor.client.terms import Form

Structured = Literal["json_schema", "json_object", "prompt"]
Most = Literal["max_tokens", "max_completion_tokens"]

LIMITS: tuple[str, ...] = get_args(Most)
OPTIONAL = ("temperature", "prompt_cache_key")
"""Parameters that a request can do without. (No seed: at temperature 0 it changes nothing, and some refuse it.)"""
CACHE_KEY = "digestor"
OPENAI = "api.openai.com"

BOUNDS = frozenset(("maxItems", "minItems", "maxLength", "minLength"))
OURS = re.compile(
    rf"\b(?:{'|'.join((*OPTIONAL, *LIMITS))})\b|response_?format|json_?schema|json_?object|json mode|guided_|grammar"
    rf"|schema|structured[ _]outputs?|{'|'.join(sorted(BOUNDS))}",
    re.IGNORECASE,
)
SPEAKS_OF_BOUNDS = re.compile(
    r"max_?items|min_?items|max_?length|min_?length|invalid schema|grammar|too many states|too complex", re.IGNORECASE
)
COMPLAINS = re.compile(
    r"support|unknown|unrecogni[sz]ed|unexpected|invalid|not (?:\w+ )?(?:permitted|allowed|available|implemented)"
    r"|forbidden|extra (?:inputs|fields)|only|must be|does not|doesn't|cannot|can't|deprecated|unavailable|failed|fail"
    r"|too (?:many|complex)|not a valid|ignored|use ",
    re.IGNORECASE,
)


class Complaint(NamedTuple):
    """What a server said in place of an answer, whichever form it said it in."""

    status: int
    code: str = ""
    """Its own name for what is wrong (code and type, in lower case, with a blank between)."""
    param: str = ""
    """The part of the request that it names."""
    message: str = ""
    """Its words, as they came: not fit to be shown, see `verdicts.plain`."""
    context: int | None = None
    """The size of the model's context in tokens, where a field of its own says it."""
    prompt: int | None = None
    """Tokens of the request as the server counted them, where a field of its own says it."""


class Frame(NamedTuple):
    """The body of a request without its papers and its limit, encoded once: schemas are long."""

    before: bytes
    between: bytes

    def body(self, user: str, most: int) -> bytes:
        """The whole of it."""
        return b"".join((self.before, b"%d" % most, self.between, encoded(written(user)), b"}]}"))


class Dialect(NamedTuple):
    """How one server is spoken to about one model. Learnt by refusals; only ever becomes humbler."""

    structured: Structured = "json_schema"
    """How it is told the form of the reply: a schema it enforces, JSON it enforces, or words alone."""
    bounded: bool = True
    """Do `maxItems` and `maxLength` stay in the schema?"""
    most: Most = "max_tokens"
    """The name of the output limit."""
    dropped: tuple[str, ...] = ("prompt_cache_key",)
    """Parameters that it would not take, sorted."""

    @classmethod
    def first(cls, url: str) -> Self:
        """What to begin with at this address: OpenAI has names of its own."""
        try:
            host = urlsplit(url.strip()).hostname
        except ValueError:
            host = None
        return cls(most="max_completion_tokens", dropped=()) if host == OPENAI else cls()

    @classmethod
    def read(cls, text: str, url: str = "") -> Self:
        """As `text` wrote it; what cannot be read is forgotten, and it begins with `first` again."""
        try:
            told = json.loads(text)
            read = cls(told["structured"], told["bounded"], told["most"], tuple(told["dropped"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return cls.first(url)
        sound = (
            read.structured in get_args(Structured)
            and read.bounded in (True, False)
            and read.most in LIMITS
            and all(name in (*OPTIONAL, *LIMITS) for name in read.dropped)
        )
        return read if sound else cls.first(url)

    def text(self) -> str:
        """To be remembered: JSON."""
        return json.dumps(self._asdict())

    def request(self, model: str, form: Form, user: str, most: int) -> dict[str, Any]:
        """The body of a request. All but the user's message and the limit is the same each time, byte for byte.

        `most` is the output limit in tokens. Where the server enforces no schema, it ends the system message.
        """
        schema = form.schema if self.bounded else unbounded(form.schema)
        system = form.system
        if self.structured != "json_schema":
            system = f"{system}\n\n{described(schema)}"
        body: dict[str, Any] = {"model": model, self.most: most}
        if self.structured == "json_schema":
            digest = {"name": "digest", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": digest}
        elif self.structured == "json_object":
            body["response_format"] = {"type": "json_object"}
        optional = {"temperature": 0, "prompt_cache_key": CACHE_KEY}
        body |= {name: value for name, value in optional.items() if name not in self.dropped}
        body |= form.parameters
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        return body | {"messages": messages}

    def frame(self, model: str, form: Form) -> Frame:
        """What is the same in every request, encoded. (The limit comes second in a body, the papers come last.)"""
        before = f'{{"model": {written(model)}, "{self.most}": '
        body = written(self.request(model, form, "", 0))
        return Frame(encoded(before), encoded(body[len(f"{before}0") : -len('""}]}')]))

    def after(self, refusal: Complaint) -> Self | None:
        """The next humbler dialect, where a refusal names something of ours; None: it was not about that."""
        if refusal.param:
            found = self._without(refusal.param, refusal.message)
            if found is not None:
                return found
        said = f"{refusal.code} {refusal.message}"
        return self._without(said, said) if COMPLAINS.search(said) else None

    def _without(self, named: str, said: str) -> Self | None:
        """Humbler by the first thing named that it can do without; `said` tells whether it is the schema's bounds."""
        for found in OURS.finditer(named):
            name = found[0].lower()
            if name in OPTIONAL:
                step = self._replace(dropped=tuple(sorted({*self.dropped, name}))) if name not in self.dropped else None
            elif name in LIMITS:
                step = self._limited() if name == self.most else None
            else:
                step = self._freer(said)
            if step is not None:
                return step
        return None

    def _limited(self) -> Self | None:
        """The other name of the limit. Never none at all: what a reply may cost would have no bound."""
        other: Most = "max_tokens" if self.most == "max_completion_tokens" else "max_completion_tokens"
        if other in self.dropped:
            return None
        return self._replace(most=other, dropped=tuple(sorted({*self.dropped, self.most})))

    def _freer(self, said: str) -> Self | None:
        if self.structured == "json_schema" and self.bounded and SPEAKS_OF_BOUNDS.search(said):
            return self._replace(bounded=False)
        if self.structured == "json_schema":
            return self._replace(structured="json_object")
        if self.structured == "json_object":
            return self._replace(structured="prompt")
        return None


def unbounded(schema: Any) -> Any:
    """The schema without the bounds of its lists and strings. (A property may have a bound's name: it stays.)"""
    if isinstance(schema, Mapping):
        kept = {name: value for name, value in schema.items() if name not in BOUNDS or isinstance(value, Mapping)}
        return {name: unbounded(value) for name, value in kept.items()}
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return [unbounded(value) for value in schema]
    return schema


def described(schema: Mapping[str, Any]) -> str:
    """The form of the reply in words, for a server that does not enforce it."""
    told = json.dumps(schema, ensure_ascii=False, separators=(",", ":"), default=dict)
    return f"Reply with one JSON object and nothing before or after it. It matches this JSON schema:\n{told}"


written = json.JSONEncoder(ensure_ascii=False, default=dict).encode


def encoded(text: str) -> bytes:
    """As UTF-8; half a character, which has none, becomes a question mark."""
    return text.encode("utf-8", "replace")
