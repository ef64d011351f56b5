"""What a reader wants: which papers, in which order, and why."""

from digestor.interests.choosing import Chosen, choose
from digestor.interests.ranking import Ranked, Reader, rank
from digestor.interests.telling import in_words
from digestor.interests.wishes import Interests, Topic

__all__ = ["Chosen", "Interests", "Ranked", "Reader", "Topic", "choose", "in_words", "rank"]
