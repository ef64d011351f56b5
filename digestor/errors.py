"""What can go wrong, as a tree.

    DigestorError
    ├── ConfigError      the config file, or a name in it, makes no sense        exit 2
    ├── InputError       what was asked for on the command line makes no sense   exit 2
    ├── SourceError      a source could not be read                              exit 1
    ├── StoreError       the store could not be opened, read or written          exit 1
    ├── AnnotatorError   an annotator cannot work at all                         exit 1
    ├── NotYetError      an answer is under way elsewhere; come back later       exit 3
    ├── DeliveryError    the issue was made but could not be delivered           exit 1
    └── LedgerError      the counts do not add up: a bug, never to be hidden     exit 1

Every message says where, what, and what to do, in that order. A traceback is a bug.
"""


class DigestorError(Exception):
    """An error that a user can read: one message, no traceback. `code` is the exit status."""

    code = 1

    def __init__(self, where: str, what: str, todo: str = "") -> None:
        self.where, self.what, self.todo = where, what, todo
        super().__init__(where, what, todo)

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f"\n  {self.todo}" if self.todo else "")


class ConfigError(DigestorError):
    """The config file, or a name in it, makes no sense."""

    code = 2


class InputError(DigestorError):
    """What was asked for on the command line makes no sense."""

    code = 2


class SourceError(DigestorError):
    """A source could not be read."""


class StoreError(DigestorError):
    """The store could not be opened, read or written."""


class AnnotatorError(DigestorError):
    """An annotator cannot work at all."""


class NotYetError(DigestorError):
    """An answer is under way elsewhere, and nothing is lost: the same command later goes on."""

    code = 3


class DeliveryError(DigestorError):
    """The issue was made but could not be delivered."""


class LedgerError(DigestorError):
    """The counts of a run do not add up. This is a bug in digestor and is never hidden."""
