import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.errors import ConfigError
from digestor.taxonomy import load

SHARED = Path(__file__).parents[1].parent / "shared"

ELSEWHERE = [
    (
        "Magnetic order in a layered honeycomb oxide",
        "Single crystals were grown from the flux and studied by neutron scattering. Below 14 K a zigzag order "
        "sets in. The spin gap closes in a field of nine tesla, which a simple exchange model reproduces.",
    ),
    (
        "A deep infrared survey of the outer disc of a spiral galaxy",
        "We present a survey of 4,000 stars. A review of earlier surveys shows a bias towards bright objects. "
        "The dataset is compared with models of star formation, and the metallicity gradient flattens at 12 kpc.",
    ),
    (
        "Torsion in the cohomology of congruence subgroups",
        "We prove a lower bound for the torsion and deduce a theorem on regulators. The proof rests on a spectral "
        "sequence and on an upper bound for the number of representations of a form.",
    ),
    (
        "Grain prices and public granaries in a river province, 1740-1790",
        "Drawing on magistrates' reports, this article reviews how granaries were stocked and who bore the cost. "
        "It argues that the policy was a matter of negotiation between the court and local society.",
    ),
    (
        "Minimum wages and the entry of small firms",
        "Using a border design, we estimate how a rise of the minimum wage changes entry. Entry falls by three per "
        "cent, with no effect on employment. A model with sticky prices explains the findings.",
    ),
    (
        "Central bank communication and the news: evidence from press conferences",
        "We study how monetary policy news moves bond yields. Forecasts of inflation respond within minutes, and "
        "agents update their expectations faster when the language of the statement is plain.",
    ),
    (
        "Loss of insulation in oil-filled power transformers",
        "Dissolved gases were measured in forty transformers over ten years. Hydrogen and acetylene rose before "
        "each failure. We recommend an interval of three months between inspections.",
    ),
    (
        "Attention and working memory in children who sleep badly",
        "Eighty children took part in a task of sustained attention. Poor sleepers made more errors. "
        "Training the parents in bedtime habits improved attention after six weeks.",
    ),
    (
        "Planning permission and the supply of housing in mid-sized towns",
        "Planning rules limit supply. We follow 300 towns and find that faster decisions by planners raise "
        "construction by a tenth, while prices in the centre hardly move.",
    ),
    (
        "A randomised trial of a blood-pressure app in primary care",
        "Patients with hypertension were assigned to the app or to usual care. Systolic pressure fell by 4 mmHg. "
        "Adherence was better among older patients and adverse events were rare.",
    ),
    (
        "Phylogeny of alpine saxifrages from chloroplast genomes",
        "We sequenced 60 species. The tree supports two radiations during the Pleistocene, and gene flow between "
        "lineages explains the conflict between nuclear and plastid data.",
    ),
    (
        "Stability of travelling waves in a nonlocal reaction-diffusion equation",
        "We study a reaction-diffusion model with a symmetric kernel. Existence and uniqueness of fronts are shown, "
        "and their stability follows from a comparison principle.",
    ),
    (
        "Speech, honour and insult in a medieval port town",
        "Court rolls record hundreds of insults. Reading them as speech acts, we show how reputation was defended "
        "and how the town's ethics of speech changed after the plague.",
    ),
    (
        "Navigation rights and river states: a legal history",
        "The article traces treaties on free navigation, reviews the case law of two courts, and asks why some "
        "states accepted limits on their sovereignty while others resisted.",
    ),
    (
        "Adhesion of gecko-inspired pads under water",
        "Pads with a mushroom tip were pressed on glass. Pull-off force grew with contact time. A film of trapped "
        "air accounts for the strength, as a model of capillary bridges suggests.",
    ),
    (
        "Turbulent mixing in a stratified estuary",
        "Moored profilers recorded shear and density for two tidal cycles. Dissipation peaked at slack water, and "
        "a bulk parameterisation underestimates the flux of salt by a third.",
    ),
    (
        "Vision loss after cataract surgery in remote districts",
        "We reviewed 2,100 records. Visual acuity was poor in 8 per cent of eyes, mostly because of late referral. "
        "Outreach clinics with trained nurses halved the delay.",
    ),
    (
        "Vowel harmony and stress in three mountain dialects",
        "Recordings of 24 speakers show that harmony spreads leftwards across the word. Stress blocks it in one "
        "dialect only. The analysis uses ranked constraints.",
    ),
    (
        "Measurement of the top-quark width with leptonic final states",
        "Events with two leptons are selected. The width is measured to be 1.4 GeV, in agreement with the standard "
        "model. The dominant uncertainty is the jet energy scale.",
    ),
    (
        "Teachers' unions and school reform: a comparative review",
        "This review compares reforms in nine countries. Unions slowed some reforms and shaped others, and "
        "education ministries rarely evaluated what followed.",
    ),
    (
        "An optimal reinsurance contract under a solvency rule",
        "We derive the contract that an insurer prefers under a capital constraint. It has a deductible and a "
        "cap. Sensitivity to the premium principle is discussed.",
    ),
    (
        "Catalytic cracking of waste polyethylene over a mesoporous zeolite",
        "The zeolite was prepared by a seed method and loaded with nickel. Yields of light olefins reached 60 per "
        "cent at 500 C, and coke was burnt off without loss of activity.",
    ),
    (
        "Migration, memory and song in a diaspora",
        "Interviews with singers show how songs recall a homeland. Music gives young people a language of "
        "belonging that neither school nor family provides.",
    ),
    (
        "Fatigue of welded joints in steel bridges",
        "Forty specimens were loaded at variable amplitude. Cracks began at the weld toe. The design curve is safe "
        "for the thinner plates but not for the thicker ones.",
    ),
    (
        "Entanglement swapping between distant ion traps",
        "Photons from two traps interfere on a beam splitter and herald entanglement of the ions. The fidelity is "
        "0.94 and the rate one event a second.",
    ),
    (
        "Soil moisture and the onset of the monsoon",
        "Satellite records from 1980 on show that wet soils in May bring an early onset. A climate model without "
        "soil feedback misses half of the variance.",
    ),
    (
        "On the number of spanning trees of random planar graphs",
        "We determine the growth rate of the expected number of spanning trees and show that the node degrees "
        "follow a power law. The generating functions satisfy algebraic equations.",
    ),
    (
        "Fairness and fines: how drivers see speed cameras",
        "A survey of 1,200 drivers asks what makes a fine fair. Drivers accept cameras near schools, and distrust "
        "those they think serve revenue. Gender matters little.",
    ),
    (
        "Queueing with impatient customers and two servers",
        "Customers abandon after an exponential time. We find the stationary distribution of the queue, and the "
        "policy that minimises the cost of abandonment.",
    ),
    (
        "Domestic pottery from a bronze-age hill fort",
        "The assemblage holds 3,000 sherds. Fabric and form point to local manufacture, and residues of milk fat "
        "suggest a change of diet in the second phase.",
    ),
]

INSIDE = [
    ("Cheaper adapters for large language models", "We fine-tune LLMs with LoRA at half the memory.", "peft"),
    ("Graph neural networks that forget nothing", "Our GNN trains on a stream of node tasks.", "graphs"),
    (
        "Splatting in the wild",
        "We fit 3D Gaussian splatting to video with a neural encoder. 3DGS is fast.",
        "3d-vision",
    ),
    ("Drafting two tokens at once", "Speculative decoding makes LLM serving faster; the KV cache grows.", "ml-systems"),
    ("When retrieval lies", "RAG fails if a retriever is poisoned. We train a RAG system to doubt.", "rag"),
    ("A survey of agents that use tools", "This survey covers LLM agents and tool calling.", "survey"),
    (
        "Reading hospital notes with BERT",
        "Clinical notes are short. We train BERT on clinical text.",
        "biomedical-clinical",
    ),
    ("Flow matching in eight steps", "A diffusion model distilled by flow matching.", "diffusion-models"),
    ("Safer replies by preference", "We align an LLM with RLHF and DPO; jailbreaks drop.", "robustness-safety"),
    (
        "Mamba for songs",
        "A state space model generates music; the state-space model is small. We train it.",
        "audio-music",
    ),
]


def write(folder: Path, text: str) -> Path:
    path = folder / "tags.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("title", "abstract"), ELSEWHERE, ids=lambda text: text[:30])
def test_a_paper_of_another_field_is_other(title: str, abstract: str) -> None:
    assert load().tag(title, abstract) == ("other",)


@pytest.mark.parametrize(("title", "abstract", "tag"), INSIDE)
def test_a_paper_of_the_field_gets_its_tag(title: str, abstract: str, tag: str) -> None:
    assert tag in load().tag(title, abstract)


def test_the_vocabulary_has_62_tags_and_other() -> None:
    taxonomy = load()

    assert len(taxonomy.labels) == 63
    assert list(taxonomy.labels)[-1] == "other"
    assert taxonomy.labels["other"] == "Other"
    assert taxonomy.definitions.keys() == taxonomy.labels.keys()


def test_the_built_in_taxonomy_is_read_once() -> None:
    assert load() is load()


def test_what_the_title_names_comes_before_what_the_abstract_mentions() -> None:
    tags = load().tag(
        "Object detection at night", "Detectors trained by day fail. We use quantization and then quantization again."
    )

    assert tags[0] == "detection-segmentation"


def test_a_word_inside_a_longer_phrase_is_not_counted(tmp_path: Path) -> None:
    text = '[tags.a]\nlabel="A"\naliases=["graph"]\n[tags.b]\nlabel="B"\naliases=["graph transformer"]'
    taxonomy = load(write(tmp_path, text))

    assert taxonomy.tag("A graph transformer", "") == ("b",)
    assert taxonomy.tag("A transformer graph", "") == ("a",)


def test_phrases_that_overlap_are_both_counted(tmp_path: Path) -> None:
    text = '[tags.a]\nlabel="A"\naliases=["long code"]\n[tags.b]\nlabel="B"\naliases=["code search"]'

    assert load(write(tmp_path, text)).tag("Long code search", "") == ("a", "b")


def test_an_ignored_phrase_hides_the_alias_inside_it(tmp_path: Path) -> None:
    text = 'ignore=["face the"]\n[tags.a]\nlabel="A"\naliases=["face"]'
    taxonomy = load(write(tmp_path, text))

    assert taxonomy.tag("We face the music", "") == ("other",)
    assert taxonomy.tag("Whose face is it?", "") == ("a",)


@pytest.mark.parametrize(
    "title",
    [
        "Pre-training models",
        "Pretraining Model",
        "PRE TRAINING MODELS",
        "pre‑training-models",
        "Pre-Training Model's end",
    ],
)
def test_case_hyphens_and_plurals_make_no_difference(title: str, tmp_path: Path) -> None:
    text = '[tags.a]\nlabel="A"\naliases=["pre-training model"]'

    assert load(write(tmp_path, text)).tag(title, "") == ("a",)


@pytest.mark.parametrize("title", ["Text summarisation", "Text Summarization"])
def test_british_and_american_spelling_make_no_difference(title: str) -> None:
    assert load().tag(title, "A transformer is trained on this task.")[0] == "summarization-generation"


def test_a_short_acronym_keeps_its_capitals(tmp_path: Path) -> None:
    taxonomy = load(write(tmp_path, '[tags.rag]\nlabel="RAG"\naliases=["RAG", "RAG system"]'))

    assert taxonomy.tag("What RAGs know", "") == ("rag",)
    assert taxonomy.tag("From rag to riches", "") == ("other",)
    assert taxonomy.tag("a small rag system", "") == ("rag",)


def test_in_a_title_all_in_capitals_no_word_is_an_acronym(tmp_path: Path) -> None:
    taxonomy = load(write(tmp_path, '[tags.rag]\nlabel="RAG"\naliases=["RAG"]'))

    assert taxonomy.tag("FROM RAG TO RICHES", "") == ("other",)
    assert taxonomy.tag("RAG", "") == ("rag",)


def test_a_hint_alone_in_the_abstract_is_not_enough(tmp_path: Path) -> None:
    taxonomy = load(write(tmp_path, '[tags.a]\nlabel="A"\naliases=["alpha"]\nhints=["beta"]\ntitle=["gamma"]'))

    assert taxonomy.tag("", "beta beta") == ("other",)
    assert taxonomy.tag("", "alpha alpha") == ("a",)
    assert taxonomy.tag("", "gamma gamma gamma") == ("other",)
    assert taxonomy.tag("gamma", "") == ("a",)


def test_a_users_file_replaces_the_built_in_one(tmp_path: Path) -> None:
    taxonomy = load(write(tmp_path, '[tags.cheese]\nlabel="Cheese"\naliases=["gouda", "brie"]'))

    assert dict(taxonomy.labels) == {"cheese": "Cheese", "other": "Other"}
    assert taxonomy.tag("Ripening of Brie", "") == ("cheese",)


def test_words_of_the_field_are_the_ticket_of_entry(tmp_path: Path) -> None:
    text = '[field]\naliases=["cheese"]\nhints=["milk", "rennet"]\n[tags.cheese]\nlabel="Cheese"\naliases=["brie"]'
    taxonomy = load(write(tmp_path, text))

    assert taxonomy.tag("A village", "Milk is sold in Brie, and milk again, says Brie.") == ("other",)
    assert taxonomy.tag("A village called Brie", "Nobody sells anything there.") == ("other",)
    assert taxonomy.tag("A village called Brie", "Milk is sold there.") == ("cheese",)
    assert taxonomy.tag("At home", "Warm the milk and add rennet for Brie, or buy Brie.") == ("cheese",)
    assert taxonomy.tag("Brie, a cheese", "") == ("cheese",)


def test_the_fingerprint_follows_the_words_and_not_the_comments(tmp_path: Path) -> None:
    text = '[tags.a]\nlabel="A"\naliases=["alpha"]'

    first = load(write(tmp_path, text)).fingerprint
    commented = load(write(tmp_path, "# a comment\n" + text)).fingerprint
    changed = load(write(tmp_path, text.replace("alpha", "beta"))).fingerprint

    assert first == commented != changed


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = """
    colour = "red"
    [tags.other]
    label = "O"
    aliases = ["o-ring"]
    [tags."Big Ones"]
    label = "B"
    aliases = ["big"]
    [tags.a]
    aliases = ["", "fine", 7]
    lable = "A"
    [tags.b]
    label = ""
    aliases = []
    """
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text))

    message = str(caught.value)
    assert "tags.toml" in message
    for fault in (
        "colour is not a key here",
        'tags.other: "other" is always there',
        "tags.Big Ones: an id is made of",
        "tags.a.label is missing",
        "tags.a.lable is not a key here",
        "tags.a.aliases.0: needs two letters",
        "tags.a.aliases.2 must be text",
        "tags.b.label must be one line",
        "tags.b.aliases: needs one at least",
    ):
        assert fault in message
    assert "Mend these" in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "tags is missing"),
        (b"[tags]", "tags is empty"),
        (b"tags = 3", "tags must be a table"),
        (b"[tags.a", "is not TOML"),
        (b'[tags.a]\nlabel="A"\naliases=["alpha"]\n[tags.a]\nlabel="B"', "twice"),
        (b'[tags.a]\nlabel="A"\narea=["x"]\naliases=["alpha"]', "tags.a.area must be text"),
        (b"# caf\xe9", "byte 5 is not UTF-8"),
        (b"x = " + b"[" * 20000, "is not TOML"),
    ],
)
def test_a_file_that_makes_no_sense_is_named_with_the_reason(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"mine\.toml") as caught:
        load(path)

    assert told in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_bytes(b'\xef\xbb\xbf[tags.a]\nlabel="A"\naliases=["alpha"]')

    assert load(path).tag("Alpha", "") == ("a",)


@settings(max_examples=150, deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from("graph LLM RAG survey of a neural transformer 3D pre- -trained ()".split())).map(
        " ".join
    ),
    st.text() | st.lists(st.sampled_from("we train deep robots, GNNs & KV cache news policy".split())).map(" ".join),
)
def test_any_text_gets_one_to_three_known_tags_and_always_the_same(title: str, abstract: str) -> None:
    taxonomy = load()

    tags = taxonomy.tag(title, abstract)

    assert 1 <= len(tags) <= 3
    assert len(set(tags)) == len(tags)
    assert set(tags) <= taxonomy.labels.keys()
    assert tags == ("other",) or "other" not in tags
    assert tags == taxonomy.tag(title, abstract)


@pytest.mark.parametrize(
    "text",
    ["large " * 50_000, "RAG MOE " * 30_000 + "x", "pre-" * 75_000, "a" * 300_000, "LLM" * 100_000, "-" * 300_000],
)
def test_a_long_hostile_text_gets_known_tags(text: str) -> None:
    taxonomy = load()

    assert set(taxonomy.tag(text, text)) <= taxonomy.labels.keys()


def test_labels_in_the_gold_set_are_tags_of_ours() -> None:
    gold = SHARED / "data" / "tags_gold_dev.jsonl"
    if not gold.exists():
        pytest.skip("the development sets are not here")
    named = {tag for line in gold.read_text(encoding="utf-8").splitlines() for tag in json.loads(line)["tags"]}

    assert named <= load().labels.keys()


def test_a_tag_knows_the_label_of_its_area(tmp_path: Path) -> None:
    text = '[areas.sea]\nlabel="The sea"\n[tags.a]\nlabel="A"\narea="sea"\naliases=["alpha"]\n'
    text += '[tags.b]\nlabel="B"\naliases=["beta"]\n[tags.c]\nlabel="C"\narea="sky"\naliases=["gamma"]'

    assert load(write(tmp_path, text)).areas == {"a": "The sea", "c": "sky"}
