import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.faithful import Fault, check, repair
from digestor.faithful.check import SAYS
from digestor.text import sentences

TITLE = "Tidewater: sparse routing for long river forecasts"
ABSTRACT = (
    "Forecasting river levels over long horizons is costly because graph neural networks pass messages everywhere. "
    "We propose Tidewater, a sparse routing layer that reduces memory by 87.4 % on the RiverBench-20 dataset. "
    "It improves accuracy over dense baselines in nine of 12 basins and runs three times faster. "
    "The layer does not need gauges upstream, and training takes 1,282,167 steps of variational inference. "
    "Our code is at https://example.org/tidewater."
)
GOOD = "Tidewater is a sparse routing layer that makes long river forecasts cheaper in memory."
FACTUAL = frozenset(("number", "name", "proper noun", "overlap", "topic", "link", "language"))


def names_of(line: str, title: str = TITLE, abstract: str = ABSTRACT, language: str = "en") -> set[str]:
    return {fault.check for fault in check(line, title, abstract, language)}


def test_a_line_that_the_abstract_supports_has_no_fault() -> None:
    assert check(GOOD, TITLE, ABSTRACT) == []


def test_a_number_that_the_abstract_lacks_is_named_in_a_plain_sentence() -> None:
    (fault,) = check("Tidewater is a sparse routing layer that cuts memory by 93 %.", TITLE, ABSTRACT)

    assert fault == Fault("number", ("93 %",), True)
    assert fault.sentence == "the number 93 % is not in the abstract"


@pytest.mark.parametrize("amount", ["87.4 %", "87%", "87 percent", "over 85 %", "nearly 90%", "0.874 of it"])
def test_a_number_may_be_rounded_and_written_otherwise(amount: str) -> None:
    assert "number" not in names_of(f"Tidewater is a sparse routing layer that cuts memory by {amount}.")


@pytest.mark.parametrize("name", ["FlowFormer", "RiverBench-50", "XQZT", "GPT-4"])
def test_a_name_that_the_abstract_lacks_is_a_hard_fault(name: str) -> None:
    faults = check(f"Tidewater beats {name} in routing messages for long river forecasts.", TITLE, ABSTRACT)

    assert Fault("name", (name,), True) in faults


@pytest.mark.parametrize("name", ["GNNs", "RiverBench20", "AI", "GPU", "VI"])
def test_a_name_is_allowed_in_another_spelling_as_initials_or_as_a_household_acronym(name: str) -> None:
    assert "name" not in names_of(f"A sparse routing layer for {name} that forecasts river levels.")


def test_another_capitalised_word_is_a_soft_fault() -> None:
    assert Fault("proper noun", ("Velmora",), False) in check(f"{GOOD[:-1]} at Velmora.", TITLE, ABSTRACT)


def test_a_line_of_another_paper_is_a_hard_fault() -> None:
    assert "topic" in names_of("Pruning attention heads shrinks speech recognisers for whispered Icelandic podcasts.")


def test_a_line_that_shares_few_words_is_a_soft_fault() -> None:
    line = "Sparse routing lowers bills for hydrology offices watching valleys."

    assert Fault("overlap", (), False) in check(line, TITLE, ABSTRACT)


@pytest.mark.parametrize(
    "line",
    [
        "Wir stellen ein neues Verfahren vor, das die Pegel von Flüssen mit weniger Speicher vorhersagt.",
        "Cet article présente une couche de routage pour les rivières qui réduit la mémoire.",
        "本文提出了一种用于河流预测的稀疏路由层。",
        "Мы предлагаем разреженный слой для прогноза уровня рек.",
    ],
)
def test_a_line_in_neither_the_asked_nor_the_abstracts_language_is_a_hard_fault(line: str) -> None:
    assert "language" in names_of(line)


def test_a_line_may_be_in_the_language_asked_for() -> None:
    line = "Die Arbeit stellt eine Schicht vor, die für lange Vorhersagen mit weniger Speicher auskommt."

    assert check(line, TITLE, ABSTRACT, language="de") == []
    assert "language" in names_of(line, language="fr")


def test_a_line_may_be_in_the_abstracts_own_language_or_in_english() -> None:
    abstract = (
        "Wir stellen eine Schicht für die Vorhersage von Pegeln vor. Sie ist schneller als die bisherigen und klein."
    )

    assert "language" not in names_of(
        "Die Schicht ist schneller als die bisherigen und wenig teuer.", "Pegel", abstract
    )
    assert "language" not in names_of("The layer is faster than the others and needs little.", "Pegel", abstract)


def test_numbers_and_names_are_checked_across_languages() -> None:
    line = "Die Arbeit stellt eine Schicht vor, die mit 55 % weniger Speicher für FlowFormer auskommt."

    assert names_of(line, language="de") == {"number", "name"}


@pytest.mark.parametrize(
    "prefix", ["TL;DR: ", "Here is a summary: ", "Summary - ", "Sure! Here's the line: ", "**TLDR:** "]
)
def test_what_a_chat_model_says_before_the_line_is_named_and_mended(prefix: str) -> None:
    assert "chat" in names_of(prefix + GOOD) or "markup" in names_of(prefix + GOOD)
    assert repair(prefix + GOOD) == GOOD


def test_a_refusal_is_a_hard_fault_that_no_repair_hides() -> None:
    assert "chat" in names_of(repair("I'm sorry, but I cannot summarise this river paper."))


@pytest.mark.parametrize(
    "line",
    [
        "Tidewater is a sparse routing layer that reduces the",
        "Tidewater is a sparse routing layer,",
        "Tidewater is a sparse routing layer (for river",
        "Tidewater is a layer for long river forec",
        "Tidewater is a layer for forecasting with several",
    ],
)
def test_a_line_that_was_cut_off_is_a_hard_fault_even_after_repair(line: str) -> None:
    assert "cut off" in names_of(line)
    assert "cut off" in names_of(repair(line))


@pytest.mark.parametrize("line", ["It shows which river the layer looks at.", "We ask how costly river forecasts are."])
def test_a_whole_sentence_may_end_in_a_small_word(line: str) -> None:
    assert "cut off" not in names_of(line)


def test_the_title_is_no_summary() -> None:
    assert "title" in names_of("Tidewater: Sparse routing for long river forecasts.")
    assert "title" in names_of(
        "We propose Tidewater, sparse routing for long river forecasts.".replace("We propose ", "")
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("Sparse river routing.", "short"),
        (" ".join(["river"] * 36), "long"),
        ("River levels are costly to forecast. Tidewater routes messages sparsely.", "sentences"),
        ("Tidewater is a **sparse** routing layer for river forecasts.", "markup"),
        ("Tidewater is a <b>sparse</b> routing layer for river forecasts.", "markup"),
        ("Tidewater is a sparse routing layer (https://github.com/lab/thing).", "link"),
        ("Tidewater is a sparse routing layer, see example.com/tide for more.", "link"),
    ],
)
def test_the_form_of_a_line_is_a_hard_fault(line: str, fault: str) -> None:
    assert fault in {found.check for found in check(line, TITLE, ABSTRACT) if found.hard}


def test_a_link_that_the_abstract_gives_is_no_fault() -> None:
    assert "link" not in names_of("Tidewater is a sparse routing layer with code at https://example.org/tidewater.")


@pytest.mark.parametrize(
    "claim",
    [
        "the first sparse routing layer",
        "state-of-the-art routing",
        "a layer that outperforms all others",
        "a provably good layer",
    ],
)
def test_a_claim_that_the_abstract_does_not_make_is_a_soft_fault(claim: str) -> None:
    abstract = "We describe Tidewater, a sparse routing layer for long river forecasts that needs little memory."

    assert ("claim", False) in {
        (fault.check, fault.hard) for fault in check(f"Tidewater is {claim} for rivers.", TITLE, abstract)
    }


def test_a_claim_may_be_put_in_other_words() -> None:
    abstract = "Our sparse routing layer surpasses every earlier forecast of river levels, and we give a formal proof."

    assert "claim" not in names_of("A sparse routing layer that provably outperforms river forecasts.", TITLE, abstract)


def test_praise_is_a_soft_fault() -> None:
    assert Fault("hype", ("groundbreaking",), False) in check(f"{GOOD[:-1]}, a groundbreaking step.", TITLE, ABSTRACT)


def test_a_denial_of_what_the_abstract_affirms_is_a_soft_fault() -> None:
    assert "negation" in names_of("Tidewater does not improve accuracy over dense baselines.")


def test_an_affirmation_of_what_the_abstract_denies_is_a_soft_fault() -> None:
    assert "negation" in names_of("Tidewater is a sparse routing layer and does need gauges upstream.")


def test_a_denial_that_the_abstract_makes_is_no_fault() -> None:
    assert "negation" not in names_of("Tidewater is a sparse routing layer that does not need upstream gauges.")


def test_the_opposite_direction_is_a_soft_fault() -> None:
    assert Fault("direction", ("increas memory",), False) in check(
        "The sparse routing layer increases memory.", TITLE, ABSTRACT
    )


def test_hard_faults_come_first() -> None:
    faults = check("A groundbreaking, revolutionary layer for Velmora that cuts memory by 93 %", TITLE, ABSTRACT)

    assert [fault.hard for fault in faults] == sorted((fault.hard for fault in faults), reverse=True)
    assert {True, False} == {fault.hard for fault in faults}


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("a layer for rivers", "a layer for rivers."),
        ("  A layer\nfor  rivers.\n", "A layer for rivers."),
        ('"A layer for rivers."', "A layer for rivers."),
        ('"A layer for rivers".', "A layer for rivers."),
        ("- A layer for **rivers** and `gauges`", "A layer for rivers and gauges."),
        ("A [layer](https://example.org) for rivers.", "A layer for rivers."),
        ("We propose a layer. We test it on rivers.", "We propose a layer."),
        ("A layer for rivers. It is fast. Let me know if you need more!", "A layer for rivers."),
        ("Rivers are hard to forecast. We propose a layer.", "Rivers are hard to forecast. We propose a layer."),
        ('"Wet" and "dry" rivers differ.', '"Wet" and "dry" rivers differ.'),
        ("Is a river a graph?", "Is a river a graph?"),
        ("Summary statistics of rivers drift.", "Summary statistics of rivers drift."),
        ("The 2*k rule and the 3*k rule agree.", "The 2*k rule and the 3*k rule agree."),
        ("", ""),
    ],
)
def test_repair_takes_away_the_wrapping_and_nothing_else(written: str, mended: str) -> None:
    assert repair(written) == mended


def test_every_fault_has_a_sentence() -> None:
    for name in SAYS:
        sentence = Fault(name, ("it",), True).sentence
        assert "{" not in sentence
        assert 4 <= len(sentence.split()) <= 16


ODD = st.text(max_size=120) | st.lists(
    st.sampled_from(
        [
            *"()[]{}*_`\"'“”#-.,;:!?%^\\<>|~",
            " ",
            "\n",
            "12",
            "1,000",
            "x",
            "GPT-4",
            "not",
            "TL;DR:",
            "half",
            "\u4e2d",
            "the",
            "\x00",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(ODD, ODD, ODD)
def test_any_strings_give_faults_and_never_an_exception(line: str, title: str, abstract: str) -> None:
    for fault in check(line, title, abstract):
        assert fault.check in SAYS
        assert fault.sentence


@settings(max_examples=200, deadline=None)
@given(ODD)
def test_repair_is_idempotent_and_gives_one_line(line: str) -> None:
    once = repair(line)

    assert repair(once) == once
    assert len(once.splitlines()) <= 1


WORDS = st.sampled_from(
    """river layer GPT-4 ResNet-50 BERT-based 87.4% 12 3x 1,282,167 five twenty-one half U-Net word2vec Velmora OpenAI
    fast improves reduces (RNN) CIFAR-10 2.5M 10-20 % e.g. i.e. [0,1) top-5 state-of-the-art not first x^2 10^{-3}
    $O(n^2)$ third""".split()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=3, max_size=12), min_size=1, max_size=4))
def test_a_sentence_of_the_abstract_has_no_factual_fault(rows: list[list[str]]) -> None:
    abstract = " ".join(f"We show {' '.join(row)} here." for row in rows)

    for sentence in sentences.split(abstract):
        if 4 <= len(sentence.split()) <= 35:
            assert names_of(sentence, "A title", abstract).isdisjoint(FACTUAL)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 300_000,
        "TL;DR: " * 40_000,
        "1," * 150_000,
        "**a" * 100_000,
        "not " * 75_000,
        "a-" * 150_000,
        "A. " * 99_000,
    ],
)
def test_long_hostile_text_is_no_line(text: str) -> None:
    faults = check(repair(text), TITLE, text)

    assert any(fault.hard for fault in faults)


def test_the_checks_seldom_cry_wolf_on_what_authors_wrote() -> None:
    shared = Path(__file__).parents[1].parent / "shared"
    if not (shared / "data" / "scitldr_dev.jsonl").exists():
        pytest.skip("the development data is not here")
    from bench.quality.faithful import WRITTEN

    gold = [
        json.loads(line) for line in (shared / "data" / "scitldr_dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    alarms = sum(
        any(
            fault.hard and fault.check in WRITTEN
            for fault in check(repair(paper["target"][0]), paper["title"], " ".join(paper["source"]))
        )
        for paper in gold
    )

    assert alarms / len(gold) <= 0.065
