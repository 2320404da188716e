"""Where kernels run: on this machine, or on a Dask cluster. Both give the same result."""

from geoservice.engine.engines import DaskEngine, Engine, LocalEngine, open_engine
from geoservice.engine.partition import by_parent

__all__ = ["DaskEngine", "Engine", "LocalEngine", "by_parent", "open_engine"]
