"""The repository that a folder is in, by the git program, with nobody there to be asked anything."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from digestor.errors import DeliveryError

UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
GRACE = 5.0
"""Seconds that git has to clear away its locks once it is told to end."""
SAID = 600
"""Characters of git's own words in an error."""


class Said(NamedTuple):
    """What came of a git command."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """Its last words, on one line each, with no password in an address."""
        text = self.err.strip() or self.out.strip()
        kept = "".join(character for character in text if character.isprintable() or character == "\n")
        return without_secrets(kept)[-SAID:].strip().replace("\n", "\n  ") or f"git ended with {self.code}"


class Repository:
    """The repository that a folder is in, by the git program."""

    def __init__(self, folder: Path, environ: Mapping[str, str], timeout: float) -> None:
        self.folder, self.environ, self.timeout = folder, environ, timeout

    def must_be_ready(self) -> None:
        """Raises DeliveryError where nothing can be committed now."""
        if not self.folder.is_dir():
            raise self._error("there is no such folder", "the issue files are written there first: see `output`")
        inside = self._git("rev-parse", "--is-inside-work-tree")
        if inside.code and "not a git repository" in inside.err:
            todo = f'make it one: git -C "{self.folder}" init; or take kind = "git" out of the config'
            raise self._error("is in no git repository", todo)
        if inside.code or inside.out.strip() != "true":
            raise self._error(f"is not in the work tree of a git repository ({inside.words})", "see `git status` there")
        if doing := self._under_way():
            todo = f"end it with `git {doing} --continue` or `git {doing} --abort`, and run this again"
            raise self._error(f"a {doing} is under way in its repository", todo)

    def changed(self) -> list[str]:
        """The files in the folder that are not as they were last committed."""
        return self._git("diff", "--name-only", "--relative", "--diff-filter=M", "HEAD", "--", ".").out.splitlines()

    def add(self, files: Sequence[str]) -> list[str]:
        """Add those of the files that git does not ignore, and return them; nothing where they are as committed."""
        ignored = self._git("check-ignore", "--", *files).out.splitlines() if files else []
        kept = [file for file in files if file not in ignored]
        if not kept:
            what = "git ignores all issue files" if files else "there are no issue files to commit"
            raise self._error(what, "see .gitignore, and `output` and `formats` in the config")
        self._must(self._git("add", "--", *kept), "git add failed")
        changed = self._git("diff", "--cached", "--quiet", "--no-ext-diff", "--", *kept)
        if changed.code not in (0, 1):
            raise self._error(f"git diff failed: {changed.words}", "see `git status` there")
        return kept if changed.code else []

    def commit(self, text: str, files: Sequence[str]) -> str:
        """Commit these files, and only them; say which commit it is."""
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            if self._git("var", who).code:
                todo = (
                    'git config user.name "Your Name"\n  git config user.email you@example.org\n  '
                    'or in the config: author = "Your Name <you@example.org>"'
                )
                raise self._error("git does not know in whose name to commit; in the repository, run", todo)
        told = self._git("commit", "--quiet", "--cleanup=verbatim", "-m", text, "--", *files)
        self._must(told, "git commit failed (a hook, or signing)")
        return f"commit {self._git('rev-parse', '--short', 'HEAD').out.strip()} ({text})"

    def push(self) -> list[str]:
        """Bring the branch to where it is pushed; where the remote has moved, once more on top of that."""
        branch = self._git("symbolic-ref", "--quiet", "--short", "HEAD").out.strip()
        if not branch:
            todo = "git switch BRANCH, then git cherry-pick what was committed; or set push = false"
            raise self._error("is committed, but HEAD is on no branch, so it cannot be pushed", todo)
        upstream = "%(upstream:remotename)%00%(upstream:remoteref)"
        where = self._git("for-each-ref", f"--format={upstream}", f"refs/heads/{branch}").out.strip("\n")
        remote, _, ref = where.partition("\0")
        if not (remote and ref):
            todo = f"once, in the repository: git push --set-upstream origin {branch}"
            raise self._error(f"is committed, but branch {branch} has no remote branch to be pushed to", todo)
        target = ("--porcelain", remote, f"refs/heads/{branch}:{ref}")
        told = self._git("push", *target)
        if told.code and re.search(r"\[rejected\].*\((fetch first|non-fast-forward)\)", told.out + told.err):
            self._catch_up(remote, ref)
            told = self._git("push", *target)
        self._must(told, "is committed, but git push failed")
        return [] if "\n=\t" in f"\n{told.out}" else [f"pushed to {remote}/{ref.removeprefix('refs/heads/')}"]

    def _catch_up(self, remote: str, ref: str) -> None:
        """Put our commits on top of the remote's; or leave everything as it was, and raise DeliveryError."""
        todo = "git pull --rebase in the repository, then run this again; it pushes what was committed"
        try:
            told = self._git("pull", "--rebase", "--no-autostash", "--quiet", remote, ref)
            clash = self._git("diff", "--name-only", "--diff-filter=U").out.split("\n")[:-1]
        finally:
            if self._under_way():
                self._git("rebase", "--abort")
        if clash:
            files = ", ".join(clash[:3]) + (" and more" if clash[3:] else "")
            raise self._error(f"is committed, but the remote has other changes in {files}; nothing was pushed", todo)
        if told.code and re.search(r"unstaged changes|uncommitted changes", told.err):
            what = "is committed, but the remote has moved, and there are other changes here that are not committed"
            raise self._error(f"{what}; nothing was pushed", f"commit or stash them; {todo}")
        self._must(told, "is committed, but git pull --rebase failed; nothing was pushed")

    def _under_way(self) -> str:
        """The merge, rebase or the like that somebody has not ended; empty where there is none."""
        paths = self._git("rev-parse", *(word for name in UNDER_WAY for word in ("--git-path", name))).out.splitlines()
        there = zip(paths, UNDER_WAY.values(), strict=False)
        return next((doing for path, doing in there if (self.folder / path).exists()), "")

    def _must(self, told: Said, what: str) -> None:
        if told.code and "index.lock" in told.err:
            todo = "is another git at work there? wait for it and run this again; if there is none, delete index.lock"
            raise self._error("the index of its repository is locked", todo)
        if told.code:
            raise self._error(f"{what}: {told.words}", "see `git status` there, and run this again")

    def _error(self, what: str, todo: str) -> DeliveryError:
        return DeliveryError(f"git, {self.folder}", what, todo)

    def _git(self, *arguments: str) -> Said:
        """Run git in the folder, with nobody to ask. Raises DeliveryError where there is no git, or no end to it."""
        # Into files, not pipes: what a hook leaves running would hold a pipe open long after git has ended.
        with TemporaryFile() as out, TemporaryFile() as err:
            try:
                process = subprocess.Popen(
                    ["git", *arguments],
                    cwd=self.folder,
                    env=dict(self.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,  # so that it has no terminal to ask at, and ends with all that it started
                )
            except FileNotFoundError:
                raise self._error("the program git is not installed, or not on PATH", "install git") from None
            try:
                process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                what = f"git {arguments[0]} did not end within {self.timeout:g} s"
                todo = "does it wait for a passphrase, a hook, a server? run it by hand; or set timeout (seconds)"
                raise self._error(what, todo) from None
            finally:
                end(process)
            return Said(process.returncode, read(out), read(err))


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process that has not ended, and all that it started: kindly, then for good."""
    if process.poll() is not None:
        return
    if not hasattr(os, "killpg"):
        process.kill()
        return
    for way in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, way)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
            return


def read(file: IO[bytes]) -> str:
    """What was written into a file, from its beginning."""
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def without_secrets(text: str) -> str:
    """Text with no user, password or query in any address.

    >>> without_secrets("fatal: https://me:s3cr3t@host/x.git?token=1 not found")
    'fatal: https://host/x.git not found'
    """
    return re.sub(r"(\w[\w+.-]*://)(?:[^/\s]*@)?([^\s?'\"]*)(?:\?[^\s'\"]*)?", r"\1\2", text)
