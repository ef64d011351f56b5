"""arXiv's mails in their envelopes: .eml in every encoding, mbox, forwarded, pasted; and mails of others."""

from datetime import date
from email.message import EmailMessage
from email.mime.text import MIMEText
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.mail import fits, parse
from tests import hosting
from tests.test_listing import BEES, CROSSES, HEAD, MAILING, OLD_CROSS, REPLACED, RULE

FOLDER = hosting.SHARED / "arxiv_email"
RECORDED = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded replies are not here")
BODY = MAILING.partition("\n\n")[2]
DAY = date(2026, 11, 17)


def of(body: bytes | str) -> tuple[list[Paper], list[Problem]]:
    found = list(parse(body.encode() if isinstance(body, str) else body, "alerts.eml"))
    return [p for p in found if isinstance(p, Paper)], [p for p in found if isinstance(p, Problem)]


def a_mail(body: str = BODY, sender: str = "no-reply@arxiv.org", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    given = {"From": sender, "To": "reader@example.org", "Date": "Tue, 17 Nov 2026 01:31:14 +0000", **headers}
    for name, value in {"Subject": "cs daily Subj-class mailing", **given}.items():
        mail[name] = value
    mail.set_content(body)
    return mail


def test_a_saved_mail_is_read_and_says_what_was_left_out() -> None:
    papers, problems = of(a_mail().as_bytes())

    assert [(paper.id, paper.announced) for paper in papers] == [
        ("2611.00101", DAY),
        ("2611.00102", DAY),
        ("2610.04321", DAY),
    ]
    assert [(problem.what, problem.lost) for problem in problems] == [
        ("1 replacement was left out", 0),
        ("1 cross-list of older papers was left out", 0),
    ]


def test_several_that_were_left_out_are_one_problem_of_each_kind() -> None:
    papers, problems = of(f"{HEAD}{BEES}{CROSSES}\n{OLD_CROSS}{OLD_CROSS}{RULE}\n{REPLACED}{RULE}\n{REPLACED}")

    assert len(papers) == 1
    assert [problem.what for problem in problems] == [
        "2 replacements were left out",
        "2 cross-lists of older papers were left out",
    ]


@pytest.mark.parametrize("encoding", ["7bit", "8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_encoding_of_a_mail_is_read(encoding: str, ending: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["Date"], mail["Subject"] = "no-reply@arxiv.org", "Tue, 17 Nov 2026 01:31:14 +0000", "cs daily"
    mail.set_content(BODY, cte=encoding)

    papers, _ = of(mail.as_bytes(policy=SMTP.clone(linesep=ending)))

    assert len(papers) == 3
    assert papers[0].authors == ("Zoë Fernández", "Paweł Bo", "Ann de la Cruz")


def test_letters_beyond_ascii_are_read_in_the_charset_the_mail_claims() -> None:
    mail = MIMEText(BODY.replace(r"Zo\"e", "Zoë"), "plain", "iso-8859-1")
    mail["From"], mail["Date"] = "no-reply@arxiv.org", "Tue, 17 Nov 2026 01:31:14 +0000"

    papers, _ = of(mail.as_bytes())

    assert papers[0].authors[0] == "Zoë Fernández"


@pytest.mark.parametrize("charset", [b"x-nobody", b"punycode", b"unicode_escape", b"raw-unicode-escape", b"hex"])
def test_an_odd_charset_is_no_obstacle(charset: bytes) -> None:
    raw = a_mail().as_bytes().replace(b'charset="utf-8"', b'charset="' + charset + b'"')

    papers, _ = of(raw)

    assert charset in raw
    assert len(papers) == 3
    assert papers[0].abstract.startswith("We watch bees")


def test_the_plain_text_of_a_mail_with_html_beside_it_is_taken() -> None:
    mail = a_mail()
    mail.add_alternative("<p>arXiv:2611.00101</p>", subtype="html")

    papers, problems = of(mail.as_bytes())

    assert len(papers) == 3
    assert not any("HTML" in problem.what for problem in problems)


def test_a_mail_of_html_alone_says_what_to_do() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "no-reply@arxiv.org", "cs daily"
    mail.set_content("<p>arXiv:2611.00101 and arXiv:2611.00102</p>", subtype="html")

    with pytest.raises(SourceError, match="no plain text, only HTML") as error:
        of(mail.as_bytes())

    assert "plain text" in error.value.todo


def test_a_mail_that_was_forwarded_keeps_the_day_of_the_mailing() -> None:
    quoted = "Look at this!\n\n> " + BODY.replace("\n", "\n> ")

    papers, _ = of(a_mail(quoted, "friend@example.org", Date="Thu, 19 Nov 2026 15:00:00 +0000").as_bytes())

    assert {paper.announced for paper in papers} == {DAY}
    assert len(papers) == 3


def test_a_mail_forwarded_whole_inside_another_is_read() -> None:
    outer = EmailMessage()
    outer["From"], outer["Date"] = "friend@example.org", "Thu, 19 Nov 2026 15:00:00 +0000"
    outer.set_content("See below.")
    outer.add_attachment(a_mail(BEES))

    papers, _ = of(outer.as_bytes())

    assert [(paper.id, paper.announced) for paper in papers] == [("2611.00101", DAY)]


def an_mbox(*mails: bytes, ending: bytes = b"\n") -> bytes:
    start = b"From no-reply@arxiv.org Tue Nov 17 01:31:14 2026\n"
    return b"\n".join(start + mail.replace(b"\nFrom ", b"\n>From ") + b"\n" for mail in mails).replace(b"\n", ending)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_every_mail_of_an_mbox_is_read(ending: bytes) -> None:
    text = BEES.replace("a row of lamps and", "\nFrom lamps")
    first, second = a_mail(HEAD.partition("\n\n")[2] + text), a_mail(BEES.replace("00101", "00103"))

    papers, problems = of(an_mbox(first.as_bytes(), second.as_bytes(), ending=ending))

    assert [paper.id for paper in papers] == ["2611.00101", "2611.00103"]
    assert "From lamps" in papers[0].abstract
    assert ">From" not in papers[0].abstract
    assert problems == []


def test_mails_of_others_in_an_mbox_are_counted() -> None:
    html = EmailMessage()
    html["From"], html["Subject"] = "no-reply@arxiv.org", "cs daily"
    html.set_content("<p>arXiv:2611.00105, arXiv:2611.00106, arXiv:2611.00106</p>", subtype="html")
    other = a_mail("Your scholar alert: 3 new results", "alerts@example.org")

    papers, problems = of(an_mbox(a_mail(BEES).as_bytes(), html.as_bytes(), other.as_bytes()))

    assert len(papers) == 1
    assert [(problem.what, problem.lost) for problem in problems] == [
        ("1 mail has no plain text, only HTML", 2),
        ("1 mail is no mailing of arXiv's", 0),
    ]


def test_a_problem_in_an_mbox_says_in_which_mail_it_is() -> None:
    bad = a_mail(BEES.replace("arXiv:2611.00101", "arXiv:2613.00101"))

    _, (problem,) = of(an_mbox(a_mail(BEES).as_bytes(), bad.as_bytes()))

    assert (problem.where, problem.lost) == ("alerts.eml, mail 2", 1)


def test_text_pasted_without_an_envelope_is_read() -> None:
    papers, _ = of("my notes\n\n" + BEES)

    assert [(paper.id, paper.announced) for paper in papers] == [("2611.00101", None)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_pasted_text_is_read_in_whatever_encoding_it_was_saved(encoding: str) -> None:
    papers, _ = of(MAILING.replace(r"Zo\"e", "Zoë").replace("  ", "\xa0 ").encode(encoding))

    assert len(papers) == 3
    assert papers[0].authors[0] == "Zoë Fernández"


@pytest.mark.parametrize("body", ["", "Hello.", "Subject: alert\nFrom: scholar@example.org\n\n[PDF] A paper\nA Ng"])
def test_what_is_no_mailing_of_arxivs_is_refused_with_what_can_be_read(body: str) -> None:
    with pytest.raises(SourceError, match="holds no mailing of arXiv's") as error:
        of(body)

    assert ".eml, mbox or plain text" in error.value.todo


@pytest.mark.parametrize(
    "head",
    [
        MAILING,
        BEES,
        a_mail().as_string(),
        an_mbox(a_mail().as_bytes()).decode(),
        "Received: from x\n\tby y\nSubject: alert\nFrom: scholar@example.org\n\n[PDF] A paper",
    ],
)
def test_mails_are_known_by_their_beginning(head: str) -> None:
    assert fits(head)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "new\n\nA title\n\nAn abstract.",
        "Subject: a page of notes\n\nAbout papers",
        "Subject: notes\nDate: today\n\nAbout papers",
        "From here to there: a survey\n\nWe go.",
        "TY  - JOUR\nTI  - A title\n",
        "@article{x, title = {From: a}}",
        '{"title": "x"}',
        "title,abstract\nFrom,x\n",
    ],
)
def test_other_files_are_no_mails(head: str) -> None:
    assert not fits(head)


@RECORDED
@pytest.mark.parametrize(
    ("name", "papers", "replaced", "day"),
    [
        ("astro-ph_new.txt", 57, 40, date(2023, 3, 3)),
        ("astro-ph_new.CO.txt", 7, 16, date(2023, 3, 3)),
        ("q-fin_new.txt", 13, 3, date(2023, 3, 17)),
        ("q-fin_new.CP.txt", 2, 0, date(2023, 3, 17)),
        ("math_new.OA.txt", 1, 2, date(2023, 6, 9)),
    ],
)
def test_recorded_mailings_are_read_whole(name: str, papers: int, replaced: int, day: date) -> None:
    body = (FOLDER / name).read_bytes()

    found, problems = of(body)

    assert len(found) == papers
    assert all(paper.abstract and paper.published and paper.announced == day for paper in found)
    assert [problem.what.split()[0] for problem in problems] == ([str(replaced)] if replaced else [])
    assert papers + replaced == body.count(b"\narXiv:")
    assert fits(body.decode())


@RECORDED
def test_all_recorded_mailings_in_one_mbox_are_80_papers() -> None:
    mails = [path.read_bytes() for path in sorted(FOLDER.iterdir())]

    papers, problems = of(an_mbox(*mails))

    assert len(papers) == 80
    assert [problem.what for problem in problems] == ["61 replacements were left out"]


ODD = (
    b"Content-Type: multipart/mixed; boundary=" + b"x" * 10 + b"\n\n--" + b"x" * 10 + b"\n",
    b"Content-Type: text/plain; charset*0*=''%ff; =\n",
    b"Content-Transfer-Encoding: base64\n\n=====\n",
    b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 x\n\xff\n",
    b"Date: Tue, 99 Nov 99999 01:31:14 +9999\nFrom: " + b"(" * 5000 + b"\n",
    b"Content-Type: message/rfc822\n\n",
    b"From no-reply@arxiv.org Tue Nov 17 01:31:14 2026\n",
    b"\xff\xfe\x00\xd8",
    b"\n\n",
    BEES.encode(),
)


@given(st.lists(st.sampled_from(ODD) | st.binary(max_size=40), max_size=12).map(b"".join))
def test_no_mail_brings_another_exception_than_source_error(body: bytes) -> None:
    try:
        found = list(parse(body, "odd.eml"))
    except SourceError:
        return
    assert all(isinstance(thing, Paper | Problem) for thing in found)


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: message/rfc822\n\n" * 3_000,
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(2_000))
        + BEES.encode(),
        b"From: x@example.org\n" + b"Received: y\n" * 50_000 + b"\n" + BEES.encode(),
        b"\\\\\narXiv:2611.00101\nDate: x\n" * 20_000,
        b"> " * 500_000,
        b"arXiv:" * 200_000,
    ],
    ids=["nested mails", "nested parts", "many headers", "many entries", "one line of quotes", "one line of ids"],
)
def test_a_mail_made_to_be_hard_is_soon_done_with(body: bytes) -> None:
    try:
        found = list(parse(body, "hard.eml"))
    except SourceError:
        return
    assert found
