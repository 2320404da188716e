"""Where tables are kept: SQLite in one folder by default, PostgreSQL by URL."""

from geoservice.store.database import DEFAULT_URL, Database
from geoservice.store.runs import Run, period_of
from geoservice.store.store import Store
from geoservice.store.times import from_us, to_us
from geoservice.store.transaction import ImportTransaction

__all__ = ["DEFAULT_URL", "Database", "ImportTransaction", "Run", "Store", "from_us", "period_of", "to_us"]
