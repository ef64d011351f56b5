"""The issue files in a repository: only they, once, and nothing of anybody's is lost."""

import os
import subprocess
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.delivery.files import Files
from digestor.delivery.git import INDEX, Git
from digestor.delivery.repository import without_secrets
from digestor.errors import DeliveryError
from digestor.models import Code, Entry, Issue, Ledger, Message, Section
from digestor.render.shelf import OURS
from tests.fakes import a_paper, an_annotation, an_office

NAMED = "Ada <ada@example.org>"


def environ(home: Path, **more: str) -> dict[str, str]:
    """An environment with no settings of whoever runs the tests."""
    none = {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.defpath}
    return (
        none
        | {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always"}
        | more
    )


def git(folder: Path, *arguments: str) -> str:
    """Run git as a person with a name would; what it prints."""
    who = {"GIT_AUTHOR_NAME": "Bo", "GIT_AUTHOR_EMAIL": "bo@example.org"}
    who |= {"GIT_COMMITTER_NAME": "Bo", "GIT_COMMITTER_EMAIL": "bo@example.org"}
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    done = subprocess.run(command, cwd=folder, env=environ(folder, **who), capture_output=True, text=True, check=True)
    return done.stdout


def an_issue(papers: int = 3, with_code: int = 1, id: str = "2026-W47") -> Issue:
    entries = [
        Entry(
            paper=paper, annotation=an_annotation(paper, code=Code(status="released") if number < with_code else None)
        )
        for number, paper in enumerate(map(a_paper, range(papers)))
    ]
    return Issue(
        id=id,
        title="Papers of the week, 16–22 November 2026",
        start=date(2026, 11, 16),
        end=date(2026, 11, 22),
        sections=(Section(tag="survey", title="Surveys", entries=tuple(entries)),),
        ledger=Ledger(read=papers, annotated=papers),
    )


def a_message(papers: int = 3, with_code: int = 1, id: str = "2026-W47") -> Message:
    issue = an_issue(papers, with_code, id)
    return Message(id=id, subject=issue.title, formats={"md": f"{papers} papers\n", "json": issue.model_dump_json()})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The output folder of a new repository."""
    made = tmp_path / "work" / "digests"
    made.mkdir(parents=True)
    git(made.parent, "init", "--quiet")
    return made


@pytest.fixture
def remote(folder: Path, tmp_path: Path) -> Path:
    """A bare remote that the repository pushes to; it has one commit."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    (folder.parent / "seed.txt").write_text("seed\n", encoding="utf-8")
    git(folder, "add", "--", "../seed.txt")
    git(folder, "commit", "--quiet", "-m", "seed")
    git(folder, "remote", "add", "origin", str(bare))
    git(folder, "push", "--quiet", "--set-upstream", "origin", "main")
    return bare


def bring(folder: Path, message: Message, more: Mapping[str, str] | None = None, **keys: object) -> list[str]:
    """Write the files, as a run does, and then deliver them."""
    office = an_office()._replace(environ=environ(folder.parent, **(more or {})))
    Files(folder=folder).deliver(message, office)
    return Git.model_validate({"author": NAMED, **keys, "folder": folder}).deliver(message, office)


def elsewhere(remote: Path, tmp_path: Path, file: str, text: str) -> None:
    """Somebody else pushes a commit."""
    other = tmp_path / f"other-{len(list(tmp_path.iterdir()))}"
    git(tmp_path, "clone", "--quiet", str(remote), str(other))
    (other / file).parent.mkdir(exist_ok=True)
    (other / file).write_text(text, encoding="utf-8")
    git(other, "add", "--", file)
    git(other, "commit", "--quiet", "-m", f"other {file}")
    git(other, "push", "--quiet")


def files_of(folder: Path, commit: str = "HEAD") -> list[str]:
    return git(folder, "show", "--format=", "--name-only", commit).split()


def subjects(folder: Path, ref: str = "HEAD") -> list[str]:
    return git(folder, "log", "--format=%s", ref).splitlines()


# committing


def test_the_issue_files_are_committed_with_the_numbers(folder: Path) -> None:
    done = bring(folder, a_message(24, 8))

    assert subjects(folder) == ["2026-W47: 24 papers, 8 with code"]
    assert files_of(folder) == ["digests/2026-W47.json", "digests/2026-W47.md"]
    assert git(folder, "log", "--format=%an %ae %cn %ce").split() == ["Ada", "ada@example.org"] * 2
    (said,) = done
    assert git(folder, "rev-parse", "--short", "HEAD").strip() in said


def test_one_paper_is_said_in_the_singular(folder: Path) -> None:
    bring(folder, a_message(1, 0))

    assert subjects(folder) == ["2026-W47: 1 paper, 0 with code"]


def test_without_the_json_form_the_title_is_the_message_on_one_line(folder: Path) -> None:
    bring(folder, Message(id="2026-W47", subject="Papers\nof the week", formats={"md": "x"}))

    assert git(folder, "log", "--format=%B").strip() == "2026-W47: Papers of the week"


def test_the_index_files_come_along_where_they_are_digestor_s(folder: Path) -> None:
    for name in ("index.html", "feed.xml"):
        (folder / name).write_text(f"x {INDEX[name]} x", encoding="utf-8")
    for name in ("README.md", "notes.txt", "2026-W46.html"):
        (folder / name).write_text("yours", encoding="utf-8")

    bring(folder, a_message())

    assert files_of(folder) == [
        "digests/2026-W47.json", "digests/2026-W47.md", "digests/feed.xml", "digests/index.html"
    ]  # fmt: skip


def test_what_marks_an_index_file_is_what_it_is_written_with() -> None:
    assert INDEX == OURS


def test_a_page_that_got_a_link_to_the_new_issue_comes_along(folder: Path) -> None:
    for name in ("2026-W46.html", "2026-W46.md", "mine.html"):
        (folder / name).write_text("before", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "before")
    for name in ("2026-W46.html", "2026-W46.md", "mine.html"):
        (folder / name).write_text("after", encoding="utf-8")

    bring(folder, a_message())

    assert files_of(folder) == ["digests/2026-W46.html", "digests/2026-W47.json", "digests/2026-W47.md"]


def test_a_second_run_has_nothing_to_commit_and_that_is_no_error(folder: Path) -> None:
    bring(folder, a_message())

    assert bring(folder, a_message()) == []
    assert len(subjects(folder)) == 1


def test_another_edition_is_a_commit_of_what_changed(folder: Path) -> None:
    bring(folder, a_message(3))
    bring(folder, a_message(4))

    assert subjects(folder) == ["2026-W47: 4 papers, 1 with code", "2026-W47: 3 papers, 1 with code"]


def test_what_else_is_staged_changed_or_new_stays_as_it_was(folder: Path) -> None:
    work = folder.parent
    (work / "tracked.txt").write_text("one\n", encoding="utf-8")
    git(work, "add", "tracked.txt")
    git(work, "commit", "--quiet", "-m", "first")
    (work / "tracked.txt").write_text("two\n", encoding="utf-8")
    (work / "staged.txt").write_text("staged\n", encoding="utf-8")
    git(work, "add", "staged.txt")
    (work / "staged.txt").write_text("staged and changed\n", encoding="utf-8")
    (folder / "2026-W46.md").write_text("an issue of yours\n", encoding="utf-8")
    (folder / "2026-W45.html").write_text("another, staged\n", encoding="utf-8")
    git(folder, "add", "2026-W45.html")
    before = git(work, "status", "--porcelain", "--untracked-files=all")

    bring(folder, a_message())

    assert files_of(folder) == ["digests/2026-W47.json", "digests/2026-W47.md"]
    assert git(work, "status", "--porcelain", "--untracked-files=all") == before
    assert git(work, "show", ":staged.txt") == "staged\n"


def test_a_format_that_git_ignores_is_left_out(folder: Path) -> None:
    (folder / ".gitignore").write_text("*.md\n", encoding="utf-8")

    bring(folder, a_message())

    assert files_of(folder) == ["digests/2026-W47.json"]


def test_when_git_ignores_all_of_it_that_is_said(folder: Path) -> None:
    (folder.parent / ".gitignore").write_text("digests/\n", encoding="utf-8")

    with pytest.raises(DeliveryError, match="ignores all issue files"):
        bring(folder, a_message())


def test_a_message_of_no_files_is_refused(folder: Path) -> None:
    with pytest.raises(DeliveryError, match="there are no issue files"):
        bring(folder, Message(id="2026-W47", subject="x", formats={}))


def test_a_hook_that_refuses_is_heard_and_nothing_is_committed(folder: Path) -> None:
    hook = folder.parent / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho 'no commits on Saturdays' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)

    with pytest.raises(DeliveryError, match="no commits on Saturdays"):
        bring(folder, a_message())

    hook.unlink()
    bring(folder, a_message())
    assert len(subjects(folder)) == 1


def alive(process: int) -> bool:
    """Is it there, and not only waiting to be collected?"""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_hook_that_waits_for_somebody_is_ended_with_all_that_it_started(folder: Path) -> None:
    hook = folder.parent / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nsleep 1000 & echo $! > pid; wait\n", encoding="utf-8")
    hook.chmod(0o755)

    with pytest.raises(DeliveryError, match=r"git commit did not end within 3 s.*\n.*passphrase"):
        bring(folder, a_message(), timeout=3)

    left = int((folder.parent / "pid").read_text())
    while alive(left):  # a signal takes a moment; the watchdog ends a test whose process does not
        time.sleep(0.01)
    assert not (folder.parent / ".git" / "index.lock").exists()


def test_a_hook_finds_nobody_to_ask(folder: Path) -> None:
    hook = folder.parent / ".git" / "hooks" / "pre-commit"
    hook.write_text(
        "#!/bin/sh\nread answer || echo nobody > asked; (: < /dev/tty) 2>> asked\nexit 0\n", encoding="utf-8"
    )
    hook.chmod(0o755)

    bring(folder, a_message())

    first, second = (folder.parent / "asked").read_text(encoding="utf-8").splitlines()
    assert first == "nobody"
    assert "/dev/tty" in second


def test_what_a_hook_leaves_running_is_not_waited_for(folder: Path) -> None:
    hook = folder.parent / ".git" / "hooks" / "post-commit"
    hook.write_text("#!/bin/sh\nsleep 1000 & echo $! > pid\n", encoding="utf-8")
    hook.chmod(0o755)
    try:
        assert bring(folder, a_message(), timeout=60) != []
    finally:
        os.kill(int((folder.parent / "pid").read_text()), 9)


def test_a_repository_named_by_the_environment_is_not_the_one(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    more = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": str(other / "i")}

    bring(folder, a_message(), more)

    assert len(subjects(folder)) == 1


# what stands in the way


def test_a_folder_in_no_repository_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"(?s)no git repository.*git -C .* init"):
        bring(tmp_path / "digests", a_message(), {"GIT_CEILING_DIRECTORIES": str(tmp_path)})


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no such folder"):
        Git(folder=tmp_path / "nowhere").deliver(a_message(), an_office())


def test_without_the_program_git_that_is_said(folder: Path) -> None:
    with pytest.raises(DeliveryError, match="not installed"):
        bring(folder, a_message(), {"PATH": str(folder)})


def test_with_nobody_to_commit_as_both_commands_are_named(folder: Path) -> None:
    git(folder, "config", "user.useConfigOnly", "true")

    with pytest.raises(DeliveryError, match=r"(?s)git config user\.name.*git config user\.email"):
        bring(folder, a_message(), author=None)


def test_the_name_that_git_has_is_taken_where_none_is_configured(folder: Path) -> None:
    git(folder, "config", "user.name", "Cy")
    git(folder, "config", "user.email", "cy@example.org")

    bring(folder, a_message(), author=None)

    assert git(folder, "log", "--format=%an <%ae>").strip() == "Cy <cy@example.org>"


@pytest.mark.parametrize("author", ["Ada", "Ada <ada", "<a@b>", "Ada\n <a@b>", "Ada <a b@c>", "Ada <a@b>\n"])
def test_an_author_that_git_would_not_take_is_refused_with_the_config(author: str) -> None:
    with pytest.raises(ValidationError):
        Git(author=author)


@pytest.mark.parametrize(
    ("mark", "doing"),
    [
        ("MERGE_HEAD", "merge"),
        ("rebase-merge", "rebase"),
        ("rebase-apply", "rebase"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
    ],
)
def test_nothing_is_committed_into_what_somebody_has_not_ended(folder: Path, mark: str, doing: str) -> None:
    (folder.parent / ".git" / mark).mkdir()

    with pytest.raises(DeliveryError, match=f"a {doing} is under way(.|\n)*git {doing} --abort"):
        bring(folder, a_message())


def test_a_locked_index_is_said(folder: Path) -> None:
    (folder.parent / ".git" / "index.lock").write_text("", encoding="utf-8")

    with pytest.raises(DeliveryError, match="locked"):
        bring(folder, a_message())


# pushing


def test_a_commit_is_pushed_when_asked(folder: Path, remote: Path) -> None:
    done = bring(folder, a_message(), push=True)

    assert subjects(remote, "main") == ["2026-W47: 3 papers, 1 with code", "seed"]
    assert done[1] == "pushed to origin/main"


def test_nothing_is_pushed_unless_asked(folder: Path, remote: Path) -> None:
    bring(folder, a_message())

    assert subjects(remote, "main") == ["seed"]


def test_a_second_run_pushes_what_the_first_could_not(folder: Path, remote: Path) -> None:
    away = remote.rename(remote.with_name("away.git"))
    with pytest.raises(DeliveryError, match="is committed, but git push failed"):
        bring(folder, a_message(), push=True)
    away.rename(remote)

    assert bring(folder, a_message(), push=True) == ["pushed to origin/main"]
    assert bring(folder, a_message(), push=True) == []
    assert len(subjects(remote, "main")) == 2


def test_only_the_branch_itself_is_pushed(folder: Path, remote: Path) -> None:
    git(folder, "config", "push.default", "matching")
    git(folder, "push", "--quiet", "origin", "main:draft")
    git(folder, "branch", "draft")
    git(folder, "switch", "--quiet", "draft")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "not yet")
    git(folder, "switch", "--quiet", "main")

    bring(folder, a_message(), push=True)

    assert subjects(remote, "draft") == ["seed"]


def test_when_the_remote_has_moved_the_commit_goes_on_top(folder: Path, remote: Path, tmp_path: Path) -> None:
    elsewhere(remote, tmp_path, "other.txt", "x")

    bring(folder, a_message(), push=True)

    assert subjects(remote, "main") == ["2026-W47: 3 papers, 1 with code", "other other.txt", "seed"]
    assert subjects(folder) == subjects(remote, "main")


def test_a_conflict_is_told_and_everything_is_as_it_was(folder: Path, remote: Path, tmp_path: Path) -> None:
    elsewhere(remote, tmp_path, "digests/2026-W47.md", "quite another issue\n")

    with pytest.raises(DeliveryError, match=r"other changes in digests/2026-W47\.md(.|\n)*git pull --rebase"):
        bring(folder, a_message(), push=True)

    assert subjects(folder) == ["2026-W47: 3 papers, 1 with code", "seed"]
    assert git(folder, "status", "--porcelain") == ""
    assert "rebase" not in git(folder, "status")
    assert subjects(remote, "main") == ["other digests/2026-W47.md", "seed"]


def test_changes_of_yours_are_never_stashed_for_it(folder: Path, remote: Path, tmp_path: Path) -> None:
    elsewhere(remote, tmp_path, "other.txt", "x")
    git(folder, "config", "rebase.autoStash", "true")
    (folder.parent / "seed.txt").write_text("half a thought\n", encoding="utf-8")

    with pytest.raises(DeliveryError, match="other changes here that are not committed"):
        bring(folder, a_message(), push=True)

    assert (folder.parent / "seed.txt").read_text(encoding="utf-8") == "half a thought\n"
    assert git(folder, "stash", "list") == ""
    assert subjects(folder)[0].startswith("2026-W47")


def test_a_branch_with_no_remote_branch_is_committed_and_the_push_an_error(folder: Path) -> None:
    with pytest.raises(DeliveryError, match=r"git push --set-upstream origin main"):
        bring(folder, a_message(), push=True)

    assert len(subjects(folder)) == 1


def test_a_head_on_no_branch_is_committed_and_the_push_an_error(folder: Path, remote: Path) -> None:
    git(folder, "switch", "--quiet", "--detach")

    with pytest.raises(DeliveryError, match="HEAD is on no branch"):
        bring(folder, a_message(), push=True)

    assert len(subjects(folder)) == 2


def test_a_hook_of_the_remote_that_refuses_is_heard(folder: Path, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)

    with pytest.raises(DeliveryError, match="main is protected"):
        bring(folder, a_message(), push=True)


def test_a_password_in_the_address_of_the_remote_is_never_said(folder: Path, remote: Path) -> None:
    git(folder, "remote", "set-url", "origin", "http://me:s3cr3t@127.0.0.1:9/x.git?token=s3cr3t")

    with pytest.raises(DeliveryError) as caught:
        bring(folder, a_message(), push=True)

    assert "127.0.0.1:9/x.git" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


WORD = st.text("abcXYZ019:@%!$&*-._~+=", min_size=1, max_size=12)


@given(WORD, WORD)
def test_no_user_or_password_outlives_the_scrubbing(user: str, password: str) -> None:
    said = without_secrets(f"fatal: unable to access 'https://Q{user}Q:Q{password}Q@host.example/a/b.git/': no")

    assert said == "fatal: unable to access 'https://host.example/a/b.git/': no"
