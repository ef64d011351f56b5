"""The quality of annotations on the development sets, as one table.

    python -m bench.quality [--shared FOLDER] [--out FOLDER]

The sets are not part of this repository: without the folder that holds them there is nothing to score, and it says so.
What was got wrong is written to the out folder, to be read.
"""

import argparse
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from bench.quality.table import Row

HOUSE = Path(__file__).parents[2]
PARTS = ("oneliner", "tags", "code", "dedupe", "faithful", "ranking")


def table(rows: Iterable[Row]) -> str:
    """Rows of one task under the names of their measures."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.measures))
    wide = max(len(row.method) for row in rows)
    lines = [" " * wide + "".join(f"  {name:>{max(7, len(name))}}" for name in names)]
    for row in rows:
        cells = "".join(f"  {shown(row.measures.get(name)):>{max(7, len(name))}}" for name in names)
        lines.append(f"{row.method:<{wide}}{cells}" + (f"   {row.note}" if row.note else ""))
    return "\n".join(lines)


def shown(value: float | None) -> str:
    """A number as short as it can be read."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}" if abs(value) > 1 else f"{value:.3f}"


def main() -> None:
    """Score every part that was asked for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all unless said")
    arguments.add_argument("--shared", type=Path, default=HOUSE.parent / "shared", help="the folder of the sets")
    arguments.add_argument("--out", type=Path, default=HOUSE / "bench" / "out", help="where the misses go")
    asked = arguments.parse_args()
    if not (asked.shared / "data").is_dir():
        sys.exit(f"the development sets are not in {asked.shared}; nothing to score")
    asked.out.mkdir(parents=True, exist_ok=True)
    for part in asked.parts or PARTS:
        rows = import_module(f"bench.quality.{part}").score(asked.shared, asked.out)
        for task in dict.fromkeys(row.task for row in rows):
            print(f"\n{task}\n{table(row for row in rows if row.task == task)}", flush=True)
    print(f"\nwhat was got wrong: {asked.out}/*-misses.txt")


if __name__ == "__main__":
    main()
