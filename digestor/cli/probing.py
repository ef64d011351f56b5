"""The trial of an annotator: one request about a paper that is made up, through its own client."""

from digestor.annotators.means import Means
from digestor.annotators.settings import Settings
from digestor.cli.money import dollars
from digestor.cli.trial import Trial, shortened
from digestor.client import replies
from digestor.client.budget import Budget
from digestor.client.once import once
from digestor.client.prices import cost
from digestor.client.terms import Failure, Fatal, Limited
from digestor.errors import AnnotatorError, ConfigError
from digestor.interests import Interests, in_words
from digestor.models import Paper
from digestor.protocols import Desk, Journal, Outside, Paid
from digestor.wiring import Parts

TIDES = Paper(
    id="made-up",
    title="Tides in four small bays",
    abstract="We measured the tides of four small bays for a year.\nThey follow the open sea after 12 minutes.",
)
"""Two lines that are made up."""
SLACK = 64
"""Tokens of a request and of a reply beside the paper."""


def annotator(made: Parts, interests: Interests, journal: Journal, world: Outside) -> Trial:
    """Try whoever writes the lines."""
    desk = Desk(made.vocabulary, journal, world.environ, world.tell, reader=in_words(interests))
    if isinstance(made.annotator, Settings):
        return model(made.annotator, desk, world)
    name = made.annotator.signature(made.vocabulary, desk.reader)
    if isinstance(made.annotator, Paid):
        return Trial("annotator", name, "not tried", "how it could be asked for less than it costs is not known")
    try:
        (said,) = made.annotator.annotate([TIDES], desk)
    except AnnotatorError as error:
        return Trial("annotator", name, "FAILED", error.what, error.todo)
    return Trial("annotator", name, "ok", f"of a paper made up, it says “{shortened(said.summary or '')}”")


def model(settings: Settings, desk: Desk, world: Outside) -> Trial:
    """One request to a chat model."""
    name = f"{settings.model} at {settings.host(desk.environ)}"

    def failed(found: str, todo: str = "") -> Trial:
        return Trial("annotator", name, "FAILED", found, todo)

    if missing := [key for key in settings.secrets(desk.environ) if not desk.environ.get(key)]:
        return failed(f"{missing[0]} is not set in the environment", "it holds the key of the model's server")
    try:
        means = Means(settings, desk)
    except ConfigError as error:
        return failed(error.what, error.todo)
    item, _ = means.item(TIDES)
    worst = means.form.tokens + item.tokens + SLACK, means.form.most + SLACK + settings.thinking
    if not Budget(means.price, settings.max_cost, settings.max_requests).room(*worst):
        why = f"one request could cost more than max_cost = {settings.max_cost:g}"
        return Trial("annotator", name, "not tried", why)
    began = world.clock()
    try:
        reply = once(means.chat, item.numbered(1), worst[1])
    except Fatal as failure:
        return failed(str(failure), failure.todo)
    except Limited as failure:
        return failed(str(failure), "it is there and takes no more now: try again in a minute")
    except Failure as failure:
        return failed(
            str(failure), "is the server up, and does it speak the OpenAI format? docs/models.md has examples"
        )
    took = f"answered in {max(0.0, world.clock() - began):.1f} s: "
    if usage := reply.usage:
        spent = dollars(cost(means.price, usage) if means.price else None)
        took += f"{usage.tokens_in:,} tokens in, {usage.tokens_out:,} out, {spent}"
    else:
        took += "it does not count its tokens"
    tied = replies.read(reply.text, [item], means.form.answer, whole=reply.finish != "length")
    if not tied.good:
        fault = "; ".join(tied.faults) or "it is no answer"
        return failed(f"{took}; but not as asked ({fault})", 'try a larger model, or set structured = "json_schema"')
    return Trial("annotator", name, "ok", took)
