"""Does a source say this number, up to notation and rounding?"""

from collections.abc import Iterable

from digestor.faithful.numbers import MAGNITUDES, Number

AT_LEAST = frozenset("over above exceeding exceeds more greater higher larger least beyond >".split())
AT_MOST = frozenset("nearly almost under below than <".split())
ABOUT = frozenset("about around roughly approximately approx some circa ~ ≈ ∼".split())
UNIVERSAL = (0.0, 1.0, 2.0)
"""Plain counts this small say nothing: "two-stage", "one of", "zero-shot"."""
MANNERS = frozenset("double triple quadruple".split())
"""Adjectives of many names and methods ("double descent") rather than counts."""
LOOSE, CLOSE, CLOSER = 0.12, 0.05, 0.02
"""How far, relatively, the source may be from "over 80 %", from "about 300" or "nearly 90 %", and from a bare "300"."""


def telling(number: Number) -> bool:
    """Is it a number that needs support at all? 0, 1 and 2 as plain counts do not."""
    return (number.kind != "plain" or number.value not in UNIVERSAL) and number.text.casefold() not in MANNERS


def supported(number: Number, source: Iterable[Number]) -> bool:
    """Does any number of the source say the same, up to notation and rounding?"""
    return any(_agrees(number, other) for other in source)


def _agrees(number: Number, other: Number) -> bool:
    value, step = number.value, number.step
    if number.kind == "percent":
        if other.kind == "percent":
            return _close(number, other.value)
        if other.kind == "times":  # "50 %" for "half", "300 %" for "3x"
            return _close(number, 100 * other.value)
        # A share (0.87), or a bare score (92.3); a bare count says nothing about a percentage.
        return (other.value <= 1 and _close(number, 100 * other.value)) or (
            other.step < 1 and _close(number, other.value)
        )
    if number.kind == "times":
        if other.kind == "percent":
            return value < 1 and _close(number._replace(value=100 * value, step=100 * step), other.value)
        inverse = other.value and abs(1 / other.value - value) <= 0.02 * value
        return _close(number, other.value) or bool(inverse)
    if other.kind == "percent" and value <= 1:
        return _close(number._replace(value=100 * value, step=100 * step), other.value) or _close(number, other.value)
    return _close(number, other.value)


def _close(number: Number, other: float) -> bool:
    """Is the source's value what the number says, rounded as it is written, or within what its hedge allows?"""
    value, gap = number.value, other - number.value
    if abs(gap) <= number.step / 2 * 1.0000001:
        return True
    size = max(abs(value), abs(other))
    if number.hedge == MAGNITUDES:
        return other >= 5
    if number.hedge in AT_MOST:
        return 0 < -gap <= CLOSE * size
    if not _is_round(value):
        return False
    if number.hedge in AT_LEAST:
        return 0 < gap <= LOOSE * size
    return abs(gap) <= (CLOSE if number.hedge in ABOUT else CLOSER if value >= 100 else 0) * size


def _is_round(value: float) -> bool:
    """Has it one telling digit, or two of which the last is 5: 80, 3,000, 2.5 million?"""
    digits = f"{value:.0f}".rstrip("0")
    return len(digits) == 1 or (len(digits) == 2 and digits[1] == "5")
