"""What is asked of a chat model, and in which form it answers: the prompt, the schema, the name of the asker."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator

from digestor.client.terms import NUMBER, Answer
from digestor.models import Paper, Status
from digestor.prompt import Prompt
from digestor.protocols import Vocabulary

BLOCKS = frozenset(("system", "paper", "again", "reminder"))
"""What a prompt must have."""
RELEVANCE = "relevance"
"""The block by which a prompt has the model judge what a paper is to the newsletter's reader."""
GRADES = ("0", "1", "2", "3")
"""Of relevance; as text, because not every server takes a choice of numbers."""
LINE, TITLE, WHY = 400, 120, 160
"""Characters of a line, of a title's echo and of half a line, for servers that bound strings."""
CHOICES = 250
"""Tags up to which the schema names each; hosted servers refuse long lists of choices."""
FENCE = re.compile(r"<(?=\s*/?\s*paper\b)", re.IGNORECASE)
FENCES = re.compile(r"<(?=\s*/?\s*(?:paper|reader)\b)", re.IGNORECASE)


class Said(Answer):
    """What a model says of a paper."""

    line: str
    tags: list[str]
    code: str


def _grade(said: object) -> int | None:
    """A relevance as models write it: `2`, `2.0`, `"2"`; None for anything that is none."""
    if isinstance(said, str):
        return int(said) if said.strip() in GRADES else None
    if isinstance(said, (int, float)) and not isinstance(said, bool) and said in range(len(GRADES)):
        return int(said)
    return None


def _text(said: object) -> str:
    """What can be kept: half a character cannot."""
    return said.encode("utf-8", "replace").decode() if isinstance(said, str) else ""


class Rated(Said):
    """The same, and what the paper is to the reader. Neither field can make an answer one that is asked for again."""

    relevance: Annotated[int | None, BeforeValidator(_grade)] = None
    why: Annotated[str, BeforeValidator(_text)] = ""


def fenced(text: str, marks: re.Pattern[str] = FENCE) -> str:
    """A paper's text without what could pass for the marks around it, or for its number."""
    return marks.sub("‹", text).replace(NUMBER, "")


def description(reader: str) -> str:
    """The reader's own text without what could pass for the marks around it."""
    return fenced(reader, FENCES).strip()


def answer(prompt: Prompt, reader: str) -> type[Said]:
    """What a model is to say: of the reader only where there is one, and the prompt asks."""
    return Rated if RELEVANCE in prompt.blocks and description(reader) else Said


def paper_text(prompt: Prompt, paper: Paper) -> str:
    """A paper as the model reads it, its number left open."""
    marks = FENCES if RELEVANCE in prompt.blocks else FENCE
    title, abstract = fenced(paper.title, marks), fenced(paper.abstract, marks)
    return prompt.block("paper", number=NUMBER, title=title, abstract=abstract)


def asked_again(prompt: Prompt, text: str, line: str, faults: Sequence[str]) -> str:
    """The same text, followed by what was wrong with the line that the model wrote."""
    return f"{text}\n" + prompt.block("again", number=NUMBER, line=fenced(line), faults=list(faults))


def system(prompt: Prompt, vocabulary: Vocabulary, language: str, reader: str = "") -> str:
    """The fixed part, for any paper."""
    means = vocabulary.definitions
    tags = [(tag, means.get(tag) or _if_unlike(tag, label)) for tag, label in vocabulary.labels.items()]
    return prompt.block("system", language=language, tags=tags, reader=description(reader))


def schema(vocabulary: Vocabulary, most: int, said: type[Said] = Said) -> dict[str, Any]:
    """JSON schema of a reply about at most so many papers, in the strict subset that hosted servers take."""
    found = deepcopy(Said.model_json_schema())
    properties = {name: {"type": shape["type"]} for name, shape in found["properties"].items()}
    properties["title"]["maxLength"] = TITLE
    properties["line"]["maxLength"] = LINE
    tag: dict[str, Any] = {"type": "string"}
    if len(vocabulary.labels) <= CHOICES:
        tag["enum"] = list(vocabulary.labels)
    properties["tags"] |= {"items": tag, "minItems": 1, "maxItems": 3}
    properties["code"]["enum"] = list(get_args(Status))
    if issubclass(said, Rated):
        properties["relevance"] = {"type": "string", "enum": list(GRADES)}
        properties["why"] = {"type": "string", "maxLength": WHY}
    return _closed({"papers": {"type": "array", "items": _closed(properties), "maxItems": most}})


def asker(model: str, prompt: Prompt, fixed: str, parameters: Mapping[str, Any], said: type[Said] = Said) -> str:
    """Who answers: the model, the prompt and the hash of all that an answer depends on beside its paper.

    The reader, where a prompt tells of one, is in the fixed part. Not the aliases of the tags, and not how many papers
    a request has: neither changes what is asked.
    """
    shape = json.dumps(said.model_json_schema(), sort_keys=True)
    parts = "\x00".join((model, prompt.name, prompt.hash, fixed, shape, json.dumps(dict(parameters), sort_keys=True)))
    return f"{model} {prompt.name}@{hashlib.sha256(parts.encode()).hexdigest()[:8]}"


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _if_unlike(tag: str, label: str) -> str:
    """The label, where the id does not say it already."""
    return "" if re.sub(r"\W+", "-", label.casefold()).strip("-") == tag else label
