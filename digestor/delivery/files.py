"""Issue files in a folder: `2026-W47.md`, `.html`, `.txt`, `.json`. Each appears whole or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from digestor.errors import DeliveryError
from digestor.models import Message

UNFINISHED = ".part"
"""How a file that is still being written ends."""


class Files(BaseModel):
    """Writes every format that was rendered into one folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["files"] = "files"
    folder: Path = Path("digests")

    def deliver(self, message: Message) -> list[str]:
        """Write the files and return their paths.

        All are first written beside their places and only then moved there, so that a full disk or a kill leaves
        the earlier edition as it was. Raises DeliveryError where the folder cannot be written.
        """
        waiting: list[tuple[str, Path]] = []
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for left in self.folder.glob(f".{message.id}.*{UNFINISHED}"):  # by a run that was killed
                left.unlink(missing_ok=True)
            for format, text in message.formats.items():
                handle, temporary = tempfile.mkstemp(UNFINISHED, f".{message.id}.", self.folder)
                waiting.append((temporary, self.folder / f"{message.id}.{format}"))
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
            for temporary, place in waiting:
                os.chmod(temporary, 0o644)
                os.replace(temporary, place)
        except OSError as error:
            todo = "check that the folder can be written and that the disk has room; nothing was published"
            raise DeliveryError(str(self.folder), error.strerror or str(error), todo) from error
        finally:
            for temporary, _ in waiting:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        return [str(place) for _, place in waiting]
