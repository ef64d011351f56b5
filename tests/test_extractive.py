"""The built-in annotator as a whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from digestor import taxonomy
from digestor.annotators.extractive import Extractive
from digestor.models import Annotation, Paper
from digestor.text import clean, clean_line
from digestor.text.words import content
from tests.fakes import a_desk

WORDS = st.sampled_from(
    "we propose a new model for ants however code is available at https://github.com/ex/ants e.g. [3] (ANT) 50% of "
    "et al. Results: . ; , -- $x_i$ state-of-the-art will be released upon acceptance survey graphs 384times384".split()
)
TEXTS = st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=120).map(" ".join))


def annotated(title: str, abstract: str, code_url: str | None = None) -> Annotation:
    paper = Paper(id="p", title=title, abstract=abstract, code_url=code_url)
    (annotation,) = Extractive().annotate([paper], a_desk())
    return annotation


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.none() | TEXTS)
def test_any_text_gets_a_valid_annotation(title: str, abstract: str, code_url: str | None) -> None:
    title, abstract = clean_line(title) or "-", clean(abstract)

    said = annotated(title, abstract, code_url)

    assert Annotation.model_validate_json(said.model_dump_json()) == said
    assert set(said.tags) <= taxonomy.load().labels.keys()
    if said.summary is not None:
        assert said.summary.splitlines() == [said.summary]
        assert len(said.summary.split()) <= 35
        assert content(said.summary) <= content(abstract)
    where = {"title": title, "abstract": abstract, "metadata": code_url or "", None: ""}[said.code.found_in]
    assert said.code.evidence in where
    assert (said.code.status == "none") == (said.code.evidence == "")


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_text_that_was_never_cleaned_is_no_harm(title: str, abstract: str) -> None:
    one_line = " ".join(title.split()) or "-"
    said = annotated("".join(c if c.isprintable() else " " for c in one_line), abstract)

    assert said.summary is None or said.summary.splitlines() == [said.summary]


def test_a_paper_without_an_abstract_gets_tags_and_no_line() -> None:
    said = annotated("A survey of graph neural networks for traffic", "")

    assert said.summary is None
    assert said.tags[0] in ("graphs", "survey")
    assert said.doubts == ()


def test_the_repository_of_the_metadata_is_evidence() -> None:
    said = annotated("Ants", "We study ants.", "https://github.com/example/ants")

    assert said.code.status == "released"
    assert said.code.found_in == "metadata"


def test_the_line_tells_what_is_new_and_the_flag_shows_its_words() -> None:
    said = annotated(
        "Ferrying Ants by Learned Schedules",
        "Ants have been studied for long. In this paper, we propose a schedule that ferries ants across a pond "
        "(Yi et al., 2020). The code will be released upon acceptance.",
    )

    assert said.summary == "We propose a schedule that ferries ants across a pond."
    assert (said.code.status, said.code.evidence) == ("promised", "The code will be released upon acceptance.")


def test_the_signature_follows_the_tags() -> None:
    vocabulary = taxonomy.load()

    assert Extractive().signature(vocabulary).endswith(f"@{vocabulary.fingerprint}")
