"""Does a line say the opposite of its source? Two word-level signs: a negation, and a direction turned round.

All take clauses as rows of stems in lower case, with "n't" spelled "not". They look only at words that line and
source share, so a free paraphrase passes; what they name is likely, never certain.
"""

from collections.abc import Callable, Iterator, Sequence

Clause = Sequence[str]

NOT = frozenset("not cannot never unable".split())
DENIALS = NOT | frozenset(
    """no without neither nor none fail failure lack hardly rare rarely scarcely barely little few less only
    instead rather avoid prevent remov eliminat unlik impossibl difficult limit free poor suffer un non""".split()
)
"""Words that turn what stands around them: where the source has one nearby, nothing can be said."""
HARMLESS = frozenset("only just merely necessarily always".split())
"""After "not": "not only fast", "not necessarily slow" deny nothing."""

OPPOSITES = tuple(
    (frozenset(up.split()), frozenset(down.split()))
    for up, down in (
        (
            "increas rais grow enlarg higher larger greater more maximiz maximis upper longer",
            "reduc decreas lower diminish fewer less smaller shrink minimiz minimis shorter cut",
        ),
        (
            "improv better outperform enhanc surpass exceed boost",
            "degrad wors worsen underperform deteriorat harm hurt",
        ),
        ("faster accelerat speed quicker", "slower slow decelerat"),
        ("strong stronger", "weak weaker"),
        ("positiv positively", "negativ negatively"),
        ("easier", "harder"),
    )
)
REACH = 4
"""How many words on either side still belong to a word."""


def negated(line: Sequence[Clause], source: Sequence[Clause], content: Callable[[str], bool]) -> str:
    """The first shared word that the line denies and the source affirms, or the other way round; else empty."""
    for clause in line:
        for target in _denied(clause, content):
            having = [other for other in source if target in other]
            if having and not any(_denies(_around(other, target)) for other in having):
                return target
    said = frozenset(word for clause in line for word in clause)
    if any(map(_denies, line)):
        return ""
    for clause in source:
        for target in _denied(clause, content):
            if target in said and _always_denied(target, line, source, content):
                return target
    return ""


def turned(line: Sequence[Clause], source: Sequence[Clause], content: Callable[[str], bool]) -> tuple[str, str] | None:
    """A word of direction in the line, and its object, where the source only says the opposite of that object."""
    for these, those in OPPOSITES:
        for ours, theirs in ((these, those), (those, these)):
            for clause in line:
                for word, around in _directed(clause, ours, ours | theirs, content):
                    for thing in around:
                        same = any(thing in other and not ours.isdisjoint(other) for other in source)
                        if not same and any(
                            thing in objects
                            for other in source
                            for _, objects in _directed(other, theirs, ours | theirs, content)
                        ):
                            return word, thing
    return None


def _denies(clause: Clause) -> bool:
    return not DENIALS.isdisjoint(clause)


def _denied(clause: Clause, content: Callable[[str], bool]) -> Iterator[str]:
    """The content word that each "not" of a clause denies."""
    if NOT.isdisjoint(clause):
        return
    for i, word in enumerate(clause):
        if word in NOT:
            after = clause[i + 1 : i + 1 + REACH]
            if after and after[0] not in HARMLESS:
                yield from [other for other in after if content(other) and not other.endswith("ly")][:1]


def _around(clause: Clause, word: str) -> Clause:
    """The words near each place of a word: enough to turn its meaning."""
    places = [i for i, other in enumerate(clause) if other == word]
    return [other for i in places for other in clause[max(0, i - REACH - 2) : i + 1 + REACH]]


def _always_denied(
    target: str, line: Sequence[Clause], source: Sequence[Clause], content: Callable[[str], bool]
) -> bool:
    """Does every clause of the source that has the word deny it, with an object that the line shares?"""
    having = [clause for clause in source if target in clause]
    if not all(target in _denied(clause, content) for clause in having):
        return False
    theirs = {word for clause in having for word in _after(clause, target) if content(word)}
    ours = {word for clause in line if target in clause for word in _after(clause, target) if content(word)}
    return bool(theirs & ours)


def _after(clause: Clause, word: str) -> Clause:
    at = list(clause).index(word)
    return clause[at + 1 : at + 1 + REACH]


def _directed(
    clause: Clause, ours: frozenset[str], either: frozenset[str], content: Callable[[str], bool]
) -> Iterator[tuple[str, list[str]]]:
    """Each word of direction with the content words it speaks of: those after it, or at a clause's end those before."""
    if ours.isdisjoint(clause):
        return
    for i, word in enumerate(clause):
        if word not in ours:
            continue
        after = []
        for other in clause[i + 1 : i + 1 + REACH]:
            if other in either:
                break
            if content(other):
                after.append(other)
        before = [other for other in clause[max(0, i - REACH) : i] if content(other) and other not in either]
        yield word, (after or before)
