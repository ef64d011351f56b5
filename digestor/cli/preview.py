"""`digestor preview`: an issue's page and mail in the browser, drawn anew whenever a template or the issue changes."""

import hashlib
import html
import re
import threading
import webbrowser
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import click

from digestor.cli.show import find, read
from digestor.cli.terminal import config_option, configured
from digestor.errors import DigestorError, InputError
from digestor.render.environment import environment, fingerprint
from digestor.render.issue import as_page
from digestor.render.look import Look

HOST = "127.0.0.1"
LIVE = """
const drawn = document.currentScript.dataset.stamp;
setInterval(async () => {
  try {
    const answer = await fetch("/stamp", { cache: "no-store" });
    if (answer.ok && await answer.text() !== drawn) location.reload();
  } catch {}
}, 400);
"""
"""Asks whether anything changed since the page was drawn; only the preview puts it into a page."""
RULES = f"default-src 'none'; style-src 'unsafe-inline'; script-src '{fingerprint(LIVE)}'; connect-src 'self'"
"""What a shown mail or error may do: nothing but look right, and ask."""
PAGE_RULES = "default-src 'unsafe-inline' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
"""What a page may do whose template is somebody's own: load nothing. Ours forbids itself more."""


class Answer(NamedTuple):
    """What a request gets."""

    body: str
    kind: str = "text/html"
    status: int = 200
    rules: str = ""


class Preview:
    """An issue file and a look, seen as they are now."""

    def __init__(self, issue: Path, look: Look) -> None:
        self.issue, self.look = issue, look
        self._drawing = threading.Lock()
        self._pages: dict[str, Callable[[], Answer]] = {
            "/": self._page,
            "/mail": self._mail,
            "/mail.txt": self._text,
            "/stamp": lambda: Answer(self.stamp(), "text/plain"),
        }

    def answer(self, path: str) -> Answer:
        """The page of a path; an error that a user can mend is shown in its place, with where it is."""
        page = self._pages.get(path)
        if page is None:
            return self._error(
                "There is no such page.", "Here are the page (/), the mail (/mail) and its text (/mail.txt).", 404
            )
        with self._drawing:
            environment.cache_clear()  # or a template newly put into the user's folder would not be found
            try:
                return page()
            except DigestorError as error:
                return self._error(f"{error.where}: {error.what}", error.todo, 500)

    def stamp(self) -> str:
        """Changes whenever the issue or a template does: a hash of names, times and sizes."""
        found = hashlib.sha256()
        for file in self._watched():
            try:
                seen = file.stat()
            except OSError:
                continue
            found.update(f"{file}\0{seen.st_mtime_ns}\0{seen.st_size}\n".encode(errors="surrogateescape"))
        return found.hexdigest()[:16]

    def _watched(self) -> Iterable[Path]:
        yield self.issue
        for folder in (Path(str(files("digestor"))) / "templates", self.look.templates):
            if folder is not None:
                yield from sorted(folder.rglob("*"))

    def _page(self) -> Answer:
        stamp = self.stamp()
        return Answer(_live(as_page(read(self.issue), self.look), stamp), rules=PAGE_RULES)

    def _mail(self) -> Answer:
        from digestor.render.mail import as_mail

        stamp = self.stamp()
        return Answer(_live(as_mail(read(self.issue), self.look).html, stamp), rules=RULES)

    def _text(self) -> Answer:
        from digestor.render.mail import as_mail

        mail = as_mail(read(self.issue), self.look)
        return Answer(f"Subject: {mail.subject}\nPreheader: {mail.preheader}\n\n{mail.text}", "text/plain")

    def _error(self, what: str, todo: str, status: int) -> Answer:
        said = f"<h1>{html.escape(what)}</h1><p>{html.escape(todo)}</p>"
        return Answer(_live(ERROR.replace("SAID", said), self.stamp()), status=status, rules=RULES)


ERROR = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>digestor preview</title>
<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem;
overflow-wrap: anywhere; } h1 { font-size: 1.25rem; white-space: pre-wrap; }</style>
<body><main>SAID</main></body></html>
"""


def _live(page: str, stamp: str) -> str:
    """A page that asks whether it has changed, and is allowed to by its own policy."""
    page = page.replace("script-src ", f"script-src '{fingerprint(LIVE)}' ", 1)
    page = re.sub(r"(Content-Security-Policy\" content=\")", r"\1connect-src 'self'; ", page, count=1)
    head, end, tail = page.rpartition("</body>")
    script = f'<script data-stamp="{stamp}">{LIVE}</script>'
    return f"{head}{script}{end}{tail}" if end else page + script


def served(preview: Preview, port: int = 0) -> ThreadingHTTPServer:
    """A server on this machine alone. Raises InputError where the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "digestor", ""

        def do_GET(self) -> None:
            host, _, _ = self.headers.get("Host", "").partition(":")
            if host not in (HOST, "localhost"):  # another site's name that leads here
                answer = Answer("Ask for 127.0.0.1.", "text/plain", 403)
            else:
                answer = preview.answer(self.path.partition("?")[0])
            body = answer.body.encode("utf-8", errors="replace")
            self.send_response(answer.status)
            self.send_header("Content-Type", f"{answer.kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            if answer.rules:
                self.send_header("Content-Security-Policy", answer.rules)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: it asks several times a second."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that goes away in the middle of an answer is no error."""

    try:
        return Server((HOST, port), Handler)
    except OSError as error:
        raise InputError(
            f"port {port}", error.strerror or str(error), "name another with --port, or 0 for any"
        ) from None


@click.command(
    epilog="Example: digestor preview digests/2026-W47.json", short_help="See an issue's page and mail while you edit."
)
@click.argument("issue", required=False)
@config_option
@click.option("--port", "-p", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any.")
@click.option("--open/--no-open", "opened", default=False, help="Open it in your browser.  [default: no]")
def preview(issue: str | None, config_file: Path | None, port: int, opened: bool) -> int:
    """See an issue's page and mail while you edit their templates.

    ISSUE is an id such as 2026-W47, looked for in the output folder, or a file 2026-W47.json. Without it, the latest.
    Serves them on this machine alone until Ctrl-C, and draws them anew whenever the issue or a template changes.
    """
    config = configured(config_file)
    file = find(issue, config.output)
    read(file)
    look = config.newsletter
    with served(Preview(file, look), port) as server:
        address = f"http://{HOST}:{server.server_port}/"
        click.echo(f"page  {address}\nmail  {address}mail\ntext  {address}mail.txt\nCtrl-C ends it.")
        if opened:
            webbrowser.open(address)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            click.echo("")
    return 0
