"""How work grows with its input, for tests: a ratio of two measurements of one run, never a number of seconds.

A machine may be slow or busy, so single measurements lie. Each size counts with the best of several, and a test
fails only when no attempt met the bound: quadratic or exponential work misses it every time, linear work meets it
sooner or later.
"""

from __future__ import annotations

import time
from collections.abc import Callable

ATTEMPTS = 8
REPEATS = 3


def cpu_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """CPU time of the fastest of `repeats` calls, in seconds."""
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def assert_growth(small: Callable[[], object], large: Callable[[], object], most: float) -> None:
    """`large` takes at most `most` times the CPU time of `small`.

    Raises
    ------
    AssertionError
        No attempt stayed within the bound.
    """
    small()  # whatever is built once is built now
    ratios = []
    for _ in range(ATTEMPTS):
        base = max(cpu_seconds(small), 1e-5)
        ratios.append(cpu_seconds(large) / base)
        if ratios[-1] <= most:
            return
    raise AssertionError(f"grows too fast: {min(ratios):.1f} times the time at best, {most:g} allowed")


def assert_linear(read: Callable[[str], object], text: str) -> None:
    """Reading eight times the text takes nowhere near the 64 times of quadratic work."""
    part = text[: max(1, len(text) // 8)]
    assert_growth(lambda: read(part), lambda: read(text), most=24)
