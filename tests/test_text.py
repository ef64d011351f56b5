"""The one place where odd characters are dealt with."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.text.cleaning import ABSTRACT, TITLE, clean, clean_line
from digestor.text.latex import readable

MARKUP = r"""\% \eg \'n \"o {\'e} \textbf{ \frac{a}{b} \alpha $ $x_i$ _{ ^{2} } { ~ `` '' ` & &amp; &lt; &#x27; &amp;lt;
    < > <p> </p> <sub> <b times sim 384 0.6 . , -- https://a.org/b~c \\ \{ \_ Ã© â€™ x<y word Word 100% A* __init__"""
BLANKS = [" ", "\n", "\n\n", "\n  ", "\t", "\r", "\u00a0", "\x85", "\u2028"]
UNSEEN = ["\u200b", "\u200d", "\u202e", "\u0301", "\ud800", "\x00"]
PIECES = st.sampled_from([*MARKUP.split(), *BLANKS, *UNSEEN])
ODD = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join))


@settings(max_examples=400, deadline=None)
@given(ODD)
def test_cleaning_clean_text_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@settings(max_examples=200, deadline=None)
@given(ODD)
def test_clean_text_has_only_characters_that_can_be_seen(text: str) -> None:
    cleaned = clean(text)

    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
    assert not set(cleaned) & set("\u202e\u2066\u200b\ufeff\u00ad\u2028\u2029\x85")
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert len(clean_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "if x<y<z then p<0.05 for 50% of A* runs on C*-algebras",
        "only ~10% of **kwargs in __init__ (R^2 ~ 0.9)",
        "A ticket is $3 by day and $7 by night {and no more",
        "sometimes a timeseries is 3 times 3, and 25 times slower",
        "from sim2real to sim-to-real, similar sims",
        "see https://example.org/~name/a_b?x=1&copy=2#c for more",
        "{{ 7*7 }} {% for x in y %} ${z} <%= 1 %> &unknown; <!DOCTYPE x>",
        "![x](https://example.org/p.png) [1]: y ``` and ~~~ <|im_end|>",
        "AT&T & R&D; ranges of 10~20 and x~N(0,1)",
        "عربي می‌خواهم हिन्दी क्‍ष",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"cuts cost by 34.7\% \& more", "cuts cost by 34.7% & more"),
        ("half of it % is no comment", "half of it % is no comment"),
        (r"parts (\eg adapters, \ie small ones) by Lee \etal", "parts (e.g. adapters, i.e. small ones) by Lee et al."),
        (r"Pa\'nstwowy, Erd\H{o}s, S{\o}ren, \'{\i}, {\'e}, \c{c}", "Państwowy, Erdős, Søren, í, é, ç"),
        ("models~(LMs) of Fig.~2, Model~2.0", "models (LMs) of Fig. 2, Model 2.0"),
        ("``quoted'' and `once'", "\"quoted\" and 'once'"),
        (r"\textbf{bold \emph{and} more} \unknown{kept} \macro stays", "bold and more kept macro stays"),
        (r"for $x_i$, $n$ and $\alpha \leq 2^{10}$, $O(n\log n)$", "for x_i, n and α ≤ 2^10, O(n log n)"),
        (r"$\frac{a}{b+1}$, $\sqrt{n}$, $\mathcal{O}(\{1,2\})$, $\tilde{O}$", "a/(b+1), √n, O({1,2}), Õ"),
        (r"as shown~\cite{me2020} and in \href{https://a.org}{the page}", "as shown and in the page (https://a.org)"),
        (r"{\em leaning} words, a \"quoted\" one", 'leaning words, a "quoted" one'),
        ("to enhance} things", "to enhance things"),
        (r"Half a formula $y_{k and a {brace \textbf{bold", "Half a formula $y_{k and a {brace bold"),
    ],
)
def test_latex_is_said_as_a_reader_would(text: str, said: str) -> None:
    assert clean(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at 384times384, 40times faster, 3times3times3", "at 384×384, 40× faster, 3×3×3"),
        ("a loss of sim0.6, 20sim 100 samples, sim10k", "a loss of ~0.6, 20~100 samples, ~10k"),
        ("bounds of mathcal{O}(1/n)", "bounds of O(1/n)"),
    ],
)
def test_maths_that_a_site_stripped_is_put_right(text: str, said: str) -> None:
    assert clean(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "<jats:title>Aim</jats:title><jats:p>CO<sub>2</sub> rose.</jats:p><p>So what.</p>",
            "Aim: CO2 rose.\nSo what.",
        ),
        ("10<sup>-4</sup> of 3<sup>rd</sup>", "10^-4 of 3rd"),
        ('see <a href="https://a.org/b">the code</a>', "see the code (https://a.org/b)"),
        ("p&lt;0.05, p&amp;lt;0.05, it&#x27;s, &eacute;", "p<0.05, p<0.05, it's, é"),
        ("a <b and c> d", "a <b and c> d"),
        ("odd <script>alert(1)</script> words", "odd <script>alert(1)</script> words"),
    ],
)
def test_known_tags_and_entities_go_and_others_stay_inert(text: str, said: str) -> None:
    assert clean(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Zero\u200bWidth\u200c Join\u200der\ufeff soft\u00adhyphen", "ZeroWidth Joiner softhyphen"),
        ("safe \u202eelpmaxe\u202c \u2066x\u2069", "safe elpmaxe x"),
        ("hidden\U000e0069\U000e0067 tags", "hidden tags"),
        ("Cafe\u0301 A\u030angstro\u0308m", "Café Ångström"),
        ("SchrÃ¶dinger and MÃ¼nchhausenâ€™s", "Schrödinger and Münchhausen’s"),
        ("a" + "\u0316" * 50 + "b", "a\u0316\u0316\u0316b"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("pair \ud83d\ude00 joined", "pair 😀 joined"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("full\u3000width\u00a0blanks", "full width blanks"),
    ],
)
def test_characters_nobody_sees_are_gone(text: str, said: str) -> None:
    assert clean(text) == said


def test_hard_wraps_are_joined_and_paragraphs_kept() -> None:
    assert clean("\n\n  First   part\nwrapped line.\n  Second part.  \n") == "First part wrapped line.\nSecond part."
    assert clean("One ends.\nTwo ends.") == "One ends.\nTwo ends."
    assert (
        clean("A line that is\nwrapped. It ends.\nHere it goes\non.")
        == "A line that is wrapped. It ends. Here it goes on."
    )
    assert clean("One.\r\n\r\nTwo.") == "One.\nTwo."


def test_a_title_is_always_one_line() -> None:
    assert clean_line("Tides\u2028To: c@d.e\u2029P\x85Q\x0bR\x0cS") == "Tides To: c@d.e P Q R S"


def test_a_blank_before_a_full_stop_goes_and_the_address_stays_whole() -> None:
    assert clean("Code: https://a.org/b.c/d . Done ,really , yes") == "Code: https://a.org/b.c/d. Done ,really, yes"


def test_what_is_too_long_is_cut_at_a_word() -> None:
    title, abstract = clean_line("word " * 1_000), clean("words " * 10_000)

    assert len(title) <= TITLE
    assert title.endswith(" word…")
    assert ABSTRACT - 10 < len(abstract) <= ABSTRACT


@pytest.mark.parametrize(
    "unit",
    ["&amp;", "&#38;", r"\a{", "{", "}a ", "$", "$a ", "<b ", '<b a="', "``a", "ab~", "a\u0301\u0316", "\n ", " .",
     "_{a", r"\frac{a}{", "Ã©", "\ud800", '<a href="http://a', r"\'{", "1times", "(((a+)+)+ www. http://http://"],
)  # fmt: skip
def test_a_long_hostile_text_is_cleaned_for_good(unit: str) -> None:
    cleaned = clean(unit * (300_000 // len(unit)))

    assert len(cleaned) <= ABSTRACT
    assert clean(cleaned) == cleaned


@settings(max_examples=100, deadline=None)
@given(ODD)
def test_any_text_can_be_read_as_latex(text: str) -> None:
    assert isinstance(readable(text), str)
