"""Page text, tidy and untidy."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.models import Paper, Problem
from digestor.sources.pages import parse

EXAMPLES = Path(__file__).parents[1] / "examples"
SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"

HEAD = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 11\n\n"
BOATS = "Steering Small Boats with Large Models"
BOATS_SAYS = (
    "Small boats drift with wind and current, and most autopilots learn of it too late. We present a controller where "
    "a language model reads the log of the skipper and sets the gains of an ordinary autopilot. On 40 crossings it "
    "steers 12% closer to the planned course. The model is never allowed to touch the rudder itself, so that a wrong "
    "answer costs time and not the boat."
)
MOSS = "Counting Moss: A Benchmark for Very Fine Texture"
MOSS_SAYS = (
    "Fine texture is where vision models fail without anybody noticing, since objects are recognised by their outline. "
    "We introduce a benchmark of 900 photographs of moss with counts of stems that were made by botanists. The best of "
    "seven models is off by a factor of three. Training on magnified crops helps a little, and helps larger models "
    "more. All photographs may be used freely."
)
PLAIN = f"{HEAD}{BOATS}\n\n{BOATS_SAYS}\n\n{MOSS}\n\n{MOSS_SAYS}"
BOTH = [(BOATS, BOATS_SAYS), (MOSS, MOSS_SAYS)]


def papers(text: str) -> list[tuple[str, str]]:
    return [(found.title, found.abstract) for found in parse(text, "page") if isinstance(found, Paper)]


def problems(text: str) -> list[Problem]:
    return [found for found in parse(text, "page") if isinstance(found, Problem)]


def test_a_page_is_titles_and_abstracts_in_turn() -> None:
    assert papers(PLAIN) == BOTH
    assert problems(PLAIN) == []


def test_a_paper_of_a_page_has_an_id_of_its_own_words() -> None:
    first, second = (found for found in parse(PLAIN, "page") if isinstance(found, Paper))

    assert (first.source, first.published, first.url) == ("pages", None, None)
    assert first.id != second.id
    assert first.id == next(found.id for found in parse(PLAIN, "elsewhere") if isinstance(found, Paper))


def _wrapped(text: str, width: int = 78) -> str:
    lines = [""]
    for word in text.split():
        lines[-1:] = [f"{lines[-1]} {word}".strip()] if len(lines[-1]) + len(word) < width else [lines[-1], word]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "page",
    [
        PLAIN.removeprefix(HEAD),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(" ", "\u00a0"),
        "\ufeff" + PLAIN,
        PLAIN.replace("\n\n", "\n"),
        PLAIN.replace("\n\n", "\n\n\n \n\t\n"),
        f"Mar 11\n\nSubscribe\n\nnew\n\n{PLAIN.removeprefix(HEAD)}",
        f"{HEAD}{_wrapped(BOATS)}\n\n{_wrapped(BOATS_SAYS)}\n\n{_wrapped(MOSS)}\n\n{_wrapped(MOSS_SAYS)}",
        f"{HEAD}{_wrapped(BOATS)}\n{_wrapped(BOATS_SAYS)}\n\n{_wrapped(MOSS)}\n{_wrapped(MOSS_SAYS)}",
        f"{PLAIN}\n\nPrevious\n\nNext\n\nCompany\n\nTOS\n\nPrivacy\n\nModels\n\nPricing\n\nDocs\n",
    ],
    ids=["no head", "crlf", "nbsp", "bom", "no blank lines", "many", "another order", "wrapped", "no gap", "footer"],
)
def test_a_page_may_be_laid_out_in_other_ways(page: str) -> None:
    assert papers(page) == BOTH
    assert problems(page) == []


def test_what_a_site_puts_beside_a_paper_is_dropped_without_a_word() -> None:
    beside = "Submitted by\n\nsome_one\n\n42\n\n{}\n\n{}\n\n·\n\n7 authors\n\nPublished on Mar 3, 2026\n\nUpvote\n\n"
    page = HEAD + "".join(beside.format(*entry) + "1.2k\n\nView arXiv page\n\n2 days ago\n\n" for entry in BOTH)

    assert papers(page) == BOTH
    assert problems(page) == []


def test_a_line_nobody_knows_is_told_of_and_costs_nothing() -> None:
    page = PLAIN.replace(MOSS, f"Some Institute\n\n{MOSS}")

    assert papers(page) == BOTH
    assert [(problem.lost, "Some Institute" in problem.what) for problem in problems(page)] == [(0, True)]


def test_an_unknown_line_between_title_and_abstract_does_not_take_the_titles_place() -> None:
    assert papers(PLAIN.replace(MOSS, f"{MOSS}\n\nSome Institute\n\n12")) == BOTH


def test_an_abstract_may_have_several_paragraphs() -> None:
    first, second = MOSS_SAYS[: MOSS_SAYS.index("We introduce") - 1], MOSS_SAYS[MOSS_SAYS.index("We introduce") :]

    assert papers(PLAIN.replace(MOSS_SAYS, f"{first}\n\n{second}"))[1] == (MOSS, f"{first}\n{second}")


def test_an_abstract_may_be_one_sentence() -> None:
    short = "We count moss and find that it is hard."

    assert papers(PLAIN.replace(BOATS_SAYS, short)) == [(BOATS, short), (MOSS, MOSS_SAYS)]


def test_a_title_may_end_in_a_full_stop_or_hold_a_question() -> None:
    odd = ["Why Do Boats Drift? Three Answers", "Galaxies in Clusters. II. Catalogue", "Boats."]
    page = HEAD + "\n\n".join(f"{title}\n\n{BOATS_SAYS}" for title in odd)

    assert [title for title, _ in papers(page)] == odd


def test_a_title_without_an_abstract_is_a_paper_too() -> None:
    assert papers(PLAIN.replace(f"{BOATS_SAYS}\n\n", "")) == [(BOATS, ""), (MOSS, MOSS_SAYS)]


def test_a_page_that_breaks_off_says_so() -> None:
    half = PLAIN[: PLAIN.index("Training on magnified") + 15]
    alone = PLAIN.removesuffix(MOSS_SAYS)

    assert papers(half)[1][1].endswith("Training on mag")
    assert [problem.what.startswith("the last abstract breaks off") for problem in problems(half)] == [True]
    assert papers(alone)[1] == (MOSS, "")


def test_an_abstract_without_a_title_is_counted_as_lost() -> None:
    page = f"{HEAD}{MOSS_SAYS}\n\n{BOATS}\n\n{BOATS_SAYS}\n\n{12}\n\n{MOSS_SAYS}"

    found = problems(page)

    assert papers(page) == [BOTH[0]]
    assert [(problem.where, problem.lost) for problem in found] == [("page:line 11", 1), ("page:line 19", 1)]


def test_two_long_abstracts_are_never_taken_for_one() -> None:
    long = " ".join([BOATS_SAYS] * 4)

    found = list(parse(f"{BOATS}\n\n{long}\n\n{long}\n\n{MOSS}\n\n{MOSS_SAYS}", "page"))

    assert [found.title for found in found if isinstance(found, Paper)] == [BOATS, MOSS]
    assert sum(found.lost for found in found if isinstance(found, Problem)) == 1


def test_a_paragraph_above_the_head_is_the_pages_own() -> None:
    page = f"Nothing on this page is true. It is a test.\n\n{PLAIN}"

    assert papers(page) == BOTH
    assert problems(page) == []


def test_a_title_that_begins_like_a_line_of_the_site_is_a_title() -> None:
    odd = [
        "Search Engines for Moss",
        "New Boats",
        "Code Models That Listen",
        "1,000 Papers on Moss",
        "by Boats, for Boats",
    ]
    page = HEAD + "\n\n".join(f"{title}\n\n{MOSS_SAYS}" for title in odd)

    assert [title for title, _ in papers(page)] == odd


def test_the_made_up_pages_hold_thirty_papers_five_of_them_twice() -> None:
    pages = [(EXAMPLES / f"made-up-page-{number}.txt").read_text(encoding="utf-8") for number in (1, 2)]

    seen = Counter(title for page in pages for title, abstract in papers(page) if abstract)

    assert [len(papers(page)) for page in pages] == [18, 17]
    assert (len(seen), sum(count == 2 for count in seen.values())) == (30, 5)
    assert [problem for page in pages for problem in problems(page)] == []


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five real pages are not part of this repository")
def test_five_real_pages_are_read_whole() -> None:
    pages = [page.read_text(encoding="utf-8") for page in sorted(SEEDS.glob("*.txt"))]

    assert [len(papers(page)) for page in pages] == [79, 80, 78, 84, 63]
    assert len({entry for page in pages for entry in papers(page)}) == 255
    assert [problem for page in pages for problem in problems(page)] == []


@pytest.mark.parametrize(
    "unit", ["A Short Title\n", "Short.\n", "42\n\nShort.\n\n", "\n", "by x x x\n", "Mar 1Mar 1\n", "x" * 90, "a. "]
)
def test_a_long_hostile_page_gives_papers_and_problems_only(unit: str) -> None:
    found = list(parse(unit * (300_000 // len(unit)), "page"))

    assert all(isinstance(thing, Paper | Problem) for thing in found)


LINES = st.sampled_from(
    [
        BOATS,
        BOATS_SAYS,
        MOSS,
        MOSS_SAYS,
        "",
        "",
        "new",
        "Mar 11",
        "42",
        "Submitted by",
        "Short.",
        "Tidal",
        "\x00",
        "\u202e x",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES | st.text(max_size=30), max_size=20))
def test_any_text_gives_papers_and_problems_and_nothing_else(lines: list[str]) -> None:
    for found in parse("\n".join(lines), "page"):
        assert isinstance(found, Problem) or "\n" not in found.title


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=20))
def test_no_abstract_disappears(lines: list[str]) -> None:
    found = list(parse("\n\n".join(lines), "page"))

    in_papers = sum(paper.abstract.count(MOSS_SAYS) for paper in found if isinstance(paper, Paper))
    lost = sum(problem.lost for problem in found if isinstance(problem, Problem))
    skipped = sum(lines[n] == MOSS_SAYS and _next(lines, n) in ("new", "Mar 11") for n in range(len(lines)))
    assert in_papers + lost + skipped >= lines.count(MOSS_SAYS)


def _next(lines: list[str], number: int) -> str:
    return next((line for line in lines[number + 1 :] if line.strip("\x00 ")), "")
