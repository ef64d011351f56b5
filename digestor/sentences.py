"""Where one sentence ends and the next begins, in scientific English."""

import re

ABBREVIATIONS = frozenset(
    "e.g i.e et al cf vs fig figs eq eqs sec secs ref refs no nos vol dr prof mr mrs ms st approx resp ca viz ch app tab thm lem def".split()
)
BOUNDARY = re.compile(r"[.!?]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\sa-z])")


def split(text: str) -> list[str]:
    """The sentences of a text, each a verbatim slice of it, stripped, in order; none is empty.

    A newline divides (it is a paragraph's end). Abbreviations, initials, decimals, URLs and "et al." do not.
    """
    sentences = []
    for paragraph in text.split("\n"):
        start = 0
        for match in BOUNDARY.finditer(paragraph):
            before = paragraph[start : match.start()].rsplit(None, 1)[-1:]
            last = before[0].lstrip("([\"'“").rstrip(".").casefold() if before else ""
            if paragraph[match.start()] == "." and (last in ABBREVIATIONS or (len(last) == 1 and last.isalpha())):
                continue
            sentences.append(paragraph[start : match.end()].strip())
            start = match.end()
        sentences.append(paragraph[start:].strip())
    return [sentence for sentence in sentences if sentence]
