"""What is asked of a chat model, and in which form it answers: the prompt, the schema, the name of the asker."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, get_args

from digestor.client.terms import NUMBER, Answer, Form
from digestor.models import Paper, Status
from digestor.prompt import Prompt
from digestor.protocols import Vocabulary

BLOCKS = frozenset(("system", "paper", "again", "reminder"))
"""What a prompt must have."""
LINE, TITLE = 400, 120
"""Characters of a line and of a title's echo, for servers that bound strings."""
CHOICES = 250
"""Tags up to which the schema names each; hosted servers refuse long lists of choices."""
FENCE = re.compile(r"<(?=\s*/?\s*paper\b)", re.IGNORECASE)


class Said(Answer):
    """What a model says of a paper."""

    line: str
    tags: list[str]
    code: str


def fenced(text: str) -> str:
    """A paper's text without what could pass for the marks around it, or for its number."""
    return FENCE.sub("‹", text).replace(NUMBER, "")


def paper_text(prompt: Prompt, paper: Paper) -> str:
    """A paper as the model reads it, its number left open."""
    return prompt.block("paper", number=NUMBER, title=fenced(paper.title), abstract=fenced(paper.abstract))


def asked_again(prompt: Prompt, text: str, line: str, faults: Sequence[str]) -> str:
    """The same text, followed by what was wrong with the line that the model wrote."""
    return f"{text}\n" + prompt.block("again", number=NUMBER, line=fenced(line), faults=list(faults))


def system(prompt: Prompt, vocabulary: Vocabulary, language: str) -> str:
    """The fixed part, for any paper."""
    means = vocabulary.definitions
    tags = [(tag, means.get(tag) or _if_unlike(tag, label)) for tag, label in vocabulary.labels.items()]
    return prompt.block("system", language=language, tags=tags)


def schema(vocabulary: Vocabulary, most: int) -> dict[str, Any]:
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
    answer = _closed(properties)
    return _closed({"papers": {"type": "array", "items": answer, "maxItems": most}})


def form(
    prompt: Prompt,
    vocabulary: Vocabulary,
    language: str,
    most: int,
    expected: int,
    tokens: int,
    prefix: int,
    parameters: Mapping[str, Any],
) -> Form:
    """All that is the same in every request. `tokens`: of system message and schema; `prefix`: of the first."""
    return Form(
        system=system(prompt, vocabulary, language),
        schema=schema(vocabulary, most),
        answer=Said,
        tokens=tokens,
        prefix=prefix,
        expected=expected,
        most=expected * 2,
        parameters=parameters,
        reminder=prompt.block("reminder"),
    )


def asker(model: str, prompt: Prompt, fixed: str, parameters: Mapping[str, Any]) -> str:
    """Who answers: the model, the prompt and the hash of all that an answer depends on beside its paper.

    Not the aliases of the tags, and not how many papers a request has: neither changes what is asked.
    """
    shape = json.dumps(Said.model_json_schema(), sort_keys=True)
    parts = "\x00".join((model, prompt.name, prompt.hash, fixed, shape, json.dumps(dict(parameters), sort_keys=True)))
    return f"{model} {prompt.name}@{hashlib.sha256(parts.encode()).hexdigest()[:8]}"


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _if_unlike(tag: str, label: str) -> str:
    """The label, where the id does not say it already."""
    return "" if re.sub(r"\W+", "-", label.casefold()).strip("-") == tag else label
