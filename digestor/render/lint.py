"""What would make a mail arrive broken, clipped, unreadable or as spam. A mail with such faults is not sent.

The rules are those of mail clients, gathered in docs/newsletter.md; a template of a user's own is held to them too.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from digestor.models import UNSUBSCRIBE, Mail
from digestor.render.asking import is_ask
from digestor.render.reading import Element, Reader, colours_of, contrast, in_the_dark

CLIP = 102_000
"""Bytes of HTML from which on Gmail shows no more."""
TOKEN = 400
"""Bytes that a reader's own address to unsubscribe may be longer than what stands for it."""
STYLE = 16_384
"""Bytes of <style> that Gmail reads."""
SUBJECT, PREHEADER, LINE, CONTRAST = 78, (30, 150), 998, 4.5

FORBIDDEN = frozenset(
    "applet audio base button canvas embed form frame iframe input link object script select svg textarea video".split()
)
UNFILLED = re.compile(r"\{\{|\{%|\$\{[\w.]+\}|\*\|[A-Z_:]+\|\*|<%|%7B%7B", re.IGNORECASE)
"""A placeholder of our templates, or one that a relay would fill."""
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd]")
REMNANT = re.compile(
    r"</?(?:a|b|body|br|div|em|h[1-6]|head|html|i|li|p|s|script|span|strong|style|table|td|title|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>|<!--|&(?:amp|lt|gt|nbsp|quot|#\d+|#x[0-9a-f]+);",
    re.IGNORECASE,
)
HIDDEN = re.compile(r"display:\s*none")


def faults(mail: Mail) -> list[str]:
    """Why a mail must not be sent, in plain words; empty for one that may."""
    reader = Reader()
    reader.feed(mail.html)
    reader.close()
    rules: tuple[Callable[[Mail, Reader], Iterator[str]], ...] = (
        _inbox, _size, _frame, _elements, _headings, _links, _preheader, _unfilled, _text, _both, _contrast,
    )  # fmt: skip
    return list(dict.fromkeys(fault for rule in rules for fault in rule(mail, reader)))


def _inbox(mail: Mail, reader: Reader) -> Iterator[str]:
    if not mail.subject.strip():
        yield "the subject is empty"
    if len(mail.subject) > SUBJECT:
        yield f"the subject has {len(mail.subject)} characters; {SUBJECT} is the most"
    for name, said in (("subject", mail.subject), ("preheader", mail.preheader)):
        if UNSEEN.search(said) or "\n" in said or "\r" in said or "\t" in said:
            yield f"the {name} holds a line break or a character that cannot be seen"
    if not PREHEADER[0] <= len(mail.preheader) <= PREHEADER[1]:
        yield f"the preheader has {len(mail.preheader)} characters; it takes {PREHEADER[0]} to {PREHEADER[1]}"


def _size(mail: Mail, reader: Reader) -> Iterator[str]:
    size = len(mail.html.encode()) + mail.html.count(UNSUBSCRIBE) * TOKEN
    if size >= CLIP:
        yield f"the HTML is {size:,} bytes with a reader's own address in it; Gmail clips at {CLIP:,}"
    if len(reader.css.encode()) > STYLE:
        yield f"the <style> is more than {STYLE:,} bytes; Gmail drops the rest"
    if re.search(r"@[^{;]*\{[^{}@]*(?:\{[^{}]*\}[^{}@]*)*@", reader.css):
        yield "an at-rule stands in another; Gmail drops the whole <style>"
    if re.search(r"@import|@font-face|url\(", mail.html, re.IGNORECASE):
        yield "something is loaded from outside: @import, @font-face or url()"


def _frame(mail: Mail, reader: Reader) -> Iterator[str]:
    given = {element.tag: element for element in reversed(reader.done)}
    metas = {element.given.get("name", ""): element.given.get("content", "") for element in reader.done}
    if reader.doctype.lower() != "doctype html":
        yield "the HTML does not begin with <!doctype html>"
    if "html" not in given or not re.fullmatch(r"[A-Za-z]{2,3}(-\w+)*", given["html"].given.get("lang", "")):
        yield "<html> names no language"
    if "title" not in given or not _said(given["title"]):
        yield "there is no <title>, or nothing in it"
    if "dark" not in metas.get("color-scheme", "") or not in_the_dark(reader.css):
        yield "nothing is said of dark mode: a color-scheme meta and rules for prefers-color-scheme: dark"
    if "viewport" not in metas:
        yield "there is no viewport meta; telephones would show it tiny"


def _elements(mail: Mail, reader: Reader) -> Iterator[str]:
    for element in reader.done:
        tag, given = element.tag, element.given
        if tag in FORBIDDEN:
            yield f"<{tag}> has no place in a mail"
        if any(name.startswith("on") for name in given) or given.get("http-equiv", "").lower() == "refresh":
            yield f"<{tag}> would run something"
        if tag == "table" and given.get("role") != "presentation":
            yield 'a table that is layout needs role="presentation"'
        if tag == "img":
            if "alt" not in given or not given.get("width"):
                yield "an image lacks its alt or its width"
            if not given.get("src", "").startswith("https://"):
                yield "an image is not loaded over https"


def _headings(mail: Mail, reader: Reader) -> Iterator[str]:
    headings = [element for element in reader.done if re.fullmatch("h[1-6]", element.tag)]
    levels = [int(element.tag[1]) for element in headings]
    if levels.count(1) != 1:
        yield f"there are {levels.count(1)} <h1>; it takes one"
    if any(not _said(element) for element in headings):
        yield "a heading is empty"
    if any(after > before + 1 for before, after in pairwise(levels)):
        yield "a level of headings is left out"


def _links(mail: Mail, reader: Reader) -> Iterator[str]:
    anchors = [element for element in reader.done if element.tag == "a"]
    for element in anchors:
        url = element.given.get("href", "")
        if not _reachable(url):
            yield f"a link is neither https nor mailto: {url[:60]!r}"
        if not _said(element):
            yield f"a link has no words: {url[:60]!r}"
    if not any(
        element.given.get("href") == UNSUBSCRIBE and "unsubscribe" in _said(element).lower() for element in anchors
    ):
        yield "the HTML has no link to unsubscribe"
    if UNSUBSCRIBE not in mail.text or "unsubscribe" not in mail.text.replace(UNSUBSCRIBE, "").lower():
        yield "the text has no link to unsubscribe"


def _reachable(url: str) -> bool:
    if re.search(r"\s", url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return "@" in parts.path if parts.scheme == "mailto" else parts.scheme == "https" and "." in parts.netloc.strip(".")


def _preheader(mail: Mail, reader: Reader) -> Iterator[str]:
    if not reader.runs:
        yield "the HTML has no words"
        return
    within, first = reader.runs[0]
    if not any(HIDDEN.search(element.given.get("style", "")) for element in within):
        yield "the first words of the HTML are not the hidden preheader"
    elif " ".join(first.split()) != mail.preheader:
        yield "the preheader in the HTML is another"


def _unfilled(mail: Mail, reader: Reader) -> Iterator[str]:
    words = "".join(said for _, said in reader.runs)
    links = " ".join(element.given.get("href", "") for element in reader.done)
    for where, said in (("subject", mail.subject), ("HTML", f"{words} {links}"), ("text", mail.text)):
        if found := UNFILLED.search(said):
            yield f"the {where} holds a placeholder: {said[found.start() : found.start() + 30]!r}"
    if UNSEEN.search(words) or UNSEEN.search(mail.text):
        yield "a part holds a character that cannot be seen"


def _text(mail: Mail, reader: Reader) -> Iterator[str]:
    if found := REMNANT.search(mail.text):
        yield f"the text holds a tag or an entity: {found[0][:30]!r}"
    if any(len(line.encode()) > LINE for line in mail.text.splitlines()):
        yield f"a line of the text has more than {LINE} bytes"


def _both(mail: Mail, reader: Reader) -> Iterator[str]:
    """Headings, list items and links of one part are in the other."""
    squeezed = _squeezed(mail.text)
    for element in reader.done:
        if element.tag in ("h3", "li") and _squeezed(_said(element)) not in squeezed:
            yield f"in the HTML but not in the text: {_said(element)[:60]!r}"
    lines = {line.strip() for line in mail.text.splitlines()}
    links = {element.given.get("href", "") for element in reader.done if element.tag == "a"}
    words = _squeezed("".join(said for _, said in reader.runs))
    for url in sorted(links):
        if url.startswith("https:") and "#" not in url and url not in lines and not is_ask(url):
            yield f"a link of the HTML is not on a line of the text: {url[:60]!r}"
    for line in sorted(lines):
        if line.startswith("https://") and line not in links and _squeezed(line) not in words:
            yield f"a link of the text is not in the HTML: {line[:60]!r}"
        if line.startswith("* ") and _squeezed(line[2:]) not in words:
            yield f"in the text but not in the HTML: {line[2:60]!r}"


def _contrast(mail: Mail, reader: Reader) -> Iterator[str]:
    dark = in_the_dark(reader.css)
    for mode, rules in (("light", {}), ("dark", dark)) if dark else (("light", {}),):
        for colours, said in {colours_of(within, rules): said for within, said in reversed(reader.runs)}.items():
            if colours and contrast(*colours) < CONTRAST:
                yield f"too faint in {mode} mode: {contrast(*colours):.2f} of {CONTRAST} for {said.strip()[:30]!r}"


def _said(element: Element) -> str:
    return " ".join("".join(element.words).split())


def _squeezed(text: str) -> str:
    return "".join(text.split())
