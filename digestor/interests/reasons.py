"""What a paper can earn points for, and how many.

A topic of weight 1 that is rare and much spoken of comes to nearly one point; the table says what the others come to
beside it. A score is the sum of all points.
"""

from typing import NamedTuple

AUTHOR = 1.0
"""For each author followed."""
TAG, VENUE, CATEGORY = 0.5, 0.5, 0.3
"""At the most; less, the more papers of the run have it. Counted once however many fit."""
LIBRARY = 3.0
"""Times the likeness to the library, which comes to a tenth or two within a field."""
ABOUT = 2.0
"""Times the likeness to what the reader says of their work."""
LIKED, DISLIKED = 1.5, -1.5
"""Times the likeness to what the reader wanted more or less of."""
LITTLE = 0.02
"""What votes and code come to at the most; always less than what any topic earns that is found in the run."""
VOTES = 1_000
"""More votes count no more."""


class Reason(NamedTuple):
    """What a paper earns points for."""

    points: float
    words: str
    """For a reader; they can be checked against the paper. Empty for what is too little to be named."""
    counts: bool = True
    """Is it what the reader asked for? A whole category is no one's usual, and votes are other people's."""
