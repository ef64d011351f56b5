"""From a sentence of an abstract to a line that stands alone: what only points elsewhere goes, the words stay.

Dropped: labels ("Results:"), connectives ("However,"), lead-ins that point back ("To address these issues, we ..."),
"in this paper", citations, addresses, and brackets other than a short acronym. A sentence that is still too long is
cut where a clause ends, and only there. No word is added, replaced or moved.

>>> line("To this end, in this paper we therefore present Ant (Yi et al., 2020), a sorter (ASO) of maps [3].")
'We present Ant, a sorter (ASO) of maps.'
"""

import re
from itertools import dropwhile

MOST_WORDS = 35
MOST_CHARACTERS = 400
"""A line holds no more than either; text without spaces has few words however long it is."""
FEWEST_WORDS, LEAD_INS = 8, 8
"""Nothing is cut to less words; so many lead-ins are taken off, one after the other; nobody writes more."""
WORK = "(?:article|chapter|letter|manuscript|note|overview|paper|report|review|study|survey|thesis|tutorial|work)"
OWN = rf"(?:we|our|i(?=\s)|the\s+authors|(?:this|the\s+(?:present|current))\s+(?:[\w-]+\s+)?{WORK})"

CITATION = re.compile(
    r"""\s?\[\s?\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20}\s?\]          # [3], [1, 2-4]
    | \s?\\(?:cite\w*|footnote|ref|label)\*?\{[^{}]*\}
    | \s?[(\[](?:https?://|www\.)[^\s)\]]+[)\]]""",
    re.VERBOSE,
)
ADDRESS = re.compile(r"https?://|www\.|\\url\b")
BRACKET = re.compile(r"(?<=\s)(?<!\b\w\s)(?:\((?P<inner>[^()]*)\)|\[[^\[\]]*\])(?:\s|(?=[^\w\s])|\Z)")
ACRONYM = re.compile(r"(?=.{2,14}\Z)(?=[^A-Z]*[A-Z][^A-Z0-9]*[A-Z0-9])[\w&+/’'.-]+")
LABEL = re.compile(
    r"""(?:[-•*%–—·\s]+|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[).]\s
    |(?:abstract|aims?|approach|background|conclusions?|findings|introduction|methods?|motivation|objectives?|purpose
    |results?|summary|tl;dr)\s?[:.—]+)\s*+(?=\S)""",
    re.VERBOSE | re.IGNORECASE,
)
CONNECTIVE = re.compile(
    r"""(?:accordingly|additionally|also|along\ the\ way|and|besides
    |as\ an?\ (?:alternative|consequence|first\ step|remedy|result|solution)
    |but|by\ doing\ so|concretely|consequently|conversely|crucially|finally|first|firstly|for\ (?:example|instance)
    |for\ this(?:\ (?:purpose|reason))?|fortunately|furthermore|hence|here|however|importantly
    |in\ (?:addition|brief|conclusion|contrast|doing\ so|fact|general|particular|response|short|sum|summary|turn)
    |in\ the\ (?:final|first|last|second|third)\ part|in\ this\ (?:context|direction|light|regard|respect|vein|way)
    |indeed|instead|interestingly|lastly|likewise|meanwhile
    |more\ (?:importantly|precisely|specifically)|moreover|most\ importantly|namely|nevertheless|next
    |nonetheless|notably|on\ the\ (?:contrary|one\ hand|other\ hand)|overall|particularly|remarkably|second|secondly
    |similarly|so|specifically|still|surprisingly|that\ is|then|therefore|third|thirdly|thus
    |to\ (?:that|these|this)\ (?:aim|effect|ends?|goal)
    |to\ sum\ up|to\ summari[sz]e|ultimately|unfortunately|with\ this\ in\ mind|yet)\s*,\s+""",
    re.VERBOSE | re.IGNORECASE,
)
HERE = re.compile(
    rf"(?:hence|here|so|therefore|thus|in\s+(?:this|the\s+(?:present|current)|our)\s+(?:[\w-]+\s+)?{WORK})(?:\s*[,:]\s*|\s+(?=(?:we|i)\b))",
    re.IGNORECASE,
)
INSIDE = re.compile(
    rf"(?P<comma>,)?\s+in\s+(?:this|the\s+present|our)\s+{WORK}\b(?(comma)(?:,(?!\s+{OWN}\b))?)", re.IGNORECASE
)
LEADS = re.compile(
    r"""(?:[a-z]+ing|across|after|against|along|although|among|as|at|based|because|before|beyond|by|compared|despite|driven|due|during
    |encouraged|even|for|from|given|guided|if|in|inspired|instead|motivated|on|once|over|prompted|rather|since|though
    |through|thus|to|towards?|under|unless|unlike|until|upon|via|when|whereas|while|with|within|without)\b""",
    re.VERBOSE | re.IGNORECASE,
)
BEFORE_OWN = re.compile(rf"(?P<lead>[^,;:]{{1,200}}?),\s+(?:and\s+)?(?={OWN}\b)", re.IGNORECASE)
BEFORE_WE = re.compile(r"(?P<lead>[^,;:]{1,60}?)\s+(?=we\b)", re.IGNORECASE)
"""The same without its comma: "Inspired by this we ..."."""
TO_THIS = re.compile(
    r"(?:in\s+order\s+)?to\s+\w+\s+(?:it|such|that|these|them|this|those)\b[^,;:]{0,80},\s+", re.IGNORECASE
)
AT_LAST = re.compile(
    r"(?:,?\s+to\s+\w+|,\s+(?:\w+ly\s+)?\w+ing)\s+(?:this|these|those|such)\s+\w+[.\s]{0,3}\Z", re.IGNORECASE
)
"""The same at the end: "... to solve this problem."."""
PRONOUN = re.compile(r"(?:\S+\s+){0,8}(?:it|its|their|them|they)\b", re.IGNORECASE)
BACK = re.compile(
    r"\b(?:above|aforementioned|it|its|latter|same|such|that|their|them|these|they|this|those)\b", re.IGNORECASE
)
THUS = re.compile(
    r"""(?P<subject>we|i)\s*,?\s+(?:accordingly|additionally|also|consequently|finally|first|further|furthermore|hence|instead
    |lastly|moreover|subsequently|then|therefore|thus)\b\s*,?\s+""",
    re.VERBOSE | re.IGNORECASE,
)
CLAUSE_END = re.compile(
    r"""\s?;\s
    | \s?(?:–|—|--)\s | (?<=\w)—
    | ,\s(?=(?:which|where|who|whose|while|whereas|thus|thereby|hence|so|but|yet|because|since|although|though|despite
        |unlike|without|with|including|such\ as|e\.g\.|i\.e\.|especially|particularly|in\ particular|namely|even
        |as\ well\ as|rather|by|using|based|in\ order|compared|when|if|from|as|to
        |achieving|allowing|bringing|demonstrating|enabling|ensuring|giving|helping|improving|indicating|leading|making
        |offering|outperforming|producing|providing|reducing|requiring|resulting|showing|suggesting|surpassing|yielding
        |and\ (?:then\ |also\ |further\ |thus\ )?(?:we|it|they|show|demonstrate|find|prove|evaluate|propose|introduce
            |present|provide|discuss|analy[sz]e|study|apply|use|validate|develop|compare|achieves?|outperforms?))\b)
    | \s(?=(?:so\ that|such\ that|in\ order\ to|because|whereas|while|when|by\ \w+ing|without|which|such\ as|including
        |across|along\ with|in\ conjunction|since|throughout|together\ with|via|within|using|based\ on
        |compared\ (?:to|with)|thereby)\b)
    | :\s""",
    re.VERBOSE | re.IGNORECASE,
)
ANNOUNCES = re.compile(
    r"""\b(?:(?:two|three|four|five|following)(?:\s[\w-]+){0,2}
    |both|between|contributions?|either|follows|neither|that|whether)\Z""",
    re.VERBOSE | re.IGNORECASE,
)
"""What promises that something follows: "three questions", "as follows"."""
ASKS = re.compile(r"(?:ing|\b(?:decide|determine|explain|identify|know|predict|see|show|tell|understand))\Z")
"""After these, "which" or "when" begins a question that the verb needs."""
NEEDY = frozenset("as by from in of than to with".split())
"""Words after which a citation is a noun."""
REACH, FAR = 12, 80
"""Characters looked at before a bracket, and at the end of a sentence."""
DASH = re.compile(r"\s(?:–|—|--)\s|—")
FINITE = frozenset(
    """achieves addresses aims allows analyses analyzes are can could demonstrates describes did do does enables
    evaluates examines explores focuses had has have i improves indicates introduces investigates is leads learns makes
    may might must offers outperforms performs presents proposes proves provides reduces reveals reviews should shows
    studies suggests uses was we were will would yields""".split()
)
"""Words that show that a sentence has its verb: forms that are rarely nouns, and "we", which never comes without."""
DANGLING = frozenset(
    """a also among an and are as at be been being between both but by can could did do does during e.g either for from
    had has have i.e if in into is it its less may might more most nor not of on only onto or our per so such than that
    the their these they this those to until using very via was we were what when where which while who whom whose will
    with would yet""".split()
)
"""Words that no sentence ends with."""
SPACED = re.compile(r"(?<=\S)\s(?=[,.;:?!](?:\s|\Z))")
QUOTED_STOP = re.compile(r"\.(?=[\"”’')]{1,3}\Z)")
PAIRED = re.compile(r'[()\[\]{}“”"$]')
PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))


def line(sentence: str) -> str | None:
    """A sentence as a line of at most `MOST_WORDS`, or None where it cannot be one and stay whole."""
    text = _trim(" ".join(sentence.split()))
    if ADDRESS.search(text):  # it tells where, not what
        return None
    if text.endswith("?") and ": " in text and _complete(text[: text.index(": ")]):  # "... by asking: Is it?"
        text = text[: text.index(": ")]
    short = _shorten(text) or ""
    last = AT_LAST.search(short, max(0, len(short) - FAR))
    if last and _complete(short[: last.start()]):
        short = short[: last.start()]
    return _finish(short) if _balanced(short) and _says(short) else None


def forced(text: str) -> str | None:
    """What is left when nothing fits: the first words of a text, up to one that a sentence can end with."""
    text = " ".join(text.split())
    trimmed = _trim(text)
    tokens = list(dropwhile(lambda token: not _says(token), (trimmed if _says(trimmed) else text).split()))
    kept = " ".join(tokens[:MOST_WORDS])[:MOST_CHARACTERS]
    if not _balanced(kept):
        kept = PAIRED.sub(" ", kept)
    tokens = kept.split()[:MOST_WORDS]
    while len(tokens) > FEWEST_WORDS and _word(tokens[-1]) in DANGLING:
        tokens.pop()
    return _finish(" ".join(tokens)) if tokens else None


def _trim(text: str) -> str:
    if "[" in text or "\\" in text or "http" in text or "www." in text:
        text = CITATION.sub(lambda m: m[0] if _is_needed(m) else "", text)
    for _ in range(3):  # brackets within brackets go from the inside out
        if "(" in text or "[" in text:
            text = BRACKET.sub(lambda m: m[0] if ACRONYM.fullmatch(m["inner"] or "") or _is_needed(m) else "", text)
    for _ in range(LEAD_INS):
        before = text
        for lead in (LABEL, CONNECTIVE, HERE):
            if found := lead.match(text):
                text = text[found.end() :]
        text = INSIDE.sub("", text) if " in " in text else text
        own = (BEFORE_OWN.match(text) or BEFORE_WE.match(text)) if LEADS.match(text) else None
        if own and BACK.search(own["lead"]) and not PRONOUN.match(text, own.end()):
            text = text[own.end() :]
        elif not own and (found := TO_THIS.match(text)):
            text = text[found.end() :]
        if found := THUS.match(text):
            text = f"{found['subject']} {text[found.end() :]}"
        if text == before:
            break
    return SPACED.sub("", text.replace("that: ", "that ")).strip()


def _is_needed(bracket: re.Match[str]) -> bool:
    """Whether a bracket is part of the sentence, as in "the results of (Lee, 2020)"."""
    before = bracket.string[max(0, bracket.start() - REACH) : bracket.start()].split()
    return bool(before) and _word(before[-1]) in NEEDY


def _shorten(text: str) -> str | None:
    """A text within the limits: whole, or without the clause before "we", or up to the last clause end that fits."""
    if _fits(text):
        return text
    own = BEFORE_OWN.match(text) if LEADS.match(text) else None
    if own:
        text = text[own.end() :]
        if _fits(text):
            return text
    kept = None
    dashes = len(DASH.findall(text))
    for end in CLAUSE_END.finditer(text):
        head = text[: end.start()]
        if not _fits(head):
            break
        inserted = dashes > 1 and DASH.match(end[0])  # a pair of dashes is a bracket
        participle = end[0] == " " and head.endswith("ed")  # "a model trained | using ..."
        asked = text.startswith(("when", "which"), end.end()) and ASKS.search(head)
        if not inserted and not participle and not asked and _complete(head):
            kept = head
    return kept


def _fits(text: str) -> bool:
    return len(text) <= MOST_CHARACTERS and text.count(" ") < MOST_WORDS


def _complete(head: str) -> bool:
    """Whether the beginning of a sentence reads as one: it has a verb, and nothing is left open."""
    if head.count(" ") < FEWEST_WORDS - 1 or FINITE.isdisjoint(head.casefold().split()):
        return False
    if _word(head.rsplit(" ", 1)[-1]) in DANGLING or ": " in head or ANNOUNCES.search(head):
        return False
    if ("not only" in head and "but" not in head) or (LEADS.match(head) and "," not in head):
        return False
    return _balanced(head)


def _says(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(map(str.isalnum, text))


def _word(token: str) -> str:
    return token.strip("\"“”'(),;:").casefold()


def _balanced(text: str) -> bool:
    if text.count('"') % 2 or text.count("$") % 2:
        return False
    return all(text.count(left) == text.count(right) for left, right in PAIRS)


def _finish(text: str) -> str:
    """A capital first, unless the first word is a name such as kMaX; one full stop last, unless it ends otherwise."""
    text = QUOTED_STOP.sub("", text.rstrip(" ,;:.…–—-"))
    first = text.split(" ", 1)[0].strip("\"“‘'(,")
    if first.replace("-", "").replace("'", "").isalpha() and first.islower() and first[1:2] != "-":
        at = text.index(first)
        text = text[:at] + first[:1].upper() + text[at + 1 :]
    return text if text.endswith(("?", "!", "。", "？", "！")) else text + "."
