"""Reading XML that others wrote: nothing is fetched, nothing expanded, nothing guessed where it breaks off.

Names are taken without their namespaces: every format read here is told apart by its root, and sites change the
prefixes and addresses of theirs.
"""

import codecs
from collections.abc import Iterator

from lxml import etree

from digestor.errors import SourceError
from digestor.text import clean_line

PIECES = 3_000_000
"""Elements and attributes there may be, counted by `<` and `=`: each takes up to 120 bytes of memory."""
REASON = 120
"""Characters of a parser's own words that are passed on."""
TODO = "ask again later, or save it anew: it has to be the site's XML, whole and unchanged"


def parse_xml(body: bytes, where: str) -> etree._Element:
    """The root of an XML document. Raises SourceError for whatever is not all of one, or is made to do harm."""
    text = body.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise SourceError(where, "is not XML that can be read: it is empty", TODO)
    if text.count(b"<") + text.count(b"=") > PIECES:
        raise SourceError(where, "is not XML that can be read: it has too many elements", "split it")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.LxmlError, ValueError, LookupError, TypeError, AssertionError) as error:
        raise SourceError(where, f"is not XML that can be read: {_reason(error, text)}", TODO) from error
    if root is None:
        raise SourceError(where, "is not XML that can be read: it has no root element", TODO)
    declared = root.getroottree().docinfo.internalDTD
    if "html" in (local(root).lower(), str(declared.name).lower() if declared is not None else ""):
        raise SourceError(where, "is not XML that can be read: it is a web page", TODO)
    if declared is not None and next(declared.iterentities(), None) is not None:  # they stand for text of any length
        raise SourceError(where, "is not XML that can be read: it defines entities", "write the text out in full")
    return root


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for a comment or an instruction."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def text_of(element: etree._Element) -> str:
    """All text in an element, as it stands there: not cleaned, without comments."""
    return "".join(element.itertext())


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The elements right in an element that have one of these names, in any namespace; all where none is named."""
    found: Iterator[etree._Element] = element.iterchildren(*(f"{{*}}{name}" for name in names or ("*",)))
    return found


def descendants(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The same, with the element itself and those anywhere in it, in the order of the document."""
    found: Iterator[etree._Element] = element.iter(*(f"{{*}}{name}" for name in names or ("*",)))
    return found


def child_text(element: etree._Element, *names: str) -> str:
    """The text of the first of `children` that has any, without the blanks around it; empty where none has."""
    return next((text for child in children(element, *names) if (text := text_of(child).strip())), "")


def _reason(error: Exception, text: bytes) -> str:
    """What is wrong, in the parser's words, or in better ones where it is clear what was sent in place of XML."""
    start = text[:REASON].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "it is a web page"
    if text[:1].isalnum():
        return f"it is text: {clean_line(text[:REASON].decode('utf-8', 'replace'))!r}"
    words = getattr(error, "msg", None) or str(error) or type(error).__name__
    return clean_line(str(words))[:REASON]
