"""Text from outside: cleaned once, then taken apart into sentences, words, identifiers and links."""

from digestor.text.cleaning import clean, clean_line

__all__ = ["clean", "clean_line"]
