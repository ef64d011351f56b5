"""The tags: a closed vocabulary, and which of them a paper gets."""

from digestor.taxonomy.matching import Taxonomy, load
from digestor.taxonomy.vocabulary import OTHER

__all__ = ["OTHER", "Taxonomy", "load"]
