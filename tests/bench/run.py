"""One run of the benchmark, from an empty folder to the table."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console

from tests.bench.figures import Figures
from tests.bench.ground import Ground
from tests.bench.profiling import Profile, py_spy
from tests.bench.sections import (
    FULL,
    QUICK,
    Bench,
    measure_calls,
    measure_claims,
    measure_events,
    measure_lists,
    measure_memory,
    start_city,
)

SECTIONS = ("memory", "a", "lists", "rpc", "b")


class Ended(KeyboardInterrupt):
    """A polite kill; whatever was started is ended all the same."""


def run(
    console: Console, *, only: str | None, is_quick: bool, with_profiles: bool
) -> tuple[Figures, dict[str, Profile]]:
    """Raises `BenchFailed` or `LocalServerError` with one sentence."""
    wanted = {only} if only else set(SECTIONS)
    if with_profiles:
        py_spy()
    figures, profiles = Figures(), dict[str, Profile]()
    with _ending_politely(), Ground.prepared() as ground:
        bench = Bench(ground, QUICK if is_quick else FULL, figures, console, with_profiles, profiles)
        if wanted & {"a", "lists", "memory"}:
            city = start_city(bench)
            if "memory" in wanted:
                measure_memory(bench, city)
            if "a" in wanted:
                measure_claims(bench, city)
            if "lists" in wanted:
                measure_lists(bench, city)
            ground.stop(*city.processes.values())
        if "rpc" in wanted:
            measure_calls(bench)
        if "b" in wanted:
            measure_events(bench)
    return figures, profiles


@contextmanager
def _ending_politely() -> Iterator[None]:
    def end(_signal: int, _frame: FrameType | None) -> None:
        raise Ended

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
