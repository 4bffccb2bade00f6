"""How much memory a process holds: resident, and its fair share of what it shares with others."""

import re
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
LINE = re.compile(r"^(Rss|Pss):\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True)
class Memory:
    """In MiB."""

    rss: float
    pss: float


def memory_of(*pids: int) -> Memory:
    """Of all these together; what has gone meanwhile counts nothing."""
    sums = {"Rss": 0, "Pss": 0}
    for pid in pids:
        try:
            told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        for name, kib in LINE.findall(told):
            sums[name] += int(kib)
    return Memory(rss=sums["Rss"] / KIB, pss=sums["Pss"] / KIB)
