r"""LaTeX, and what is left of it when a site strips it, as a reader would say it.

The words are never at risk: a `%` is no comment, an unknown macro keeps its name or its argument, money is no maths,
and what has no partner (`$`, `{`) stays. Works on text without control characters (`text.clean` sees to that).

>>> readable(r"Cuts cost by 34.7\% (\eg ``tiny'' models~(TMs)) at 384times384 for $x_{i} \leq 2$, \`a la Pa\'nstwowy.")
'Cuts cost by 34.7% (e.g. "tiny" models (TMs)) at 384×384 for x_i ≤ 2, à la Państwowy.'
"""

import re
import unicodedata

DEPTH = 8
"""Braces nested deeper than this are left alone."""

SYMBOLS = dict(
    pair.split("=", 1)
    for pair in r"""alpha=α beta=β gamma=γ delta=δ epsilon=ε varepsilon=ε zeta=ζ eta=η theta=θ vartheta=ϑ iota=ι
    kappa=κ lambda=λ mu=μ nu=ν xi=ξ pi=π rho=ρ sigma=σ tau=τ upsilon=υ phi=φ varphi=φ chi=χ psi=ψ omega=ω Gamma=Γ
    Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ Phi=Φ Psi=Ψ Omega=Ω times=× le=≤ leq=≤ leqslant=≤ ge=≥ geq=≥
    geqslant=≥ lesssim=≲ gtrsim=≳ lt=< gt=> ll=≪ gg=≫ sim=~ simeq=≃ approx=≈ cong=≅ neq=≠ ne=≠ equiv=≡ propto=∝ pm=±
    mp=∓ cdot=· cdots=⋯ ldots=… dots=… to=→ rightarrow=→ leftarrow=← leftrightarrow=↔ Rightarrow=⇒ mapsto=↦ infty=∞
    in=∈ notin=∉ subset=⊂ subseteq=⊆ cup=∪ cap=∩ setminus=∖ forall=∀ exists=∃ nabla=∇ partial=∂ sum=∑ prod=∏ int=∫
    sqrt=√ star=* ast=* circ=° top=⊤ perp=⊥ otimes=⊗ oplus=⊕ ell=ℓ hbar=ℏ Vert=‖ mid=| langle=⟨ rangle=⟩ lfloor=⌊
    rfloor=⌋ lceil=⌈ rceil=⌉ S=§ textasciitilde=~ textless=< textgreater=> textendash=– textemdash=— ss=ß o=ø O=Ø l=ł
    L=Ł aa=å AA=Å ae=æ AE=Æ oe=œ OE=Œ colon=: eg=e.g. ie=i.e. etc=etc. wrt=w.r.t. vs=vs. cf=cf. aka=a.k.a.
    iid=i.i.d.""".split()
) | {"etal": "et al."}
WORDS = frozenset("log ln exp min max sup inf lim arg argmin argmax det dim ker deg gcd sin cos tan tanh Pr".split())
SILENT = frozenset(
    """left right big Big bigg Bigg bigl bigr displaystyle textstyle rm it bf em sl tt sc sf cal boldmath limits
    nolimits newline linebreak par noindent xspace quad qquad centering protect mathbb mathbf mathcal mathrm mathit
    mathsf mathfrak boldsymbol bm text""".split()
)
REFERENCES = frozenset(
    """cite citep citet citealp citealt citeauthor citeyear nocite ref eqref autoref cref label begin end vspace
    hspace""".split()
)
ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307",
}  # fmt: skip

MATHS = re.compile(
    r"(?<![A-Za-z\\$])(\${1,2})(?=[^\s$])([^$]{0,999}[^\s$\\])\1(?![\d$])"  # as Pandoc has it: $x$, but not $5 and $10
    r"|(?<!\\)\$([^$]{0,999}?[\\^_{][^$]{0,999})\$(?!\d)"  # $ \mu $
    r"|(?<!\\)\$(\\[A-Za-z]+|[<>=±≤≥~≈×+-]{1,2})\$"  # $\sim$40
)
PROSE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,}\s+[A-Za-z]{3,}(?![A-Za-z])")
DOUBLED = re.compile(r"\\\\(?=[A-Za-z%&#_${}])")
ESCAPED_QUOTE = re.compile(r'\\"(?![A-Za-z{\\])')
DOTLESS = re.compile(r"\\([ij])(?![A-Za-z])\s?")
ACCENT = re.compile(r"""\\['`^"~=.]""")
ACCENTED = re.compile(
    r"""\{\\([\'`^"~])\s?\{?([A-Za-z])\}?\}|\\([\'`^"~])\s?\{([A-Za-z])\}|(?<!/)\\([\'`^"~])([A-Za-z])|\\([=.])\{?([aeoucgzIZ])\}?"""
)
SCRIPT = re.compile(r"([_^])\{([^{}]{0,80})\}")
SIMPLE = re.compile(r"[-+]?\w+|\\[A-Za-z]+|\W")
FRACTION = re.compile(r"\\[dt]?frac\s?\{([^{}]*)\}\s?\{([^{}]*)\}")
LINK = re.compile(r"\\href\s?\{([^{}]*)\}\s?\{([^{}]*)\}")
SWITCH = re.compile(r"\{\\(?:em|it|bf|sl|tt|sc|sf|rm|cal|itshape|bfseries)\b\s*([^{}]*)\}")
GROUPED = re.compile(r"\{(\\[A-Za-z]+)\s?\}")
ARGUMENT = re.compile(r"\\([A-Za-z]+)\*?\s?(?:\[[^\[\]{}]{0,200}\]){0,2}\{([^{}]*)\}")
OPEN = re.compile(r"\\(?:text|math|emph)[a-z]*\s?\{")
COMMAND = re.compile(r"\\(?:([oOlL]|ss|aa|AA|ae|AE|oe|OE)(?![A-Za-z])\s?|([A-Za-z]+))")
NOTHING = re.compile(r"\\[-!/@()]")
SPACE = re.compile(r"\\[,;:> \n\[\]]|\\\\")
ESCAPED = re.compile(r"\\([%&#_$~])")
TIE = re.compile(
    r"https?://\S+|(?<=[\w.,;:)\]%][\w.,;:)\]%])~(?=[A-Za-z(\[\\$-])|(?<=[A-Za-z.,;:)\]][A-Za-z.,;:)\]])~(?=\d)"
)
QUOTED = re.compile(r"(?<!`)``(?!`)([^`]{0,1000}?)''")
QUOTED_ONCE = re.compile(r"(?<![`\w])`(?=\w)([^`'\n]{1,200})'(?!\w)")
STRAY = re.compile(r"(?<=\w)\}(?=[\s.,;:)]|$)")

TIMES = re.compile(r"times(?<=\dtimes)(?=\d|\b)")
ABOUT = re.compile(r"sim(?:(?<=\dsim) ?|(?<![A-Za-z\d]sim))(?=\d+(?:[.,]\d+)*(?:[kKMBx]\b|(?!\w)))")
"""A pattern that begins with plain letters is found many times faster, so looking behind comes second."""
FONT = re.compile(r"(?<![\w\\])(?:mathcal|mathbb|mathbf|mathrm|text)\{([^{}]{1,40})\}")

BRACES = str.maketrans({"{": "", "}": ""})
LEFT, RIGHT, SEAM, GONE = "\x00", "\x01", "\x02", "\x03"
"""Stand for `\\{`, `\\}`, the place where an argument began and that of a reference, while commands are resolved."""


def readable(text: str) -> str:
    """The text with LaTeX said in Unicode and the remnants of stripped maths put right (`384times384`, `sim0.6`)."""
    if "\\" in text:
        text = DOUBLED.sub(r"\\", text)
        if ESCAPED_QUOTE.search(text):
            text = text.replace('\\"', '"')  # quotes escaped for some program, not umlauts
        text = text.replace("\\{", LEFT).replace("\\}", RIGHT)
    if "$" in text:
        text = MATHS.sub(_formula, text)
    if "\\" in text or "{" in text:
        text = _resolved(text)
    text = text.replace(LEFT, "{").replace(RIGHT, "}").replace(SEAM, "")
    if "~" in text:
        text = TIE.sub(lambda found: " " if found[0] == "~" else found[0], text)
    if "`" in text:
        text = QUOTED_ONCE.sub(r"'\1'", QUOTED.sub(r'"\1"', text))
    if "times" in text or "sim" in text:
        text = ABOUT.sub("~", TIMES.sub("×", text))
    if "{" in text:
        text = FONT.sub(r"\1", text)
    if text.count("}") > text.count("{"):
        text = STRAY.sub("", text)
    return text


def _formula(found: re.Match[str]) -> str:
    formula: str = found[2] or found[3] or found[4]
    if "\\" not in formula and PROSE.search(formula):  # "$5 for each, $x_i dollars" is about money
        return found[0]
    return _resolved(formula).translate(BRACES)


def _resolved(text: str) -> str:
    """Commands said, from the inside out; one without balanced braces loses only its own name."""
    if "\\" in text:
        text = NOTHING.sub("", DOTLESS.sub(r"\1", text.replace("\\|", "‖")))
        if ACCENT.search(text):
            text = ACCENTED.sub(_accented, text)
    for _ in range(DEPTH):
        before = text
        text = SCRIPT.sub(_script, text)
        if "\\" in text:
            text = LINK.sub(r"\2 (\1)", FRACTION.sub(_fraction, text))
            text = ARGUMENT.sub(_argument, GROUPED.sub(rf"\1{SEAM}", SWITCH.sub(r"\1", text)))
        if text == before:
            break
    if "\\" in text:
        text = COMMAND.sub(_command, SPACE.sub(" ", OPEN.sub("", text)))
        text = ESCAPED.sub(r"\1", text)
    return text.replace(f" {GONE}", "").replace(f"~{GONE}", "").replace(GONE, "")


def _accented(found: re.Match[str]) -> str:
    accent, letter = (group for group in found.groups() if group)
    return unicodedata.normalize("NFC", letter + ACCENTS[accent])


def _script(found: re.Match[str]) -> str:
    bare = SIMPLE.fullmatch(found[2]) or PROSE.search(found[2])  # braces around whole phrases have gone astray
    return found[1] + (found[2] if bare else f"({found[2]})")


def _fraction(found: re.Match[str]) -> str:
    return "/".join(part if re.fullmatch(r"[\w.\\^√]*", part) else f"({part})" for part in found.groups())


def _argument(found: re.Match[str]) -> str:
    name, argument = found.groups()
    if name in REFERENCES:
        return GONE
    if name in ACCENTS and len(argument) == 1:
        return unicodedata.normalize("NFC", argument + ACCENTS[name])
    if name == "footnote":
        return f" ({argument})"
    if name == "sqrt":
        return f"√{argument}" if argument.isalnum() else f"√({argument})"
    if not argument or name in SYMBOLS or name in WORDS:
        return f"\\{name}{SEAM}{argument}"
    return SEAM + argument


def _command(found: re.Match[str]) -> str:
    name: str = found[1] or found[2]
    if name in SILENT:
        return ""
    if name in SYMBOLS:
        return SYMBOLS[name]
    joined = found.start() > 0 and found.string[found.start() - 1].isalnum()
    return f" {name}" if joined else name
