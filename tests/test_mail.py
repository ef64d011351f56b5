"""The issue as an email: complete, below the size at which clients clip, the same in both parts, right on a phone."""

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.compose import compose
from digestor.models import UNSUBSCRIBE, Code, Entry, Issue, Ledger, Listed, Mail, Pick, Problem, Trend
from digestor.period import weekly
from digestor.render.headline import entries
from digestor.render.items import plain, short, wrapped
from digestor.render.lint import faults
from digestor.render.look import Look
from digestor.render.mail import FULL, LIMIT, TITLES, as_mail, most, ranked
from digestor.render.reading import Reader
from digestor.render.reasons import named_by
from tests.browser import MAIL, Browser, Scheme, axe, overflow
from tests.browser import browser as browser
from tests.fakes import a_paper, an_annotation

LINT = Path(__file__).parents[2] / "shared" / "tools" / "email_lint.py"
WEEK = weekly(date(2026, 11, 21))
LOOK = Look(
    url="https://me.example/papers",
    reason="You asked for <papers> & more.",
    contact="digest@papers.example",
    address="Paper Digest, 1 Example Street, Exampleton",
)
ANSWERED = LOOK.model_copy(update={"feedback": "mailto:me@example.org"})
MAILTO = "mailto:me@example.org?subject="
HOSTILE = (
    "<s>Gone</s> &amp; &lt;b&gt; forgotten",
    "Dear *|FNAME|*, {{x}} and {% raw %} ${user.name} <% eval %> {{{deep}}}",
    "<script>alert(1)</script> <!-- unclosed",
    "תרגום מכונה של שירה עתיקה",
    "الشبكات العصبية لفهم اللغة",
    "大規模言語モデルにおける長文脈理解のための効率的な注意機構の研究" * 5,
    "Emoji 🦜🐝 in titles 👩‍🔬 considered harmful",
    "A long title " + "of many words " * 28,
    "W" * 200 + " is a word",
    r"Bounds of $O(\alpha^2 \log n)$ for \mathbb{R}^d \\ embeddings",
    "Turned \u202egnirts\u202c around\u2066\u200f and bro\ufffdken \x07",
    "=?utf-8?q?Bcc=3A?= \"quotes\" 'and' `ticks` | # @someone https://evil.example/" + "a" * 300,
)
AREAS = ("Language", "Vision & video", "", "Systems")
SIZES = (0, 1, 3, 24, 60, 255, 1000)
CODES = (
    Code(),
    Code(status="released", url="https://git.example/lab/bees", evidence="See it.", artefacts=("code", "model")),
    Code(status="promised", evidence="Code will be released\nsoon </p> {{x}}.", artefacts=("data",)),
    Code(status="released", url="http://old.example/", evidence="It is at http://old.example/."),
)


def an_issue(papers: int, hostile: bool = True, **changes: object) -> Issue:
    """So many papers with all a paper can have, every other title hostile."""
    entries = []
    for number in range(papers):
        title = (
            f"{HOSTILE[number // 2 % len(HOSTILE)]} {number}." if hostile and number % 2 else f"Bees at night {number}."
        )
        paper = a_paper(
            number,
            title=title,
            url=None if number % 11 == 5 else f"https://arxiv.org/abs/2611.{10000 + number}",
            arxiv_id=f"2611.{10000 + number}",
            authors=("Ada A. Author", "Bo <b>Bold</b>", "C", "D")[: number % 5],
            published=datetime(2026, 11, 18, tzinfo=UTC),
            categories=("cs.CL", "cs.LG"),
            upvotes=number % 50 or None,
        )
        said = an_annotation(
            paper,
            tag=f"tag-{number % 17}",
            code=CODES[number % 4],
            summary=f"We show that {title} is about {number} hives.",
            origin="fallback" if number % 13 == 3 else "llm",
            annotator=f"model-{number % 7}/prompt@abcdef",
        )
        entries.append(Entry(paper=paper, annotation=said))
    areas = {f"tag-{number}": AREAS[number % 4] for number in range(17) if AREAS[number % 4]}
    labels = {f"tag-{number}": f"Topic & {number}" for number in range(17)}
    problem = Problem(where="list.txt:7", what="is <odd> {{x}}", todo="mend it", lost=1)
    issue = compose("Papers", WEEK, entries, Ledger(read=papers, annotated=papers), labels, [problem], areas)
    pick = Pick(paper_id=entries[-1].paper.id, why="most votes (41), with code") if entries else None
    return issue.model_copy(update={"pick": pick, "carried": tuple(entries[:3]), **changes})


def personal(issue: Issue, listed: int = 6000) -> Issue:
    """The issue as of a newsletter with interests: reasons, papers for which there was no room, trends, notes."""
    said = iter(range(10**6))
    sections = [
        section.model_copy(update={"entries": tuple(reasoned(entry, next(said)) for entry in section.entries)})
        for section in issue.sections
    ]
    entries = [entry for section in sections for entry in section.entries]
    outside = Pick(paper_id=entries[0].paper.id, why="outside your usual: 41 votes") if entries else None
    others = [
        Listed(
            paper=a_paper(
                10_000 + number,
                title=f"{HOSTILE[number % 24 // 2]} listed {number}" if number % 2 else f"Kites over bays {number}",
                url=f"https://arxiv.org/abs/2612.{10000 + number}" if number % 7 else None,
                arxiv_id=f"2612.{10000 + number}",
                authors=("Ada A. Author", "Bo <b>Bold</b>", "C", "D")[: number % 5],
                abstract="",
            ),
            why="“kites” in the title; by C" if number % 3 else "",
        )
        for number in range(listed)
    ]
    trends = (
        Trend(kind="rising", name="Topic & {{1}}", now=14, before=6, issues=8),
        Trend(kind="rising", name="Kites", now=9, before=2.5, issues=8),
        Trend(kind="falling", name="Moths", now=1, before=1234.5, issues=8),
        Trend(kind="author", name="Ada <b>Author</b>", now=3, before=7, issues=8),
        Trend(kind="organisation", name="Hive Institute", now=1, before=4, issues=1),
    )
    return issue.model_copy(
        update={
            "sections": tuple(sections),
            "outside": outside,
            "listed": tuple(others),
            "trends": trends,
            "notes": ("No issue was made for 2026-W46; this one catches up.", "<b>*|NOTE|*</b> {{x}}\nof two lines"),
            "ledger": issue.ledger.model_copy(update={"read": issue.ledger.read + listed, "listed": listed}),
        }
    )


def reasoned(entry: Entry, number: int) -> Entry:
    """The entry with a score, with reasons that would do harm, and every other with a model's judgement."""
    model = {"relevance": number % 4, "why": "finds {{what}} <b>you</b> look for & more"} if number % 2 else {}
    why = f"“{HOSTILE[number % 12][:80]}” in the title; by Ada A. Author; like “Tides in bays” of your library"
    said = entry.annotation.model_copy(update=model)
    return entry.model_copy(update={"why": why, "score": 9 - number / 10, "annotation": said})


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def links(mail: Mail) -> list[str]:
    return [element.given["href"] for element in read(mail.html).done if element.tag == "a"]


def squeezed(text: str) -> str:
    return "".join(text.split())


def shown(mail: Mail) -> list[str]:
    """The papers of the HTML: headings of the third level and items of lists."""
    return ["".join(element.words) for element in read(mail.html).done if element.tag in ("h3", "li")]


def letter(mail: Mail) -> bytes:
    """The mail as a message to one reader, with the headers that a letter of a list has."""

    class Unfolded(policy.EmailPolicy):
        def fold(self, name: str, value: str) -> str:
            if name == "Subject":  # EmailMessage itself makes encoded words of 76 characters; RFC 2047 allows 75
                encoded = Header(value, "utf-8", maxlinelen=72, header_name=name).encode(linesep=self.linesep)
                return f"{name}: {encoded}\r\n"
            return f"{name}: {value}\r\n" if name == "List-Unsubscribe" else super().fold(name, value)

        def fold_binary(self, name: str, value: str) -> bytes:
            return self.fold(name, value).encode()

    own = "https://me.example/u/" + "t" * 200
    message = EmailMessage(policy=Unfolded(linesep="\r\n"))
    for name, value in {
        "From": "Paper Digest <digest@me.example>",
        "To": "reader@there.example",
        "Subject": mail.subject,
        "Date": "Sun, 22 Nov 2026 08:00:00 +0000",
        "Message-ID": "<2026-W47.abc@me.example>",
        "List-Id": "Papers <weekly.me.example>",
        "List-Unsubscribe": f"<{own}>, <mailto:leave@me.example>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }.items():
        message[name] = value
    message.set_content(mail.text.replace(UNSUBSCRIBE, own), cte="quoted-printable")
    message.add_alternative(mail.html.replace(UNSUBSCRIBE, own), subtype="html", cte="quoted-printable")
    return message.as_bytes()


@pytest.mark.parametrize("look", [LOOK, Look()], ids=["published", "unpublished"])
@pytest.mark.parametrize("papers", SIZES)
def test_a_mail_of_any_size_has_no_faults_and_is_not_clipped(papers: int, look: Look) -> None:
    mail = as_mail(an_issue(papers), look)

    assert faults(mail) == []
    assert len(mail.html.encode()) <= LIMIT


@pytest.mark.parametrize("feedback", ["", "mailto:me@example.org", "github:bees/papers"])
@pytest.mark.parametrize("papers", SIZES)
def test_a_personal_mail_of_any_size_has_no_faults_and_is_not_clipped(papers: int, feedback: str) -> None:
    issue = personal(an_issue(papers))

    for look in (LOOK.model_copy(update={"feedback": feedback}), Look(feedback=feedback)):
        mail = as_mail(issue, look)
        assert faults(mail) == []
        assert len(mail.html.encode()) <= LIMIT


def test_reasons_and_links_for_feedback_take_no_more_than_420_bytes_a_paper_and_push_nobody_out() -> None:
    issue = an_issue(FULL, hostile=False, carried=())
    reasons = personal(issue, listed=0).model_copy(update={"trends": (), "notes": ()})
    plainly, personally = as_mail(issue, LOOK), as_mail(reasons, ANSWERED)

    more = len(personally.html.encode()) - len(plainly.html.encode())

    assert personally.html.count(">More like this</a>") == FULL
    assert more < 420 * FULL


def test_why_a_paper_is_shown_is_said_in_both_parts_and_what_a_model_says_is_named_as_such() -> None:
    entry = an_issue(1, hostile=False, carried=()).sections[0].entries[0]
    said = entry.annotation.model_copy(update={"relevance": 3, "why": "counts hives as you do."})
    changes: tuple[dict[str, object], ...] = ({"annotation": said}, {}, {"why": ""})
    entries = tuple(
        entry.model_copy(
            update={"paper": a_paper(number, title=f"Bees {number}"), "why": "“bees” in the title; by A. One", **more}
        )
        for number, more in enumerate(changes)
    )
    issue = an_issue(1, carried=())
    section = issue.sections[0].model_copy(update={"entries": entries})
    pick = Pick(paper_id="p0", why="counts hives as you do.")

    mail = as_mail(issue.model_copy(update={"sections": (section,), "pick": pick}), LOOK)

    html = " ".join("".join(said for _, said in read(mail.html).runs).split())
    for part in (html, " ".join(mail.text.split())):
        assert "Why this one: counts hives as you do (says the model); “bees” in the title; by A. One" in part
        assert part.count("Why: “bees” in the title; by A. One") == part.count("Why: ") == 1


def test_the_paper_from_outside_stands_in_a_box_of_its_own_and_only_there() -> None:
    issue = personal(an_issue(255, hostile=False, carried=()), listed=0)

    mail = as_mail(issue, LOOK)

    title = named_by(issue.outside, entries(issue)).paper.title  # type: ignore[union-attr]
    headings = ["".join(element.words) for element in read(mail.html).done if element.tag in ("h2", "h3", "li")]
    assert headings[0] == "If you read one"
    assert headings[2:4] == ["Outside your usual", title]
    assert headings.count(title) == mail.text.count(f"* {title}") == 1
    assert "Why this one: 41 votes" in mail.text
    assert mail.text.index("== OUTSIDE YOUR USUAL ==") < mail.text.index(f"* {title}")


def test_a_pick_that_is_from_outside_has_one_box() -> None:
    issue = personal(an_issue(8), listed=0)
    both = issue.model_copy(update={"pick": issue.outside})

    mail = as_mail(both, LOOK)

    assert "Outside your usual" not in mail.html
    assert faults(mail) == []


def test_of_six_thousand_papers_without_room_ten_are_named_and_the_others_counted() -> None:
    mail = as_mail(personal(an_issue(24)), LOOK)

    assert len(re.findall("<li ", mail.html)) == TITLES
    assert "https://me.example/papers/2026-W47.html#_listed" in links(mail)
    assert "and 5,990 more in the list of the full issue:\nhttps://me.example/papers/2026-W47.html" in mail.text
    assert mail.subject.startswith("24 of 6,024 papers, ")


def test_trends_and_notes_stand_in_both_parts() -> None:
    mail = as_mail(personal(an_issue(3), listed=0), LOOK)

    html = " ".join("".join(said for _, said in read(mail.html).runs).split())
    for part in (html, " ".join(mail.text.split())):
        assert "Rising: Topic & { {1}} 14 (6 on average), Kites 9 (2.5 on average)" in part
        assert "Falling: Moths 1 (1,234.5 on average)" in part
        assert "3 papers, 7 in the 8 issues before" in part
        assert "Here again: Hive Institute, 1 paper, 4 in the issue before" in part
        assert "No issue was made for 2026-W46; this one catches up." in part
        assert "NOTE" in part
        assert "of two lines" in part


def test_a_link_for_feedback_begins_a_mail_or_an_issue_that_says_which_paper() -> None:
    issue = an_issue(1, hostile=False, carried=())

    by_mail = as_mail(issue, ANSWERED)
    by_issue = as_mail(issue, Look(feedback="github:bees/papers"))

    assert f"{MAILTO}digestor%3A%20more%20p0%20%C2%B7%202026-W47" in links(by_mail)
    assert f"{MAILTO}digestor%3A%20less%20p0%20%C2%B7%202026-W47" in links(by_mail)
    assert [link for link in links(by_issue) if "title=digestor%3A%20less%20p0" in link]
    assert "https://github.com/bees/papers/issues/new" in by_issue.text.splitlines()
    assert "digestor: more ID" in " ".join(by_mail.text.split())


@pytest.mark.parametrize("id", ["x" * 1500, "{{x}}", "a b\u202e"])
def test_an_id_of_any_kind_makes_links_that_a_mail_may_have_or_none(id: str) -> None:
    issue = an_issue(1, hostile=False, carried=())
    entry = issue.sections[0].entries[0]
    entry = entry.model_copy(update={"paper": entry.paper.model_copy(update={"id": id})})
    section = issue.sections[0].model_copy(update={"entries": (entry,)})

    assert faults(as_mail(issue.model_copy(update={"sections": (section,), "pick": None}), ANSWERED)) == []


def test_where_wishes_are_known_they_decide_which_papers_are_let_in() -> None:
    issue = personal(an_issue(255), listed=0)

    order = ranked(issue)

    assert order[0].paper.id == "p254"
    assert order[1].paper.id == issue.outside.paper_id  # type: ignore[union-attr]
    judged = [entry.annotation.relevance for entry in order[2:]]
    assert judged[:40] == [3] * 40
    assert judged[-40:] == [1] * 40
    best = [entry.score or 0.0 for entry in order[2:42]]
    assert best == sorted(best, reverse=True)


@pytest.mark.skipif(not LINT.exists(), reason="the checker of messages is not here")
@pytest.mark.parametrize("papers", SIZES)
def test_a_checker_that_is_not_ours_finds_nothing(papers: int, tmp_path: Path) -> None:
    file = tmp_path / "issue.eml"
    file.write_bytes(letter(as_mail(an_issue(papers), LOOK)))
    more = tmp_path / "personal.eml"
    more.write_bytes(letter(as_mail(personal(an_issue(papers)), ANSWERED)).replace(b"reader@", b"other@"))

    done = subprocess.run([sys.executable, LINT, "-q", file], capture_output=True, text=True, check=False)
    again = subprocess.run([sys.executable, LINT, "-q", more], capture_output=True, text=True, check=False)

    assert (done.stdout, again.stdout) == ("0 violations\n", "0 violations\n")


@pytest.mark.skipif(not LINT.exists(), reason="the checker of messages is not here")
def test_a_checker_that_is_not_ours_finds_every_paper_in_both_parts(tmp_path: Path) -> None:
    issue = an_issue(60)
    said = [entry for section in issue.sections for entry in section.entries]
    papers = [
        {
            "title": plain(entry.paper.title, 1000),
            "url": entry.paper.url,
            "summary": plain(entry.annotation.summary or "", 1000),
        }
        for entry in said
    ]
    (tmp_path / "papers.json").write_text(json.dumps(papers), encoding="utf-8")
    (tmp_path / "issue.eml").write_bytes(letter(as_mail(issue, LOOK)))

    done = subprocess.run(
        [sys.executable, LINT, "-q", "--papers", tmp_path / "papers.json", tmp_path / "issue.eml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "0 violations\n"


@pytest.mark.parametrize("papers", [1, 24, 60, 255, 1000])
def test_no_paper_is_lost_none_stands_twice_and_both_parts_have_the_same_order(papers: int) -> None:
    issue = an_issue(papers, carried=())
    mail = as_mail(issue, Look())

    listed = [squeezed(title) for title in shown(mail)]
    titles = {squeezed(plain(entry.paper.title, 1000)) for section in issue.sections for entry in section.entries}
    found = [title for line in listed for title in titles if re.match(re.escape(title) + r"(arXiv:|$)", line)]
    more = re.search(r"and ([\d,]+) more in the full issue", mail.text)

    assert len(found) == len(set(found))
    assert len(found) + (int(more[1].replace(",", "")) if more else 0) == papers
    text = squeezed(mail.text)
    assert found == sorted(found, key=lambda title: text.index(f"*{title}"))


def test_what_does_not_fit_is_counted_where_the_ledger_is() -> None:
    mail = as_mail(an_issue(1000), LOOK)

    found = re.search(
        r"(\d+) are above in full, (\d+) by title, (\d+) only in the full issue", " ".join(mail.text.split())
    )

    assert found
    assert int(found[1]) <= FULL
    assert sum(map(int, found.groups())) == 1000


def test_every_paper_has_its_byline_its_line_and_its_flag_in_words_in_both_parts() -> None:
    issue = an_issue(8, hostile=False)

    mail = as_mail(issue, LOOK)

    html = " ".join("".join(said for _, said in read(mail.html).runs).split())
    for part in (html, " ".join(mail.text.split())):
        assert "We show that Bees at night 6. is about 6 hives." in part
        assert (
            "Ada A. Author, Bo <b>Bold</b>, C et al. · cs.CL · 18 November 2026 · 4 votes".replace(
                "<b>Bold</b>", "<b>Bold</b>" if part is html else "< b>Bold< /b>"
            )
            in part
        )
        assert "Data promised: “Code will be released soon" in part
        assert "No code found" in part
        assert "Why this one: most votes (41), with code" in part
        assert "list.txt:7: is <odd> { {x}}; mend it" in part
    assert html.count("from the abstract") == mail.text.lower().count("from the abstract") == 1


def test_with_no_page_to_link_to_nothing_links_to_one() -> None:
    mail = as_mail(an_issue(255), Look())

    assert "in the browser" not in mail.html + mail.text
    assert {link.split("/")[2] for link in links(mail)} == {"arxiv.org", "git.example", "unsubscribe.invalid"}


def test_the_contents_lead_to_the_web_copy() -> None:
    issue = an_issue(3, hostile=False)

    mail = as_mail(issue, LOOK)

    assert links(mail)[0] == "https://me.example/papers/2026-W47.html"
    assert f"https://me.example/papers/2026-W47.html#{issue.sections[0].tag}" in links(mail)
    assert not [link for link in links(mail) if link.startswith("#")]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://plain.example/", "https://a.example/" + "x" * 950, "https://a.example/%7B%7Bx"],
)
def test_an_address_that_a_mail_may_not_link_to_is_no_link(url: str) -> None:
    issue = an_issue(1, hostile=False, carried=())
    entry = issue.sections[0].entries[0]
    paper = entry.paper.model_copy(update={"url": url})
    section = issue.sections[0].model_copy(update={"entries": (entry.model_copy(update={"paper": paper}),)})

    mail = as_mail(issue.model_copy(update={"sections": (section,)}), LOOK)

    assert faults(mail) == []
    assert url not in links(mail)
    assert ("http://plain.example/" in mail.html) == ("http://plain.example/" in mail.text) == url.startswith("http:")


def test_an_address_that_metadata_name_and_a_mail_may_not_link_to_is_said() -> None:
    issue = an_issue(1, hostile=False, carried=())
    entry = issue.sections[0].entries[0]
    code = Code(status="released", url="http://old.example/bees", found_in="metadata")
    said = entry.annotation.model_copy(update={"code": code})
    section = issue.sections[0].model_copy(update={"entries": (entry.model_copy(update={"annotation": said}),)})

    mail = as_mail(issue.model_copy(update={"sections": (section,)}), LOOK)

    assert "Code: “http://old.example/bees”" in mail.text
    assert "</strong>: “http://old.example/bees”" in mail.html


def test_titles_that_run_from_right_to_left_say_so_and_no_others() -> None:
    html = as_mail(an_issue(24), LOOK).html

    directed = [element for element in read(html).done if "dir" in element.given and element.tag == "h3"]

    assert {re.sub(r" \d+\.$", "", "".join(element.words)) for element in directed} == {HOSTILE[3], HOSTILE[4]}


def test_the_pick_is_let_in_first_then_code_and_votes() -> None:
    issue = an_issue(255)

    order = ranked(issue)

    assert order[0].paper.id == "p254"
    flags = [entry.annotation.code.status == "released" for entry in order[1:]]
    assert flags == sorted(flags, reverse=True)
    assert len({entry.paper.id for entry in order}) == 255


def test_a_frame_full_of_hostile_words_still_fits() -> None:
    issue = an_issue(255)
    entries = tuple(entry for section in issue.sections for entry in section.entries)
    long = tuple(
        entry.model_copy(update={"paper": entry.paper.model_copy(update={"title": "&<" * 5000})}) for entry in entries
    )
    problems = tuple(Problem(where="w" * 900, what='"' * 9000) for _ in range(100))

    mail = as_mail(issue.model_copy(update={"title": "&" * 9000, "carried": long, "problems": problems}), LOOK)

    assert faults(mail) == []
    assert re.search(r"and 2\d\d more in the full issue", mail.text)
    assert "and 92 problems more" in mail.text


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_most_that_fits_is_found(top: int, limit: int) -> None:
    assert most(top, lambda number: number <= limit) == min(top, limit)


def test_the_same_issue_gives_the_same_bytes() -> None:
    assert as_mail(an_issue(80), LOOK) == as_mail(Issue.model_validate_json(an_issue(80).model_dump_json()), LOOK)


@settings(max_examples=40)
@given(st.text(min_size=1).filter(lambda text: text.splitlines() == [text] and text.strip()))
def test_any_title_and_line_make_a_mail_without_faults(text: str) -> None:
    issue = an_issue(1, hostile=False)
    entry = issue.sections[0].entries[0]
    entry = entry.model_copy(
        update={
            "paper": entry.paper.model_copy(update={"title": text}),
            "annotation": entry.annotation.model_copy(update={"summary": text}),
        }
    )
    section = issue.sections[0].model_copy(update={"entries": (entry,), "title": text})

    assert faults(as_mail(issue.model_copy(update={"sections": (section,), "title": text}), LOOK)) == []


def test_what_cannot_be_seen_leaves_no_gap_in_the_preheader() -> None:
    issue = an_issue(1, hostile=False)
    entry = issue.sections[0].entries[0]
    bare = entry.model_copy(update={"paper": entry.paper.model_copy(update={"title": "\x1b 0"})})
    section = issue.sections[0].model_copy(update={"entries": (bare,)})

    mail = as_mail(issue.model_copy(update={"sections": (section,)}), LOOK)

    assert "  " not in mail.preheader
    assert faults(mail) == []


def test_plain_text_is_72_columns_wide_save_for_addresses() -> None:
    text = as_mail(an_issue(60), LOOK).text

    assert [line for line in text.splitlines() if len(line) > 72 and "://" not in line] == []


def test_an_address_in_the_text_stands_alone_on_its_line() -> None:
    text = as_mail(an_issue(8, hostile=False), LOOK).text

    assert [line for line in text.splitlines() if "https://" in line and not re.fullmatch(r" *https://\S+", line)] == []


def test_words_like_tags_and_entities_are_held_apart_in_the_text_only() -> None:
    assert wrapped("<s>x</s> &amp; &notanentity; a<b>c 1 < 2 & 3") == "< s>x< /s> & amp; &notanentity; a< b>c 1 < 2 & 3"


def test_an_address_is_shortened_to_what_tells_it_apart() -> None:
    assert short("https://www.github.com/lab/bees/?tab=readme#top") == "github.com/lab/bees"


@pytest.mark.parametrize("scheme", ["light", "dark", "forced"])
@pytest.mark.parametrize("width", [600, 320])
def test_a_mail_fits_the_window_and_is_accessible(browser: Browser, width: int, scheme: Scheme) -> None:
    html = as_mail(personal(an_issue(80)), ANSWERED).html

    with browser.page(html, width=width, scheme=scheme) as page:
        assert overflow(page) == []
        assert axe(page, off=MAIL) == []
        assert browser.refused == []
