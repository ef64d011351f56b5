"""One Jinja2 environment a format: strict, sandboxed, and what is put into a template is escaped by it."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from digestor.errors import ConfigError
from digestor.render.markdown import Safe, anchor, link, markdown
from digestor.render.words import by_area, code_words, in_text, spoken, warning
from digestor.text.identifiers import safe_url

ESCAPED = ("html", "xml")
"""Formats in which Jinja2 escapes by itself."""

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, not even escaped."""

FAULTS = (TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, OSError)
"""What a template of the user's can come to while it is filled."""


def filled(template: str, templates: Path | None, **given: Any) -> str:
    """A template of the user's folder or else of ours, filled. Raises ConfigError where the user's own is wrong."""
    try:
        text = environment(template.split(".")[-2], templates).get_template(template).render(given)
    except FAULTS as error:
        name, line = _place(error)
        where = f"template {name or template}" + (f", line {line}" if line else "")
        what = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        raise ConfigError(
            where + (f" (of {templates})" if templates else ""),
            what,
            "compare with the template of the same name that digestor brings",
        ) from error
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@lru_cache
def environment(format: str, templates: Path | None = None) -> SandboxedEnvironment:
    """The environment of a format (`md`, `html`, `xml`, `txt`)."""
    ours = PackageLoader("digestor", "templates")
    made = SandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(templates), ours]) if templates else ours,
        undefined=StrictUndefined,
        autoescape=format in ESCAPED,
        finalize={"md": markdown, "xml": _xml}.get(format),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    filters: dict[str, Callable[..., Any]] = {
        "link": link,
        "anchor": anchor,
        "by_area": by_area,
        "code_words": code_words,
        "day": spoken,
        "in_text": in_text,
        "safe_md": Safe,
        "sha256": fingerprint,
        "warning": warning,
        "web": lambda url: safe_url(url or "") or "",
        "papers": lambda sections: sum(len(section.entries) for section in sections),
        "released": lambda entries: sum(entry.annotation.code.status == "released" for entry in entries),
    }
    made.filters.update(filters)
    return made


def fingerprint(text: str) -> str:
    """What a Content-Security-Policy calls a script or a style: `sha256-` and the hash in base64."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()


def _xml(value: object) -> object:
    return type(value)(NO_XML.sub("", value)) if isinstance(value, str) else value


def _place(error: BaseException) -> tuple[str, int]:
    """The template and the line where it went wrong; Jinja2 puts both into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return error.name or "", error.lineno
    name, line = "", 0
    trace: TracebackType | None = error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if trace.tb_frame.f_globals.get("__jinja_template__") or file.endswith(".j2"):
            name, line = Path(file).name, trace.tb_lineno
        trace = trace.tb_next
    return name, line
