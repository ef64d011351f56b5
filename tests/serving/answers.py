"""What the scripted model says: right answers by rule, and the ways in which they can be spoilt."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.serving.questions import Asked, Question
from tests.serving.weather import Lot

ENDLESS = 4096
"""Tokens that a runaway goes on for where the request sets no bound."""


class Said(NamedTuple):
    """A reply of the model."""

    text: str | None
    finish: str = "stop"
    refusal: str | None = None
    generated: tuple[str, ...] = ()
    """Titles of which there is an answer in it, if only the beginning of one."""
    right: tuple[str, ...] = ()
    """Those among them whose answer is right, in a reply that is whole."""


def item_of(paper: Asked, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The right answer for a paper, with the fields asked for in their order."""
    return {name: value_of(name, field, paper) for name, field in fields.items()}


def value_of(name: str, field: Mapping[str, Any], paper: Asked) -> Any:
    """The right value of a field; for a field nobody knows, the least its schema allows."""
    if name == "id":
        return paper.number
    if name == "title":
        return " ".join(paper.title.split()[:3])
    if name in ("line", "summary"):
        return paper.line[: field.get("maxLength")]
    if name == "relevance":
        return relevance_of(paper.title, chosen_from(field) or [0, 1, 2, 3])
    if name == "why":
        return why_of(paper)[: field.get("maxLength")]
    kind = field.get("type")
    if name in ("tags", "tag"):
        tags = chosen_from(field.get("items", field)) or ["other"]
        choice = tags[zlib.crc32(paper.title.encode("utf-8", "surrogatepass")) % len(tags)]
        return choice if kind == "string" else [choice]
    choices = chosen_from(field)
    if name == "code" and kind in (None, "string") and (choices is None or "none" in choices):
        return "none"
    if choices:
        return choices[0]
    least: dict[Any, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    return least.get(kind)


def relevance_of(title: str, grades: Sequence[Any]) -> Any:
    """How much the scripted model makes of a paper: any of the grades, always the same one for a title."""
    return grades[zlib.crc32(title.encode("utf-8", "surrogatepass")[::-1]) % len(grades)]


def why_of(paper: Asked) -> str:
    """Half a line: the first words of the line."""
    return " ".join(paper.line.split()[:6])


def chosen_from(field: Mapping[str, Any]) -> list[Any] | None:
    """The values that a field may have; None: any."""
    choices = field.get("enum")
    return choices if isinstance(choices, list) and choices else None


def say(question: Question, lot: Lot, room: int | None) -> Said:
    """The model's reply, spoilt as the lot says. `room`: tokens that it may take at most."""
    fault, pick = lot
    if fault == "null":
        return Said(None)
    if fault == "refusal":
        return refusal()
    if fault == "filter":
        return Said("", "content_filter")
    if fault == "prose":
        lines = " ".join(f"{paper.title}: {paper.line}" for paper in question.papers)
        return cut(Said(f"These are all good papers. {lines}", generated=question.titles), room)
    items = [(paper.title, item_of(paper, question.shape.fields)) for paper in question.papers]
    wrong = set(spoil(items, question, lot))
    opening, closing = f'{{"{question.shape.around}": [', "]}"
    if question.shape.around is None:
        opening, closing, items = "", "", items[:1] or [("", {})]
    parts = [json.dumps(item, ensure_ascii=False) for _, item in items]
    titles = [title for title, _ in items]
    text = opening + ", ".join(parts) + closing
    starts = list(starting(len(opening), parts))
    if fault == "runaway":
        struck = pick % len(items)
        at = text.find('"tags"', starts[struck])
        loop = '"tags": ["other"' + ', "other"' * (room or ENDLESS)
        return begun(text[: at if at >= 0 else len(text) - 1] + loop, titles, starts, (room or ENDLESS) * 4)
    if fault == "length":
        return begun(text, titles, starts, min(len(text) // 2, len(text) if room is None else room * 4))
    if fault == "truncated":
        return begun(text, titles, starts, len(text) * 3 // 5)._replace(finish="stop")
    if room is not None and len(text) > room * 4:
        return begun(text, titles, starts, room * 4)
    if fault == "fenced":
        text = f"Here is what you asked for:\n\n```json\n{text}\n```\n\nTell me if you need more."
    generated = tuple(dict.fromkeys(title for title in titles if title))
    right = tuple(title for title in generated if title not in wrong)
    return Said(text, generated=generated, right=right)


def refusal() -> Said:
    """The model will not."""
    return Said(None, refusal="I'm sorry, but I can't help with that.")


def cut(said: Said, room: int | None) -> Said:
    """What fits into the room."""
    if room is None or said.text is None or len(said.text) <= room * 4:
        return said
    return said._replace(text=said.text[: room * 4], finish="length", right=())


def begun(text: str, titles: list[str], starts: list[int], end: int) -> Said:
    """The text as far as `end`."""
    generated = (title for title, start in zip(titles, starts, strict=True) if start < end and title)
    return Said(text[:end], "length", generated=tuple(dict.fromkeys(generated)))


def starting(start: int, parts: list[str]) -> Iterator[int]:
    """Where in the text each item begins."""
    for part in parts:
        yield start
        start += len(part) + 2


def spoil(items: list[tuple[str, dict[str, Any]]], question: Question, lot: Lot) -> list[str]:
    """Spoil the items where the fault is in one of them; the titles that have no right answer now."""
    fault, pick = lot
    at = pick % len(items)
    title, item = items[at]
    match fault:
        case "missing":
            del items[at]
        case "doubled":
            items.insert((at + 2) % (len(items) + 1), (title, item))
            return []
        case "unknown":
            stranger = {
                "id": max(paper.number for paper in question.papers) + 1 + pick % 90,
                "title": "Nobody asked this",
            }
            items.append(("", {**item, **stranger}))
            return []
        case "swapped" if len(items) > 1:
            other, partner = items[(at + 1) % len(items)]
            if "id" in item:
                item["id"], partner["id"] = partner["id"], item["id"]
            return [title, other]
        case "badtag":
            item["tags"] = "no-such-tag" if isinstance(item.get("tags"), str) else ["no-such-tag"]
        case "unfaithful" | "stubborn":
            fresh = [n for n, paper in enumerate(question.papers) if fault == "stubborn" or not paper.again]
            if not fresh:
                return []
            title, item = items[fresh[pick % len(fresh)]]
            item["line"] = "Improves accuracy by 97.3 % over all that was tried before."
        case _:
            return []
    return [title]
