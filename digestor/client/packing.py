"""Filling requests: as many papers in each as it may hold, every paper once, in the order in which they come.

In order, because sorting gains nothing at the sizes that are asked for: 255 papers of trending pages, at most 24 and
8,000 tokens a request, make 14 requests in order, longest first and first-fit decreasing alike; 2,611 abstracts of
SciTLDR make 109, 115 and 114 of them. Only for requests of a handful of papers, or with no limit on their number, does
first-fit decreasing save 2 or 3 %; it would have to read everything before the first request. (`bench/tokens.py`)
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from digestor.client.terms import Item
from digestor.models import Paper
from digestor.text import sentences

ELLIPSIS = "…"


def fitted(paper: Paper, render: Callable[[Paper], str], count: Callable[[str], int], room: int) -> tuple[Item, bool]:
    """A paper made ready for a request, and whether it had to be cut to fit into so many tokens.

    `render` makes the text that the model reads, with NUMBER in it. An abstract too long is cut where a sentence
    ends, or at a word where none ends in its last half; with a title too long, the abstract goes and the title is cut
    at a word. Where not even a letter of it fits, a letter is left, and the item has more tokens than `room`.
    The item holds the paper as it was.
    """
    text = render(paper)
    tokens = count(text)
    if tokens <= room:
        return Item(paper, text, tokens), False

    def cut(title: str, abstract: str) -> Item:
        text = render(paper.model_copy(update={"title": title, "abstract": abstract}))
        return Item(paper, text, count(text))

    title, abstract, ends = paper.title, paper.abstract, _ends(paper.abstract)
    found = cut(title, "")
    if found.tokens <= room:
        return _longest(found, len(abstract), lambda size: cut(title, _cut(abstract, size, ends)), room), True
    found = cut(title[:1], "")
    if found.tokens <= room:
        return _longest(found, len(title), lambda size: cut(_cut(title, size), ""), room), True
    return found, True


def _longest(found: Item, length: int, cut: Callable[[int], Item], room: int) -> Item:
    """The item of the longest cut that fits, searched by halving; `found` fits, the whole length does not."""
    fits, high = 0, length
    while high - fits > 1:
        middle = (fits + high) // 2
        item = cut(middle)
        if item.tokens <= room:
            fits, found = middle, item
        else:
            high = middle
    return found


def _ends(text: str) -> list[int]:
    """Where the sentences of a text end."""
    ends, at = [], 0
    for sentence in sentences.split(text):
        at = text.index(sentence, at) + len(sentence)
        ends.append(at)
    return ends


def _cut(text: str, size: int, ends: Sequence[int] = ()) -> str:
    """So many characters of a longer text at most (and an ellipsis), to the end of a sentence or of a word."""
    before = bisect_right(ends, size)
    if before and ends[before - 1] > size // 2:
        return text[: ends[before - 1]]
    word = max(text.rfind(" ", 0, size + 1), text.rfind("\n", 0, size + 1))
    return text[: word if word > size // 2 else size].rstrip() + ELLIPSIS


class Packer:
    """The papers still to be asked about, handed out a request's worth at a time. For one task, not for threads.

    From a sequence the requests come out balanced: 255 papers, 24 at most, make 11 of 23 or 24, not one of 15. From an
    iterator they are filled as it comes, and it is read by one paper more than a request holds, at most.
    """

    most: int
    """Papers a request. Like `room` and `expected` it can be set at any time, and holds from the next request on."""
    room: int
    """Tokens that the papers of one request and their answers may have together."""
    expected: int
    """Tokens of one answer."""

    def __init__(self, items: Iterable[Item], most: int, room: int, expected: int) -> None:
        self.most, self.room, self.expected = most, room, expected
        self._known = isinstance(items, Sequence)
        self._ahead: deque[Item] = deque(items if self._known else ())
        self._rest: Iterator[Item] = iter(() if self._known else items)
        self._pool: deque[Item] = deque()
        self._sizes: deque[int] = deque()
        self._sized_for = (0, 0, 0)

    @property
    def pooled(self) -> int:
        """The papers that wait until a request's worth of them has gathered, or until nothing else is left."""
        return len(self._pool)

    def fresh(self) -> bool:
        """Whether there are papers that need not wait: not asked yet, or back to be asked now. May read one paper."""
        return self._reaches(0)

    def take(self, idle: bool = False) -> list[Item]:
        """The papers of the next request; empty where there is nothing now.

        Pooled ones go when they fill a request, or into what is left of the last one; with `idle` (nothing fresh is
        left and nothing under way, so no more can gather) as they are. A paper with more tokens than `room` comes
        alone. What the iterator raises is passed on and loses nothing.
        """
        full = self._fill(self._pool, lambda index: index < len(self._pool))
        gathered = full == max(1, self.most) or full < len(self._pool)
        if gathered or not self._reaches(0):
            return [self._pool.popleft() for _ in range(full if gathered or idle else 0)]
        size = self._balanced() if self._known else self._fill(self._ahead, self._reaches)
        last = not self._reaches(size)
        taken = [self._ahead.popleft() for _ in range(size)]
        return taken + self._pooled_beside(taken) if last else taken

    def back(self, items: Iterable[Item], now: bool) -> None:
        """Papers that are to be asked about again: before the fresh ones, in their order, or when some have gathered.

        They are packed like any others, so whoever must keep some apart from the rest keeps them.
        """
        if now:
            self._ahead.extendleft(reversed(list(items)))
            self._sizes.clear()
        else:
            self._pool.extend(items)

    def _reaches(self, index: int) -> bool:
        """Whether there are more than so many papers ahead, reading as many as that takes."""
        while len(self._ahead) <= index:
            for item in self._rest:
                self._ahead.append(item)
                break
            else:
                return False
        return True

    def _fill(self, queue: deque[Item], reaches: Callable[[int], bool]) -> int:
        """How many papers from the front of a queue make a full request."""
        size = tokens = 0
        while size < max(1, self.most) and reaches(size):
            tokens += queue[size].tokens + self.expected
            if tokens > self.room and size:
                break
            size += 1
        return size

    def _balanced(self) -> int:
        limits = (self.most, self.room, self.expected)
        if not self._sizes or self._sized_for != limits:
            costs = [item.tokens + self.expected for item in self._ahead]
            self._sizes, self._sized_for = deque(_sizes(costs, max(1, self.most), self.room)), limits
        return self._sizes.popleft()

    def _pooled_beside(self, taken: Sequence[Item]) -> list[Item]:
        """What of the pool finds room in the last request."""
        tokens = sum(item.tokens + self.expected for item in taken)
        beside: list[Item] = []
        while self._pool and len(taken) + len(beside) < self.most:
            tokens += self._pool[0].tokens + self.expected
            if tokens > self.room:
                break
            beside.append(self._pool.popleft())
        return beside


def packs(items: Sequence[Item], most: int, room: int, expected: int) -> list[list[Item]]:
    """The requests that a `Packer` makes of all these papers when none has to be asked again."""
    packer = Packer(items, most, room, expected)
    return list(iter(packer.take, []))


def _sizes(costs: Sequence[int], most: int, room: int) -> list[int]:
    """The sizes of the fewest requests that hold all in order, as even as may be. Linear in their number."""
    ends, end, tokens = [], 0, 0
    for start, cost in enumerate(costs):
        while end < len(costs) and end - start < most and (end == start or tokens + costs[end] <= room):
            tokens += costs[end]
            end += 1
        ends.append(end)
        tokens -= cost
    needed = [0] * (len(costs) + 1)
    for start in reversed(range(len(costs))):
        needed[start] = 1 + needed[ends[start]]
    sizes, start = [], 0
    while start < len(costs):
        end = start - (start - len(costs)) // needed[start]
        while end < ends[start] and needed[end] >= needed[start]:
            end += 1
        end = min(end, ends[start])
        sizes.append(end - start)
        start = end
    return sizes
