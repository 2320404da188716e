"""One small protocol: apply a function to pieces, give the results back in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from geoservice.errors import ConfigError
from geoservice.records import Progress, silent

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs the same kernel over pieces of the data."""

    def map(
        self, kernel: Callable[[Piece], Result], pieces: Sequence[Piece], progress: Progress = silent
    ) -> list[Result]:
        """``[kernel(piece) for piece in pieces]``, in that order."""
        ...

    def close(self) -> None:
        """Release workers."""
        ...


class LocalEngine:
    """This process; the kernels themselves use the cores."""

    def map(
        self, kernel: Callable[[Piece], Result], pieces: Sequence[Piece], progress: Progress = silent
    ) -> list[Result]:
        """Piece after piece."""
        results = []
        for number, piece in enumerate(pieces, 1):
            results.append(kernel(piece))
            progress(number / len(pieces), "")
        return results

    def close(self) -> None:
        """Nothing to release."""


class DaskEngine:
    """A Dask cluster: the one at ``scheduler``, or two worker processes of our own.

    Needs the extra ``dask``. Kernels and pieces must be picklable.
    """

    def __init__(self, scheduler: str | None = None, workers: int = 2) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise ConfigError("engine 'dask' needs the extra: pip install 'signal-geoservice[dask]'") from error
        self._client: Any = (
            Client(scheduler) if scheduler else Client(n_workers=workers, threads_per_worker=1, dashboard_address=None)
        )

    def map(
        self, kernel: Callable[[Piece], Result], pieces: Sequence[Piece], progress: Progress = silent
    ) -> list[Result]:
        """Pieces side by side on the workers."""
        futures = self._client.map(kernel, list(pieces), pure=False)
        results = []
        for number, future in enumerate(futures, 1):
            results.append(future.result())
            progress(number / len(futures), "")
        return results

    def close(self) -> None:
        """End our connection, and the workers if they are ours."""
        self._client.close()


def open_engine(name: str = "local", scheduler: str | None = None) -> Engine:
    """The engine called ``local`` or ``dask``."""
    if name == "local":
        return LocalEngine()
    if name == "dask":
        return DaskEngine(scheduler)
    raise ConfigError(f"unknown engine {name!r}; use local or dask")
