"""Files are told apart by what is in them."""

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Source, Window
from digestor.sources.files import Files, read
from digestor.sources.formats import FormatName
from digestor.sources.records import LINE

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
PAGE = "new\n\nSubscribe\n\nNov 16\n\nCounting Moss\n\nWe count moss in forests. It takes long, and it is worth it.\n"
RECORD = {"title": "Counting Möss", "abstract": "We count."}


def papers(content: bytes | str, format: FormatName = "auto") -> list[Paper | Problem]:
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return list(read(stream, "f", format))


def titles(content: bytes | str, format: FormatName = "auto") -> list[str]:
    return [found.title for found in papers(content, format) if isinstance(found, Paper)]


@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        "Counting Moss\n\nWe count moss. It takes long.",
        '{"title": "Counting Moss"}',
        '\n\n{"title": "Counting Moss"}\n',
        '[{"title": "Counting Moss"}]',
        '[\n  {\n    "title": "Counting Moss"\n  }\n]\n',
        '{\n  "papers": [\n    {"title": "Counting Moss"}\n  ]\n}',
        "title,abstract\nCounting Moss,We count.\n",
        "Title\tAbstract\r\nCounting Moss\tWe count.\r\n",
        "id;Paper Title;Summary\n1;Counting Moss;We count.",
    ],
)
def test_the_format_is_known_by_the_content(content: str) -> None:
    assert titles(content) == ["Counting Moss"]


def test_a_title_in_brackets_makes_a_page_and_no_json() -> None:
    assert titles("[Re] Counting Moss\n\nWe count again. It takes long.") == ["[Re] Counting Moss"]
    assert titles("{Moss}: A Title\n\nWe count again. It takes long.") == ["{Moss}: A Title"]


def test_the_format_can_be_said() -> None:
    assert titles('{"title": "A"}\n{"title": "B"}', "jsonl") == ["A", "B"]
    assert titles("title,abstract\n\nWe count moss. It takes long.", "pages") == ["title,abstract"]


def test_a_bad_first_line_does_not_hide_the_others() -> None:
    found = papers('nonsense\n{"title": "A", "abstract": "x"}\n{"title": "B"}\n')

    assert [paper.title for paper in found if isinstance(paper, Paper)] == ["A", "B"]
    assert [problem.lost for problem in found if isinstance(problem, Problem)] == [1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_known_by_its_mark(encoding: str) -> None:
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    lines = json.dumps(RECORD, ensure_ascii=False) + "\n"

    found = papers((mark + lines * 3).encode(encoding))

    assert [paper.title for paper in found if isinstance(paper, Paper)] == ["Counting Möss"] * 3
    assert not [problem for problem in found if isinstance(problem, Problem)]


def test_bytes_that_are_no_utf_8_are_read_as_windows_1252_and_told_of() -> None:
    found = papers("title,abstract\n“Möss”,We count.\n".encode("cp1252"))

    paper, problem = found
    assert isinstance(paper, Paper)
    assert paper.title == "“Möss”"
    assert isinstance(problem, Problem)
    assert (problem.where, problem.lost) == ("f", 0)
    assert "Windows-1252" in problem.what


def test_a_character_may_lie_across_two_reads() -> None:
    for padding in range(65_520, 65_540):
        record = json.dumps({"title": "Moss", "abstract": "x" * padding}).encode() + b"\n"
        assert titles(record + json.dumps(RECORD, ensure_ascii=False).encode())[1:] == ["Counting Möss"]


def test_lines_may_end_as_they_like() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert titles(end.join(['{"title": "A"}', '{"title": "B"}', ""])) == ["A", "B"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "f: is empty"),
        (b"\n \r\n\t\n", "f: is empty"),
        (b"\xef\xbb\xbf", "f: is empty"),
        (b"%PDF-1.7\n...", "f: is a PDF\n  digestor reads lists of papers: page text, JSONL or CSV"),
        (gzip.compress(PAGE.encode()), "f: is compressed"),
        (b"PK\x03\x04...", "f: is a ZIP archive"),
        (bytes(range(256)) * 9, "f: is no text"),
        (b"\n<!DOCTYPE html>\n<html>", "f: is a saved web page\n  open it in a browser"),
        (b'<?xml version="1.0"?><opml/>', "f: is XML of a kind that is not known, with a root <opml>"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"><body/>', "f: is a saved web page"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html/>', "f: is a saved web page"),
        (b"@article{a, title = ", "f: no papers were found in it"),
        (b"Nothing here\n", "f: no papers were found in it"),
        (b"Titel;Zusammenfassung\nMoos;Wir zaehlen\nFarn am Bach im Wald;Wir auch\n", "f: no papers were found in it"),
        (b"title,abstract\n", "f: no papers were found in it"),
        (b"[]", "f: no papers were found in it"),
        (b'[{"title": "A"},\n', "f: is not JSON"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_holds_no_papers_is_an_error_that_says_what_to_do(content: bytes, what: str) -> None:
    with pytest.raises(SourceError) as error:
        papers(content)

    assert str(error.value).startswith(what)
    assert error.value.todo


def test_a_file_is_named_without_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text(PAGE + "\n\n" + "An abstract that has lost its title. It stands alone. " * 20, encoding="utf-8")
    source = Files(path=str(file))

    found = list(source.papers(WEEK))

    assert isinstance(source, Source)
    assert source.name == "page.txt"
    assert str(tmp_path) not in repr(found)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("absent.txt", "there is no such file"),
        (".", "is a folder"),
        ("x" * 300, "cannot be opened"),
        ("a\x00b", "cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_an_error_that_says_why(tmp_path: Path, path: str, what: str) -> None:
    with pytest.raises(SourceError) as error:
        list(Files(path=f"{tmp_path}/{path}").papers(WEEK))

    assert error.value.what.startswith(what)
    assert error.value.todo
    assert str(tmp_path) not in str(error.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.touch(mode=0o000)

    with pytest.raises(SourceError, match="may not be read"):
        list(Files(path=str(file)).papers(WEEK))


def test_a_dash_is_stdin() -> None:
    command = [sys.executable, "-m", "digestor", "dedupe", "-"]

    done = subprocess.run(command, input=PAGE.encode(), capture_output=True, check=True)

    assert Files(path="-").name == "stdin"
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["Counting Moss"]


class Endless(io.RawIOBase):
    """A file of JSON lines that never ends, and counts what is read of it."""

    def __init__(self, line: bytes) -> None:
        self.line, self.taken = line, 0

    def read(self, size: int = -1) -> bytes:
        """As many whole lines as come near to the size."""
        self.taken += 1
        return self.line * (size // len(self.line) + 1)


def test_json_lines_are_read_as_a_stream() -> None:
    stream = Endless(b'{"title": "Moss", "abstract": "We count."}\n')

    found: Iterator[Paper | Problem] = read(stream, "f")  # type: ignore[arg-type]

    assert len([next(found) for _ in range(5_000)]) == 5_000
    assert stream.taken < 10


def test_a_line_of_many_megabytes_costs_one_record() -> None:
    content = b'{"title": "A"}\n{"title": "' + b"x" * (2 * LINE) + b'"}\n{"title": "B"}\n'

    found = papers(content)

    assert [paper.title for paper in found if isinstance(paper, Paper)] == ["A", "B"]
    assert [(problem.where, problem.lost) for problem in found if isinstance(problem, Problem)] == [("f:line 2", 1)]


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60)
    | st.lists(
        st.sampled_from(
            [b'{"title": "A"}', b"[", b"{", b'"', b"title,abstract", b"\n", b"\r", b"\xff", b"A B", b"x. Y."]
        )
    ).map(b"".join)
)
def test_any_bytes_give_papers_problems_or_an_error(content: bytes) -> None:
    try:
        found = papers(content)
    except SourceError:
        return
    assert any(isinstance(item, Paper) for item in found)
