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
from tests.fakes import an_office


def a_message(text: str = "words") -> Message:
    return Message(id="2026-W47", subject="x", formats={"md": text, "json": "{}"})


def test_every_format_becomes_a_file_and_nothing_else_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "digests"

    places = Files(folder=folder).deliver(a_message(), an_office())

    assert places == [str(folder / "2026-W47.md"), str(folder / "2026-W47.json")]
    assert sorted(os.listdir(folder)) == ["2026-W47.json", "2026-W47.md"]
    assert (folder / "2026-W47.md").read_text(encoding="utf-8") == "words"


def test_an_earlier_edition_is_replaced(tmp_path: Path) -> None:
    Files(folder=tmp_path).deliver(a_message("old"), an_office())
    Files(folder=tmp_path).deliver(a_message("new"), an_office())

    assert (tmp_path / "2026-W47.md").read_text(encoding="utf-8") == "new"


def test_what_a_killed_run_left_behind_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".2026-W47.abc.part").write_text("half", encoding="utf-8")
    (tmp_path / ".2026-W46.abc.part").write_text("of another issue", encoding="utf-8")

    Files(folder=tmp_path).deliver(a_message(), an_office())

    assert sorted(os.listdir(tmp_path)) == [".2026-W46.abc.part", "2026-W47.json", "2026-W47.md"]


def test_the_shelf_is_asked_once_the_issue_is_in_place_and_its_pages_are_written_too(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def shelf(folder: Path) -> dict[str, str]:
        seen.append(sorted(os.listdir(folder)))
        return {"README.md": "all issues", "2026-W47.md": "words, and a link"}

    places = Files(folder=tmp_path).deliver(a_message(), an_office()._replace(shelf=shelf))

    assert seen == [["2026-W47.json", "2026-W47.md"]]
    assert [Path(place).name for place in places] == ["2026-W47.md", "2026-W47.json", "README.md"]
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "all issues"
    assert (tmp_path / "2026-W47.md").read_text(encoding="utf-8") == "words, and a link"
    assert sorted(os.listdir(tmp_path)) == ["2026-W47.json", "2026-W47.md", "README.md"]


def test_when_the_pages_of_the_folder_cannot_be_written_the_issue_is_there_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "README.md").mkdir()
    (tmp_path / "README.md" / "x").touch()
    office = an_office()._replace(shelf=lambda folder: {"README.md": "all issues"})

    with pytest.raises(DeliveryError, match="the issue is there, its index is not"):
        Files(folder=tmp_path).deliver(a_message(), office)

    assert sorted(os.listdir(tmp_path)) == ["2026-W47.json", "2026-W47.md", "README.md"]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "digests").write_text("", encoding="utf-8")

    with pytest.raises(DeliveryError, match="digests"):
        Files(folder=tmp_path / "digests").deliver(a_message(), an_office())


def test_when_there_is_no_room_the_earlier_edition_stays_as_it_was(tmp_path: Path) -> None:
    Files(folder=tmp_path).deliver(a_message("old"), an_office())
    program = f"""
import resource
from pathlib import Path
from digestor.delivery.files import Files
from digestor.errors import DeliveryError
from digestor.models import Message
from digestor.protocols import Office
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, {resource.RLIM_INFINITY}))
message = Message(id="2026-W47", subject="x", formats={{"md": "a", "html": "b" * 9000}})
try:
    Files(folder=Path({str(tmp_path)!r})).deliver(message, Office(None))
except DeliveryError as error:
    print(error)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "disk has room" in done.stdout
    assert sorted(os.listdir(tmp_path)) == ["2026-W47.json", "2026-W47.md"]
    assert (tmp_path / "2026-W47.md").read_text(encoding="utf-8") == "old"
