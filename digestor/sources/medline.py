"""PubMed's XML (`PubmedArticleSet`), as efetch sends it: articles and books."""

import json
import re
from collections.abc import Iterator
from datetime import date

from lxml import etree

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.facts import Facts, paper_of
from digestor.sources.markup import child_text, children, descendants, local, parse_xml
from digestor.text import clean_line

ROOTS = ("PubmedArticleSet", "PubmedBookArticleSet", "PubmedArticle", "PubmedBookArticle")
SUBJECTS = 40
"""MeSH headings and keywords that are kept."""
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
MATHML = "{http://www.w3.org/1998/Math/MathML}"
FORMULA_SOURCE = ("annotation", "annotation-xml")
"""The same formula once more, in another language."""
BRACKETED = re.compile(r"\[([^\[\]]+?)\.?\]\.?")
NO_TITLE = "not available"
RETRACTED = "retracted publication"


def parse(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """Each article and book, or a Problem in its place. Raises SourceError where it is no such XML."""
    start = body[:200].lstrip()
    if start.startswith(b"{"):
        raise SourceError(where, f"answered {_said(body)!r} in place of papers", "try again later")
    root = parse_xml(body, where)
    name = local(root)
    if name not in ROOTS:
        said = clean_line(" ".join(words(found) for found in descendants(root, "ERROR")))[:200]
        what = f"answered {said!r} in place of papers" if said else f"is XML of another kind: <{name[:60]}>"
        raise SourceError(where, what, "it has to be what efetch sends with retmode=xml")
    for record in children(root, "PubmedArticle", "PubmedBookArticle") if name.endswith("Set") else [root]:
        yield _paper(record, where)


def words(element: etree._Element | None) -> str:
    """All text in an element on one line, with that of its markup; powers stay marked for `text.clean` to write."""
    return " ".join("".join(_pieces(element)).split()) if element is not None else ""


def _pieces(element: etree._Element) -> Iterator[str]:
    """The parser takes no document that is nested deeper than 256."""
    name = local(element)
    if name in FORMULA_SOURCE or element.tag in (etree.Comment, etree.PI):
        return
    formula = isinstance(element.tag, str) and element.tag.startswith(MATHML)
    yield "<sup>" if name == "sup" else ""
    yield _text(element.text, formula)
    for child in element.iterchildren():
        yield from _pieces(child)
        yield _text(child.tail, formula)
    yield "</sup>" if name == "sup" else ""


def _text(text: str | None, formula: bool) -> str:
    """In a formula blanks only lay out the XML."""
    return "" if not text or (formula and text.isspace()) else text


def _paper(record: etree._Element, where: str) -> Paper | Problem:
    citation = _first(record, "MedlineCitation", "BookDocument")
    if citation is None:
        todo = "save it anew, in PubMed's XML"
        return Problem(where=where, what="a record has no citation in it", todo=todo, lost=1)
    data = _first(record, "PubmedData", "PubmedBookData")
    article = _first(citation, "Article")
    article = citation if article is None else article
    journal, book = _first(article, "Journal"), _first(article, "Book")
    host = journal if journal is not None else book
    pmid = child_text(citation, "PMID")
    abstract = _first(article, "Abstract")
    preprint, digital = _identifiers(citation, article, data)
    facts = Facts(
        source="pubmed",
        title=_title(article) or words(_first(book, "BookTitle")),
        abstract=_abstract(abstract),
        url="" if digital or preprint else f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdigit() else "",
        authors=_authors(article) or _authors(book),
        published=_published(article, host),
        announced=_entered(data),
        arxiv_id=preprint,
        doi=digital,
        pmid=pmid,
        categories=_subjects(citation),
        venue=words(_first(host, "Title", "BookTitle", "ISOAbbreviation")),
        licence=words(_first(abstract, "CopyrightInformation")),
        standing="retracted" if _is_retracted(citation, article) else None,
    )
    return paper_of(facts, f"{where}, PMID {pmid[:20] or 'missing'}")


def _first(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first of an element's own children with the first of these names that any has."""
    if element is None:
        return None
    return next((child for name in names for child in children(element, name)), None)


def _title(article: etree._Element) -> str:
    """Without the full stop that PubMed adds, and the brackets of titles that it translated."""
    title = words(_first(article, "ArticleTitle"))
    if found := BRACKETED.fullmatch(title):
        title = found[1]
    if not title or title.rstrip(".").lower() == NO_TITLE:
        title = words(_first(article, "VernacularTitle"))
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def _abstract(abstract: etree._Element | None) -> str:
    """A paragraph for each part, with its label before it: "METHODS: ..."."""
    parts = []
    for part in children(abstract, "AbstractText") if abstract is not None else ():
        text, label = words(part), " ".join(part.get("Label", "").split())[:100]
        if text:
            parts.append(f"{label}: {text}" if label and label.upper() != "UNLABELLED" else text)
    return "\n\n".join(parts)


def _authors(article: etree._Element | None) -> list[str]:
    names: list[str] = []
    for group in children(article, "AuthorList") if article is not None else ():
        if group.get("Type", "authors") != "authors":
            continue
        for author in children(group, "Author"):
            if author.get("ValidYN") == "N":  # a name that was corrected; the right one follows
                continue
            given = child_text(author, "ForeName") or child_text(author, "Initials")
            person = " ".join((given, child_text(author, "LastName"), child_text(author, "Suffix")))
            names.append(" ".join(person.split()) or words(_first(author, "CollectiveName")))
    return names


def _identifiers(citation: etree._Element, article: etree._Element, data: etree._Element | None) -> tuple[str, str]:
    """The arXiv id and the DOI, each empty where there is none; never those of the papers it cites."""
    found: dict[str, str] = {}
    for owner in (data, citation):
        lists = children(owner, "ArticleIdList") if owner is not None else ()
        for entry in (entry for group in lists for entry in children(group, "ArticleId")):
            found.setdefault(entry.get("IdType", ""), words(entry))
    for place in children(article, "ELocationID"):
        if place.get("ValidYN") != "N":
            found.setdefault(place.get("EIdType", ""), words(place))
    preprint = found.get("pii", "")
    return preprint if preprint.lower().startswith("arxiv:") else "", found.get("doi", "")


def _published(article: etree._Element, host: etree._Element | None) -> date | None:
    """The day it came out online, else that of its issue; a month or a season is no date."""
    issue = _first(host, "JournalIssue") if host is not None and local(host) == "Journal" else host
    dates = [*children(article, "ArticleDate"), *(children(issue, "PubDate") if issue is not None else ())]
    return next((day for day in map(_day, dates) if day), None)


def _entered(data: etree._Element | None) -> date | None:
    """The day PubMed took it in, which is what its search for new papers goes by."""
    history = _first(data, "History")
    for entry in children(history, "PubMedPubDate") if history is not None else ():
        if entry.get("PubStatus") == "entrez":
            return _day(entry)
    return None


def _day(element: etree._Element) -> date | None:
    year, month, day = (child_text(element, name) for name in ("Year", "Month", "Day"))
    month = str(MONTHS.index(month[:3].lower()) + 1) if month[:3].lower() in MONTHS else month
    try:
        return date(int(year[:5]), int(month[:3]), int(day[:3]))
    except ValueError:
        return None


def _subjects(citation: etree._Element) -> list[str]:
    """MeSH headings, then keywords."""
    headings = [child for group in children(citation, "MeshHeadingList") for child in children(group, "MeshHeading")]
    named = [words(_first(heading, "DescriptorName")) for heading in headings[:SUBJECTS]]
    keywords = [child for group in children(citation, "KeywordList") for child in children(group, "Keyword")]
    return [*named, *(words(keyword) for keyword in keywords[:SUBJECTS])][:SUBJECTS]


def _is_retracted(citation: etree._Element, article: etree._Element) -> bool:
    types = [kind for group in children(article, "PublicationTypeList") for kind in children(group, "PublicationType")]
    types += children(article, "PublicationType")
    notes = [note for group in children(citation, "CommentsCorrectionsList") for note in children(group)]
    return any(words(kind).lower() == RETRACTED for kind in types) or any(
        note.get("RefType") == "RetractionIn" for note in notes
    )


def _said(body: bytes) -> str:
    """What a reply in JSON gives as its error."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return "JSON"
    said = value.get("error") or value.get("ERROR") if isinstance(value, dict) else None
    return clean_line(said)[:200] if isinstance(said, str) else "JSON"
