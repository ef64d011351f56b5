"""The half line in which a model says why a paper is for the reader: shown where it is sound, else left out.

Nothing is asked again for its sake. It may use the words of the paper and of the reader, and no other number or name;
it must have something to do with the paper; and it is one short piece of plain text without addresses.
"""

from digestor import faithful
from digestor.annotators.asking import Rated
from digestor.faithful import phrasing
from digestor.models import Paper
from digestor.text import clean_line, links, words

LONGEST = 90
"""Characters of a half line, the ellipsis of one that was cut included."""
UNSOUND = frozenset(("chat", "markup", "language", "number", "name"))
"""The checks of a line that a half line must pass too; being no whole sentence is no fault of it."""


def reason(said: Rated, paper: Paper, reader: str, language: str) -> str:
    """Why for this reader, in half a line; empty where the model gave no relevance or its words will not do."""
    if said.relevance is None:
        return ""
    text = clean_line(phrasing.tidy(said.why)).rstrip(" .,;:")
    if not text or phrasing.markup(said.why) or phrasing.urls(said.why) or links.find(said.why):
        return ""
    faults = faithful.check(text, paper.title, f"{paper.abstract}\n{reader}", language)
    if any(fault.check in UNSOUND for fault in faults) or not _about(text, paper, language):
        return ""
    return _cut(text)


def _about(text: str, paper: Paper, language: str) -> bool:
    """Does it share a word with the paper? Told only in English, as most abstracts are: other languages share few."""
    return language != "en" or bool(words.content(text) & words.content(f"{paper.title}\n{paper.abstract}"))


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    head = text[:LONGEST]
    return f"{head[: head.rfind(' ')] if ' ' in head else head[:-1]}".rstrip(" .,;:") + "…"
