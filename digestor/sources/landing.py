"""The DOI that the address of a paper's page holds, where the publisher's way of writing it is certain."""

import re
from urllib.parse import unquote, urlsplit

from digestor.text.identifiers import ADDRESS, arxiv, doi

PREFIX = re.compile(r"(?:info:doi/|urn:doi:|doi\.org/)", re.IGNORECASE)
SUFFIX = re.compile(r"/(?:full|fulltext|full\.html|abstract|summary|pdf|epdf|html|meta)/?\Z", re.IGNORECASE)
NAMED = r"(10\.\d{4,9}/[^?#]+)"
PATHS = tuple(
    (re.compile(hosts), re.compile(path))
    for hosts, path in (
        (r"(?:www\.)?nature\.com", r"/articles/([ds]\d{5}-\d{3}-\d{4,5}-[\dw-z])"),
        (r"link\.springer\.com|[a-z-]+\.biomedcentral\.com", rf"/(?:article|chapter|book|articles)/{NAMED}"),
        (r"(?:www\.)?frontiersin\.org", rf"/(?:journals/[a-z-]+/)?articles?/{NAMED}"),
        (r"iopscience\.iop\.org", rf"/article/{NAMED}"),
        (r"(?:www\.)?(?:bio|med)rxiv\.org", r"/content/(10\.\d{4,9}/[\d.]+?)(?:v\d{1,3})?(?:\.[a-z.-]{1,30})?"),
        (r"academic\.oup\.com", r"/[a-z-]+/(?:advance-)?article/doi/(10\.1093/[a-z]+/[a-z]+\d+)(?:/\d+)?"),
        (r"(?!academic\.oup\.com).{4,253}", rf"/(?:[\w-]{{1,40}}/){{0,3}}doi/(?:[a-z]{{2,10}}/)?{NAMED}"),
    )
)
"""Hosts, and the paths at which a paper lies there. The last is that of many: Wiley, ACS, ACM, SAGE, Science, PNAS."""
NATURE = re.compile(r"[ds]\d{5}-")
PLOS = re.compile(r"(?:\A|&)id=(10\.1371/journal\.[a-z]{4}\.\d{7})(?:&|\Z)")


def doi_at(text: str) -> str:
    """The DOI that an id or address is, holds or stands for; empty where that is not certain.

    >>> doi_at("https://onlinelibrary.wiley.com/doi/full/10.1002/moss.12?af=R"), doi_at("https://x.example/10.1/a")
    ('10.1002/moss.12', '')
    """
    text = text.strip()
    if len(text) > ADDRESS:
        return ""
    if not text.lower().startswith(("http://", "https://")):
        return doi(PREFIX.sub("", text, count=1) if PREFIX.match(text) else text) or ""
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError:  # brackets without an IPv6 address
        return ""
    path = unquote(parts.path)
    if host in ("doi.org", "dx.doi.org", "www.doi.org"):
        return doi(path.lstrip("/")) or ""
    if host == "journals.plos.org" and (found := PLOS.search(unquote(parts.query))):
        return found[1]
    shorn = SUFFIX.sub("", path).rstrip("/")
    for hosts, pattern in PATHS:
        if hosts.fullmatch(host):
            found = pattern.fullmatch(shorn)
            name = found[1] if found else ""
            return doi(f"10.1038/{name}" if NATURE.match(name) else name) or ""
    return ""


def arxiv_at(text: str) -> str:
    """The text, without query, if it is an arXiv id in any of its forms; else empty."""
    bare = re.split(r"[?#]", text[: ADDRESS + 1], maxsplit=1)[0]
    return bare if arxiv(bare) else ""
