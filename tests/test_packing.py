"""Filling requests."""

from collections.abc import Callable, Iterator
from itertools import count as numbers
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.client.packing import Packer, fitted, packs
from digestor.client.terms import NUMBER, Item
from digestor.models import Paper
from tests.fakes import a_paper

SIZES = st.lists(st.integers(0, 120), max_size=60)
MOST, ROOM, EXPECTED = st.integers(1, 12), st.integers(1, 300), st.integers(0, 40)


def an_item(number: int, tokens: int = 10) -> Item:
    return Item(a_paper(number), f"{NUMBER} {number}", tokens)


def items(sizes: list[int]) -> list[Item]:
    return [Item(PAPERS[number % len(PAPERS)], str(number), size) for number, size in enumerate(sizes)]


PAPERS = [a_paper(number) for number in range(6)]


def names(pack: list[Item]) -> list[str]:
    return [item.text for item in pack]


def render(paper: Paper) -> str:
    return f'<paper id="{NUMBER}">\n{paper.title}\n{paper.abstract}\n</paper>\n'


def words(text: str) -> int:
    return len(text.split())


def body(item: Item) -> tuple[str, str]:
    """The title and the abstract as the model reads them."""
    title, abstract = item.text.removeprefix(f'<paper id="{NUMBER}">\n').removesuffix("\n</paper>\n").split("\n", 1)
    return title, abstract


# Fitting one paper


def test_a_paper_that_fits_is_rendered_as_it_is() -> None:
    paper = a_paper(1)

    item, cut = fitted(paper, render, words, words(render(paper)))

    assert not cut
    assert item == Item(paper, render(paper), words(render(paper)))


def test_an_abstract_too_long_is_cut_at_a_sentence_and_says_so() -> None:
    paper = a_paper(1, title="Bees", abstract="One two three. Four five six.\nSeven eight nine. Ten eleven twelve.")

    item, cut = fitted(paper, render, words, 14)

    assert cut
    assert body(item) == ("Bees", "One two three. Four five six.\nSeven eight nine.")
    assert item.tokens == words(item.text) <= 14


def test_the_paper_in_a_cut_item_is_the_whole_one() -> None:
    paper = a_paper(1)

    item, _ = fitted(paper, render, words, 20)

    assert item.paper is paper


def test_a_single_sentence_too_long_is_cut_at_a_word() -> None:
    paper = a_paper(1, title="Bees", abstract=" ".join(f"word{number}" for number in range(100)))

    item, cut = fitted(paper, render, words, 24)

    assert cut
    assert body(item)[1] == " ".join(f"word{number}" for number in range(20)) + "…"


def test_a_short_sentence_before_a_long_one_is_not_all_that_is_left() -> None:
    paper = a_paper(1, title="Bees", abstract="Short. And " + " ".join(f"word{number}" for number in range(100)) + ".")

    item, _ = fitted(paper, render, words, 24)

    assert body(item)[1].startswith("Short. And word0")
    assert body(item)[1].endswith("word17…")


def test_text_without_blanks_is_cut_at_a_character() -> None:
    paper = a_paper(1, title="Bees", abstract="x" * 5_000)

    item, cut = fitted(paper, render, len, 200)

    assert cut
    assert set(body(item)[1][:-1]) == {"x"}
    assert body(item)[1].endswith("…")
    assert item.tokens == 200


def test_a_title_too_long_leaves_no_abstract_and_is_cut_at_a_word() -> None:
    paper = a_paper(1, title=" ".join(f"word{number}" for number in range(50)))

    item, cut = fitted(paper, render, words, 13)

    assert cut
    assert body(item) == (" ".join(f"word{number}" for number in range(10)) + "…", "")


def test_where_nothing_fits_a_letter_is_left_and_the_item_tells_its_true_size() -> None:
    item, cut = fitted(a_paper(1, title="Bees"), render, words, 0)

    assert cut
    assert body(item) == ("B", "")
    assert item.tokens == words(item.text) > 0


@settings(deadline=None)
@given(st.text(max_size=400), st.text(min_size=1, max_size=60), st.integers(-5, 400))
def test_whatever_the_text_a_fitted_paper_fits_and_is_made_of_the_paper(abstract: str, title: str, room: int) -> None:
    paper = a_paper(1).model_copy(update={"title": title, "abstract": abstract})

    item, cut = fitted(paper, render, len, room)

    assert cut == (len(render(paper)) > room)
    assert item.tokens == len(item.text)
    assert item.tokens <= max(room, len(render(paper.model_copy(update={"title": title[:1], "abstract": ""}))))
    assert item.paper is paper
    if cut and item.tokens <= room and f"\n{title}\n" in item.text:
        kept = item.text.removeprefix(f'<paper id="{NUMBER}">\n{title}\n').removesuffix("\n</paper>\n")
        assert abstract.startswith(kept.removesuffix("…").rstrip())


@settings(deadline=None)
@given(st.integers(1, 2_000), st.integers(60, 400))
def test_little_of_the_room_is_wasted(length: int, room: int) -> None:
    paper = a_paper(1, title="Bees", abstract="Bees fly far. " * length)

    item, cut = fitted(paper, render, len, room)

    assert not cut or room - item.tokens <= len("Bees fly far. ")


@pytest.mark.parametrize("abstract", ["a" * 300_000, ". " * 150_000, "\n" * 300_000, "a. B" * 70_000, "(" * 300_000])
def test_hostile_abstracts_are_fitted_with_few_counts(abstract: str) -> None:
    asked = list[int]()

    def counted(text: str) -> int:
        asked.append(len(text))
        return len(text)

    item, cut = fitted(a_paper(1, abstract=abstract), render, counted, 1_000)

    assert cut
    assert item.tokens <= 1_000
    assert len(asked) < 25


# Packing many


def test_255_papers_at_most_24_make_eleven_requests_of_23_or_24() -> None:
    made = packs(items([100] * 255), 24, 100_000, 50)

    assert sorted(map(len, made)) == [23] * 9 + [24] * 2


def test_no_request_is_made_more_for_the_sake_of_balance() -> None:
    sizes = [1] * 24 + [100] * 30

    made = packs(items(sizes), 24, 1_000, 0)

    assert [len(pack) for pack in made] == [24, 10, 10, 10]


@settings(deadline=None)
@given(SIZES, MOST, ROOM, EXPECTED)
def test_every_paper_is_packed_once_in_order_and_no_limit_is_passed(
    sizes: list[int], most: int, room: int, expected: int
) -> None:
    given = items(sizes)

    made = packs(given, most, room, expected)

    assert [item for pack in made for item in pack] == given
    for pack in made:
        assert 1 <= len(pack) <= most
        assert len(pack) == 1 or sum(item.tokens + expected for item in pack) <= room
    assert made == packs(given, most, room, expected)


@settings(deadline=None)
@given(SIZES, MOST, ROOM, EXPECTED)
def test_balance_costs_no_request_and_a_stream_is_filled_in_order(
    sizes: list[int], most: int, room: int, expected: int
) -> None:
    streamed = Packer(iter(items(sizes)), most, room, expected)

    greedy = list(iter(streamed.take, []))

    assert len(greedy) == len(packs(items(sizes), most, room, expected))
    assert [item for pack in greedy for item in pack] == items(sizes)
    for pack, after in pairwise(greedy):
        tokens = sum(item.tokens + expected for item in [*pack, after[0]])
        assert len(pack) == most or tokens > room


def test_an_endless_stream_is_read_one_paper_further_than_a_request_at_most() -> None:
    read = list[int]()

    def stream() -> Iterator[Item]:
        for number in numbers():
            read.append(number)
            yield an_item(number % 5, 100)

    packer = Packer(stream(), 4, 350, 0)

    assert packer.fresh()
    assert len(read) == 1
    assert [len(packer.take()) for _ in range(3)] == [3, 3, 3]
    assert len(read) == 10


def test_a_smaller_room_makes_smaller_requests_and_a_paper_too_big_for_it_comes_alone() -> None:
    sizes = [40] * 6 + [90] + [40] * 3
    for papers in (items(sizes), iter(items(sizes))):
        packer = Packer(papers, 3, 1_000, 0)
        assert len(packer.take()) == 3

        packer.room = 80

        assert [names(pack) for pack in iter(packer.take, [])] == [["3", "4"], ["5"], ["6"], ["7", "8"], ["9"]]


def test_limits_that_make_no_sense_give_papers_one_by_one() -> None:
    assert [len(pack) for pack in packs(items([5] * 3), 0, -10, 10)] == [1, 1, 1]


def test_nothing_makes_nothing() -> None:
    packer = Packer(iter(()), 5, 100, 0)

    assert packs([], 5, 100, 0) == []
    assert (packer.fresh(), packer.pooled, packer.take(), packer.take(idle=True)) == (False, 0, [], [])


def test_papers_back_now_come_before_the_fresh_ones_in_their_order() -> None:
    packer = Packer(iter(items([10] * 6)), 2, 100, 0)
    first = packer.take()

    packer.back(first, now=True)

    assert names(packer.take()) == ["0", "1"]
    assert names(packer.take()) == ["2", "3"]


def test_papers_back_now_are_packed_by_their_size_where_the_rest_was_planned() -> None:
    packer = Packer(items([90] * 2 + [10] * 20), 10, 100, 0)
    first, second = packer.take(), packer.take()
    assert [names(first), names(second)] == [["0"], ["1", "2"]]
    assert len(packer.take()) == 10

    packer.back([*first, *second], now=True)

    assert [len(pack) for pack in iter(packer.take, [])] == [1, 2, 9]


def test_pooled_papers_wait_until_they_fill_a_request() -> None:
    packer = Packer(iter(items([10] * 8)), 2, 100, 0)
    first, second = packer.take(), packer.take()

    packer.back(first[:1], now=False)
    assert (packer.pooled, names(packer.take())) == (1, ["4", "5"])
    packer.back(second[1:], now=False)

    assert names(packer.take()) == ["0", "3"]
    assert (packer.pooled, names(packer.take())) == (0, ["6", "7"])


def test_pooled_papers_gather_by_their_tokens_too() -> None:
    packer = Packer(iter(()), 10, 100, 0)
    packer.back(items([60, 30, 30]), now=False)

    assert names(packer.take()) == ["0", "1"]
    assert names(packer.take()) == []


def test_pooled_papers_go_as_they_are_when_nothing_else_is_left() -> None:
    packer = Packer(iter(()), 10, 100, 0)
    packer.back(items([30]), now=False)

    assert packer.take() == []
    assert names(packer.take(idle=True)) == ["0"]
    assert packer.take(idle=True) == []


@pytest.mark.parametrize("kind", [list, iter])
def test_what_is_left_of_the_last_request_is_filled_from_the_pool(kind: Callable[[list[Item]], list[Item]]) -> None:
    packer = Packer(kind(items([10] * 5)), 3, 100, 0)
    first = packer.take()

    packer.back(first[:2], now=False)

    assert names(packer.take()) == ["3", "4", "0"]
    assert packer.pooled == 1


def test_an_iterator_that_fails_loses_none_of_what_it_gave() -> None:
    def stream() -> Iterator[Item]:
        yield from items([10] * 2)
        raise OSError("the page is gone")

    packer = Packer(stream(), 5, 100, 0)

    with pytest.raises(OSError, match="gone"):
        packer.take()
    assert names(packer.take()) == ["0", "1"]


@settings(deadline=None)
@given(SIZES, MOST, ROOM, EXPECTED, st.booleans(), st.data())
def test_every_paper_is_done_once_whatever_comes_back_and_when(
    sizes: list[int], most: int, room: int, expected: int, known: bool, data: st.DataObject
) -> None:
    given = items(sizes)
    packer = Packer(given if known else iter(given), most, room, expected)
    under_way, done = list[list[Item]](), list[Item]()
    comebacks = 30

    for _ in range(500):
        pack = packer.take(idle=not under_way)
        if pack:
            assert len(pack) <= most
            assert len(pack) == 1 or sum(item.tokens + expected for item in pack) <= packer.room
            under_way.append(pack)
        elif not under_way:
            break
        if under_way and (not pack or data.draw(st.booleans())):
            back = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)))
            kept = data.draw(st.integers(0, len(back))) if comebacks else len(back)
            comebacks -= kept < len(back)
            done.extend(back[:kept])
            packer.back(back[kept:], now=data.draw(st.booleans()))
        if data.draw(st.integers(0, 9)) == 0:
            packer.room = data.draw(ROOM)

    assert sorted(int(item.text) for item in done) == list(range(len(sizes)))
    assert not packer.fresh()
    assert not packer.pooled


def test_ten_thousand_papers_are_packed_in_one_go() -> None:
    made = packs(items([number % 97 for number in range(10_000)]), 24, 2_000, 30)

    assert sum(map(len, made)) == 10_000


def test_a_taken_request_does_not_depend_on_what_is_read_later() -> None:
    endless = (an_item(number % 5, 10) for number in numbers())
    finite = islice((an_item(number % 5, 10) for number in numbers()), 4)

    assert Packer(endless, 3, 100, 0).take() == Packer(finite, 3, 100, 0).take()
