"""What reference managers export: BibTeX and BibLaTeX, RIS, CSL-JSON, PubMed's .nbib, and plain lists of ids.

`fits_*` tell a format by the beginning of a file; `parse_*` read one, lazily. They raise SourceError where there is
nothing to read at all, and yield a Problem in place of each record they cannot read. A paper's key in somebody's
library is no id of the paper, so it is dropped; a year alone is no date.
"""

from digestor.sources.bibliography.bibtex import fits_bibtex, parse_bibtex
from digestor.sources.bibliography.csl import fits_csl, parse_csl, read_csl
from digestor.sources.bibliography.ids import Identifier, read_ids
from digestor.sources.bibliography.nbib import fits_nbib, parse_nbib
from digestor.sources.bibliography.ris import fits_ris, parse_ris

__all__ = [
    "Identifier",
    "fits_bibtex",
    "fits_csl",
    "fits_nbib",
    "fits_ris",
    "parse_bibtex",
    "parse_csl",
    "parse_nbib",
    "parse_ris",
    "read_csl",
    "read_ids",
]
