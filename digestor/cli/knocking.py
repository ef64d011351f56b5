"""The trials of deliveries: as far as one can go without sending anything."""

import os
from pathlib import Path

from digestor.cli.trial import Trial
from digestor.delivery.files import Files
from digestor.delivery.git import ASK_NOBODY, ELSEWHERE, Git
from digestor.delivery.readers import reader
from digestor.delivery.relay import Relay, RelayError, Route
from digestor.delivery.repository import Repository
from digestor.delivery.smtp import PORTS, Smtp
from digestor.errors import DeliveryError
from digestor.protocols import Delivery, Outside

WITHIN = 30.0
"""Seconds for each step."""


def delivery(way: Delivery, world: Outside) -> Trial:
    """Try a delivery; nothing is written, sent, pushed or posted."""
    try:
        if isinstance(way, Files):
            return folder(way)
        if isinstance(way, Smtp):
            world.tell(f"trying {way.host} …")
            return mail(way, world)
        if isinstance(way, Git):
            world.tell("trying git …")
            return git(way, world)
    except DeliveryError as error:
        return Trial("delivery", str(getattr(way, "kind", "")), "FAILED", error.what, error.todo)
    kind = str(getattr(way, "kind", type(way).__name__))
    why = "it would post" if kind == "webhook" else "what it would take is not known"
    return Trial("delivery", kind, "not tried", why)


def folder(files: Files) -> Trial:
    """May the issue files be written?"""
    name, there = f"files in {files.folder}", there_is(files.folder)
    if not there.is_dir():
        return Trial("delivery", name, "FAILED", f"{there} is a file", "name another folder: output")
    if not os.access(there, os.W_OK | os.X_OK):
        return Trial("delivery", name, "FAILED", f"{there} may not be written to", "see its owner and mode")
    return Trial(
        "delivery", name, "ok", "may be written" if there == files.folder else "will be made at the first issue"
    )


def mail(smtp: Smtp, world: Outside) -> Trial:
    """Connect, secure the connection, log in, take leave. Raises DeliveryError for a fault in readers or secret."""
    name = f"mail by {smtp.host}"
    password = world.environ.get(smtp.password_env, "") if smtp.user else ""
    if smtp.user and not (password and password.isascii()):
        what = f"{smtp.password_env} is " + ("not plain ASCII, which a login needs" if password else "not set")
        return Trial("delivery", name, "FAILED", what, "it holds the password of user")
    try:
        smtp.letterhead(world.environ)
        readers = len(smtp.readers())
    except DeliveryError as error:
        return Trial("delivery", name, "FAILED", error.what, error.todo)
    port, hello = smtp.port or PORTS[smtp.security], reader(smtp.sender).domain
    within = min(smtp.timeout, WITHIN)
    relay = Relay(Route(smtp.host, port, smtp.security, hello, within, smtp.user, password, smtp.ca_file))
    try:
        relay.open()
    except RelayError as error:
        return Trial("delivery", name, "FAILED", error.what, error.todo)
    relay.close()
    how = "unencrypted" if smtp.security == "none" else "encrypted"
    login = ", logged in" if smtp.user else ""
    many = "reader" if readers == 1 else "readers"
    return Trial("delivery", name, "ok", f"connected, {how}{login}; nothing was sent; {readers} {many}")


def git(way: Git, world: Outside) -> Trial:
    """Is there a repository and, where it is pushed, a remote that answers? Raises DeliveryError."""
    environ = {key: value for key, value in world.environ.items() if not ELSEWHERE.fullmatch(key)}
    here = there_is(way.folder)
    repository = Remote(here, {"PATH": os.defpath, **environ, **ASK_NOBODY}, min(way.timeout, WITHIN))
    repository.must_be_ready()
    name = f"git in {here}"
    if not way.push:
        return Trial("delivery", name, "ok", "is a repository; nothing is pushed (push = false)")
    remote = repository.answers()
    return Trial("delivery", name, "ok", f"{remote} answers; whether it takes a push shows only then")


class Remote(Repository):
    """A repository whose remote is asked for its branches."""

    def answers(self) -> str:
        """The remote's name, once it has answered. Raises DeliveryError."""
        branch = self._git("symbolic-ref", "--quiet", "--short", "HEAD").out.strip()
        where = self._git("for-each-ref", "--format=%(upstream:remotename)", f"refs/heads/{branch}").out.strip()
        if not (branch and where):
            what = f"branch {branch} has no remote branch to be pushed to" if branch else "HEAD is on no branch"
            todo = (
                f"once, in the repository: git push --set-upstream origin {branch}" if branch else "git switch BRANCH"
            )
            raise DeliveryError(f"git, {self.folder}", what, todo)
        said = self._git("ls-remote", "--quiet", where, "HEAD")
        if said.code:
            raise DeliveryError(f"git, {self.folder}", f"{where} does not answer: {said.words}", "try: git ls-remote")
        return where


def there_is(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    found = folder.absolute()
    while not found.exists() and found != found.parent:
        found = found.parent
    return folder if found == folder.absolute() else found
