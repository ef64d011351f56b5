"""The first run: `digestor init` by flags and by questions, and what runs the issue each week."""

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from digestor import prompt
from digestor.cli import run, schedule
from digestor.cli.answers import Answers, delivery, example, quoted, written
from digestor.cli.questions import sound
from digestor.config import load
from digestor.errors import InputError
from digestor.wiring import parts

HOUSE = Path(__file__).parents[1]
EXAMPLES = HOUSE / "examples"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and no key of anybody's."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SMTP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; its exit code, stdout and stderr."""

    def ask(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        return code, *capsys.readouterr()

    return ask


def files() -> set[str]:
    """All files of the folder, by their paths."""
    return {str(path) for path in Path().rglob("*") if path.is_file()}


# what is written


def test_without_a_terminal_and_without_flags_it_is_the_commented_example_alone(said: Any) -> None:
    code, out, _ = said("init")

    assert code == 0
    assert Path("config.toml").read_text(encoding="utf-8") == example()
    assert files() == {"config.toml"}
    assert out.splitlines()[0] == "Written: config.toml"


def test_what_is_asked_for_is_what_the_config_says(said: Any) -> None:
    flags = ["--topic", "sparse attention", "--topic", 'so-called "tides"', "--category", "cs.cl", "--category", "math"]

    code, out, _ = said("init", *flags, "--model", "gpt-5-mini", "--mail", "Ann Ash <ann@gmail.com>")

    config = load(Path("config.toml"))
    assert code == 0
    assert [topic.words for topic in config.interests.topics] == ["sparse attention", 'so-called "tides"']
    assert [(part.kind, part.keys) for part in config.sources] == [("arxiv", {"categories": ["cs.CL", "math"]})]
    assert (config.annotator.kind, config.annotator.keys) == ("llm", {"model": "gpt-5-mini", "max_cost": 1.0})
    (mail,) = config.delivery
    assert (mail.keys["host"], mail.keys["user"]) == ("smtp.gmail.com", "ann@gmail.com")
    assert mail.keys["recipients"] == ["Ann Ash <ann@gmail.com>"]
    assert "OPENAI_API_KEY" in out
    assert "SMTP_PASSWORD" in out
    assert len(out.splitlines()) <= 6


def test_below_the_answers_the_file_is_the_whole_reference(said: Any) -> None:
    said("init", "--topic", "tides")

    text = Path("config.toml").read_text(encoding="utf-8")
    assert text.endswith(example())
    assert text.index("[interests]") < text.index("The reference")


def test_without_categories_it_reads_the_daily_papers(said: Any) -> None:
    said("init", "--yes")

    config = load(Path("config.toml"))
    assert [part.kind for part in config.sources] == ["huggingface"]
    assert config.annotator.kind == "extractive"
    assert not config.interests.any


@pytest.mark.parametrize(
    ("flags", "needs"),
    [
        (["--yes"], []),
        (["--topic", "tides", "--category", "cs.CL"], []),
        (["--model", "gpt-5-mini"], ["OPENAI_API_KEY"]),
        (["--model", "m", "--base-url", "http://localhost:11434/v1"], []),
        (["--model", "m", "--base-url", "https://models.example.org/v1"], ["OPENAI_API_KEY"]),
        (["--mail", "a@example.org", "--smtp", "mail.example.org:465"], ["SMTP_PASSWORD"]),
        (["--model", "gpt-5-mini", "--topic", "tides", "--prompts"], ["OPENAI_API_KEY"]),
        (["--github", "--mail", "a@example.org"], []),
        (["--timer", "cron"], []),
        (["--timer", "systemd"], []),
    ],
)
def test_what_was_written_passes_the_check_but_for_secrets(
    said: Any, flags: list[str], needs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told, _ = said("init", *flags)
    assert code == 0
    assert len(told.splitlines()) <= 6
    assert "digestor check --online" in told
    assert all(name in told for name in needs)

    code, out, _ = said("check")
    missing = [line.split()[1] for line in out.splitlines() if "MISSING" in line]
    assert (code, missing) == (int(bool(needs)), needs)

    for name in needs:
        monkeypatch.setenv(name, "x" * 20)
    assert said("check")[0] == 0


@given(st.lists(TEXT, max_size=6), TEXT.filter(str.strip), TEXT)
def test_whatever_the_words_are_the_file_gives_them_back(topics: list[str], model: str, folder: str) -> None:
    answers = sound(Answers(topics=tuple(topics), model=model, base_url="http://localhost:1/v1"))
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "config.toml"
        file.write_bytes(written(answers, {}).encode())

        config = load(file)

    expected = dict.fromkeys(words for topic in topics if (words := " ".join(topic.split())))
    assert [topic.words for topic in config.interests.topics] == list(expected)
    assert config.annotator.keys["model"] == model
    assert tomllib.loads(f"x = {quoted(folder)}") == {"x": folder}


def test_a_text_that_no_file_can_hold_is_refused(said: Any) -> None:
    code, _, err = said("init", "--topic", "half \udcff a letter")

    assert code == 2
    assert "no text that can be written" in err
    assert files() == set()


def test_many_topics_are_one_a_line() -> None:
    topics = tuple(f"a topic of some length, number {number}" for number in range(12))

    text = written(Answers(topics=topics), {})

    assert max(len(line) for line in text.partition("The reference")[0].splitlines()) <= 120
    assert [
        topic["words"] if isinstance(topic, dict) else topic for topic in tomllib.loads(text)["interests"]["topics"]
    ] == [*topics]


@pytest.mark.parametrize(
    ("mail", "smtp", "keys"),
    [
        ("a@posteo.de", "", {"host": "posteo.de"}),
        ("a@example.org", "", {"host": "smtp.example.org"}),
        ("a@example.org", "out.example.org", {"host": "out.example.org"}),
        ("a@example.org", "out.example.org:465", {"host": "out.example.org", "port": 465, "security": "tls"}),
        ("a@example.org", "out.example.org:2525", {"host": "out.example.org", "port": 2525}),
    ],
)
def test_the_mail_server_is_guessed_or_as_said(mail: str, smtp: str, keys: dict[str, Any]) -> None:
    (table,) = tomllib.loads(delivery(mail, smtp))["delivery"]

    assert {key: table[key] for key in ("host", "port", "security") if key in table} == keys
    assert ("guess" in delivery(mail, smtp)) == (not smtp)


def test_prompts_are_copied_as_they_are_and_used(said: Any) -> None:
    said("init", "--model", "m", "--base-url", "http://localhost:1/v1", "--topic", "tides", "--prompts")

    _, out, _ = said("check")
    for name in ("annotate/v1.j2", "annotate/v2.j2", "README.md"):
        assert (Path("prompts") / name).read_bytes() == (prompt.home() / name).read_bytes()
    assert f"annotate/v2@{prompt.load('annotate/v2').hash}" in out

    Path("prompts/annotate/v2.j2").write_bytes((prompt.home() / "annotate/v2.j2").read_bytes() + b"\n")
    assert f"annotate/v2@{prompt.load('annotate/v2').hash}" not in said("check")[1]


def test_the_check_names_the_prompt_that_the_reader_of_the_config_gets(said: Any) -> None:
    model = ["--model", "m", "--base-url", "http://localhost:1/v1"]
    said("init", "with.toml", *model, "--topic", "tides")
    said("init", "without.toml", *model)

    assert "annotate/v2@" in said("check", "-c", "with.toml")[1]
    assert "annotate/v1@" in said("check", "-c", "without.toml")[1]


# what is refused


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--base-url", "http://localhost:1/v1"], "--model"),
        (["--prompts"], "--model"),
        (["--topic", "x", "--prompts"], "--model"),
        (["--smtp", "mail.example.org"], "--mail"),
        (["--mail", "nobody"], "--mail"),
        (["--mail", "a@example.org", "--smtp", "a b"], "--smtp"),
        (["--category", "cs.CL", "--category", "poetry"], "poetry"),
        (["--github", "--timer", "cron"], "choose one"),
        (["--github", "--model", "m", "--base-url", "http://127.0.0.1:8080/v1"], "GitHub's machines"),
        (["--model", "m", "--base-url", "localhost:8080"], "http://"),
        (["--timer", "fortnight"], "--timer"),
        (["other.toml", "--github"], "leave FILE out"),
    ],
)
def test_flags_that_make_no_sense_are_one_message_and_nothing_is_written(
    said: Any, flags: list[str], says: str
) -> None:
    code, out, err = said("init", *flags)

    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
    assert files() == set()


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        (["--yes"], "config.toml"),
        (["--github"], ".github/workflows/digestor.yml"),
        (["--github", "--mail", "a@example.org"], "mail.toml"),
        (["--timer", "systemd"], "digestor.service"),
        (["--timer", "systemd"], "digestor.timer"),
        (["--model", "m", "--prompts"], "prompts/annotate/v1.j2"),
    ],
)
def test_a_file_that_is_there_is_never_written_over_and_then_nothing_is(said: Any, flags: list[str], name: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("mine", encoding="utf-8")

    code, _, err = said("init", *flags)

    assert code == 2
    assert f"{name}: is there already and was left alone" in err
    assert files() == {name}
    assert Path(name).read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_is_one_message(said: Any) -> None:
    Path("place").write_text("a file", encoding="utf-8")

    code, _, err = said("init", "place/config.toml", "--yes")

    assert code == 2
    assert "place" in err
    assert "Traceback" not in err


# by itself


def test_the_workflow_is_the_example_and_mail_has_a_file_of_its_own(said: Any) -> None:
    code, out, _ = said("init", "--github", "--mail", "a@example.org", "--category", "cs.CL")

    workflow = Path(".github/workflows/digestor.yml").read_text(encoding="utf-8")
    assert code == 0
    assert yaml.safe_load(workflow)["jobs"] == yaml.safe_load((EXAMPLES / "weekly-issue.yml").read_text())["jobs"]
    assert load(Path("config.toml")).delivery == ()
    both = Path("config.toml").read_text(encoding="utf-8") + Path("mail.toml").read_text(encoding="utf-8")
    Path("with-mail.toml").write_text(both, encoding="utf-8")
    assert [part.kind for part in load(Path("with-mail.toml")).delivery] == ["smtp"]
    assert len(parts(load(Path("with-mail.toml"))).deliveries) == 2
    assert "digestor.db*" in Path(".gitignore").read_text(encoding="utf-8")
    assert "SMTP_PASSWORD" in out


def test_where_git_ignores_something_already_it_says_what_else_to_ignore(said: Any) -> None:
    Path(".gitignore").write_text("*.log\n", encoding="utf-8")

    code, out, _ = said("init", "--github")

    assert code == 0
    assert Path(".gitignore").read_text(encoding="utf-8") == "*.log\n"
    assert "digestor.db*" in out


@pytest.mark.parametrize(
    ("told", "place"),
    [
        (None, "digestor==1.2"),
        ('{"url": "https://git.example.org/a/digestor", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
         "git+https://git.example.org/a/digestor@abc"),
        ('{"url": "https://me:secret@git.example.org/a", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
         "git+https://git.example.org/a@abc"),
        ('{"url": "file:///home/me/digestor", "dir_info": {"editable": true}}', ""),
        ("[", ""),
        ("[]", ""),
    ],
)  # fmt: skip
def test_the_workflow_installs_what_was_installed_here_where_others_can_have_it(
    monkeypatch: pytest.MonkeyPatch, told: str | None, place: str
) -> None:
    class Installed:
        version = "1.2"

        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return told

    monkeypatch.setattr(schedule, "distribution", lambda name: Installed())

    assert schedule.origin() == place
    named = yaml.safe_load(schedule.workflow())["env"]["DIGESTOR"]
    assert named == (place or "git+https://github.com/OWNER/digestor@v0.1.0")


ODD = "a folder of 100% $HOME's"


def test_the_line_for_cron_makes_the_issue_as_cron_would(said: Any, elsewhere: Path) -> None:
    folder = elsewhere / ODD
    _, out, _ = said("init", str(folder / "config.toml"), "--timer", "cron")
    (line,) = [line for line in out.splitlines() if line.startswith("23 6")]
    shutil.copy(EXAMPLES / "made-up-page-1.txt", folder)
    config = '[[sources]]\nkind = "files"\npath = "made-up-page-1.txt"\n[annotator]\nkind = "extractive"\n'
    (folder / "config.toml").write_text(config, encoding="utf-8")
    command = line.split(maxsplit=5)[5]
    assert "%" not in command.replace("\\%", ""), "cron would make a line break of it"
    environ = {"HOME": str(elsewhere), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(HOUSE)}

    done = subprocess.run(["/bin/sh", "-c", command.replace("\\%", "%")], env=environ, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list((folder / "digests").glob("2*.md"))


def test_cron_reads_secrets_where_there_are_any(said: Any, elsewhere: Path) -> None:
    said("init", "--timer", "cron")
    line = schedule.cron(elsewhere, "config.toml", "/usr/bin/env")
    Path("secrets.env").write_text("A_SECRET='a word'\n", encoding="utf-8")
    command = line.split(maxsplit=5)[5].partition(" /usr/bin/env")[0] + " env"

    done = subprocess.run(["/bin/sh", "-c", command], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)

    assert "A_SECRET=a word" in done.stdout.splitlines()


@pytest.mark.parametrize("folder", ["papers", ODD])
def test_the_units_are_the_users_own_and_systemd_finds_nothing_wrong(said: Any, elsewhere: Path, folder: str) -> None:
    place = elsewhere / folder
    code, out, _ = said("init", str(place / "config.toml"), "--timer", "systemd")

    service = (place / "digestor.service").read_text(encoding="utf-8")
    assert code == 0
    assert (place / "digestor.timer").read_bytes() == (EXAMPLES / "digestor.timer").read_bytes()
    assert "User=" not in service
    assert f"WorkingDirectory={str(place).replace('%', '%%')}\n" in service
    assert str(place) in " ".join(shlex.split(re.findall(r"Timer: (.*)", out)[0]))
    if shutil.which("systemd-analyze"):
        names = [str(place / name) for name in ("digestor.service", "digestor.timer")]
        command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *names]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_with_a_line_break_in_its_name_is_refused(said: Any, elsewhere: Path) -> None:
    for timer in ("systemd", "cron"):
        code, _, err = said("init", f"{elsewhere}/a\nb/config.toml", "--timer", timer)

        assert code == 2
        assert "plain name" in err
    assert files() == set()


# the questions


def on_a_terminal(*lines: str, flags: tuple[str, ...] = ()) -> tuple[int, str]:
    """Type lines at a terminal, each after a prompt; exit code and all that the terminal showed."""
    terminal, end = pty.openpty()
    environ = {**os.environ, "TERM": "dumb", "PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "digestor", "init", *flags]
    process = subprocess.Popen(command, stdin=end, stdout=end, stderr=end, env=environ)
    os.close(end)
    shown, left = b"", list(lines)
    with suppress(OSError):  # so a terminal tells that nobody writes to it any more
        while piece := os.read(terminal, 4096):
            shown += piece
            if left and shown.endswith(b": "):
                os.write(terminal, f"{left.pop(0)}\n".encode())
    os.close(terminal)
    return process.wait(), shown.decode()


def test_four_questions_make_a_config() -> None:
    code, shown = on_a_terminal(
        "sparse attention,  tides ", "cs.CL, stat.ml", "3", "http://localhost:8080/v1", "qwen3",
        "2,5", "ann@example.org", "",
    )  # fmt: skip

    config = load(Path("config.toml"))
    assert code == 0, shown
    assert [topic.words for topic in config.interests.topics] == ["sparse attention", "tides"]
    assert config.sources[0].keys == {"categories": ["cs.CL", "stat.ML"]}
    assert config.annotator.keys == {"model": "qwen3", "base_url": "http://localhost:8080/v1"}
    assert config.delivery[0].keys["host"] == "smtp.example.org"
    assert "crontab -e" in shown
    assert "SMTP_PASSWORD" in shown
    assert [f"{number}. W" in shown for number in (1, 2, 3, 4)] == [True] * 4


def test_enter_alone_is_an_answer_to_each() -> None:
    code, shown = on_a_terminal("", "", "", "")

    config = load(Path("config.toml"))
    assert code == 0, shown
    assert ([part.kind for part in config.sources], config.annotator.kind) == (["huggingface"], "extractive")
    assert config.delivery == ()
    assert files() == {"config.toml"}


def test_an_answer_that_is_none_is_asked_for_again() -> None:
    code, shown = on_a_terminal(
        "", "poetry", "cs.CL", "4", "3", "localhost", "http://localhost:1/v1", "", "m", "3", "4,5", "2", "nobody",
        "a@example.org", "no server", "mail.example.org:465",
    )  # fmt: skip

    assert code == 0, shown
    assert shown.count("Error: ") == 8
    assert load(Path("config.toml")).delivery[0].keys["port"] == 465


def test_a_user_who_leaves_half_way_has_nothing_written() -> None:
    code, shown = on_a_terminal("tides", "\x04")

    assert code == 130, shown
    assert shown.endswith("Nothing was written.\r\n")
    assert files() == set()


def test_flags_on_a_terminal_are_answers_enough() -> None:
    code, shown = on_a_terminal(flags=("--topic", "tides"))

    assert code == 0
    assert "1. W" not in shown
    assert load(Path("config.toml")).interests.topics[0].words == "tides"


def test_nonsense_is_refused_before_anything_is_asked() -> None:
    Path("config.toml").write_text("", encoding="utf-8")

    code, shown = on_a_terminal()

    assert code == 2
    assert "left alone" in shown
    assert "1. W" not in shown


def test_a_text_is_quoted_so_that_toml_reads_it() -> None:
    with pytest.raises(InputError):
        quoted("\ud800")
    assert tomllib.loads(f"x = {quoted(chr(127) + chr(0) + chr(0x1F600))}")["x"] == "\x7f\x00\U0001f600"
