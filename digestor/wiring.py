"""Config -> Digestor: the only module that knows every class.

Everything that can be wrong with a config is found here, before anything is fetched, and told in one message.
"""

from collections.abc import Iterable, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from digestor import taxonomy
from digestor.config import Config, Part, explain
from digestor.errors import ConfigError, InputError
from digestor.models import Issue, Message, Problem
from digestor.pipeline import Digestor
from digestor.plugins import Seam, find
from digestor.protocols import Annotator, Delivery, Source, Vocabulary
from digestor.render import render
from digestor.store import Store


def build(config: Config, store: Store, inputs: Sequence[str] = (), problems: Iterable[Problem] = ()) -> Digestor:
    """Put a newsletter together. `inputs` (files, globs, `-`) stand in for the configured sources.

    Raises ConfigError or InputError with all faults at once.
    """
    sources, annotator, vocabulary, deliveries = parts(config, inputs)

    def rendered(issue: Issue) -> Message:
        return render(issue, config.formats)

    return Digestor(config.name, sources, annotator, vocabulary, store, rendered, deliveries, problems)


def parts(config: Config, inputs: Sequence[str] = ()) -> tuple[list[Source], Annotator, Vocabulary, list[Delivery]]:
    """Make everything that the config names, and complain of all that is wrong with it in one error."""
    faults: list[ConfigError] = []

    def made(seam: Seam, part: Part, key: str, **fixed: Any) -> BaseModel | None:
        try:
            return make(seam, part, f"{config.where}: {key}", **fixed)
        except ConfigError as fault:
            faults.append(fault)
            return None

    sources = (
        from_inputs(inputs)
        if inputs
        else [made("source", part, f"sources[{number}]") for number, part in enumerate(configured(config))]
    )
    annotator = made("annotator", config.annotator, "annotator")
    folder = {"folder": config.output}
    deliveries = [made("delivery", Part(kind="files"), "output", **folder)]
    deliveries += [made("delivery", part, f"delivery[{number}]") for number, part in enumerate(config.delivery)]
    vocabulary: Vocabulary | None = None
    try:
        vocabulary = taxonomy.load(config.taxonomy)
    except ConfigError as fault:
        faults.append(fault)
    if faults:
        raise faults[0] if len(faults) == 1 else ConfigError(config.where, "\n  " + "\n  ".join(map(str, faults)))
    return cast(
        tuple[list[Source], Annotator, Vocabulary, list[Delivery]], (sources, annotator, vocabulary, deliveries)
    )


def make(seam: Seam, part: Part, where: str, **fixed: Any) -> BaseModel:
    """One source, annotator or delivery from its kind and keys."""
    found = find(seam, part.kind, where)
    given = {**part.keys, **fixed}
    if "kind" in found.model_fields:
        given["kind"] = part.kind
    try:
        return found.model_validate(given)
    except ValidationError as error:
        keys = [key for key in found.model_fields if key not in fixed]
        faults = "\n  ".join(explain(error.errors(), keys))
        raise ConfigError(where, faults, f"{part.kind} has the keys: {', '.join(sorted(keys))}") from None


def configured(config: Config) -> list[Part]:
    """The configured sources, a file pattern spelled out into the files it fits now, paths seen from here."""
    found: list[Part] = []
    for part in config.sources:
        path = part.keys.get("path")
        if part.kind != "files" or not isinstance(path, str) or path == "-":
            found.append(part)
            continue
        pattern = str(config.located(Path(path)))
        files = spelled_out(pattern) or [pattern]
        found += [Part.model_validate({**part.keys, "kind": "files", "path": file}) for file in files]
    return found


def from_inputs(inputs: Sequence[str]) -> list[Source]:
    """Files, globs and `-` as sources. Raises InputError for all that name no file."""
    paths: list[str] = []
    missing: list[str] = []
    for given in inputs:
        found = [given] if given == "-" or Path(given).exists() else spelled_out(given)
        paths += found
        if not found:
            missing.append(f"{given}: {'fits no file' if has_magic(given) else 'there is no such file'}")
    if missing:
        raise InputError("input", "\n  ".join(missing), "name files, patterns such as 'pages/*.txt', or - for stdin")
    if paths.count("-") > 1:
        raise InputError("input", "- (stdin) can be read only once")
    unique = dict.fromkeys(paths)
    return [cast(Source, make("source", Part(kind="files", path=path), "input")) for path in unique]


def spelled_out(pattern: str) -> list[str]:
    """The files a pattern fits, in the order of their names."""
    return sorted(file for file in glob(pattern, recursive=True) if Path(file).is_file())
