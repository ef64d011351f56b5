"""Inputs that are still JSON or XML after a change: what reads them gets past the grammar, to the odd value in it."""

import copy
import json
from random import Random
from typing import Any

from lxml import etree

VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 10**25, "", " ", "\x00", "\ud800", "a\nb\u2028c", "moss " * 500, [], {},
    [None], {"": ""}, [[[]]], "10.1000/moss", "2611.00001v2", "https://moss.example/", "javascript:x", "2026-11-17",
    "99999-99-99", ["a", 1, None, {}], {"name": None}, {"name": ["a"]}, {"given": 1, "family": []}, [[2026, 11, 17]],
    [[None]], "NaN",
)  # fmt: skip
TEXTS = (
    *(value for value in VALUES if isinstance(value, str) and value.isprintable()),
    "<b>x</b>",
    "&amp;lt;p>",
    "\n ",
)
DEEPEST = 60
"""Levels that are looked at."""


def rebuilt(random: Random, data: bytes) -> bytes | None:
    """An input with one to four of its parts replaced, repeated, moved or dropped; None where it is no JSON or XML."""
    start = data.lstrip()[:1]
    try:
        if start in (b"{", b"["):
            return of_json(random, data)
        return of_xml(random, data) if start == b"<" else None
    except (ValueError, RecursionError, etree.LxmlError, LookupError, TypeError):
        return None


def of_json(random: Random, data: bytes) -> bytes:
    whole = [json.loads(data)]
    for _ in range(random.randint(1, 4)):
        places = list(parts(whole))
        holder, key = random.choice(places)
        other, at = random.choice(places)
        match random.randrange(6):
            case 0 if len(places) > 1 and holder is not whole:
                del holder[key]
            case 1:
                holder[key] = copy.deepcopy(other[at])
            case 2:
                holder[key] = [copy.deepcopy(holder[key])] * random.choice((1, 2, 30))
            case 3 if isinstance(holder, dict):
                holder[random.choice(("id", "title", "name", "", str(at)))] = holder[key]
            case _:
                holder[key] = copy.deepcopy(random.choice(VALUES))
    return json.dumps(whole[0], ensure_ascii=random.random() < 0.9).encode("utf-8", "surrogatepass")


def parts(value: Any, depth: int = 0) -> Any:
    """Each place in a value: what holds it, and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        if depth < DEEPEST:
            yield from parts(value[key], depth + 1)


def of_xml(random: Random, data: bytes) -> bytes:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    for _ in range(random.randint(1, 4)):
        elements = [element for element in root.iter() if isinstance(element.tag, str)]
        one, other = random.choice(elements), random.choice(elements)
        parent = one.getparent()
        match random.randrange(8):
            case 0 if parent is not None:
                parent.remove(one)
            case 1 if parent is not None:
                for _ in range(random.choice((1, 2, 30))):
                    parent.append(copy.deepcopy(one))
            case 2:
                one.append(copy.deepcopy(other))
            case 3 if one is not root:
                one.tag = other.tag
            case 4 if one.attrib:
                one.set(random.choice(list(one.attrib)), random.choice(TEXTS))
            case 5:
                one.tail = random.choice(TEXTS)
            case 6:
                one.append(etree.Comment("x"))
            case _:
                one.text = random.choice(TEXTS)
    body: bytes = etree.tostring(root)
    return body
