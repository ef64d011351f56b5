"""The llm annotator against a real server on loopback: none lost, none under a wrong title, none paid for twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from digestor import prompt, taxonomy
from digestor.annotators import asking
from digestor.annotators.llm import Llm
from digestor.errors import AnnotatorError, ConfigError, NotYetError
from digestor.models import Annotation, Paper, Spent
from digestor.protocols import Desk
from digestor.store import Store
from tests.fakes import a_memory, a_paper
from tests.serving import ChatServer, Limit, Step, Weather, chat_reply
from tests.serving.answers import relevance_of

WORDS = "river stone lattice beam harvest orbit signal meadow copper violin granite weather pilot garden mirror".split()
ALL_FAULTS = "500 503 503-after 429 429-after reset cut html empty null truncated length prose fenced nousage".split()
MIXED = "missing doubled unknown swapped".split()


def a_study(number: int) -> Paper:
    """A paper whose sentences are its own, so that a line under a wrong title shows."""
    dice = random.Random(number)

    def words(count: int) -> str:
        return " ".join(f"{dice.choice(WORDS)}{dice.choice(WORDS)}" for _ in range(count))

    abstract = ". ".join(words(15).capitalize() for _ in range(6)) + "."
    return a_paper(number, title=f"{words(3).capitalize()} case {number}", abstract=abstract)


class Office:
    """A model's annotator with a journal, a bill and what it told."""

    def __init__(self, server: ChatServer, store: Store | None = None, reader: str = "", **keys: Any) -> None:
        self.llm = Llm.model_validate({"model": "m", "base_url": server.url, **keys})
        self.store = store or a_memory()
        self.told: list[str] = []
        self.bills = [Spent()]
        self.desk = Desk(taxonomy.load(), self.store.journal, {}, self.told.append, self.bills.append, reader=reader)

    def annotate(self, papers: Sequence[Paper]) -> dict[str, Annotation]:
        found = {annotation.paper_id: annotation for annotation in self.llm.annotate(papers, self.desk)}
        assert len(found) == len(papers), "every paper, once"
        return found

    @property
    def spent(self) -> Spent:
        return self.bills[-1]


def right(papers: Sequence[Paper], found: dict[str, Annotation]) -> list[str]:
    """The papers whose line is the model's and their own."""
    own = [paper for paper in papers if found[paper.id].origin == "llm"]
    for paper in own:
        assert (found[paper.id].summary or "?").rstrip(".") in paper.abstract, "a line under a wrong title"
    return [paper.id for paper in own]


def test_many_papers_in_one_request_each_get_their_own_line() -> None:
    papers = [a_study(number) for number in range(50)]
    with ChatServer() as server:
        office = Office(server)

        found = office.annotate(papers)

        assert len(right(papers, found)) == 50
        assert len(server.log) == 3
        assert (office.spent.requests, office.spent.papers) == (3, 50)
        assert office.spent.tokens_in > 0


def test_the_fixed_part_comes_first_and_is_the_same_byte_for_byte() -> None:
    with ChatServer() as server:
        Office(server, papers_per_request=3).annotate([a_study(number) for number in range(9)])

        bodies = [seen.body for seen in server.log]
    assert {json.dumps(body["messages"][0]) for body in bodies} == {json.dumps(bodies[0]["messages"][0])}
    assert bodies[0]["messages"][0]["role"] == "system"
    assert {json.dumps(body["response_format"]) for body in bodies} == {json.dumps(bodies[0]["response_format"])}


@pytest.mark.parametrize("size", [1, 8])
def test_faults_lose_nothing(size: int) -> None:
    papers = [a_study(number) for number in range(120)]
    weather = Weather(faults=dict.fromkeys(ALL_FAULTS, 0.02))
    with ChatServer(weather) as server:
        found = Office(server, papers_per_request=size, concurrency=16).annotate(papers)

        assert len(server.log) > 120 / size, "some requests did fail"
    assert len(right(papers, found)) == 120


def test_mixed_up_replies_put_no_line_under_a_wrong_title() -> None:
    papers = [a_study(number) for number in range(300)]
    with ChatServer(Weather(faults=dict.fromkeys(MIXED, 0.1))) as server:
        found = Office(server, papers_per_request=10).annotate(papers)

        paid = sum(server.paid.values())
    assert len(right(papers, found)) == 300
    assert paid < 400, "only what was wrong is asked again"


def test_an_unfaithful_line_is_asked_for_again_with_the_offending_words() -> None:
    papers = [a_study(number) for number in range(10)]
    with ChatServer(Weather(faults={"unfaithful": 1.0})) as server:
        found = Office(server).annotate(papers)

        again = server.log[-1].body["messages"][1]["content"]
    assert "was refused: the number" in again
    assert len(right(papers, found)) == 10


def test_a_line_that_stays_unfaithful_becomes_the_papers_own_words_and_is_marked() -> None:
    papers = [a_study(number) for number in range(4)]
    with ChatServer(Weather(faults={"stubborn": 1.0})) as server:
        office = Office(server)
        found = office.annotate(papers)
        again = Office(server, office.store).annotate(papers)

        assert len(server.log) == 2, "two lines a paper, and the verdict is remembered"
    marked = [annotation for annotation in found.values() if annotation.origin == "fallback"]
    assert marked
    assert all("refused twice" in annotation.note for annotation in marked)
    assert again == found


def test_a_refused_paper_costs_only_itself() -> None:
    papers = [*(a_study(number) for number in range(12)), a_paper(99, abstract="A study of poisonwort and its uses.")]
    with ChatServer(Weather(poison=("poisonwort",))) as server:
        found = Office(server).annotate(papers)

    assert len(right(papers, found)) == 12
    assert found["p99"].origin == "fallback"
    assert "did not answer" in found["p99"].note


def test_one_paper_more_is_one_paper_asked() -> None:
    papers = [a_study(number) for number in range(40)]
    with ChatServer() as server:
        office = Office(server)
        before = office.annotate(papers)
        server.clear()

        after = Office(server, office.store, papers_per_request=7).annotate([a_study(99), *reversed(papers)])

        assert [seen.titles for seen in server.log] == [(a_study(99).title,)]
    assert {key: after[key] for key in before} == before


def test_papers_with_the_very_same_words_are_asked_about_once() -> None:
    papers = [a_study(1), a_study(1).model_copy(update={"id": "twin"}), a_study(2)]
    with ChatServer() as server:
        found = Office(server).annotate(papers)

        assert sum(server.paid.values()) == 2
    assert found["p1"].summary == found["twin"].summary


def test_a_paper_with_no_abstract_is_not_sent() -> None:
    with ChatServer() as server:
        found = Office(server).annotate([a_paper(1, abstract=" "), a_study(2)])

        assert sum(server.paid.values()) == 1
    assert found["p1"].note == "there is no abstract to send to a model"


def test_an_abstract_too_long_is_cut_and_says_so() -> None:
    endless = a_paper(1, abstract="We measure tides at many harbours. " * 3000)
    with ChatServer() as server:
        found = Office(server).annotate([endless])

        assert len(server.log[0].body["messages"][1]["content"]) < 30_000
    assert any("only the beginning" in doubt for doubt in found["p1"].doubts)


def test_a_small_context_is_learnt_from_the_first_complaint() -> None:
    papers = [a_study(number) for number in range(60)]
    with ChatServer(Weather(context=4_000)) as server:
        found = Office(server, concurrency=1).annotate(papers)

        assert Counter(seen.status for seen in server.log)[400] <= 2
    assert len(right(papers, found)) == 60


def test_a_server_without_schemas_is_asked_in_words_and_that_is_remembered() -> None:
    papers = [a_study(number) for number in range(6)]
    with ChatServer(Weather(formats=("text",))) as server:
        office = Office(server)
        found = office.annotate(papers)
        first = Counter(seen.status for seen in server.log)
        server.clear()
        Office(server, office.store).annotate([a_study(50)])

        assert first[400] == 2
        assert Counter(seen.status for seen in server.log) == {200: 1}
    assert len(right(papers, found)) == 6


def test_a_model_that_thinks_gets_the_room_it_needs() -> None:
    papers = [a_study(number) for number in range(5)]
    with ChatServer(Weather(reasoning=3_000)) as server:
        office = Office(server)
        found = office.annotate(papers)

    assert len(right(papers, found)) == 5
    assert office.spent.reasoning > 0


@pytest.mark.parametrize(
    ("weather", "keys", "said"),
    [
        (Weather(key="right"), {}, "key"),
        (Weather(model="another"), {}, "model"),
        (Weather(credit=2), {"papers_per_request": 5, "concurrency": 1}, "credit|quota"),
        (Weather(faults={"prose": 1.0}), {}, "no paper was answered"),
        (Weather(faults={"html": 1.0}), {}, "text/html, not JSON"),
        (Weather(faults={"hang": 1.0}), {"timeout": 0.1}, "no reply"),
        (Weather(faults={"refusal": 1.0}), {"papers_per_request": 2}, "no paper was answered"),
    ],
    ids=["key", "model", "credit", "prose", "html", "hang", "refusals"],
)
def test_a_server_that_cannot_be_used_is_one_message_and_what_was_answered_is_kept(
    weather: Weather, keys: dict[str, Any], said: str
) -> None:
    papers = [a_study(number) for number in range(30)]
    with ChatServer(weather) as server:
        office = Office(server, **keys)

        with pytest.raises(AnnotatorError, match=said) as raised:
            office.annotate(papers)

        asker = office.llm.asker(office.desk.vocabulary)
        kept = sum(bool(office.store.journal.answers(paper, asker)) for paper in papers)
    assert kept == office.spent.papers
    assert f"{kept} papers were answered and are kept" in str(raised.value) or not kept
    assert "Traceback" not in str(raised.value)


def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    with ChatServer() as server:
        url = server.url
    office = Office(server, base_url=url, timeout=0.2)

    with pytest.raises(AnnotatorError, match="no reply") as raised:
        office.annotate([a_study(1)])

    assert url.split("/")[2] in str(raised.value)


def test_a_budget_is_never_passed_with_64_requests_under_way() -> None:
    papers = [a_study(number) for number in range(400)]
    prices: dict[str, Any] = {"input_price": 1.0, "output_price": 4.0}
    with ChatServer(Weather(latency=0.01)) as server:
        office = Office(server, max_cost=0.1, papers_per_request=1, concurrency=64, **prices)
        found = office.annotate(papers)
        usage = [seen.usage for seen in server.log if seen.usage]

    cost = sum(one["prompt_tokens"] * 1e-6 + one["completion_tokens"] * 4e-6 for one in usage)
    answered = right(papers, found)
    assert cost <= 0.1
    assert office.spent.cost == pytest.approx(cost)
    assert 0 < len(answered) < 400
    assert office.spent.skipped == 400 - len(answered)
    assert {annotation.note for annotation in found.values() if annotation.origin == "fallback"} == {
        "the model was not asked: the budget was reached"
    }


def test_a_number_of_requests_is_never_passed() -> None:
    with ChatServer() as server:
        office = Office(server, max_requests=2, papers_per_request=5)
        found = office.annotate([a_study(number) for number in range(20)])

        assert len(server.log) == 2
    assert Counter(annotation.origin for annotation in found.values()) == {"llm": 10, "fallback": 10}


def test_a_request_limit_is_kept_without_being_told_of_it() -> None:
    papers = [a_study(number) for number in range(150)]
    limit = Limit(kind="smooth", requests=600, per=6.0, burst=20)
    with ChatServer(Weather(latency=0.02, limit=limit)) as server:
        found = Office(server, papers_per_request=1).annotate(papers)

        assert Counter(seen.status for seen in server.log)[429] <= 15
    assert len(right(papers, found)) == 150


def test_a_budget_without_a_price_is_refused_before_anything_is_sent() -> None:
    with ChatServer() as server, pytest.raises(ConfigError, match="no price is known"):
        Office(server, max_cost=1.0).llm.check(taxonomy.load(), {})


def test_a_plan_says_what_is_taken() -> None:
    papers = [a_study(number) for number in range(60)]
    with ChatServer() as server:
        office = Office(server, input_price=1.0, output_price=4.0)
        plan = office.llm.plan(papers, office.desk)
        assert server.log == []

        office.annotate(papers)

        assert plan.requests == office.spent.requests == len(server.log)
        left = office.llm.plan([*papers, a_study(99)], office.desk)
    assert plan.papers == 60
    assert plan.cost is not None
    assert (left.papers, left.requests) == (1, 1)


def test_after_a_kill_only_what_was_under_way_is_paid_for_twice_and_the_next_run_says_so(tmp_path: Path) -> None:
    papers = [a_study(number) for number in range(120)]
    (tmp_path / "papers.jsonl").write_text(
        "".join(paper.model_dump_json(exclude_defaults=True) + "\n" for paper in papers), encoding="utf-8"
    )
    config = '[annotator]\nkind = "llm"\nmodel = "m"\npapers_per_request = 2\nconcurrency = 4\n'
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "digestor", "annotate", "papers.jsonl"]
    with ChatServer(Weather(latency=0.1)) as server:
        environ = {**os.environ, "OPENAI_BASE_URL": server.url}
        first = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL)
        while len(server.paid) < 60:
            assert first.poll() is None, "it ended by itself"
            time.sleep(0.005)
        first.send_signal(signal.SIGKILL)
        first.wait()

        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)

        twice = [title for title, times in server.paid.items() if times > 1]
    assert len(server.paid) == 120
    assert len(twice) <= 8, "four requests of two papers were under way"
    assert "may be paid for twice" in done.stderr
    assert len({json.loads(line)["paper_id"] for line in done.stdout.splitlines()}) == 120


def test_a_run_that_is_stopped_half_way_leaves_no_answer_behind() -> None:
    papers = [a_study(number) for number in range(30)]
    with ChatServer() as server:
        office = Office(server, papers_per_request=3, concurrency=1)
        running = office.llm.annotate(papers, office.desk)
        next(running)
        assert isinstance(running, Generator)
        running.close()

        before = sum(server.paid.values())
        office.annotate(papers)

        assert before < 30
        assert len(server.paid) == 30


def test_keys_are_in_no_message() -> None:
    secret = "sk-verysecret1234567890"
    step = Step(status=401, body={"error": {"message": f"Incorrect API key provided: {secret}."}})
    with ChatServer() as server:
        server.script(step)
        office = Office(server)
        desk = office.desk._replace(environ={"OPENAI_API_KEY": secret})

        with pytest.raises(AnnotatorError) as raised:
            list(office.llm.annotate([a_study(1)], desk))

    assert secret not in repr(raised.value)
    assert "verysecret" not in str(raised.value)


# what a paper is to the reader


READER = "I build violins.\nI look for granite, meadows and weather."


def grades(papers: Sequence[Paper]) -> dict[str, int]:
    """What the scripted model makes of them."""
    return {paper.id: relevance_of(paper.title, (0, 1, 2, 3)) for paper in papers}


def fields(body: Mapping[str, Any]) -> list[str]:
    schema = body["response_format"]["json_schema"]["schema"]
    return list(schema["properties"]["papers"]["items"]["required"])


def test_relevance_comes_in_the_same_requests_as_the_lines() -> None:
    papers = [a_study(number) for number in range(50)]
    with ChatServer() as server:
        found = Office(server, reader=READER).annotate(papers)

        bodies = [seen.body for seen in server.log]
    assert len(right(papers, found)) == 50
    assert {key: annotation.relevance for key, annotation in found.items()} == grades(papers)
    assert set(grades(papers).values()) == {0, 1, 2, 3}
    assert all(
        annotation.why and annotation.why in paper.abstract for paper in papers for annotation in [found[paper.id]]
    )
    assert len(bodies) == 3, "no call more than without a reader"
    assert all(fields(body)[-2:] == ["relevance", "why"] for body in bodies)
    assert len({body["messages"][0]["content"] for body in bodies}) == 1
    assert bodies[0]["messages"][0]["content"].endswith(f"<reader>\n{READER}\n</reader>")
    assert READER not in bodies[0]["messages"][1]["content"]


def test_with_no_reader_all_is_asked_as_ever() -> None:
    with ChatServer() as server:
        found = Office(server).annotate([a_study(1)])

        body = server.log[0].body
    told = asking.system(prompt.load("annotate/v1"), taxonomy.load(), "English")
    assert body["messages"][0]["content"] == told
    assert fields(body) == ["id", "title", "line", "tags", "code"]
    assert (found["p1"].relevance, found["p1"].why) == (None, "")
    assert found["p1"].annotator.startswith("m annotate/v1@")


def test_a_reader_who_changed_is_asked_about_anew_and_one_who_did_not_is_not() -> None:
    papers = [a_study(number) for number in range(10)]
    with ChatServer() as server:
        office = Office(server, reader=READER)
        first = office.annotate(papers)
        same = Office(server, office.store, reader=f"{READER}\n").annotate(papers)
        asked = [len(server.log)]
        for reader in ("I sail.", "", "I sail."):
            other = Office(server, office.store, reader=reader).annotate(papers)
            asked.append(len(server.log))

    assert asked == [1, 2, 3, 3]
    assert same == first
    assert other["p1"].annotator != first["p1"].annotator


def test_what_a_paper_is_to_the_reader_is_kept_with_its_annotation() -> None:
    paper = a_study(1)
    with ChatServer() as server:
        office = Office(server, reader=READER)
        found = office.annotate([paper])[paper.id]

    office.store.keep(paper, found)

    assert office.store.annotation(paper, office.llm.signature(office.desk.vocabulary, READER)) == found
    assert office.store.annotation(paper, office.llm.signature(office.desk.vocabulary)) is None
    assert found.relevance == grades([paper])[paper.id]
    assert found.why


@pytest.mark.parametrize("given", [{}, {"relevance": 7}, {"relevance": "high"}, {"relevance": None, "why": ["x"]}])
def test_a_relevance_that_is_none_is_not_asked_for_again(given: dict[str, Any]) -> None:
    paper = a_study(1)
    line = f"{paper.abstract.split('. ')[0]}."
    answer = {"id": 1, "title": paper.title, "line": line, "tags": ["survey"], "code": "none", **given}
    with ChatServer() as server:
        server.script(Step(body=chat_reply(json.dumps({"papers": [answer]}))))
        found = Office(server, reader=READER).annotate([paper])

        assert len(server.log) == 1
    assert (found["p1"].origin, found["p1"].relevance, found["p1"].why) == ("llm", None, "")


def test_a_paper_that_keeps_its_own_words_keeps_its_relevance() -> None:
    papers = [a_study(number) for number in range(4)]
    with ChatServer(Weather(faults={"stubborn": 1.0})) as server:
        found = Office(server, reader=READER).annotate(papers)

    fallen = {key: one for key, one in found.items() if one.origin == "fallback"}
    assert fallen
    assert {key: one.relevance for key, one in found.items()} == grades(papers)
    assert {one.why for one in fallen.values()} == {""}


@pytest.mark.parametrize("weather", [Weather(formats=("text",)), Weather(bounded=False), Weather(context=4_000)])
def test_humbler_servers_are_asked_of_the_reader_too(weather: Weather) -> None:
    papers = [a_study(number) for number in range(30)]
    with ChatServer(weather) as server:
        found = Office(server, reader=READER, concurrency=1).annotate(papers)

    assert {key: annotation.relevance for key, annotation in found.items()} == grades(papers)


def test_in_a_batch_the_reader_is_asked_for_too() -> None:
    papers = [a_study(number) for number in range(30)]
    with ChatServer() as server:
        store = a_memory()
        found: dict[str, Annotation] = {}
        for _ in range(10):
            try:
                found = Office(server, store, reader=READER, mode="batch").annotate(papers)
                break
            except NotYetError:
                continue
        again = Office(server, store, reader=READER).annotate(papers)

        assert sum(server.paid.values()) == 30
    assert {key: annotation.relevance for key, annotation in found.items()} == grades(papers)
    assert again == found


def test_a_plan_and_a_check_know_of_the_reader() -> None:
    papers = [a_study(number) for number in range(30)]
    with ChatServer() as server:
        plain, personal = Office(server), Office(server, reader=READER)

        before, after = plain.llm.plan(papers, plain.desk), personal.llm.plan(papers, personal.desk)
        rows = [dict(plain.llm.check(taxonomy.load(), {}, reader))["prompt"] for reader in ("", READER)]

        personal.annotate(papers)

        assert len(server.log) == after.requests
    assert after.annotator == personal.llm.signature(taxonomy.load(), READER) != before.annotator
    assert 20 * 30 < after.tokens_out - before.tokens_out < 40 * 30
    assert 0 < after.tokens_in - before.tokens_in < 400 * after.requests
    assert [row.split("@")[0] for row in rows] == ["annotate/v1", "annotate/v2"]


OWN = """{% block system %}Say a line in {{ language }}.{% for id, about in tags %} {{ id }}{% endfor %}
{% if reader %}For whom: {{ reader }}{% endif %}{% block relevance %}{% endblock %}{% endblock %}
{% block paper %}<paper id="{{ number }}">
{{ title }}
{{ abstract }}
</paper>{% endblock %}{% block again %}{{ line }}{{ faults }}{% endblock %}{% block reminder %}JSON.{% endblock %}"""


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        (OWN, True, True),
        (OWN.replace("{% block relevance %}{% endblock %}", ""), False, True),
        (OWN.replace("{{ reader }}", "").replace("{% block relevance %}{% endblock %}", ""), False, False),
    ],
    ids=["block", "told only", "untold"],
)
def test_a_prompt_of_ones_own_says_itself_whether_it_asks(tmp_path: Path, text: str, asked: bool, told: bool) -> None:
    (tmp_path / "mine.j2").write_text(text, encoding="utf-8")
    with ChatServer() as server:
        office = Office(server, reader=READER, prompts=tmp_path, prompt="mine")
        found = office.annotate([a_study(1)])

        body = server.log[0].body
    assert (found["p1"].relevance is not None) == asked == ("relevance" in fields(body))
    assert (READER in body["messages"][0]["content"]) == told
    tags = office.desk.vocabulary
    assert (office.llm.signature(tags, READER) != office.llm.signature(tags, "I sail.")) == told


@pytest.mark.parametrize("named", ["annotate/v1", "annotate/v2"])
def test_a_prompt_that_is_named_is_the_one_that_is_used(named: str) -> None:
    with ChatServer() as server:
        llm = Office(server, prompt=named).llm

    assert {llm.loaded().name, llm.loaded(READER).name} == {named}
