"""A chat-completions server on loopback that does as it is told: for tests, and for bench/client in its own process.

`with ChatServer(Weather(latency=0.1)) as server: ... server.url`; or `python -m tests.serving --weather JSON`.
"""

from tests.serving.batches import Batches
from tests.serving.server import ChatServer, Limit, Seen, Step, Weather, chat_reply

__all__ = ["Batches", "ChatServer", "Limit", "Seen", "Step", "Weather", "chat_reply"]
