"""The form of a line: what a chat model wraps around it, and whether it was cut off."""

import re
from collections.abc import Sequence

CHAT = re.compile(
    r"""(?ix) \A \W* (?:
    (?:sure|certainly|of\ course|absolutely|great|okay|ok|got\ it|understood|here\ you\ go|no\ problem)
      \s*[,!.:—–-]+ \s* (?=\S)
    | here(?:['’]s|\ is|\ are) \s [^:.!?]{0,100} [:!] \s*
    | (?:the\ |a\ |my\ |your\ |in\ |this\ is\ (?:a\ |the\ )? )?
      (?:(?:short|brief|concise|quick|final|one|single|1|paper|article|abstract)[\s-]+){0,3}
      (?:line|sentence|word)? [\s-]*
      (?:tl\s?;?\s?dr|summary|summari[sz]ation|sentence|line|answer|output|response|result|takeaway|gist|one[\s-]?liner|
         in\ short|conclusion)
      (?:\ (?:of|for)\ (?:the|this)\ (?:paper|abstract|article|work|study))? \s*
      (?::|\ [-—–]|—|–) \s*
    | tl\s?;\s?dr \b \s*[,.]? \s*
    | (?:based\ on|according\ to|from)\ (?:the|this|your)\ (?:provided\ |given\ )?(?:abstract|text|title)
      [^,:]{0,40} [,:] \s*
    )""",
)
"""What a chat model says before the line: "Sure!", "Here is a summary:", "TL;DR:", "Summary -"."""

SPOKEN = re.compile(
    r"(?i)\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b[^.]{0,40}\b(?:i|we)\b"
    r"|\bi(?:['’]m| am) (?:sorry|unable|not able|afraid)\b|\bi (?:cannot|can['’]t|could not|couldn['’]t)\b"
    r"|\bi apologi[sz]e|\blet me know\b|\bhope (?:this|that) helps\b|\bhappy to help\b|\bfeel free to\b"
    r"|\bwould you like\b|\bplease provide\b|\bdo you want me\b|\bno abstract (?:was|is|has been)\b"
    r"|\bthe provided (?:abstract|text)\b|\bthe given abstract\b"
)
"""A model speaking to whom it serves, not of the paper."""

CHATTER = re.compile(
    r"(?i)\A\W*(?:let me know|i hope|hope (?:this|that)|feel free|please|would you|do you|if you|is there|note\b|"
    r"\(?word count|this (?:summary|sentence|line)|i (?:have|can|could|kept|tried)|happy to|thanks|thank you|"
    r"words?:|tags?:|code:|\(?\d+ words)"
)
"""A sentence after the line that is no part of it."""

POINTS_BACK = re.compile(
    r"\A(?:It|They|Its|Their|This (?!paper|work|article|study|survey|thesis|report)\w+|These|Such|The (?:method|"
    r"approach|model|framework|system|technique|algorithm|results?|proposed|resulting|authors|code)|Results|Experiments|"
    r"Evaluations?|Empirical\w*|Experimental\w*|Extensive|Code|Additionally|Moreover|Furthermore|We also)\b"
)
"""How a sentence begins that only says more of what the one before has named; that one can stand alone."""

OWN_WORK = re.compile(
    r"\b(?:we|our|this (?:paper|work|article|study|survey|thesis|report)|"
    r"(?:propos|introduc|present|develop|describ|investigat|demonstrat|explor|stud(?:i|y))(?:es|s))\b",
    re.IGNORECASE,
)
"""A sentence that tells what the paper does; it can stand alone, whatever follows."""

MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{1,300})\]\((?:https?://|www\.|mailto:|/|#)[^\s()]{0,500}\)")
EMPHASIS = re.compile(r"(\*\*|__|~~|`{1,3})(?=\S)(.{1,500}?)(?<=\S)\1")
LIGHT = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^*_]{1,300})(?<=[^\s*_])\1(?![\w*])")
BULLET = re.compile(r"\A(?:[-*+•‣▪>#]+\s+|#{1,6}\s*|\d{1,2}[.)]\s+(?=[A-Z]))+")
TAG = re.compile(
    r"</?(?:a|b|i|em|strong|code|p|br|span|div|ul|ol|li|sup|sub|h[1-6]|u|s|small|mark)(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
FENCE = re.compile(r"```[a-z]*", re.IGNORECASE)
BLANK = re.compile(r"[\s\x00-\x20\x7f-\x9f\u200b\u2028\u2029\ufeff]+")
MARKUP = re.compile(
    rf"{MARKDOWN_LINK.pattern}|\*\*|(?<!`)`[^`'\n]{{1,80}}`(?!`)|```|{TAG.pattern}|\A(?:[-*+•‣▪>#]+\s)|\A#{{1,6}}\s",
    re.IGNORECASE,
)
QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("'", "'"), ("‘", "’"), ("`", "`"))

URL = re.compile(
    r"(?i)\b(?:https?://|ftp://|www\.)[^\s<>\"]+|\b[a-z0-9-]{2,40}\.(?:com|org|net|io|ai|edu|gov|dev)(?:/[^\s<>\"]*)?(?![\w.@-])"
)

WHOLE_TEXT = 2000
"""Characters from which on a reply is a text, not a line with some wrapping."""
OPEN_ENDED = frozenset(
    """a an the and or but nor of for with by from as at into onto via than that which who whose when where
    whereas if because since although though our their its his her your my every each such among during
    toward towards using called named including e.g i.e eg ie neither we they per until unless whether
    to""".split()
)
"""Hardly a sentence ends in one of these words, with a full stop or without."""
DANGLING = frozenset(
    """in on up out over off by for with from to at of which this these those is are was were be been being has
    have had do does can could will would may might should must either both not more most very so within
    without across under between through against upon while about""".split()
)
"""These may end one ("the data it was trained on.", "no matter how deep they are."): suspect without a full stop."""
ATTRIBUTE = re.compile(
    r"(?:novel|new|deep|neural|large|small|various|different|several|many|simple|multiple|existing|previous|recent|certain|convolutional|"
    r"recurrent|generative|adversarial|hierarchical|state-of-the-art|\w{3,}(?:ional|ical|ous|ful|aneous|istic|atic|wise))\Z"
)
"""Adjectives that want a noun: at the end of a line without a full stop, unless "is" or "more" comes before."""
COPULA = frozenset(
    "is are was were be become becomes remain remains more less most very and or as being not highly both".split()
)
FORMS = frozenset(
    """s es d ed ing ings ion ions e er ers r rs ly al able ity ment ments ness n ive ively ation ations
    ization isation ize ise set sets base bases up ups point points""".split()
) | {""}
"""What a whole word may lack against its form in the source: "train" is no half of "training"."""


def tidy(line: str) -> str:
    """A line without what a chat model wraps around it: its opening words, Markdown, quotes, line breaks.

    Above `WHOLE_TEXT` characters it is no line, and only its blanks are mended.
    """
    before = None
    text = BLANK.sub(" ", line).strip()
    if len(text) > WHOLE_TEXT:
        return text
    while text != before:
        before = text
        text = BLANK.sub(" ", FENCE.sub(" ", text)).strip()
        text = TAG.sub("", MARKDOWN_LINK.sub(r"\1", BULLET.sub("", text)))
        text = LIGHT.sub(r"\2", EMPHASIS.sub(r"\2", text))
        text = _unquoted(CHAT.sub("", text, count=1).strip())
    if text != line.strip() and text[:1].islower() and text[:2].isalpha() and CHAT.match(line):
        text = text[0].upper() + text[1:]
    return text


def chat(line: str) -> str:
    """What of the line is a model's talk and not the paper's summary; empty where nothing is."""
    found = CHAT.match(line) or SPOKEN.search(line)
    return found.group().strip() if found else ""


def markup(line: str) -> str:
    """The first piece of Markdown or HTML in a line that is to be plain text; empty where there is none."""
    found = MARKUP.search(line)
    return found.group().strip() if found else ""


def urls(line: str) -> list[str]:
    """The web addresses in a line."""
    return [match.group().rstrip(".,;:!?)]}'\"") for match in URL.finditer(line)]


def cut_off(line: str, source: Sequence[str] = ()) -> str:
    """The words at which a line was cut off; empty where it ends as a sentence may.

    `source`, words in lower case, tells a word cut in its middle: it begins a word there and is none itself.
    """
    end = line.rstrip(" \"'”’")
    if not end:
        return ""
    if end.endswith((",", ";", ":", "-", "–", "—", "(", "[", "{", "/", "…", "...", "&", "=", "+")) and not end.endswith(
        "C++"
    ):
        return end.rsplit(None, 1)[-1]
    if open_bracket := _unclosed(end):
        return open_bracket
    stopped = end[-1] in ".!?)]"
    tail = end.rstrip(".!?)]}").rsplit(None, 2)[-2:]
    last = tail[-1].lstrip("(\"'“").casefold() if tail else ""
    before = tail[0].casefold() if len(tail) > 1 else ""
    if tail and tail[-1].isupper():
        return ""  # "vitamin A", "and I"
    if last in OPEN_ENDED and not (last in DANGLING and stopped):
        return tail[-1]
    if not stopped and (last in DANGLING or (ATTRIBUTE.match(last) and before not in COPULA)):
        return tail[-1]
    if 2 < len(last) < 30 and last.isalpha() and last.islower() and _begins(last, source):
        return tail[-1]
    return ""


def _begins(piece: str, source: Sequence[str]) -> bool:
    """Does the source have longer words that begin so, and neither the word itself nor a form of it?"""
    ends = {word[len(piece) :] for word in source if word.startswith(piece)}
    return bool(ends) and ends.isdisjoint(FORMS)


def _unclosed(line: str) -> str:
    """The last bracket that stays open, with what follows it; "[0, 1)" is closed."""
    waiting: list[int] = []
    for i, sign in enumerate(line):
        if sign in "([":
            waiting.append(i)
        elif sign in ")]" and waiting:
            waiting.pop()
    return line[waiting[-1] :][:20] if waiting else ""


def _unquoted(text: str) -> str:
    """Without the quotes around the whole; quotes that open and close inside it are the line's own."""
    for opening, closing in QUOTES:
        inner = text[1:].rstrip(".") if text.endswith(closing + ".") else text[1:]
        if len(text) > 2 and text.startswith(opening) and inner.endswith(closing):
            inner = inner[:-1]
            if opening not in inner and closing not in inner:
                return inner.strip()
    return text
