"""Inputs to begin with: small ones in every format, in our own words, and recorded ones where those are present."""

import gzip
import zlib
from pathlib import Path

from tests.hosting import SHARED
from tests.test_formats import SAMPLES

OWN = Path(__file__).parent / "samples"
PAGES = SHARED.parents[1] / "seeds"
LARGEST = 60_000
"""Bytes of a recorded input; what is larger would only be slow to change."""
KINDS = {"announcements": "arxiv_feed", "mailing": "mail", "json": "jsonl"}
"""Targets that read a format of another name."""
FOLDERS = {
    "announcements": "arxiv_rss",
    "arxiv_api": "arxiv_atom_api",
    "arxiv_feed": "arxiv_rss",
    "bibtex": "bibtex",
    "crossref": "crossref",
    "csl": "csl_json",
    "daily_papers": "hf_daily_papers",
    "feed": "rss_odd",
    "mail": "arxiv_email",
    "mailing": "arxiv_email",
    "oai": "arxiv_oai",
    "ris": "ris",
    "semanticscholar": "semantic_scholar",
}
"""Targets and the folders of recorded replies that they can read."""
PACKED = (gzip.compress(b"moss" * 30, mtime=0), zlib.compress(b"moss" * 30), zlib.compress(b"moss" * 30)[2:-4])


def seeds(target: str) -> list[bytes]:
    """What a target begins with."""
    kinds = {target, KINDS.get(target, target), *(["json_feed"] if target == "feed" else [])}
    everything = target in ("files", "formats")
    found = [file.read_bytes() for file in sorted(OWN.glob("*/*")) if everything or file.parent.name in kinds]
    found += [text.encode() for name, text in SAMPLES if everything or name in kinds]
    found += [mail.replace(b"\n", b"\r\n") for mail in found] if target == "mail" else []
    found += PACKED if target == "server" else ()
    if target == "formats":
        found = [bytes((number,)) + text for number, text in enumerate(found)]
    return list(dict.fromkeys(found)) or [b"moss"]


def recorded(target: str) -> list[bytes]:
    """What real sites answered, where that is present; it is never copied to here."""
    if target == "pages":
        files = sorted(PAGES.glob("*.txt"))
    elif target == "files":
        files = sorted(file for file in SHARED.rglob("*") if file.is_file() and file.suffix != ".md")
    else:
        files = sorted((SHARED / FOLDERS[target]).glob("*")) if target in FOLDERS else []
    return [body for file in files if len(body := file.read_bytes()) <= LARGEST]
