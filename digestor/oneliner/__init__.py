"""The built-in one-line summary: the abstract's own best sentence, trimmed."""

from digestor.oneliner.ranking import summarise

__all__ = ["summarise"]
