"""The rows of the quality table."""

from typing import NamedTuple


class Row(NamedTuple):
    """One method on one task: the name of a measure -> its value."""

    task: str
    method: str
    measures: dict[str, float]
    note: str = ""
