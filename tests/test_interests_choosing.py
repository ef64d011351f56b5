"""Which of the ranked papers are shown."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.interests import Interests, Ranked, Reader, choose, rank
from digestor.models import Paper
from tests import fakes


def a_ranked(number: int, score: float = 0.0, why: Sequence[str] = (), **fields: object) -> Ranked:
    excluded = str(fields.pop("excluded", ""))
    return Ranked(fakes.a_paper(number, **fields), score, tuple(why), excluded, wanted=score > 0.1)


def ids(some: Sequence[Ranked]) -> list[str]:
    return [one.paper.id for one in some]


def test_the_best_are_shown_the_others_listed_the_excluded_apart() -> None:
    ranked = [a_ranked(n, 3 - n / 10, excluded="clay" if n == 1 else "") for n in range(6)]

    chosen = choose(ranked, 2, outside=False)

    assert (ids(chosen.shown), ids(chosen.listed), ids(chosen.excluded)) == (
        ["p0", "p2"],
        ["p3", "p4", "p5"],
        ["p1"],
    )
    assert chosen.outside is None


def test_without_a_most_all_are_shown() -> None:
    chosen = choose([a_ranked(n, 1 - n / 100) for n in range(6)], None, outside=False)

    assert sorted(ids(chosen.shown)) == [f"p{n}" for n in range(6)]
    assert chosen.listed == []


def test_ten_near_equal_papers_do_not_fill_the_top() -> None:
    copied = fakes.a_paper(0)
    copies = [
        Ranked(copied.model_copy(update={"id": f"c{n}", "title": f"{copied.title}, again {n}"}), 2.0, (), "", True)
        for n in range(10)
    ]
    others = [a_ranked(n, 1.5 - n / 100) for n in range(1, 6)]

    chosen = choose([*copies, *others], 6, outside=False)

    assert sum(name.startswith("c") for name in ids(chosen.shown)) == 1
    assert chosen.shown[0].paper.id == "c0"
    assert all("much like “" in one.why[-1] for one in chosen.listed)


def test_a_reason_to_be_left_out_names_a_paper_that_is_shown() -> None:
    copied = fakes.a_paper(0)
    copy = Ranked(copied.model_copy(update={"id": "copy", "title": f"{copied.title} b"}), 2.0, ("“a” in the title",))

    chosen = choose([Ranked(copied, 2.1, ()), copy, a_ranked(1, 1.9), a_ranked(2, 0.1)], 2, outside=False)

    assert ids(chosen.shown) == ["p0", "p1"]
    assert chosen.listed[0].why == ("“a” in the title", f"much like “{copied.title}”")


def test_papers_of_one_field_stay_beside_each_other() -> None:
    eels = [
        a_ranked(n, 2 - n / 10, title=f"Eels {word}", abstract=f"Eels and {word} in {other}.")
        for n, (word, other) in enumerate([("turbines", "Wales"), ("otters", "spring"), ("salt", "weirs")])
    ]

    assert ids(choose([*eels, a_ranked(9, 1.0)], 3, outside=False).shown) == ["p0", "p1", "p2"]


@pytest.mark.parametrize(
    ("others", "best", "why"),
    [
        ([{"upvotes": 3}, {"upvotes": 120}, {"code_url": "https://c.example.org"}], "p11", "120 votes"),
        ([{}, {}, {"code_url": "https://c.example.org"}], "p12", "with code"),
    ],
)
def test_one_paper_from_outside_the_usual_is_shown_last_and_labelled(
    others: list[dict[str, object]], best: str, why: str
) -> None:
    papers = [*(fakes.a_paper(n, title=f"Tides {n}") for n in range(4))]
    papers += [fakes.a_paper(10 + n, **fields) for n, fields in enumerate(others)]
    ranked = rank(papers, Reader(Interests.model_validate({"topics": ["tides"]})), lambda _: ())

    chosen = choose(ranked, 3, outside=True)

    assert chosen.outside is chosen.shown[-1]
    assert chosen.outside.paper.id == best
    assert chosen.outside.why == (f"outside your usual: {why}",)
    assert len(chosen.shown) == 3
    assert len(chosen.shown) + len(chosen.listed) == len(papers)


def test_without_votes_and_code_the_outside_is_the_most_typical_of_the_others() -> None:
    others = ["Clay and glaze of old pots", "Glaze on clay pots", "Clay pots", "Comets"]
    papers = [fakes.a_paper(n, title=title, abstract="") for n, title in enumerate(["Tides", *others])]
    ranked = rank(papers, Reader(Interests.model_validate({"topics": ["tides"]})), lambda _: ())

    chosen = choose(ranked, 2, outside=True)

    assert chosen.outside is not None
    assert "Clay" in chosen.outside.paper.title or "clay" in chosen.outside.paper.title
    assert chosen.outside.why == ("outside your usual: typical of the others",)


def test_a_paper_like_one_the_reader_did_not_want_is_never_the_outside() -> None:
    bad = fakes.a_paper(7, upvotes=500)
    ranked = rank(
        [fakes.a_paper(0, title="Tides"), bad, fakes.a_paper(8)],
        Reader(
            Interests.model_validate({"topics": ["tides"]}),
            disliked=[bad.model_copy(update={"id": "d", "title": "Another one of these", "upvotes": None})],
        ),
        lambda _: (),
    )

    assert next(one for one in ranked if one.paper == bad).why[0].endswith("of which you wanted less")
    outside = choose(ranked, 3, outside=True).outside
    assert outside is not None
    assert outside.paper.id == "p8"


@pytest.mark.parametrize("most", [0, 1])
def test_room_for_one_is_not_for_the_outside(most: int) -> None:
    chosen = choose([a_ranked(0, 1.0), a_ranked(1, 0.0, upvotes=9)], most, outside=True)

    assert (chosen.outside, len(chosen.shown)) == (None, most)


def test_where_nothing_is_usual_nothing_is_outside() -> None:
    ranked = rank([fakes.a_paper(n, upvotes=n) for n in range(4)], Reader(Interests()), lambda _: ())

    chosen = choose(ranked, 2, outside=True)

    assert (chosen.outside, ids(chosen.shown)) == (None, ["p3", "p2"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1, 3), st.booleans(), st.integers(0, 3)), max_size=12),
    st.none() | st.integers(0, 14),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_every_paper_is_in_one_list_and_the_order_of_what_comes_in_changes_nothing(
    rows: list[tuple[float, bool, int]], most: int | None, outside: bool, chance: Random
) -> None:
    ranked = [
        a_ranked(n, score, excluded="x" if excluded else "", upvotes=votes)
        for n, (score, excluded, votes) in enumerate(rows)
    ]

    chosen = choose(ranked, most, outside)
    again = choose(chance.sample(ranked, len(ranked)), most, outside)

    assert sorted(ids([*chosen.shown, *chosen.listed, *chosen.excluded])) == sorted(ids(ranked))
    able = len(rows) - len(chosen.excluded)
    assert len(chosen.shown) == (able if most is None else min(most, able))
    assert chosen.outside is None or chosen.outside is chosen.shown[-1]
    assert (chosen.shown, chosen.listed, chosen.outside) == (again.shown, again.listed, again.outside)


def test_among_many_papers_the_best_come_first_and_all_are_kept() -> None:
    papers: list[Paper] = [fakes.a_paper(n) for n in range(450)]
    ranked = [Ranked(paper, 1 - n / 1000, (), "", True) for n, paper in enumerate(papers)]

    chosen = choose(ranked, 300, outside=False)

    assert len(set(ids(chosen.shown))) == 300
    assert sorted(ids([*chosen.shown, *chosen.listed])) == sorted(paper.id for paper in papers)
