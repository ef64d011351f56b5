"""Issue files in a folder: `2026-W47.md`, `.html`, `.txt`, `.json`, and an index. Each appears whole or not at all."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from digestor.errors import DeliveryError
from digestor.models import Message
from digestor.protocols import Office

UNFINISHED = ".part"
"""How a file that is still being written ends."""


class Files(BaseModel):
    """Writes every format that was rendered into one folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["files"] = "files"
    folder: Path = Path("digests")

    def deliver(self, message: Message, office: Office) -> list[str]:
        """Write the files and return their paths; then, with `office.shelf`, the folder's own pages.

        The issue's files are first written beside their places and only then moved there, so that a full disk or a
        kill leaves the earlier edition as it was; the folder's pages are made from them, so they come after, in the
        same way. Raises DeliveryError where the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for left in self.folder.glob(f".{message.id}.*{UNFINISHED}"):  # by a run that was killed
                left.unlink(missing_ok=True)
        except OSError as error:
            raise self._refused(error, "nothing was published") from error
        files = {f"{message.id}.{format}": text for format, text in message.formats.items()}
        places = self._write(message.id, files, "nothing was published")
        if office.shelf:
            pages = dict(office.shelf(self.folder))
            places += self._write(message.id, pages, "the issue is there, its index is not; run it again")
        return list(dict.fromkeys(places))

    def _write(self, id: str, files: Mapping[str, str], todo: str) -> list[str]:
        """All of the files or none."""
        waiting: list[tuple[str, Path]] = []
        try:
            for name, text in files.items():
                handle, temporary = tempfile.mkstemp(UNFINISHED, f".{id}.", self.folder)
                waiting.append((temporary, self.folder / name))
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
            for temporary, place in waiting:
                os.chmod(temporary, 0o644)
                os.replace(temporary, place)
        except OSError as error:
            raise self._refused(error, todo) from error
        finally:
            for temporary, _ in waiting:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        return [str(place) for _, place in waiting]

    def _refused(self, error: OSError, todo: str) -> DeliveryError:
        what = error.strerror or str(error)
        return DeliveryError(
            str(self.folder), what, f"check that the folder can be written and that the disk has room; {todo}"
        )
