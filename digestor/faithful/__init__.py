"""Is this line supported by the abstract? What every one-line summary passes before a reader sees it.

`check` names the faults, from `numbers`, `names`, `claims` (and hype), `contradictions` (negation, direction),
`language` and `phrasing` (form); `repair` mends what needs no reading of the paper.
"""

from digestor.faithful.check import Fault, check, repair

__all__ = ["Fault", "check", "repair"]
