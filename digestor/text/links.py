"""Web addresses in running text: found, cut out of the punctuation around them, and checked.

Abstracts put addresses at the end of sentences, in brackets, without `https://`, and broken by a space. What is
handed on is ASCII, http or https, and has a host that could exist: no user name, no bare IP number, no quotes,
angle brackets or control characters. Nothing here fetches anything.
"""

import re
from typing import NamedTuple


class Link(NamedTuple):
    """An address and where it stands: `text[start:end]` is how it was written, without the punctuation after it."""

    url: str
    start: int
    end: int


LONGEST = 250
"""Characters; a longer address is not one that a reader could use."""

_FORGE = r"(?:www\.)?(?:github|gitlab|bitbucket|huggingface)\s?\.\s?(?:com|org|co)\s?/"
_ENDINGS = "com|org|net|io|ai|co|edu|gov|dev|app|science|info|cc|gl|ly|me|eu|uk|de|fr|ch|at|nl|it|es|jp|cn|in"
_ADDRESS = re.compile(
    rf"""(?:
    (?:https?\s?:\s?/{{1,2}}\s?|https?/{{1,2}}|(?<!(?u:[\w@/.:-]))){_FORGE}  # a known forge; after a space in it
      (?:\s(?=(?!(?:and|or|his|with|w|i|the)/)[\w.-]+/[\w.-]))?       # "owner/name" follows, not "and/or"
    | https?://                                                       # any address in full
    | (?<!(?u:[\w@/.:-]))(?:
        (?:[a-z0-9-]{{1,40}}\.){{1,4}}(?:{_ENDINGS})/                 # without its scheme: if it has a path,
      | (?:www\.[\w-]{{1,40}}|[\w-]{{1,40}}\.(?:github|gitlab|readthedocs))\.(?=[a-z]{{2}})  # or says what it is
    ))(?:[\w\-.~:/?#@!$&*+,;=%()]|\\(?=[_%&#~]))*""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_HALF = re.compile(rf"(?:https?://)?{_FORGE}[\w.-]+/", re.ASCII | re.IGNORECASE)
# The other half of "github.com/owner/ some-name": it looks like a name, and the sentence ends after it.
_REST = re.compile(
    r"\s(?=[\w-]{0,60}[-_\d]|[A-Za-z]?[a-z]{1,60}[A-Z])[A-Za-z0-9][\w-]{1,60}(?=[.,;)\]]{0,3}(?:\s[A-Z(]|\s?\Z))",
    re.ASCII,
)
# "github.com/owner/name.We also", "github.com/owner/name,and": names of repositories hold no such thing.
_GLUED = re.compile(
    r"(?:[,;]|\.(?=(?:The|We|Our|This|These|It|In|To|For|All|Also|Code|Data|Models?|Project)\b)).*", re.ASCII
)
_PARTS = re.compile(
    r"https?://((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})(?::\d{1,5})?(?=[/?#]|\Z)(.*)", re.ASCII | re.IGNORECASE
)

_REPOSITORY = re.compile(
    r"""https?://(?:[\w-]+\.){0,4}(?:
      (?:github|bitbucket|codeberg|kaggle|openml|crates|npmjs|physionet|datadryad|ascl|codeocean)\.(?:com|org|io|net)/
    | (?:gitlab|dataverse)(?:\.[\w-]+){1,4}/ | git\.[\w-]+\.[\w.-]+/ | sr\.ht/ | modelscope\.(?:cn|ai)/
    | (?:huggingface\.co|hf\.co)/(?!papers?/|spaces/|blog/|docs/)
    | (?:zenodo|osf|figshare)\.(?:org|io|com)/ | 4open\.science/ | git\.io/ | code\.google\.com/ | hub\.docker\.com/
    | pypi\.(?:python\.)?org/ | cran\.r-project\.org/ | bioconductor\.org/ | sourceforge\.(?:net|io)
    | data\.mendeley\.com/ | doi\.org/10\.(?:5281|6084|17605)/
    )""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_PAGE = re.compile(
    r"https?://(?:sites\.google\.com/|huggingface\.co/spaces/|[\w-]+\.(?:github\.io|gitlab\.io|readthedocs\.io|netlify\.app)(?:/|\Z))",
    re.ASCII | re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"https?://(?:[\w-]+\.){0,4}(?:youtube\.com|youtu\.be|y2u\.be|vimeo\.com|bilibili\.com|streamable\.com|arxiv\.org"
    r"|doi\.org|wikipedia\.org|openreview\.net|twitter\.com|x\.com|medium\.com)(?:/|\Z)",
    re.ASCII | re.IGNORECASE,
)


def find(text: str) -> list[Link]:
    """The addresses in a text, in order, none overlapping."""
    links = []
    for match in _ADDRESS.finditer(text):
        written = _trim(match.group())
        if text[match.end() : match.end() + 1].isalnum() and written.count("/") < 3:
            continue  # the host goes on in another script
        if _HALF.fullmatch(written) and (rest := _REST.match(text, match.start() + len(written))):
            written += rest.group()
        if url := _address(written):
            links.append(Link(url, match.start(), match.start() + len(written)))
    return links


def only(text: str) -> str | None:
    """The address that a metadata field holds, or None where it holds anything else beside it."""
    links = find(text)
    if len(links) != 1 or any(c.isalnum() for c in text[: links[0].start] + text[links[0].end :]):
        return None
    return links[0].url


def is_repository(url: str) -> bool:
    """Whether an address lies where code, models or data are kept, rather than on a page about them."""
    return _REPOSITORY.match(url) is not None


def is_page(url: str) -> bool:
    """Whether an address lies where pages about projects are kept: an own page, of a nature not known."""
    return _PAGE.match(url) is not None


def is_elsewhere(url: str) -> bool:
    """Whether an address is a video, a paper, an article: no place for code."""
    return _ELSEWHERE.match(url) is not None and not is_repository(url)


def _trim(written: str) -> str:
    """Without the punctuation that belongs to the sentence; brackets that the address itself opened stay."""
    if re.match(rf"(?:https?\W+)?{_FORGE}", written, re.ASCII | re.IGNORECASE):
        written = _GLUED.sub("", written)
    if len(written) > LONGEST:
        return ""
    while written and (written[-1] in ".,;:!?*-&" or (written[-1] == ")" and written.count(")") > written.count("("))):
        written = written[:-1]
    return written


def _address(written: str) -> str | None:
    """The address as it is opened, or None if it is no sane one. Spaces in it are breaks."""
    url = re.sub(r"\s|\\", "", written)
    if not re.match(r"https?://", url, re.IGNORECASE):
        url = "https://" + re.sub(r"^https?:?/+", "", url, flags=re.IGNORECASE)
    parts = _PARTS.fullmatch(url)
    if parts is None or not url.isascii():
        return None
    leads_nowhere = re.fullmatch(rf"{_FORGE}?", f"{parts[1]}/", re.IGNORECASE) and not parts[2].strip("/")
    return None if leads_nowhere else url
