"""Papers and what is said of them -> an Issue. Pure: the same entries in any order make the same issue."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from digestor.errors import LedgerError
from digestor.models import Entry, Gathered, Issue, Ledger, Listed, Pick, Problem, Section, Trend
from digestor.period import Period

UNJUDGED = 1.5
"""Where a paper stands that no model has judged, among those from 0 to 3."""
BY_CODE = {"released": 0, "promised": 1, "mentioned": 2, "none": 2}


class Beside(NamedTuple):
    """What an issue has beside its entries; see `models.Issue` for each."""

    carried: Sequence[Entry] = ()
    updated: Sequence[Entry] = ()
    sources: Iterable[Gathered] = ()
    listed: Sequence[Listed] = ()
    outside: Pick | None = None
    trends: Iterable[Trend] = ()
    notes: Iterable[str] = ()


def compose(
    name: str,
    period: Period,
    entries: Iterable[Entry],
    ledger: Ledger,
    labels: Mapping[str, str],
    problems: Iterable[Problem] = (),
    areas: Mapping[str, str] | None = None,
    beside: "Beside | None" = None,
) -> Issue:
    """One edition. Raises LedgerError if a paper is missing from the counts, or counted twice.

    Sections by primary tag, those of one area together; the largest area and section first, `other` last. Within a
    section code comes first, then votes, then title.
    """
    beside = beside or Beside()
    by_tag: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_tag[entry.annotation.tags[0]].append(entry)
    sections = [
        Section(
            tag=tag,
            title=labels.get(tag, tag),
            area=(areas or {}).get(tag, ""),
            entries=tuple(sorted(group, key=_rank)),
        )
        for tag, group in by_tag.items()
    ]
    of_area = Counter[str]()
    for section in sections:
        of_area[section.area] += len(section.entries)

    def place(section: Section) -> tuple[bool, int, str, int, str, str]:
        area, size = section.area, len(section.entries)
        return section.tag == "other", -of_area[area], area, -size, section.title, section.tag

    sections.sort(key=place)
    balance(ledger, sum(len(section.entries) for section in sections), len(beside.listed))
    known = {entry.paper.id for section in sections for entry in section.entries}
    shown = [*(entry for section in sections for entry in section.entries), *beside.carried, *beside.updated]
    used = sorted({tag for entry in shown for tag in entry.annotation.tags})
    return Issue(
        id=period.id,
        title=f"{name}, {period.spoken}",
        start=period.window.start,
        end=period.window.end,
        sections=tuple(sections),
        ledger=ledger,
        problems=tuple(problems),
        labels={tag: labels.get(tag, tag) for tag in used},
        pick=picked(sections),
        carried=tuple(sorted(beside.carried, key=_rank)),
        updated=tuple(sorted(beside.updated, key=_rank)),
        sources=tuple(beside.sources),
        listed=tuple(beside.listed),
        outside=beside.outside if beside.outside and beside.outside.paper_id in known else None,
        trends=tuple(beside.trends),
        notes=tuple(beside.notes),
    )


def picked(sections: Sequence[Section]) -> Pick | None:
    """The paper for whoever reads only one, and why: most votes, else listed most often, else of the largest section.

    Among equals one with code goes before one without. One without a line, or with a fallback in its place, is none.
    """
    found = [
        (section, entry)
        for section in sections
        for entry in section.entries
        if entry.annotation.summary and entry.annotation.origin != "fallback" and section.tag != "other"
    ]
    if not found:
        return None

    def signals(one: tuple[Section, Entry]) -> tuple[float, float, int, int, int, bool]:
        section, entry = one
        released = entry.annotation.code.status == "released"
        wanted = _wanted(entry)
        return *wanted, entry.paper.upvotes or 0, len(entry.paper.also), len(section.entries), released

    section, entry = max(found, key=lambda one: (signals(one), _backwards(one[1])))
    relevance, score, votes, lists, _, released = signals((section, entry))
    if (relevance or score) and (entry.annotation.why or entry.why):
        return Pick(paper_id=entry.paper.id, why=entry.annotation.why or entry.why)
    if votes:
        why = f"most votes ({votes:,})"
    elif lists:
        why = f"listed {lists + 1} times"
    else:
        why = f"from the most covered topic, {section.title}" if len(sections) > 1 else "first of its topic"
    what = " and ".join(entry.annotation.code.artefacts) or "code"
    return Pick(paper_id=entry.paper.id, why=f"{why}, with {what}" if released else why)


def _wanted(entry: Entry) -> tuple[float, float]:
    """How much the reader wants it: what a model says, and what it was ranked by; zeros where no interests are set."""
    return entry.annotation.relevance or 0, entry.score or 0.0


def _backwards(entry: Entry) -> tuple[int, ...]:
    """Orders equals by title from Z to A, so that the largest is the first."""
    return tuple(-ord(character) for character in entry.paper.title.casefold())


def balance(ledger: Ledger, entries: int, listed: int = 0) -> None:
    """Check that every paper that came in is in exactly one bucket, and that the issue holds all it should."""
    counts = ledger.model_dump()
    read = counts.pop("read")
    if read != sum(counts.values()):
        raise LedgerError("the ledger", f"{read} papers came in, but the buckets hold {counts}", BUG)
    if entries != ledger.annotated + ledger.fallback:
        raise LedgerError("the ledger", f"the issue has {entries} entries, but the buckets hold {counts}", BUG)
    if listed != ledger.listed:
        raise LedgerError("the ledger", f"the issue lists {listed} papers by title, but the buckets hold {counts}", BUG)


BUG = "this is a bug in digestor; nothing was delivered; please report it with the input that caused it"


def in_words(ledger: Ledger) -> str:
    """The ledger as a sentence that names every bucket, so that a reader can check the sum."""
    listed = f"{ledger.listed:,} listed by title, " if ledger.listed else ""
    return (
        f"{_count(ledger.read, 'paper')} read: {_count(ledger.duplicates, 'duplicate')}, "
        f"{ledger.published} published before, {ledger.filtered} filtered out, {listed}{ledger.annotated} annotated, "
        f"{ledger.fallback} fell back to the abstract's words, {ledger.failed} failed"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _rank(entry: Entry) -> tuple[float, float, int, int, str, str]:
    relevance = entry.annotation.relevance
    return (
        -(UNJUDGED if relevance is None else relevance),
        -(entry.score or 0.0),
        BY_CODE[entry.annotation.code.status],
        -(entry.paper.upvotes or 0),
        entry.paper.title.casefold(),
        entry.paper.id,
    )
