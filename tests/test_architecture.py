"""The house rules that a reader can rely on."""

import ast
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
MODULES = sorted((HOUSE / "digestor").rglob("*.py"))

ROWS = re.search(r"```rows\n(.*?)```", (HOUSE / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.DOTALL)
assert ROWS, "ARCHITECTURE.md draws the layers in a block marked `rows`"
LAYER = {room: number for number, row in enumerate(ROWS[1].strip().splitlines()) for room in row.split()}


def room(dotted: str) -> str:
    """The room a module is in: the first name below the package, or the package itself."""
    return ([*dotted.split("."), "", ""])[1] or "digestor"


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")


def imported(file: Path) -> set[str]:
    """The modules of the house that a file imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "digestor":
            found |= {f"digestor.{name.name}" for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name for name in found if name.startswith("digestor.") and name != "digestor.__version__"}


@pytest.mark.parametrize("file", MODULES, ids=dotted)
def test_a_module_imports_only_from_rows_below_its_own(file: Path) -> None:
    here = room(dotted(file))
    assert here == "digestor" or here in LAYER, f"{here} has no row in ARCHITECTURE.md"

    wrong = [name for name in imported(file) if room(name) != here and LAYER[room(name)] <= LAYER.get(here, -1)]

    assert wrong == []


@pytest.mark.parametrize("file", MODULES, ids=dotted)
def test_a_module_is_a_page(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 280


def test_every_room_in_the_picture_exists() -> None:
    assert {room(dotted(file)) for file in MODULES} - {"digestor"} == set(LAYER)


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [file for file in MODULES if file.stem in ("utils", "helpers", "common", "base", "misc", "core")]


def test_no_prompt_folder_holds_python() -> None:
    assert list((HOUSE / "prompts").rglob("*.py")) == []
