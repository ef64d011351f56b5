"""The batching client beside its peers, as one table.

    python -m bench.client --install
    python -m bench.client [--peers digestor,openai,...] [--weathers clear,smooth,...] [--runs 5] [--records 1000]

Every peer gets the same papers from the same scripted server, told where it is and how many requests at once, and
nothing else. Each run is a process of its own; peers other than digestor have environments of their own, which
--install makes. The table goes to the screen and to bench/out/client.txt, every run to bench/out/client.json.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.client.peers import PEERS, Peer
from bench.client.running import Run, run
from bench.client.serving import Server, quiet
from bench.client.tables import remarks, tables
from bench.client.weathers import SKIES, Sky

OUT = Path(__file__).parents[1] / "out"


def chosen(names: str, known: Sequence[str]) -> list[str]:
    """The names in a list with commas; a name also stands for those that begin with it and a hyphen."""
    found: list[str] = []
    for name in filter(None, names.split(",")):
        these = [one for one in known if one == name or (name == "digestor" and one.startswith("digestor-"))]
        if not these:
            raise SystemExit(f"{name} is not known; there are {', '.join(known)}")
        found += these
    return [name for name in known if name in found]


def pairs(peers: Sequence[Peer], skies: Sequence[Sky]) -> list[tuple[Sky, Peer]]:
    """Which peer is measured under which weather."""
    return [(sky, peer) for sky in skies for peer in peers if sky.papers[0] <= peer.papers <= sky.papers[1]]


def main() -> None:
    """Install, or run and show."""
    names, weathers = [peer.name for peer in PEERS], [sky.name for sky in SKIES]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=",".join(names), help=f"of {', '.join(names)}")
    parser.add_argument("--weathers", default=",".join(weathers), help=f"of {', '.join(weathers)}")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--install", action="store_true", help="make the environments of the peers, and end")
    parser.add_argument("--out", default="client", help="the name of the files in bench/out")
    parser.add_argument("--append", action="store_true", help="to the runs that are there, in place of anew")
    parser.add_argument("--quiet", type=float, default=0, help="seconds to wait, before a run, until others rest")
    asked = parser.parse_args()
    peers = [peer for peer in PEERS if peer.name in chosen(asked.peers, names)]
    absent = {peer.name: why for peer in peers if (why := peer.missing())}
    if asked.install:
        for peer in peers:
            if peer.name in absent:
                print(f"{peer.name}: {peer.install() or 'installed'}", flush=True)
        return
    here = [peer for peer in peers if peer.name not in absent]
    skies = [sky for sky in SKIES if sky.name in chosen(asked.weathers, weathers)]
    shelf = Shelf(OUT / f"{asked.out}.json", asked.records, asked.append)
    with Server() as server:
        for sky, turn, peer in turns(pairs(here, skies), asked.runs):
            quiet(asked.quiet)
            found = run(peer, sky, asked.records, server)
            shelf.add(found)
            said = f"{sky.name} {turn}/{asked.runs} {peer.name}: {found.work:.2f} s, {found.lost} lost, "
            print(f"{said}{found.noise:.1f} noise {remarks(found)}"[:160], file=sys.stderr, flush=True)
    text = tables(shelf.runs, absent)
    (OUT / f"{asked.out}.txt").write_text(text + "\n")
    print(f"\n{text}")


def turns(todo: Sequence[tuple[Sky, Peer]], times: int) -> Iterator[tuple[Sky, int, Peer]]:
    """In which order: the peers take turns, so that a busy minute of the machine meets them all."""
    for sky in dict.fromkeys(sky for sky, _ in todo):
        for turn in range(1, times + 1):
            yield from ((sky, turn, peer) for where, peer in todo if where is sky)


class Shelf:
    """The runs, written down after each."""

    def __init__(self, file: Path, records: int, append: bool) -> None:
        self.file, self.records = file, records
        self.runs: list[Run] = []
        file.parent.mkdir(parents=True, exist_ok=True)
        if append and file.exists():
            told = json.loads(file.read_text())
            if told["records"] != records:
                raise SystemExit(f"{file} has runs of {told['records']} papers; give another --out")
            self.runs = [Run(**one) for one in told["runs"]]

    def add(self, found: Run) -> None:
        """One more."""
        self.runs.append(found)
        told = {"records": self.records, "runs": [one._asdict() for one in self.runs]}
        self.file.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
