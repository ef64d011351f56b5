"""`digestor check` and `completion`: finding out what is wrong before it matters."""

import json
from pathlib import Path

import click

from digestor.cli.terminal import config_option, configured, environment, outside, today
from digestor.cli.trial import Trial, table
from digestor.compose import compose
from digestor.config import Config
from digestor.interests import in_words
from digestor.models import Ledger
from digestor.period import daily
from digestor.protocols import Paid
from digestor.render import render
from digestor.store import Store
from digestor.wiring import Parts, parts, secrets
from digestor.wiring import configured as configured_sources


@click.command(
    epilog="Example: digestor check --online",
    short_help="Check the config and all it names; --online tries it.",
)
@config_option
@click.option("--online", is_flag=True, help="Ask each source, the model, the mail server and the remote, once.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def check(config_file: Path | None, online: bool, as_json: bool) -> int:
    """Check the config and all it names; --online tries it.

    Reads the config, makes every source, annotator and delivery, opens the store, fills the templates, and says what
    it found: without network, and nothing is sent or written. With --online it then fetches a few papers from each
    source, asks the model about one paper that is made up (a fraction of a cent), logs in to the mail server without
    sending, and asks the git remote whether it is there. The exit code is 1 if anything is missing or failed.
    """
    config = configured(config_file)
    made = parts(config)
    rows = found_out(config, made)
    tried: list[Trial] = []
    if not as_json:
        for what, found in rows:
            click.echo(f"{what:<10} {found}")
    if online:
        from digestor.cli.online import trials

        world = outside()
        tried = list(trials(config, made, world._replace(tell=lambda line: None) if as_json else world))
    if as_json:
        checks = [{"what": what, "found": found} for what, found in rows]
        click.echo(json.dumps({"checks": checks, "trials": [trial._asdict() for trial in tried]}, ensure_ascii=False))
    elif online:
        click.echo(f"\n{table(tried)}")
    missing = any(MISSING in found for _, found in rows)
    return 1 if missing or any(trial.state == "FAILED" for trial in tried) else 0


def found_out(config: Config, made: Parts) -> list[tuple[str, str]]:
    """What there is, without asking anybody. Raises whatever makes the config useless."""
    annotator, vocabulary = made.annotator, made.vocabulary
    rows = [("config", str(config.file or "none: defaults are used"))]
    for part, source in zip(configured_sources(config), made.sources, strict=True):
        rows.append(("source", f"{part.kind}: {source.name}{found_at(part.keys.get('path'))}"))
    if not made.sources:
        rows.append(("source", "none configured: name files on the command line, or list sources in the config"))
    rows += [("enrich", f"{asked.name}, for papers without {LACKS[asked.lack]}") for asked in made.lookups]
    reader = in_words(config.interests)
    rows += interests(config, made)
    rows.append(("annotator", annotator.signature(vocabulary, reader)))
    if isinstance(annotator, Paid):
        rows += annotator.check(vocabulary, environment(), reader)
    rows.append(("tags", f"{len(vocabulary.labels)} ({config.taxonomy or 'built in'})"))
    rows.append(("delivery", f"files: {', '.join(config.formats)} in {config.output}"))
    rows += [("delivery", part.kind) for part in config.delivery]
    rows.append(("store", store_state(config)))
    rows += [
        ("secret", f"{name}  {'' if there else MISSING + ': set it in the environment'}")
        for name, there in secrets(config, annotator, environment())
    ]
    render(compose(config.name, daily(today()), [], Ledger(), vocabulary.labels), config.formats, config.newsletter)
    rows.append(("templates", "filled"))
    return rows


def interests(config: Config, made: Parts) -> list[tuple[str, str]]:
    """What the reader wants, as far as it names things that can be missing."""
    wishes = config.interests
    rows = [("library", f"{file}{found_at(str(file))}") for file in wishes.library]
    unknown = [tag for tag in wishes.tags if tag not in made.vocabulary.labels]
    rows += [("interests", f"tag {tag}  {MISSING}: there is no such tag; docs/tags.md shows them") for tag in unknown]
    rows += [
        ("interests", f"exclude {words!r}  {MISSING}: it has no letter or digit, so it excludes nothing")
        for words in wishes.exclude
        if not any(character.isalnum() for character in words)
    ]
    return rows


@click.command(
    epilog='Example: eval "$(digestor completion bash)"', short_help=("Print the completion script for your shell.")
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the completion script for your shell.

    Put its output where your shell looks for completions, or evaluate it in the shell's start file.
    """
    from click.shell_completion import get_completion_class

    from digestor.cli import cli

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "digestor", "_DIGESTOR_COMPLETE").source())
    return 0


def found_at(path: object) -> str:
    """Whether a source's file is there; what is not, is not to be found out on the day of the issue."""
    return "" if path is None or path == "-" or Path(str(path)).is_file() else f"  {MISSING}: there is no such file"


def store_state(config: Config) -> str:
    """The store's path, and whether it can be opened."""
    if not config.store.exists():
        return f"{config.store} (will be made at the first issue)"
    with Store.rehearsal(config.store):
        return str(config.store)


MISSING = "MISSING"
LACKS = {"abstract": "an abstract", "code": "a link to code", "all": "any of what it knows"}
