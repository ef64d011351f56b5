"""RIS and PubMed's .nbib, well made and badly made. The records are made up."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.bibliography import fits_nbib, fits_ris, parse_nbib, parse_ris
from digestor.sources.bibliography.telling import TOLD
from tests import hosting

recorded = pytest.mark.skipif(not hosting.SHARED.is_dir(), reason="the recorded replies are not here")


def read(text: str) -> list[Paper | Problem]:
    return list(parse_ris(text, "f.ris"))


def one(*lines: str) -> Paper:
    found = read("\n".join(("TY  - JOUR", "TI  - Moss", *lines, "ER  - ")))
    assert len(found) == 1
    assert isinstance(found[0], Paper)
    return found[0]


def titles(found: list[Paper | Problem]) -> list[str]:
    return [paper.title for paper in found if isinstance(paper, Paper)]


def lost(found: list[Paper | Problem]) -> list[tuple[str, int]]:
    return [(problem.where, problem.lost) for problem in found if isinstance(problem, Problem) and problem.lost]


def medline(text: str) -> Paper:
    found = list(parse_nbib(text, "f.nbib"))
    assert len(found) == 1
    assert isinstance(found[0], Paper)
    return found[0]


def test_a_record_has_the_fields_of_a_paper() -> None:
    found = read(
        """TY  - JOUR
AU  - Ash, Ann
AU  - van Birch, Ben
TI  - Moss on walls
T2  - Journal of Moss
AB  - We count moss.
DA  - 2026/11/17/
PY  - 2026
DO  - 10.1000/ABC.182
UR  - https://example.org/moss
KW  - moss
KW  - walls
L1  - file:///home/ann/moss.pdf
N1  - PMID: 123
ER  -
"""
    )

    assert found == [
        Paper(
            id="10.1000/abc.182",
            title="Moss on walls",
            abstract="We count moss.",
            url="https://example.org/moss",
            authors=("Ann Ash", "Ben van Birch"),
            published=datetime(2026, 11, 17, tzinfo=UTC),
            doi="10.1000/abc.182",
            pmid="123",
            categories=("moss", "walls"),
            venue="Journal of Moss",
            source="ris",
        )
    ]


@pytest.mark.parametrize("start", ["TY  - JOUR", "TY - JOUR", "TY  -JOUR", "TY-JOUR", "  TY  - JOUR  ", "TY\t-\tJOUR"])
@pytest.mark.parametrize("end", ["ER  - ", "ER  -", "ER - ", ""])
def test_odd_blanks_and_records_that_do_not_end_lose_nothing(start: str, end: str) -> None:
    text = f"\ufeff{start}\r\nTI  - Moss\r\nAB - We count.\r\n{end}\r\n\r\n{start}\r\nT1  -Fern\r\n{end}\r\n"

    assert fits_ris(text)
    assert titles(read(text)) == ["Moss", "Fern"]


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (("DA  - 2026/11/17/",), 17),
        (("DA  - 2026/11/17/T20:12:22Z",), 17),
        (("PY  - 2026/11/17/",), 17),
        (("Y1  - 2026-11-17",), 17),
        (("DA  - Nov 17", "PY  - 2026"), 17),
        (("DA  - 17 Nov", "PY  - 2026"), 17),
        (("PY  - 2026",), None),
        (("PY  - 2026///",), None),
        (("PY  - 2026", "DA  - 2026/11//"), None),
        (("PY  - 2026", "DA  - November"), None),
        (("DA  - Nov 17",), None),
        (("DA  - 2026/02/30/",), None),
        (("Y2  - 2026/11/17/",), None),
    ],
)
def test_only_a_full_date_is_a_date(lines: tuple[str, ...], day: int | None) -> None:
    assert one(*lines).published == (datetime(2026, 11, day, tzinfo=UTC) if day else None)


@pytest.mark.parametrize(
    ("lines", "abstract"),
    [
        (("N2  - We count.",), "We count."),
        (("AB  - We count.", "N2  - They count."), "We count."),
        (("AB  -", "N2  - They count."), "They count."),
        (("AB  - We count", "moss on", "      walls."), "We count moss on walls."),
        (("AB  - We count.", "AB  - We write."), "We count.\nWe write."),
        (("AB  - We use CO", "AL - and iron - at", "ST-1 sites."), "We use CO AL - and iron - at ST-1 sites."),
    ],
)
def test_an_abstract_is_read_from_either_tag_over_as_many_lines_as_it_has(
    lines: tuple[str, ...], abstract: str
) -> None:
    assert one(*lines).abstract == abstract


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("DO  - https://doi.org/10.1000/182",), (None, "10.1000/182", None)),
        (("UR  - https://doi.org/10.1000/182",), (None, "10.1000/182", None)),
        (("N1  - DOI: 10.1000/182",), (None, "10.1000/182", None)),
        (("DO  - 10.48550/arXiv.2611.10000",), ("2611.10000", "10.48550/arxiv.2611.10000", None)),
        (("UR  - http://arxiv.org/abs/2611.10000",), ("2611.10000", None, None)),
        (("AN  - arXiv:2611.10000",), ("2611.10000", None, None)),
        (("N1  - arXiv:2611.10000 [cs]", "  PMID: 123"), ("2611.10000", None, "123")),
        (("JO  - arXiv preprint arXiv:2611.10000",), ("2611.10000", None, None)),
        (("AN  - 123", "DP  - PubMed"), (None, None, "123")),
        (("AN  - 123", "DP  - Zoo"), (None, None, None)),
        (("N1  - A reply to arXiv:2611.10000",), (None, None, None)),
    ],
)
def test_ids_are_found_wherever_they_are_kept(
    lines: tuple[str, ...], found: tuple[str | None, str | None, str | None]
) -> None:
    paper = one(*lines)

    assert (paper.arxiv_id, paper.doi, paper.pmid) == found


def test_names_are_said_in_order() -> None:
    paper = one("A1  - Ash, Ann", "AU  - Birch, Ben, Jr.", "AU  - Moss Group,", "A2  - Editor, Ed", "AU  - Cyd Cedar")

    assert paper.authors == ("Ben Birch Jr.", "Moss Group", "Cyd Cedar", "Ann Ash")


def test_keywords_may_stand_on_lines_of_their_own_or_between_semicolons() -> None:
    assert one("KW  - moss", "wet walls", "KW  - fern; lichen").categories == ("moss", "wet walls", "fern", "lichen")


def test_of_several_addresses_the_first_safe_one_counts() -> None:
    assert one("UR  - file:///x;https://example.org/a;b;http://example.org/c").url == "https://example.org/a;b"


def test_what_stands_outside_of_records_is_no_part_of_any() -> None:
    found = read("Provider: Moss\nTI  - No\n\nTY  - JOUR\nTI  - Moss\nER  - \nAB  - Stray\n\nTY  - BOOK\nBT  - Fern\n")

    assert [(paper.title, paper.abstract) for paper in found if isinstance(paper, Paper)] == [
        ("Moss", ""),
        ("Fern", ""),
    ]


def test_every_beginning_is_a_paper_or_a_problem() -> None:
    found = read("TY  - JOUR\nTY  - JOUR\nAU  - Ash, Ann\nTY  - JOUR\nTI  - Moss\n")

    assert lost(found) == [("f.ris:line 1", 1), ("f.ris:line 2", 1)]
    assert titles(found) == ["Moss"]


def test_many_records_without_a_title_are_told_in_one_sum() -> None:
    found = read("TY  - JOUR\nER  - \n" * 100)

    assert len(found) == TOLD + 1
    assert sum(count for _, count in lost(found)) == 100


@pytest.mark.parametrize("text", ["", "\n \n", "Dear Ann", "TI  - Moss\nER  - ", "TY  - two words\nTI  - Moss"])
def test_what_holds_no_record_is_an_error(text: str) -> None:
    with pytest.raises(SourceError, match=r"f\.ris: holds no RIS records"):
        read(text)


@pytest.mark.parametrize(
    ("head", "fits"),
    [
        ("TY  - JOUR\nTI  - Moss", True),
        ("Provider: Moss\nContent: x\n\nTY  - JOUR\n\nA1  - Ash", True),
        ("TY  - JOUR\nMoss", False),
        ("Dear Ann,\nTY  - how are you?\nAB  - B", False),
        ("PMID- 1\nTI  - Moss", False),
        ("", False),
    ],
)
def test_ris_is_told_by_its_beginning(head: str, fits: bool) -> None:
    assert fits_ris(head) is fits


def test_a_medline_record_has_the_fields_of_a_paper() -> None:
    paper = medline(
        """
PMID- 123
OWN - NLM
DP  - 2026 Dec
TI  - Moss on walls of
      old towns.
LID - 10.1000/ABC.182 [doi]
LID - e17 [pii]
AB  - We count moss. We write
      it down.
CI  - CC BY.
FAU - van Ash, Ann B
AU  - van Ash AB
CN  - Moss Group
PT  - Journal Article
DEP - 20261117
TA  - J Moss
JT  - Journal of moss
OT  - *walls
MH  - Bryophyta/*growth
AID - 10.1000/ABC.182 [doi]
"""
    )

    assert paper == Paper(
        id="10.1000/abc.182",
        title="Moss on walls of old towns.",
        abstract="We count moss. We write it down.",
        url="https://doi.org/10.1000/abc.182",
        authors=("Ann B van Ash", "Moss Group"),
        published=datetime(2026, 11, 17, tzinfo=UTC),
        doi="10.1000/abc.182",
        pmid="123",
        categories=("walls", "Bryophyta/growth"),
        venue="Journal of moss",
        licence="CC BY.",
        source="nbib",
    )


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ("DP  - 2026 Nov 17", 17),
        ("DP  - 2027 Jan 3\nDEP - 20261117", 17),
        ("DP  - 2026 Nov 17\nDEP - 20261399", 17),
        ("DP  - 2026 Nov", None),
        ("DP  - 2026 Nov-Dec", None),
        ("DP  - 2026", None),
        ("EDAT- 2026/11/17 06:00", None),
    ],
)
def test_a_medline_date_is_that_on_line_or_a_full_one_in_print(lines: str, day: int | None) -> None:
    published = medline(f"PMID- 1\nTI  - Moss\n{lines}\n").published

    assert published == (datetime(2026, 11, day, tzinfo=UTC) if day else None)


def test_a_medline_record_without_a_doi_leads_to_pubmed_and_a_retracted_one_is_told() -> None:
    paper = medline("PMID- 123\nTI  - Moss\nAU  - Ash AB\nAU  - Birch B Jr\nPT  - Retracted Publication\n")

    assert (paper.id, paper.url) == ("pmid:123", "https://pubmed.ncbi.nlm.nih.gov/123/")
    assert (paper.authors, paper.standing) == (("AB Ash", "B Birch Jr"), "retracted")


def test_medline_records_follow_each_other() -> None:
    text = "\ufeffPMID- 1\r\nTI  - Moss\r\n\r\nPMID- 2\r\nTI  - Fern\r\n\r\nPMID- 3\r\nOWN - NLM\r\n"

    found = list(parse_nbib(text, "f"))

    assert fits_nbib(text)
    assert (titles(found), lost(found)) == (["Moss", "Fern"], [("f:line 7", 1)])


def test_what_holds_no_medline_record_is_an_error() -> None:
    assert not fits_nbib("TY  - JOUR\nTI  - Moss")
    with pytest.raises(SourceError, match="holds no PubMed records"):
        list(parse_nbib("TI  - Moss\n", "f"))


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - Moss\nAB  - x\n" + "y\n" * 200_000,
        "TY  - JOUR\nTI  - Moss " + "x " * 200_000,
        "TY  - JOUR\nTI  - Moss\n" + "KW  - a;b\n" * 30_000,
        "TY  - JOUR\nTI  - Moss\nUR  - " + "http://a.b;" * 30_000,
        "TY  - JOUR\nTI  - Moss\n" + "AU  - A, B\n" * 30_000,
        "TY  - JOUR\nTI  - Moss\nAU  - " + "A, " * 100_000,
        "TY  - JOUR\nTI  - Moss\nN1  - " + "PMID: 1\n" * 50_000,
        "TY" + " " * 300_000 + "- JOUR\nTY  - JOUR\nTI  - Moss",
    ],
    ids=range(8),
)
def test_hostile_shapes_are_one_paper(text: str) -> None:
    paper = read(text)[0]

    assert isinstance(paper, Paper)
    assert paper.title.startswith("Moss")
    assert len(paper.categories) <= 100
    assert len(paper.authors) <= 5_000


SCRAPS = st.sampled_from(
    "TY  - JOUR|TY - x|ER  - |TI  - |AB  -|AU  - A, B, C, D|DA  - 2026/13/99|DO  - 10.1000/\ud800|DO  - 10.1/a\u2028b|"
    "PMID- 9|PMID-|FAU - A|DP  - 2026 Nov 99|LID - x [doi]|      more|\x00|\ufeff|KW  - ;;|UR  - http://[|DEP - 9|"
    "XX  - y|\u2028|\r|N1  - PMID: x||é|\x85".split("|")
)


@given(st.one_of(st.text(max_size=300), st.lists(SCRAPS, max_size=40).map("\n".join)))
def test_no_text_raises_anything_but_a_source_error(text: str) -> None:
    fits_ris(text), fits_nbib(text)
    for parse in (parse_ris, parse_nbib):
        try:
            found = list(parse(text, "f"))
        except SourceError:
            found = []
        assert all(isinstance(item, Paper | Problem) for item in found)


@recorded
def test_the_recorded_export_holds_two_papers() -> None:
    text = (hosting.SHARED / "ris" / "manubot_bibliography.ris").read_text("utf-8")

    found = [item for item in read(text) if isinstance(item, Paper)]

    assert fits_ris(text)
    assert [(paper.doi, len(paper.authors), paper.venue, paper.published) for paper in found] == [
        ("10.7554/elife.32822", 7, "eLife", datetime(2018, 3, 1, tzinfo=UTC)),
        (None, 0, "", None),
    ]
