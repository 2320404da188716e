"""One function over many chunks on every core, in order, with few chunks in memory at a time.

The processes are forked: they share the function and all it holds (places, cells, the classifier) with the parent
without a copy. Forking is safe here because only the main thread forks and the children touch neither
database nor locks; anywhere else the work is done in this process. Decision 0113.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from time import sleep
from typing import Any, TypeVar

from geoservice.errors import GeoserviceError, InputError

Item = TypeVar("Item")
Result = TypeVar("Result")
Mapper = Callable[[Iterable[Item]], Iterator[Result]]
_MOST_WORKERS = 4
_PR_SET_PDEATHSIG = 1
_LOOK_S = 1.0

# What the children of a crew run; set in the parent just before it forks.
_work: Callable[..., object] | None = None


def usable_workers() -> int:
    """Processes worth having: the cores this process may use; 1 where forking would not be safe."""
    forkable = "fork" in multiprocessing.get_all_start_methods()
    if not forkable or threading.current_thread() is not threading.main_thread() or multiprocessing.parent_process():
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST_WORKERS)


@contextmanager
def crew(work: Callable[[Item], Result], workers: int) -> Iterator[Mapper[Item, Result]]:
    """A mapper that runs ``work`` in ``workers`` processes (1: in this one); results come in the order of the items.

    Enter it before taking locks: the children keep what is open when they are forked.
    """
    if workers < 2:
        yield lambda items: map(work, items)
        return
    context = multiprocessing.get_context("fork")
    # What is there now is shared with the children for good: the collector need not touch (and copy) it.
    gc.freeze()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(work, os.getpid())) as pool:
        pool.submit(_nothing).result()
        try:
            yield lambda items: _in_order(pool, items, workers + 1)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            gc.unfreeze()


def _in_order(pool: ProcessPoolExecutor, items: Iterable[Item], most: int) -> Iterator[Result]:
    waiting: deque[Future[bytes]] = deque()
    for item in items:
        waiting.append(pool.submit(_run, item))
        if len(waiting) >= most:
            yield _unpacked(waiting.popleft())
    while waiting:
        yield _unpacked(waiting.popleft())


def _unpacked(future: Future[bytes]) -> Any:
    """The result of a child. Half a million small values hold no cycle worth looking for while they are made."""
    searching = gc.isenabled()
    gc.disable()
    try:
        return pickle.loads(future.result())  # noqa: S301 - bytes of our own child
    finally:
        if searching:
            gc.enable()


def _begin(work: Callable[..., object], parent: int) -> None:
    """Runs first in every child. Its search for cycles is made between items: within one it costs a tenth."""
    global _work
    _work = work
    _end_with(parent)
    gc.disable()


def _end_with(parent: int) -> None:
    """See to it that this process does not outlive its parent, however that ends.

    Children hold the writing end of their own queue too, so that they never see it close: a parent that is killed
    would leave them, with all they share, for ever.
    """
    if sys.platform == "linux":
        # prctl(2): the kernel sends this signal when the thread that forked us ends; that is the main thread.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_LOOK_S)
    os._exit(1)


def _nothing() -> None:
    """Makes the pool start its processes."""


def _run(item: object) -> bytes:
    """The result as bytes: a tenth of the memory until it is its turn."""
    if _work is None:
        raise RuntimeError("the crew was not told its work")
    try:
        return pickle.dumps(_work(item), protocol=pickle.HIGHEST_PROTOCOL)
    except GeoserviceError as error:
        # Errors with more than a message do not travel between processes.
        raise InputError(error.message, code=error.code, field=error.field) from None
    finally:
        gc.collect()
