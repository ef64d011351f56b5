"""Fuzz the parsers, each in a process of its own.

    python -m tests.fuzz                                every target, ten minutes each, two at a time
    python -m tests.fuzz bibtex mail --seconds 60       these two, a minute each

Inputs that fail, hang, or take more memory than they may are left in the folder `--out`, with the tracebacks. The exit
code is 1 where there are any. In the same folder the next run goes on from what this one had, its findings first.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.child import AGAIN, HEAD, State, atheris_here, name_of, state_of

HANGS = 20.0
"""Seconds of processor time for one input."""
MEMORY = 1_500_000_000
"""Bytes for one process, all that it imports included."""
STARTS = 6
"""How often a target is begun again after its process was ended."""
DONE = re.compile(r"\bcov: (\d+) ft: (\d+) corp: (\d+)|DONE kinds: (\d+) corp: (\d+)")
HOUSE = Path(__file__).parents[2]


class Told(NamedTuple):
    """A line of the report."""

    target: str
    state: State
    coverage: str
    corpus: str
    findings: Sequence[str]


class Child:
    """The process of a target, begun again where an input ended it."""

    def __init__(self, target: str, given: argparse.Namespace) -> None:
        self.target, self._given = target, given
        self._out: Path = given.out / target
        (self._out / AGAIN).mkdir(parents=True, exist_ok=True)
        (self._out / "state").unlink(missing_ok=True)
        for file in self._out.glob("*-*"):
            file.rename(self._out / AGAIN / file.name)
        self._until = time.monotonic() + given.seconds
        self._starts, self._ended = 0, False
        self._at, self._used = 0.0, processor_time(0)
        self._begin()

    def running(self) -> bool:
        """Is it still at work? Ends it where it hangs."""
        if self._ended:
            return False
        code = self._process.poll()
        state, data = state_of(self._out / "state")
        if code is None:
            if self._hangs(state):
                self._process.send_signal(signal.SIGABRT)  # it says where it was
                self._process.wait()
                self._found("hang", data)
                self._again()
        elif code == 0:
            self._ended = True
        else:
            self._found("died" if state.began else "ended", data)
            self._again()
        return not self._ended

    def _hangs(self, state: State) -> bool:
        """Has it been at one input for too long, by its own clock where the system tells that?"""
        if not state.began:
            return False
        used = processor_time(self._process.pid)
        if state.began != self._at:
            self._at, self._used = state.began, used
        lasted = time.monotonic() - state.began
        return lasted > HANGS and (used is None or lasted > 10 * HANGS or used - (self._used or 0.0) > HANGS)

    def told(self) -> Told:
        """What came of it."""
        log = (self._out / "log").read_text(encoding="utf-8", errors="replace")
        seen = list(DONE.finditer(log))
        last = seen[-1] if seen else None
        coverage = (last[1] or f"{last[4]} kinds") if last else "-"
        corpus = (last[3] or last[5]) if last else "-"
        findings = [
            file.name for file in sorted(self._out.glob("*-*")) if re.match(r"(crash|hang|died|ended)-\w+$", file.name)
        ]
        return Told(self.target, state_of(self._out / "state")[0], coverage, corpus, findings)

    def end(self) -> None:
        """End it now."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _begin(self) -> None:
        self._starts += 1
        command = [sys.executable, "-m", "tests.fuzz.child", self.target, f"--out={self._out}", f"--memory={MEMORY}"]
        command += [
            f"--seconds={max(5.0, self._until - time.monotonic()):.0f}",
            f"--seed={self._given.seed + self._starts}",
        ]
        command += ["--plain"] if self._given.plain else []
        with (self._out / "log").open("a" if self._starts > 1 else "w") as log:
            self._process = subprocess.Popen(command, cwd=HOUSE, stdout=log, stderr=log)

    def _again(self) -> None:
        if self._starts < STARTS and time.monotonic() < self._until - 5:
            state, _ = state_of(self._out / "state")
            (self._out / "state").write_bytes(HEAD.pack(*state._replace(began=0.0, size=0)))
            self._begin()
        else:
            self._ended = True

    def _found(self, kind: str, data: bytes) -> None:
        (self._out / f"{kind}-{name_of(data)}").write_bytes(data)
        log = (self._out / "log").read_text(encoding="utf-8", errors="replace")
        (self._out / f"{kind}-{name_of(data)}.txt").write_text(f"{data[:2_000]!r}\n\n{log[-6_000:]}", encoding="utf-8")


def processor_time(pid: int) -> float | None:
    """Seconds that a process has been at work, however many others there are; None where that cannot be known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Run them all; 1 where anything was found."""
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the parsers.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=600.0, help="for each target")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="where findings are left; else a new folder of the system's")
    parser.add_argument("--plain", action="store_true", help="without atheris, even where it is installed")
    given = parser.parse_args()
    if unknown := [name for name in given.targets if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    given.out = (given.out or Path(tempfile.mkdtemp(prefix="fuzz-"))).resolve()
    how = "plain mutation" if given.plain or atheris_here() is None else "atheris"
    waiting = list(given.targets or TARGETS)
    tell(f"{len(waiting)} targets, {given.seconds:.0f} s each, {given.jobs} at a time, by {how}; findings: {given.out}")
    tell(f"{'target':<16}{'executions':>12}{'coverage':>12}{'corpus':>8}{'slowest input':>24}  found")
    running: list[Child] = []
    found = 0
    try:
        while waiting or running:
            while waiting and len(running) < given.jobs:
                running.append(Child(waiting.pop(0), given))
            time.sleep(0.5)
            for child in [child for child in running if not child.running()]:
                running.remove(child)
                told = child.told()
                found += len(told.findings)
                tell(line(told))
    finally:
        for child in running:
            child.end()
    tell(f"{found} findings" if found else "nothing found")
    return 1 if found else 0


def line(told: Told) -> str:
    state = told.state
    slowest = f"{state.slowest:.2f} s for {state.slowest_size:,} B"
    found = ", ".join(told.findings) or "-"
    return f"{told.target:<16}{state.done:>12,}{told.coverage:>12}{told.corpus:>8}{slowest:>24}  {found}"


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
