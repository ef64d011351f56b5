"""The trials of `digestor check --online`: all that a config names is asked once, and nothing is sent or kept."""

from collections.abc import Callable, Generator, Iterator

from digestor.cli.knocking import delivery
from digestor.cli.probing import annotator
from digestor.cli.trial import Trial, shortened
from digestor.config import Config
from digestor.enriching import Asked
from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.period import weekly
from digestor.protocols import Ask, Covers, Outside, Reach, Reply, Source, Window
from digestor.sources.files import Files
from digestor.store import Store
from digestor.wiring import Parts, reaching

PAPERS = 5
"""Papers after which a source is believed."""
REPLIES = 3
"""Replies of a site after which it is believed, though no paper of the week was in them."""
WITHIN = 60.0
"""Seconds for a reply."""
KNOWN = (
    Paper(id="known-1", title="Attention is all you need", arxiv_id="1706.03762"),
    Paper(
        id="known-2",
        title="Highly accurate protein structure prediction with AlphaFold",
        doi="10.1038/s41586-021-03819-2",
        pmid="34265844",
    ),
)
"""Papers that sites know, to ask them about."""


class Few:
    """A way to a site that asks it anew each time, a few times and no more."""

    def __init__(self, reach: Reach) -> None:
        self._reach, self._left = reach, REPLIES
        self.over = False
        """Was more wanted? What a source then complains of is our doing."""

    def get(self, ask: Ask) -> Reply:
        """The reply of the site, never a kept one. Raises SourceError, also where there were enough."""
        if not self._left:
            self.over = True
            raise SourceError("a trial", f"reads {REPLIES} replies")
        self._left -= 1
        return self._reach.get(ask._replace(fresh=0.0, within=min(ask.within, WITHIN)))


def trials(config: Config, made: Parts, world: Outside) -> Iterator[Trial]:
    """Try each source, site, annotator and delivery, one after another; what fails stops none of the others.

    `world.tell` is told of each before it is tried. The store is a copy in memory.
    """
    if world.today is None:
        raise ValueError("a trial is of the week of a day")
    window = weekly(world.today).window
    with Store.rehearsal(config.store) as store, reaching(config, store, world) as reach:
        for one in made.sources:
            world.tell(f"trying {one.name} …")
            yield source(one, window, reach)
        for asked in made.lookups:
            world.tell(f"trying {asked.name} …")
            yield lookup(asked, reach)
        world.tell("trying the annotator …")
        yield annotator(made, config.interests, store.journal, world)
    for way in made.deliveries:
        if (trial := delivery(way, world)) is not None:
            yield trial


def source(one: Source, window: Window, reach: Reach) -> Trial:
    """Read the first papers that a source has of a week."""
    if isinstance(one, Files) and one.path == "-":
        return Trial("source", one.name, "not tried", "it would wait for what is typed")
    papers, problems, fault, more = first(lambda few: one.papers(window, few), reach)
    days = one.covers(window) if isinstance(one, Covers) else ""
    if fault is not None and not papers:
        where = "" if fault.where in ("", one.name) else f"{fault.where} "
        return Trial("source", one.name, "FAILED", f"{where}{fault.what}", fault.todo)
    lost = [problem for problem in problems if problem.lost]
    if not papers and lost:
        return Trial("source", one.name, "FAILED", lost[0].what, lost[0].todo)
    if papers:
        many = f"{len(papers)} {'paper' if len(papers) == 1 else 'papers'}{' or more' if more else ''}"
        found = f"{many}; the first: “{shortened(papers[0].title)}”"
    elif more:
        found = f"answers; no paper of this week in its first {REPLIES} replies"
    else:
        found = f"answers; no paper yet of this week{f' ({days})' if days else ''}"
    if fault is not None:
        return Trial("source", one.name, "FAILED", f"{found}; then: {fault.what}", fault.todo)
    return Trial("source", one.name, "ok", found + (f"; but: {problems[0].what}" if problems else ""))


def lookup(asked: Asked, reach: Reach) -> Trial:
    """Ask a site about two papers that many sites know."""
    papers, _, fault, _ = first(lambda few: asked.site.look_up(KNOWN, few), reach)
    if papers:
        return Trial("enrich", asked.name, "ok", f"knows “{shortened(papers[0].title)}”")
    if fault is not None:
        return Trial("enrich", asked.name, "FAILED", fault.what, fault.todo)
    return Trial("enrich", asked.name, "ok", "answers, but does not know the papers that it was asked about")


def first(
    read: Callable[[Reach], Iterator[Paper | Problem]], reach: Reach
) -> tuple[list[Paper], list[Problem], SourceError | None, bool]:
    """The first papers and problems, what went wrong, and whether there may be more."""
    papers: list[Paper] = []
    problems: list[Problem] = []
    fault: SourceError | None = None
    few = Few(reach)
    found = read(reach._replace(get=few.get))
    try:
        for one in found:
            if isinstance(one, Problem):
                problems.append(one)
            else:
                papers.append(one)
            if len(papers) >= PAPERS or len(problems) >= PAPERS:
                return papers, [] if few.over else problems, None, True
    except SourceError as error:
        fault = error
    finally:
        if isinstance(found, Generator):
            found.close()
    return (papers, [], None, True) if few.over else (papers, problems, fault, False)
