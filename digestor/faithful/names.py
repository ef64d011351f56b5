"""Names in a line: acronyms, CamelCase and letter-digit words, and whether a source speaks of them.

A source speaks of a name when the name stands in it (hyphens, case and plural aside), when it is made of the
beginnings of consecutive words ("BatchNorm" of "batch normalization", "VAE" of "variational autoencoder"),
or when it is a household acronym whose subject the source treats ("CNN" where it says "convolutional").
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

ALWAYS = frozenset(
    """ai ml dl nlp cv nn dnn ann sota gpu cpu tpu ram api ui id iid ood id os pc usa us uk eu ii iii iv vi vs ok qed
    flop flops gb mb tb kb hz khz mhz ghz 1d 2d 3d 4d""".split()
)
"""Fields, hardware, units: such a name says nothing that a reader could be misled by."""

SUBJECTS = {
    "cnn": "convolution convnet image vision visual video pixel",
    "rnn": "recurrent lstm gru sequen language",
    "lstm": "recurrent rnn gru sequen",
    "gru": "recurrent rnn lstm",
    "gan": "adversarial generat",
    "vae": "variational autoencoder generative latent",
    "gnn": "graph",
    "gcn": "graph",
    "gp": "gaussian",
    "bnn": "bayesian",
    "snn": "spiking",
    "mlp": "perceptron feedforward feed-forward fully",
    "rl": "reinforcement policy policies reward agent",
    "drl": "reinforcement policy policies reward agent",
    "mdp": "markov reinforcement policy",
    "pomdp": "partially markov",
    "irl": "inverse imitation",
    "sgd": "gradient stochastic",
    "mcmc": "markov monte sampling",
    "mc": "monte",
    "elbo": "variational evidence bound",
    "kl": "divergence kullback variational",
    "svm": "support kernel",
    "pca": "principal component dimensionality",
    "pde": "differential",
    "ode": "differential dynamical",
    "sde": "differential stochastic",
    "fft": "fourier frequency",
    "svd": "singular decomposition",
    "em": "expectation",
    "ntm": "turing",
    "bptt": "backpropagation",
    "bo": "bayesian",
    "nmt": "translation",
    "mt": "translation",
    "asr": "speech",
    "tts": "speech",
    "ner": "entity",
    "pos": "part-of-speech tagging",
    "qa": "question",
    "vqa": "question",
    "llm": "language",
    "lm": "language",
    "plm": "language pretrained pre-trained",
    "vlm": "vision-language",
    "mllm": "multimodal",
    "nas": "architecture",
    "kg": "knowledge graph",
    "kb": "knowledge",
    "dp": "privacy private",
    "fl": "federated",
    "ssl": "self-supervised semi-supervised",
    "ntk": "tangent kernel",
    "ot": "optimal transport",
    "ehr": "health clinical medical",
    "mri": "magnetic imaging",
    "ct": "tomography scan",
    "hpo": "hyperparameter hyper-parameter",
    "rag": "retrieval",
    "moe": "experts",
    "nerf": "radiance",
    "relu": "rectif activation",
    "ocr": "character text",
    "rlhf": "feedback",
    "cot": "chain-of-thought",
}
"""Household acronyms of methods and tasks: allowed where the source has a word that begins so."""

TOKEN = re.compile(r"[^\W_]+(?:[-‐‑.'’&][^\W_]+)*")
DIVIDED = re.compile(r"[-‐‑&.]")
CHUNK = re.compile(r"[A-Z][a-z]*|[a-z]+|\d+")
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+")
NOT_ALNUM = re.compile(r"[\W_]+")
QUANTITY = re.compile(r"\d+(?:[.,]\d+)*(?:[a-z]{1,4}|[KMBTX]|[A-Z]{2})?")
CLAUSE = re.compile(r"[.,;:!?()\[\]]+")
COMPOUND = re.compile(
    r"(auto|hyper|multi|meta|pre|sub|bi|back|micro|time|pseudo|inter|cross|self|semi|non|over|under|super|un|feed|down|out)"
    r"(?=[a-z]{4})"
)
LINKS = frozenset("of and for the in to on with by a an from at via as".split())
BREAKS = frozenset(
    """we our this that these those which is are was were be been it its they their can will may also has have had
    not but or when where while how than then such using use used show propose present study""".split()
)
LONG = 5
"""From this many letters on, a name may stand inside a longer word of the source ("ResNet" in "PreResNet")."""


class Vocabulary(NamedTuple):
    """What a source offers to support names with."""

    tokens: frozenset[str]
    """Its words, parts of hyphenated and CamelCase words, and neighbours run together; letters and digits only."""
    together: str
    """The whole source, letters and digits only, in lower case."""
    words: tuple[str, ...]
    text: str


def squeeze(text: str) -> str:
    """Letters and digits only, in lower case: how names are compared."""
    return NOT_ALNUM.sub("", text).casefold()


def vocabulary(text: str) -> Vocabulary:
    """What the source, title and abstract, offers."""
    tokens: set[str] = set()
    flat: list[str] = []
    for token in TOKEN.findall(text):
        if not token.isalnum():
            tokens.add(squeeze(token))
        for part in DIVIDED.split(token) if not token.isalnum() else (token,):
            low = part.casefold() if part.isalnum() else squeeze(part)
            flat.append(low)
            if part[1:] != low[1:]:
                tokens.update(chunk.casefold() for chunk in CAMEL.findall(part) if len(chunk) > 1)
    tokens.update(flat)
    tokens.update(map(str.__add__, flat, flat[1:]))
    return Vocabulary(frozenset(tokens), "".join(flat), tuple(flat), text)


def find(line: str) -> Iterator[str]:
    """The names in a line: acronyms, CamelCase, letters with digits. None where the line shouts."""
    tokens = TOKEN.findall(line)
    if sum(token.isupper() for token in tokens) > len(tokens) / 2:
        return
    for token in tokens:
        parts = [part for part in DIVIDED.split(token.removesuffix("'s").removesuffix("’s")) if part]
        if len(parts) == 1:
            if is_name(parts[0]):
                yield parts[0]
        elif (parts[-1][0].isdigit() and any(map(str.isupper, parts[0]))) or (
            len(parts[0]) == 1 and parts[0].isalpha() and is_name("".join(parts))
        ):
            yield token  # "ResNet-50", "U-Net"
        else:
            named = [part for part in parts if is_name(part)]
            if len(named) == len(parts):
                yield token  # "LSTM-CRF"
            else:
                yield from named  # the "BERT" of "BERT-based"


def is_name(word: str) -> bool:
    """Is one word (no hyphens) an acronym, CamelCase, or made of letters and digits?"""
    if word.isalpha():
        return len(word) > 1 and any(map(str.isupper, word[1:]))
    return any(map(str.isalpha, word)) and any(map(str.isdigit, word)) and not QUANTITY.fullmatch(word)


def supported(name: str, source: Vocabulary) -> bool:
    """Does the source speak of this name?"""
    key = squeeze(name)
    singular = key.removesuffix("s") if name.endswith("s") else key
    if {key, singular, key + "s"} & source.tokens or singular in ALWAYS:
        return True
    if len(singular) >= LONG and singular in source.together:
        return True
    if (subjects := SUBJECTS.get(singular)) and any(
        word.startswith(squeeze(subject)) for subject in subjects.split() for word in source.words
    ):
        return True
    parts = [part for part in DIVIDED.split(name) if part]
    if len(parts) > 1:
        return all(len(part) > 1 and supported(part, source) for part in parts) and not parts[-1].isdigit()
    stem = name[:-1] if name.endswith("s") else name
    camel = [chunk.casefold() for chunk in CAMEL.findall(stem)]
    if len(camel) > 1 and source.tokens.issuperset(camel) and min(map(len, camel)) > 1 and stem.isalpha():
        return True  # "LoopGAN" where the source has both "loop" and "GAN"
    letters = [chunk.casefold() for chunk in CHUNK.findall(stem)]
    return any(
        _spelled(parts, phrase) for parts in (camel, letters) if len(parts) > 1 for phrase in _phrases(source.text)
    )


def _spelled(chunks: list[str], phrase: tuple[str, ...]) -> bool:
    """Are the chunks the beginnings of consecutive words of the phrase?"""
    return any(
        all(word.startswith(chunk) for word, chunk in zip(phrase[i:], chunks, strict=False))
        for i in range(len(phrase) - len(chunks) + 1)
    )


@lru_cache(maxsize=8)
def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """Runs of words between punctuation and verbs, without link words, in which an acronym may be spelled out."""
    found = []
    for clause in CLAUSE.split(text.casefold()):
        run: list[str] = []
        for word in re.findall(r"[^\W_]+", COMPOUND.sub(r"\1 ", clause)):
            if word in BREAKS:
                if len(run) > 1:
                    found.append(tuple(run))
                run = []
            elif word not in LINKS:
                run.append(word)
        if len(run) > 1:
            found.append(tuple(run))
    return tuple(found)
