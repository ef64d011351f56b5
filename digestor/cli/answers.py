"""What a user answered at the first run, and the config.toml that says it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from digestor.annotators.settings import PERSONAL, PLAIN, Settings
from digestor.delivery.readers import reader
from digestor.errors import InputError

Timer = Literal["systemd", "cron"]

SERVERS = {
    "gmail.com": "smtp.gmail.com",
    "googlemail.com": "smtp.gmail.com",
    "icloud.com": "smtp.mail.me.com",
    "me.com": "smtp.mail.me.com",
    "fastmail.com": "smtp.fastmail.com",
    "yahoo.com": "smtp.mail.yahoo.com",
    "gmx.net": "mail.gmx.net",
    "gmx.de": "mail.gmx.net",
    "gmx.com": "mail.gmx.com",
    "posteo.de": "posteo.de",
}
"""Domains of addresses whose mail goes out through a server of another name than smtp.DOMAIN."""
WIDE = 100
"""Columns beyond which a list is written with one line for each of its texts."""
MOST = 1.0
"""US dollars a run, where the model has a price."""


class Answers(NamedTuple):
    """What is wanted; what is empty is not, or is as it is by default."""

    topics: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Of arXiv; none: the daily papers of Hugging Face."""
    model: str = ""
    base_url: str = ""
    mail: str = ""
    """The user's own address."""
    smtp: str = ""
    """`host` or `host:port` of the server that sends the mail; empty: guessed from the address."""
    github: bool = False
    timer: Timer | None = None
    prompts: bool = False
    """Are there to be prompts to edit?"""

    @property
    def is_here(self) -> bool:
        """Is the model on this machine?"""
        return urlsplit(self.base_url).hostname in ("localhost", "127.0.0.1", "::1")


def written(answers: Answers, environ: Mapping[str, str]) -> str:
    """The config: the answers, then the commented reference. Raises InputError for what no file can hold."""
    tables = [_interests(answers.topics), _source(answers.categories), _annotator(answers, environ)]
    if answers.mail and not answers.github:
        tables.append(delivery(answers.mail, answers.smtp))
    return "\n".join([HEAD, *tables, REFERENCE + example()])


def delivery(mail: str, smtp: str) -> str:
    """The table of a mail to oneself. Raises InputError."""
    host, port = server(smtp, mail)
    keys = {"kind": "smtp", "host": host, **({"port": port, "security": "tls"} if port == 465 else {})}
    if port not in (None, 465):
        keys["port"] = port
    try:
        user = reader(mail).address
    except ValueError as fault:
        raise InputError("--mail", str(fault), "write it as you@example.org") from None
    keys |= {"user": user, "password_env": "SMTP_PASSWORD", "sender": mail, "recipients": (mail,)}
    guess = (
        "" if smtp else "# host is a guess from your address; `digestor check --online` tries it, and sends nothing.\n"
    )
    return f"{guess}[[delivery]]\n{_lines(keys)}"


def server(smtp: str, mail: str) -> tuple[str, int | None]:
    """Host and port of the server that sends; without `smtp`, what is usual for the address. Raises InputError."""
    if not smtp:
        domain = mail.rpartition("@")[2].strip(" >").lower()
        return SERVERS.get(domain, f"smtp.{domain}"), None
    found = re.fullmatch(r"([A-Za-z0-9._-]+)(?::(\d{1,5}))?", smtp.strip())
    if found is None:
        raise InputError("--smtp", f"{smtp!r} is no server's name", "write it as smtp.example.org, or host:465")
    return found[1], int(found[2]) if found[2] else None


def quoted(text: str) -> str:
    r"""A text as TOML writes it. Raises InputError where it cannot be written at all.

    >>> print(quoted('the "big" \\ small'))
    "the \"big\" \\ small"
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(
            ascii(text), "is no text that can be written", "type it anew; is the terminal UTF-8?"
        ) from None
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def example() -> str:
    """config.example.toml, from inside the installed package or, in a checkout, from beside it."""
    return shipped("config.example.toml").read_text(encoding="utf-8")


def shipped(name: str) -> Path:
    """A file that is not code, in the installed package or, in a checkout, beside it."""
    package = Path(str(resources.files("digestor")))
    installed = package / name
    return installed if installed.exists() else package.parent / name


def _interests(topics: Sequence[str]) -> str:
    if not topics:
        return '# What you read about; papers near it come first.\n# [interests]\n# topics = ["..."]\n'
    return f"{TOPICS}[interests]\n{_lines({'topics': topics})}"


def _source(categories: Sequence[str]) -> str:
    if categories:
        return f"{SOURCES}[[sources]]\n{_lines({'kind': 'arxiv', 'categories': categories})}"
    return f"{SOURCES}[[sources]]\n{_lines({'kind': 'huggingface'})}"


def _annotator(answers: Answers, environ: Mapping[str, str]) -> str:
    if not answers.model:
        return f"[annotator]\n{_lines({'kind': 'extractive'})}"
    keys: dict[str, object] = {"kind": "llm", "model": answers.model}
    if answers.base_url:
        keys["base_url"] = answers.base_url
    # Asked by http it is a server of one's own and needs no key; by https it is somebody's, and does.
    if urlsplit(answers.base_url).scheme == "https":
        keys["api_key_env"] = "OPENAI_API_KEY"
    if Settings.model_construct(model=answers.model, base_url=answers.base_url or None).price(environ):
        keys["max_cost"] = MOST
    if answers.prompts:
        keys |= {"prompts": "prompts", "prompt": PERSONAL if answers.topics else PLAIN}
    return f"[annotator]\n{_lines(keys)}"


def _lines(keys: Mapping[str, object]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in keys.items())


def _value(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    return _listed([quoted(text) for text in value]) if isinstance(value, tuple) else repr(value)


def _listed(texts: Iterable[str]) -> str:
    line = f"[{', '.join(texts)}]"
    return line if len(line) <= WIDE else "[\n" + "".join(f"    {text},\n" for text in texts) + "]"


HEAD = """# Your digest, as you asked for it. Change whatever you like: `digestor check` says what is wrong with it.

# Keys that are in no table stand here, above the first one: name, store, output, formats, taxonomy.
name = "Papers of the week"
"""
TOPICS = """# What you read about: papers near it come first. One that matters more: { words = "...", weight = 3 }.
# Beside topics: authors, categories, tags, venues; exclude = ["..."] for what you never want to see.
"""
SOURCES = "# Where papers come from; one table for each. `digestor sources` says which kinds there are.\n"
REFERENCE = """
# ------------------------------------------------------------------------------------------------------------------
# The reference: all that can be set, and nothing that is. Copy what you need to its place above this line.
# ------------------------------------------------------------------------------------------------------------------

"""
