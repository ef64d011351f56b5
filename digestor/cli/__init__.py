"""The command line: arguments in, one call, words out. The only room that reads clock and environment, and prints.

Each command lives in the module named in COMMANDS and is imported only when it is asked for, so that `--help` stays
as quick as an import of click.
"""

import os
import sys
from importlib import import_module

import click

from digestor import __version__
from digestor.errors import DigestorError

COMMANDS = {
    "weekly": ("digestor.cli.issue", "Make the issue of a week: the main job."),
    "daily": ("digestor.cli.issue", "Make the issue of a day."),
    "monthly": ("digestor.cli.issue", "Make the issue of a month."),
    "show": ("digestor.cli.show", "Read an issue in the terminal."),
    "dedupe": ("digestor.cli.filters", "Print each paper once, as JSON lines."),
    "annotate": ("digestor.cli.filters", "Print one line, tags and code flag for each paper, as JSON lines."),
    "collect": ("digestor.cli.sources", "Fetch today's papers into the store, for later."),
    "sources": ("digestor.cli.sources", "List the kinds of sources, or try one of yours."),
    "plan": ("digestor.cli.money", "Say what annotating would cost, before it costs."),
    "eval": ("digestor.cli.score", "Score an annotator against your own labels."),
    "why": ("digestor.cli.past", "Say why a paper stands where it stands."),
    "feedback": ("digestor.cli.past", "Read back what readers said of papers."),
    "history": ("digestor.cli.past", "List the issues that were made."),
    "forget": ("digestor.cli.past", "Forget a paper or an issue, so that it may come again."),
    "preview": ("digestor.cli.preview", "See an issue's page and mail while you edit."),
    "send": ("digestor.cli.post", "Mail an issue to its readers, to nobody twice."),
    "unsubscribe": ("digestor.cli.post", "Take a reader off the mail, by token or address."),
    "init": ("digestor.cli.init", "Write your config.toml, by four questions or flags."),
    "check": ("digestor.cli.setup", "Check the config and all it names; --online tries it."),
    "completion": ("digestor.cli.setup", "Print the completion script for your shell."),
}
"""Name -> where it is defined, and its line in `digestor --help` (a test holds it to the command's own help)."""


class Lazy(click.Group):
    """A group that imports a command only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the module of a command and take the command from it."""
        if name not in COMMANDS:
            return None
        module = import_module(COMMANDS[name][0])
        command = next(found for found in vars(module).values() if getattr(found, "name", "") == name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. A reader of its output that goes away (`| head`) is no error."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            # Python must not find out again when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: digestor weekly pages/*.txt\n\nExit codes: 0 done, 1 failed or partial, 2 the request makes no "
    "sense, 3 under way (a batch): run it again later, 130 interrupted.",
)
@click.version_option(__version__, "-V", "--version", message="digestor %(version)s")
def cli() -> None:
    """Read the papers of a week, once each, and write one issue: a line, tags and a code flag for every paper."""


def main() -> None:
    """Run the command line and leave with its exit code; every expected error is one message, never a traceback."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; the exit code."""
    try:
        code = cli.main(arguments, prog_name="digestor", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except DigestorError as error:
        click.echo(f"digestor: {error}", err=True)
        return error.code
    except (KeyboardInterrupt, click.Abort):
        click.echo("digestor: interrupted; what was annotated or sent is kept, and the same command goes on", err=True)
        return 130
    except OSError as error:
        click.echo(f"digestor: {error.filename or 'output'}: {error.strerror}\n  check that there is room", err=True)
        return 1
