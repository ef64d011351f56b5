"""Every fault that would stop a mail is found when it is made, and none in a clean mail."""

import re

import pytest

from digestor.models import UNSUBSCRIBE, Mail
from digestor.render.lint import CLIP, faults
from digestor.render.look import Look
from digestor.render.mail import as_mail
from digestor.render.reading import contrast, declared, in_the_dark
from tests.test_mail import an_issue

CLEAN = as_mail(an_issue(6, hostile=False), Look(url="https://me.example/"))
ANCHOR = f'<a class="a" style="color:#0b5c8a" href="{UNSUBSCRIBE}">Unsubscribe</a>'


def test_a_clean_mail_has_no_faults() -> None:
    assert faults(CLEAN) == []


MUTATIONS = [
    ("html", "<!doctype html>", "", "doctype"),
    ("html", ' lang="en"', "", "language"),
    ("html", ' lang="en"', ' lang="?"', "language"),
    ("html", r"<title>.*?</title>", "<title> </title>", "<title>"),
    ("html", '<meta name="viewport".*?>', "", "viewport"),
    ("html", '<meta name="color-scheme".*?>', "", "dark mode"),
    ("html", "prefers-color-scheme: dark", "print", "dark mode"),
    ("html", "</head>", "<script>1</script></head>", "<script>"),
    ("html", "</td></tr></table>", "<form></form></td></tr></table>", "<form>"),
    ("html", "</td></tr></table>", "<svg/></td></tr></table>", "<svg>"),
    ("html", "<h1 ", '<h1 onclick="x" ', "run something"),
    ("html", "<head>", '<head><meta http-equiv="Refresh" content="0">', "run something"),
    ("html", 'role="presentation"', "", "presentation"),
    ("html", "<h1", '<img src="https://x.example/a.png" width="9"><h1', "alt"),
    ("html", "<h1", '<img src="https://x.example/a.png" alt=""><h1', "width"),
    ("html", "<h1", '<img src="http://x.example/a.png" alt="" width="9"><h1', "https"),
    ("html", "<h1", '<img src="data:image/png;base64,AA" alt="" width="9"><h1', "https"),
    ("html", r"<h1 .*?</h1>", "", "0 <h1>"),
    ("html", r"(<h1 .*?</h1>)", r"\1\1", "2 <h1>"),
    ("html", r"<h1 .*?</h1>", "<h1> </h1>", "heading is empty"),
    ("html", r"<h2 (.*?)</h2>", r"<h4 \1</h4>", "level"),
    ("html", "https://arxiv.org", "http://arxiv.org", "neither https"),
    ("html", "https://me.example/2026-W47.html#tag-0", "#tag-0", "neither https"),
    ("html", "https://git.example/lab/bees", "javascript:alert(1)", "neither https"),
    ("html", "https://git.example/lab/bees", "https://git .example/", "neither https"),
    ("html", "https://git.example/lab/bees", "https://[git/", "neither https"),
    ("html", "https://git.example/lab/bees", "mailto:nobody", "neither https"),
    ("html", ">Read it in the browser<", "><", "no words"),
    ("html", re.escape(ANCHOR), "", "HTML has no link to unsubscribe"),
    ("html", ">Unsubscribe<", ">Bye<", "HTML has no link to unsubscribe"),
    ("text", UNSUBSCRIBE, "", "text has no link to unsubscribe"),
    ("text", "Unsubscribe:", "", "text has no link to unsubscribe"),
    ("html", "display:none;", "", "preheader"),
    ("html", r"(?s)<body(.*?)>.*</body>", r"<body\1></body>", "no words"),
    ("html", "Top pick", "Top  pick of", "preheader in the HTML"),
    ("html", "<style>", "<style>@import 'x.css';", "loaded from outside"),
    ("html", "<style>", "<style>@font-face{src:local(x)}", "loaded from outside"),
    ("html", "padding:0", "background:url(https://x.example/a.png)", "loaded from outside"),
    ("html", "<style>", "<style>" + "p{}" * 6000, "16,384"),
    ("html", "<style>", "<style>@media all { @media print { p {} } }", "at-rule"),
    ("html", "</body>", f"<p>{'x' * CLIP}</p></body>", "clips"),
    ("html", "color:#5b626b", "color:#9b9fa4", "too faint in light"),
    ("html", "color: #a7aeb7", "color: #5b626b", "too faint in dark"),
    ("html", "background-color:#eef3f5", "background-color:#567", "too faint in light"),
    ("html", 'class="a" ', "", "too faint in dark"),
    ("html", "No code found", "{{ code }}", "placeholder"),
    ("html", "https://git.example/lab/bees", "https://git.example/%7B%7Bx", "placeholder"),
    ("text", "No code found", "*|CODE|*", "placeholder"),
    ("text", "No code found", "{% if %}", "placeholder"),
    ("html", "No code found", "No\u202e code", "cannot be seen"),
    ("text", "No code found", "No code\ufffd", "cannot be seen"),
    ("text", "No code found", "<p>No code", "tag or an entity"),
    ("text", "No code found", "No&nbsp;code", "tag or an entity"),
    ("text", "No code found", "x" * 1000, "998"),
    ("html", r"Bees at night 2\.</a></h3>", "Wasps</a></h3>", "in the HTML but not in the text"),
    ("text", "  https://git.example/lab/bees\n", "", "not on a line of the text"),
    ("text", "https://arxiv.org/abs/2611.10002", "https://x.example/", "link of the text is not in the HTML"),
    ("text", r"\* Bees at night 2\.\n", "* Wasps at noon\n* Bees at night 2.\n", "in the text but not in the HTML"),
    ("subject", ".+", "", "subject is empty"),
    ("subject", "$", " and so on" * 8, "78"),
    ("subject", "^", "Bcc: x\n", "line break"),
    ("subject", "^", "\u202e", "cannot be seen"),
    ("subject", "^", "*|FNAME|* ", "placeholder"),
    ("preheader", ".+", "short", "preheader has 5"),
    ("preheader", "$", "long " * 30, "it takes 30 to 150"),
    ("preheader", "Top", "Top\t", "line break"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "pattern", "instead", "fault"), MUTATIONS)
def test_a_fault_is_found(part: str, pattern: str, instead: str, fault: str) -> None:
    before: str = getattr(CLEAN, part)
    pattern = pattern.replace(".", r"\.") if pattern.startswith("https:") else pattern
    after = re.sub(pattern, instead, before)
    assert after != before

    found = faults(CLEAN.model_copy(update={part: after}))

    assert [line for line in found if fault in line]


ASKING = as_mail(an_issue(6, hostile=False), Look(feedback="github:bees/papers"))


def test_a_sentence_of_the_text_stands_for_all_links_for_feedback_and_for_no_others() -> None:
    assert ASKING.html.count("https://github.com/bees/papers/issues/new?title=digestor%3A%20") == 12
    assert faults(ASKING) == []

    other = ASKING.html.replace("?title=digestor%3A%20more", "?title=x")

    assert "not on a line of the text" in " ".join(faults(ASKING.model_copy(update={"html": other})))


def test_a_title_that_begins_a_line_with_an_address_is_no_link_of_the_text() -> None:
    html = CLEAN.html.replace("Bees at night 2.", "Bees at https://x.example/ and more")
    text = CLEAN.text.replace("* Bees at night 2.", "* Bees at\n  https://x.example/ and more")
    assert (html, text) != (CLEAN.html, CLEAN.text)

    assert faults(CLEAN.model_copy(update={"html": html, "text": text})) == []


def test_what_a_readers_own_address_adds_is_counted() -> None:
    room = CLIP - 300 - len(CLEAN.html.encode())
    html = CLEAN.html.replace("<head>", f"<head><!--{'x' * room}-->")

    assert len(html.encode()) < CLIP
    assert "clips" in " ".join(faults(CLEAN.model_copy(update={"html": html})))


@pytest.mark.parametrize("html", ["", "<", "<![if", "</p></p>", "<a", "<style>", "\x00", "<!doctype html" * 9])
def test_html_that_is_none_has_faults_and_breaks_nothing(html: str) -> None:
    assert faults(Mail(subject="s", preheader="p", html=html, text=""))


def test_contrast_is_as_wcag_counts() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_styles_and_dark_rules_are_read() -> None:
    assert declared("color:#FFF; margin : 0 !important;;") == {"color": "#FFF", "margin": "0"}
    assert in_the_dark("@media (prefers-color-scheme: dark) { .a, p { color: #fff } } .b { color: #000 }") == {
        ".a": {"color": "#fff"},
        "p": {"color": "#fff"},
    }
