"""What a real server answered, heard again: the annotator whole, with a weak model's mistakes, and no server."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vcr.serializers import yamlserializer

from digestor.client.chat import Chat
from digestor.client.dialect import Dialect
from digestor.client.terms import Answer, Failure, Form
from digestor.faithful import check
from tests.llama import MODEL
from tests.recording import CASSETTES, HIDDEN, OWN, SCENES, Played, Scene, play, recording, replaying, scrubbed
from tests.serving import ChatServer, Step, chat_reply

KEY = "sk-proj-" + "Zq7" * 12
FORM = Form(system="Read.", schema={}, answer=Answer, tokens=10, expected=60, most=200)
FILES = sorted(file for file in CASSETTES.rglob("*") if file.is_file())
SCENE = {scene.name: scene for scene in SCENES}
SECRET = re.compile(
    r"(?:authorization|api[-_]key|cookie|x-stainless[\w\-]*|user-agent|openai-(?:organization|project))['\"]?\s*[:=]",
    re.I,
)


def heard(name: str, scene: Scene | None = None) -> Played:
    """A scene played at its cassette."""
    with replaying(CASSETTES / OWN / f"{name}.yaml"):
        return play(scene or SCENE[name], MODEL)


def strings(tree: Any) -> Iterator[str]:
    """Every text in a tree."""
    if isinstance(tree, dict):
        tree = [*tree, *tree.values()]
    if isinstance(tree, list):
        for branch in tree:
            yield from strings(branch)
    elif tree is not None:
        yield str(tree)


def interactions(file: Path) -> list[dict[str, Any]]:
    """What was said, a request and a reply each."""
    return list(yamlserializer.deserialize(file.read_text(encoding="utf-8"))["interactions"])


# what the recorded model did, and what was made of it


@pytest.mark.parametrize("name", SCENE)
def test_every_recorded_request_is_asked_again_and_nothing_else(name: str) -> None:
    with replaying(CASSETTES / OWN / f"{name}.yaml") as cassette:
        play(SCENE[name], MODEL)

        assert cassette.all_played
        assert cassette.play_count == len(interactions(CASSETTES / OWN / f"{name}.yaml")) > 0


@pytest.mark.parametrize("name", ["annotate", "too-long"])
def test_a_recorded_run_gives_each_paper_one_annotation_and_the_same_each_time(name: str) -> None:
    first, second = heard(name), heard(name)

    assert sorted(one.paper_id for one in first.annotations) == sorted(paper.id for paper in first.papers)
    assert first == second


@pytest.mark.parametrize("name", SCENE)
def test_no_line_of_the_weak_model_gets_by_that_its_paper_does_not_bear_out(name: str) -> None:
    played = heard(name)
    papers = {paper.id: paper for paper in played.papers}

    for one in played.annotations:
        paper = papers[one.paper_id]
        assert one.origin == "llm" or one.note
        assert one.summary
        assert not [fault for fault in check(one.summary, paper.title, paper.abstract, "en") if fault.hard]


def test_a_weak_model_costs_readers_nothing_but_its_own_words() -> None:
    played = heard("annotate")

    by = {origin: [one for one in played.annotations if one.origin == origin] for origin in ("llm", "fallback")}
    notes = {one.note for one in by["fallback"]}
    assert by["fallback"], "the smallest model there is makes mistakes"
    assert any("was refused twice" in note or "did not answer" in note for note in notes), notes
    assert any("fewer than 4 words" in note for note in notes), notes
    assert played.spent.requests > len(played.papers) / 2, "each refused line is asked for once more"
    assert played.spent.papers >= len(by["llm"])


@pytest.mark.parametrize("name", ["json-object", "prompt"])
def test_a_model_that_answers_nothing_usable_stops_the_run_and_says_what_to_try(name: str) -> None:
    played = heard(name)

    assert played.annotations == []
    assert "structured" in played.stopped
    replies = [
        json.loads(turn["response"]["body"]["string"]) for turn in interactions(CASSETTES / OWN / f"{name}.yaml")
    ]
    assert all("choices" in reply for reply in replies), "each came with status 200"


def test_what_goes_beyond_the_recorded_context_is_asked_in_smaller_requests() -> None:
    replies = interactions(CASSETTES / OWN / "too-long.yaml")

    refused = [turn for turn in replies if turn["response"]["status"]["code"] == 400]
    assert json.loads(refused[0]["response"]["body"]["string"])["error"]["type"] == "exceed_context_size_error"
    assert refused[0]["request"]["body"].count("</paper>") > replies[-1]["request"]["body"].count("</paper>")


def test_an_address_with_nothing_behind_it_stops_the_run_with_advice() -> None:
    played = heard("wrong-path")

    assert played.annotations == []
    assert "there is nothing at this address (404: File Not Found)" in played.stopped
    assert "ends in /v1" in played.stopped


def test_a_changed_prompt_fails_and_says_how_to_record_anew() -> None:
    scene = SCENE["annotate"]
    changed = scene._replace(settings={**scene.settings, "language": "de"})

    with pytest.raises(AssertionError, match=f"{OWN}/annotate[.]yaml was recorded with.*run `make record`"):
        heard("annotate", changed)


def test_a_cassette_that_is_missing_says_how_to_record_it(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match=r"there is no cassette new\.yaml; run `make record`"),
        replaying(tmp_path / "new.yaml"),
    ):
        pass


# the recorder


def asked(server: str, key: str = "") -> str:
    """What comes of one request: the words of the model, or of the failure and its headers."""

    async def ask() -> str:
        chat = Chat(server, key, "m", FORM, Dialect(), 30.0)
        try:
            reply = await chat.ask('<paper id="1">', 100)
        except Failure as failure:
            return f"{type(failure).__name__}: {failure} {sorted(failure.headers.items())}"
        else:
            return f"{reply.text} {reply.finish} {reply.usage} {sorted(reply.headers.items())}"
        finally:
            await chat.close()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "step",
    [
        Step(body=chat_reply("naïve — 数", "length")),
        Step(429, {"retry-after": "7", "x-ratelimit-remaining-requests": "0"}),
        Step(500),
        Step(body=b"\xff\xfe no text"),
        Step(body=b""),
        Step(400, body={"error": {"message": "context length is 512 tokens"}}),
    ],
)
def test_a_reply_is_heard_again_as_it_came(step: Step, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    with ChatServer() as server:
        server.script(step)
        with recording(file, {}):
            live = asked(server.url)

    with replaying(file):
        again = asked("http://elsewhere.invalid/v1")

    assert again == live


def test_nothing_secret_and_nothing_of_this_machine_gets_into_a_cassette(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    told = f"key {KEY}, also sk-live-abcdefghij12 and Bearer abc.def, of org-AbC123def456, ask Jo@uni.example.org"
    leaks = {
        "set-cookie": "__cf_bm=crumbs; path=/",
        "openai-organization": "acme-research",
        "x-request-id": "req_777",
        "server": "nginx on build-host",
    }
    with ChatServer() as server:
        server.script(Step(400, leaks, {"error": {"message": f"{told} at {server.url} or /home/jo/.config"}}))
        with recording(file, {"scene": "leaks"}, (KEY,)):
            asked(server.url, KEY)
        sent = server.log[0].headers

    kept = file.read_bytes().decode()
    whole = kept + "\n".join(strings(yamlserializer.deserialize(kept)))
    assert KEY in sent["authorization"], "the test has no key to find"
    for part in (KEY, KEY[3:], "sk-live", "abc.def", "AbC123", "Jo@", "crumbs", "acme", "req_777", "nginx", "/home/jo"):
        assert part not in whole, part
    for part in (server.url.split(":")[-1], "127.0.0.1", sent["user-agent"], "Zq7Zq7"):
        assert part not in whole, part
    assert not SECRET.search(whole)
    assert "[key]" in whole
    assert "scene: leaks" in kept


def test_scrubbing_leaves_alone_what_is_no_secret() -> None:
    text = (
        "A risk-averse, sk-learn based org-wide user-generated page: https://github.com/example/home/x, 98.1% @ 12× a/b"
    )

    assert scrubbed(text) == text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_of_the_cassettes_has_a_secret_in_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    parts = [text, *(strings(yamlserializer.deserialize(text)) if file.suffix == ".yaml" else ())]

    for part in parts:
        assert file.suffix == ".md" or not SECRET.search(part)
        for pattern, _ in HIDDEN:
            assert not pattern.search(part), pattern.pattern


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix == ".yaml"], ids=lambda file: file.name)
def test_each_cassette_says_what_it_was_recorded_from(file: Path) -> None:
    about = yamlserializer.deserialize(file.read_text(encoding="utf-8"))["metadata"]

    assert {"server", "model", "date", "command", "recorder", "scene"} <= about.keys()
    assert all(isinstance(said, str) and said for said in about.values())
