"""What digestor remembers, in one SQLite file."""

from digestor.store.journal import Journal
from digestor.store.memory import Store
from digestor.store.sqlite import MIGRATIONS, content_hash

__all__ = ["MIGRATIONS", "Journal", "Store", "content_hash"]
