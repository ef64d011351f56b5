"""Which language is a text in? By script, then by function words; enough to tell a translation from an original."""

import re

FUNCTION_WORDS = {
    "en": "the of and to is are for with that by from we this which be as an on it our can has have these not or",
    "de": "der die das und ist ein eine einen einer eines mit von wir zu für auf den dem des nicht durch wird werden "
    "als sich auch bei aus zur zum im sind dass diese dieser dieses",
    "fr": "le la les des et est une un du dans pour que qui avec nous sur par au aux ce cette ces sont pas plus en "
    "ne se sans entre",
    "es": "el la los las de y es una un que en para con por se del como este esta nuestro más sin sobre entre son "
    "su lo",
    "it": "il lo la gli le di e è una un che per con del della dei delle da si questo questa nostro più sono nel nella",
    "pt": "o os de e é uma um que em para com por se da dos das na ao este esta nosso mais são sem sobre entre",
    "nl": "de het een en van voor met dat die op te wij zijn niet door wordt worden naar ook bij uit aan deze dit als",
    "sv": "och att det som en ett är för med av på den inte vi till från kan har om denna detta genom",
    "pl": "i na do że jest się nie to oraz dla przez po jak od który która które są tym",
    "tr": "ve bir bu için ile olarak daha çok olan gibi de da en biz değil üzerinde",
}
SETS = {code: frozenset(text.split()) for code, text in FUNCTION_WORDS.items()}
SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),  # kana; looked at before Han, which Japanese uses too
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"),
    "ru": re.compile(r"[\u0400-\u052f]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "el": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
}
LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[^\W\d_]{2,}")
SHARE = {"el": 0.5, "ja": 0.1}
"""From which share of the letters a script decides (else 0.25): formulas are full of Greek, Japanese mixes scripts."""
ENOUGH = 2
"""Different function words needed before a language is named, and it must beat English by one."""


def guess(text: str) -> str:
    """The code of the language ("en", "de", "zh", ...); empty where the text is too short or mixed to tell.

    A script stands for its commonest language: Cyrillic is "ru", Arabic "ar".
    """
    if not text.isascii():
        letters = len(LETTER.findall(text)) or 1
        for code, script in SCRIPTS.items():
            if len(script.findall(text)) >= SHARE.get(code, 0.25) * letters:
                return code
    found = frozenset(word.casefold() for word in WORD.findall(text))
    counts = {code: len(found & function) for code, function in SETS.items()}
    best = max(counts, key=counts.__getitem__)
    if best == "en" or counts[best] <= counts["en"]:
        return "en" if counts["en"] else ""
    return best if counts[best] >= ENOUGH else ""
