import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.oneliner.ranking import WEIGHTS, features, scores, summarise
from digestor.oneliner.trimming import MOST_WORDS, line
from digestor.text.sentences import split
from digestor.text.words import content, words

DEV = Path(__file__).parents[1].parent / "shared" / "data" / "scitldr_dev.jsonl"
TITLE = "Foraging Without Maps"
ABSTRACT = (
    "Ants have been studied for a long time. However, most existing methods need a map of the whole nest. "
    "To address this issue, in this paper we propose a foraging rule (Lee et al., 2020) that needs no map [4]. "
    "Experiments on three nests show that our rule finds food twice as fast. We hope that it helps others."
)
PIECES = st.sampled_from(
    """However,~To address this,~in this paper~we therefore~We propose~(Lee, 2019)~(ASO)~[3]~"~“~$x$~, which~; ~: ~—~and
    ~ants.~maps~kMaX~https://a.example~\n~\x85~\u2028~.~?~(i)~e.g.~1.~the~of""".split("~")
)


def test_the_line_is_the_sentence_that_tells_what_the_paper_does_trimmed() -> None:
    assert summarise(TITLE, ABSTRACT) == "We propose a foraging rule that needs no map."


def test_background_is_not_chosen_even_where_it_repeats_the_title() -> None:
    abstract = "Foraging without maps is an old problem. Many animals do it. This study examines how far ants walk."

    assert summarise(TITLE, abstract) == "This study examines how far ants walk."


def test_a_line_that_repeats_the_title_gives_way_to_the_next() -> None:
    title = "Foraging rules of desert ants in unknown nests without maps"
    abstract = f"Ants walk. We present {title.lower()}. We show that the walk to food is half as long."

    assert summarise(title, abstract) == "We show that the walk to food is half as long."


def test_a_belief_is_not_what_was_done() -> None:
    abstract = "Ants forage. We believe foraging without maps matters. We then count the ants of twelve nests."

    assert summarise(TITLE, abstract) == "We count the ants of twelve nests."


@pytest.mark.parametrize("nothing", ["", "  \n ", "...", "— ( ) —"])
def test_an_abstract_without_words_has_no_line(nothing: str) -> None:
    assert summarise(TITLE, nothing) is None


def test_an_abstract_of_one_word_is_its_own_line() -> None:
    assert summarise(TITLE, "ants") == "Ants."


def test_where_nothing_fits_the_first_words_are_taken_up_to_one_that_can_end_a_sentence() -> None:
    found = summarise("", "Ants walk over " + "hills and " * 40) or ""

    assert len(found.split()) <= MOST_WORDS
    assert found.endswith("hills.")


def test_a_foreign_abstract_gives_its_first_sentence_that_fits() -> None:
    abstract = "Ameisen sind klein (sehr klein). Wir schlagen eine Regel vor. Sie findet Futter."

    assert summarise("Futtersuche", abstract) == "Ameisen sind klein."


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("In this work, we sort ants.", "We sort ants."),
        ("Motivated by these findings, we also sort ants.", "We sort ants."),
        ("Inspired by this, in this paper, we sort ants.", "We sort ants."),
        ("As we show in this work, ants sort.", "As we show, ants sort."),
        ("To face these problems we sort ants.", "We sort ants."),
        ("To overcome such limits, a sorter of ants is proposed.", "A sorter of ants is proposed."),
        ("Inspired by bees, we sort ants.", "Inspired by bees, we sort ants."),
        (
            "To rate this nest and others, we compared their size.",
            "To rate this nest and others, we compared their size.",
        ),
        (
            "We propose a rule that finds food in any nest to solve this problem.",
            "We propose a rule that finds food in any nest.",
        ),
        ("Results: ants walk far.", "Ants walk far."),
        ("(ii) Ants (e.g., red ones) walk (see [3, 4]) far .", "Ants walk far."),
        ("The Ant Sorting Oracle (ASO) beats bees [1].", "The Ant Sorting Oracle (ASO) beats bees."),
        ("We extend the results of (Lee, 2020) to bees.", "We extend the results of (Lee, 2020) to bees."),
        ("Sorting takes O(n) steps for f (x).", "Sorting takes O(n) steps for f (x)."),
        ("kMaX sorts ants", "kMaX sorts ants."),
        ("is it true that ants sort?", "Is it true that ants sort?"),
        ('They say "ants sort."', 'They say "ants sort".'),
    ],
)
def test_a_sentence_is_trimmed_to_what_stands_alone(sentence: str, expected: str) -> None:
    assert line(sentence) == expected


@pytest.mark.parametrize("sentence", ["Code is at https://ants.example.org.", "An open ( is left.", 'A " too.', "..."])
def test_some_sentences_are_no_lines(sentence: str) -> None:
    assert line(sentence) is None


TAIL = " ".join(["of very small and quite red ants"] * 5)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            f"We propose a rule that finds food in any nest, which {TAIL}",
            "We propose a rule that finds food in any nest.",
        ),
        (f"We propose a rule that finds food in any nest; {TAIL}", "We propose a rule that finds food in any nest."),
        (f"While there are many rules {TAIL}, we count ants.", "We count ants."),
        (
            f"We ask the following three questions about every nest: {TAIL}",
            "We ask the following three questions about every nest.",
        ),
        (f"We offer to all our readers the following contributions: {TAIL}", None),
        (f"A new rule for the nests {TAIL}, which is good, is proposed.", None),
        (f"We find that not only the red ants walk far, but {TAIL}", None),
        (f"When ants walk far and wide over the hills, {TAIL} sleep.", None),
    ],
)
def test_a_long_sentence_is_cut_only_where_a_clause_ends(sentence: str, expected: str | None) -> None:
    assert line(sentence) == expected


def test_every_feature_has_a_weight_and_the_score_is_their_sum() -> None:
    sentences = split(ABSTRACT)
    lines = [line(sentence) for sentence in sentences]

    rows = features(TITLE, sentences, lines)

    assert all(set(row) <= set(WEIGHTS) for row in rows)
    assert scores(TITLE, sentences, lines) == [sum(WEIGHTS[k] * v for k, v in row.items()) for row in rows]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.text(max_size=300) | st.lists(PIECES, max_size=80).map(" ".join))
def test_any_text_gives_nothing_or_one_line_made_of_its_own_words(title: str, abstract: str) -> None:
    found = summarise(title, abstract)

    if found is None:
        assert not any(map(str.isalnum, abstract))
    else:
        assert len(found.splitlines()) == 1
        assert 0 < len(found.split()) <= MOST_WORDS
        assert found.endswith((".", "?", "!", "。", "？", "！"))
        assert content(found) <= content(abstract)


@pytest.mark.parametrize(
    "piece", ["However, ", "(", " (a", "[1, ", "a", "to this ", ", which ", "\\cite{", "1) ", "abstract:"]
)
def test_a_long_hostile_text_gives_one_short_line_or_none(piece: str) -> None:
    line = summarise(TITLE, piece * (300_000 // len(piece)))

    assert line is None or 0 < len(line.split()) <= MOST_WORDS


@pytest.mark.skipif(not DEV.exists(), reason="the shared development sets are not here")
def test_real_abstracts_keep_every_promise() -> None:
    papers = [json.loads(row) for row in DEV.read_text(encoding="utf-8").splitlines()[:200]]

    for paper in papers:
        abstract = " ".join(" ".join(paper["source"]).split())
        found = summarise(paper["title"], abstract)
        assert found is not None
        assert len(found.split()) <= MOST_WORDS
        assert found.count("(") == found.count(")")
        assert set(words(found)) <= set(words(abstract))
