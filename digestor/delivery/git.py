"""The issue files as a commit in the repository that they are in, and pushed if asked. Nothing else is committed."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from digestor.delivery.gist import gist
from digestor.delivery.repository import Repository
from digestor.models import Message
from digestor.protocols import Office

INDEX = {
    "index.html": '<meta name="generator" content="digestor">',
    "README.md": "<!-- Written by digestor",
    "feed.xml": "<generator>digestor</generator>",
}
"""Files of the folder that tell of all issues, and what ours hold; committed with an issue."""
PAGE = re.compile(r"\d{4}-(W\d\d|\d\d(-\d\d)?)\.html")
"""The page of an issue. Those of its neighbours have links to it, so they change with it."""
ELSEWHERE = re.compile(
    r"GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|NAMESPACE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)"
)
"""What a hook that runs us may have set: it names another repository than the one the files are in."""
ASK_NOBODY = {
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_EDITOR": "true",
    "GIT_SEQUENCE_EDITOR": "true",
    "GIT_MERGE_AUTOEDIT": "no",
    "LC_ALL": "C",
}


class Git(BaseModel):
    """Commits the issue's files and the index files beside them; hooks and signing are the repository's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["git"] = "git"
    folder: Path = Path("digests")
    """Where the files are."""
    push: bool = False
    """To where the branch is pushed by `git push`; what was committed before and not pushed goes along."""
    author: Annotated[str, StringConstraints(pattern=r"\A[^<>\x00-\x1f]+ <[^<>\s]+>\z")] | None = None
    """`Name <address>`, who then is committer too; else whoever git says."""
    timeout: float = Field(300, gt=0, allow_inf_nan=False)
    """Seconds that one git command may take, its hooks included."""

    def deliver(self, message: Message, office: Office) -> list[str]:
        """Commit, push if asked; say which commit and where it went. Nothing new is no commit.

        Raises DeliveryError; then no merge or rebase is left under way, and what was committed stays committed.
        """
        repository = Repository(self.folder, self._environment(office.environ), self.timeout)
        repository.must_be_ready()
        files = [f"{message.id}.{format}" for format in message.formats]
        files += [name for name, mark in INDEX.items() if mark in self._text(name)]
        files += [name for name in repository.changed() if PAGE.fullmatch(name) and name not in files]
        done: list[str] = []
        brief = gist(message)
        if new := repository.add([file for file in files if (self.folder / file).is_file()]):
            done.append(repository.commit(f"{brief.id}: {brief.numbers or ' '.join(brief.title.split())}", new))
        if self.push:
            done += repository.push()
        return done

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def _environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """What git may see: the user's environment, but nothing that points elsewhere, and nobody to ask."""
        kept = {key: value for key, value in environ.items() if not ELSEWHERE.fullmatch(key)}
        found = {"PATH": os.defpath, **kept, **ASK_NOBODY}
        if self.author:
            name, _, address = self.author[:-1].rpartition(" <")
            for who in ("AUTHOR", "COMMITTER"):
                found |= {f"GIT_{who}_NAME": name, f"GIT_{who}_EMAIL": address}
        return found
