"""One paper, once: which records are the same paper, and what is known of it then.

The parts: `titles` (what a title says), `marks` (what a record is known by), `same` (the rule for two records),
`candidates` (which two are worth comparing), `clusters` (who belongs together), `merge` (the best of each), `versions`
(is a later version news?).
"""

from digestor.dedupe.clusters import cluster
from digestor.dedupe.marks import keys
from digestor.dedupe.merge import merge
from digestor.dedupe.same import same
from digestor.dedupe.titles import title_key
from digestor.dedupe.versions import rewritten

__all__ = ["cluster", "keys", "merge", "rewritten", "same", "title_key"]
