"""The three lists of the task gate (三清单): what communities do by law, help with by law, and need not do."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.claims.domain.admission_rules import title_key
from services.contracts.base import VersionMismatch, invalid_field
from services.contracts.claims.admission_terms import GateList
from services.contracts.claims.errors import GateEntryEnded


@dataclass(eq=False, kw_only=True)
class GateEntry:
    """One line of a list, with its dates of effect; `also` are other names of the same."""

    entry_id: UUID
    gate_list: GateList
    title: str
    title_key: str
    also: list[str] = field(default_factory=list)
    basis: str
    from_on: date
    until_on: date | None = None
    end_reason: str = ""
    version: int = 1

    def is_in_force_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def names(self, title: str) -> bool:
        """Whether a task of that title is this one.

        A duty is only what the list says word for word; what is forbidden is so inside a longer title, too.
        """
        wanted = title_key(title)
        keys = [key for key in (self.title_key, *map(title_key, self.also)) if key]
        if self.gate_list is GateList.NEGATIVE:
            return any(key in wanted for key in keys)
        return wanted in keys

    def end(self, *, until_on: date, reason: str) -> None:
        """The last day on which it counts; an entry that has ended is not changed any more."""
        if self.until_on is not None and self.until_on <= until_on:
            raise GateEntryEnded(f"「{self.title}」已定于 {self.until_on} 失效，失效日期只能提前。")
        if until_on < self.from_on:
            raise invalid_field("until_on", f"失效日期不能早于生效日期 {self.from_on}。")
        self.until_on, self.end_reason = until_on, reason
        self.version += 1

    def facts(self) -> dict[str, str]:
        return {"失效日期": str(self.until_on or ""), "失效原因": self.end_reason}

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该清单条目已被他人修改，请刷新后再操作。")
