"""Every target of `tests.fuzz`, a little of it, the same each time; and whatever longer runs have found."""

from pathlib import Path
from random import Random

import pytest

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from tests.fuzz.child import Runner, State, mark_of, shrunk, state_of
from tests.fuzz.mutation import mutated, pumped
from tests.fuzz.oracle import checked, held
from tests.fuzz.seeds import recorded, seeds
from tests.fuzz.targets import TARGETS

MUTANTS, LONG_ONES = 150, 3

FOUND: dict[str, tuple[str, bytes]] = {
    "the first line of a table has a cell longer than csv takes": ("csv", b'title,"' + b"moss " * 30_000),
    "two records that were one only in one order": (
        "dedupe",
        b"Coun\xacting Moss part 1\n1 Y w(R t s \xce\xb1 i\n--\nCountingMosspart1\nW\x80m\xf0a\xffa d s h i",
    ),
    "a port of a thousand digits": ("addresses", b"//r:" + b"9" * 1_900),
    "an id that ends its line": ("feedback", b"digestor:more %0b"),
    "an id of two lines": ("feedback", b"digestor: more 1%0a2"),
}
"""What a target is given, and failed on once."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_on_good_inputs_and_on_changed_ones(name: str) -> None:
    target, random = TARGETS[name], Random(name)
    words = target.words.encode().split(b" ")
    good = seeds(name)

    for data in good:
        assert list(target.run(data)) is not None
    for _ in range(MUTANTS):
        list(target.run(mutated(random, good, words)))
    for _ in range(LONG_ONES):
        list(target.run(pumped(random, good, words, 20_000)))


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_on_what_was_recorded(name: str) -> None:
    for data in recorded(name):
        list(TARGETS[name].run(data))


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_once_is_not_found_again(what: str) -> None:
    name, data = FOUND[what]

    assert list(TARGETS[name].run(data))


def fails_on_an_x(data: bytes) -> list[str]:
    if b"x" in data:
        raise ValueError("an x")
    return ["fine"]


def test_what_fails_is_kept_once_and_small(tmp_path: Path) -> None:
    runner = Runner(fails_on_an_x, tmp_path, State())

    kinds = [runner(data) for data in (b"abc", b"moss" * 100 + b"x" + b"fern" * 100, b"xx")]

    (kept,) = (file for file in tmp_path.glob("crash-*") if not file.suffix)
    assert kept.read_bytes() == b"x"
    assert "ValueError: an x" in kept.with_suffix(".txt").read_text()
    assert kinds == [{"fine"}, set(), set()]


def test_what_a_process_was_at_outlives_it(tmp_path: Path) -> None:
    seen: list[tuple[State, bytes]] = []

    def look(data: bytes) -> list[str]:
        seen.append(state_of(tmp_path / "state"))
        return []

    runner = Runner(look, tmp_path, State(done=5))

    runner(b"moss")

    ((state, data),) = seen
    assert (state.done, state.size, data) == (5, 4, b"moss")
    assert state.began > 0
    after, _ = state_of(tmp_path / "state")
    assert (after.done, after.began, after.size) == (6, 0.0, 0)


def test_two_ways_to_fail_have_two_marks() -> None:
    frame = '  File "/a/b/parser.py", line {}, in read\n    x\n'
    one, other = ("Traceback\n" + frame.format(line) + "ValueError: 1\n" for line in (3, 4))

    assert mark_of(one) == mark_of(one.replace(": 1", ": 2"))
    assert len({mark_of(one), mark_of(other), mark_of(one.replace("Value", "Key"))}) == 3


def test_an_input_is_made_smaller_as_long_as_it_fails() -> None:
    assert shrunk(b"one{two}three" * 20, lambda data: data.count(b"{") >= 2) == b"{{"


def a_paper(**more: object) -> Paper:
    return Paper.model_validate({"id": "2611.00001", "title": "Counting Moss", **more})


WRONG: dict[str, Paper | Problem] = {
    "a title that is not clean": a_paper(title="<b>Moss</b>"),
    "an abstract that is not clean": a_paper(abstract="\\emph{Moss}"),
    "an author on two lines": a_paper(authors=("A\nB",)),
    "an address of a script": a_paper(url="javascript:alert(1)"),
    "a DOI that is none": a_paper(doi="moss"),
    "an arXiv id with its version": a_paper(arxiv_id="2611.00001v1"),
    "a message without end": Problem(where="f", what="moss " * 1_000),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_oracle_objects_to(what: str) -> None:
    with pytest.raises(AssertionError):
        checked(WRONG[what])


def test_the_oracle_objects_to_more_papers_than_bytes() -> None:
    with pytest.raises(AssertionError, match="papers and problems"):
        list(held(lambda: [a_paper()] * 100, 10))


def test_the_oracle_lets_nothing_pass_but_a_source_error() -> None:
    def refused() -> list[Paper]:
        raise SourceError("f", "is no feed", "ask again")

    def broken() -> list[Paper]:
        raise KeyError("title")

    assert list(held(refused, 10)) == ["error is no feed"]
    with pytest.raises(KeyError):
        list(held(broken, 10))
