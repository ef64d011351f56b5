"""`digestor collect` and `digestor sources`: reading the sources without making an issue."""

import ast
import inspect
import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import click
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from digestor.cli.terminal import Meter, config_option, configured, outside, tell, today
from digestor.config import Config
from digestor.errors import InputError, SourceError
from digestor.gathering import gather, told
from digestor.models import Paper, Problem
from digestor.period import span, weekly
from digestor.plugins import find, known
from digestor.protocols import Covers, Lookup, Source, Window
from digestor.store import Store
from digestor.wiring import parts, reaching

KEPT = 120
"""Days for which what was collected is kept."""
SHOWN = 3
NO_SOURCE = "list a source in config.toml ([[sources]]); `digestor sources` says which kinds there are"


@click.command(
    epilog="Example: digestor collect -c config.toml", short_help="Fetch today's papers into the store, for later."
)
@config_option
@click.option("--days", type=click.IntRange(1, 31), default=2, show_default=True, help="How many days up to today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def collect(config_file: Path | None, days: int, as_json: bool) -> int:
    """Fetch today's papers into the store, for later.

    Reads the configured sources that know days (not files), annotates nothing, and keeps what came for the issues
    of those days: for a daily timer, since arXiv's feeds show one day at a time. The exit code is 1 if one failed.
    """
    config = configured(config_file)
    world = outside()
    window = Window(today() - timedelta(days=days - 1), today())
    with Store.open(config.store) as store, Meter(as_json) as meter, reaching(config, store, world, meter) as reach:
        dated = [source for source in parts(config, environ=world.environ).sources if isinstance(source, Covers)]
        if not dated:
            raise InputError(config.where, "has no source that knows days, so there is nothing to collect", NO_SOURCE)
        before = store.collection.count()
        found = gather(dated, window, reach, store.collection, meter)
        store.collection.prune(today() - timedelta(days=KEPT))
        added = store.collection.count() - before
    if as_json:
        given = [one.model_dump() for one in found.sources]
        click.echo(json.dumps({"new": added, "sources": given, "problems": [p.model_dump() for p in found.problems]}))
    else:
        tell(found.problems)
        for one in found.sources:
            click.echo(
                f"{one.name}: {one.papers - one.collected:,} papers" + (", and failed" * (one.state == "failed"))
            )
        click.echo(f"{max(added, 0):,} new to the store, {span(window)}.")
    return 1 if found.failed else 0


class Kind(NamedTuple):
    """A kind of source: what it is, its keys, and whether it can be asked about single papers."""

    name: str
    line: str
    keys: list[tuple[str, str, str]]
    """Name, default in TOML's words, what it is."""
    enriches: bool


@click.group(
    epilog="Example: digestor sources test huggingface",
    short_help="List the kinds of sources, or try one of yours.",
    invoke_without_command=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
@click.pass_context
def sources(ctx: click.Context, as_json: bool) -> int:
    """List the kinds of sources, or try one of yours.

    Without a subcommand: every kind that `[[sources]]` (and `[[enrich]]`) can name, with its keys. docs/sources.md has
    an example of each.
    """
    if ctx.invoked_subcommand:
        return 0
    kinds = [described(name) for name in known("source")]
    if as_json:
        click.echo(json.dumps([kind._asdict() for kind in kinds], ensure_ascii=False))
        return 0
    for kind in kinds:
        click.echo(f"{kind.name}: {kind.line}" + ("  [also for enrich]" if kind.enriches else ""))
        wide = max((len(f"{key} = {default}") for key, default, _ in kind.keys), default=0)
        for key, default, doc in kind.keys:
            click.echo(f"    {f'{key} = {default}' if default else key:<{min(wide, 34)}}  {doc}".rstrip())
    return 0


@sources.command("test", epilog="Example: digestor sources test huggingface")
@click.argument("name")
@config_option
def test(name: str, config_file: Path | None) -> int:
    """Fetch one source now and show three of its papers.

    NAME is a configured source's name, its kind, or its number from 1; or any kind that needs no keys.
    """
    config = configured(config_file)
    world = outside()
    with Store.open(config.store) as store, reaching(config, store, world) as reach:
        source = chosen(config, name)
        window = weekly(today()).window
        found: list[Paper] = []
        problems: list[Problem] = []
        failed: SourceError | None = None
        try:
            for one in source.papers(window, reach):
                (problems if isinstance(one, Problem) else found).append(one)  # type: ignore[arg-type]
        except SourceError as error:
            failed = error
    click.echo(f"{source.name}: {len(found):,} papers, {covered(source, window)}")
    for paper in found[:SHOWN]:
        click.echo(f"\n  {paper.title}\n    {about(paper)}")
    tell(problems)
    if failed:
        tell([Problem(where=told(source.name, failed), what=failed.what, todo=failed.todo)])
    return 1 if failed or any(problem.lost for problem in problems) else 0


def chosen(config: Config, name: str) -> Source:
    """The configured source that a user means, or a kind as it is without keys. Raises InputError."""
    made = parts(config).sources
    numbered = {str(number): source for number, source in enumerate(made, start=1)}
    fits = [one for one in made if name.casefold() in (one.name.casefold(), str(getattr(one, "kind", "")).casefold())]
    if name in numbered or fits:
        return numbered[name] if name in numbered else fits[0]
    if name in known("source"):
        bare = config.model_copy(update={"sources": (config.annotator.model_copy(update={"kind": name}),)})
        return parts(bare.model_copy(update={"annotator": Config().annotator})).sources[0]
    there = ", ".join(one.name for one in made) or "none is configured"
    raise InputError(name, "is no configured source and no kind of source", f"there are: {there}")


def covered(source: Source, window: Window) -> str:
    """What the week means to a source."""
    return source.covers(window) if isinstance(source, Covers) else "whatever it has"


def about(paper: Paper) -> str:
    """What came with a paper, on a line."""
    names = ", ".join(paper.authors[:3]) + (" and others" if len(paper.authors) > 3 else "")
    parts = (
        names,
        f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else paper.doi and f"doi:{paper.doi}",
        paper.announced and f"announced {paper.announced}",
        f"{len(paper.abstract):,} characters of abstract" if paper.abstract else "no abstract",
        paper.code_url,
    )
    return " · ".join(str(part) for part in parts if part)


def described(name: str) -> Kind:
    """A kind of source as its class describes itself. Raises ConfigError for a plugin that cannot be imported."""
    found = find("source", name, "sources")
    said = documented(found)
    keys = [
        (key, _default(field.default), said.get(key, "")) for key, field in found.model_fields.items() if key != "kind"
    ]
    line = (inspect.getdoc(found) or "").partition("\n")[0]
    return Kind(name, line, keys, issubclass(found, Lookup))


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return ""
    return json.dumps(list(value) if isinstance(value, tuple) else value, default=str)


def documented(found: type[BaseModel]) -> dict[str, str]:
    """The first sentence of the docstring below each field, its base classes' among them."""
    said: dict[str, str] = {}
    for cls in reversed(found.__mro__):
        if not issubclass(cls, BaseModel) or cls is BaseModel:
            continue
        try:
            (body,) = ast.parse(dedent(inspect.getsource(cls))).body
        except (OSError, TypeError, SyntaxError, ValueError):
            continue
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for field, doc in pairwise(statements):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(doc, ast.Expr)
                and isinstance(doc.value, ast.Constant)
                and isinstance(doc.value.value, str)
            ):
                said[field.target.id] = " ".join(doc.value.value.split())
    return said
