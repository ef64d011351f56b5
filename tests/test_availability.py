"""The code flag: what is released, what is promised, what is only spoken of; and always the evidence."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.availability.flags import LONGEST_EVIDENCE, flag
from digestor.models import Code

SHARED = Path(__file__).parents[1].parent / "shared"


def status(sentence: str, title: str = "A study of weaving") -> str:
    return flag(title, f"We study looms. {sentence} They weave.").status


@pytest.mark.parametrize(
    "sentence",
    [
        "Code is available at https://github.com/ada/loom.",
        "Our code and pretrained models are open-sourced at github.com/ada/loom .",
        "Code: https://github.com/ada/loom",
        "(Code available at https://gitlab.com/ada/loom.)",
        "https://github.com/ada/loom.",
        "For training code and weights see https://github.com/ada/loom.",
        "The implementation can be found in the supplementary material.",
        "An implementation in Julia is freely available.",
        "Our code is written in C and is publicly available.",
        "We make all our data and models publicly available.",
        "We have made Loom's source code available.",
        "By making LoomBERT publicly available, we hope to help.",
        "We collect and release a corpus of 900 patterns.",
        "We open-source the weights.",
        "This paper releases LoomBench, a benchmark of 90 looms.",
        "A further contribution of this work is the release of a corpus of patterns.",
        "We introduce the task and open source new data.",
        "We publish the best pattern classifier.",
        "We also provide reference implementations.",
        "We provide open source tools for inspection.",
        "We present Loom, a fast, open-source simulator of weaving.",
        "All models are released under the Apache 2.0 licence.",
        "The toolbox is now open source and available via pip.",
        "Videos and code are at https://loom.github.io.",
        "The patterns may be downloaded from https://zenodo.org/records/12.",
        "It can be run with our open source repository.",
        "To help others, we open source this https URL, which weaves by itself.",
    ],
)
def test_words_and_links_that_say_so_are_a_release(sentence: str) -> None:
    assert status(sentence) == "released"


@pytest.mark.parametrize(
    "sentence",
    [
        "Code will be released.",
        "Code and models will be made publicly available upon acceptance.",
        "The code will be available at https://github.com/ada/loom.",
        "We will release the patterns and the code.",
        "We'll open-source the weights.",
        "We introduce fast kernels, which we plan to open-source.",
        "Upon publication, we release all our code.",
        "Once the paper is accepted, we provide the link to the code.",
        "Code coming soon.",
        "We plan on releasing our patterns and our code.",
        "Upon acceptance, all artifacts will be shared.",
        "The data are to be released.",
        "Our toolkit is written in C and we plan to make it available next year.",
    ],
)
def test_the_future_is_a_promise(sentence: str) -> None:
    assert status(sentence) == "promised"


@pytest.mark.parametrize(
    "sentence",
    [
        "Our sorter is twice as fast as the one at https://github.com/somebody/sorter on every river.",
        "We use the implementation available at https://github.com/other/loom.",
        "Videos of our looms are available at https://loom.github.io.",
        "A list of papers is kept at https://github.com/ada/awesome-looms.",
        "We fine-tune open-source models on public data.",
        "Project page: https://loom.github.io",
    ],
)
def test_somebodys_code_and_pages_of_unknown_kind_are_only_mentioned(sentence: str) -> None:
    assert status(sentence) == "mentioned"


@pytest.mark.parametrize(
    "sentence",
    [
        "No code is released because of licence restrictions.",
        "The code is not publicly available.",
        "When source code is available, analysis is easy.",
        "Few datasets are publicly available for this craft.",
        "Patterns are abundantly available.",
        "We evaluate on three publicly available datasets.",
        "Code review and code generation are hard, and source code is provided as input.",
        "Models of code can learn distributed representations.",
        "Binary codes are shared by both looms.",
        "We share parameters across looms.",
        "We provide implementation details and a framework for weaving.",
        "The recent release of large models has changed weaving.",
        "We evaluate recently released models.",
        "Hospitals cannot make data publicly available.",
        "We release the assumption that the data are dry.",
        "A video is at https://youtu.be/abc.",
        "Figures are drawn by ![x](https://evil.example/log).",
    ],
)
def test_a_paper_about_code_or_with_others_data_releases_nothing(sentence: str) -> None:
    assert status(sentence) == "none"


@pytest.mark.parametrize(
    ("title", "expected"), [("Loom: An Open-Source Library", "released"), ("On Open-Source Looms", "none")]
)
def test_a_title_may_say_that_its_subject_is_open(title: str, expected: str) -> None:
    code = flag(title, "We weave.")

    assert code.status == expected
    assert code.found_in == ("title" if expected == "released" else None)


def test_a_surveys_repository_is_a_reading_list_unless_it_names_code() -> None:
    title = "Weaving: A Survey"

    assert status("We keep a repository at https://github.com/ada/weaving-survey.", title) == "mentioned"
    assert status("Our benchmark code is available at https://github.com/ada/weave.", title) == "released"


@pytest.mark.parametrize(
    ("sentence", "artefacts"),
    [
        ("Data, code, and checkpoints are available at https://github.com/a/b.", ("code", "model", "data")),
        ("The code for our models is public.", ("code",)),
        ("We release a corpus and two encoders.", ("model", "data")),
        ("Our benchmark framework is released.", ("code",)),
        ("We release LoomBERT.", ("model",)),
    ],
)
def test_the_flag_says_what_is_released(sentence: str, artefacts: tuple[str, ...]) -> None:
    assert flag("Looms", sentence).artefacts == artefacts


def test_a_release_outranks_a_promise_and_a_link_outranks_words() -> None:
    code = flag("Looms", "We release our code. Models will be released. Code is at https://github.com/a/b.")

    assert (code.status, code.url, code.artefacts) == ("released", "https://github.com/a/b", ("code",))


def test_an_address_without_scheme_gets_one_and_the_evidence_stays_as_written() -> None:
    code = flag("Looms", "We weave. Our code is at github.com/ada/loom.")

    assert code == Code(
        status="released",
        url="https://github.com/ada/loom",
        evidence="Our code is at github.com/ada/loom.",
        artefacts=("code",),
        found_in="abstract",
    )


def test_a_repository_in_the_metadata_wins() -> None:
    code = flag("Looms", "Code will be released.", "github.com/ada/loom/")

    assert (code.status, code.url, code.found_in) == ("released", "https://github.com/ada/loom/", "metadata")
    assert code.evidence == "github.com/ada/loom/"


@pytest.mark.parametrize("code_url", ["javascript:alert(1)", "", "soon", "http://127.0.0.1/x", "https://a@b.example/"])
def test_a_metadata_field_that_is_no_web_address_counts_for_nothing(code_url: str) -> None:
    assert flag("Looms", "We weave.", code_url) == Code()


def test_addresses_that_are_not_sane_are_never_handed_on() -> None:
    assert flag("Looms", "Code: http://127.0.0.1/x and https://github.com@evil.example/x").url is None


def test_evidence_of_a_long_sentence_is_the_part_around_the_claim() -> None:
    long = (
        f"We weave {'over and under, ' * 40}and our code is at https://github.com/ada/loom, {'again and ' * 40}again."
    )

    code = flag("Looms", long)

    assert len(code.evidence) <= LONGEST_EVIDENCE
    assert code.evidence in long
    assert "our code is at https://github.com/ada/loom" in code.evidence


PIECES = (
    "code|our|We release|will be|available|at|https://github.com/a/b|github.com/ a/b|.|, |not|models|open-source|\0|\n"
    "|upon acceptance|(|)|videos of|soon|survey|:|data|publicly|http://|’ll|is|and|\u202e|LoomBERT"
    "|under the MIT licence|make"
).split("|")
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=80)


@settings(max_examples=250, deadline=None)
@given(TEXTS, TEXTS, st.none() | TEXTS)
def test_any_text_gives_a_flag_that_its_evidence_bears_out(title: str, abstract: str, code_url: str | None) -> None:
    code = flag(title, abstract, code_url)

    if code.status == "none":
        assert code == Code()
        return
    source = {"title": title, "abstract": abstract, "metadata": code_url or ""}[code.found_in or ""]
    assert code.evidence
    assert code.evidence in source
    assert bool(code.artefacts) == (code.status != "mentioned")
    if code.url:
        assert code.url.split("://")[-1] in code.evidence.replace(" ", "")


@pytest.mark.parametrize(
    "unit",
    [
        "(((a+)+)+ www. http://http://",
        "code available ",
        "is available at github ",
        "c\0de is available at \0",
        "we make code ",
        "our ",
    ],
)
def test_long_hostile_text_gets_a_flag_with_its_evidence(unit: str) -> None:
    text = unit * (300_000 // len(unit))

    in_abstract, in_title = flag("code", text), flag(text, "code")

    assert in_abstract.evidence in text
    assert in_title.evidence in text


@pytest.mark.skipif(not (SHARED / "data").exists(), reason="the labelled abstracts are not here")
def test_the_labelled_abstracts_are_flagged_as_a_reader_would() -> None:
    def lines(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (SHARED / "data" / name).read_text(encoding="utf-8").splitlines()]

    texts = {row["id"]: (row["title"], " ".join(row["source"])) for row in lines("scitldr_dev.jsonl")}
    wrong = [
        row["id"]
        for row in lines("code_gold_scitldr_dev.jsonl")
        if (row["label"] != "none") != (flag(*texts[row["id"]]).status in ("released", "promised"))
    ]

    assert len(wrong) <= 3
