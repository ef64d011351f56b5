"""What a model is told of the reader, in plain words."""

from collections.abc import Iterable

from digestor.interests.wishes import Interests


def in_words(interests: Interests) -> str:
    """A line for each kind of wish; empty without any. Files of the library and excluded words are not told.

    >>> in_words(Interests.model_validate({"topics": ["tides", {"words": "sea ice", "weight": 2}]}))
    'Looks for, most wanted first: sea ice; tides.'
    """
    topics = sorted(interests.topics, key=lambda topic: -topic.weight)
    lines = {
        "Works on": [" ".join(interests.about.split()).removesuffix(".")] if interests.about.strip() else [],
        "Looks for, most wanted first": [topic.words for topic in topics],
        "Follows the authors": interests.authors,
        "Reads the categories": interests.categories,
        "Reads the tags": interests.tags,
        "Reads the venues": interests.venues,
    }
    return "\n".join(f"{what}: {_listed(words)}." for what, words in lines.items() if words)


def _listed(words: Iterable[str]) -> str:
    return "; ".join(" ".join(one.split()) for one in dict.fromkeys(words))
