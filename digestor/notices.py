"""What a reader should know of a paper beside what it says: that it was withdrawn, that its text is after something."""

import re

from digestor.models import Standing

WITHDRAWN = re.compile(
    r"\b(?:this|the) (?:paper|article|manuscript|submission|preprint|work|version|report|note)"
    r" (?:(?:has|had) (?:now |since )?been|was|is(?: now| being)?) withdrawn\b"
    r"|\b(?:paper|article|manuscript|submission|preprint) withdrawn\b|\Awithdrawn\b"
    r"|\bwithdrawn by (?:the |its )?authors?\b"
    r"|\b(?:the authors? (?:has|have) withdrawn|(?:we|i) (?:have )?withdr(?:aw|awn|ew))"
    r" (?:this|the|our|their|my|his|her) (?:paper|article|manuscript|submission|preprint|work)\b",
    re.IGNORECASE,
)
TITLED = re.compile(r"\A\W{0,3}withdrawn\s?(?:article|paper)?\s?[:\])]", re.IGNORECASE)
RETRACTED = re.compile(r"\A\W{0,3}retract(?:ed|ion)(?: article)?\s?[:\])]", re.IGNORECASE)
OPENING = 600
"""Characters of an abstract in which a notice of withdrawal stands, if it does."""


def standing(title: str, abstract: str, comment: str = "") -> Standing:
    """Withdrawn or retracted, where title, comment or the abstract's first words say so of this very paper.

    >>> standing("Tides", "This paper has been withdrawn by the author."), standing("Cash", "Amounts withdrawn rise.")
    ('withdrawn', 'active')
    """
    if RETRACTED.match(title):
        return "retracted"
    said = TITLED.match(title) or WITHDRAWN.search(comment) or WITHDRAWN.search(abstract[:OPENING])
    return "withdrawn" if said else "active"


SOFTWARE = r"(?:ai|llm|language model|chatbot|summari[sz]er|assistant)"
THE = r"(?:the |any |all )?"
SAY = r"(?:add|write|say|include|output|print)"
ADDRESSED = (
    ("<|", r"<\|[a-z_]{2,20}\|>"),
    ("inst]", r"\[/?inst\]"),
    ("sys>>", r"<</?sys>>"),
    ("<", r"</?(?:system|instructions?|prompt|paper|user|assistant|tool_call)\b[^<>]{0,40}>"),
    ("system:|assistant:|user:|system :|assistant :|user :", r"(?:^|\n|\. )(?:system|assistant|user) ?: "),
    ('"', r"\"(?:summary|tags|code_available)\"\s?:"),
    ("![", r"!\[[^\]]{0,100}\]\("),
    (
        "ignore|disregard|forget|override",
        r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|all|your|system)\b.{0,20}"
        r"\b(?:instructions?|prompts?|rules?|directions?)\b",
    ),
    (
        "instructions:|instruction:|instructions :|instruction :|your instructions",
        r"\b(?:new|updated|revised) instructions? ?:|\byour instructions\b",
    ),
    (
        "note to|note for|instruction|message to|message for|attention to|attention for",
        rf"\b(?:note|instructions?|message|attention) (?:to|for) {THE}{SOFTWARE}",
    ),
    ("dear |hey |hello |attention: |attention ", rf"\b(?:dear|hey|hello|attention:?) {SOFTWARE}\b"),
    (
        "you are now|your api|your system|as an ai",
        r"\byou are now\b|\byour (?:api key|system message)\b|\bas an ai (?:language )?model\b",
    ),
    ("system prompt|developer mode", r"\bsystem prompt\b|\bdeveloper mode\b"),
    (
        "end of |for every other",
        r"\bend of (?:batch|input|prompt|document)\b|\bfor every other (?:paper|record|entry|item)\b",
    ),
    (
        "the summary|the output|the answer|the reply|your ",
        rf"\bin (?:the|your) (?:summary|output|answer|reply)\b.{{0,20}}\b{SAY}\b",
    ),
    (
        "the summary|the output|the answer|the reply|your ",
        rf"\b{SAY}\b.{{0,30}}\bin (?:the|your) (?:summary|output|answer|reply)\b",
    ),
    ("reply |respond |answer ", r"\b(?:reply|respond|answer) (?:only )?with\b.{0,20}[\"'`]"),
    (
        "is the best|is the most",
        r"\b(?:say|write|state|claim|output) (?:only |just |that )?(?:this|it) is the (?:best|most important)",
    ),
    ("positive", r"\bpositive review\b.{0,10}\b(?:only|please)\b|\b(?:give|write) a positive review\b"),
    (
        "ignore |disregard |forget |override",
        r"\b(?:ignore|disregard|forget) (?:the above|everything|your \w+|all (?:of )?the above)|\boverrides? your\b",
    ),
    (
        "you must",
        r"\byou must (?:now |only |always )?(?:respond|reply|say|state|answer|output|write|give|include|rate)\b",
    ),
    ("rate this|mark this|tag this", r"\b(?:rate|mark|tag) this (?:paper|record|entry|article)\b"),
    ("summari", r"\bsummari[sz]e (?:this|the|it)(?: paper| text| abstract| record)? (?:as|only as|by saying)\b"),
    (
        "repeat |print |reveal |output |leak ",
        r"\b(?:repeat|print|reveal|output|leak) (?:the|your|all) "
        r"(?:words above|prompt|instructions|api key|password|system)\b",
    ),
    ("instruction", r"#{1,4} ?instructions?\b"),
    ("[", r"\[/?(?:system|assistant|user)\]"),
    ("<!--", r"<!--.{0,60}\b(?:llm|ai|gpt|assistant|language model|summari)"),
    (" to ", r"\bset (?:code_available|the tags?|tags|relevance|the summary)\b.{0,20}\bto\b"),
    ("do not ", r"\bdo not (?:summari[sz]e|tag)\b.{0,20}\b(?:other|this|the) (?:papers?|records?|entries)\b"),
    ("the following", r"\boutput the following\b|\breply with the following\b"),
    ("begin", r"\bbegin(?:ning of)?(?: the| new)* (?:prompt|instructions|system)\b"),
    ("from now on", r"\bfrom now on,? (?:you|act|respond|answer|reply|always)\b"),
    ("batch", r"\b(?:all|every|each) (?:other )?(?:papers?|records?|entry|entries) (?:in|of) (?:this|the) batch\b"),
    ("your ", r"\byour (?:summary|output|answer|reply|response|line) (?:must|should|has to)\b"),
    ("the tag", r"\b(?:use|assign|add|output) the tags? [\"'“‘`]"),
    ("when summari", r"\bwhen (?:you )?summari[sz]\w+,? (?:always |please )?(?:include|add|say|write|mention)\b"),
    ("respond in|reply in|answer in", r"\bplease (?:respond|reply|answer) in\b"),
    ("call", r"\bcall the (?:function|tool)\b"),
    ("()", r"\b\w{3,30}_\w{3,30}\(\)"),
    ("decode", r"\bdecode and (?:follow|execute|run|obey)\b"),
)
"""What is said to software that reads and not to people, each with words that cannot be missing where it is said.

None of it is in 3,683 abstracts of real papers.
"""
PATTERNS = tuple((words.split("|"), re.compile(said)) for words, said in ADDRESSED)


def flags(title: str, abstract: str) -> tuple[str, ...]:
    """`prompt_injection?` for a text that speaks to whoever summarises it; a hint, never a reason to drop a paper."""
    text = f"{title}\n{abstract}".lower()
    said = any(pattern.search(text) for words, pattern in PATTERNS if any(word in text for word in words))
    return ("prompt_injection?",) if said else ()
