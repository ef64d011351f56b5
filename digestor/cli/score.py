"""`digestor eval`: how good an annotator is, on labels of one's own."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from digestor import evaluate
from digestor.annotating import Annotating
from digestor.cli.terminal import Meter, Writer, annotator_options, config_option, configured, environment, say
from digestor.dedupe import cluster, title_key
from digestor.errors import InputError
from digestor.evaluate import Scores
from digestor.models import Annotation, Paper, Problem
from digestor.protocols import Desk, Paid
from digestor.sources.fields import paper as paper_of
from digestor.store import Store
from digestor.text import links
from digestor.text.sentences import split
from digestor.wiring import parts

STATUSES = ("released", "promised", "mentioned", "none")


class Labelled(NamedTuple):
    """A paper, and what its row in the gold file says of it (None: nothing)."""

    paper: Paper
    lines: tuple[str, ...] | None
    tags: tuple[str, ...] | None
    also: tuple[str, ...]
    code: str | None
    cluster: object


@click.command(
    "eval",
    epilog="Example: digestor eval gold.jsonl --annotator extractive --misses misses.txt",
    short_help="Score an annotator against your own labels.",
)
@click.argument("gold", type=click.Path(path_type=Path))
@config_option
@annotator_options
@click.option("--misses", type=click.Path(path_type=Path), metavar="FILE", help="Write what was wrong, to read.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def score(
    gold: Path,
    config_file: Path | None,
    annotator: str | None,
    model: str | None,
    max_cost: float | None,
    misses: Path | None,
    as_json: bool,
) -> int:
    """Score an annotator against your own labels.

    GOLD has a paper a line, as JSON, with any of these labels; each kind is scored where it is there: "lines" (one or
    more good one-liners), "tags" (and "also_ok_tags", which count neither way), "code" (released, promised, mentioned
    or none), "cluster" (the same for records of one paper). Baselines are scored beside it: a number alone says little.
    """
    config = configured(config_file, Writer(annotator, model, max_cost))
    _, writer, vocabulary, *_ = parts(config, environ=environment())
    rows = read(gold)
    with Store.open(config.store) if isinstance(writer, Paid) else Store.rehearsal() as store, Meter(as_json) as meter:
        said: dict[str, Annotation] = {}
        desk = Desk(vocabulary, store.journal, environment(), say)
        for paper, annotation in Annotating([row.paper for row in rows], writer, store, desk):
            said[paper.id] = annotation
            meter("annotating", len(said), len(rows))
    table, wrong = measure(rows, said, config.annotator.kind)
    if misses:
        try:
            misses.write_text("\n".join(wrong) + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(str(misses), f"cannot be written: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps([{"task": task, "method": method, **scores} for task, method, scores in table]))
    else:
        for task in dict.fromkeys(task for task, _, _ in table):
            click.echo("\n".join(aligned([row[1:] for row in table if row[0] == task], task)) + "\n")
    return 0


def read(file: Path) -> list[Labelled]:
    """The rows of a gold file. Raises InputError with all that is wrong with them."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(file), f"cannot be read: {error}", "gold is JSON lines, in UTF-8") from error
    rows: list[Labelled] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            rows.append(labelled(value, f"line {number}"))
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    taken = Counter(row.paper.id for row in rows)
    faults += [f"id {id}: {count} rows have it" for id, count in taken.items() if count > 1]
    if faults or not rows:
        what = "\n  ".join(["", *faults[:20]]) if faults else "has no rows"
        raise InputError(str(file), what, "`digestor eval --help` says what a row looks like")
    return rows


def labelled(value: Any, where: str) -> Labelled:
    """One row. Raises ValueError where it holds no paper or a label makes no sense."""
    found = next((item for item in paper_of(value, where) if isinstance(item, Paper | Problem)), None)
    if not isinstance(found, Paper):
        raise ValueError(found.what if found else "is no record")
    lines, tags, code = value.get("lines"), value.get("tags"), value.get("code")
    if isinstance(lines, str):
        lines = [lines]
    for label, given in (("lines", lines), ("tags", tags), ("also_ok_tags", value.get("also_ok_tags"))):
        if given is not None and not (isinstance(given, list) and all(isinstance(item, str) for item in given)):
            raise ValueError(f"{label} is not a list of texts")
    if code is not None and code not in STATUSES:
        raise ValueError(f"code is {code!r}, not one of {', '.join(STATUSES)}")
    also = tuple(value.get("also_ok_tags") or ())
    return Labelled(
        found, tuple(lines) if lines else None, tuple(tags) if tags else None, also, code, value.get("cluster")
    )


Answer = tuple[Labelled, Annotation | None]
Part = tuple[list[tuple[str, str, Scores]], list[str]]
"""Rows of the table (task, method, scores), and the misses to read."""


def measure(rows: Sequence[Labelled], said: dict[str, Annotation], method: str) -> Part:
    """Each kind of label that is there, scored, with its baselines. Raises InputError where there is none."""
    answers = [(row, said.get(row.paper.id)) for row in rows]
    tasks = (of_lines, of_tags, of_code, of_clusters)
    found = [part(answers, method) for part in tasks]
    table = [row for rows_of_part, _ in found for row in rows_of_part]
    if not table:
        raise InputError("gold", "no row has a label", "`digestor eval --help` names them")
    return table, [miss for _, misses in found for miss in misses]


def of_lines(answers: Sequence[Answer], method: str) -> Part:
    """One-liners, beside the first sentence and the title."""
    lined = [(row, answer) for row, answer in answers if row.lines]

    def scored(choose: Callable[[Labelled, Annotation | None], str | None]) -> Scores:
        return evaluate.lines((choose(row, answer), row.lines or (), row.paper.title) for row, answer in lined)

    table = [
        ("lines", method, scored(lambda _, answer: answer.summary if answer else None)),
        ("lines", "first sentence", scored(lambda row, _: next(iter(split(row.paper.abstract)), None))),
        ("lines", "the title", scored(lambda row, _: row.paper.title)),
    ]
    misses = [f"line\t{row.paper.id}\t{answer and answer.summary}\tgold: {row.lines}" for row, answer in lined]
    return (table, misses) if lined else ([], [])


def of_tags(answers: Sequence[Answer], method: str) -> Part:
    """Tags, beside the three most frequent ones."""
    tagged = [(row, answer) for row, answer in answers if row.tags]
    common = [tag for tag, _ in Counter(tag for row, _ in tagged for tag in row.tags or ()).most_common(3)]
    table = [
        ("tags", method, evaluate.tags((said.tags if said else (), row.tags or (), row.also) for row, said in tagged)),
        ("tags", "the three most frequent", evaluate.tags((common, row.tags or (), row.also) for row, _ in tagged)),
    ]
    misses = [
        f"tags\t{row.paper.id}\t{said and said.tags}\tgold: {row.tags}\t{row.paper.title}"
        for row, said in tagged
        if said is None or set(said.tags) != set(row.tags or ())
    ]
    return (table, misses) if tagged else ([], [])


def of_code(answers: Sequence[Answer], method: str) -> Part:
    """Code flags, beside taking any URL for one."""
    flagged = [(row, answer) for row, answer in answers if row.code]
    url = (("released" if links.find(row.paper.abstract) else "none", row.code or "") for row, _ in flagged)
    table = [
        (
            "code",
            method,
            evaluate.flags((said.code.status if said else "none", row.code or "") for row, said in flagged),
        ),
        ("code", "a URL anywhere", evaluate.flags(url)),
    ]
    misses = [
        f"code\t{row.paper.id}\t{said and said.code.status}\tgold: {row.code}\t{said and said.code.evidence}"
        for row, said in flagged
        if said is None or said.code.status != row.code
    ]
    return (table, misses) if flagged else ([], [])


def of_clusters(answers: Sequence[Answer], method: str) -> Part:
    """Duplicates, which no annotator finds, beside equal titles."""
    rows = [row for row, _ in answers if row.cluster is not None]
    gold = [json.dumps(row.cluster) for row in rows]
    found = {index: number for number, group in enumerate(cluster([row.paper for row in rows])) for index in group}
    table = [
        ("dedupe", "digestor", evaluate.clusters([found[index] for index in range(len(rows))], gold)),
        ("dedupe", "the same title", evaluate.clusters([title_key(row.paper.title) for row in rows], gold)),
    ]
    return (table, []) if rows else ([], [])


def aligned(rows: Iterable[tuple[str, Scores]], task: str) -> list[str]:
    """A task's rows as a table of text."""
    rows = list(rows)
    wide = max(len(task), *(len(method) for method, _ in rows))
    names = list(rows[0][1])
    lines = [f"{task:<{wide}}" + "".join(f"  {name:>{max(len(name), 6)}}" for name in names)]
    for method, scores in rows:
        cells = (f"  {scores[name]:>{max(len(name), 6)}.{3 if abs(scores[name]) <= 1 else 2}f}" for name in names)
        lines.append(f"{method:<{wide}}" + "".join(cells))
    return lines
