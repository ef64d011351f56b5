"""BibTeX and BibLaTeX files: Zotero, JabRef, Mendeley, Google Scholar, DBLP, publishers.

bibtexparser takes single entries apart; the file is divided into entries here, so that a broken one costs only
itself, a hostile one costs no more time than its length, and no more than one entry is held at a time.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from digestor.models import Paper, Problem
from digestor.sources.bibliography.ids import noted, preprint, without_ids
from digestor.sources.bibliography.people import in_order
from digestor.sources.bibliography.telling import sound, told
from digestor.sources.bibliography.tex import plain
from digestor.sources.facts import AUTHORS, Facts, paper_of, when
from digestor.text.cleaning import RAW
from digestor.text.identifiers import doi, safe_url
from digestor.text.links import find

if TYPE_CHECKING:
    from bibtexparser.model import Block

HEAD = 20_000
"""Characters of a file's beginning in which its first entry is looked for."""
KEY = r"[^,{}=\"@\n\\]{0,300}"
KNOWN = r"""(?:article|book|booklet|collection|comment|conference|dataset|electronic|inbook|incollection|inproceedings|
    manual|mastersthesis|misc|mvbook|online|patent|periodical|phdthesis|preamble|preprint|proceedings|reference|report|
    software|string|suppperiodical|techreport|thesis|unpublished|www)"""
BEGINNING = re.compile(
    rf"^[^\S\n]*@[^\S\n]*(?:(?P<known>{KNOWN})\s{{0,99}}|(?P<other>[a-z]\w{{0,60}})\s{{0,99}}(?=[{{(]\s{{0,99}}{KEY},))(?=[{{(])",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""Where an entry begins: of a known type, or of any other with a key and a comma."""
WITHIN = re.compile(
    rf"@(?=\w*[ \t]*[{{(])(?!\w+[ \t]*[{{(]\s{{0,99}}{KEY},\s{{0,99}}[\w-]{{1,60}}\s{{0,99}}=)", re.ASCII
)
"""An at-sign in an entry that bibtexparser could take for the beginning of another, and is none."""
MASK = "\u200b"
LINE_END = re.compile(r"(?<!\\)((?:\\\\)+)(?=[{}\"])")
"""TeX's line break at the end of a value: the brace after it is not escaped."""
FIRST = re.compile(rf"@[a-z]\w{{0,60}}\s{{0,99}}[{{(]\s{{0,99}}{KEY},\s{{0,99}}[\w-]{{1,60}}\s{{0,99}}=", re.IGNORECASE)
STRING = re.compile(r"@(?:string|preamble|comment)\s{0,99}[{(]", re.IGNORECASE)

IGNORED = frozenset("comment preamble string xdata set control ieeetranbstctl".split())
"""What is no entry, or an entry about other entries."""
PLACES = ("journaltitle", "journal", "booktitle", "maintitle", "eventtitle", "school", "institution")
WANTED = frozenset(
    (
        "title subtitle abstract author eprint eprinttype eprintclass archiveprefix primaryclass doi url year month day"
        " date keywords keyword note howpublished pubstate addendum pmid copyright code software volume number"
    ).split()
) | frozenset(PLACES)
MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
MONTH = re.compile(r"(?:(\d{1,2})\W{0,3})?([a-z]{3})[a-z]{0,6}\W{0,3}(\d{1,2})?", re.IGNORECASE)
MACRO = 1_000
"""Characters an abbreviation may stand for."""
PART = re.compile(r"\\.|[{}\"#]", re.DOTALL)
GROUP = re.compile(r"\\.|[{}]| and (?=\S)|,", re.DOTALL | re.IGNORECASE)
EXTENDED = re.compile(r"(family|given|prefix|suffix)(?:-i)?\s?=\s?(.*)", re.IGNORECASE)
ADDRESS = re.compile(r"\\url\s?\{([^{}\s]{1,2000})\}")
SILENT = logging.NullHandler()


def fits_bibtex(head: str) -> bool:
    """Does the beginning of a file hold an entry at the beginning of a line, or open with an abbreviation?"""
    start = head[:HEAD]
    if STRING.match(start.lstrip("\ufeff \t\n")):
        return True
    return any(FIRST.match(start, found.start() + found[0].index("@")) for found in BEGINNING.finditer(start))


def parse_bibtex(text: str, where: str) -> Iterator[Paper | Problem]:
    """The papers of a bibliography, in order. Raises SourceError where it holds no entry."""
    logging.getLogger("bibtexparser").addHandler(SILENT)  # what it has to say is told in our words
    return told(_papers(sound(text), where), where, "BibTeX")


def _papers(text: str, where: str) -> Iterator[Paper | Problem]:
    macros = _macros(text)
    line, counted = 1, 0
    for kind, start, body, end in _entries(text):
        line, counted = line + text.count("\n", counted, start), start
        yield from _read(kind, text[body:end], f"{where}:line {line}", macros)


def _entries(text: str) -> Iterator[tuple[str, int, int, int]]:
    """Type, beginning, opening brace and end of what stands between the beginning of an entry and that of the next."""
    last: tuple[str, int, int] | None = None
    for found in BEGINNING.finditer(text):
        if last:
            yield *last, found.start()
        last = ((found["known"] or found["other"]).lower(), found.start(), found.end())
    if last:
        yield *last, len(text)


def _macros(text: str) -> dict[str, str]:
    """The abbreviations a file defines, wherever it does."""
    from bibtexparser.model import String

    macros: dict[str, str] = {}
    for kind, _, body, end in _entries(text):
        for block in _blocks(kind, text[body:end]) if kind == "string" else ():
            if isinstance(block, String):
                macros[block.key.lower()] = _value(block.value, macros)[:MACRO]
    return macros


def _blocks(kind: str, body: str) -> Iterator["Block"]:
    """What bibtexparser finds in an entry and what follows it, but for what somebody put out of use with a `%`."""
    from bibtexparser.entrypoint import parse_string

    rest = LINE_END.sub(r"\1 ", WITHIN.sub(f"@{MASK}", body[1:]))
    written = f"@{kind}{body[0]}{rest}"
    lines: list[str] = []
    for block in parse_string(written, parse_stack=[]).blocks:
        number = block.start_line or 0
        if number > 0:
            lines = lines or written.split("\n")
            if lines[min(number, len(lines) - 1)].lstrip().startswith("%"):
                continue
        yield block


def _read(kind: str, body: str, where: str, macros: Mapping[str, str]) -> Iterator[Paper | Problem]:
    """The papers of one entry, and of those that follow it on its own line."""
    from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ParsingFailedBlock

    for found in _blocks(kind, body):
        block = found.ignore_error_block if isinstance(found, DuplicateFieldKeyBlock) else found
        if isinstance(block, Entry):
            if block.entry_type.lower() not in IGNORED:
                pairs = ((field.key, field.value) for field in block.fields)
                yield paper_of(_facts(_fields(pairs, macros)), where)
        elif isinstance(block, ParsingFailedBlock):
            raw = block.raw or ""
            entries = len(FIRST.findall(raw)) or int(raw[1:].split("{")[0].split("(")[0].strip().lower() not in IGNORED)
            if entries:
                what = "the entry is broken: a brace, a quotation mark or a comma is missing"
                yield Problem(where=where, what=what, todo="mend it, or export it anew", lost=entries)


def _fields(pairs: Iterable[tuple[str, str]], macros: Mapping[str, str]) -> dict[str, str]:
    """The fields that matter here; of one that is given twice, the first with something in it."""
    fields: dict[str, str] = {}
    for key, raw in pairs:
        name = key.rpartition("\n")[2].strip().lower()  # before it, biber allows a comment
        if name in WANTED and not fields.get(name):
            fields[name] = _value(raw, macros).replace(MASK, "").strip()
    return fields


def _value(raw: str, macros: Mapping[str, str]) -> str:
    """What a value says, without its braces or quotation marks, abbreviations said, parts joined at `#`."""
    parts: list[str] = []
    length = 0
    for part in _parts(raw):
        part = part.strip()
        if len(part) > 1 and (part[0], part[-1]) in (("{", "}"), ('"', '"')):
            said = part[1:-1]
        else:
            said = macros.get(part.lower(), part)
        parts.append(said)
        length += len(said)
        if length > RAW:
            break
    return "".join(parts)[:RAW]


def _parts(raw: str) -> Iterator[str]:
    if "#" not in raw:
        yield raw
        return
    depth, quoted, start = 0, False, 0
    for found in PART.finditer(raw):
        sign = found[0]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif sign == '"' and depth <= 0:
            quoted = not quoted
        elif sign == "#" and depth <= 0 and not quoted:
            yield raw[start : found.start()]
            start = found.end()
    yield raw[start:]


def _facts(fields: Mapping[str, str]) -> Facts:
    say = {name: plain(text) for name, text in fields.items()}.get
    note = fields.get("note", "")
    ids = noted(note)
    kind = (fields.get("eprinttype") or fields.get("archiveprefix") or "").lower()
    eprint = fields.get("eprint", "") if kind in ("", "arxiv") else ""
    place = next((text for name in PLACES if (text := say(name, ""))), "")
    written = ("url", "doi", "number", "volume", "howpublished")
    remarks = [without_ids(say("note", "")), *(say(name, "") for name in ("howpublished", "pubstate", "addendum"))]
    remarks = [ADDRESS.sub(r"\1", text).strip() for text in remarks]
    keywords = say("keywords") or say("keyword") or ""
    classes = fields.get("primaryclass") or fields.get("eprintclass") or ""
    title, more = say("title", ""), say("subtitle", "")
    return Facts(
        source="bibtex",
        title=f"{title}: {more}" if title and more else title or more,
        abstract=say("abstract", ""),
        url=_address(fields),
        authors=people(fields.get("author", "")),
        published=_day(fields),
        arxiv_id=preprint((eprint, *(fields.get(name, "") for name in written), ids.get("arxiv", ""), place)),
        doi=next((name for name in (fields.get("doi", ""), fields.get("url", "")) if doi(name)), ids.get("doi", "")),
        pmid=fields.get("pmid") or (fields.get("eprint", "") if kind == "pubmed" else "") or ids.get("pmid", ""),
        categories=[classes, *re.split(r";" if ";" in keywords else r",", keywords)],
        code_url=fields.get("code") or fields.get("software") or "",
        venue=place,
        comment="; ".join(text for text in remarks if text and not safe_url(text)),
        licence=say("copyright", ""),
    )


def _address(fields: Mapping[str, str]) -> str:
    """The address in `url`, or in a field where TeX users put one; characters escaped for TeX are themselves."""
    for name in ("url", "howpublished", "note"):
        text = re.sub(r"\\([_%&#~])", r"\1", fields.get(name, ""))
        wrapped = ADDRESS.search(text)
        if safe_url(address := wrapped[1] if wrapped else text):
            return address
        if name != "note" and (links := find(text[:RAW])):
            return links[0].url
    return ""


def _day(fields: Mapping[str, str]) -> date | str:
    """The day of a full date, in `date` or in `year`, `month` and `day`; nothing for a year or a month alone."""
    if when(written := fields.get("date", "")):
        return written
    year, named, day = fields.get("year", ""), MONTH.fullmatch(fields.get("month", "").strip()), fields.get("day", "")
    month = MONTHS.get(named[2].lower()) if named else None
    if named:
        day = day or named[1] or named[3] or ""
    number = fields.get("month", "") if month is None else str(month)
    return f"{year}-{number}-{day}" if year and number and day else ""


def people(text: str) -> list[str]:
    """Names divided at `and`, each said in order; those in braces are taken as they are, `others` are nobody.

    >>> people("van Ash, Ann and {Moss, Lichen and Co} and Ben Birch and others")
    ['Ann van Ash', 'Moss, Lichen and Co', 'Ben Birch']
    """
    parts: list[list[str]] = [[]]
    text = " ".join(text.split())
    depth, start = 0, 0
    for found in GROUP.finditer(text):
        sign = found[0]
        depth = depth + 1 if sign == "{" else max(depth - 1, 0) if sign == "}" else depth
        if depth == 0 and sign[0] in ", ":
            parts[-1].append(text[start : found.start()].strip())
            start = found.end()
            if sign != ",":
                parts.append([])
    parts[-1].append(text[start:].strip())
    names = (_name(name) for name in parts[:AUTHORS])
    return [name for name in names if name and name.lower() not in ("others", "et al.", "et al")]


def _name(parts: list[str]) -> str:
    extended = {found[1].lower(): found[2].strip('" ') for part in parts if (found := EXTENDED.fullmatch(part))}
    if extended:
        return plain(" ".join(filter(None, (extended.get(key) for key in ("given", "prefix", "family", "suffix")))))
    return plain(in_order(parts))
