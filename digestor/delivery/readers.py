"""Who gets the mail: addresses from the config or a file, and the token that lets each of them out again."""

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from digestor.errors import DeliveryError

NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
COMMENT = re.compile(r"(?:^|\s)\s*#[^<>]*$")
UNFIT = frozenset(("Cc", "Cs", "Zl", "Zp", "Cn"))
"""Categories of characters that a name cannot hold: control, line breaks, halves of characters, none at all."""
LONGEST_NAME = 200
TOLD = 20
"""Faults told one by one; of the rest only the number is."""
TOKEN = re.compile(r"[a-z2-7]{26}")


class Reader(NamedTuple):
    """Somebody who gets the mail. `address` is as it goes over the wire: ASCII, the domain in lower case."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands after the @."""
        return self.address.rpartition("@")[2]


def reader(written: str) -> Reader:
    """`a@b.org` or `Name <a@b.org>`. Raises ValueError: plain words that do not repeat the address."""
    from email_validator import EmailNotValidError, validate_email

    found = NAMED.fullmatch(written.strip())
    name = found["name"].strip() if found else ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    if any(unicodedata.category(character) in UNFIT for character in name) or len(name) > LONGEST_NAME:
        raise ValueError(f"the name is no line of at most {LONGEST_NAME} characters that can be printed")
    try:
        valid = validate_email(
            found["address"].strip() if found else written.strip(), check_deliverability=False, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise ValueError(str(error).rstrip(".")) from None
    if valid.ascii_email is None:
        raise ValueError("the address cannot be written in ASCII")
    return Reader(valid.ascii_email, name)


def readers(given: Sequence[str], file: Path | None = None) -> list[Reader]:
    """The readers of a config, each once, in the order written: the list first, then the file.

    A file has one address a line; what follows a # is a comment. Raises DeliveryError with every fault and its place.
    """
    written = [(f"recipients[{number}]", line) for number, line in enumerate(given)]
    written += _lines(file) if file else []
    found: dict[str, Reader] = {}
    faults: list[str] = []
    for where, line in written:
        try:
            new = reader(line)
        except ValueError as fault:
            faults.append(f"{where}: {fault}")
            continue
        found.setdefault(new.address.casefold(), new)
    if faults:
        more = [f"and {len(faults) - TOLD} more"] if len(faults) > TOLD else []
        what = "no addresses of readers:\n  " + "\n  ".join([*faults[:TOLD], *more])
        raise DeliveryError("smtp", what, "write each as name@example.org or Name <name@example.org>; nothing was sent")
    return list(found.values())


def lines(file: Path) -> list[tuple[int, str]]:
    """The lines of a file that say something, with their numbers. Raises DeliveryError where it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = (error.strerror or str(error)) if isinstance(error, OSError) else "is no UTF-8 text"
        raise DeliveryError(str(file), f"cannot be read: {what}", "it has one address a line, in UTF-8") from None
    said = ((number, COMMENT.sub("", line).strip()) for number, line in enumerate(text.split("\n"), start=1))
    return [(number, line) for number, line in said if line]


def _lines(file: Path) -> list[tuple[str, str]]:
    return [(f"{file}:{number}", line) for number, line in lines(file)]


def token(secret: str, address: str) -> str:
    """What stands in a reader's address to unsubscribe: 26 letters and digits that say nothing of the reader.

    Letters of one case, and no sign at the end that a mail program would take for the end of a sentence.
    """
    signed = hmac.digest(secret.encode(), b"unsubscribe\x00" + address.casefold().encode(), "sha256")
    return base64.b32encode(signed[:16]).decode().rstrip("=").lower()


def whose(pasted: str, among: Iterable[Reader], secret: str) -> Reader | None:
    """The reader a token was made for; None where it is nobody's.

    `pasted` may be the whole address that it ended, broken into lines, in capitals, in brackets or with a full stop.
    """
    bare = "".join(c for c in pasted.lower() if not c.isspace() and unicodedata.category(c) != "Cf").rstrip(
        ".,;:!?>)]\"'"
    )
    if not TOKEN.fullmatch(bare[-26:]):
        return None
    found = None
    for one in among:  # to the end, whoever it is: how long it takes tells nothing
        if hmac.compare_digest(token(secret, one.address), bare[-26:]):
            found = one
    return found
