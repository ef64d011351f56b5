"""Is there code, a model, data? The flag, from words and links that stand in the title, the abstract or the metadata.

    released    a link to code, a model or data of the authors' own, or words that say so
    promised    the same in the future: "will be released", "upon acceptance", "plan to open-source"
    mentioned   a repository or project page whose nature is not said, or somebody's open code: not a release
    none        nothing of the kind

Sentences that hold a cue are read as letters (`wording`), and the rules are short patterns over these. A rule proposes
a claim; a denial, a condition or somebody else's name before it vetoes it; the tense tells released from promised.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from digestor.availability import wording
from digestor.models import Artefact, Code, Status
from digestor.text import links, sentences

LONGEST_TEXT = 20_000
"""Characters of a title or an abstract that are read."""
LONGEST_EVIDENCE = 300
"""Characters: a sentence, or of a longer one the part around the claim."""

# One of these stands, in lower case, in every sentence that a rule could fit; most papers hold none.
_CUES = (
    "://|www.|.com/|.org/|.io/|.co/|.net/|http url|https url| code|(code|[code|releas|open sourc|open-sourc|opensourc"
    "|availab|publi|accessib|implementation|download|licen|github|gitlab|bitbucket|hugging|pypi| pip|zenodo|figshare"
    "|share|sharing|provid"
).split("|")
_LATER = re.compile(
    r"\b(?:up)?on (?:acceptance|publication)|\bafter (?:the )?(?:\w+ )?(?:acceptance|publication|review)"
    r"|\b(?:once|when|after|as soon as|if) (?:(?:the|this|our) )?(?:(?:paper|work|article|manuscript) )?"
    r"(?:(?:is|gets|has been) )?(?:accept|publi)|\b(?:available|released|public|coming) (?:very )?soon"
    r"|\bsoon (?:be|release|open)|\bnear future|\bin due course|\bforthcoming|camera[- ]ready"
    r"|\bto be (?:\w+ ){0,2}(?:released|available|open|published|shared|provided)",
    re.IGNORECASE,
)
# Lists of papers are kept in repositories too; there, a claim must name what it is about.
_SURVEY = re.compile(
    r"\b(?:survey|review|overview|tutorial|roadmap|perspectives?|textbook|handbook|primer)\b", re.IGNORECASE
)
_READING = re.compile(
    r"awesome|reading[- ]list|paper[- ]?list|papers\b|survey|\bliterature"
    r"|\bcurat\w+ (?:\w+ ){0,2}list|continuously updat",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"\b(?:codes?|implementations?|models?|checkpoints?|data|datasets?|benchmarks?|corpus|library|toolkit)\b",
    re.IGNORECASE,
)
_WAS = re.compile(r"\b(?:was|were)\b")
_PAGE = re.compile(r"\b(?:project|demo|web ?site|(?:web|home|project) ?page)\b", re.IGNORECASE)


class _Claim(NamedTuple):
    """What one sentence says: `text[start:end]` says it, and the thing is at `link`."""

    status: Status
    text: str
    start: int
    end: int
    link: links.Link | None
    artefacts: tuple[Artefact, ...]
    where: Literal["title", "abstract"]


_RANK: tuple[Status, ...] = ("none", "mentioned", "promised", "released")


def flag(title: str, abstract: str, code_url: str | None = None) -> Code:
    """The code flag of a paper, with its evidence: at most a sentence, verbatim from where it was found.

    A `code_url` from the source's metadata wins, if it is one sane http(s) address. The texts may be any strings; what
    stands beyond `LONGEST_TEXT` characters is not read.
    """
    if code_url and (url := links.only(code_url)):
        return Code(status="released", url=url, evidence=code_url, artefacts=("code",), found_in="metadata")
    if not _has_cue(title) and not _has_cue(abstract):
        return Code()
    claims = [*_claims("abstract", abstract, title), *_claims("title", title, title)]
    best = max(claims, key=lambda claim: (_RANK.index(claim.status), claim.link is not None), default=None)
    if best is None:
        return Code()
    held = {artefact for claim in claims if claim.status == best.status for artefact in claim.artefacts}
    if not held and best.status != "mentioned":
        held = {"code"}
    return Code(
        status=best.status,
        url=best.link.url if best.link else None,
        evidence=_evidence(best),
        artefacts=tuple(artefact for artefact in get_args(Artefact) if artefact in held),
        found_in=best.where,
    )


def _has_cue(text: str) -> bool:
    text = f" {text.lower()}"
    return any(cue in text for cue in _CUES)


def _claims(where: Literal["title", "abstract"], text: str, title: str) -> Iterator[_Claim]:
    """What the sentences of a text say of released, promised or mentioned things."""
    names = wording.own_names(title)
    survey = _SURVEY.search(title) is not None
    for sentence in sentences.split(text[:LONGEST_TEXT]):
        if not _has_cue(sentence):
            continue
        found = links.find(sentence)
        reading = wording.read(sentence, [(link.start, link.end) for link in found], names)
        for family in (
            wording.WE_DO,
            wording.IT_IS,
            wording.DOING,
            wording.PLACED,
            *((wording.TITLE,) if where == "title" else ()),
        ):
            for match in family.finditer(reading.letters):
                start, end = reading.spans[match.start()][0], reading.spans[match.end() - 1][1]
                link = _link(found, start)
                if _vetoed(family, match, link) or ("j" in match.group() and _WAS.search(sentence)):
                    continue  # "was obtained from LINK" says what was used
                if (survey or _READING.search(sentence)) and not _SURE.search(sentence, start, end):
                    continue
                later = _is_future(family, match) or _LATER.search(sentence)
                status: Status = "promised" if later else "released"
                yield _Claim(status, sentence, start, end, link, _artefacts(match), where)
        for link, lonely in _unexplained(found, sentence, reading.letters):
            kind: tuple[Artefact, ...] = ("code",) if lonely else ()
            yield _Claim("released" if lonely else "mentioned", sentence, link.start, link.end, link, kind, where)
        if match := wording.SOMEBODYS.search(reading.letters):
            start, end = reading.spans[match.start()][0], reading.spans[match.end() - 1][1]
            yield _Claim("mentioned", sentence, start, end, None, (), where)


def _vetoed(family: re.Pattern[str], match: re.Match[str], link: links.Link | None) -> bool:
    """Whether a claim stands under a denial or a condition, or is not about the authors' own code, model or data."""
    letters, start, said = match.string, match.start(), match.group()
    before = letters[_clause(letters, start) : start]
    if "z" in before + said or "Z" in before or ("Z" in said and family in (wording.WE_DO, wording.DOING)):
        return True
    if family is wording.DOING:
        return not _is_ours(letters, start)
    if family in (wording.IT_IS, wording.PLACED):
        videos_of = re.search(r"v[^+,]*\Z", before) is not None
        return "u" in before or videos_of or (family is wording.PLACED and not _is_a_thing(before, said, link))
    return False


def _is_ours(letters: str, start: int) -> bool:
    """Whether what is done at `start`, with no "we" beside it, is done by the authors all the same."""
    if start == 0:
        return letters[1:2] in ("o", "E")
    return re.search("[wo]", letters[:start]) is not None or (letters[start - 1] == "Y" and "w" in letters)


def _is_a_thing(subject: str, said: str, link: links.Link | None) -> bool:
    """Whether what "is available at LINK" may be code, a model or data, rather than videos, results or details."""
    if link is None:
        return re.search("[oEeN][^lPph]*[cTtWMmDdNI]|^[cI]|N", subject) is not None
    if re.search(wording.THING, subject) or ("v" not in subject and links.is_repository(link.url)):
        return True
    return "v" not in subject and re.search("[IESC]", subject + said) is not None


def _is_future(family: re.Pattern[str], match: re.Match[str]) -> bool:
    letters, start = match.string, match.start()
    since = max(letters.rfind("w", 0, start + 1), 0) if family is wording.DOING else _clause(letters, start)
    return "f" in letters[since : match.end()]


def _clause(letters: str, start: int) -> int:
    """Where the clause that holds the word at `start` begins; at most forty words before."""
    since = max(0, start - 40)
    return max(since, *(letters.rfind(mark, since, start) + 1 for mark in ".,;:("))


def _artefacts(match: re.Match[str]) -> tuple[Artefact, ...]:
    """What of code, models and data a claim is about: the nouns around it, but not those after "for", "of", "to"."""
    letters, start = match.string, match.start()
    before = re.match(r"[^cTtMmDd]*[^lPph]*", letters[_clause(letters, start) : start])
    after = re.match(r"[^cTtMmDd]*[^lPphQYX.;:(bfHLwsS]*", letters[start:])
    held = re.sub("[dDmM]+(?=[ctT])", "", f"{before and before.group()},{after and after.group()}")
    kinds: dict[Artefact, str] = {"code": "cTt", "model": "Mm", "data": "Dd"}
    return tuple(kind for kind, of_it in kinds.items() if any(letter in held for letter in of_it))


def _link(found: list[links.Link], since: int) -> links.Link | None:
    """The link of a claim that begins at a character: the first repository after it, else the first page."""
    after = [link for link in found if link.end > since and not links.is_elsewhere(link.url)]
    return next((link for link in after if links.is_repository(link.url)), after[0] if after else None)


def _unexplained(found: list[links.Link], sentence: str, letters: str) -> Iterator[tuple[links.Link, bool]]:
    """Repositories and project pages, and whether each is a repository that is a sentence of its own: then theirs."""
    lonely = sum(letter not in ".,;:([)]L" for letter in letters) <= 4 and not re.search("[uvzZjb]", letters)
    for link in found:
        if links.is_repository(link.url):
            yield link, lonely
        elif links.is_page(link.url) or (_PAGE.search(sentence) and not links.is_elsewhere(link.url)):
            yield link, False


def _evidence(claim: _Claim) -> str:
    """The sentence, or of a long one the stretch that holds the claim and its link, cut between words."""
    text, link = claim.text, claim.link
    if len(text) <= LONGEST_EVIDENCE:
        return text
    start, end = claim.start, claim.end
    if link:
        start, end = min(start, link.start), max(end, link.end)
    if end - start > LONGEST_EVIDENCE:
        start = max(start, link.end - LONGEST_EVIDENCE) if link else start
        end = start + LONGEST_EVIDENCE
    left = max(0, min(start - (LONGEST_EVIDENCE - (end - start)) // 2, len(text) - LONGEST_EVIDENCE))
    right = left + LONGEST_EVIDENCE
    while 0 < left < start and not text[left - 1].isspace():
        left += 1
    while end < right < len(text) and not text[right].isspace():
        right -= 1
    return text[left:right].strip()
