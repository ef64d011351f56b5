"""Sentences about releases, as letters: every word becomes one, by what it does in such a sentence.

"Our code will be made available at https://..." reads `ocfbkapL`. Patterns over such strings are short and linear where
patterns over the words would be neither. Here are the letters, and the families of wording; `availability` judges them.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

LETTERS = {
    # What can be released: code, tools (T: surely software), anything (W), models (M: surely files), data (D: surely
    # sets); and v, what is shown or told rather than released.
    "c": """code codes sourcecode sourcecodes codebase codebases implementation implementations reimplementation
        reimplementations script scripts notebook notebooks repo repos repository repositories""",
    "T": "software package packages library libraries toolkit toolkits toolbox toolboxes",
    "t": """tool tools framework frameworks platform platforms simulator simulators environment environments pipeline
        pipelines kernels plugin plugins solver solvers sampler compiler engine system systems app apps application
        applications agent agents suite suites program programs module modules
        interface infrastructure ecosystem testbed method methods algorithm algorithms stack""",
    "W": "resources files artifacts artefacts everything",
    "M": "checkpoint checkpoints weights",
    "m": """model models parameters embeddings vectors network networks llm llms adapter adapters tokenizer tokenizers
        classifier classifiers encoder encoders parser parsers tagger taggers""",
    "D": "dataset datasets corpus corpora",
    "d": """data database databases benchmark benchmarks annotations lexicon lexicons dictionary dictionaries treebank
        treebanks collection collections prompts leaderboard questions ratings trajectories catalog
        catalogue catalogs catalogues""",
    "v": """video videos demo demos demonstration demonstrations visualization visualizations visualisation animation
        visualisations animations example examples sample samples result results detail details information slides talk
        figures recordings movie movies clips page pages website websites webpage list lists links papers paper material
        literature survey tutorial version materials""",
    # Who: the authors; theirs; all of these; articles; "it"; and other people's things.
    "w": "we i authors",
    "o": "our my",
    "E": "all these this both",
    "e": "a an the its",
    "I": "it",
    "u": """use uses using used utilize utilizes utilizing utilise based compare compared comparing comparison adopt
        adopted leverage leveraging leverages extend extends baseline baselines existing previous prior other others
        their many most several some various recent popular than trainedon trainedwith""",
    # What is done: be, have, the future, make, release, publish, provide, introduce; and what then holds.
    "b": "is are was were be been being am 're can could may might become becomes became",
    "H": "has have had 've",
    "f": "will shall would plan plans planned intend intends aim going hope wish promise commit 'll",
    "k": "make making made",
    "r": "release releases releasing",
    "g": "publish publishes publishing share sharing distribute distributing upload host",
    "V": "provide provides providing offer offers contribute include includes supply attach give",
    "i": """present presents introduce introduces propose proposes develop develops developed describe describes build
        built create created design designed implement implemented announce collect collected""",
    "R": "released",
    "O": "opensource opensourced opensources opensourcing",
    "a": "available public publicized publicised downloadable publiclyavailable freelyavailable",
    "A": "accessible",
    "G": "provided shared published distributed uploaded hosted deposited included",
    "j": "found accessed downloaded obtained retrieved maintained viewed seen installed",
    "K": "coming forthcoming",
    # Between them.
    "q": "publicly freely openly",
    "y": "now also hereby further then already soon open fully entirely only currently therefore thus jointly notonly",
    "p": "at in on from via under through upon",
    "P": "to with",
    "Q": "as",
    "Y": "by",
    "l": "of for into about over how against towards after",
    "X": "between across among",
    "h": "that which who whose",
    "S": """github gitlab bitbucket huggingface pypi pip conda cran npm bioconductor zenodo figshare kaggle osf
        sourceforge modelscope tensorflowhub dockerhub here supplement supplementary appendix""",
    "U": "community researchers practitioners everyone research download",
    "B": "uponacceptance onacceptance uponpublication onpublication",
    "C": "licence license licences licenses",
    "s": "see visit check",
    "+": "and or & / aswellas",
    # z denies a verb; Z denies or conditions what follows.
    "z": "not never cannot rarely seldom hardly",
    "Z": """no neither nor few little limited lack lacks lacking without absence if when whenever where whether unless
        until abundantly scarce insufficient assume assuming suppose before while""",
}
"""The letters and their words. Beside them: `L` a link, `N` the paper's own name, `n` another, `x` all else."""

_LETTER = {word: letter for letter, listed in LETTERS.items() for word in listed.split()}

_MASK = "\0"  # what links are masked with, as many characters as they have
_TOKEN = re.compile(
    rf"""
      (?P<link> {_MASK}+ | this\shttps?\sURL )
    | (?P<site> \bonline(?=\s?(?:[.,;:()]|\Z|(?:at|under|from|via)\b))
        | (?:(?<=shared\s)|(?<=published\s)|(?<=available\s))online )
    | (?P<misleading>
        (?:latent|binary|hash|hashing|neural|discrete|style|error-correcting|channel|linear|quantum|ICD-?\d*)[\s-]codes?
      | codes?[\s-]?(?=(?:generation|search|review|completion|switch|mix|coverage|intelligence|snippet|understanding
          |synthesis|summari[sz]ation|translation|repair|edit|retrieval|clone|quality|smell|analysis|book|word|reasoning
          |optimi[sz]ation|obfuscation|complexit|LLM|language|model|change|token|representation))
      | implementations?(?=\s(?:details?|issues?|costs?|guidelines?|complexit|challenges?|effort|choices|aspects|level))
      | (?:provid\w+|offers?|gives?)\s(?:an?\s)?(?:\w+ly\s)?(?:efficient|practical|simple|fast|parallel|scalable)
          \s(?:and\s\w+\s)?implementations?
      | (?:press|drug|heat|stress|energy|gas)\sreleases?
      | releas(?:e[sd]?|ing)\s(?:the\s)?(?:assumptions?|constraints?|pressure|burden)
      | limited\sto\b )
    | (?P<word>
        open[\s-]?sourc\w+ | source\scodes? | code\sbases? | data\ssets? | (?:tool|plug)[\s-](?:kits?|box(?:es)?|ins?)
      | hugging\sface | (?:tensorflow|docker)\shub | (?:publicly|freely)-available | trained\s(?:on|with)
      | not\sonly | as\swell\sas | (?:up)?on\s(?:paper\s)?(?:acceptance|publication)
      | (?P<pointer> (?:links?|access)\sto\s(?:the\s|our\s)?(?:source\s)?code )
      | we(?=['’](?:ll|re|ve)\b) | ['’](?:ll|re|ve)\b | \w+(?:[-'’.]\w+)* )
    | [^\w\s]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MODEL_NAME = re.compile(r"(?:bert|gpt|llms?|models?|lm)\Z")
_DATA_NAME = re.compile(r"(?:bench|corpus|dataset)\Z")
_NAME = re.compile(r"[A-Z][\w.-]*[A-Z0-9]|[a-z]+[A-Z0-9]")  # "FooBar", "T5", "iFoo"

# Stretches of words, in letters. None leaves the sentence or runs over a link.
_GAP = r"[^.;?!L]"
_NOUNS = r"[^.;?!LbfH]"  # up to the verb
_PLAIN = r"[^.;?!LlPpQYXhbfHZz]"  # a noun's own adjectives, and enumeration
_WE = r"w[HbfyqzP+kigxouVG,]{0,7}?"  # "we also plan to", "we collect and"
_IS = r"[bfH](?:[bfHyqEokx+]|P(?=b)){0,7}?"  # "has now been made", "are all freely"
THING = r"[cTtWMmDdnN]"
_PLACE = r"[pPY]?[:(\[\"]*[eEoxyvcn:]{0,4}?[LS]"  # "at LINK", "in the supplement", "on our project page: LINK"
_STATE = rf"(?:[aRO](?!Y|Pe?m)|A(?!P)|G(?=[.,;)+lBq]|$)|[GAj]{_PLACE}|K|[pP]{_PLACE}|:?L)"
_OPENLY = rf"(?:R(?!Y)|O|k?[qO+]{{1,3}}[aA]|ka(?!Y)|[aAGj]{_PLACE}|aO|a[Pl]e?x{{0,2}}[Ua]|{_PLACE})"


def _rules(*patterns: str) -> re.Pattern[str]:
    """One family: at each place, the first pattern that fits."""
    return re.compile("|".join(patterns))


# Something of code, data or models holds. Whose they are is not said, so somebody else's name before it is a veto.
IT_IS = _rules(
    # "Code to reproduce this is available", "our implementation will be released", "scripts are in the appendix"
    rf"(?<![lpPX])c(?!hb){_NOUNS}{{0,20}}?{_IS}{_STATE}",
    # "our code is written in Python and available at LINK"
    rf"(?<![lpPX])c(?!hb){_NOUNS}{{0,12}}?b[^.;?!LvwcTtMmDdhZ]{{0,10}}?[+,](?:{_IS})?{_STATE}",
    # "(code available)", "code: LINK", "code and models at LINK", "source code released upon publication"
    rf"(?:^|(?<=[,;:(\[+eoEyxs]))c(?:[+,]{{1,2}}[eoExq]{{0,3}}{THING}){{0,4}}[xlpTtnmdoe]{{0,6}}?"
    rf"(?:q?[aRGA](?=$|[.,;)\]+p]|{_PLACE})|K|[ypP:(\[]{{0,3}}L)",
    # "see LINK for the code", "for training code see LINK"
    rf"s[^.;?!]{{0,6}}L[^.;?!]{{0,5}}c|c{_GAP}{{0,14}}s{_GAP}{{0,6}}L",
    # "our models and data are publicly available", "the dataset has been released", "all models are at LINK"
    rf"(?:(?:^|(?<=[,;:(+]))(?:[eNn]|(?=[MmDdI]))|[oE])[^.;?!LlpPQYXhbfuZz]{{0,8}}?[TtWMmDdNI](?!h)"
    rf"[^.;?!LbfHhu]{{0,10}}?{_IS}{_OPENLY}",
    # "all artifacts will be shared", "our data will be published"
    r"[oE][xy+]{0,3}[WD][^.;?!LbfHhu]{0,6}?fbq?G(?=[.,;)+lBq]|$)",
    # "X is now open source", "our sorter is freely available as an R package"
    rf"(?:^|(?<=[,;:+]))(?:[NI]|[oe]x{{0,3}}{THING})[^.;?!Lh]{{0,8}}?b[yqx+a]{{0,4}}(?:O(?!x)|aQe?x{{0,2}}[Tt]|aQ?[eO]?O)",
)
# The authors say that they do it.
WE_DO = _rules(
    # "we release ...", "we plan to open-source ...", "we introduce and open-source ...", "we have released ..."
    rf"(?:{_WE}r|w[HbfyqzP+k]{{0,7}}?(?:i\+)?O)(?!l)(?:{_GAP}{{0,18}}?{THING}|I|E|e?L)",
    rf"w[HfyqP]{{0,4}}R{_GAP}{{0,18}}?{THING}",
    # "this paper releases ...", "a contribution of this work is the release of ...", "we plan on releasing ..."
    rf"^E[vx]y{{0,2}}[rO](?!l){_PLAIN}{{0,12}}?{THING}|E[vx]b[ex]{{1,2}}rl{_GAP}{{0,8}}?{THING}|wf[xy]?pr{_GAP}{{0,18}}?{THING}",
    # "..., which we plan to open-source"
    r"hw[HfyqP]{0,5}[rRO]",
    # "our release of the data", "our open-source library", "Foo includes open-source simulators" (and Foo is theirs)
    rf"or[^.,;?!L]{{0,8}}?{THING}|o[xy]{{0,3}}O[xy]{{0,3}}{THING}|N[yVb]{{1,2}}{_GAP}{{0,6}}?O[xy]{{0,3}}{THING}",
    # "we publish the classifier", "we share our code"; not "share parameters across tasks"
    rf"{_WE}(?:g|(?<=[Hw])G){_PLAIN}{{0,10}}?[cTMmDd](?!.?X)",
    # "we provide code", "we also provide reference implementations", "we provide open-source tools"
    rf"{_WE}V(?:{_PLAIN}{{0,8}}?[cMD]|[eoE]?[xy]{{0,3}}O[xy]{{0,3}}{THING}"
    rf"|{_PLAIN}{{0,8}}?[Ttmd]{_GAP}{{0,6}}?[pP:(\[]{_PLACE})",
    # "we present X, an open-source library", "this paper introduces a publicly available corpus"
    rf"[wvEo][^.;?!]{{0,6}}?i(?:[^.;,lPh]{{1,7}},)?[eo][x,+y]{{0,6}}(?:O|qa)[x,+y]{{0,5}}{THING}",
)
# The same further from "we", or after "by".
DOING = _rules(
    # "..., and publicly release our data", "by releasing models", "releasing our code"
    rf"(?:(?<=[+,yqYf])|^)(?:r(?!l)|O(?=[oeEIcM])){_GAP}{{0,18}}?{THING}",
    # "..., and open source new data"
    r"(?<=,\+)Ox{0,2}[cDTM]",
    # "by providing code", "in providing the first open-source implementation"
    rf"(?<=Y)V{_PLAIN}{{0,8}}?c|(?<=[Yp+])V[eo]?[xy]{{0,3}}O[xy]{{0,3}}{THING}",
    # "make it available", "we make our code available", "by making X publicly available"
    rf"kIq?[aA](?!P)|(?<!b)k(?=[oeEqnNcTMmDda])"
    rf"(?:{_GAP}{{0,20}}?(?:q[aA]|O)|(?={_PLAIN}{{0,12}}?{THING}){_GAP}{{0,20}}?a)",
)
# Whatever it is, it is at a place.
PLACED = _rules(
    # "X is available at LINK", "it can be installed via pip"
    rf"{_IS}[aARGOj]{_GAP}{{0,5}}?[pPY:(\[]{_PLACE}",
    # "X, available at LINK", "a package, freely available on CRAN", "we present X (LINK)"
    rf"q?[aARGO]{_GAP}{{0,3}}?[pP:(\[]{{1,2}}L|,q?[aRO]pS|w[^.;?!]{{0,6}}?i[^.;?!Lu]{{0,8}}?[(\[]L",
    # "released under the MIT licence"
    rf"[aARGO]{_GAP}{{0,8}}?p[exyOn]{{0,5}}C",
)
# "Foo: An Open-Source Library for Bars"
TITLE = re.compile(rf"(?:^|:)e[x,+]{{0,5}}O[x,+y]{{0,5}}{THING}|:O[xy]{{0,3}}[cTt]")
# Anybody's: "open-source models", "the publicly available code"
SOMEBODYS = re.compile(r"O[xy]{0,3}[cTtMm]|qa[x]{0,3}[cTtMm]")


class Reading(NamedTuple):
    """A sentence as letters; the n-th letter is the word that stands at `spans[n]`, (start, end) in characters."""

    letters: str
    spans: tuple[tuple[int, int], ...]


def read(sentence: str, links: Iterable[tuple[int, int]], names: frozenset[str]) -> Reading:
    """The letters of a sentence whose links stand at the given places; for `names` see `own_names`."""
    masked = sentence.replace(_MASK, " ")
    for start, end in links:
        masked = masked[:start] + _MASK * (end - start) + masked[end:]
    tokens = list(_TOKEN.finditer(masked))
    return Reading("".join(_letter(token, names) for token in tokens), tuple(token.span() for token in tokens))


def own_names(title: str) -> frozenset[str]:
    """The name that a title gives to its subject: `foo` for "Foo: A Library for Bars"."""
    head, colon, _ = title.partition(":")
    words = re.findall(r"[\w.'-]+", head[:100])
    return frozenset(_plain(word) for word in words) if colon and len(words) <= 3 else frozenset()


def _letter(token: re.Match[str], names: frozenset[str]) -> str:
    written = token.group()
    if token["link"]:
        return "L"
    if token["site"] or token["misleading"] or token["pointer"]:
        return "S" if token["site"] else "c" if token["pointer"] else "x"
    word = _plain(written)
    if word in _LETTER:
        return _LETTER[word]
    if not token["word"]:
        return written if written in ".,;:([])?!" else "x"
    if word in names:
        return "N"
    if _MODEL_NAME.search(word):
        return "m"
    if _NAME.match(written):
        return "d" if _DATA_NAME.search(word) else "n"
    return "y" if word.endswith("ly") else "x"


def _plain(word: str) -> str:
    """A word as the table of letters has it: lower case, in one piece."""
    return word.casefold().replace("’", "'").replace("-", "").replace(" ", "")
