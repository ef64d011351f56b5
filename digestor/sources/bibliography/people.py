"""Names of people as exports write them -> as a reader says them: "Ash, Ann" is "Ann Ash"."""

import re
from collections.abc import Mapping

SUFFIX = re.compile(r"(?:jr|sr|[iv]{1,4}|[2-5](?:nd|rd|th)|ph\.?d|m\.?d|esq)\.?", re.IGNORECASE)
INITIALS = re.compile(r"([^,]+?) ([A-Z]{1,4})( (?:Jr|Sr|2nd|3rd|II|III|IV))?")
LONGEST = 500
"""Characters a name may have; a longer one is not taken apart."""


def turned(name: str) -> str:
    """A name with the family's first, said in order; one without a comma is in order already.

    >>> turned("van Ash, Ann"), turned("Ash, Ben, Jr."), turned("Ash, Jr., Ben"), turned("The Moss Group")
    ('Ann van Ash', 'Ben Ash Jr.', 'Ben Ash Jr.', 'The Moss Group')
    """
    return in_order([part.strip() for part in name.split(",")]) if len(name) <= LONGEST else name


def in_order(parts: list[str]) -> str:
    """The parts of a name, divided at its commas: family, given; or family, suffix, given; or family, given, suffix."""
    if len(parts) > 3:
        return ", ".join(parts)
    family, given, suffix = [*parts, "", ""][:3]
    if suffix and SUFFIX.fullmatch(given):
        given, suffix = suffix, given
    return " ".join(part for part in (given, family, suffix) if part)


def from_initials(name: str) -> str:
    """A name as MEDLINE shortens it.

    >>> from_initials("van Ash AB"), from_initials("Moss Consortium")
    ('AB van Ash', 'Moss Consortium')
    """
    found = INITIALS.fullmatch(name) if len(name) <= LONGEST else None
    return f"{found[2]} {found[1]}{found[3] or ''}" if found else name


def from_parts(value: object) -> str:
    """A name as CSL-JSON has it, in parts or as a whole; empty where it is none.

    >>> from_parts({"family": "Ash", "given": "Ann", "non-dropping-particle": "van"}), from_parts({"literal": "WHO"})
    ('Ann van Ash', 'WHO')
    """
    if isinstance(value, str):
        return turned(value)
    if not isinstance(value, Mapping):
        return ""
    for key in ("literal", "name"):
        if isinstance(whole := value.get(key), str) and whole.strip():
            return whole
    order = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    parts = (value.get(key) for key in order)
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
