"""Where tables are kept: SQLite in one folder by default, PostgreSQL by URL."""

from geoservice.store.database import DEFAULT_URL, Database
from geoservice.store.store import ImportTransaction, Run, Store, from_us, to_us

__all__ = ["DEFAULT_URL", "Database", "ImportTransaction", "Run", "Store", "from_us", "to_us"]
