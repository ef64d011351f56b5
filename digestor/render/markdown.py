"""Text from outside as Markdown that shows as itself."""

import re
from collections.abc import Iterable

MD_SPECIAL = re.compile(r"([\\`*_{}\[\]<>~|$@#^])|(?<=[a-z])(:)(?=//)|(?<=www)(\.)|(&)(?=#?\w+;)", re.IGNORECASE)


ENTITIES = {"<": "&lt;", ">": "&gt;"}
"""Not with a backslash, for what looks for tags in the source must find none there either."""


class Safe(str):
    """Markdown made here, not to be escaped again."""

    __slots__ = ()


def markdown(value: object) -> str:
    """Text that shows as itself in Markdown: no emphasis, link, image, mention, maths, HTML or Liquid tag comes of it.

    >>> markdown("A* beats <b>D*</b>: see https://x.example")
    'A\\\\* beats &lt;b&gt;D\\\\*&lt;/b&gt;: see https\\\\://x.example'
    """
    if isinstance(value, Safe):
        return value
    return MD_SPECIAL.sub(lambda match: ENTITIES.get(match.group()) or "\\" + match.group(), str(value))


def link(text: str, url: str | None) -> Safe:
    """A Markdown link, or the text alone where there is no URL."""
    if not url:
        return Safe(markdown(text))
    return Safe(
        f"[{markdown(text)}](<{url.replace('<', '%3C').replace('>', '%3E')}>)"
        if _odd(url)
        else f"[{markdown(text)}]({url})"
    )


def anchor(heading: str, taken: Iterable[str] = ()) -> str:
    """The id that GitHub gives a heading: lower case, punctuation dropped, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")


def _odd(url: str) -> bool:
    return any(character in url for character in "()<> \t")
