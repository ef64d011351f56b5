"""The grammar of arXiv's mailings: entries, sections, days, and what copying does to them."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.models import Paper, Problem
from digestor.sources.listing import authors, is_listing, read
from digestor.text.dates import moment

RULE = "-" * 78
CROSSES = "%-" * 39
REPLACEMENTS = "%%--" * 19
CLOSE = "%%%---" * 13

HEAD = rf"""Date: Tue, 17 Nov 26 01:31:14 GMT
Subject: cs daily 2 new +  crosses received

{RULE}
Send any comments regarding submissions directly to submitter.
{RULE}
 Submissions to:
Computation and Language
 received from  Fri 13 Nov 26 19:00:00 GMT  to  Mon 16 Nov 26 19:00:00 GMT
{RULE}
"""

BEES = r"""\\
arXiv:2611.00101
Date: Fri, 13 Nov 2026 20:01:02 GMT   (243kb,D)

Title: How bees count their way home, with a title that needs
  a second line
Authors: Zo\"e Fern\'andez, Pawe{\l} Bo and Ann de la Cruz
Categories: cs.CL q-bio.NC
Comments: 12 pages; code at https://example.org/bees
  and data too
Journal-ref: J. Bees 4 (2026) 12
DOI: 10.1000/Bees.4, 10.1000/other
License: http://creativecommons.org/licenses/by/4.0/
\\
  We watch bees at a row of lamps and let them choose. They
choose the fourth lamp more often than chance would have it.
Results: they do so in rain as well. Comments: none of them said why.
  In a second part we ask what they do at night. It is less.
\\ ( https://arxiv.org/abs/2611.00101 ,  243kb)
"""

RIVERS = r"""\\
arXiv:2611.00102
Date: Sat, 14 Nov 2026 02:00:00 GMT   (10kb)

Title: Rivers that forget
Authors: R. Stone
Categories: cs.LG
\\
  Rivers forget where they were. We measure how fast they do.
\\ ( https://arxiv.org/abs/2611.00102 ,  10kb)
"""

CROSS = r"""\\
arXiv:2610.04321 (*cross-listing*)
Date: Fri, 30 Oct 2026 10:00:00 GMT   (99kb)

Title: Proofs by colouring
Authors: P. Aint
Categories: math.CO cs.CL
\\
  We colour proofs. Colours help.
\\ ( https://arxiv.org/abs/2610.04321 ,  99kb)
"""

OLD_CROSS = CROSS.replace("2610.04321", "2403.04321").replace("Proofs by", "Old proofs by")

REPLACED = r"""\\
arXiv:2501.00001
replaced with revised version Mon, 16 Nov 2026 08:03:26 GMT   (25kb,D)

Title: An older paper
Authors: O. Lder
Categories: cs.CL
DOI: 10.1000/older
\\ ( https://arxiv.org/abs/2501.00001 ,  25kb)
"""

MAILING = "\n".join(
    part.rstrip("\n")
    for part in (HEAD, BEES, RULE, RIVERS, CROSSES, RULE, CROSS, RULE, OLD_CROSS, REPLACEMENTS, RULE, REPLACED, CLOSE)
)


def of(text: str, **kwargs: object) -> tuple[list[Paper], list[Problem], Counter[str]]:
    left: Counter[str] = Counter()
    found = list(read(text, "alerts.txt", left, **kwargs))  # type: ignore[arg-type]
    return [p for p in found if isinstance(p, Paper)], [p for p in found if isinstance(p, Problem)], left


def test_an_entry_becomes_a_paper_with_all_that_it_says() -> None:
    papers, problems, _ = of(HEAD + BEES)

    assert problems == []
    (bees,) = papers
    assert bees.title == "How bees count their way home, with a title that needs a second line"
    assert bees.authors == ("Zoë Fernández", "Paweł Bo", "Ann de la Cruz")
    assert bees.arxiv_id == bees.id == "2611.00101"
    assert bees.url == "https://arxiv.org/abs/2611.00101"
    assert bees.published == datetime(2026, 11, 13, 20, 1, 2, tzinfo=UTC)
    assert bees.announced == date(2026, 11, 17)
    assert bees.categories == ("cs.CL", "q-bio.NC")
    assert bees.comment == "12 pages; code at https://example.org/bees and data too"
    assert bees.venue == "J. Bees 4 (2026) 12"
    assert bees.doi == "10.1000/bees.4"
    assert bees.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert bees.source == "mail"


def test_a_line_of_the_abstract_that_looks_like_a_header_stays_there() -> None:
    (bees,), _, _ = of(HEAD + BEES)

    assert "Results: they do so in rain as well. Comments: none of them said why." in bees.abstract


def test_an_indented_line_begins_a_paragraph() -> None:
    (bees,), _, _ = of(HEAD + BEES)

    first, second = bees.abstract.split("\n")
    assert first.startswith("We watch bees at a row of lamps and let them choose. They choose")
    assert second == "In a second part we ask what they do at night. It is less."


def test_replacements_and_old_cross_lists_are_counted_and_left_out() -> None:
    papers, problems, left = of(MAILING)

    assert [paper.id for paper in papers] == ["2611.00101", "2611.00102", "2610.04321"]
    assert left == {"replaced": 1, "cross": 1}
    assert problems == []


def test_a_cross_list_is_judged_by_the_section_where_its_mark_is_missing() -> None:
    text = "\n".join((HEAD, BEES, CROSSES, OLD_CROSS.replace(" (*cross-listing*)", "")))

    papers, _, left = of(text)

    assert [paper.id for paper in papers] == ["2611.00101"]
    assert left["cross"] == 1


def test_without_any_date_cross_lists_are_measured_by_the_newest_id() -> None:
    papers, _, left = of(BEES + RULE + "\n" + CROSS + RULE + "\n" + OLD_CROSS)

    assert [paper.id for paper in papers] == ["2611.00101", "2610.04321"]
    assert left["cross"] == 1
    assert papers[0].announced is None


def test_a_cross_list_from_before_last_month_is_old() -> None:
    papers, _, left = of(HEAD + CROSS.replace("2610.", "2609."))

    assert (papers, left["cross"]) == ([], 1)


def test_what_stands_among_replacements_without_an_abstract_is_one() -> None:
    text = REPLACED.replace("replaced with revised version", "Date:")

    papers, _, left = of(f"{HEAD}{BEES}{REPLACEMENTS}\n{text}")

    assert (len(papers), left["replaced"]) == (1, 1)


@pytest.mark.parametrize("head", ["Date: Wed, 18 Nov 26 01:31:14 GMT", "received from Mon 16 Nov 26 to Tue 17 Nov 26"])
def test_another_mailing_begins_with_what_is_new(head: str) -> None:
    late = RIVERS.replace("2611.00102", "2403.00102")

    papers, _, _ = of(f"{HEAD}{BEES}{CROSSES}\n{OLD_CROSS}\n{head}\n\n{late}")

    assert [paper.id for paper in papers] == ["2611.00101", "2403.00102"]


def test_a_cross_list_of_december_is_of_last_month_in_january() -> None:
    head = HEAD.replace("17 Nov 26", "12 Jan 27").replace("13 Nov 26", "08 Jan 27").replace("16 Nov 26", "11 Jan 27")

    papers, _, _ = of(head + CROSS.replace("2610.", "2612."))

    assert papers[0].announced == date(2027, 1, 12)


def test_an_old_paper_with_the_old_kind_of_id_is_read_too() -> None:
    text = HEAD.replace(" Nov 26", " Nov 03") + RIVERS.replace("arXiv:2611.00102", "arXiv:math/0311136")

    (paper,), _, _ = of(text)

    assert paper.arxiv_id == "math/0311136"


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("Fri, 13 Nov 2026 01:05:00 GMT", date(2026, 11, 13)),  # Thursday evening in New York, winter
        ("Fri, 17 Jul 2026 00:05:00 GMT", date(2026, 7, 17)),  # the same in summer
        ("Mon, 16 Nov 2026 01:00:00 GMT", date(2026, 11, 16)),  # Sunday evening
        ("Tue, 17 Nov 2026 06:00:00 GMT", date(2026, 11, 17)),  # held up past midnight
        ("Tue, 17 Nov 2026 00:30:00 GMT", date(2026, 11, 16)),  # Monday, half an hour too early
        ("Sat, 14 Nov 2026 09:00:00 GMT", date(2026, 11, 13)),  # nothing is announced on Saturdays
    ],
)
def test_a_mail_belongs_to_the_day_after_its_evening_in_new_york(sent: str, day: date) -> None:
    (paper,), _, _ = of(BEES, sent=moment(sent))

    assert paper.announced == day


@pytest.mark.parametrize(
    ("until", "day"),
    [("Mon 16 Nov 26 19:00:00", "17"), ("Fri 13 Nov 26 19:00:00", "16"), ("Thu 19 Nov 26 19:00:00", "20")],
)
def test_without_a_date_the_time_until_which_papers_were_received_says_the_day(until: str, day: str) -> None:
    text = f"received from  Wed 11 Nov 26 19:00:00 GMT  to  {until} GMT\n{BEES}"

    (paper,), _, _ = of(text)

    assert paper.announced == date(2026, 11, int(day))


def test_a_mail_passed_on_later_does_not_change_the_day() -> None:
    passed_on = moment("Wed, 18 Nov 2026 15:00:00 GMT")
    text = HEAD.partition("\n\n")[2] + BEES

    (paper,), _, _ = of(text, sent=passed_on, relayed=True)

    assert paper.announced == date(2026, 11, 17)


def test_a_mailing_deferred_by_a_holiday_has_the_day_of_its_mail() -> None:
    head = HEAD.replace("Tue, 17 Nov 26", "Thu, 19 Nov 26")

    (paper,), _, _ = of(head + BEES)

    assert paper.announced == date(2026, 11, 19)


def test_several_mailings_in_one_text_have_each_their_own_day() -> None:
    second = (
        HEAD.replace("Tue, 17 Nov 26", "Wed, 18 Nov 26").replace("Fri 13", "Mon 16").replace("to  Mon 16", "to  Tue 17")
    )

    papers, _, _ = of(f"{MAILING}\n{second}{RIVERS}")

    assert papers[0].announced == date(2026, 11, 17)
    assert (papers[-1].id, papers[-1].announced) == ("2611.00102", date(2026, 11, 18))


def plain(papers: list[Paper]) -> list[tuple[object, ...]]:
    return [(p.id, p.title, p.abstract, p.authors, p.comment, p.announced) for p in papers]


@pytest.mark.parametrize(
    "copied",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n  ", "\n "),
        lambda text: text.replace("  ", "\xa0\xa0"),
        lambda text: text.replace("\n  ", "\n\xa0"),
        lambda text: "> " + text.replace("\n", "\n> "),
        lambda text: ">> " + text.replace("\n", "\n>> "),
        lambda text: "    " + text.replace("\n", "\n    "),
        lambda text: text.replace("\\\\\n", "\\\n"),
        lambda text: text.replace(RULE + "\n", ""),
        lambda text: text.replace(RULE + "\n\\\\\n", ""),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("(*cross-listing*)", "(cross-listing)"),
        lambda text: text.replace("arXiv:", "arXiv: "),
    ],
    ids=[
        "crlf", "cr", "one blank", "nbsp", "one nbsp", "quoted", "quoted twice", "indented", "one backslash",
        "no rules", "no separators", "bom", "no stars", "blank before the id",
    ],
)  # fmt: skip
def test_what_copying_does_to_a_mailing_changes_nothing(copied: object) -> None:
    assert callable(copied)

    papers, problems, left = of(copied(MAILING))

    assert plain(papers) == plain(of(MAILING)[0])
    assert left == {"replaced": 1, "cross": 1}
    assert problems == []


def test_entries_without_their_last_lines_and_rules_are_told_apart() -> None:
    text = "\n".join(line for line in (BEES + RIVERS).split("\n") if not line.startswith("\\\\ ("))

    papers, problems, _ = of(text)

    assert [paper.id for paper in papers] == ["2611.00101", "2611.00102"]
    assert papers[0].abstract.endswith("It is less.")
    assert problems == []


def test_without_any_backslashes_the_abstract_begins_behind_the_blank_line() -> None:
    text = "\n".join("" if line == "\\\\" else line for line in BEES.split("\n")[1:])

    (bees,), _, _ = of(text)

    assert bees.comment == "12 pages; code at https://example.org/bees and data too"
    assert bees.abstract.startswith("We watch bees")


def test_an_abstract_all_indented_is_one_paragraph() -> None:
    text = RIVERS.replace("  Rivers forget where they were. We", "  Rivers forget where they were.\n  We")

    (paper,), _, _ = of(text)

    assert paper.abstract == "Rivers forget where they were. We measure how fast they do."


def test_a_latex_line_break_does_not_end_an_abstract() -> None:
    text = RIVERS.replace("they were. We", "they were.\n\\\\\nWe")

    (paper,), _, _ = of(text)

    assert paper.abstract == "Rivers forget where they were. We measure how fast they do."


def test_an_id_on_a_line_of_an_abstract_begins_no_entry() -> None:
    text = RIVERS.replace("they were. We", "they were, as in\narXiv:2001.00001\nwhich we repeat. We")

    papers, problems, _ = of(text)

    assert len(papers) == 1
    assert problems == []
    assert "arXiv:2001.00001 which we repeat" in papers[0].abstract


def test_the_foot_of_a_mailing_is_in_no_abstract() -> None:
    foot = "For subscribe options to combined archives,\ne-mail To: cs@arxiv.org, Subject: subscribe\n"

    (paper,), _, _ = of(f"{RIVERS}{CLOSE}\n{foot}")
    (unclosed,), _, _ = of(RIVERS.replace("\\\\ ( https://arxiv.org/abs/2611.00102 ,  10kb)", "\\\\\n" + foot))

    assert "subscribe" not in paper.abstract
    assert "subscribe" not in unclosed.abstract


@pytest.mark.parametrize(
    "end",
    [
        f"{RULE}\n\\\\\narXiv:2611.00103\n",
        f"{RULE}\n\\\\\narXiv:2611.oo103\nDate: Sat, 14 Nov 2026 02:00:00 GMT   (10kb)\n\nTitle: Odd\n",
        f"{RULE}\n\\\\\nDate: Sat, 14 Nov 2026 02:00:00 GMT   (10kb)\n\nTitle: No id at all\n",
    ],
)
def test_an_entry_that_cannot_be_read_is_counted_as_lost(end: str) -> None:
    papers, problems, _ = of(BEES + end)

    assert len(papers) == 1
    assert [problem.lost for problem in problems] == [1]


def test_an_id_that_cannot_be_is_a_problem() -> None:
    papers, (problem,), _ = of(RIVERS.replace("arXiv:2611.00102", "arXiv:2613.00102"))

    assert papers == []
    assert (problem.lost, "2613.00102" in problem.what) == (1, True)


def test_a_mail_that_breaks_off_in_an_abstract_says_so() -> None:
    papers, (problem,), _ = of(BEES + RULE + "\n" + RIVERS[:190])

    assert len(papers) == 2
    assert problem.lost == 0
    assert "breaks off in the entry of arXiv:2611.00102" in problem.what


def test_a_withdrawn_paper_is_known_by_its_size_or_its_comment() -> None:
    (by_size,), _, _ = of(RIVERS.replace("(10kb)", "(0kb,I)"))
    (by_comment,), _, _ = of(RIVERS.replace("Categories:", "Comments: This paper has been withdrawn\nCategories:"))

    assert (by_size.standing, by_comment.standing) == ("withdrawn", "withdrawn")


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("A. Ng", ["A. Ng"]),
        ("A. Ng and B. Bo", ["A. Ng", "B. Bo"]),
        ("A. Ng, B. Bo, and C. Co", ["A. Ng", "B. Bo", "C. Co"]),
        ("A. Ng (1), B. Bo (1 and 2) ((1) Here, There, (2) Else)", ["A. Ng", "B. Bo"]),
        ("A. Ng, Jr., B. Bo", ["A. Ng, Jr.", "B. Bo"]),
        ("Bees Collaboration: A. Ng, B. Bo", ["Bees Collaboration", "A. Ng", "B. Bo"]),
        ("Anders Anderson and Andrea Sandoz", ["Anders Anderson", "Andrea Sandoz"]),
        ("A. Ng (open, B. Bo", ["A. Ng (open", "B. Bo"]),
        ("", []),
    ],
)
def test_authors_are_divided_by_commas_and_and(field: str, names: list[str]) -> None:
    assert authors(field) == names


def test_other_texts_are_no_listing() -> None:
    assert is_listing(BEES)
    assert not is_listing("arXiv:2611.00101 is a paper about bees.\n")
    assert not is_listing("See also\narXiv:2611.00101\nfor more.\n")
    assert list(read("nothing here", "x", Counter())) == []


PIECES = st.sampled_from(
    [*MAILING.split("\n"), "", "\\\\", "\\", "> ", "(" * 50, "arXiv:", "Date:", "Title:", "\ud800", "\x00", "9" * 5000]
)


@given(st.lists(PIECES, max_size=40).map("\n".join))
def test_whatever_the_lines_are_every_id_is_a_paper_a_problem_or_left_out(text: str) -> None:
    papers, problems, left = of(text)

    assert all(problem.where.startswith("alerts.txt") for problem in problems)
    assert len(papers) + sum(left.values()) + sum(p.lost for p in problems) <= text.lower().count("arxiv") + text.count(
        "Title"
    )


ENTRIES = (BEES, RIVERS, CROSS, OLD_CROSS, REPLACED)
OTHERS = (RULE + "\n", CROSSES + "\n", REPLACEMENTS + "\n", CLOSE + "\n", "\n", HEAD)


@given(st.lists(st.sampled_from(ENTRIES + OTHERS), max_size=30))
def test_in_whatever_order_entries_stand_each_is_read_or_left_out(parts: list[str]) -> None:
    papers, _, left = of("".join(parts))

    assert len(papers) + sum(left.values()) == sum(part in ENTRIES for part in parts)
