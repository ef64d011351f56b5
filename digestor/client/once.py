"""One request outside of any run, for a trial: no retries, no limits, nothing kept."""

import asyncio
from collections.abc import Callable

from digestor.client.terms import Model, Reply


def once(model: Callable[[], Model], user: str, most: int) -> Reply:
    """The reply to one request, of at most `most` tokens. Raises a Failure."""

    async def asked() -> Reply:
        made = model()
        try:
            return await made.ask(user, most)
        finally:
            await made.close()

    return asyncio.run(asked())
