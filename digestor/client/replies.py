"""From the text of a reply to answers, each tied to its paper: by the number the request gave it, never by place.

A number alone is not believed: weak models number wrongly, and then every line of an issue would be under the wrong
title. So an answer says the first words of its paper's title again, and that echo is held against the titles of the
request. Whatever is missing or in doubt is asked again; that costs little, and a wrong line costs a reader's trust.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_origin

from pydantic import ValidationError
from rapidfuzz.distance import Levenshtein

from digestor.client.terms import Answer, Item
from digestor.text.words import content, words

LONGEST = 1_000_000
"""Characters of a reply that are looked at; a hundred answers take thirty thousand."""
ECHO = 300
"""Characters of an echo, and of a title, that are compared."""
FITS = 0.85
"""From this likeness on (Levenshtein, 0 to 1) an echo is of a title; measured on squeezed text."""
NUMBER = re.compile(r"\s*(?:paper\s*)?#?\s*([0-9]{1,6})\s*[.:)]?\s*", re.IGNORECASE)
THOUGHT = re.compile(r"\s*<think(?:ing)?>", re.IGNORECASE)
THOUGHT_ENDS = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
OPENING = re.compile(r"[\[{]")
ARTICLES = frozenset(("a", "an", "the"))


class Tied(NamedTuple):
    """What a reply is worth; each item is in exactly one of the two lists."""

    good: list[tuple[Item, Answer]]
    """In the order of the items."""
    again: list[Item]
    """Missing, answered twice and differently, or answered for another paper."""
    faults: tuple[str, ...]
    """A few plain words each, for a log: `paper 3 is missing`."""


def read(text: str, items: Sequence[Item], answer: type[Answer], whole: bool) -> Tied:
    """Tie a reply to the papers that were asked about; the items' numbers are 1 to k, in their order.

    `whole` is False where the server stopped at its length limit: then the last answer is not trusted, even where
    someone closed the brackets behind it. No text makes this raise, and work on hostile text is bounded.
    """
    found, faults = _found(text, whole, len(items))
    answers, more = _numbered(found, len(items), answer)
    titles = [_Title(item) for item in items]
    good: list[tuple[Item, Answer]] = []
    again: list[Item] = []
    faults += more
    for number, item in enumerate(items, 1):
        taken, fault = _taken(number, answers.get(number, []), titles)
        if taken is None:
            again.append(item)
        else:
            good.append((item, taken))
        faults += [fault] if fault else []
    return Tied(good, again, tuple(dict.fromkeys(faults)))


# What a text says


def _found(text: str, whole: bool, asked: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Every object in a text that could be an answer, and what is wrong with the text as a whole."""
    if THOUGHT.match(text):
        end = [match.end() for match in THOUGHT_ENDS.finditer(text)]
        text = text[end[-1] :] if end else ""
    if len(text) > LONGEST:
        text, whole = text[:LONGEST], False
    found: list[dict[str, Any]] = []
    broken = False
    for value in _values(text, tries=4 * asked + 64):
        if value is BROKEN:
            broken = True
        elif objects := list(_answers(value)):
            found += objects
            broken = False
        if len(found) > 10 * asked + 100:
            return [], ["far more answers than papers"]
    if not whole and not broken:
        found = found[:-1]
    faults = [] if whole else ["the reply is cut"]
    return found, faults if found else [*faults, "no JSON" if not OPENING.search(text) else "no answer in the JSON"]


class _Broken:
    """What stands for an opening bracket behind which there is no JSON."""


BROKEN = _Broken()


def _values(text: str, tries: int) -> Iterator[object]:
    """The JSON values of a text, one after the other, whatever is between them: fences, chatter, line ends.

    Where a value is broken or cut, BROKEN, and then the values inside it: so a bad answer costs only itself, and one
    that is there has its closing brace. Ends after `tries` broken values, or after reading eight times the text in
    vain, so that brackets by the million are done with soon.
    """
    patience = 8 * len(text) + 64
    position = 0
    while (opening := OPENING.search(text, position)) and tries > 0 and patience > 0:
        start = opening.start()
        try:
            value, position = DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            tries, patience, position = tries - 1, patience - max(0, error.pos - start), start + 1
            yield BROKEN
        except (RecursionError, ValueError):  # nested a thousand deep; an integer of thousands of digits
            tries, patience, position = tries - 1, patience - (len(text) - start), start + 1
            yield BROKEN
        else:
            yield value


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any] | None:
    """An object; None where a key comes twice, as when a model runs two answers into one."""
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


DECODER = json.JSONDecoder(object_pairs_hook=_fields, parse_constant=lambda name: None, strict=False)


def _answers(value: object) -> Iterator[dict[str, Any]]:
    """The answers in a value: a list of them, one alone, or an object around either."""
    if isinstance(value, dict) and "title" not in value:
        inner = [one for one in map(_objects, value.values()) if one]
        value = inner[0] if len(inner) == 1 else value
    yield from _objects(value)


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _numbered(
    found: Sequence[dict[str, Any]], asked: int, answer: type[Answer]
) -> tuple[dict[int, list[Answer]], list[str]]:
    """The answers that are well-formed, by number, each said once; and what is wrong with the rest."""
    answers: dict[int, list[Answer]] = {}
    faults: dict[str, int] = {}
    for fields in found:
        said = fields.get("id")
        number = 1 if said is None and asked == 1 else _number(said)
        if number is None or not 1 <= number <= asked:
            faults[_unasked(said)] = asked + 1
            continue
        title = fields.get("title")
        try:
            valid = answer.model_validate({**fields, "id": number, "title": title if isinstance(title, str) else ""})
        except ValidationError as error:
            where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
            faults[f"the answer for {number} is malformed" + (f": {ascii(where[0])[:40]}" if where else "")] = number
            continue
        if valid not in (others := answers.setdefault(number, [])):
            others.append(valid)
    return answers, sorted(faults, key=lambda fault: (faults[fault], fault))


def _number(said: object) -> int | None:
    """`3`, `3.0`, `"3"`, `"paper 3"` and `"#3"` are 3; anything else is no number."""
    if isinstance(said, str):
        match = NUMBER.fullmatch(said[:40])
        return int(match[1]) if match else None
    if isinstance(said, float):
        return int(said) if said.is_integer() else None
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _unasked(said: object) -> str:
    """The fault of an answer that is for none of the papers."""
    if said is None or isinstance(said, (dict, list, bool)):
        return "an answer without a number"
    shown = str(said) if not isinstance(said, int) or abs(said) < 10**12 else "a number out of all bounds"
    return f"an answer for {ascii(shown[:20])[1:-1]}, which was not asked"


# Whose an answer is


class _Title:
    """A paper of the request as answers are held against it."""

    def __init__(self, item: Item) -> None:
        self.item = item

    @cached_property
    def squeezed(self) -> str:
        return _squeezed(self.item.paper.title)

    @cached_property
    def content(self) -> frozenset[str]:
        return content(f"{self.item.paper.title}\n{self.item.paper.abstract}")

    def likeness(self, echo: str) -> float:
        """How like the beginning of the title a squeezed echo is, 0 to 1. One or two letters are like nothing."""
        beginning = self.squeezed[: len(echo)]
        if echo == beginning:
            return 1.0 if len(echo) > 2 or echo == self.squeezed != "" else 0.0
        return Levenshtein.normalized_similarity(echo, beginning, score_cutoff=FITS) if len(echo) > 2 else 0.0


def _squeezed(text: str) -> str:
    """Letters and digits only, without case, accents and a leading article: how a title looks however it is typed."""
    said = words(unicodedata.normalize("NFKD", text[: 2 * ECHO]))
    if len(said) > 1 and said[0] in ARTICLES:
        del said[0]
    return "".join(said).replace("'", "").replace("’", "")[:ECHO]


def _taken(number: int, answers: Sequence[Answer], titles: Sequence[_Title]) -> tuple[Answer | None, str]:
    """The answer to keep for a paper, if there is one, and what is wrong if there is not."""
    if not answers:
        return None, f"paper {number} is missing"
    if len(answers) == 1:
        fault = "" if len(titles) == 1 else _mistaken(number, answers[0], titles)
        return (None, fault) if fault else (answers[0], "")
    sure = [one for one in answers if _owner(number, _squeezed(one.title), titles) == number]
    fault = f"paper {number} is answered twice, differently"
    return (sure[0] if len(sure) == 1 else None), fault


def _mistaken(number: int, answer: Answer, titles: Sequence[_Title]) -> str:
    """Why an answer is not for the paper whose number it has; empty where it is."""
    owner = _owner(number, _squeezed(answer.title), titles)
    if owner == number:
        return ""
    if owner:
        return f"paper {number} has the title of paper {owner}"
    said = content(_sentences(answer))
    shared = [len(said & title.content) for title in titles]
    if shared[number - 1] > max(count for other, count in enumerate(shared, 1) if other != number):
        return ""
    return f"paper {number} has neither its title nor its words"


def _owner(number: int, echo: str, titles: Sequence[_Title]) -> int:
    """The paper whose title an echo is, 0 for none; in doubt the paper it claims to be, as in a series of papers."""
    best, owner = titles[number - 1].likeness(echo), number
    if best == 1.0:
        return number
    for other, title in enumerate(titles, 1):
        if (likeness := title.likeness(echo)) > best:
            best, owner = likeness, other
    return owner if best >= FITS else 0


def _sentences(answer: Answer) -> str:
    """What an answer says in words of its own: its text fields, without those that choose from a list."""
    chosen = {name for name, field in type(answer).model_fields.items() if get_origin(field.annotation) is Literal}
    said = (value for name, value in answer if name not in chosen and name != "title" and isinstance(value, str))
    return " ".join(said)
