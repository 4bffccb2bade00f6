"""Counting and timing a load inside the process that makes it."""

import time
from collections.abc import Callable, Sequence
from typing import Any

Spawn = Callable[[Callable[[], None]], Callable[[], object]]


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The nearest rank; 0 when there is nothing."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def summary(latencies: list[float], elapsed: float) -> dict[str, Any]:
    """Latencies in seconds; the answer's percentiles in milliseconds."""
    latencies.sort()
    return {
        "count": len(latencies),
        "rate": len(latencies) / elapsed,
        "p50": percentile(latencies, 0.50) * 1000,
        "p99": percentile(latencies, 0.99) * 1000,
    }


def call_for(seconds: float, at_once: int, spawn: Spawn, call: Callable[[], object]) -> dict[str, Any]:
    """`at_once` callers, each calling again as soon as it has its answer.

    `spawn` starts a function beside us and returns what waits for its end.
    """
    latencies: list[float] = []
    until = time.monotonic() + seconds

    def caller() -> None:
        while (began := time.monotonic()) < until:
            call()
            latencies.append(time.monotonic() - began)

    began = time.monotonic()
    waits = [spawn(caller) for _ in range(at_once)]
    for wait in waits:
        wait()
    return summary(latencies, time.monotonic() - began)


def green(function: Callable[[], None]) -> Callable[[], object]:
    import eventlet

    wait: Callable[[], object] = eventlet.spawn(function).wait
    return wait


def threaded(function: Callable[[], None]) -> Callable[[], object]:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    wait: Callable[[], object] = pool.submit(function).result
    pool.shutdown(wait=False)
    return wait
