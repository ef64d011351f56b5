"""Config -> Digestor: the only module that knows every class.

Everything that can be wrong with a config is found here, before anything is fetched, and told in one message.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from glob import glob, has_magic
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from pydantic import BaseModel, ValidationError

from digestor import taxonomy
from digestor.config import Config, Part, explain
from digestor.enriching import Asked, Lack
from digestor.errors import ConfigError, InputError
from digestor.gathering import Progress
from digestor.interests import in_words
from digestor.models import Issue, Message, Problem
from digestor.pipeline import ALONE, Digestor, quiet
from digestor.plugins import Seam, find
from digestor.protocols import NOWHERE, Annotator, Delivery, Lookup, Outside, Paid, Reach, Source, Vocabulary
from digestor.render import render, shelf
from digestor.store import Store
from digestor.web import Web


def build(
    config: Config,
    store: Store,
    inputs: Sequence[str] = (),
    problems: Iterable[Problem] = (),
    outside: Outside = ALONE,
    reach: Reach = NOWHERE,
) -> Digestor:
    """Put a newsletter together. `inputs` (files, globs, `-`) stand in for the configured sources.

    Raises ConfigError or InputError with all faults at once, secrets that are not in the environment among them.
    """
    made = parts(config, inputs, outside.environ)

    beside = partial(shelf.pages, name=config.name, formats=config.formats, look=config.newsletter, tell=outside.tell)
    mail = any(part.kind not in WITHOUT_MAIL for part in config.delivery)

    def rendered(issue: Issue) -> Message:
        return render(issue, config.formats, config.newsletter, mail)

    return Digestor(
        config.name,
        made.sources,
        made.annotator,
        made.vocabulary,
        store,
        rendered,
        made.deliveries,
        problems,
        outside,
        beside,
        reach,
        made.lookups,
        config.interests,
    )


@contextmanager
def reaching(config: Config, store: Store, outside: Outside, progress: Progress = quiet) -> Iterator[Reach]:
    """The way to the web for as long as a command runs; `progress` is told of long fetches."""
    contact = config.web.contact
    store.replies.prune(outside.clock() - REPLIES_KEPT)
    with closing(Web(store.replies, contact, outside.clock, outside.pause, outside.tell, progress)) as web:
        yield Reach(web.get, outside.environ, contact, outside.tell, outside.today)


class Parts(NamedTuple):
    """All that a config names, made."""

    sources: list[Source]
    annotator: Annotator
    vocabulary: Vocabulary
    deliveries: list[Delivery]
    lookups: list[Asked]


def secrets(config: Config, annotator: object, environ: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Each environment variable that is needed, and whether it is set: those in keys `..._env`, and the annotator's."""
    written = (*config.sources, *config.enrich, config.annotator, *config.delivery)
    names = [str(value) for part in written for key, value in part.keys.items() if key.endswith("_env")]
    names += annotator.secrets(environ) if isinstance(annotator, Paid) else []
    return [(name, bool(environ.get(name))) for name in dict.fromkeys(names)]


def parts(config: Config, inputs: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> Parts:
    """Make everything that the config names, and complain of all that is wrong with it in one error.

    With `environ`, that the secrets are there is part of it.
    """
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
    lookups: list[Asked] = []
    for number, part in enumerate(config.enrich):
        try:
            lookups.append(lookup(part, f"{config.where}: enrich[{number}]"))
        except ConfigError as fault:
            faults.append(fault)
    annotator = made("annotator", located(config, config.annotator), "annotator")
    folder = {"folder": config.output}
    deliveries = [made("delivery", Part(kind="files"), "output", **folder)]
    for number, part in enumerate(config.delivery):
        where = folder if part.kind == "git" and "folder" not in part.keys else {}
        deliveries.append(made("delivery", located(config, part), f"delivery[{number}]", **where))
    vocabulary: Vocabulary | None = None
    try:
        vocabulary = taxonomy.load(config.taxonomy)
    except ConfigError as fault:
        faults.append(fault)
    writer: object = annotator
    if environ is not None and isinstance(writer, Paid) and vocabulary is not None:
        try:
            writer.check(vocabulary, environ, in_words(config.interests))
        except ConfigError as fault:
            faults.append(fault)
    if environ is not None:
        missing = [name for name, there in secrets(config, annotator, environ) if not there]
        if missing:
            faults.append(ConfigError(config.where, f"not set in the environment: {', '.join(missing)}", SET_IT))
    if faults:
        raise faults[0] if len(faults) == 1 else ConfigError(config.where, "\n  " + "\n  ".join(map(str, faults)))
    return Parts(
        cast(list[Source], sources),
        cast(Annotator, annotator),
        cast(Vocabulary, vocabulary),
        cast(list[Delivery], deliveries),
        lookups,
    )


def lookup(part: Part, where: str) -> Asked:
    """A site that is asked about papers that lack something. Raises ConfigError."""
    lacking = part.keys.get("lacking", "abstract")
    if lacking not in get_args(Lack):
        raise ConfigError(where, f"lacking: is one of {', '.join(get_args(Lack))}, got {lacking!r:.60}")
    keys = {key: value for key, value in part.keys.items() if key != "lacking"}
    site = make("source", Part.model_validate({**keys, "kind": part.kind}), where)
    if not isinstance(site, Lookup):
        raise ConfigError(where, f"{part.kind} cannot be asked about papers", "`digestor sources` says which can be")
    return Asked(cast(Source, site).name, site, lacking)


SET_IT = (
    "set it and run again, or leave the key out where it is optional; a chat server without one is named by base_url"
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


REPLIES_KEPT = 30 * 86_400.0
"""Seconds for which a site's reply is kept, to be asked whether it is still true."""
WITHOUT_MAIL = ("files", "git", "webhook")
"""Deliveries that need no mail; one of a plugin may."""
PATHS = ("prompts", "recipients_file", "ca_file", "folder")
"""Keys of annotators and deliveries that are paths, written as seen from the config file."""


def located(config: Config, part: Part) -> Part:
    """A part as configured, its paths seen from here."""
    found = {key: part.keys[key] for key in PATHS if isinstance(part.keys.get(key), str)}
    return part.model_copy(update={key: str(config.located(Path(path))) for key, path in found.items()})


def from_inputs(inputs: Sequence[str]) -> list[Source]:
    """Files, globs and `-` as sources. Raises InputError for all that name no file."""
    paths: list[str] = []
    missing: list[str] = []
    for given in inputs:
        found = [given] if given == "-" or _is_there(given) else spelled_out(given)
        paths += found
        if not found:
            missing.append(
                f"{given or 'an empty name'}: {'fits no file' if has_magic(given) else 'there is no such file'}"
            )
    if missing:
        raise InputError("input", "\n  ".join(missing), "name files, patterns such as 'pages/*.txt', or - for stdin")
    if paths.count("-") > 1:
        raise InputError("input", "- (stdin) can be read only once")
    unique = dict.fromkeys(paths)
    return [cast(Source, make("source", Part(kind="files", path=path), "input")) for path in unique]


def _is_there(given: str) -> bool:
    try:
        return bool(given) and Path(given).exists()
    except OSError:  # a name that is too long for any file
        return False


def spelled_out(pattern: str) -> list[str]:
    """The files a pattern fits, in the order of their names."""
    return sorted(file for file in glob(pattern, recursive=True) if Path(file).is_file())
