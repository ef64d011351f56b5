"""BibTeX and BibLaTeX, well made and badly made. The entries are made up."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.bibliography import fits_bibtex, parse_bibtex
from digestor.sources.bibliography.bibtex import people
from digestor.sources.bibliography.telling import TOLD
from digestor.sources.bibliography.tex import plain
from tests import hosting

recorded = pytest.mark.skipif(not hosting.SHARED.is_dir(), reason="the recorded replies are not here")


def read(text: str) -> list[Paper | Problem]:
    return list(parse_bibtex(text, "f.bib"))


def one(fields: str, kind: str = "article") -> Paper:
    found = read(f"@{kind}{{ash2026, title = {{Moss}}, {fields}\n}}")
    assert len(found) == 1
    assert isinstance(found[0], Paper)
    return found[0]


def titles(found: list[Paper | Problem]) -> list[str]:
    return [paper.title for paper in found if isinstance(paper, Paper)]


def lost(found: list[Paper | Problem]) -> list[tuple[str, int]]:
    return [(problem.where, problem.lost) for problem in found if isinstance(problem, Problem) and problem.lost]


def test_an_entry_has_the_fields_of_a_paper() -> None:
    found = read(
        """@article{ash2026moss,
  title     = {{MossNet}: {C}ounting moss with {GPU}s},
  author    = {Ash, Ann and van Birch, Ben},
  abstract  = {We count moss on 50\\% of the walls.},
  journal   = {Journal of Moss},
  year      = {2026}, month = nov, day = 17,
  doi       = {10.1000/ABC.182},
  url       = {https://example.org/moss\\_net},
  keywords  = {moss, walls},
  note      = {Accepted},
  copyright = {CC BY 4.0},
  pmid      = {123},
  file      = {:/home/ann/moss.pdf:PDF}
}"""
    )

    assert found == [
        Paper(
            id="10.1000/abc.182",
            title="MossNet: Counting moss with GPUs",
            abstract="We count moss on 50% of the walls.",
            url="https://example.org/moss_net",
            authors=("Ann Ash", "Ben van Birch"),
            published=datetime(2026, 11, 17, tzinfo=UTC),
            doi="10.1000/abc.182",
            pmid="123",
            categories=("moss", "walls"),
            venue="Journal of Moss",
            comment="Accepted",
            licence="CC BY 4.0",
            source="bibtex",
        )
    ]


@pytest.mark.parametrize(
    ("fields", "arxiv_id", "version"),
    [
        ("eprint = {2611.10000v2}, archivePrefix = {arXiv}, primaryClass = {cs.CL}", "2611.10000", 2),
        ("eprint = {math/0309136}, eprinttype = {arxiv}", "math/0309136", None),
        ("eprint = {2611.10000}", "2611.10000", None),
        ("eprint = {2611.10000}, eprinttype = {hdl}", None, None),
        ("journal = {arXiv preprint arXiv:2611.10000}", "2611.10000", None),
        ("journal = {CoRR}, volume = {abs/2611.10000}", "2611.10000", None),
        ("url = {http://arxiv.org/abs/2611.10000v1}", "2611.10000", 1),
        ("doi = {10.48550/arXiv.2611.10000}", "2611.10000", None),
        ("number = {arXiv:2611.10000}", "2611.10000", None),
        ("note = {arXiv:2611.10000 [cs]}", "2611.10000", None),
        ("note = {A reply to arXiv:2611.10000}", None, None),
        ("eprint = {2613.10000}", None, None),
    ],
)
def test_an_arxiv_id_is_found_wherever_reference_managers_put_it(
    fields: str, arxiv_id: str | None, version: int | None
) -> None:
    paper = one(fields)

    assert (paper.arxiv_id, paper.version) == (arxiv_id, version)


def test_the_class_of_a_preprint_is_its_first_category() -> None:
    assert one("eprintclass = {cs.CL}, keywords = {moss; walls, wet}").categories == ("cs.CL", "moss", "walls, wet")


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ("date = {2026-11-17}", 17),
        ("year = 2026, month = 11, day = {17}", 17),
        ("year = {2026}, month = {November}, day = {17}", 17),
        ('year = 2026, month = "17~" # nov', 17),
        ("year = 2026, month = nov # {~17}", 17),
        ("year = {2026}", None),
        ("year = {2026}, month = nov", None),
        ("date = {2026-11}", None),
        ("date = {2026-11-17/2026-11-20}", None),
        ("year = {2026}, month = {Nov-Dec}, day = 1", None),
        ("year = {2026}, month = feb, day = 30", None),
        ("year = {in press}, month = nov, day = 17", None),
    ],
)
def test_only_a_full_date_is_a_date(fields: str, day: int | None) -> None:
    published = one(fields).published

    assert published == (datetime(2026, 11, day, tzinfo=UTC) if day else None)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ann Ash and Ben Birch", ["Ann Ash", "Ben Birch"]),
        ("Ash, Ann AND Birch, Ben", ["Ann Ash", "Ben Birch"]),
        ("Ash,\n   Ann\n and\n Birch, Ben", ["Ann Ash", "Ben Birch"]),
        ("Ash, Jr., Ann", ["Ann Ash Jr."]),
        ("van der Ash, Ann", ["Ann van der Ash"]),
        ("{Moss and Lichen Group} and Ash, Ann", ["Moss and Lichen Group", "Ann Ash"]),
        ("{Moss, Inc.} and others", ["Moss, Inc."]),
        ('family=Ash, given=Ann, prefix=van and {\\"O}z, Ben', ["Ann van Ash", "Ben Öz"]),
        ("Anderson, Andy and Landau, Lev", ["Andy Anderson", "Lev Landau"]),
        ("", []),
    ],
)
def test_names_are_divided_at_and_and_said_in_order(written: str, names: list[str]) -> None:
    assert people(written) == names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"M{\"u}ller", "Müller"),
        (r"M\"uller", "Müller"),
        (r"M{\"{u}}ller", "Müller"),
        (r"{\'E}cole", "École"),
        (r"Erd{\H o}s", "Erdős"),
        (r"Erd\H{o}s", "Erdős"),
        (r"{\v{S}}koda", "Škoda"),
        (r"Ho{\v r}ava", "Hořava"),
        (r"Gar{\c c}on", "Garçon"),
        (r"Gar\c con", "Garçon"),
        (r"Mart{\'\i}n", "Martín"),
        (r"Mart{\'{\i}}n", "Martín"),
        (r"Stra{\ss}e", "Straße"),
        (r"{\AA}ngstr{\"o}m", "Ångström"),
        (r"S{\o}ren \O{}rsted", "Søren Ørsted"),
        (r"{\L}ukasz \L{}ucja", "Łukasz Łucja"),
        (r"Nguy{\~{\^e}}n", "Nguyễn"),
        (r"{\.I}stanbul {\=a}", "İstanbul ā"),
        (r"{\k a} \d{s} {\r u} {\u g}", "ą ṣ ů ğ"),
        (r"{\TH}or{\dh}ur", "Þorður"),
        (r"O{\textquoteright}Ash", "O’Ash"),
        (r"Ash \& Sons", "Ash & Sons"),
    ],
)
def test_accents_come_out_right_in_names_and_titles(written: str, name: str) -> None:
    found = read(f"@misc{{k, title = {{{written}}}, author = {{{written}}}}}")

    assert [(paper.title, paper.authors) for paper in found if isinstance(paper, Paper)] == [(name, (name,))]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{BERT} and {{P}re}-training", "BERT and Pre-training"),
        ("$x_{i}$ costs {O}$(n^{2})$", "$x_{i}$ costs O$(n^{2})$"),
        (r"\emph{E. coli} {\em in vivo}", r"\emph{E. coli} \em in vivo"),
        (r"{\alpha}s and \frac{a}{b}", r"\alpha{}s and \frac{a}{b}"),
        ("{" * 50_000 + "x" + "}" * 50_000, ""),
        ("}a{", "a"),
        (r"a set \{1, 2\}", r"a set \{1, 2\}"),
        (r"the \"moss\" and \"odd\" walls", 'the "moss" and "odd" walls'),
        ("cost $5 and {US} $10", "cost $5 and {US} $10"),
    ],
)
def test_braces_that_only_protect_are_dropped_and_those_that_mean_something_stay(written: str, said: str) -> None:
    assert plain(written) == said


def test_abbreviations_are_said_wherever_they_are_defined_and_joined_at_a_hash() -> None:
    found = read(
        """@comment{ jabref-meta: databaseType:bibtex; }
@preamble{"\\newcommand{\\moss}{x}"}
@inproceedings{k, title = "A " # {wall} # " again", booktitle = PROC # { } # 7 # unknown}
@STRING(proc = "Moss Symposium")
"""
    )

    assert [(paper.title, paper.venue) for paper in found if isinstance(paper, Paper)] == [
        ("A wall again", "Moss Symposium 7unknown")
    ]


def test_abbreviations_made_of_each_other_stay_short() -> None:
    doubling = "".join(f"@string{{a{n + 1} = a{n} # a{n}}}\n" for n in range(40))

    found = read(f'@string{{a0 = "moss wall "}}\n{doubling}@misc{{k, title = a40 {"# a40" * 5_000}}}')

    assert [len(paper.title) for paper in found if isinstance(paper, Paper)] == [995]


def test_a_broken_entry_costs_itself_only() -> None:
    found = read(
        """@misc{a, title = {First}}
@misc{b, title = {Second, year = 2026
@misc{c, title = {Third}}
@misc{d title = {Fourth}}
@misc{e, title = "Fifth, year = 2026}
@misc{f, title = {Sixth}}
"""
    )

    assert titles(found) == ["First", "Third", "Sixth"]
    assert lost(found) == [("f.bib:line 2", 1), ("f.bib:line 4", 1), ("f.bib:line 5", 1)]


def test_entries_on_one_line_are_all_read_or_counted() -> None:
    whole = read('@misc{a, title={A}} @misc{b, title={B}}@misc(c, title="C")')
    broken = read("@misc{a, title={A} @misc{b, title={B}} @misc{c, title={C}")

    assert titles(whole) == ["A", "B", "C"]
    assert (titles(broken), lost(broken)) == ([], [("f.bib:line 1", 3)])


def test_of_two_entries_with_one_key_both_are_kept() -> None:
    found = read("@misc{k, title={Moss}}\n@misc{k, title={Lichen}}\n@misc{k, title={Fern}, doi={10.1000/1}}")

    assert titles(found) == ["Moss", "Lichen", "Fern"]
    assert len({paper.id for paper in found if isinstance(paper, Paper)}) == 3


def test_of_a_field_given_twice_the_first_with_something_in_it_counts() -> None:
    assert one("Year = {}, abstract = {}, ABSTRACT = {We count.}, abstract = {They count.}").abstract == "We count."


def test_an_abstract_may_hold_at_signs_at_the_beginning_of_lines() -> None:
    paper = one("abstract = {Write to\n@moss (Ann) or\n  @{wall} or a@b.c {now}.\n@ (x) is odd}, year = 2026")

    assert paper.abstract == "Write to @moss (Ann) or @wall or a@b.c now. @ (x) is odd"


def test_what_is_out_of_use_is_not_read() -> None:
    found = read(
        "% @misc{a, title={Old}}\n@misc{b, title={New}, % short\n author={Ash, Ann}}\n%@misc{c, title={Older}}\n"
    )

    assert titles(found) == ["New"]
    assert [paper.authors for paper in found if isinstance(paper, Paper)] == [("Ann Ash",)]


def test_entries_with_odd_beginnings_are_read() -> None:
    found = read(
        "\ufeffMy library\r\n  @ Article\r\n{ some key: 10(3)/x ,\r\n title={A}}\r\n"
        "@UNHEARD{k,title={B}}\r\n@misc{\nk,title={C\\\\}}"
    )

    assert titles(found) == ["A", "B", "C"]


def test_a_link_in_howpublished_is_the_address() -> None:
    paper = one(r"howpublished = {\url{https://example.org/moss}}, note = {Online; \url{https://example.org/b}}")

    assert (paper.url, paper.comment) == ("https://example.org/moss", "Online; https://example.org/b")


def test_what_is_no_entry_is_no_loss_even_where_it_is_broken() -> None:
    found = read("@comment(\n@preamble{\n@string{a\n@xdata{x, title={No}}\n@misc{k, title={Moss}}")

    assert (titles(found), lost(found)) == (["Moss"], [])


def test_an_entry_without_title_and_abstract_is_a_problem() -> None:
    assert lost(read("@misc{a, year=2026}\n@misc{b}\n@misc{c, title={C}}")) == [
        ("f.bib:line 1", 1),
        ("f.bib:line 2", 1),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "Dear Ann, write to a@b.c {now}.", "@", "{}", "@string{a = {b}}"])
def test_what_holds_no_entry_is_an_error(text: str) -> None:
    with pytest.raises(SourceError, match=r"f\.bib: holds no BibTeX records"):
        read(text)


def test_many_broken_entries_are_told_in_one_sum() -> None:
    found = read("@misc{a, title={A}}\n" + "@misc{b, title={\n" * 100)

    assert len(lost(found)) == TOLD + 1
    assert sum(count for _, count in lost(found)) == 100


def test_a_bibliography_without_abstracts_is_told_so() -> None:
    found = read("".join(f"@misc{{k{n}, title={{Moss {n}}}}}\n" for n in range(3)))

    assert [problem.what for problem in found if isinstance(problem, Problem)] == [
        "none of its 3 papers has an abstract"
    ]


@pytest.mark.parametrize(
    ("head", "fits"),
    [
        ("@article{ash2026,\n title = {Moss}", True),
        ("% Encoding: UTF-8\n\n@InProceedings {a,\n  author={B}", True),
        ('@string{acl = "ACL"}', True),
        ("@Comment{x}\n", True),
        ("My library\n\n@misc(k, year=2026)", True),
        ("@unheard{k, title={x}}", True),
        ("Write to a@b.c, title = x", False),
        ("@media (max-width: 3em) {\n p { margin: 0 }", False),
        ('{"bibtex": "@article{a, title={x}}"}', False),
        ("@ann said: moss, title = good", False),
        ("", False),
    ],
)
def test_a_bibliography_is_told_by_its_beginning(head: str, fits: bool) -> None:
    assert fits_bibtex(head) is fits


@pytest.mark.parametrize(
    "text",
    [
        "@misc{k, title={" + "{" * 300_000,
        "@misc{k, title=" + "{" * 150_000 + "moss" + "}" * 150_000 + "}",
        "@misc{k, title={moss " + "a b " * 100_000 + "}}",
        "@misc{k, " + ",\n".join(f"f{n} = {{x}}" for n in range(30_000)) + ", title={moss}}",
        "@a{" * 100_000,
        "@misc{k,title={moss\n" + "@a{" * 100_000,
        "@" * 300_000 + "\n@misc{k,title={moss}}",
        "@misc{k, title={moss " + " \n @" * 60_000 + "}}",
        "@misc{k, title={moss " + "\\" * 300_000 + "}}",
        '@misc{k, title="moss ' + '{"}' * 60_000 + '"}',
        "@misc{k, title={moss}, author={" + " and " * 60_000 + "}}",
        "@misc{k, title={moss}, author={" + "a, " * 60_000 + "}}",
        "@misc{k, title={moss " + "$_{" * 60_000 + "}" * 60_000 + "}}",
        "@misc{k, title={moss " + r"{\'{" * 60_000 + "}}" * 60_000 + "}}",
    ],
    ids=range(14),
)
def test_hostile_shapes_are_papers_or_problems(text: str) -> None:
    try:
        found = read(text)
    except SourceError:
        found = []

    assert len(found) <= TOLD + 1
    assert all("oss" in paper.title for paper in found if isinstance(paper, Paper))


SCRAPS = st.sampled_from(
    '@misc{k, @string{a= @comment{ title= {x} author={A and B} year=2026, month=nov "y" # , } { ( ) = \\ \\" \\\'{e} % '
    "$ @ \n \r\n \x00 \ud800 \u2028 é a 10.1000/1 doi={ {}".split(" ")
)


@given(st.one_of(st.text(max_size=300), st.lists(SCRAPS, max_size=60).map("".join)))
def test_no_text_raises_anything_but_a_source_error(text: str) -> None:
    fits_bibtex(text)
    try:
        found = read(text)
    except SourceError:
        found = []

    assert all(isinstance(item, Paper | Problem) for item in found)


@recorded
def test_the_recorded_bibliography_holds_two_papers() -> None:
    text = (hosting.SHARED / "bibtex" / "manubot_bibliography.bib").read_text("utf-8")

    found = [item for item in read(text) if isinstance(item, Paper)]

    assert fits_bibtex(text)
    assert [(paper.doi, len(paper.authors), paper.published) for paper in found] == [
        ("10.7554/elife.32822", 7, None),
        (None, 0, None),
    ]
    assert "{" not in "".join(paper.title for paper in found)
