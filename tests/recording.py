"""Cassettes: what a real server answered, kept so that tests can hear it again without one.

    DIGESTOR_LLAMA_PYTHON=... python -m tests.recording                         llama.cpp, started here (tests/llama.py)
    OPENAI_API_KEY=... python -m tests.recording --base-url URL --model NAME    any other server

Each renews the cassettes of one server, a file a scene. What is kept of a request is its method, path and body, of a
reply its status, body and the headers that digestor reads: no key, cookie, account, address or version of this
machine gets that far, for nothing else is taken along (`scrubbed` sees to the bodies).
"""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import vcr
from vcr.cassette import Cassette
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.record_mode import RecordMode
from vcr.request import Request

from digestor import taxonomy
from digestor.annotators.llm import Llm
from digestor.client import wire
from digestor.errors import AnnotatorError
from digestor.models import Annotation, Paper, Spent
from digestor.protocols import Desk, Window
from digestor.sources.files import Files
from digestor.store import Store
from tests.llama import MODEL, Llama, NotInstalledError

HOUSE = Path(__file__).parents[1]
CASSETTES = HOUSE / "cassettes"
OWN = "llama-cpp-smollm2"
"""The folder of the server that is started here."""
NOWHERE = "http://server.invalid"
"""Where the replayed server is."""
TURNS = 20
"""Of the event loop, that a replayed reply takes."""
KEPT = re.compile(r"content-type|date|retry-after(?:-ms)?|.*rate-?limit.*")
"""Headers of a reply that stay; all others go."""

HIDDEN = (
    (
        re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf)[-_][\w*.\-]{8,}|\bAIza[\w\-]{10,}|\bBearer +[^\s\"\\]+", re.I | re.A),
        "[key]",
    ),
    (re.compile(r"\b(?:org|proj|user|acct)[-_](?=[a-z]*\d)[a-z\d]{8,}", re.I | re.A), "[account]"),
    (re.compile(r"[\w.+\-]+@[\w\-]+\.[\w.\-]+", re.A), "[address]"),
    (re.compile(r"\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?|\[::1?\](?::\d+)?", re.I), "[here]"),
    (re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|var|work)/[^\s\"\\]*"), "[path]"),
)
"""What must not be in a body, and what stands there instead."""


class Scene(NamedTuple):
    """What is asked for one cassette."""

    name: str
    says: str
    papers: int
    """So many from the first example page, which is made up."""
    settings: Mapping[str, Any]
    path: str = "/v1"
    context: int = 4096
    """Tokens a request may have, where the server is ours."""
    ours: bool = False
    """Only asked of the server that is started here."""


SCENES = (
    Scene("annotate", "six papers, two a request, with a schema", 6, {"papers_per_request": 2}),
    Scene("json-object", "two papers, JSON enforced but no schema", 2, {"structured": "json_object"}),
    Scene("prompt", "two papers, and words alone say how to answer", 2, {"structured": "prompt"}),
    Scene("too-long", "two papers that do not fit the model's context together", 2, {}, context=1280, ours=True),
    Scene("wrong-path", "an address with nothing behind it", 1, {}, path="/v2"),
)


class Played(NamedTuple):
    """What came of a scene."""

    papers: list[Paper]
    annotations: list[Annotation]
    spent: Spent
    stopped: str
    """What the run was stopped by, if it was."""


def papers(most: int) -> list[Paper]:
    """The first papers of the first example page."""
    page = Files(path=str(HOUSE / "examples" / "made-up-page-1.txt"))
    found = page.papers(Window(date.min, date.max))
    return [paper for paper in found if isinstance(paper, Paper)][:most]


def play(scene: Scene, model: str, server: str = NOWHERE, key: str = "") -> Played:
    """Annotate the papers of a scene, one request at a time, so that the same is asked in the same order each time."""
    asked = papers(scene.papers)
    llm = Llm(model=model, base_url=f"{server}{scene.path}", concurrency=1, **scene.settings)
    bills = [Spent()]
    annotations: list[Annotation] = []
    stopped = ""
    with Store.rehearsal() as store:
        desk = Desk(taxonomy.load(), store.journal, {"OPENAI_API_KEY": key}, lambda line: None, bills.append)
        try:
            annotations.extend(llm.annotate(asked, desk))
        except AnnotatorError as error:
            stopped = str(error)
    return Played(asked, annotations, bills[-1], stopped)


# what is kept


def scrubbed(text: str, secrets: Sequence[str] = ()) -> str:
    """A text without keys, accounts, addresses and paths."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "[key]")
    for pattern, instead in HIDDEN:
        text = pattern.sub(instead, text)
    return text


def recorder(secrets: Sequence[str] = ()) -> vcr.VCR:
    """A recorder that keeps nothing but what is named here. Each request is matched as it is kept."""

    def body(content: bytes | None) -> bytes:
        return scrubbed((content or b"").decode("latin-1"), secrets).encode("latin-1")

    def request(asked: Request) -> Request:
        return Request(asked.method, f"{NOWHERE}{asked.path}", body(asked.body), {"Content-Type": "application/json"})

    def response(came: dict[str, Any]) -> dict[str, Any]:
        headers = {name: values for name, values in came["headers"].items() if KEPT.fullmatch(name.lower())}
        return {**came, "headers": headers, "body": {"string": body(came["body"].get("string"))}}

    return vcr.VCR(before_record_request=request, before_record_response=response, match_on=("method", "path", "body"))


@contextmanager
def recording(file: Path, about: Mapping[str, str], secrets: Sequence[str] = ()) -> Iterator[Cassette]:
    """Whatever is asked meanwhile is kept in the file, with what is said about it."""
    with recorder(secrets).use_cassette(str(file), record_mode=RecordMode.ALL) as cassette:
        for name, said in about.items():
            cassette.get_metadata(name, said)
        yield cassette


@contextmanager
def replaying(file: Path) -> Iterator[Cassette]:
    """Whatever is asked meanwhile is answered from the file, each request once; AssertionError for one not in it."""
    if not file.is_file():
        raise AssertionError(f"there is no cassette {file.name}; run `make record`")
    late = ((wire.Swift, "handle_async_request", _late),)
    try:
        with recorder().use_cassette(str(file), record_mode=RecordMode.NONE, custom_patches=late) as cassette:
            yield cassette
    except CannotOverwriteExistingCassetteException:
        what = f"what is asked is not what {file.parent.name}/{file.name} was recorded with"
        why = "the prompt, the tags, the example page or the client has changed"
        raise AssertionError(f"{what}: {why}. If that is meant, run `make record`.") from None


_SENT = wire.Swift.handle_async_request


async def _late(way: wire.Swift, request: httpx2.Request) -> httpx2.Response:
    """A replayed reply would be there before anything else could happen, and then other papers would go together."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
    return await _SENT(way, request)


# the command


def record(server: str, model: str, key: str, into: Path, about: Mapping[str, str], scenes: Sequence[Scene]) -> None:
    """Play the scenes at a server; the files are replaced when all are there."""
    with TemporaryDirectory() as folder:
        for scene in scenes:
            file = Path(folder, f"{scene.name}.yaml")
            with recording(file, {"scene": scene.says, "model": model, **about}, (key,)):
                played = play(scene, model, server, key)
            llm = sum(annotation.origin == "llm" for annotation in played.annotations)
            said = f"{len(played.annotations)} annotated, {llm} by the model. {played.stopped}"
            sys.stdout.write(f"{scene.name}: {played.spent.requests} requests, {said}\n")
            sys.stdout.flush()
        into.mkdir(exist_ok=True)
        for scene in scenes:
            (into / f"{scene.name}.yaml").write_bytes(Path(folder, f"{scene.name}.yaml").read_bytes())


def main(arguments: Sequence[str] | None = None) -> None:
    """Renew the cassettes of one server."""
    parser = argparse.ArgumentParser(prog="python -m tests.recording", description="Renew the cassettes.")
    parser.add_argument(
        "--base-url", help="of any server that speaks the OpenAI format; else llama.cpp is started here"
    )
    parser.add_argument("--model", help=f"a model there; here it is {MODEL}")
    parser.add_argument("--scene", action="append", choices=[scene.name for scene in SCENES], help="only this")
    options = parser.parse_args(arguments)
    if (options.base_url is None) != (options.model is None):
        parser.error("--base-url and --model go together")
    wanted = [scene for scene in SCENES if scene.name in (options.scene or [each.name for each in SCENES])]
    today = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "recorder": f"vcrpy {version('vcrpy')}"}
    if options.base_url is not None:
        place = urlsplit(options.base_url)
        about = {"server": scrubbed(place.hostname or ""), "command": "make record", **today}
        server = options.base_url.rstrip("/").removesuffix("/v1")
        name = re.sub(r"[^\w.]+", "-", options.model).strip("-").lower()
        wanted = [scene for scene in wanted if not scene.ours]
        record(server, options.model, os.environ.get("OPENAI_API_KEY", ""), CASSETTES / name, about, wanted)
        return
    for context in sorted({scene.context for scene in wanted}):
        with ExitStack() as held:
            try:
                llama = held.enter_context(Llama(slots=1, context=context))
            except NotInstalledError as error:
                parser.error(str(error))
            about = {
                "server": f"llama.cpp of {llama.versions}, {context} tokens",
                "command": "make record",
                **today,
            }
            scenes = [scene for scene in wanted if scene.context == context]
            record(llama.url.removesuffix("/v1"), llama.model, "", CASSETTES / OWN, about, scenes)


if __name__ == "__main__":
    main()
