"""Records, well made and badly made."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Annotation, Entry, Issue, Ledger, Paper, Problem, Section
from digestor.sources.records import LINE, TOLD, parse_csv, parse_json, parse_jsonl


def from_json(*values: object) -> list[Paper | Problem]:
    return list(parse_jsonl([json.dumps(value) for value in values], "f"))


def one(**fields: object) -> Paper:
    paper = from_json({"title": "Moss", **fields})[0]
    assert isinstance(paper, Paper)
    return paper


def table(*lines: str) -> list[Paper | Problem]:
    return list(parse_csv(lines, "f"))


def lost(found: list[Paper | Problem]) -> list[tuple[str, int]]:
    return [(problem.where, problem.lost) for problem in found if isinstance(problem, Problem)]


def titles(found: list[Paper | Problem]) -> list[str]:
    return [paper.title for paper in found if isinstance(paper, Paper)]


def test_a_record_has_the_fields_of_a_paper() -> None:
    paper = Paper(
        id="x-1",
        title="Moss",
        abstract="We count moss.",
        url="https://example.org/moss",
        authors=("Ann Ash", "Ben Birch"),
        published=datetime(2026, 11, 16, 17, tzinfo=UTC),
        arxiv_id="2611.10000",
        version=2,
        doi="10.1000/182",
        categories=("cs.CV", "q-bio"),
        code_url="https://example.org/code",
        upvotes=7,
        source="elsewhere",
        also=("y-2",),
    )

    assert from_json(paper.model_dump(mode="json")) == [paper]


def test_names_of_fields_are_taken_as_people_write_them() -> None:
    odd = {"Publication Date": "2026-11-16", "GitHub": "https://github.com/a/b", "subjects": "Moss; Fern"}

    paper = one(
        Summary="We count.", link="https://a.org/x", Author="Ann Ash", eprint="2611.10000v2", votes="1,200", **odd
    )

    assert paper.abstract == "We count."
    assert (paper.url, paper.code_url) == ("https://a.org/x", "https://github.com/a/b")
    assert paper.authors == ("Ann Ash",)
    assert (paper.arxiv_id, paper.version, paper.upvotes) == ("2611.10000", 2, 1200)
    assert paper.published == datetime(2026, 11, 16, tzinfo=UTC)
    assert paper.categories == ("Moss", "Fern")


@pytest.mark.parametrize(
    ("given", "authors"),
    [
        (["Ann Ash", {"name": "Ben Birch"}, {"given": "Cy", "family": "Cedar"}], ("Ann Ash", "Ben Birch", "Cy Cedar")),
        ([{"name": "Ann Ash", "hidden": True}, None, "", 3], ("3",)),
        ("Ann Ash; Ben Birch", ("Ann Ash", "Ben Birch")),
        ("Ann Ash and Ben Birch", ("Ann Ash", "Ben Birch")),
        ("Ann Ash, Ben Birch, and Cy Cedar", ("Ann Ash", "Ben Birch", "Cy Cedar")),
        ("Ash, Ann and Birch, Ben", ("Ash, Ann", "Birch, Ben")),
        ("Ash, Ann", ("Ash, Ann",)),
        ("['Ann Ash', 'Ben Birch']", ("Ann Ash", "Ben Birch")),
        (["A. Author"] * 3000, ("A. Author",) * 3000),
        (None, ()),
    ],
    ids=str,
)
def test_authors_may_be_written_in_many_ways(given: object, authors: tuple[str, ...]) -> None:
    assert one(authors=given).authors == authors


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-11-16", datetime(2026, 11, 16, tzinfo=UTC)),
        ("2026/11/6", datetime(2026, 11, 6, tzinfo=UTC)),
        ("2026-11-16T17:00:00Z", datetime(2026, 11, 16, 17, tzinfo=UTC)),
        ("2026-11-16T17:00:00.000+02:00", datetime(2026, 11, 16, 15, tzinfo=UTC)),
        ("2026-11-16 17:00", datetime(2026, 11, 16, 17, tzinfo=UTC)),
        ("Mon, 16 Nov 2026 17:00:00 GMT", datetime(2026, 11, 16, 17, tzinfo=UTC)),
        ("November 16, 2026", datetime(2026, 11, 16, tzinfo=UTC)),
        ("16 Nov 2026", datetime(2026, 11, 16, tzinfo=UTC)),
    ],
)
def test_a_full_date_is_understood(given: str, moment: datetime) -> None:
    assert one(date=given).published == moment


@pytest.mark.parametrize(
    "given",
    ["0000-00-00", "2026-02-30", "Mar 11", 1763683200000, "1763683200", "", None, "yesterday", ["2026"], {"y": 1}, True,
     2026, "2026", "2026-11", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2026-11-16T99:00",
     "31 Foo 2026"],
    ids=str,
)  # fmt: skip
def test_any_other_date_is_unknown_and_never_today(given: object) -> None:
    assert one(date=given).published is None


def test_dates_that_make_no_sense_are_told_once() -> None:
    found = from_json(*({"title": f"Moss {n}", "abstract": "We count.", "date": "Mar 11"} for n in range(5)))

    problem = found[-1]
    assert titles(found) == [f"Moss {n}" for n in range(5)]
    assert isinstance(problem, Problem)
    assert (len(found), problem.lost) == (6, 0)
    assert problem.what == '5 without a date that makes sense, the first f:line 1: "Mar 11"'


def test_an_id_that_is_given_is_kept() -> None:
    paper = one(id="2611.20001v3")

    assert (paper.id, paper.arxiv_id, paper.version) == ("2611.20001v3", "2611.20001", 3)
    assert paper.url == "https://arxiv.org/abs/2611.20001"
    assert one(id="../../etc/passwd").id == "../../etc/passwd"
    assert one(id="2401.00001\x00.html").id == "2401.00001.html"
    assert one(id="2413.00001").arxiv_id is None
    assert one(key=12).id == "12"


def test_an_id_that_is_not_given_is_made_of_what_is() -> None:
    assert one(arxiv="arXiv:2611.20001v3").id == "2611.20001"
    assert one(doi="https://doi.org/10.1000/ABC").id == "10.1000/abc"
    assert one().id.startswith("p-")
    assert one(id="\x00").id == one().id


def test_values_of_an_odd_type_are_taken_if_their_meaning_is_plain() -> None:
    assert one(title=1984).title == "1984"
    assert one(title=["Moss", "and", "Fern"]).title == "Moss and Fern"
    assert one(abstract=["We count.", "It grows."]).abstract == "We count. It grows."
    assert one(abstract=None).abstract == ""
    assert one(abstract={"x": 1}).abstract == ""
    assert one(upvotes=-3).upvotes is None
    assert one(upvotes=4.0).upvotes == 4
    assert one(upvotes=float("inf")).upvotes is None
    assert one(upvotes=10**30).upvotes is None
    assert one(url="javascript:alert(1)", code_url=["x", "https://a.org/b"]).code_url == "https://a.org/b"
    assert one(url="javascript:alert(1)").url is None
    assert one(categories="cs.CL cs.LG").categories == ("cs.CL", "cs.LG")


def test_a_record_without_a_title_needs_an_abstract() -> None:
    found = from_json({"title": "", "abstract": "We count."}, {"title": " "}, {"x": 1})

    assert titles(found) == ["(untitled)"]
    assert lost(found) == [("f:line 2", 1), ("f:line 3", 1)]


def test_text_is_cleaned_once_at_the_source() -> None:
    paper = one(title="Moss\u2028grows by 3\\%", abstract="p&lt;0.05 <b>of</b> moss")

    assert paper.title == "Moss grows by 3%"
    assert paper.abstract == "p<0.05 of moss"


def test_an_error_of_arxivs_is_no_paper() -> None:
    found = from_json({"id": "http://arxiv.org/api/errors#incorrect_id", "title": "Error", "abstract": "incorrect id"})

    assert lost(found) == [("f:line 1", 1)]


def test_one_bad_line_costs_one_record() -> None:
    lines = [
        '{"title": "A"}',
        "",
        '{"title": "B"',
        "nonsense",
        "3",
        "null",
        "[" * 100_000,
        '\x00{\x00"title": "C"}\r\n',
    ]

    found = list(parse_jsonl(lines, "f"))

    assert titles(found) == ["A", "C"]
    assert lost(found) == [(f"f:line {n}", 1) for n in (3, 4, 5, 6, 7)]


def test_a_line_without_end_costs_one_record() -> None:
    assert lost(list(parse_jsonl(['{"title": "' + "x" * LINE], "f"))) == [("f:line 1", 1)]


def test_very_many_bad_lines_are_told_in_one_sum() -> None:
    found = list(parse_jsonl(["nonsense"] * 500, "f"))

    assert len(found) == TOLD + 1
    assert sum(lost for _, lost in lost(found)) == 500


def test_records_are_read_as_they_come() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield '{"title": "Moss", "abstract": "We count."}'

    assert isinstance(next(parse_jsonl(endless(), "f")), Paper)


def test_a_value_may_hold_many_records() -> None:
    records = [{"title": "A"}, {"title": "B"}, 3]

    for value in (
        records,
        {"papers": records},
        {"next": None, "data": records},
        [{"paper": record} for record in records],
    ):
        found = list(parse_json(json.dumps(value, indent=1), "f"))
        assert titles(found) == ["A", "B"]
        assert lost(found) == [("f:record 3", 1)]


def test_what_hugging_face_answers_is_read_by_the_papers_own_date() -> None:
    own = {"id": "2606.10000", "title": "Moss", "summary": "We count.", "publishedAt": "2026-06-11T00:00:00.000Z"}
    beside = {"upvotes": 3, "githubRepo": "https://github.com/example/moss", "authors": [{"name": "Ann Ash"}]}
    value = [{"publishedAt": "2026-06-10T20:00:00.000Z", "title": "Moss", "paper": own | beside}]

    (paper,) = parse_json(json.dumps(value), "f")

    assert isinstance(paper, Paper)
    assert paper.published == datetime(2026, 6, 11, tzinfo=UTC)
    assert (paper.arxiv_id, paper.code_url, paper.upvotes) == ("2606.10000", "https://github.com/example/moss", 3)


def test_our_own_issue_can_be_read_again() -> None:
    paper = Paper(id="x", title="Moss", abstract="We count.", source="pages", authors=("Ann Ash",))
    said = Annotation(paper_id="x", tags=("other",), origin="extractive", annotator="a")
    section = Section(tag="other", title="Other", entries=(Entry(paper=paper, annotation=said),))
    issue = Issue(
        id="2026-W47", title="t", start=date(2026, 11, 16), end=date(2026, 11, 22), sections=(section,), ledger=Ledger()
    )

    assert list(parse_json(issue.model_dump_json(indent=1), "f")) == [paper]
    assert list(parse_jsonl([issue.model_dump_json()], "f")) == [paper]


def test_what_is_no_json_is_an_error_that_says_where() -> None:
    with pytest.raises(SourceError, match="f: is not JSON"):
        parse_json('[{"title": "A"},', "f")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_may_be_divided_by_commas_semicolons_or_tabs(mark: str) -> None:
    found = table(f"\ufeffTitle{mark}Summary{mark}Authors", f'Moss{mark}"We ""count"" it, {mark}twice."{mark}Ann Ash')

    (paper,) = found
    assert isinstance(paper, Paper)
    assert (paper.title, paper.authors) == ("Moss", ("Ann Ash",))
    assert paper.abstract.startswith('We "count" it,')


def test_a_cell_may_run_over_lines() -> None:
    found = table("title,abstract", '"Moss,', 'and Fern","We', 'count."', "Next,We go on.")

    assert titles(found) == ["Moss, and Fern", "Next"]
    assert lost(found) == []


def test_a_quotation_mark_left_open_costs_one_row() -> None:
    found = table("title,abstract", "A,We count.", '"B,We count.', 'C,"We ""count""."', "D,We count.")

    assert titles(found) == ["A", "C", "D"]
    assert lost(found) == [("f:line 3", 1)]


def test_rows_may_be_short_long_or_empty() -> None:
    found = table("title,abstract,url", "A", "B,We count.,https://a.org/,more,and more", ",,", "", "\x00C,We count.")

    assert titles(found) == ["A", "B", "C"]
    assert lost(found) == []


def test_a_file_without_any_abstract_says_what_its_fields_are_called() -> None:
    found = table("title,abstrakt", *(f"Moss {n},We count." for n in range(3)))

    assert [problem.what for problem in found if isinstance(problem, Problem)] == [
        "no record has an abstract; the fields are title, abstrakt"
    ]


FIELDS = st.sampled_from(
    """title abstract summary id url authors published date arxiv_id version doi categories code upvotes source also
    paper papers sections""".split()
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | FIELDS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(FIELDS, JSON, max_size=8))
def test_any_record_is_a_paper_or_a_problem(record: dict[str, Any]) -> None:
    for found in from_json(record):
        assert isinstance(found, Paper | Problem)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=20) | st.sampled_from(['"', 'a,"b', ",", 'x,"y""z"', "A,B"]), max_size=8))
def test_any_table_gives_papers_and_problems(lines: list[str]) -> None:
    for found in table("title,abstract", *lines):
        assert isinstance(found, Paper | Problem)


def test_a_reference_managers_table_is_read_with_names_in_order_and_ids_from_its_notes() -> None:
    head = "Key,Item Type,Author,Title,Publication Title,DOI,Url,Abstract Note,Date,Manual Tags,Extra"
    row = (
        '"AB12","journalArticle","van Ash, Ann; Birch, Ben","Moss","Journal of Moss","10.1000/moss","",'
        '"We count moss.","2026-11-17","moss; tides","arXiv:2611.10001 [q-bio]\nPMID: 123"'
    )

    (paper,) = table(head, row)

    assert isinstance(paper, Paper)
    assert (paper.id, paper.authors) == ("2611.10001", ("Ann van Ash", "Ben Birch"))
    assert (paper.abstract, paper.doi, paper.pmid) == ("We count moss.", "10.1000/moss", "123")
    assert (paper.venue, paper.categories) == ("Journal of Moss", ("moss", "tides"))
