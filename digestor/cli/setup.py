"""`digestor init`, `check` and `completion`: getting started, and finding out what is wrong before it matters."""

from importlib import resources
from pathlib import Path

import click

from digestor.cli.terminal import CONFIG, config_option, configured, environment, today
from digestor.compose import compose
from digestor.config import Config
from digestor.errors import ConfigError, InputError
from digestor.models import Ledger
from digestor.period import daily
from digestor.protocols import Paid
from digestor.render import render
from digestor.store import Store
from digestor.wiring import configured as configured_sources
from digestor.wiring import parts, secrets


@click.command(epilog="Example: digestor init && digestor check", short_help="Write a commented config.toml.")
@click.argument("file", type=click.Path(path_type=Path), default=CONFIG)
def init(file: Path) -> int:
    """Write a commented config.toml.

    FILE is config.toml unless said otherwise. A file that is there already is never written over.
    """
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(example())
    except FileExistsError:
        raise InputError(str(file), "is there already and was left alone", "name another: digestor init FILE") from None
    except OSError as error:
        raise ConfigError(str(file), f"cannot be written: {error.strerror}") from error
    click.echo(f"Written: {file}\nNext: list your sources in it, then `digestor check` and `digestor weekly`.")
    return 0


@click.command(
    epilog="Example: digestor check -c config.toml", short_help=("Check the config and all it names, without network.")
)
@config_option
def check(config_file: Path | None) -> int:
    """Check the config and all it names, without network.

    Reads the config, makes every source, annotator and delivery, opens the store, fills the templates, and says what
    it found. Nothing is fetched, sent or written.
    """
    config = configured(config_file)
    sources, annotator, vocabulary, _ = parts(config)
    rows = [("config", str(config.file or "none: defaults are used"))]
    for part, source in zip(configured_sources(config), sources, strict=True):
        rows.append(("source", f"{part.kind}: {source.name}{found_at(part.keys.get('path'))}"))
    if not sources:
        rows.append(("source", "none configured: name files on the command line, or list sources in the config"))
    rows.append(("annotator", annotator.signature(vocabulary)))
    if isinstance(annotator, Paid):
        rows += annotator.check(vocabulary, environment())
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
    for what, found in rows:
        click.echo(f"{what:<10} {found}")
    return 1 if any(MISSING in found for _, found in rows) else 0


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


def example() -> str:
    """config.example.toml, from inside the installed package or, in a checkout, from beside it."""
    package = Path(str(resources.files("digestor")))
    installed = package / "config.example.toml"
    return (installed if installed.is_file() else package.parent / installed.name).read_text(encoding="utf-8")


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
