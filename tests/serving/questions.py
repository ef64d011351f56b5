"""What the scripted server makes of a request: the papers in it, and the shape its answer is to have."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

FENCE = re.compile(r'<paper id="(\d+)">\n(.*?)\n?</paper>(?:\n(About paper \1:))?', re.DOTALL)
ANY: Mapping[str, Any] = MappingProxyType({})
USUAL = {"title": ANY, "line": ANY, "tags": ANY, "code": ANY}
"""The fields of an answer where no schema is to be found."""
SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!et al\.)(?<!cf\.)(?<!vs\.)\s")
WORDS = 30
"""Of a line, at most."""


class Asked(NamedTuple):
    """One paper of a request."""

    number: int
    title: str
    abstract: str
    again: bool
    """Does the request say what was wrong with an answer before?"""

    @property
    def line(self) -> str:
        """The right answer: the first sentence of the abstract, else the title; of a long one, as far as a comma."""
        words = (SENTENCE.split(self.abstract.strip(), maxsplit=1)[0] or self.title).split()
        if len(words) > WORDS:
            ends = [
                place for place, word in enumerate(words[:WORDS], 1) if word.endswith((",", ";", ":")) and place > 5
            ]
            words = words[: ends[-1] if ends else WORDS]
        line = " ".join(words)
        return line if line.endswith(("?", "!")) or not line else line.rstrip(",;:.") + "."


class Shape(NamedTuple):
    """How an answer is to look."""

    around: str | None
    """The name of the list of items; None: the reply is one item."""
    fields: Mapping[str, Mapping[str, Any]]
    """Of an item: name -> JSON schema."""
    tool: str | None = None
    """The function whose arguments the answer is to be; None: the answer is the text."""


class Question(NamedTuple):
    """What matters in a request for a chat completion."""

    papers: tuple[Asked, ...]
    system: str
    texts: tuple[str, ...]
    """All messages."""
    format: str
    schema: Mapping[str, Any] | None
    shape: Shape
    most: int | None
    """Tokens of the reply at most."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the papers, in the order of the request."""
        return tuple(paper.title for paper in self.papers)

    @property
    def tokens(self) -> int:
        """Of the prompt."""
        return sum(map(tokens, self.texts))


def tokens(text: str) -> int:
    """Roughly."""
    return -(-len(text) // 4)


def question_of(body: Mapping[str, Any]) -> Question:
    """Raises ValueError, with the name of the field, where the body is no request."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages) or not messages:
        raise ValueError("messages")
    texts = tuple(text_of(message) for message in messages)
    by_role = {str(message.get("role")): text for message, text in zip(messages, texts, strict=True)}
    system = by_role.get("system", by_role.get("developer", ""))
    user = by_role.get("user", "")
    wanted = body.get("response_format") or {"type": "text"}
    if not isinstance(wanted, dict):
        raise ValueError("response_format")
    schema = (wanted.get("json_schema") or {}).get("schema")
    tools, tool = body.get("tools"), None
    if schema is None and tools:
        function = tools[0].get("function", {})
        schema, tool = function.get("parameters"), str(function.get("name"))
    told = schema or schema_in(system) or schema_in(FENCE.sub("", user))
    most = body.get("max_completion_tokens", body.get("max_tokens"))
    return Question(
        papers_in(user),
        system,
        texts,
        str(wanted.get("type")),
        schema,
        shape_of(told, '<paper id="' in user)._replace(tool=tool),
        most if isinstance(most, int) else None,
    )


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message, in one piece or in parts."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return content if isinstance(content, str) else ""


def papers_in(text: str) -> tuple[Asked, ...]:
    """Those between fences; where there is no fence, the text is one paper, its first line the title."""
    found = [Asked(int(number), *halves(inside), again=bool(again)) for number, inside, again in FENCE.findall(text)]
    return tuple(found) or (Asked(1, *halves(text.strip()), again=False),)


def halves(text: str) -> tuple[str, str]:
    """Title and abstract."""
    title, _, abstract = text.partition("\n")
    return title.removeprefix("Title:").strip(), abstract.strip().removeprefix("Abstract:").strip()


@lru_cache(maxsize=8)
def schema_in(text: str) -> Mapping[str, Any] | None:
    """The JSON schema that a prompt writes out, for want of a better way to tell it."""
    decoder = json.JSONDecoder()
    for start in re.finditer(r'\{\s*"', text):
        try:
            found, _ = decoder.raw_decode(text, start.start())
        except ValueError:
            continue
        if isinstance(found, dict) and "properties" in found:
            return found
    return None


def shape_of(schema: Mapping[str, Any] | None, fenced: bool) -> Shape:
    """A list of items where some property of the schema is a list of objects, else one item."""
    if schema is None:
        return Shape("papers", {"id": ANY, **USUAL}) if fenced else Shape(None, USUAL)
    known = schema.get("$defs", {})

    def resolved(part: Any) -> Mapping[str, Any]:
        for _ in range(10):  # a reference may lead to another, or to itself
            if not isinstance(part, dict) or "$ref" not in part:
                break
            part = known.get(str(part["$ref"]).rpartition("/")[2], {})
        return part if isinstance(part, dict) else {}

    def items(part: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**part, "items": resolved(part["items"])} if "items" in part else part

    properties = {name: items(resolved(part)) for name, part in schema.get("properties", {}).items()}
    for name, part in properties.items():
        if inner := part.get("items", {}).get("properties"):
            return Shape(name, {key: items(resolved(value)) for key, value in inner.items()})
    return Shape(None, properties)
