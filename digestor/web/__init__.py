"""The way to the sites that papers come from: polite, bounded, conditional."""

from digestor.web.polite import Web

__all__ = ["Web"]
