"""The code-availability flag, from evidence."""

from digestor.availability.flags import flag

__all__ = ["flag"]
