"""The journal: what was paid for is kept, by the words of its paper."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from digestor.store import Store
from tests.fakes import a_memory, a_paper


def test_an_answer_is_found_again_by_the_words_of_its_paper_and_who_answered() -> None:
    journal = a_memory().journal
    attempt = journal.begin("m", 1)

    journal.settle(attempt, "m", [(a_paper(1), "first")])

    assert journal.answers(a_paper(1, id="another id", url="https://x.example"), "m") == ["first"]
    assert journal.answers(a_paper(1), "another model") == []
    assert journal.answers(a_paper(1, abstract="Other words."), "m") == []


def test_answers_come_in_the_order_in_which_they_were_given() -> None:
    journal = a_memory().journal

    for body in ("first", "second", "third"):
        journal.settle(journal.begin("m", 1), "m", [(a_paper(1), body)])

    assert journal.answers(a_paper(1), "m") == ["first", "second", "third"]


def test_what_was_begun_and_not_settled_is_told_once_and_only_to_its_asker(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        store.journal.settle(store.journal.begin("m", 9), "m")
        store.journal.begin("m", 20)
        store.journal.begin("m", 4)
        store.journal.begin("n", 1)

    with Store.open(tmp_path / "a.db") as store:
        assert store.journal.unsettled("m") == (2, 24)
        assert store.journal.unsettled("m") == (0, 0)
        assert store.journal.unsettled("n") == (1, 1)


def test_a_note_is_kept_until_another_takes_its_place() -> None:
    journal = a_memory().journal
    assert journal.recall("server") == ""

    journal.note("server", "speaks JSON")
    journal.note("server", "speaks none")

    assert journal.recall("server") == "speaks none"


@given(st.lists(st.tuples(st.integers(0, 4), st.text(st.characters(exclude_categories=["Cs"]))), max_size=30))
def test_nothing_that_was_settled_is_lost(said: list[tuple[int, str]]) -> None:
    journal = a_memory().journal

    for number, body in said:
        journal.settle(journal.begin("m", 1), "m", [(a_paper(number), body)])

    for number in range(5):
        assert journal.answers(a_paper(number), "m") == [body for one, body in said if one == number]
    assert journal.unsettled("m") == (0, 0)
