"""`digestor send` and `digestor unsubscribe`: the mail of an issue, and the way out of it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

import click
from pydantic import BaseModel

from digestor.cli.show import find, read
from digestor.cli.terminal import Meter, config_option, configured, outside, say, today
from digestor.config import Config
from digestor.delivery.readers import Reader, lines, reader, readers, whose
from digestor.delivery.rounds import Account
from digestor.delivery.smtp import Smtp, in_words, unknown
from digestor.delivery.webhook import Webhook
from digestor.errors import ConfigError, DeliveryError, InputError
from digestor.models import Issue, Message
from digestor.protocols import Office
from digestor.store import Store
from digestor.wiring import located, make

SET_UP = 'add a [[delivery]] with kind = "smtp" or "webhook" to the config; docs/newsletter.md shows how'


@click.command(
    epilog="Example: digestor send 2026-W47 --dry-run --out letters",
    short_help="Mail an issue to its readers, to nobody twice.",
)
@click.argument("issue")
@config_option
@click.option("--to", multiple=True, metavar="ADDRESS", help="Only to this address; may be given more than once.")
@click.option("--dry-run", is_flag=True, help="Write one .eml a reader into --out instead; send nothing.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where --dry-run writes.")
@click.option("--resend-unknown", is_flag=True, help="Send again where nobody can know whether it arrived.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def send(
    issue: str,
    config_file: Path | None,
    to: tuple[str, ...],
    dry_run: bool,
    out: Path | None,
    resend_unknown: bool,
    as_json: bool,
) -> int:
    """Mail an issue to its readers, to nobody twice.

    ISSUE is an id such as 2026-W47, looked for in the output folder, or a file 2026-W47.json. It goes to the readers
    of every smtp delivery of the config, and to every webhook; with --to by the first smtp, to those named. Who has it
    is kept in the store: the same command again goes on where it stopped. Exit code 1: somebody is left, was refused,
    or nobody knows.
    """
    if dry_run != (out is not None):
        raise click.UsageError("--dry-run and --out DIR go together")
    config = configured(config_file)
    edition = read(find(issue, config.output))
    posts, hooks = deliveries(config), webhooks(config)
    if not posts and (to or out or not hooks):
        raise ConfigError(config.where, "has no delivery by mail", SET_UP)
    if to:
        posts = [posts[0].model_copy(update={"recipients": to, "recipients_file": None})]
    if not any(section.entries for section in edition.sections) and not edition.carried:
        nothing = f"{edition.id} has no papers, so nothing was sent."
        click.echo(json.dumps({"issue": edition.id, "mail": []}) if as_json else nothing)
        return 0
    message = written(edition, config)
    if out:
        files = rehearsed(posts, message, config, out)
        spoken = f"{len(files)} letters written to {out}; nothing was sent."
        click.echo(json.dumps({"issue": message.id, "files": files}, ensure_ascii=False) if as_json else spoken)
        return 0
    accounts, posted = sent(posts, () if to else hooks, message, config, resend_unknown, as_json)
    speak(message, posts, accounts, posted, as_json)
    return 1 if any(account.left or account.unknown or account.refused for account in accounts) else 0


def deliveries(config: Config) -> list[Smtp]:
    """The deliveries by mail of a config. Raises ConfigError with the faults of one."""
    return [cast(Smtp, made) for made in _made(config, "smtp")]


def webhooks(config: Config) -> list[Webhook]:
    """The webhooks of a config. Raises ConfigError with the faults of one."""
    return [cast(Webhook, made) for made in _made(config, "webhook")]


def _made(config: Config, kind: str) -> list[BaseModel]:
    return [
        make("delivery", located(config, part), f"{config.where}: delivery[{number}]")
        for number, part in enumerate(config.delivery)
        if part.kind == kind
    ]


def written(issue: Issue, config: Config) -> Message:
    """The issue as a mail that is fit to be sent. Raises DeliveryError with everything that is wrong with it."""
    from digestor.render.issue import as_json
    from digestor.render.lint import faults
    from digestor.render.mail import as_mail

    mail = as_mail(issue, config.newsletter)
    found = faults(mail)
    if found:
        todo = "nothing was sent; if you have templates of your own, mend them"
        raise DeliveryError(issue.id, "its mail would not arrive as it should:\n  " + "\n  ".join(found), todo)
    # An issue may be mailed before its last day; a date yet to come looks like spam.
    whole = {"json": as_json(issue)}  # a webhook tells of the issue itself
    return Message(id=issue.id, subject=mail.subject, formats=whole, mail=mail, day=min(issue.end, today()))


def rehearsed(posts: Sequence[Smtp], message: Message, config: Config, folder: Path) -> list[str]:
    """Write each letter as it would be sent, named by its reader's number; the paths."""
    with Store.rehearsal(config.store) as store:
        letters = [
            (number, content)
            for post in posts
            for number, (to, content) in enumerate(post.letters(message, outside().environ), start=1)
            if store.sends.suppressed(to.address) is None
        ]
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for written, (number, content) in enumerate(letters, start=1):
        which = number if len(posts) == 1 else written
        file = folder / f"{message.id}-{which:04}.eml"
        file.write_bytes(content)
        files.append(str(file))
    return files


def sent(
    posts: Sequence[Smtp],
    hooks: Sequence[Webhook],
    message: Message,
    config: Config,
    resend_unknown: bool,
    quiet: bool,
) -> tuple[list[Account], list[str]]:
    """Send to everybody who has not had it: what came of the letters, and where it was posted."""
    world = outside(resend_unknown)
    with Store.open(config.store) as store, Meter(quiet) as meter:
        office = Office(store.sends, world.environ, world.tell, meter, world.pause, world.resend_unknown)
        accounts = [post.post(message, office) for post in posts]
        return accounts, [place for hook in hooks for place in hook.deliver(message, office)]


def speak(
    message: Message, posts: Sequence[Smtp], accounts: Sequence[Account], posted: Sequence[str], as_json: bool
) -> None:
    """Where every reader ended: counts, and numbers in place of names."""
    if as_json:
        told = [
            {"host": post.host, **asdict(account), "left": account.left}
            for post, account in zip(posts, accounts, strict=True)
        ]
        click.echo(json.dumps({"issue": message.id, "mail": told, "posted": list(posted)}, ensure_ascii=False))
        return
    for place in posted:
        click.echo(f"{message.id} {place}.")
    for post, account in zip(posts, accounts, strict=True):
        click.echo(f"{message.id} by {post.host}: {in_words(account)}.")
        if account.unknown:
            say(unknown(account))
        if account.todo:
            say(account.todo)
        if account.left:
            say(f"`digestor send {message.id}` sends to those left, and to nobody twice")


@click.command(
    epilog="Example: digestor unsubscribe --file asked.txt",
    short_help="Take a reader off the mail, by token or address.",
)
@click.argument("who", metavar="[TOKEN|ADDRESS]...", nargs=-1)
@config_option
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A file with one token or address a line.",
)
def unsubscribe(who: tuple[str, ...], config_file: Path | None, file: Path | None) -> int:
    """Take a reader off the mail, by token or address.

    TOKEN is what stands at the end of a reader's address to unsubscribe; the whole address will do. It is checked
    against the secret and the readers of the config. Nothing is sent to who unsubscribed, whatever list they are in.
    """
    asked = [(f"argument {number}", text) for number, text in enumerate(who, start=1)]
    asked += [(f"{file}:{number}", text) for number, text in lines(file)] if file else []
    if not asked:
        raise click.UsageError("name a token, an address, or a --file of them")
    config = configured(config_file)
    known = list(signed(deliveries(config)))
    done = before = 0
    faults = []
    with Store.open(config.store) as store:
        for where, text in asked:
            try:
                one = meant(text, known)
            except ValueError as fault:
                faults.append(f"{where}: {fault}")
                continue
            before += store.sends.suppressed(one.address) is not None
            store.sends.suppress(one.address, "unsubscribed")
            done += 1
    if faults and not done:
        raise InputError(
            "unsubscribe", "\n  ".join(faults), "was the secret changed, or the reader taken off the list?"
        )
    said = f" ({before} of them got none before)" if before else ""
    click.echo(f"{done} {'reader gets' if done == 1 else 'readers get'} no more mail{said}.")
    for line in faults:
        say(line)
    return 1 if faults else 0


def signed(posts: Sequence[Smtp]) -> Iterator[tuple[str, list[Reader]]]:
    """Each secret, and the readers it made tokens for. Raises DeliveryError where a secret is missing."""
    environ = outside().environ
    for post in posts:
        if post.secret_env:
            yield post.secret(environ), readers(post.recipients, post.recipients_file)


def meant(text: str, known: Sequence[tuple[str, Sequence[Reader]]]) -> Reader:
    """Whom a token or an address means. Raises ValueError in words that do not repeat it."""
    for secret, among in known:
        found = whose(text, among, secret)
        if found:
            return found
    if "@" not in text:
        raise ValueError("is no address, and no reader's token" + ("" if known else "; no delivery has a secret_env"))
    return reader(text)
