"""Claims and praise: what a line asserts beyond its facts, and whether the source asserts it too."""

import re

CLAIMS = {
    "first": (
        r"\bthe (?:very )?first (?!(?:step|stage|part|phase|layer|moment|order|component|half|principle|term|"
        r"time step|few|one|two|three|is|and|to be)\b)[a-z]"
        r"|\bfor the first time\b|\bfirst[- ]ever\b|\bfirst to\b|\bare the first\b",
        r"\bfirst|\bnovel\b|\bnever been|\bnot (?:yet )?been|\bno (?:prior|previous|existing)|\bunexplored|\bpioneer",
    ),
    "state of the art": (
        r"\bstate[- ]of[- ]the[- ]arts?\b|\bsota\b|\bnew records?\b",
        r"\bstate[- ]of[- ]the[- ]|\bsota\b|\bbest\b|\bout-?perform|\bsurpass|\bsuperior|\bexceed|\brecords?\b"
        r"|\bprior art\b|\bcompetitive",
    ),
    "best": (
        r"\bout-?perform\w*|\bsurpass\w*|\bsuperior\w*|\bthe best\b|\bbest[- ]"
        r"(?:known|performing)|\bunrival\w*|\bunmatched|\bunparalleled|\bbeats\b|\bbeating\b",
        r"\bstate[- ]of[- ]the[- ]|\bsota\b|\bout-?perform|\bsurpass|\bsuperior|\bbest\b|\bbetter\b|\bbeat|\bexceed"
        r"|\brecord|\bimprov\w+ (?:over|upon|on)\b|\bcompetitive|\bunmatch|\bunparallel|\bunrival",
    ),
    "prove": (
        r"\bprov(?:es?|en|ed|ing|abl[ey])\b|\bproofs?\b|\btheorems?\b|\bguarantee\w*",
        r"\bprov(?:es?|en|ed|ing|abl[ey])\b|\bproofs?\b|\btheor|\bguarantee|\bformal|\brigorous|\bcertif|\bverif|\bconverge"
        r"|\bbounds?\b|\boptimal|\bnecessary\b|\bsufficient\b|\banaly[st]",
    ),
    "worse": (
        r"\bdegrad(?:es?|ed|ing)\b|\bworse\w*|\bunder-?perform\w*|\bdeteriorat\w+|\bharms?\b|\bharming\b|\bhurt\w*|\bslower\b",
        r"\bdegrad|\bwors|\bunder-?perform|\bdeteriorat|\bharm|\bhurt|\bslow|\bfail|\bsuffer|\bpoor|\bdrop|\bcollaps|\bbrittle"
        r"|\bvulnerab|\bsensitiv|\bcannot\b|\bnot\b|\blos[est]|\bdecreas|\bdamag|\bnegative|\bcatastroph|\bweak|\bdetriment"
        r"|\bsacrific|\bimpair|\bproblem|\blimit|\bcost|\bdifficult|\bless\b|\breduc",
    ),
    "significant": (
        r"\bsignificant(?:ly)?\b|\bsubstantial(?:ly)?\b|\bdramatic(?:ally)?\b|\bdrastic(?:ally)?\b|\bvastly\b"
        r"|\b(?:large|wide|huge) margins?\b|\bmassive(?:ly)?\b|\bfar better\b",
        r"\bsignifican|\bsubstantial|\bdramatic|\bdrastic|\bvast|\bmargin|\bconsiderabl|\bmassive|\bgreatly|\bmuch\b|\bfar\b"
        r"|\borders? of magnitude|\blarge\b|\bnotabl|\bstrong|\bremarkabl|\bsevere|\bhuge|\bmarked"
        r"|\d\s?(?:%|x\b|×|times)",
    ),
}
"""A kind of claim: how a line makes it, and what in a source lends it support (the same claim in any of its forms)."""

HYPE = re.compile(
    r"\b(?:ground-?breaking|revolution\w*|game[- ]chang\w+|paradigm[- ](?:shift\w*|chang\w+)|break-?throughs?|"
    r"unprecedented|cutting[- ]edge|world[- ]class|next[- ]level|mind[- ]?blowing|jaw[- ]dropping|earth[- ]shattering|"
    r"stunning(?:ly)?|"
    r"amazing(?:ly)?|astonishing(?:ly)?|astounding(?:ly)?|incredibl[ey]|extraordinar(?:y|ily)|phenomenal(?:ly)?|"
    r"spectacular(?:ly)?|magical(?:ly)?|exciting|thrilling|trail-?blazing|unrivall?ed|unparalleled|unmatched|"
    r"transformative|seminal|holy grail|silver bullet|supercharg\w+|turbocharg\w+|skyrocket\w*|unleash\w*|"
    r"remarkable|remarkably|must[- ]read|delves?|paves? the way|pushe?s the (?:boundar\w+|envelope|frontiers?)|"
    r"opens? (?:up )?(?:exciting|new) (?:doors|horizons|frontiers))\b",
    re.IGNORECASE,
)
"""Words that sell rather than tell. Abstracts sell too, so they count even where the source has them."""

PATTERNS = {
    kind: (re.compile(line, re.IGNORECASE), re.compile(source, re.IGNORECASE))
    for kind, (line, source) in CLAIMS.items()
}


def unsupported(line: str, source: str) -> list[str]:
    """The claims of a line ("outperforms", "the first") for which the source has no word in any form."""
    found = []
    for makes, supports in PATTERNS.values():
        if (match := makes.search(line)) and not supports.search(source):
            found.append(match.group())
    return found


def hype(line: str) -> list[str]:
    """The words of a line that sell rather than tell."""
    return [match.group() for match in HYPE.finditer(line)]
