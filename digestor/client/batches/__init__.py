"""Bulk: the same requests through the provider's Batch API, at half the price, within a day, over as many runs.

`link` speaks to the server about files and batches, `lines` makes and reads the files, `notes` is what is remembered
from run to run, and `bulk` decides. Nothing is sent before it is noted, nothing is forgotten before it is committed.
"""

from digestor.client.batches.bulk import Brought, Bulk, Waiting
from digestor.client.batches.handing import half
from digestor.client.batches.link import Link
from digestor.client.batches.notes import under_way

__all__ = ["Brought", "Bulk", "Link", "Waiting", "half", "under_way"]
