"""The data: Paper -> Annotation -> Issue -> Message.

Facts (`Paper`), judgements (`Annotation`), one edition (`Issue`) and its rendered forms (`Message`).
All are frozen and do nothing; whatever acts on them lives in the module named after the action.
"""

from digestor.models.issues import (
    UNLISTED,
    UNSUBSCRIBE,
    Entry,
    Gathered,
    Issue,
    Ledger,
    Listed,
    Mail,
    Message,
    Pick,
    Plan,
    Section,
    Spent,
    Trend,
)
from digestor.models.papers import (
    Annotation,
    Artefact,
    Code,
    Line,
    Origin,
    Paper,
    Problem,
    Record,
    Standing,
    Status,
)

__all__ = [
    "UNLISTED",
    "UNSUBSCRIBE",
    "Annotation",
    "Artefact",
    "Code",
    "Entry",
    "Gathered",
    "Issue",
    "Ledger",
    "Line",
    "Listed",
    "Mail",
    "Message",
    "Origin",
    "Paper",
    "Pick",
    "Plan",
    "Problem",
    "Record",
    "Section",
    "Spent",
    "Standing",
    "Status",
    "Trend",
]
