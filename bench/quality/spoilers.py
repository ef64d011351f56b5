"""Ways to spoil a true line, each by one rule: what the faithfulness checks should notice."""

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from digestor import faithful
from digestor.faithful import names, numbers
from digestor.faithful.agreement import telling
from digestor.text import sentences, words


class Gold(NamedTuple):
    """A paper of SciTLDR."""

    title: str
    abstract: str
    lines: tuple[str, ...]
    """The author's first, then the peers'."""


Spoiler = Callable[[random.Random, Gold, list[Gold]], str | None]
"""The spoilt line of a paper; None where the rule does not apply."""

ANTONYMS: dict[str, str] = {}
for _pair in (
    "increases reduces/increase reduce/increasing reducing/increased reduced/higher lower/faster slower/"
    "improves degrades/"
    "improve degrade/improving degrading/improved degraded/outperforms underperforms/outperform underperform/more less/"
    "larger smaller/better worse/accelerates slows/accelerate slow/strong weak/positive negative/high low/"
    "maximizes minimizes/maximizing minimizing/greater fewer/easier harder/upper lower"
).split("/"):
    _one, _opposite = _pair.split()
    ANTONYMS.setdefault(_one, _opposite)
    ANTONYMS.setdefault(_opposite, _one)
TRANSLATIONS = (
    "In dieser Arbeit wird ein neues Verfahren für {} vorgestellt, das mit weniger Daten auskommt.",
    "Wir zeigen, dass sich {} auch ohne Überwachung lernen lässt.",
    "Nous proposons une nouvelle méthode pour {} qui améliore les résultats sur plusieurs jeux de données.",
    "Cet article étudie {} et montre que les modèles actuels ne sont pas robustes.",
    "Este trabajo presenta un método para {} que mejora los resultados con menos datos.",
    "Il lavoro propone un nuovo metodo per {} che migliora la qualità dei risultati.",
    "Este artigo apresenta um novo método para {} que reduz o custo do treinamento.",
    "本文提出了一种用于{}的新方法，并在多个数据集上取得了更好的结果。",
    "本研究では{}のための新しい手法を提案し、その有効性を示す。",
    "Мы предлагаем новый метод для {}, который улучшает результаты на нескольких наборах данных.",
)
DATASETS = [
    a + b
    for a in ("Quen", "Lumi", "Trovo", "Hexa", "Sil", "Parl")
    for b in ("QA", "Bench", "Net-50k", "VQA-2", "NLI", "Set-C")
]
COMPANIES = "Nortrix Velmora Google Siemens Hexalon Spotify Quantivo Baidu Zendara Toyota".split()
PREFIXES = (
    "TL;DR: ",
    "Here is a one-line summary: ",
    "Sure! Here's the summary: ",
    "Summary - ",
    "**Summary:** ",
    "One-sentence summary: ",
    "Certainly. In one sentence: ",
)
HYPED = (
    " in a groundbreaking way",
    ", a game-changing advance",
    ", revolutionizing the field",
    ", with unprecedented results",
)
SECONDS = ("We test it widely.", "It works well.", "Code follows the paper.", "The approach is simple.")
VERBS = re.compile(
    r"\b(improves|achieves|outperforms|reduces|learns|generates|leads|performs|requires|provides|allows|enables|increases)\b"
)
AUXILIARY = re.compile(r"\b(is|are|can|could|will|does|do)\b(?! not)")
COMPARISON = re.compile(
    r"^(.{10,}?) (outperforms?|surpass(?:es)?|(?:is|are) (?:better|faster|more \w+) than) (.{4,}?)([.,].*|)$"
)


def line_of(paper: Gold) -> str:
    return faithful.repair(paper.lines[0])


def _other(chance: random.Random, paper: Gold, gold: list[Gold]) -> Gold:
    return chance.choice([other for other in gold if other.title != paper.title])


def _ending(line: str, extra: str) -> str:
    return f"{line.rstrip('.!?')}{extra}."


def _changed_number(chance: random.Random, paper: Gold, _: list[Gold]) -> str | None:
    return _changed(chance, line_of(paper))


def _changed(chance: random.Random, line: str) -> str | None:
    found = [n for n in numbers.find(line) if n.end and re.match(r"\d+", line[n.start :]) and telling(n)]
    if not found:
        return None
    number = chance.choice(found)
    digits = re.match(r"\d+", line[number.start :])
    assert digits
    old = int(digits.group())
    new = chance.choice([old + d for d in (-7, -5, -3, -2, -1, 1, 2, 3, 5, 7, old) if d and old + d > 2])
    return line[: number.start] + str(new) + line[number.start + digits.end() :]


def _invented_percent(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return _ending(line_of(paper), f", by {chance.randint(3, 97)} %")


def _invented_factor(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return _ending(line_of(paper), f", {chance.choice((3, 5, 10, 20, 50))}x faster")


def _changed_in_abstract(chance: random.Random, paper: Gold, _: list[Gold]) -> str | None:
    """The same for a sentence of the abstract, because few authors' lines hold a number."""
    having = [
        sentence
        for sentence in sentences.split(paper.abstract)
        if len(sentence.split()) < 36 and not faithful.check(sentence, paper.title, paper.abstract)
    ]
    lines = [spoilt for sentence in having if (spoilt := _changed(chance, sentence))]
    return chance.choice(lines) if lines else None


def _swapped_name(chance: random.Random, paper: Gold, gold: list[Gold]) -> str | None:
    """A name for a name; neither is a field's or a unit's ("NLP", "GB"), which may stand anywhere."""
    line = line_of(paper)
    mine = _telling_names(line)
    if not mine:
        return None
    source = f"{paper.title} {paper.abstract}".casefold()
    for _try in range(200):
        other = _other(chance, paper, gold)
        if theirs := [
            name for name in _telling_names(f"{other.title}. {other.abstract}") if name.casefold() not in source
        ]:
            return line.replace(chance.choice(mine), chance.choice(theirs))
    return None


def _telling_names(text: str) -> list[str]:
    return [name for name in names.find(text) if names.squeeze(name).removesuffix("s") not in names.ALWAYS]


def _invented_dataset(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return _ending(line_of(paper), f" on {chance.choice(DATASETS)}")


def _invented_company(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return _ending(line_of(paper), f", as used at {chance.choice(COMPANIES)}")


def _another_papers(chance: random.Random, paper: Gold, gold: list[Gold]) -> str:
    return line_of(_other(chance, paper, gold))


def _nearest_papers(_: random.Random, paper: Gold, gold: list[Gold]) -> str:
    mine = words.content(paper.abstract)

    def alike(other: Gold) -> float:
        theirs = words.content(other.abstract)
        return len(mine & theirs) / len(mine | theirs)

    return line_of(max((other for other in gold if other.title != paper.title), key=alike))


def _cut_anywhere(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    tokens = line_of(paper).rstrip(".").split()
    return " ".join(tokens[: max(4, int(len(tokens) * chance.uniform(0.4, 0.9)))])


def _cut_at_function_word(chance: random.Random, paper: Gold, _: list[Gold]) -> str | None:
    tokens = line_of(paper).rstrip(".").split()
    at = [
        i
        for i, t in enumerate(tokens)
        if i > 3 and t in {"the", "a", "of", "to", "for", "and", "with", "in", "by", "that", "is"}
    ]
    return " ".join(tokens[: chance.choice(at) + 1]) if at else None


def _cut_inside_a_word(chance: random.Random, paper: Gold, _: list[Gold]) -> str | None:
    tokens = line_of(paper).rstrip(".").split()
    at = [i for i, token in enumerate(tokens) if i > 3 and len(token) > 6 and token.isalpha()]
    if not at:
        return None
    i = chance.choice(at)
    return " ".join([*tokens[:i], tokens[i][: chance.randint(3, len(tokens[i]) - 3)]])


def _second_sentence(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return f"{line_of(paper)} {chance.choice(SECONDS)}"


def _chat_prefix(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return chance.choice(PREFIXES) + line_of(paper)


def _translated(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return chance.choice(TRANSLATIONS).format(" ".join(paper.title.split()[:3]))


def _title(_: random.Random, paper: Gold, __: list[Gold]) -> str:
    return f"{paper.title}."


def _hyped(chance: random.Random, paper: Gold, _: list[Gold]) -> str:
    return _ending(line_of(paper), chance.choice(HYPED))


def _outperforming(_: random.Random, paper: Gold, __: list[Gold]) -> str | None:
    claimed = re.search(
        r"(?i)state.of.the.art|sota|outperform|best|superior|surpass|improve|compar|exceed|competitive", paper.abstract
    )
    return None if claimed else _ending(line_of(paper), ", outperforming the state of the art")


def _linked(_: random.Random, paper: Gold, __: list[Gold]) -> str:
    return _ending(line_of(paper), " (https://github.com/lab/thing)")


def _negated(_: random.Random, paper: Gold, __: list[Gold]) -> str | None:
    line = line_of(paper)
    if " not " in line:
        return line.replace(" not ", " ", 1)
    if verb := VERBS.search(line):
        plain = verb.group().removesuffix("es") + (
            "e" if verb.group().endswith(("ves", "ces", "tes", "res", "les", "des")) else ""
        )
        plain = plain if verb.group().endswith("es") else verb.group().removesuffix("s")
        return f"{line[: verb.start()]}does not {plain}{line[verb.end() :]}"
    return AUXILIARY.sub(r"\1 not", line, count=1) if AUXILIARY.search(line) else None


def _turned(_: random.Random, paper: Gold, __: list[Gold]) -> str | None:
    line = line_of(paper)
    found = re.search(rf"\b(?:{'|'.join(ANTONYMS)})\b", line)
    return line[: found.start()] + ANTONYMS[found.group()] + line[found.end() :] if found else None


def _swapped_sides(_: random.Random, paper: Gold, __: list[Gold]) -> str | None:
    found = COMPARISON.match(line_of(paper))
    return f"{found[3]} {found[2]} {found[1]}{found[4]}" if found else None


SPOILERS: dict[str, Spoiler] = {
    "changed number": _changed_number,
    "changed number, abstract's sentence": _changed_in_abstract,
    "invented percent": _invented_percent,
    "invented factor": _invented_factor,
    "another paper's name": _swapped_name,
    "invented dataset": _invented_dataset,
    "invented company": _invented_company,
    "another paper's line": _another_papers,
    "the nearest paper's line": _nearest_papers,
    "cut anywhere": _cut_anywhere,
    "cut after a function word": _cut_at_function_word,
    "cut inside a word": _cut_inside_a_word,
    "second sentence": _second_sentence,
    "chat prefix": _chat_prefix,
    "translated": _translated,
    "title copied": _title,
    "hype added": _hyped,
    "'outperforming the state of the art' added": _outperforming,
    "link added": _linked,
    "negation flipped": _negated,
    "direction flipped": _turned,
    "comparison swapped": _swapped_sides,
}
