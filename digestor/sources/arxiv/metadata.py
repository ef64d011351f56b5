"""What stands in a record of arXiv's OAI-PMH, in each of its formats -> the facts of a paper.

`arXivRaw` has every version with its moment; authors are one line, and accents are LaTeX. `arXiv` has authors one by
one, but only the day on which the last version was made. `oai_dc` has the days of the first and the last version,
and names of categories in place of their codes: those are taken from the sets the record is in.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from digestor.sources.arxiv.parts import authors_of, categories_of, first_doi
from digestor.sources.facts import Facts
from digestor.sources.markup import child_text, children, local, text_of
from digestor.text.dates import moment
from digestor.text.identifiers import arxiv

KIND = "arxiv"
VERSION = re.compile(r"v?([1-9]\d{0,2})")
REMARK = re.compile(r"Comments?:\s+")
WITHDRAWN = "I"
"""Among the letters of a version's `source_type`: there is no text any more."""


def facts_of(metadata: etree._Element, header: etree._Element | None) -> Facts | None:
    """The facts of a record; None where its format is not known. `metadata` is the element that holds the format's."""
    for inner in children(metadata, "arXivRaw", "arXiv", "arXivOld", "dc"):
        if local(inner) == "dc":
            return _dublin_core(inner, header)
        name = child_text(inner, "id") or (child_text(header, "identifier") if header is not None else "")
        facts = Facts(
            source=KIND,
            title=child_text(inner, "title"),
            abstract=child_text(inner, "abstract"),
            arxiv_id=name,
            categories=categories_of(child_text(inner, "categories").split()),
            comment=child_text(inner, "comments"),
            venue=child_text(inner, "journal-ref"),
            doi=first_doi(child_text(inner, "doi")),
            licence=child_text(inner, "license"),
        )
        if local(inner) == "arXiv":
            return _dated(facts, inner)._replace(authors=_persons(inner))
        return _versioned(facts, inner)._replace(authors=authors_of(child_text(inner, "authors")))
    return None


def _versioned(facts: Facts, inner: etree._Element) -> Facts:
    """With what the versions of an `arXivRaw` say. No first version, no day of publication."""
    versions = {
        int(number[1]): version
        for version in children(inner, "version")
        if (number := VERSION.fullmatch(version.get("version", "").strip()))
    }
    if not versions:
        return facts
    last = versions[max(versions)]
    return facts._replace(
        published=child_text(versions[1], "date") if 1 in versions else None,
        updated=child_text(last, "date"),
        version=max(versions),
        standing="withdrawn" if WITHDRAWN in child_text(last, "source_type") else None,
    )


def _dated(facts: Facts, inner: etree._Element) -> Facts:
    """With the days of an `arXiv` record.

    `created` was the day of the first version, and since 2025 is that of the last one. An id is made of the month of
    its announcement, so a paper created after that month was created anew.
    """
    created = moment(child_text(inner, "created"))
    updated = moment(child_text(inner, "updated"))
    if created and _is_later(created, facts.arxiv_id):
        return facts._replace(updated=max(created, updated or created))
    return facts._replace(published=created, updated=updated)


def _is_later(day: datetime, name: str) -> bool:
    """Is a day later than the month that an arXiv id is of?"""
    known = arxiv(name)
    if not known:
        return False
    digits = known.id.rpartition("/")[2]
    year = int(digits[:2]) + (1900 if digits[:2] >= "91" else 2000)
    return (day.year, day.month) > (year, int(digits[2:4]))


def _persons(inner: etree._Element) -> Iterator[str]:
    """The authors of an `arXiv` record. Collaborations were cut in two like names; put together they are right again.

    The keyname ":" is what stood behind a collaboration; some people have two keynames.
    """
    for list_of in children(inner, "authors"):
        for author in children(list_of, "author"):
            parts = [*children(author, "forenames"), *children(author, "keyname"), *children(author, "suffix")]
            if (name := " ".join(text_of(part).strip() for part in parts)).strip(" :"):
                yield name


def _dublin_core(inner: etree._Element, header: etree._Element | None) -> Facts:
    """`oai_dc`: a field may come several times, and means something else each time."""
    remarks = [text_of(found).strip() for found in children(inner, "description")]
    abstracts = [remark for remark in remarks[:1] if not REMARK.match(remark)]
    days = sorted(day for found in children(inner, "date") if (day := moment(text_of(found))))
    names = [text_of(found).strip() for found in children(inner, "identifier")]
    sets = [] if header is None else [text_of(found).strip() for found in children(header, "setSpec")]
    own = child_text(header, "identifier") if header is not None else ""
    venues = [name for name in names if not name.startswith(("http://", "https://", "doi:")) and not arxiv(name)]
    return Facts(
        source=KIND,
        title=child_text(inner, "title"),
        abstract="".join(abstracts),
        arxiv_id=next((name for name in [*names, own] if arxiv(name)), ""),
        authors=(_turned(text_of(found)) for found in children(inner, "creator")),
        published=days[0] if days else None,
        updated=days[-1] if len(days) > 1 else None,
        categories=categories_of(".".join(name.split(":")[1:] or [name]) for name in sets),
        comment=REMARK.sub("", " ".join(remarks[len(abstracts) :]), count=1),
        venue=venues[0] if venues else "",
        doi=next((found for name in names if not arxiv(name) and (found := first_doi(name))), ""),
        licence=child_text(inner, "rights"),
    )


def _turned(name: str) -> str:
    """ "Keyname Jr., Forenames" as people say it."""
    keyname, _, forenames = name.strip().partition(", ")
    return f"{forenames} {keyname}".strip()
