"""The gist of an issue, posted to an address that is a secret: Slack, Discord, Matrix, or a program of your own.

Posted once. Claimed in the ledger of sends before, settled after; where nobody can know whether it arrived, it is not
posted again until a person says so.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from digestor.delivery.gist import gist
from digestor.delivery.posting import BusyError, Letter, PerhapsError, RefusedError
from digestor.delivery.posts import Format, Size, post
from digestor.errors import DeliveryError
from digestor.models import Message
from digestor.protocols import Office

TRIES = 5
LONGEST = 120.0
"""Seconds that a server may ask us to wait; what asks for more is left for another run."""
PAUSE = wait_random_exponential(multiplier=1, max=30)
"""Seconds between tries, where the server does not say."""
LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")
UNKNOWN = "it is not known whether it was posted"
LOOK = "look there; if it is missing, `digestor send ISSUE.json --resend-unknown` posts it again"


class Webhook(BaseModel):
    """Posts one message an issue; the address comes from the environment, for whoever has it can post."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["webhook"] = "webhook"
    format: Format
    url_env: Annotated[str, StringConstraints(pattern=r"\A[A-Za-z_]\w*\z")]
    """The environment variable that holds the address."""
    name: Annotated[str, StringConstraints(pattern=r"\A[\w .\-]{1,60}\z")] = "webhook"
    """What the ledger and errors call it; another name is another reader."""
    page_url: Annotated[str, StringConstraints(pattern=r"\Ahttps?://[^\s]+\z")] | None = None
    """Where the issue can be read; `{id}` in it becomes the issue's id."""
    sections: int = Field(6, ge=1, le=20)
    papers: int = Field(3, ge=1, le=10)
    """In each section."""
    timeout: float = Field(30, gt=0, allow_inf_nan=False)
    """Seconds that one try may take."""

    def deliver(self, message: Message, office: Office) -> list[str]:
        """Post it, unless it was posted; say so. Where nobody can know, that is told. Raises DeliveryError."""
        address = self._address(office.environ)
        page = self.page_url.replace("{id}", message.id) if self.page_url else None
        body = post(self.format, gist(message), page, Size(self.sections, self.papers))
        to = hashlib.sha256(address.encode()).hexdigest()
        way, where = f"webhook {self.name}", f"webhook {self.name}, {message.id}"
        state = office.sends.claim(way, message.id, to, office.resend_unknown)
        if state in ("sending", "unknown"):
            office.tell(f"{where}: {UNKNOWN}; {LOOK}")
        if state is not None:
            return []
        try:
            reply = self._post(Letter(address, body, to[:16] + message.id, self.timeout), office)
        except RefusedError as error:
            office.sends.settle(way, message.id, to, "retry", str(error))
            todo = f"see that the address in {self.url_env} is right, and run it again"
            raise DeliveryError(where, f"was not posted: {error}", todo) from None
        except PerhapsError as error:
            office.sends.settle(way, message.id, to, "unknown", str(error))
            office.tell(f"{where}: {UNKNOWN}: {error}; {LOOK}")
            return []
        office.sends.settle(way, message.id, to, "sent", reply)
        return [f"posted to webhook {self.name}"]

    def _post(self, letter: Letter, office: Office) -> str:
        """Post with patience. Raises RefusedError or PerhapsError."""
        patient = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=asked_for,
            sleep=office.pause,
            retry=retry_if_exception(lambda error: isinstance(error, BusyError) and (error.after or 0) <= LONGEST),
            reraise=True,
        )
        return patient(letter.post)

    def _address(self, environ: Mapping[str, str]) -> str:
        """The address. Raises DeliveryError for one that must not be posted to; it is not shown."""
        given = environ.get(self.url_env, "").strip()
        where = f"webhook {self.name}"
        if not given:
            raise DeliveryError(where, f"{self.url_env} is not set in the environment", "set it to the address")
        try:
            address = urlsplit(given)
            host, sound = address.hostname or "", address.port != 0 and given.isascii() and given.isprintable()
        except ValueError:
            host, sound = "", False
        if not (sound and host and address.username is None and " " not in given):
            what = f"what is in {self.url_env} is no address that can be posted to"
            raise DeliveryError(where, what, "copy it anew: https://host/..., with no user or password before the host")
        if address.scheme != "https" and not (address.scheme == "http" and LOOPBACK.fullmatch(host)):
            raise DeliveryError(where, f"the address in {self.url_env} is not https", "use https://")
        query = address.query
        if self.format == "discord":  # without it, Discord says yes before it knows
            query = urlencode({**dict(parse_qsl(query)), "wait": "true"})
        return address._replace(query=query, fragment="").geturl()


def asked_for(state: RetryCallState) -> float:
    """Seconds before the next try: what the server asked for, else our own."""
    error = state.outcome.exception() if state.outcome else None
    after = error.after if isinstance(error, BusyError) else None
    return PAUSE(state) if after is None else after
