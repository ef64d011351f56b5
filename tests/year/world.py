"""The sites of the made-up year: arXiv, a site that features papers, a journal's feed. What they show is of today."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from digestor.period import weekly
from tests.fakes import Clock
from tests.hosting import Answer, Asked, Host
from tests.year.studies import SHOWN, Author, Study

XML = {"Content-Type": "text/xml"}
JSON = {"Content-Type": "application/json"}
DOWN = Answer("we are not well", status=500)
NOTHING = '<error code="noRecordsMatch">nothing</error>'


class World:
    """The sites on one host. `down` are those that do not answer; `clock` says what day it is."""

    def __init__(self, host: Host, clock: Clock) -> None:
        self.studies = Author().year()
        self.host, self.clock = host, clock
        self.down: set[str] = set()
        """Of `oai`, `rss`, `huggingface`, `feed`."""
        self.broken = False
        """Is one more paper featured, of which nothing can be read?"""
        host.routes["/oai"] = self._site("oai", self._changes)
        host.routes["/rss/cs.CL"] = self._site("rss", self._announcements)
        host.routes["/api/daily_papers"] = self._site("huggingface", self._daily)
        host.routes["/journal.xml"] = self._site("feed", self._journal)
        for study in self.studies:
            if study.arxiv:
                host.routes[f"/api/papers/{study.arxiv}"] = self._site("huggingface", self._page(study))

    @property
    def today(self) -> date:
        """In UTC."""
        return datetime.fromtimestamp(self.clock.now, UTC).date()

    def _site(self, name: str, answer: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
        def answered(asked: Asked) -> Answer:
            return DOWN if name in self.down else answer(asked)

        return answered

    # arXiv

    def _changes(self, asked: Asked) -> Answer:
        """Every record of the category that was added or changed since a day."""
        records = [
            _record(study, stamp, later)
            for study in self.studies
            if study.category == "cs.CL" and study.arxiv and (of := self._stamp(study))
            for stamp, later in (of,)
            if stamp.isoformat() >= asked.query["from"]
        ]
        found = f"<ListRecords>{''.join(records)}</ListRecords>" if records else NOTHING
        return Answer(f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{found}</OAI-PMH>', headers=XML)

    def _stamp(self, study: Study) -> tuple[date, bool] | None:
        """The day a record was changed last, and whether by the second version; None: it is not there yet."""
        if study.later and study.later.day <= self.today:
            return study.later.day, True
        if study.old:
            return date(2025, 9, 10), False
        return (study.announced, False) if study.announced and study.announced <= self.today else None

    def _announcements(self, _: Asked) -> Answer:
        """The feed of the day."""
        items = [_item(study, "new") for study in self.studies if study.announced == self.today]
        items += [_item(study, "replace") for study in self.studies if study.later and study.later.day == self.today]
        return Answer(
            '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            f' version="2.0"><channel><title>cs.CL</title><pubDate>{self.today:%a, %d %b %Y} 05:00:00 +0000</pubDate>'
            f"{''.join(items)}</channel></rss>",
            headers=XML,
        )

    # the site that features papers

    def _daily(self, asked: Asked) -> Answer:
        def wanted(day: date) -> bool:
            if "week" in asked.query:
                return weekly(day).id == asked.query["week"]
            return day.isoformat() == asked.query["date"]

        shown = [one for one in self.studies if one.featured and one.featured <= self.today and wanted(one.featured)]
        page: list[object] = [{"paper": self._featured(one)} for one in shown] if asked.query["p"] == "0" else []
        if page and self.broken:
            page.append({"paper": {"authors": []}})
        return Answer(json.dumps(page), headers=JSON)

    def _page(self, study: Study) -> Callable[[Asked], Answer]:
        def answer(_: Asked) -> Answer:
            known = [day for day in (study.featured, study.announced, study.repository) if day]
            if not known or min(known) > self.today:
                return Answer('{"error": "no such paper"}', 404, JSON)
            return Answer(json.dumps(self._featured(study)), headers=JSON)

        return answer

    def _featured(self, study: Study) -> dict[str, object]:
        code = bool(study.repository and study.repository <= self.today)
        return {
            "id": study.arxiv,
            "title": study.title,
            "summary": study.abstract,
            "authors": [{"name": name, "hidden": False} for name in study.authors],
            "publishedAt": f"{study.submitted:%Y-%m-%dT%H:%M:%S}.000Z",
            **({"submittedOnDailyAt": f"{study.featured}T00:00:00.000Z"} if study.featured else {}),
            "upvotes": study.number % 40,
            **({"githubRepo": f"https://github.com/harbour/study-{study.number}"} if code else {}),
        }

    # the journal

    def _journal(self, _: Asked) -> Answer:
        """What it printed in the last weeks, with a date or without."""
        shown = [one for one in self.studies if one.printed and one.printed <= self.today <= one.printed + SHOWN]
        items = "".join(
            f"<item><title>{escape(one.title)}</title><link>https://doi.org/{one.doi}</link>"
            f"<description>{escape(one.abstract)}</description><dc:identifier>doi:{one.doi}</dc:identifier>"
            + "".join(f"<dc:creator>{name}</dc:creator>" for name in one.authors)
            + (f"<pubDate>{one.printed:%a, %d %b %Y} 06:00:00 GMT</pubDate>" if one.dated else "")
            + f'<guid isPermaLink="false">{one.doi}</guid></item>'
            for one in shown
        )
        return Answer(
            '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
            f"<title>Harbour Letters</title>{items}</channel></rss>",
            headers=XML,
        )


def _record(study: Study, stamp: date, second: bool) -> str:
    """A record of the list of changes."""
    title, abstract = study.title, study.abstract
    version = ""
    if second and study.later:
        title, abstract = study.later.title, study.later.abstract
        version = f'<version version="v2"><date>{study.later.moment:%a, %d %b %Y %H:%M:%S} GMT</date></version>'
    return (
        f"<record><header><identifier>oai:arXiv.org:{study.arxiv}</identifier><datestamp>{stamp}</datestamp></header>"
        f'<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{study.arxiv}</id>'
        f'<version version="v1"><date>{study.submitted:%a, %d %b %Y %H:%M:%S} GMT</date></version>{version}'
        f"<title>{escape(title)}</title><authors>{', '.join(study.authors)}</authors>"
        f"<categories>{study.category}</categories><abstract>{escape(abstract)}</abstract>"
        "</arXivRaw></metadata></record>"
    )


def _item(study: Study, kind: str) -> str:
    """An entry of the feed of the day."""
    title, abstract, version, day = study.title, study.abstract, 1, study.announced
    if kind == "replace" and study.later:
        title, abstract, version, day = study.later.title, study.later.abstract, 2, study.later.day
    name = f"{study.arxiv}v{version}"
    return (
        f"<item><title>{escape(title)}</title><link>https://arxiv.org/abs/{study.arxiv}</link>"
        f"<description>arXiv:{name} Announce Type: {kind} \nAbstract: {escape(abstract)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{name}</guid><category>{study.category}</category>'
        f"<pubDate>{day:%a, %d %b %Y} 05:00:00 +0000</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>"
        f"<dc:creator>{', '.join(study.authors)}</dc:creator></item>"
    )
