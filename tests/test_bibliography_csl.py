"""CSL-JSON, and lists of ids, well made and badly made. The items are made up."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.bibliography import fits_csl, parse_csl, read_ids
from digestor.sources.bibliography.ids import TOLD
from tests import hosting

recorded = pytest.mark.skipif(not hosting.SHARED.is_dir(), reason="the recorded replies are not here")


def read(value: object) -> list[Paper | Problem]:
    return list(parse_csl(json.dumps(value), "f.json"))


def one(**fields: object) -> Paper:
    found = read([{"type": "article-journal", "title": "Moss", **fields}])
    assert len(found) == 1
    assert isinstance(found[0], Paper)
    return found[0]


def test_an_item_has_the_fields_of_a_paper() -> None:
    paper = one(
        id="http://zotero.org/users/1/items/ABCD",
        abstract="<jats:title>Abstract</jats:title><jats:p>We count moss where x&lt;3.</jats:p>",
        author=[{"family": "Ash", "given": "Ann", "non-dropping-particle": "van"}, {"literal": "Moss Group"}],
        issued={"date-parts": [["2026", 11, 17]]},
        DOI="10.1000/ABC.182",
        URL="https://example.org/moss",
        PMID="123",
        keyword="moss, walls",
        note="arXiv:2611.10000 [cs]\nAccepted",
        **{"container-title": "Journal of Moss"},
    )

    assert paper == Paper(
        id="2611.10000",
        title="Moss",
        abstract="Abstract: We count moss where x<3.",
        url="https://example.org/moss",
        authors=("Ann van Ash", "Moss Group"),
        published=datetime(2026, 11, 17, tzinfo=UTC),
        arxiv_id="2611.10000",
        doi="10.1000/abc.182",
        pmid="123",
        categories=("moss", "walls"),
        venue="Journal of Moss",
        comment="Accepted",
        source="csl",
    )


@pytest.mark.parametrize(
    ("issued", "day"),
    [
        ({"date-parts": [[2026, 11, 17]]}, 17),
        ({"date-parts": [["2026", "11", "17"]]}, 17),
        ({"date-parts": [[2026, 11, 17, 0]]}, 17),
        ({"raw": "2026-11-17"}, 17),
        ("2026-11-17", 17),
        ({"date-parts": [[]]}, None),
        ({"date-parts": [[None]]}, None),
        ({"date-parts": []}, None),
        ({"date-parts": [[2026, 11]]}, None),
        ({"date-parts": [[2026]]}, None),
        ({"date-parts": [[2026, 11, 17], [2026, 11, 20]]}, None),
        ({"date-parts": [[2026, 2, 30]]}, None),
        ({"date-parts": [[2026, True, {}]]}, None),
        ({"date-parts": 7}, None),
        ({"raw": "Winter 2026"}, None),
        ([2026, 11, 17], None),
        (None, None),
    ],
)
def test_only_a_full_date_is_a_date(issued: object, day: int | None) -> None:
    assert one(issued=issued).published == (datetime(2026, 11, day, tzinfo=UTC) if day else None)


def test_where_the_issue_has_no_day_the_day_on_line_counts() -> None:
    paper = one(issued={"date-parts": [[2026]]}, **{"published-online": {"date-parts": [[2026, 11, 17]]}})

    assert paper.published == datetime(2026, 11, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ([{"family": "Ash", "given": "Ann", "dropping-particle": "de", "suffix": "Jr."}], ("Ann de Ash Jr.",)),
        ([{"name": "Moss Group", "affiliation": []}], ("Moss Group",)),
        ([{"family": "Ash"}, {"given": 7}, None, 3, "Birch, Ben"], ("Ash", "Ben Birch")),
        ({"family": "Ash"}, ()),
        ([{"literal": " ", "family": "Ash"}], ("Ash",)),
    ],
)
def test_names_are_read_in_parts_or_whole(author: object, names: tuple[str, ...]) -> None:
    assert one(author=author).authors == names


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"number": "2611.10000v2", "publisher": "arXiv"}, ("2611.10000", None, None)),
        ({"number": "arXiv:2611.10000"}, ("2611.10000", None, None)),
        ({"archive": "arXiv", "archive_location": "2611.10000"}, ("2611.10000", None, None)),
        ({"number": "2611.10000"}, (None, None, None)),
        ({"DOI": "https://doi.org/10.48550/arXiv.2611.10000"}, ("2611.10000", "10.48550/arxiv.2611.10000", None)),
        ({"container-title": "arXiv preprint arXiv:2611.10000"}, ("2611.10000", None, None)),
        ({"note": "DOI: 10.1000/182\nPMID: 123\nPMCID: PMC9"}, (None, "10.1000/182", "123")),
        ({"note": "A reply to arXiv:2611.10000"}, (None, None, None)),
        ({"PMID": 123}, (None, None, "123")),
    ],
)
def test_ids_are_found_wherever_they_are_kept(
    fields: dict[str, object], found: tuple[str | None, str | None, str | None]
) -> None:
    paper = one(**fields)

    assert (paper.arxiv_id, paper.doi, paper.pmid) == found


def test_one_item_and_a_list_under_items_are_read_too() -> None:
    item = {"type": "article", "title": "Moss", "DOI": "10.1000/182"}

    assert read(item) == read({"items": [item]}) == read([item])


def test_an_item_that_is_none_is_one_problem() -> None:
    found = read([{"type": "article", "title": "Moss"}, None, "Fern", {"type": "article"}])

    assert [(item.where, item.lost) for item in found if isinstance(item, Problem)] == [
        ("f.json:record 2", 1),
        ("f.json:record 3", 1),
        ("f.json:record 4", 1),
    ]
    assert isinstance(found[0], Paper)


def test_one_endless_number_spoils_no_other_item() -> None:
    text = '[{"title": "Moss", "volume": ' + "9" * 100_000 + '}, {"title": "Fern"}]'

    assert [item.title for item in parse_csl(text, "f") if isinstance(item, Paper)] == ["Moss", "Fern"]


@pytest.mark.parametrize("text", ["", "[{", "[" * 100_000, '{"a": nul}', "\x00"])
def test_what_is_no_json_is_an_error(text: str) -> None:
    with pytest.raises(SourceError, match=r"f\.json: is not JSON"):
        list(parse_csl(text, "f.json"))


def test_an_empty_list_is_an_error() -> None:
    with pytest.raises(SourceError, match="holds no CSL-JSON records"):
        read([])


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ([{"type": "article-journal", "title": "Moss", "issued": {"date-parts": [[]]}}], True),
        ({"items": [{"type": "webpage", "title": "Moss", "author": [{"literal": "Ann"}]}]}, True),
        ({"type": "paper-conference", "container-title": "MossConf"}, True),
        ([{"type": "article", "DOI": "10.1000/182"}], True),
        ([{"title": "Moss", "abstract": "We count."}], False),
        ([{"type": "article", "title": "Moss", "abstract": "We count.", "doi": "10.1000/182"}], False),
        ([{"type": "journal-article", "title": ["Moss"], "DOI": "10.1000/182"}], False),
        ([{"type": ["article"], "DOI": "10.1000/182"}], False),
        ({"title": "Moss", "items": []}, False),
        ([], False),
        (None, False),
        ("article", False),
    ],
)
def test_csl_is_told_from_plain_records(value: object, fits: bool) -> None:
    assert fits_csl(value) is fits


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "type title abstract author family given literal issued date-parts raw DOI URL PMID note number "
                "archive container-title keyword categories items publisher".split()
            ),
            inner | st.sampled_from(["article", "arXiv", "10.1000/\ud800", "2611.10000", "PMID: 1", "http://["]),
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(JSON)
def test_no_value_raises_anything_but_a_source_error(value: object) -> None:
    fits_csl(value)
    try:
        found = read(value)
    except SourceError:
        found = []

    assert all(isinstance(item, Paper | Problem) for item in found)


@recorded
def test_the_recorded_items_are_six_papers_of_which_two_have_abstracts() -> None:
    texts = [path.read_text("utf-8") for path in sorted((hosting.SHARED / "csl_json").iterdir())]

    papers = [item for text in texts for item in parse_csl(text, "f") if isinstance(item, Paper)]

    assert all(fits_csl(json.loads(text)) for text in texts)
    assert [(paper.arxiv_id, paper.published and paper.published.date().isoformat()) for paper in papers] == [
        ("1707.02264", "2017-07-07"),
        (None, "2018-04-04"),
        (None, None),
        (None, None),
        (None, "2018-08-03"),
        (None, None),
    ]
    assert [len(paper.authors) for paper in papers] == [16, 36, 1, 3, 5, 7]
    assert [paper.pmid for paper in papers] == [None, "29618526", None, None, None, "29424689"]
    assert sum(bool(paper.abstract) for paper in papers) == 2


def test_a_list_of_ids_is_read_in_any_of_their_forms_each_once() -> None:
    found, problems = read_ids(
        """\ufeff# what I liked
arXiv:2611.10000v2   # moss
https://arxiv.org/pdf/2611.10000

https://doi.org/10.1000/ABC.182,
10.48550/arXiv.math/0309136
https://moss.example.org/doi/abs/10.1000/wall.7?x=1
PMID: 123
https://pubmed.ncbi.nlm.nih.gov/124/
"""
    )

    assert found == [
        ("arxiv", "2611.10000"),
        ("doi", "10.1000/abc.182"),
        ("arxiv", "math/0309136"),
        ("doi", "10.1000/wall.7"),
        ("pmid", "123"),
        ("pmid", "124"),
    ]
    assert problems == []


def test_a_line_that_is_no_id_is_told_with_its_number_and_many_in_one_sum() -> None:
    found, problems = read_ids("10.1000/1\r\nMoss on walls\r\n" + "x\n" * 30, "liked.txt")

    assert found == [("doi", "10.1000/1")]
    assert (problems[0].where, problems[0].what) == (
        "liked.txt:line 2",
        'is no arXiv id, DOI or PubMed number: "Moss on walls"',
    )
    assert len(problems) == TOLD + 1


@given(st.text(max_size=200))
def test_no_list_of_ids_raises(text: str) -> None:
    found, problems = read_ids(text)

    assert len(found) + len(problems) <= text.count("\n") + text.count("\r") + 1
