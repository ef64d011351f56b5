"""Issue files: whole, or not at all."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from digestor.delivery.files import Files
from digestor.errors import DeliveryError
from digestor.models import Message


def a_message(text: str = "words") -> Message:
    return Message(id="2026-W47", subject="x", formats={"md": text, "json": "{}"})


def test_every_format_becomes_a_file_and_nothing_else_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "digests"

    places = Files(folder=folder).deliver(a_message())

    assert places == [str(folder / "2026-W47.md"), str(folder / "2026-W47.json")]
    assert sorted(os.listdir(folder)) == ["2026-W47.json", "2026-W47.md"]
    assert (folder / "2026-W47.md").read_text(encoding="utf-8") == "words"


def test_an_earlier_edition_is_replaced(tmp_path: Path) -> None:
    Files(folder=tmp_path).deliver(a_message("old"))
    Files(folder=tmp_path).deliver(a_message("new"))

    assert (tmp_path / "2026-W47.md").read_text(encoding="utf-8") == "new"


def test_what_a_killed_run_left_behind_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".2026-W47.abc.part").write_text("half", encoding="utf-8")
    (tmp_path / ".2026-W46.abc.part").write_text("of another issue", encoding="utf-8")

    Files(folder=tmp_path).deliver(a_message())

    assert sorted(os.listdir(tmp_path)) == [".2026-W46.abc.part", "2026-W47.json", "2026-W47.md"]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "digests").write_text("", encoding="utf-8")

    with pytest.raises(DeliveryError, match="digests"):
        Files(folder=tmp_path / "digests").deliver(a_message())


def test_when_there_is_no_room_the_earlier_edition_stays_as_it_was(tmp_path: Path) -> None:
    Files(folder=tmp_path).deliver(a_message("old"))
    program = f"""
import resource
from pathlib import Path
from digestor.delivery.files import Files
from digestor.errors import DeliveryError
from digestor.models import Message
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, {resource.RLIM_INFINITY}))
message = Message(id="2026-W47", subject="x", formats={{"md": "a", "html": "b" * 9000}})
try:
    Files(folder=Path({str(tmp_path)!r})).deliver(message)
except DeliveryError as error:
    print(error)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "disk has room" in done.stdout
    assert sorted(os.listdir(tmp_path)) == ["2026-W47.json", "2026-W47.md"]
    assert (tmp_path / "2026-W47.md").read_text(encoding="utf-8") == "old"
