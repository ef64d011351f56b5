"""The papers of the benchmark: made by rule, so that every run and every peer has the very same.

About 210 words each and 260 tokens (o200k_base), in the manner of abstracts. Titles differ in their first three words,
abstracts in their first sentence, which has at most thirty words: it is the line that the scripted server writes.
Imports nothing of digestor, for peers have environments of their own.
"""

import itertools
import random
import re
from typing import NamedTuple

SEED = 1_000
WORDS = 204
"""Of an abstract, at least; a last sentence of some twenty goes beyond."""

QUALITIES = """
adaptive amortised asynchronous balanced bounded calibrated causal certified compact compositional concurrent
constrained contrastive convex decentralised deterministic differentiable discrete elastic equivariant explicit factored
fault-tolerant federated generative gradient-free hierarchical implicit incremental interpretable invariant iterative
latent lazy localised low-rank modular monotone multilingual nonlinear oblivious parallel persistent predictive private
probabilistic provable quantised randomised recurrent reversible robust scalable selective sparse spectral streaming
stochastic structured symbolic tensorised tractable unsupervised variational verifiable
""".split()
THINGS = """
aerosol antenna battery bloodflow bridge canopy cargo catalyst compiler coral crystal debris dialogue dictionary drone
earthquake enzyme forest fracture freight galaxy garment genome glacier grassland harbour hospital insurance irrigation
kernel ledger lens locomotive magnet manuscript market membrane microphone molecule museum neuron orchard particle
pipeline plasma polymer protein queue reactor reservoir retina river rover satellite scheduler seismic sensor shoreline
spreadsheet starch storm telescope textile timetable traffic transformer turbine vaccine vineyard weld
""".split()
TASKS = """
alignment allocation annealing anonymisation attribution auditing calibration clustering compression control counting
deblurring decoding denoising detection diagnosis distillation embedding estimation exploration extrapolation filtering
forecasting grounding imputation indexing inference interpolation inversion labelling localisation mapping matching
mining navigation parsing planning pruning ranking recognition reconstruction recovery refinement registration
retrieval routing sampling scheduling segmentation selection simulation steering summarisation synthesis tracking
triangulation verification
""".split()
PLACES = """
|under shifting demand|from scarce labels|on commodity hardware|without a central server|with missing modalities
|across climates|at city scale|in noisy field recordings|from partial observations|with delayed feedback
|over unreliable links|beyond the training range|in low-resource languages|with human correction|on graphs that change
|under a strict memory budget
""".replace("\n", "").split("|")[1:]
TOOLS = """
a convolutional encoder|a message-passing network|a mixture of experts|a pair of cross-attending decoders
|an energy-based prior|a second-order solver|a hashing sketch|an ensemble of shallow trees|a normalising flow
|a differentiable renderer|a constraint solver|a bank of wavelets|a retrieval index|a Kalman smoother
|an auction between modules|a learned tokeniser|a Gaussian process surrogate|a curriculum of synthetic scenes
|a bit-parallel automaton|a proof assistant
""".replace("\n", "").split("|")
GOALS = """
throughput|sample efficiency|worst-case error|agreement between annotators|energy use|tail latency|recall at rank ten
|calibration error|the number of queries|robustness to occlusion|memory traffic|transfer to unseen sites
|the false alarm rate|interpretability|convergence speed|coverage of rare classes|cost per decision|stability
""".replace("\n", "").split("|")
OPENINGS = (
    "We present {q} {x} {t}, which couples {tool} with {tool2} to improve {goal} when {x2} data are {state}",
    "This work studies how {q} {t} of {x} measurements {place} can be learned by {tool} that never sees {x2} labels",
    "Existing approaches to {x} {t} assume that {x2} signals are {state}, an assumption that fails {place} and harms "
    "{goal}",
    "We ask whether {tool} trained on {q} {x} archives supports {t} {place}, and what this does to {goal}",
    "For {q} {x} {t} we introduce a formulation in which {tool} replaces hand-tuned rules for {state} {x2} inputs",
)
BODY = (
    "The key observation is that {x} traces vary slowly along one axis, so {tool} can share statistics between "
    "neighbouring {x2} windows.",
    "Rather than optimising {goal} directly, we bound it from above and minimise the bound with {tool}.",
    "Our training objective mixes two {q} reconstruction terms with a penalty that keeps {t} decisions consistent "
    "across resolutions.",
    "At test time, {tool} proposes a handful of candidates and {tool2} rejects those that contradict the {x} record.",
    "An ablation shows that removing {tool} costs more in {goal} than halving the amount of {x} data.",
    "We collect {n} annotated {x} sequences from {m} sites and say how disagreements between experts were settled.",
    "Compared to the strongest baseline, the error of {t} falls by {p} percent while {goal} stays within {m} percent.",
    "Theoretical analysis gives {q} regret bounds that scale with the square root of the number of {x} episodes.",
    "The approach needs {m} gigabytes of memory and processes {n} {x} frames per second on a single accelerator.",
    "Interviews with {m} practitioners suggest that {q} explanations of {t} matter more to them than raw {goal}.",
    "Failure cases concentrate where {x2} interference is strong, and we report them separately instead of averaging.",
    "Because {x} hardware differs between vendors, we normalise every channel by {tool} before any {t} takes place.",
    "Experiments on {m} public benchmarks cover {q} settings, {state} inputs and sudden changes of operating point.",
    "We further relate {t} to optimal transport, which explains why {goal} degrades gracefully {place}.",
    "Hyperparameters are chosen once on a held-out {x} region and then frozen for all remaining comparisons.",
    "A deployment over {m} months handled {n} requests and exposed drift that offline {x} evaluation had missed.",
)
STATES = (
    "sparse irregular contaminated heterogeneous censored imbalanced delayed saturated corrupted aggregated".split()
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s")


class Record(NamedTuple):
    """A paper as peers know it."""

    id: str
    title: str
    abstract: str

    @property
    def text(self) -> str:
        """What a model is asked about."""
        return f"{self.title}\n{self.abstract}"

    @property
    def line(self) -> str:
        """What the scripted server answers: the first sentence."""
        return SENTENCE_END.split(self.abstract, maxsplit=1)[0]


def records(count: int) -> list[Record]:
    """So many papers; the first ones of a longer list are the same."""
    draw = random.Random(SEED)
    heads = list(itertools.product(QUALITIES, THINGS, TASKS))
    draw.shuffle(heads)
    if count > len(heads):
        raise ValueError(f"there are no more than {len(heads):,} papers")
    return [record(number, *heads[number]) for number in range(count)]


def record(number: int, quality: str, thing: str, task: str) -> Record:
    """One paper, drawn by its number."""
    draw = random.Random(SEED + 1 + number)
    place = draw.choice(PLACES)
    title = f"{quality} {thing} {task} {place}"
    first = filled(draw.choice(OPENINGS), draw, quality, thing, task) + "."
    abstract = [first[0].upper() + first[1:]]
    for shape in itertools.cycle(draw.sample(BODY, len(BODY))):
        if sum(len(sentence.split()) for sentence in abstract) >= WORDS:
            break
        abstract.append(filled(shape, draw, draw.choice(QUALITIES), thing, task))
    return Record(f"r{number}", title[0].upper() + title[1:], " ".join(abstract))


def filled(shape: str, draw: random.Random, quality: str, thing: str, task: str) -> str:
    """A sentence with its gaps closed."""
    tool, tool2 = draw.sample(TOOLS, 2)
    return shape.format(
        q=quality,
        x=thing,
        x2=draw.choice(THINGS),
        t=task,
        tool=tool,
        tool2=tool2,
        goal=draw.choice(GOALS),
        place=draw.choice(PLACES),
        state=draw.choice(STATES),
        n=draw.randint(300, 90_000),
        m=draw.randint(3, 48),
        p=round(draw.uniform(2, 40), 1),
    )
