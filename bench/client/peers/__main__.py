"""Run one peer, in its own environment: `python -m bench.client.peers NAME JOB`."""

import sys
from importlib import import_module
from pathlib import Path

from bench.client.peers import PEERS
from bench.client.peers.job import do, read

if __name__ == "__main__":
    name, path = sys.argv[1:]
    peer = next(peer for peer in PEERS if peer.name == name)
    do(read(name, Path(path)), import_module(f"bench.client.peers.{peer.module}").load)
