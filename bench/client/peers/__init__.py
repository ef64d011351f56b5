"""Who is measured. Each peer is a module with `load`, and the versions that it needs in an environment of its own."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

VENVS = Path(__file__).parents[2] / "out" / "venvs"


class Peer(NamedTuple):
    """One client, or one way to use it."""

    name: str
    module: str
    said: str
    pins: tuple[str, ...] = ()
    """What pip is to install; none: it runs where the benchmark runs."""
    papers: int = 1
    """A request."""
    stores: bool = False
    """Does it need a file even where nothing is to be resumed?"""

    @property
    def home(self) -> Path:
        """Its environment."""
        return VENVS / self.name

    @property
    def python(self) -> Path:
        """Of its environment."""
        return self.home / "bin" / "python"

    def missing(self) -> str:
        """Why it cannot be run; empty where it can."""
        if not self.pins:
            return ""
        try:
            made = (self.home / "made").read_text()
        except OSError:
            return "not installed; run with --install"
        return "" if made == " ".join(self.pins) else "installed in other versions; run with --install"

    def install(self, seconds: float = 360) -> str:
        """Make its environment; why it could not be made, or nothing."""
        subprocess.run([sys.executable, "-m", "venv", self.home], check=True)
        command: list[str | Path] = [self.python, "-m", "pip", "install", "--quiet", *self.pins]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            return f"could not be installed within {seconds:.0f} s"
        if done.returncode:
            return f"could not be installed: {done.stderr.strip().splitlines()[-1]}"
        (self.home / "made").write_text(" ".join(self.pins))
        return ""


PEERS = (
    Peer("digestor-client", "digestor_client", "the client room, one paper a request, three fields", stores=True),
    Peer("digestor-client-unset", "digestor_client", "the same, not told how many at once", stores=True),
    Peer("digestor-client-24", "digestor_client", "the same, 24 papers a request", papers=24, stores=True),
    Peer("digestor-1", "digestor_llm", "the whole annotator with its checks, one paper a request", stores=True),
    Peer("digestor", "digestor_llm", "the whole annotator, 24 papers a request", papers=24, stores=True),
    Peer("digestor-unset", "digestor_llm", "the same, not told how many at once", papers=24, stores=True),
    Peer("aiohttp", "bare", "posts and reads, checks nothing: the floor", ("aiohttp==3.14.5",)),
    Peer("openai", "openai_sdk", "create behind a semaphore", ("openai==3.54.0",)),
    Peer("instructor", "instructed", "JSON_SCHEMA", ("instructor==1.17.0", "openai==3.3.0", "diskcache==5.6.3")),
    Peer("langchain", "langchained", "abatch", ("langchain-openai==1.7.3", "langchain-community==0.4.2")),
    Peer("pydantic-ai", "pydantic_agent", "NativeOutput", ("pydantic-ai-slim[openai]==2.68.0",)),
    Peer(
        "litellm",
        "lite",
        "acompletion behind a semaphore",
        ("litellm==1.106.2", "diskcache==5.6.3", "fastapi", "orjson", "soundfile"),
    ),
    Peer("curator", "curated", "its own batching", ("bespokelabs-curator==0.1.31",)),
)
