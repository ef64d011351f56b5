"""One target, fuzzed in this process: `python -m tests.fuzz.child`, started by `python -m tests.fuzz`.

What it is doing stands in a file that outlives it, whatever ends it: how much it did, since when it is at what.
"""

import argparse
import contextlib
import faulthandler
import hashlib
import importlib
import mmap
import os
import resource
import struct
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from types import ModuleType
from typing import NamedTuple

from tests.fuzz.mutation import mutated, pumped

HEAD = struct.Struct("=QddQQ")
"""Executions; when this one began (`time.monotonic`); seconds and bytes of the slowest; bytes of this one."""
AGAIN = "again"
"""The folder of what an earlier run found."""
ROOM = 4_000_000
"""Bytes of an input that are remembered."""
LARGE = 10_000
"""Bytes of an input that is run, and not changed: there are smaller ones like it."""
PUMPED = 0.25
"""The share of the time given to long inputs."""
SHRINKING = 10.0
"""Seconds given to making a failing input smaller."""


class State(NamedTuple):
    """What a child did and is doing."""

    done: int = 0
    began: float = 0.0
    slowest: float = 0.0
    slowest_size: int = 0
    size: int = 0


def state_of(file: Path) -> tuple[State, bytes]:
    """What a child wrote of itself, and the input it is at, or was when it died."""
    body = file.read_bytes() if file.exists() else b""
    state = State(*HEAD.unpack_from(body)) if len(body) >= HEAD.size else State()
    return state, body[HEAD.size : HEAD.size + state.size]


class Runner:
    """Runs a target, remembers what it is at, and keeps whatever fails, the smallest of each way to fail."""

    def __init__(self, run: Callable[[bytes], object], out: Path, before: State) -> None:
        self.failed: dict[str, bytes] = {}
        self._run, self._out = run, out
        with (out / "state").open("wb") as file:
            file.truncate(HEAD.size + ROOM)
        with (out / "state").open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 0)
        self._done, self._slowest, self._slowest_size = before.done, before.slowest, before.slowest_size

    def __call__(self, data: bytes) -> frozenset[str]:
        """What kinds of things came of it; nothing where it failed."""
        began = time.monotonic()
        self._note(began, data)
        seen: frozenset[str] = frozenset()
        failure = fails(self._run, data)
        if isinstance(failure, frozenset):
            seen = failure
        took = time.monotonic() - began
        self._done += 1
        if took > self._slowest:
            self._slowest, self._slowest_size = took, len(data)
            if took > 1:
                (self._out / f"slow-{name_of(data)}").write_bytes(data)
        self._note(0.0, b"")
        if isinstance(failure, str):
            self._keep(failure, data)
        return seen

    def _note(self, began: float, data: bytes) -> None:
        HEAD.pack_into(self._shared, 0, self._done, began, self._slowest, self._slowest_size, min(len(data), ROOM))
        self._shared[HEAD.size : HEAD.size + min(len(data), ROOM)] = data[:ROOM]

    def _keep(self, failure: str, data: bytes) -> None:
        mark = mark_of(failure)
        if mark in self.failed:
            return
        self.failed[mark] = data
        small = shrunk(data, lambda part: mark_of(str(fails(self._run, part))) == mark)
        name = f"crash-{name_of(mark.encode())}"
        (self._out / name).write_bytes(small)
        said = fails(self._run, small)
        (self._out / f"{name}.txt").write_text(f"{small[:2_000]!r}\n\n{said}\n", encoding="utf-8", errors="replace")
        sys.stderr.write(f"FAILED {name}: {mark}\n")


def fails(run: Callable[[bytes], object], data: bytes) -> str | frozenset[str]:
    """The traceback where it fails; else what kinds of things came."""
    try:
        return frozenset(run(data))  # type: ignore[call-overload, no-any-return]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return traceback.format_exc()[-8_000:]


def mark_of(failure: str) -> str:
    """What tells one way to fail from another: the last places in the code, and the kind of error."""
    lines = failure.strip().splitlines()
    places = [line.strip() for line in lines if line.strip().startswith("File ")]
    last = next((line for line in reversed(lines) if line and not line.startswith(" ")), "")
    return " < ".join([last.partition(":")[0], *(place.split("/")[-1] for place in reversed(places[-3:]))])


def name_of(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=5).hexdigest()


def shrunk(data: bytes, still: Callable[[bytes], bool]) -> bytes:
    """A smaller input that fails in the same way, as small as can be found in a few seconds."""
    until = time.monotonic() + SHRINKING
    step = max(1, len(data) // 2)
    while step and time.monotonic() < until:
        at, before = 0, len(data)
        while at < len(data) and time.monotonic() < until:
            part = data[:at] + data[at + step :]
            if still(part):
                data = part
            else:
                at += step
        step = step // 2 if len(data) == before or step > len(data) else step
    return data


def main() -> None:
    """Fuzz one target for so many seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--guided", action="store_true")
    given = parser.parse_args()
    faulthandler.enable()
    with contextlib.suppress(ValueError, OSError):  # not every system can
        resource.setrlimit(resource.RLIMIT_AS, (given.memory, given.memory))
    atheris = atheris_here() if given.guided else None
    targets, seeds = loaded(atheris)
    target = targets.TARGETS[given.target]
    before, _ = state_of(given.out / "state")
    runner = Runner(target.run, given.out, before)
    words = [word.encode("utf-8", "surrogatepass") for word in target.words.split(" ") if word] or [b" "]
    own, random = seeds.seeds(target.name), Random(given.seed)
    before_us = [file.read_bytes() for file in sorted((given.out / AGAIN).glob("*-*")) if file.suffix != ".txt"]
    given_all = [*own, *seeds.recorded(target.name), *before_us]
    corpus = [data for data in given_all if len(data) <= LARGE] or own
    until = time.monotonic() + given.seconds
    if atheris is not None:
        guide(atheris, runner, corpus, words, given)
        return
    for data in given_all:
        runner(data)
    while time.monotonic() < until - given.seconds * (1 - PUMPED):
        runner(pumped(random, corpus, words))
    if given.plain or atheris_here() is None:
        mutate(runner, corpus, words, random, until)
    else:  # in place of this process: code that is watched is slow, and long inputs should not be
        again = [f"--seconds={until - time.monotonic():.0f}", f"--out={given.out}", f"--seed={given.seed}"]
        again += [f"--memory={given.memory}", "--guided"]
        os.execv(sys.executable, [sys.executable, "-m", "tests.fuzz.child", given.target, *again])


def atheris_here() -> ModuleType | None:
    try:
        return importlib.import_module("atheris")
    except ImportError:
        return None


def loaded(atheris: ModuleType | None) -> tuple[ModuleType, ModuleType]:
    """The targets and the seeds, with digestor's code counted if that can be done."""
    names = ("tests.fuzz.targets", "tests.fuzz.seeds")
    if atheris is None:
        found = [importlib.import_module(name) for name in names]
    else:
        with atheris.instrument_imports(include=["digestor"]):
            import_all()
            found = [importlib.import_module(name) for name in names]
    return found[0], found[1]


def import_all() -> None:
    """Parsers are imported when it is their turn; here it is now."""
    import pkgutil

    import digestor

    for room in ("sources", "text", "web", "dedupe"):
        for module in pkgutil.walk_packages([str(Path(digestor.__path__[0]) / room)], f"digestor.{room}."):
            importlib.import_module(module.name)


def mutate(runner: Runner, corpus: Sequence[bytes], words: Sequence[bytes], random: Random, until: float) -> None:
    """Change what there is; what gives things of a kind not seen before is changed further."""
    kept, seen = list(corpus), set[str]()
    while time.monotonic() < until:
        data = mutated(random, kept, words)
        kinds = runner(data)
        if not kinds <= seen:
            seen |= kinds
            kept.append(data)
    sys.stderr.write(f"DONE kinds: {len(seen)} corp: {len(kept)}\n")


def guide(
    atheris: ModuleType, runner: Runner, corpus: Sequence[bytes], words: Sequence[bytes], given: argparse.Namespace
) -> None:
    """Let atheris change them, by what it sees of the code that runs. Does not return."""
    folder, table = given.out / "corpus", given.out / "words.dict"
    folder.mkdir(exist_ok=True)
    for data in corpus:
        (folder / name_of(data)).write_bytes(data)
    table.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in words))

    def mixed(data: bytes, most: int, seed: int) -> bytes:
        if seed % 3:
            return bytes(atheris.Mutate(data, most))
        return mutated(Random(seed), (data, corpus[seed % len(corpus)]), words, most)

    flags = [
        f"-max_total_time={max(1, round(given.seconds))}",
        f"-dict={table}",
        "-max_len=16384",
        "-rss_limit_mb=0",
        "-timeout=3600",
        f"-seed={given.seed + 1}",
    ]
    flags += ["-print_final_stats=0", f"-artifact_prefix={given.out}/"]
    atheris.Setup([sys.argv[0], *flags, str(folder)], lambda data: runner(data) and None, custom_mutator=mixed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
