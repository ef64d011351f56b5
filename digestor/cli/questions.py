"""The four questions of the first run, and what makes an answer one."""

from collections.abc import Callable
from typing import TypeVar

import click
from pydantic import ValidationError

from digestor.annotators.settings import Settings
from digestor.cli.answers import Answers, server
from digestor.delivery.readers import reader
from digestor.errors import InputError
from digestor.sources.arxiv.source import category

Said = TypeVar("Said")

OPENING = "Four questions. Enter takes what is in [brackets]; nothing is written before the last.\n"
TOPICS = """1. What do you want to read about? Words or phrases, with commas between them,
   such as: sparse attention, protein folding. Papers near them come first."""
CATEGORIES = """
2. Which categories of arXiv? With commas between them; empty: none, but the daily papers of Hugging Face.
   cs.CL language    cs.LG machine learning  cs.CV vision      cs.AI artificial intelligence  cs.RO robots
   cs.CR security    stat.ML statistics      q-bio.BM biology  quant-ph quantum physics       astro-ph astronomy"""
WRITER = """
3. Who writes the lines?
   1  the built-in: a sentence of the abstract, no key, no network
   2  a model at OpenAI, with your key
   3  a model somewhere else that speaks the same format, on this machine too (Ollama, vLLM, llama.cpp)"""
PLACE = """
4. Where should the issue go? Its files are in digests/ in any case. More than one: 2,4
   1  only there
   2  by mail, to yourself
   3  this folder is a repository on GitHub: made there each week by a workflow
   4  made here each week, by a systemd timer
   5  made here each week, by cron"""
MODEL, ADDRESS = "gpt-5-mini", "http://localhost:11434/v1"


def answers() -> Answers:
    """Ask on the terminal. Raises click.Abort where the user leaves."""
    click.echo(OPENING)
    click.echo(TOPICS)
    topics = asked("   Topics", listed)
    click.echo(CATEGORIES)
    categories = asked("   Categories", lambda text: tuple(category(one) for one in listed(text)))
    click.echo(WRITER)
    writer = asked("   Number", lambda text: chosen(text, 3), "1")
    base_url = asked("   Its address", address, ADDRESS) if 3 in writer else ""
    model = asked("   The model's name", named, "" if 3 in writer else MODEL) if writer != {1} else ""
    click.echo(PLACE)
    places = asked("   Numbers", lambda text: places_of(text, Answers(base_url=base_url).is_here), "1")
    mail = asked("   Your address", mailbox) if 2 in places else ""
    smtp = (
        asked("   The server that sends your mail", lambda text: sender(text, mail), server("", mail)[0])
        if mail
        else ""
    )
    timer = "systemd" if 4 in places else "cron" if 5 in places else None
    click.echo()
    return Answers(topics, categories, model, base_url, mail, smtp, 3 in places, timer)  # type: ignore[arg-type]


def asked(question: str, taken: Callable[[str], Said], usual: str = "") -> Said:
    """One answer, asked for until it is one."""

    def value(text: str) -> Said:
        try:
            return taken(text)
        except InputError as fault:
            raise click.UsageError(f"{fault.what}; {fault.todo}" if fault.todo else fault.what) from None
        except ValueError as fault:
            raise click.UsageError(str(fault)) from None

    found: Said = click.prompt(question, default=usual, show_default=bool(usual), value_proc=value)
    return found


def sound(said: Answers) -> Answers:
    """The answers as they are kept. Raises InputError for those that make no sense, alone or together."""
    if said.base_url and not said.model:
        raise InputError("--base-url", "names a server, but no model", "add --model NAME")
    if said.prompts and not said.model:
        raise InputError("--prompts", "are the prompts of a chat model", "add --model NAME")
    if said.smtp and not said.mail:
        raise InputError("--smtp", "names a server, but nobody to mail to", "add --mail ADDRESS")
    if said.github and said.timer:
        raise InputError("--github", "makes the issue each week, and so does --timer", "choose one of them")
    if said.github and said.is_here:
        what = f"runs on GitHub's machines, where the model at {said.base_url} is not"
        raise InputError("--github", what, "name a server that they can reach, or use --timer")
    try:
        given = (one for several in said.categories for one in several.split())
        categories = tuple(dict.fromkeys(category(one) for one in given))
    except ValueError as fault:
        raise InputError("--category", str(fault)) from None
    topics = tuple(dict.fromkeys(filter(None, (" ".join(topic.split()) for topic in said.topics))))
    return said._replace(topics=topics, categories=categories)


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(dict.fromkeys(filter(None, (" ".join(part.split()) for part in text.split(",")))))


def chosen(text: str, most: int) -> set[int]:
    """One of the numbers. Raises ValueError."""
    if text.strip() not in map(str, range(1, most + 1)):
        raise ValueError(f"a number from 1 to {most}")
    return {int(text)}


def places_of(text: str, is_here: bool) -> set[int]:
    """Several of the numbers; `is_here`: is the model on this machine? Raises ValueError."""
    found = set[int]().union(*(chosen(one, 5) for one in listed(text) or ("1",)))
    if len(found & {3, 4, 5}) > 1:
        raise ValueError("made each week in one place: 3, 4 or 5")
    if is_here and 3 in found:
        raise ValueError("a workflow on GitHub's machines cannot ask the model on this one")
    return found


def named(text: str) -> str:
    """A name. Raises ValueError."""
    if not text.strip():
        raise ValueError("there must be one; `ollama list` or the server's /v1/models says which there are")
    return text.strip()


def address(text: str) -> str:
    """The address of a server. Raises ValueError."""
    try:
        Settings.model_validate({"model": MODEL, "base_url": text.strip()})
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    return text.strip()


def mailbox(text: str) -> str:
    """An address of a person. Raises ValueError."""
    reader(text)
    return text.strip()


def sender(text: str, mail: str) -> str:
    """The server that sends; empty where it is the one that would be guessed. Raises InputError."""
    guess = server("", mail)
    return "" if server(text, mail) == guess else text.strip()
