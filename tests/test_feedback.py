"""What readers say of papers: the links that say it, and what comes back of them."""

import email
import json
import re
from datetime import date
from email.message import EmailMessage
from email.mime.text import MIMEText
from email.policy import SMTP
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor import feedback
from digestor.errors import SourceError
from digestor.feedback import Opinion, Verdict, github_link, mail_link, read, said
from digestor.models import Problem

DAY = date(2026, 11, 20)
BEES = Opinion("more", "2611.00001", None)
IDS = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")), min_size=1, max_size=80)
VERDICTS: st.SearchStrategy[Verdict] = st.sampled_from(["more", "less"])


def of(body: bytes | str) -> tuple[list[Opinion], list[Problem]]:
    return read(body if isinstance(body, bytes) else body.encode(), "answers")


def a_mail(subject: str, text: str = "", sent: str = "Fri, 20 Nov 2026 08:15:00 +0100") -> EmailMessage:
    mail = EmailMessage()
    for name, value in {"From": "Ann <ann@example.org>", "Date": sent, "Subject": subject}.items():
        mail[name] = value
    mail.set_content(text)
    return mail


def an_mbox(*mails: EmailMessage) -> bytes:
    return b"".join(b"From ann@example.org Fri Nov 20 08:15:00 2026\n" + mail.as_bytes() + b"\n\n" for mail in mails)


@given(IDS, VERDICTS, st.sampled_from(["2026-W47", "2026-11-20", "2026-11"]))
def test_what_a_link_says_is_understood_whatever_the_id(id: str, verdict: Verdict, issue: str) -> None:
    expected: tuple[list[Opinion], list[Problem]] = ([Opinion(verdict, id, None, issue)], [])

    subject = parse_qs(urlsplit(mail_link("news@example.org", verdict, id, issue)).query)["subject"]
    query = parse_qs(urlsplit(github_link("ann/papers", verdict, id, issue)).query)

    assert of(subject[0]) == expected
    assert of(json.dumps([{"title": query["title"][0]}])) == expected
    assert query["labels"] == ["digestor"]


def test_the_links_are_addresses_that_go_where_they_should() -> None:
    assert mail_link("ann+digest@example.org", "less", "p 1&x", "2026-W47") == (
        "mailto:ann+digest@example.org?subject=digestor%3A%20less%20p%25201%26x%20%C2%B7%202026-W47"
    )
    assert github_link("ann/papers", "more", "2611.00001", "2026-W47") == (
        "https://github.com/ann/papers/issues/new?title=digestor%3A%20more%202611.00001%20%C2%B7%202026-W47&labels=digestor"
    )


def test_nothing_in_an_address_or_an_id_adds_to_the_query_of_a_link() -> None:
    link = mail_link("a?bcc=eve@example.org&x=@example.org", "more", "p&bcc=eve@example.org", "2026-W47")

    assert parse_qs(urlsplit(link).query).keys() == {"subject"}
    assert link.count("?") == 1


@pytest.mark.parametrize(
    ("line", "opinion"),
    [
        ("digestor: more 2611.00001", BEES),
        ("digestor: less 2611.00001", BEES._replace(verdict="less")),
        ("Digestor:  MORE 2611.00001  ", BEES),
        ("Re: digestor: more 2611.00001", BEES),
        ("AW: Fwd: [digest] digestor: more 2611.00001", BEES),
        ("- digestor: more 2611.00001", BEES),
        ("digestor: more 2611.00001 · 2026-W47", BEES._replace(issue="2026-W47")),
        ("digestor: more 2611.00001 2026-w47", BEES._replace(issue="2026-W47")),
        ("digestor: more 2611.00001 ? 2026-W47", BEES._replace(issue="2026-W47")),
        ("digestor: more 2611.00001 - 2026-11-20", BEES._replace(issue="2026-11-20")),
        ("digestor: more 2026-11", BEES._replace(paper_id="2026-11")),
        ('digestor: more "an id with blanks" · 2026-11', Opinion("more", "an id with blanks", None, "2026-11")),
        ('digestor: more "100%25"', BEES._replace(paper_id="100%25")),
        ("digestor: more 100%25", BEES._replace(paper_id="100%")),
        ("digestor: more doi:10.1000/a.b", BEES._replace(paper_id="doi:10.1000/a.b")),
    ],
)
def test_a_line_of_text_is_an_opinion(line: str, opinion: Opinion) -> None:
    assert of(f"# what I think\n\n{line}\n") == ([opinion], [])


@pytest.mark.parametrize(
    "line", ["digestor: maybe 2611.00001", "digestor: more", "digestor: more two ids", "digestor:more", "digestor: 1"]
)
def test_a_line_that_is_unclear_is_a_problem_that_says_how_to_write_it(line: str) -> None:
    opinions, problems = of(f"digestor: less p1\n{line}\n")

    assert opinions == [Opinion("less", "p1", None)]
    assert [(problem.where, problem.what) for problem in problems] == [("answers:2", f"is unclear: {line}")]
    assert "`digestor: more ID`" in problems[0].todo


def test_a_mail_says_it_in_its_subject_on_the_day_it_was_sent() -> None:
    assert of(a_mail("digestor: more 2611.00001 · 2026-W47").as_bytes()) == (
        [Opinion("more", "2611.00001", DAY, "2026-W47")],
        [],
    )


def test_the_day_of_a_mail_is_that_in_utc_and_none_where_it_has_no_date() -> None:
    late = a_mail("digestor: more p1", sent="Fri, 20 Nov 2026 22:15:00 -0500")
    none = a_mail("digestor: more p1", sent="yesterday")

    assert of(late.as_bytes())[0][0].day == date(2026, 11, 21)
    assert of(none.as_bytes())[0][0].day is None


def test_a_mail_says_several_things_in_its_lines_and_the_same_thing_once() -> None:
    text = "Hello,\n\ndigestor: more p1\n* digestor: less p2\nI mean digestor: as you know it.\n\ndigestor: more p1\n"

    opinions, problems = of(a_mail("digestor: more p1", text).as_bytes())

    assert [(one.verdict, one.paper_id) for one in opinions] == [("more", "p1"), ("less", "p2")]
    assert problems == []


def test_what_a_reply_quotes_is_not_said_again() -> None:
    text = "I changed my mind.\n\nOn Friday Ann wrote:\n> digestor: less p1\n>> digestor: less p2\n"

    assert of(a_mail("Re: digestor: more p1", text).as_bytes())[0] == [Opinion("more", "p1", DAY)]
    assert of("> digestor: less p1\ndigestor: more p2")[0] == [Opinion("more", "p2", None)]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "us-ascii", "utf-16"])
def test_a_mail_is_read_in_any_encoding_and_however_its_subject_is_folded(charset: str) -> None:
    mail = MIMEText("digestor: less p2", "plain", charset)
    mail["From"] = "ann@example.org"
    mail["Subject"] = f"Re: {said('more', 'https://example.org/' + 'papers/' * 20, '2026-W47')}"

    for raw in (mail.as_bytes(), mail.as_bytes(policy=SMTP)):
        opinions, _ = of(raw)
        assert [(one.verdict, one.paper_id[:20], one.issue) for one in opinions] == [
            ("more", "https://example.org/", "2026-W47"),
            ("less", "p2", ""),
        ]


def test_a_subject_in_bare_utf_8_is_read_though_it_should_have_been_encoded() -> None:
    raw = 'From: ann@example.org\nSubject: Re: digestor: more "Größe 1" · 2026-W47\n\n'.encode()

    assert of(raw)[0] == [Opinion("more", "Größe 1", None, "2026-W47")]


def test_a_mail_of_html_alone_is_read_by_its_subject() -> None:
    mail = MIMEText("<p>digestor: less p2</p>", "html")
    mail["From"], mail["Subject"] = "ann@example.org", "digestor: more p1"

    assert [one.paper_id for one in of(mail.as_bytes())[0]] == ["p1"]


def test_an_mbox_is_read_mail_by_mail_and_mails_of_other_things_are_left_alone() -> None:
    opinions, problems = of(
        an_mbox(
            a_mail("digestor: more p1"),
            a_mail("Lunch?", "From noon on.\n\nFrom ann@example.org I have the key.\n"),
            a_mail("digestor: maybe p2"),
            a_mail("digestor: less p3", "Too long.\n"),
        )
    )

    assert [(one.verdict, one.paper_id) for one in opinions] == [("more", "p1"), ("less", "p3")]
    assert [(problem.where, problem.what) for problem in problems] == [
        ("answers, mail 3", "is unclear: digestor: maybe p2")
    ]


def test_githubs_issues_are_read_as_its_tool_and_its_interface_give_them() -> None:
    tool = [
        {"title": "digestor: more p1", "body": "", "createdAt": "2026-11-20T08:15:00Z"},
        {"title": "Something else", "body": "digestor: less p2\r\ndigestor: more p3", "createdAt": "x"},
    ]
    interface = [{"title": "digestor: more p1", "body": None, "created_at": "2026-11-20T08:15:00Z", "number": 7}]

    assert of(json.dumps(tool)) == (
        [Opinion("more", "p1", DAY), Opinion("less", "p2", None), Opinion("more", "p3", None)],
        [],
    )
    for answer in (interface, interface[0], {"total_count": 1, "items": interface}):
        assert of(json.dumps(answer)) == ([Opinion("more", "p1", DAY)], [])


@pytest.mark.parametrize("body", ["", "Hello.\n", "[]", "[1, null]", '{"title": 3}'])
def test_a_file_that_says_nothing_says_so(body: str) -> None:
    assert of(body) == ([], [Problem(where="answers", what="says nothing of any paper", todo=feedback.HOW)])


@pytest.mark.parametrize("body", ['[{"title": "digestor: mo', "[" * 100_000, '{"n": ' + "9" * 5_000 + "}"])
def test_json_that_is_broken_is_an_error_that_says_what_to_do(body: str) -> None:
    with pytest.raises(SourceError, match="answers: is no JSON that can be read") as caught:
        of(body)

    assert "gh issue list" in caught.value.todo


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(SourceError, match="too large"):
        read(b"\n" * (feedback.LARGEST + 1), "answers")


def test_of_endless_opinions_and_problems_only_so_many_are_told() -> None:
    opinions, problems = of("digestor: more p1\n" * 10_001)
    assert len(opinions) == 10_000
    assert [problem.what for problem in problems] == ["says more than 10,000 things; only the first were read"]

    _, problems = of("digestor: huh\n" * 1_000)
    assert len(problems) == 51
    assert problems[-1].what == "950 more are unclear"


def test_no_half_letter_and_no_control_sign_gets_through() -> None:
    title = "digestor: more p\ud800\u001b[31m · 2026-W47"

    ((opinion,), _) = of(json.dumps([{"title": title}]))
    ((encoded,), _) = of("digestor: more p%1b%00%ff")

    assert opinion.paper_id == "p\ufffd\ufffd[31m"
    assert encoded.paper_id == "p\ufffd\ufffd\ufffd"


def test_a_mail_in_mails_without_end_is_no_end_of_us() -> None:
    deep = "\n".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}' for n in range(5_000))
    raw = f"From: ann@example.org\nSubject: digestor: more p1\n{deep}\n\ndigestor: less p2\n"

    assert Opinion("more", "p1", None) in of(raw)[0]


MAIL = a_mail("digestor: more p1 · 2026-W47", "digestor: less p2\n").as_bytes()
BODIES = (MAIL, an_mbox(a_mail("digestor: more p1"), a_mail("digestor: less p2")), b'[{"title": "digestor: more p1"}]')


@given(
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 30), st.binary(max_size=12)), max_size=4),
)
def test_a_file_that_was_tampered_with_is_read_or_refused_and_never_worse(
    body: bytes, cuts: list[tuple[int, int, bytes]]
) -> None:
    for start, length, instead in cuts:
        body = body[:start] + instead + body[start + length :]

    try:
        opinions, _ = of(body)
    except SourceError:
        return
    assert all(one.verdict in ("more", "less") and one.paper_id for one in opinions)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(str.encode)
    | st.lists(
        st.sampled_from(
            'From: |Subject: |digestor: |more |less |=?utf-8?b?|?=|%|"|\n|\r\n| |·|2026-W47|[|{|Date: '.split("|")
        )
    ).map(lambda parts: "".join(parts).encode())
)
def test_anything_at_all_is_read_or_refused(body: bytes) -> None:
    try:
        opinions, problems = of(body)
    except SourceError:
        return
    assert opinions or problems


def test_the_subject_of_a_mail_client_that_follows_the_link_is_what_the_link_says() -> None:
    link = mail_link("news@example.org", "more", "Größe 1", "2026-W47")
    subject = unquote(re.sub(r".*subject=", "", link))

    sent = a_mail(subject).as_bytes(policy=SMTP)

    assert email.message_from_bytes(sent)["Subject"] != subject  # it is encoded on its way
    assert of(sent)[0] == [Opinion("more", "Größe 1", DAY, "2026-W47")]
