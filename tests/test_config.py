"""The TOML file."""

from pathlib import Path

import pytest

from digestor.config import Config, load
from digestor.errors import ConfigError
from digestor.wiring import parts


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    config = load(written(tmp_path, ""))

    here = {"store": tmp_path / "digestor.db", "output": tmp_path / "digests"}
    assert config == Config(file=tmp_path / "config.toml").model_copy(update=here)
    assert config.annotator.kind == "extractive"


def test_paths_are_taken_from_the_folder_of_the_file_written_or_not(tmp_path: Path) -> None:
    config = load(written(tmp_path, 'store = "memory/d.db"'))

    assert config.store == tmp_path / "memory" / "d.db"
    assert config.output == tmp_path / "digests"


def test_all_faults_are_told_at_once_each_with_its_key(tmp_path: Path) -> None:
    text = 'nmae = "x"\nformats = ["pdf"]\n[[sources]]\npath = "x"\n'

    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))

    message = str(caught.value)
    assert "nmae: there is no such key; did you mean 'name'?" in message
    assert "formats.0" in message
    assert "pdf" in message
    assert "sources.0.kind: field required" in message
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [("name = ", "is not TOML"), ('file = "x"', "no such key"), ("formats = []", "formats")],
)
def test_what_is_no_config_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(written(tmp_path, text))


def test_a_config_that_is_not_there_is_named_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="digestor init"):
        load(tmp_path / "none.toml")


def test_a_config_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'name = "caf\xe9"')

    with pytest.raises(ConfigError, match="cannot be read"):
        load(file)


def test_wiring_tells_of_every_wrong_part_at_once(tmp_path: Path) -> None:
    text = """
        taxonomy = "none.toml"
        [annotator]
        kind = "extractiv"
        [[sources]]
        kind = "files"
        pth = "x.txt"
        [[delivery]]
        kind = "pigeon"
    """

    with pytest.raises(ConfigError) as caught:
        parts(load(written(tmp_path, text)))

    message = str(caught.value)
    assert "annotator: there is no annotator 'extractiv'\n" in message
    assert "did you mean 'extractive'?" in message
    assert "sources[0]: path: field required" in message
    assert "pth: there is no such key; did you mean 'path'?" in message
    assert "there is no delivery 'pigeon'" in message
    assert "none.toml" in message


def test_a_pattern_in_the_config_stands_for_all_its_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.md"):
        (tmp_path / name).write_text("x", encoding="utf-8")

    sources, *_ = parts(load(written(tmp_path, '[[sources]]\nkind = "files"\npath = "*.txt"')))

    assert [source.name for source in sources] == ["a.txt", "b.txt"]
