"""Is a later version of a paper news?"""

import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.dedupe import rewritten
from digestor.models import Paper

PAIRS = Path(__file__).parents[2] / "shared" / "data" / "dedupe_dev.jsonl"

TEXT = (
    "Lighthouses speak to ships by the rhythm of their lamps. We ask whether that rhythm can be learnt by a camera "
    "that has never seen the sea. Nine lamps were filmed for a winter, in fog and rain, and their periods were "
    "measured by hand. A network with 40 units tells all nine apart at a distance of 12 km. It fails when two lamps "
    "stand in line, and we explain why no camera could do better. The films and the periods are there for everybody."
)
OTHER = (
    "A camera can learn the rhythm of a lighthouse, but not for the reason we first gave. What it learns is the beam's "
    "turn and not the lamp's flash, as films of lamps that only flash now show. We measure how far this carries, with "
    "twenty lamps on three coasts, and withdraw the claim about lamps that stand in line: with a second camera they "
    "are told apart at any distance, fog or none."
)
MORE = (
    "In this version we add a second winter. Twelve further lamps were filmed on an island where no ship calls, among "
    "them two whose keepers changed the rhythm without telling us. The network noticed both within an hour. We also "
    "give a bound on the number of lamps that any camera can keep apart, which depends on the weather and not on the "
    "distance, and we show that our network comes close to it in all months but one, when the island was snowed in. "
    "Keepers of six harbours have since tried it, and we report what they said."
)


def a_version(abstract: str, version: int | None = None) -> Paper:
    return Paper(id=f"v{version}", title="Lamps that speak", abstract=abstract, version=version)


def test_a_bumped_version_alone_is_no_news() -> None:
    assert not rewritten(a_version(TEXT, 2), a_version(TEXT, 1))


def test_a_new_text_is_news() -> None:
    assert rewritten(a_version(OTHER, 2), a_version(TEXT, 1))
    assert rewritten(a_version(OTHER), a_version(TEXT))


def test_what_was_added_is_news_and_so_is_what_was_taken_out() -> None:
    assert rewritten(a_version(f"{TEXT} {MORE}", 2), a_version(TEXT, 1))
    assert rewritten(a_version(TEXT, 2), a_version(f"{TEXT} {MORE}", 1))
    assert rewritten(a_version(f"{MORE} {TEXT}"), a_version(TEXT))


@pytest.mark.parametrize(
    "edited",
    [
        TEXT.replace("Nine lamps", "Ten lamps").replace("12 km", "14 km"),
        TEXT.upper(),
        TEXT.replace(". ", ".\n"),
        f"{TEXT} Code is at https://lamps.example.",
        TEXT.partition(". ")[2],
        TEXT.replace("40 units", r"$40$ \emph{units}").replace("12 km", "12km"),
    ],
    ids=["numbers", "case", "lines", "a sentence more", "a sentence fewer", "LaTeX"],
)
def test_a_light_edit_or_another_layout_is_none(edited: str) -> None:
    assert not rewritten(a_version(edited, 2), a_version(TEXT, 1))
    assert not rewritten(a_version(TEXT, 2), a_version(edited, 1))


@pytest.mark.parametrize("end", ["…", "...", " [...]", " […]", ""])
def test_a_text_that_is_cut_off_is_compared_as_far_as_it_goes(end: str) -> None:
    cut = TEXT[:230].rsplit(" ", 1)[0] + end

    assert not rewritten(a_version(cut, 2), a_version(TEXT, 1))
    assert not rewritten(a_version(TEXT, 2), a_version(cut, 1))
    assert rewritten(a_version(OTHER, 2), a_version(cut, 1))


def test_whole_sentences_from_the_beginning_may_be_all_that_a_source_gives() -> None:
    teaser = ". ".join(TEXT.split(". ")[:2]) + "."

    assert not rewritten(a_version(TEXT), a_version(teaser))
    assert not rewritten(a_version(TEXT, 2), a_version(teaser))
    assert rewritten(a_version(OTHER), a_version(teaser))


def test_a_few_words_that_were_cut_off_tell_nothing() -> None:
    assert not rewritten(a_version(OTHER, 2), a_version("Lighthouses speak to ships by the rhythm of their…", 1))


@pytest.mark.parametrize("missing", ["", "No abstract.", "Abstract not available"])
def test_without_two_abstracts_there_is_nothing_to_compare(missing: str) -> None:
    assert not rewritten(a_version(missing, 2), a_version(TEXT, 1))
    assert not rewritten(a_version(TEXT, 2), a_version(missing, 1))


@pytest.mark.parametrize(("now", "before"), [(1, 2), (2, 2)])
def test_what_is_known_to_be_no_later_version_is_no_news(now: int, before: int) -> None:
    assert not rewritten(a_version(OTHER, now), a_version(TEXT, before))


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_compared_and_none_differs_from_itself(now: str, before: str) -> None:
    rewritten(a_version(now), a_version(before))

    assert not rewritten(a_version(now, 2), a_version(now, 1))


LAYOUT = {"base", "retitled", "abs_linebreaks", "abs_truncated", "retitled+truncated", "exact_copy"} | {
    f"title_{change}" for change in ("latex", "html", "case", "typo", "prefix", "unicode", "punct")
}
"""Ways in which the records were made that leave the abstract's words alone, or take its end away."""


@pytest.mark.skipif(not PAIRS.is_file(), reason="the pairs are not here")
def test_on_pairs_of_the_gold_set_all_but_one_of_the_rewritten_abstracts_are_found_and_no_others() -> None:
    clusters = defaultdict(list)
    for line in PAIRS.read_text().splitlines():
        record = json.loads(line)
        clusters[record["cluster"]].append(record)
    found = defaultdict(list)

    for a, b in (pair for records in clusters.values() for pair in combinations(records, 2)):
        kinds = {a["kind"], b["kind"]}
        news = rewritten(a_version(b["abstract"], 2), a_version(a["abstract"], 1))
        if kinds <= LAYOUT:
            found["layout"].append(news)
        elif kinds <= {"base", "version_update", "retitled+version"}:
            found["light"].append(news)
        elif kinds == {"base", "same_title_rewrite"}:
            found["rewritten"].append(news)

    assert {kind: (sum(news), len(news)) for kind, news in found.items()} == {
        "layout": (0, 255),
        "light": (0, 31),
        "rewritten": (15, 16),
    }
