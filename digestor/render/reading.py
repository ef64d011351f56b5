"""A mail's HTML read back: its elements, its words, and in which colours each piece of text stands."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
DARK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")


class Colours(NamedTuple):
    """Text and ground, as `#rrggbb`."""

    text: str = "#000000"
    ground: str = "#ffffff"


class Element(NamedTuple):
    """An element that is open while a piece of text is read."""

    tag: str
    given: dict[str, str]
    words: list[str]

    @property
    def style(self) -> dict[str, str]:
        """What its own style attribute declares."""
        return declared(self.given.get("style", ""))


class Reader(HTMLParser):
    """Walks the HTML once and notes what the rules ask about."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []
        self.done: list[Element] = []
        """Every element, in the order they began; its words are those within it."""
        self.runs: list[tuple[tuple[Element, ...], str]] = []
        """Every piece of text in the body, with the elements it stands in."""
        self.doctype = self.css = ""

    def handle_decl(self, decl: str) -> None:
        """Note the doctype."""
        self.doctype = self.doctype or decl

    def unknown_decl(self, data: str) -> None:
        """Pass over `<![endif]>` and its like."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = Element(tag, {name: value or "" for name, value in attrs}, [])
        self.done.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element of that name, and those in it."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place].tag == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        """Give text to every element it stands in."""
        for element in self.open:
            element.words.append(data)
        if self.open and self.open[-1].tag == "style":
            self.css += data
        elif data.strip() and any(element.tag == "body" for element in self.open):
            self.runs.append((tuple(self.open), data))


def in_the_dark(css: str) -> dict[str, dict[str, str]]:
    """The rules for dark mode: selector -> declarations; only bare names and classes are understood."""
    found = DARK.search(css)
    return {
        name.strip(): declared(body)
        for names, body in RULE.findall(found[1] if found else "")
        for name in names.split(",")
    }


def colours_of(within: tuple[Element, ...], rules: dict[str, dict[str, str]]) -> Colours | None:
    """What a piece of text has; None if it is hidden."""
    text, ground = Colours()
    for element in within:
        style = element.style
        if element.tag == "a" and "color" not in style:
            text = "#0000ee"
        for name in (element.tag, *(f".{name}" for name in element.given.get("class", "").split())):
            style |= rules.get(name, {})
        if style.get("display") == "none":
            return None
        text, ground = _six(style.get("color"), text), _six(style.get("background-color"), ground)
    return Colours(text, ground)


def _six(colour: str | None, before: str) -> str:
    found = re.match(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", (colour or "").lower())
    return before if not found else "#" + (found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1]))


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 to 21, as WCAG counts."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def declared(style: str) -> dict[str, str]:
    """The declarations of a style attribute or a rule's body."""
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    return {name.strip().lower(): value.replace("!important", "").strip() for name, _, value in pairs}
