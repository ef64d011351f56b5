"""Find, load and render a prompt. A prompt is one Jinja2 file, `<task>/v<N>.j2`, whose blocks are its parts.

A released version is never edited; a change is a new file. Its name and the hash of its bytes stand in the signature
of every annotation, so an edited prompt can never serve an old answer as its own.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from digestor.errors import ConfigError


@cache
def home() -> Path:
    """The prompts inside the installed package or, in a checkout, beside it."""
    package = Path(str(resources.files("digestor")))
    installed = package / "prompts"
    return installed if installed.is_dir() else package.parent / "prompts"


@dataclass(frozen=True)
class Prompt:
    """A prompt, loaded."""

    name: str
    """`annotate/v1`."""
    hash: str
    """Eight hex digits of the file's bytes."""
    template: Template

    @property
    def blocks(self) -> frozenset[str]:
        """The names of its parts."""
        return frozenset(self.template.blocks)

    def block(self, part: str, **given: Any) -> str:
        """One part, filled, without blanks around it. Raises ConfigError where it asks for what is not given."""
        try:
            context = self.template.new_context(given)
            return "".join(self.template.blocks[part](context)).strip()
        except TemplateError as error:
            raise ConfigError(f"prompt {self.name}", f"block {part}: {error}", WRITING) from error


WRITING = "prompts/README.md says what a prompt is given"


def load(name: str, folder: Path | None = None, blocks: frozenset[str] = frozenset()) -> Prompt:
    """The prompt of a name, from a user's folder or from ours.

    Raises ConfigError when there is none, when it cannot be read, or when it lacks one of `blocks`.
    """
    where = folder or home()
    file = where / f"{name}.j2"
    there = sorted(str(found.relative_to(where).with_suffix("")) for found in where.glob("**/*.j2"))
    known = f"there are: {', '.join(there)}" if there else "there are none in that folder"
    if file.resolve().parent.parent != where.resolve() and not file.resolve().is_relative_to(where.resolve()):
        raise ConfigError(f"prompt {name}", "is outside the folder of prompts", known)
    try:
        raw = file.read_bytes()
        template = environment().from_string(raw.decode("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"prompt {name}", f"there is no file {file.name} for it in {where}", known) from None
    except OSError as error:
        raise ConfigError(f"prompt {name}", f"cannot be read: {error.strerror}", known) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"prompt {name}", f"byte {error.start} is not UTF-8", "save it as UTF-8") from None
    except TemplateError as error:
        raise ConfigError(f"prompt {name}", f"is no template: {error}", WRITING) from error
    missing = sorted(blocks - frozenset(template.blocks))
    if missing:
        raise ConfigError(f"prompt {name}", f"lacks the block {', '.join(missing)}", WRITING)
    return Prompt(name, hashlib.sha256(raw).hexdigest()[:8], template)


@cache
def environment() -> SandboxedEnvironment:
    """Strict, and sandboxed: a prompt is text that people pass on to each other. Not escaped: it is no HTML."""
    return SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
