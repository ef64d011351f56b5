"""The scripted server in a process of its own, and what it says of a run."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HOUSE = Path(__file__).parents[2]
TICKS = 100
"""Of the processor clock in `/proc`, a second."""


class Server:
    """Up while it is entered."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving", "--port", "0"],
            cwd=HOUSE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise SystemExit("the scripted server did not start: python -m tests.serving says why")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def stats(self) -> dict[str, Any]:
        """What `tests.serving.tally.Tally.stats` counts."""
        found: dict[str, Any] = self._call("stats")
        return found

    def begin(self, weather: Mapping[str, Any]) -> None:
        """Another weather, all counts at nought; requests of a run before are waited for."""
        self.settle()
        self._call("weather", weather)
        self._call("reset", {})

    def settle(self, seconds: float = 5.0) -> dict[str, Any]:
        """Wait until no request is under way; the counts then."""
        end = time.monotonic() + seconds
        while (found := self.stats())["in_flight"] and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def processor(self) -> float:
        """Processor seconds so far."""
        return processor_of(self._process.pid)

    def _call(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        address = f"{self.url.removesuffix('/v1')}/{path}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(address, data), timeout=30) as reply:
            return json.load(reply)


def processor_of(process: int) -> float:
    """Processor seconds of a process; 0.0 where that cannot be known."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine() -> float:
    """Processor seconds of the whole machine, all that is not idle; 0.0 where that cannot be known."""
    try:
        fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    except OSError:
        return 0.0
    return (sum(fields[:8]) - fields[3] - fields[4]) / TICKS


def quiet(patience: float, most: float = 0.25, stretch: float = 0.5) -> None:
    """Wait until the machine keeps no more than so many cores busy, but no longer than `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before = machine()
        time.sleep(stretch)
        if (machine() - before) / stretch <= most:
            return
