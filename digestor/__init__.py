"""digestor collects papers, drops the ones it knows, annotates the rest, composes an issue and delivers it."""

__version__ = "0.1.0"
