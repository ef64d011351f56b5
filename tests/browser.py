"""Pages in a headless Chromium: what a reader sees, clicks and types. One browser process for the whole test run.

A test module says `from tests.browser import browser as browser` and takes the fixture:

    with browser.page(html, width=320, scheme="dark") as page:
        assert overflow(page) == [] and axe(page) == [] and browser.complaints == []
"""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Process
from playwright.sync_api import Page, Playwright, Route, sync_playwright

Scheme = Literal["light", "dark", "forced"]
"""What the reader prefers; `forced`: a light page that the browser itself turns dark, as some mail clients do."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
MAIL = ("region", "landmark-one-main")
"""Rules of axe for pages, which a mail cannot follow: axe(page, off=MAIL)."""


def executable() -> str | None:
    """Where a Chromium is: $CHROMIUM, or one on the PATH."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


class Browser:
    """A running Chromium that reaches nothing but files and this machine."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.complaints: list[str] = []
        """What the page opened last put on its console or threw: errors, warnings, violations of its own policy."""
        self.refused: list[str] = []
        """The addresses outside that the page opened last tried to load."""
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def page(
        self, shown: str | Path, *, width: int = 600, height: int = 900, scheme: Scheme = "light", scripts: bool = True
    ) -> Iterator[Page]:
        """A page in a fresh profile: HTML as text, a file, or an address on this machine (`http://127.0.0.1:...`)."""
        # Playwright marks its loop as running in this thread for as long as it lives, and asyncio.run would refuse.
        asyncio._set_running_loop(self._loop)
        self.complaints.clear()
        self.refused.clear()
        context = self.process.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        try:
            context.route("**/*", self._gate)
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
            page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
            if scheme == "forced":
                devtools = context.new_cdp_session(page)
                devtools.send("Emulation.setAutoDarkModeOverride", {"enabled": True})
            if isinstance(shown, Path):
                page.goto(shown.resolve().as_uri())
            elif shown.startswith("http://"):
                page.goto(shown)
            else:
                page.set_content(shown)
            yield page
        finally:
            context.close()
            asyncio._set_running_loop(None)

    def _gate(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("file", "data", "blob", "about") or address.hostname in ("127.0.0.1", "::1", "localhost"):
            route.continue_()
        else:
            self.refused.append(route.request.url)
            route.abort()


def overflow(page: Page) -> list[str]:
    """What sticks out to the right of the window, as `tag.class: pixels`; empty where one need not scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
            const wide = document.documentElement.scrollWidth - window.innerWidth;
            if (wide <= 0) return [];
            const out = [...document.body.querySelectorAll('*')]
                .map(e => [e, Math.round(e.getBoundingClientRect().right - window.innerWidth)])
                .filter(([, by]) => by > 0)
                .map(([e, by]) => `${e.tagName.toLowerCase()}${e.className ? '.' + e.className : ''}: ${by}`);
            return out.length ? out.slice(0, 10) : [`page: ${wide}`];
        }"""
    )
    return found


def axe(page: Page, off: tuple[str, ...] = ()) -> list[str]:
    """What axe-core holds against the page, as `rule: element`; `off` names the rules that do not apply."""
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in off}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {' '.join(node['target'])}: {node['html'][:120]}" for rule in found for node in rule["nodes"]
    ]


_running: list[tuple[ExitStack, Browser]] = []
_users: list[object] = []


@contextmanager
def chromium() -> Iterator[Browser]:
    """The one browser, started by who comes first and closed by who goes last. Skips where there is none."""
    if not _running:
        path = executable()
        if path is None:
            pytest.skip("there is no Chromium: install it, or name it in $CHROMIUM")
        with ExitStack() as stack:
            playwright: Playwright = stack.enter_context(sync_playwright())
            process = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            stack.callback(process.close)
            started = Browser(process)
            stack.callback(asyncio._set_running_loop, started._loop)
            asyncio._set_running_loop(None)
            _running.append((stack.pop_all(), started))
    me = object()
    _users.append(me)
    try:
        yield _running[0][1]
    finally:
        _users.remove(me)
        if not _users:
            stack, _ = _running.pop()
            stack.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of the whole run."""
    with chromium() as one:
        yield one
