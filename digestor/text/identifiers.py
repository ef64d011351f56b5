"""The names papers go by: arXiv ids, DOIs, ids made of a paper's own words; and the addresses made of them.

An identifier is the whole string or it is none: "2611.10000" is an arXiv id, a sentence that mentions it is not.
"""

import re
import unicodedata
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import quote, urlsplit

ADDRESS = 2_000
"""Characters that an address may have."""

ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
)
"""The archives whose papers have ids of the old form, `math/0309136` (until March 2007)."""

ARXIV = re.compile(
    r"""(?:arxiv:\s?|oai:arxiv\.org:|(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|format)/
    |(?:https?://)?(?:www\.)?(?:alphaxiv\.org/abs|hf\.co/papers|huggingface\.co/papers)/
    |(?:https?://(?:dx\.)?doi\.org/|doi:\s?)?10\.48550/arxiv\.)?"""
    rf"(?P<id>\d\d(?:0[1-9]|1[0-2])\.\d{{4,5}}|(?:{'|'.join(ARCHIVES.split())})(?:\.[a-z]{{2}})?/\d\d(?:0[1-9]|1[0-2])\d{{3}})"
    r"(?:v(?P<version>[1-9]\d{0,2}))?(?:\.pdf)?/?",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi:\s?)?"
    r"(10\.\d{4,9}(?:\.\d+)*/[^\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff<>\"]+)",
    re.IGNORECASE | re.ASCII,
)
NO_LETTER = re.compile(r"[\W_]+")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\"'`<>\\^{|}]")


class ArxivId(NamedTuple):
    """An arXiv id without its version, `2303.00763` or `math/0309136`, and the version where one was given."""

    id: str
    version: int | None


def arxiv(text: str) -> ArxivId | None:
    """The arXiv id that a text is, in any of its forms: bare, `arXiv:`, `oai:`, an address, a DOI of arXiv's.

    >>> arxiv("https://arxiv.org/pdf/hep-th/9901001v3"), arxiv("2413.00001")
    (ArxivId(id='hep-th/9901001', version=3), None)
    """
    found = ARXIV.fullmatch(text.strip()) if len(text) <= ADDRESS else None
    if not found:
        return None
    name = found["id"].lower()
    if "/" in name:  # the subject class is no part of the id: math.GT/0309136 is math/0309136
        archive, number = name.split("/")
        name = f"{archive.partition('.')[0]}/{number}"
    elif (len(name) == 10) != (name[:4] >= "1501") or name < "0704":  # four digits until 2014, five since
        return None
    return ArxivId(name, int(found["version"]) if found["version"] else None)


def doi(text: str) -> str | None:
    """The DOI that a text is, in lower case, without resolver or trailing punctuation.

    >>> doi("https://doi.org/10.1000/ABC.182.")
    '10.1000/abc.182'
    """
    found = DOI.fullmatch(text.strip()) if len(text) <= ADDRESS else None
    if not found:
        return None
    name = found[1].rstrip(".,;:'")
    while name.endswith((")", "]", "}")) and name.count(name[-1]) > name.count(
        {")": "(", "]": "[", "}": "{"}[name[-1]]
    ):
        name = name[:-1].rstrip(".,;:'")
    return name.lower() if not name.endswith("/") else None


def content_id(title: str, abstract: str) -> str:
    """An id made of a paper's own words, for sources that give none: the same words, the same id, however laid out."""
    text = f"{title}\n{abstract}"
    words = (text if text.isascii() else unicodedata.normalize("NFKD", text)).casefold()
    letters = NO_LETTER.sub("", words) or text
    return f"p-{blake2b(letters.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"


def url_of(arxiv_id: str | None, doi: str | None) -> str | None:
    """Where a paper's page is: arXiv before the DOI resolver."""
    if arxiv_id and (known := arxiv(arxiv_id)):
        return f"https://arxiv.org/abs/{known.id}"
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}" if doi else None


def safe_url(text: str) -> str | None:
    """The address that a text is, if a reader may be sent there: http(s), a host with a name, nobody's password.

    Spaces, quotes, angle brackets, control and invisible characters make it unsafe; it is never repaired.
    """
    address = text.strip()
    if len(address) > ADDRESS or UNSAFE.search(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        host = host if host.isascii() else host.encode("idna").decode("ascii")
        port = parts.port
    except ValueError:  # a port that is no number, brackets without an IPv6 address, a label too long
        return None
    if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc or port == 0:
        return None
    return address if HOST.fullmatch(host) and len(host) <= 253 else None
