"""Hostile and odd records, from a source to every format, to file names and to what a model is asked.

The records are not ours to copy and lie beside the project; without them these tests skip. `checks` of a record say
where to look (`record.title`, `html`, `llm_prompt`, ...), how (`op`) and for what (`value`).
"""

import email
import email.policy
import json
import re
import time
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from html import escape, unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from digestor import dedupe, prompt
from digestor.annotators.asking import paper_text
from digestor.cli import run
from digestor.models import Entry, Issue, Paper
from digestor.render import render
from digestor.sources.files import Files

RECORDS = Path(__file__).parents[2] / "shared" / "data" / "hostile.jsonl"
WEEK = ["--date", "2026-11-21"]
FORMATS = ("md", "html", "txt", "json", "csv")
CODE = {"released": "available", "promised": "promised", "mentioned": "unclear", "none": "none"}
"""Our words for a code flag, in those of the checks: what others have is `unclear` there and `mentioned` here."""


def records() -> list[dict[str, Any]]:
    lines = RECORDS.read_text(encoding="utf-8").splitlines() if RECORDS.is_file() else []
    return [grown(json.loads(line)) for line in lines]


def grown(record: dict[str, Any]) -> dict[str, Any]:
    """A record whose big value is described and not written out, with the value."""
    if gen := record.get("gen"):
        field, unit, times = gen["field"], gen["unit"], gen["times"]
        record[field] = [unit] * times if field == "authors" else (record.get(field) or "") + unit * times
    return record


KNOWN = records()
pytestmark = pytest.mark.skipif(not KNOWN, reason="the hostile records are not here")


class Made(NamedTuple):
    """What became of a record."""

    record: dict[str, Any]
    code: int
    paper: Paper | None
    entry: Entry | None
    files: Mapping[str, str]
    names: list[str]
    mail: EmailMessage | None
    seconds: float


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """The record as a source has it, without what belongs to the checks."""
    return {key: value for key, value in record.items() if key not in ("n", "kind", "must", "checks", "gen", "pair")}


def made(record: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """The record between two papers that must not suffer from it, through the whole of `digestor weekly`."""
    monkeypatch.chdir(folder)
    lines = [BEFORE, plain(record), AFTER]
    Path("in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    started = time.monotonic()
    code = run(["weekly", "in.jsonl", "--quiet", "--format", ",".join(FORMATS), *WEEK])
    seconds = time.monotonic() - started
    written = sorted(Path("digests").rglob("*"))
    issue = Issue.model_validate_json(Path("digests/2026-W47.json").read_text(encoding="utf-8"))
    entries = [entry for section in issue.sections for entry in section.entries]
    entry = next((one for one in entries if one.paper.id not in (BEFORE["id"], AFTER["id"])), None)
    assert {BEFORE["id"], AFTER["id"]} <= {one.paper.id for one in entries}, "its neighbours are lost"
    files = {format: Path(f"digests/2026-W47.{format}").read_text(encoding="utf-8") for format in FORMATS}
    read = [one for one in Files(path="in.jsonl").papers(None) if isinstance(one, Paper)]  # type: ignore[arg-type]
    paper = next((one for one in read if one.id not in (BEFORE["id"], AFTER["id"])), None)
    return Made(record, code, paper, entry, files, [file.name for file in written], a_mail(issue), seconds)


BEFORE = {"id": "before", "title": "Tides in narrow bays", "abstract": "We measure tides in narrow bays with ropes."}
AFTER = {"id": "after", "title": "Winds over flat roofs", "abstract": "We model winds over flat roofs with smoke."}


def a_mail(issue: Issue) -> EmailMessage:
    """The mail as it would be sent, parsed again."""
    letter = render(issue, ("json",), mail=True).mail
    assert letter is not None
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"], message["To"] = letter.subject, "reader@example.org"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def looked_up(made: Made, where: str) -> object:
    """What a check looks at."""
    head, _, field = where.partition(".")
    if head == "record":
        return of_record(made, field)
    if head == "annotation":
        return of_annotation(made, field)
    assert made.mail is not None
    looks: dict[str, Callable[[], object]] = {
        "html": lambda: visible(made.files["html"]),
        "md": lambda: made.files["md"],
        "txt": lambda: made.files["txt"],
        "csv": lambda: made.files["csv"],
        "subject": lambda: str(made.mail and made.mail["Subject"]),
        "mail": lambda: made.mail and made.mail.as_bytes(),
        "filename": lambda: made.names,
        "llm_prompt": lambda: paper_text(prompt.load("annotate/v1"), made.paper) if made.paper else "",
        "dedupe_key": lambda: dedupe.title_key(made.paper.title) if made.paper else "",
        "time": lambda: made.seconds,
        "run": lambda: made.code,
    }
    return looks[where]()


def of_record(made: Made, field: str) -> object:
    paper = made.paper
    if field == "dropped":
        return paper is None
    assert paper is not None, "the paper is lost"
    if field == "status":
        return paper.standing
    if field == "code_url":  # ours has only what metadata says; the flag has what stands in the abstract
        assert made.entry is not None
        return made.entry.annotation.code.url
    found = getattr(paper, field)
    return found.isoformat().replace("+00:00", "Z") if field == "published" and found else found


def of_annotation(made: Made, field: str) -> object:
    assert made.entry is not None, "the paper is lost"
    said = made.entry.annotation
    if field == "":
        return said
    if field == "code_available":
        return said.code.status == "released"
    return CODE[said.code.status] if field == "code_status" else getattr(said, field)


def visible(html: str) -> str:
    """The page without its own head, script, style, controls: what a record could have put there, entities kept."""
    body = html[html.index("<main") : html.index("<footer")]
    return re.sub(r'(?s)<div class="bar".*?</div>\s*</div>', "", body)


def holds(op: str, found: object, value: object) -> bool:
    """Does a check hold?"""
    if isinstance(found, list) and op in ("matches", "max_len", "not_contains", "inside_outdir"):
        return all(holds(op, one, value) for one in found)
    text = found if isinstance(found, str) else ""
    ops: dict[str, Callable[[], bool]] = {
        "contains": lambda: value in (found if isinstance(found, tuple) else unescape(text)),
        "not_contains": lambda: str(value) not in text,
        "matches": lambda: re.search(str(value), text) is not None,
        "not_matches": lambda: re.search(str(value), text) is None,
        "equals": lambda: found == value,
        "in": lambda: found in value,  # type: ignore[operator]
        "is_null": lambda: found is None,
        "max_len": lambda: len(text) <= int(str(value)),
        "single_line": lambda: len(text.splitlines()) <= 1,
        "fence_balanced": lambda: len(re.findall(r"(?m)^\s*(?:```|~~~)", text)) % 2 == 0,
        "inside_outdir": lambda: "/" not in text and text not in ("", ".", ".."),
        "schema_valid": lambda: found is not None,
        "max_header_line": lambda: all(len(line) <= 998 for line in bytes(found).splitlines()),  # type: ignore[call-overload]
        "max_seconds": lambda: isinstance(found, float) and found < 60,  # how long it takes is for bench/ to say
        "no_crash": lambda: found in (0, 1),
    }
    return ops[op]()


CASES = [pytest.param(record, id=f"{record['n']}-{record['kind']}") for record in KNOWN]


@pytest.mark.parametrize("record", CASES)
def test_a_hostile_record_does_what_its_checks_ask(
    record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = made(record, tmp_path, monkeypatch)

    failed = []
    for check in record["checks"]:
        where, op, value = check["where"], check["op"], check["value"]
        if where == "dedupe":
            ok = same_as(record, str(value)) == (op == "same_as")
        else:
            ok = holds(op, looked_up(found, where), value)
        if not ok:
            failed.append((where, op, value))

    assert not failed, record["must"]


def same_as(record: dict[str, Any], kind: str) -> bool:
    """Is the record one paper with that of another kind? With one that is not among these, with its own twin."""
    others = [other for other in KNOWN if other["kind"] == kind]
    first, second = read(record), read(others[0]) if others else twin(record, kind)
    return len(dedupe.cluster([first, second])) == 1


def twin(record: dict[str, Any], kind: str) -> Paper:
    """A stand-in for a record that is kept elsewhere: the first version, the other part, the longer title."""
    title, changes = record["title"], dict[str, Any]()
    if kind.startswith("dup-"):
        changes = {"id": re.sub(r"v\d+\Z", "v1", record["id"])}
    elif "subset" in kind:
        changes = {"id": "2611.90001", "title": f"Revisiting the hypothesis: do {title[0].lower()}{title[1:]}?"}
    else:
        changes = {"id": "2611.90002", "title": title.replace("II.", "I.")}
    return read({**record, **changes})


def read(record: dict[str, Any]) -> Paper:
    from digestor.sources.records import parse_jsonl

    (paper,) = (one for one in parse_jsonl([json.dumps(plain(record))], "test") if isinstance(one, Paper))
    return paper


def daily_papers(record: dict[str, Any]) -> str:
    paper = {"id": "2611.99999", "title": record["title"], "summary": record["abstract"] or ""}
    return json.dumps([{"paper": {**paper, "publishedAt": "2026-11-17T00:00:00.000Z", "authors": [], "upvotes": 1}}])


def api_feed(record: dict[str, Any]) -> str:
    title, summary = xml(record["title"]), xml(record["abstract"] or "")
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id>'
    entry = (
        f"<entry><id>http://arxiv.org/abs/2611.99999v1</id><title>{title}</title><summary>{summary}</summary></entry>"
    )
    return f"{head}{entry}</feed>"


def csl(record: dict[str, Any]) -> str:
    issued = {"date-parts": [[2026, 11, 17]]}
    work = {"type": "article-journal", "title": record["title"], "abstract": record["abstract"] or "", "issued": issued}
    return json.dumps([work])


def xml(text: str) -> str:
    """Text as a feed has it: what XML cannot hold left out, the rest escaped."""
    held = re.sub(
        "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
        "",
        text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    )
    return escape(held)


CARRIERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "daily.json": daily_papers,
    "api.xml": api_feed,
    "csl.json": csl,
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("record", CASES)
def test_its_words_come_out_the_same_whatever_source_they_come_from(
    record: dict[str, Any], carrier: str, tmp_path: Path
) -> None:
    checks = [
        check for check in record["checks"] if check["where"] in ("record.title", "record.abstract", "record.flags")
    ]
    if not record["title"].strip() or not checks:
        return
    file = tmp_path / carrier
    file.write_text(CARRIERS[carrier](record), encoding="utf-8", errors="surrogatepass")

    (paper,) = (one for one in Files(path=str(file)).papers(None) if isinstance(one, Paper))  # type: ignore[arg-type]

    failed = [check for check in checks if not holds(check["op"], getattr(paper, check["where"][7:]), check["value"])]
    assert not failed, record["must"]
