"""The batching client: many papers a request, none lost, none paid for twice, as fast as the server allows.

`packing` fills requests, `limits` (with `levels`, `paces`, `concurrency`) says when one may be sent, `chat` sends it
in the server's `dialect` (`access`, `wire`, `envelope` and `verdicts` are its hands), `replies` ties what comes back to
the papers, `ladder` decides what is asked again, `patience` when to give up, `budget` and `prices` count the money, and
`work` runs it all. `batches` does the same through a provider's Batch API. Asynchronous inside, plain
generators outside.
"""

from digestor.client.ladder import Outcome
from digestor.client.terms import Answer, Fatal, Form, Item
from digestor.client.work import Client

__all__ = ["Answer", "Client", "Fatal", "Form", "Item", "Outcome"]
