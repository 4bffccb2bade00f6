"""What was measured: values of each run, their medians, ratios within the same run, and the targets."""

import os
import platform
import statistics
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

RATE, MILLISECONDS, SECONDS, SHARE, MIB = "次/秒", "毫秒", "秒", "%", "MiB"


@dataclass
class Figure:
    """One value per run."""

    label: str
    unit: str
    values: list[float] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def cpu_text(self) -> str:
        """CPU milliseconds per request of each process that took part."""
        medians = {name: statistics.median(spent) for name, spent in self.cpu.items()}
        parts = " ".join(f"{name} {each:.2f}" for name, each in medians.items())
        return f"{sum(medians.values()):.2f} = {parts}" if medians else ""


@dataclass(frozen=True)
class Target:
    """`ratio_to`: the figure must be so many times the slowest of these; otherwise the bound is absolute."""

    bound: float
    ratio_to: tuple[str, ...] = ()
    is_upper: bool = False

    @property
    def text(self) -> str:
        sign = "≤" if self.is_upper else "≥"
        return f"{sign} {self.bound:g}" + (" 倍" if self.ratio_to else "")


class Figures:
    def __init__(self) -> None:
        self.by_key: dict[str, Figure] = {}
        self.targets: dict[str, Target] = {}
        self.notes: list[str] = []

    def add(
        self, key: str, label: str, unit: str, value: float, *, cpu: dict[str, float] | None = None
    ) -> None:
        figure = self.by_key.setdefault(key, Figure(label, unit))
        figure.values.append(value)
        for name, spent in (cpu or {}).items():
            figure.cpu.setdefault(name, []).append(spent)

    def aim(self, key: str, bound: float, *ratio_to: str, is_upper: bool = False) -> None:
        self.targets[key] = Target(bound, ratio_to, is_upper)

    def compared(self, key: str) -> float | None:
        """What the target speaks of: the median, or the median of the ratios run by run."""
        target, figure = self.targets[key], self.by_key.get(key)
        floors = [self.by_key[name].values for name in target.ratio_to if name in self.by_key]
        if figure is None or len(floors) < len(target.ratio_to):
            return None
        if not floors:
            return figure.median
        slowest = [min(values) for values in zip(*floors, strict=False)]
        return float(
            statistics.median(value / floor for value, floor in zip(figure.values, slowest, strict=False))
        )

    def is_met(self, key: str) -> bool | None:
        target, compared = self.targets[key], self.compared(key)
        if compared is None:
            return None
        return compared <= target.bound if target.is_upper else compared >= target.bound

    def show(self, console: Console) -> None:
        table = Table(box=box.SIMPLE_HEAD)
        for name in ("测量", "中位数", "最小–最大", "对比", "首要目标", "CPU 毫秒/次"):
            is_text = name in ("测量", "CPU 毫秒/次")
            table.add_column(name, justify="left" if is_text else "right", overflow="fold")
        section = ""
        for key, figure in self._of(is_memory=False):
            if section and key.partition(".")[0] != section:
                table.add_section()
            section = key.partition(".")[0]
            table.add_row(
                figure.label,
                f"{_number(figure.median)} {figure.unit}",
                f"{_number(min(figure.values))}–{_number(max(figure.values))}",
                *self._against_target(key),
                figure.cpu_text,
            )
        if table.row_count:
            console.print(table)
        memory = Table("空闲时的内存", "MiB", box=box.SIMPLE_HEAD)
        memory.columns[1].justify = "right"
        for _, figure in self._of(is_memory=True):
            memory.add_row(figure.label, _number(figure.median))
        if memory.row_count:
            console.print(memory)
        for note in self.notes:
            console.print(f"· {note}")

    def _of(self, *, is_memory: bool) -> list[tuple[str, Figure]]:
        return [item for item in self.by_key.items() if item[0].startswith("memory.") == is_memory]

    def _against_target(self, key: str) -> tuple[str, str]:
        if key not in self.targets:
            return "", ""
        target, compared, met = self.targets[key], self.compared(key), self.is_met(key)
        against = f"{compared:.2f} × {self._floor_names(target)}" if compared and target.ratio_to else ""
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "—"}[met]
        return against, f"{target.text} {mark}"

    @staticmethod
    def _floor_names(target: Target) -> str:
        return "/".join(name.partition(".")[2] for name in target.ratio_to)

    def as_json(self) -> dict[str, Any]:
        return {
            "machine": {
                "cpus": os.cpu_count(),
                "load": os.getloadavg(),
                "python": platform.python_version(),
                "system": platform.platform(),
            },
            "figures": {
                key: {
                    "label": figure.label,
                    "unit": figure.unit,
                    "median": figure.median,
                    "values": figure.values,
                    "cpu_ms_each": {name: statistics.median(spent) for name, spent in figure.cpu.items()},
                }
                for key, figure in self.by_key.items()
            },
            "targets": {
                key: {
                    "bound": target.bound,
                    "is_upper": target.is_upper,
                    "ratio_to": target.ratio_to,
                    "value": self.compared(key),
                    "is_met": self.is_met(key),
                }
                for key, target in self.targets.items()
            },
            "notes": self.notes,
        }


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
