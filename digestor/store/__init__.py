"""What digestor remembers, in one SQLite file."""

from digestor.store.collection import Collection
from digestor.store.journal import Journal
from digestor.store.memory import Store
from digestor.store.past import Made, Past
from digestor.store.replies import Replies
from digestor.store.sqlite import MIGRATIONS, content_hash

__all__ = ["MIGRATIONS", "Collection", "Journal", "Made", "Past", "Replies", "Store", "content_hash"]
