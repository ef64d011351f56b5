"""What must hold of the made-up year, as the outside saw it: each check gives what does not."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from digestor.models import Issue, Paper
from tests.year.habit import READERS
from tests.year.life import Seen
from tests.year.studies import DAY, LAST, Study, weeks

NAMES = {"arxiv": "arXiv cs.CL", "huggingface": "Hugging Face daily papers", "feed": "Harbour Letters"}


class Places:
    """Where each paper of the year stands: by its number, the issues in which it is news, carried over or updated."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        numbers = {title: study.number for study in seen.studies for title in study.titles}
        self.entries: defaultdict[int, list[str]] = defaultdict(list)
        self.listed: defaultdict[int, list[str]] = defaultdict(list)
        self.carried: defaultdict[int, list[str]] = defaultdict(list)
        self.updated: defaultdict[int, list[str]] = defaultdict(list)
        for issue in seen.issues.values():
            places = (
                (self.entries, [entry.paper for section in issue.sections for entry in section.entries]),
                (self.listed, [one.paper for one in issue.listed]),
                (self.carried, [entry.paper for entry in issue.carried]),
                (self.updated, [entry.paper for entry in issue.updated]),
            )
            for place, papers in places:
                for paper in papers:
                    place[numbers[paper.title]].append(issue.id)

    def of(self, study: Study) -> list[str]:
        """The issues that had it as news."""
        return [*self.entries[study.number], *self.listed[study.number]]

    def covering(self, day: date) -> list[Issue]:
        """The issue into whose days a day falls, and the next: of a weekend, only that one may have been able to."""
        found = [issue for issue in self.seen.issues.values() if issue.end >= day]
        return found[:2]


def twice(seen: Seen) -> Iterator[str]:
    """Papers that are news in two issues, or carried over or updated twice."""
    places = Places(seen)
    for study in seen.studies:
        found = places.of(study)
        if len(found) > 1:
            yield f"{study.number} is news in {found}"
        for what, issues in (("carried", places.carried), ("updated", places.updated)):
            if len(again := issues[study.number]) > 1:
                yield f"{study.number} is {what} in {again}"
            if again and not (found and found[0] < again[0]):
                yield f"{study.number} is {what} in {again}, and news in {found}"


def lost(seen: Seen) -> Iterator[str]:
    """Papers that were told of and are in no issue, not filtered out, and whose source is not said to have failed."""
    places = Places(seen)
    for study in seen.studies:
        found = places.of(study)
        if study.unwanted or study.old:
            if found:
                yield f"{study.number} is not wanted, and is in {found}"
            continue
        if not found and any(not _excused(study, source, day, places) for source, day in study.told()):
            yield f"{study.number} is lost: {study.told()}"


def excused(seen: Seen) -> list[int]:
    """Papers that are in no issue because the source failed on the day, which the issue says."""
    places = Places(seen)
    wanted = (study for study in seen.studies if not (study.unwanted or study.old))
    return [one.number for one in wanted if any(day <= LAST - 2 * DAY for _, day in one.told()) and not places.of(one)]


def _excused(study: Study, source: str, day: date, places: Places) -> bool:
    """Could nobody know of it, or does an issue say that the source could not be read?"""
    if day > LAST - 2 * DAY:  # the last run is on a Friday
        return True
    states = [one.state for issue in places.covering(day) for one in issue.sources if one.name == NAMES[source]]
    return "failed" in states and not (source == "feed" and not study.dated)


def unfiltered(seen: Seen) -> Iterator[str]:
    """Papers with an excluded word, or revised and never read, of which no ledger has a line."""
    places = Places(seen)
    for study in seen.studies:
        days = [day for _, day in study.told()] if study.unwanted else []
        days += [study.later.day] if study.old and study.later else []
        for day in days[:1]:
            issues = places.covering(day)
            failed = any(one.state == "failed" for issue in issues for one in issue.sources)
            if day < LAST - 2 * DAY and not failed and not any(issue.ledger.filtered for issue in issues):
                yield f"{study.number} of {day} is counted nowhere"


def unbalanced(seen: Seen) -> Iterator[str]:
    """Issues whose ledger does not add up, or says something else than the issue holds."""
    for issue in seen.issues.values():
        ledger = issue.ledger
        counts = ledger.model_dump()
        read = counts.pop("read")
        entries = sum(len(section.entries) for section in issue.sections)
        if read != sum(counts.values()) or entries != ledger.annotated + ledger.fallback:
            yield f"{issue.id}: {ledger}"
        if len(issue.listed) != ledger.listed or read != sum(one.papers for one in issue.sources) + ledger.failed:
            yield f"{issue.id}: {ledger} of {issue.sources}"


def mail(seen: Seen) -> Iterator[str]:
    """Letters that came twice, or did not come, or are of an issue that is nowhere."""
    got = Counter((letter.to, letter.issue) for letter in seen.letters)
    for reader in READERS:
        for issue in seen.issues:
            if got[reader, issue] != 1:
                yield f"{reader} got {issue} {got[reader, issue]} times"
    yield from (f"{to} got {issue}, which is nowhere" for to, issue in got if issue not in seen.issues)
    ids = Counter(letter.id for letter in seen.letters)
    yield from (f"Message-ID {id} came {count} times" for id, count in ids.items() if count > 1)


def payments(seen: Seen) -> Iterator[str]:
    """Papers that were paid for more often than can be explained by what was under way at a crash."""
    for title, count in seen.paid.items():
        if count > 1 + seen.in_flight[title]:
            yield f"{title} was paid for {count} times"


def gaps(seen: Seen) -> Iterator[str]:
    """Days that no issue covers, or two do; and issues that were not made of which the next says nothing."""
    before: Issue | None = None
    missed: list[str] = []
    for period in weeks():
        issue = seen.issues.get(period.id)
        if issue is None:
            missed.append(period.id)
            continue
        if before and issue.start != before.end + DAY:
            yield f"{issue.id} begins on {issue.start}, {before.id} ends on {before.end}"
        said = [note for note in issue.notes if note.startswith("No issue was made for")]
        if len(said) != bool(missed) or not all(id in said[0] for id in missed):
            yield f"{issue.id} follows on {missed} and says {issue.notes}"
        before, missed = issue, []


def unnoticed(seen: Seen) -> Iterator[str]:
    """News of papers that were read here and that no later issue has: another abstract, or code that was promised."""
    places = Places(seen)
    order = list(seen.issues)
    for study in seen.studies:
        if not places.entries[study.number]:
            continue
        at = order.index(places.entries[study.number][0])
        told = {*places.updated[study.number], *places.carried[study.number]}
        if places.updated[study.number] and not (study.later and study.later.news):
            yield f"{study.number} is updated without need"
        if study.later and study.later.news:
            due = _issue_of(study.later.day, "arxiv", places)
            if due and due > at and order[due] not in told:
                yield f"{study.number} of {order[at]} was rewritten on {study.later.day}, and {order[due]} is silent"
        day = study.repository
        if not day or study.announced == day:
            continue
        due = _issue_of(day, "huggingface", places)
        if due and at < due <= at + 2 and not told:
            yield f"{study.number} of {order[at]} has code since {day}, and nobody says so"


def _issue_of(day: date, source: str, places: Places) -> int | None:
    """Which issue should have what a source told on a day; None where the source failed, or nobody can say."""
    issues = list(places.seen.issues.values())
    found = places.covering(day)
    states = [one.state for issue in found for one in issue.sources if one.name == NAMES[source]]
    return None if len(found) < 2 or "failed" in states or day.weekday() > 3 else issues.index(found[0])


def changed(seen: Seen) -> Iterator[str]:
    """Issues that were made again of the same and are not the same; and those that lost a paper when made again."""
    for id, before, after in seen.again:
        if before != after:
            yield f"{id} is another: {[name for name in before if before[name] != after.get(name)]}"
    for one, other in seen.more:
        if gone := _titles(one) - _titles(other):
            yield f"{one.id} lost {gone}"


def _titles(issue: Issue) -> set[str]:
    entries = [entry for section in issue.sections for entry in section.entries]
    papers: list[Paper] = [entry.paper for entry in (*entries, *issue.carried, *issue.updated)]
    return {paper.title for paper in (*papers, *(one.paper for one in issue.listed))}


def eventful(seen: Seen) -> bool:
    """Is there enough of everything that the checks are about?"""
    issues = seen.issues.values()
    places = Places(seen)
    return (
        sum(map(bool, places.listed.values())) > 50
        and sum(map(bool, places.carried.values())) > 20
        and sum(map(bool, places.updated.values())) > 5
        and any(issue.ledger.fallback for issue in issues)
        and any(issue.ledger.failed for issue in issues)
        and any(issue.ledger.duplicates for issue in issues)
        and any(one.collected for issue in issues for one in issue.sources)
        and len(seen.in_flight) > 2
        and len(seen.again) == 3
        and len(seen.more) > 12
    )
