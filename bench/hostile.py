"""Text made to be slow: does the time of every part that reads text from outside stay in step with the text's length?

    python -m bench.hostile

For each part and each unit, the same unit repeated to 30 and to 300 kB: a ratio well above 10 says that the part is
more than linear there. The parts cap what they read, so most ratios are far below.
"""

import time
from collections.abc import Callable

from digestor import faithful, oneliner, taxonomy
from digestor.availability import flag
from digestor.dedupe import title_key
from digestor.render import markdown
from digestor.sources.pages import parse
from digestor.text import clean, links
from digestor.text.sentences import split

UNITS = (
    *(
        "(((a+)+)+ www. http://http://",
        "a",
        "a ",
        "A. ",
        ".",
        "e.g. ",
        "However, ",
        "(",
        "[1, ",
        "1,",
        "1x",
        "5% ",
        "a-",
    ),
    *(
        "&amp;",
        "{",
        "}a ",
        "$a ",
        "<b ",
        "``a",
        "\\frac{a}{",
        "a\u0301\u0316",
        "\u200b",
        "Ã©",
        "- ",
        "**a",
        "pre-",
        "not ",
    ),
    *("code available ", "we make code ", "https://github.com/a/ b_c ", "LLM ", "TL;DR: ", "arxiv "),
    *("Short.\n", "42\n\nShort.\n\n"),
)
PARTS: dict[str, Callable[[str], object]] = {
    "clean": clean,
    "sentences": split,
    "links": links.find,
    "one-liner": lambda text: oneliner.summarise("A title", text),
    "tags": lambda text: taxonomy.load().tag(text, text),
    "code flag": lambda text: flag(text, text),
    "faithful": lambda text: faithful.check(faithful.repair(text), "A title", text),
    "title key": title_key,
    "page": lambda text: list(parse(text, "page")),
    "markdown": markdown,
}
SHORT, LONG = 30_000, 300_000


def seconds(part: Callable[[str], object], text: str) -> float:
    """Processor time of one call."""
    started = time.process_time()
    part(text)
    return time.process_time() - started


def main() -> None:
    """A line a part: its slowest unit, and its worst ratio."""
    clean("Ã©")  # imports what mends encodings
    print(f"{'part':<12}{'slowest at 300 kB':>20}   unit {'':<24}{'worst 300 kB : 30 kB':>22}")
    for name, part in PARTS.items():
        long = {unit: seconds(part, unit * (LONG // len(unit))) for unit in UNITS}
        short = {unit: seconds(part, unit * (SHORT // len(unit))) for unit in UNITS}
        slowest = max(UNITS, key=lambda unit: long[unit])
        ratios = [long[unit] / short[unit] for unit in UNITS if long[unit] > 0.02]
        worst = f"{max(ratios):.1f}" if ratios else "-"
        print(f"{name:<12}{long[slowest]:>18.3f} s   {slowest!r:<30}{worst:>20}", flush=True)


if __name__ == "__main__":
    main()
