"""Resident units (驻地单位) of the alliance."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.claims.domain.uscc import normal_uscc
from services.contracts.claims.events import UnitRegistered
from services.contracts.claims.terms import Category, UnitKind


@dataclass(eq=False, kw_only=True)
class Unit:
    """An organisation that may claim items of the communities it serves.

    `functions` say what it is good at; `sort_key` is how its name sounds, for lists in pinyin order.
    """

    unit_id: UUID
    uscc: str
    unit_name: str
    sort_key: str = ""
    kind: UnitKind
    functions: list[Category] = field(default_factory=list)
    community_ids: list[UUID]
    registered_at: datetime
    version: int = 1

    @classmethod
    def register(
        cls,
        *,
        unit_id: UUID,
        uscc: str,
        unit_name: str,
        sort_key: str,
        kind: UnitKind,
        functions: list[Category],
        community_ids: list[UUID],
        now: datetime,
    ) -> tuple["Unit", UnitRegistered]:
        """A unit whose code stands up to both of its check digits."""
        unit = cls(
            unit_id=unit_id,
            uscc=normal_uscc(uscc),
            unit_name=unit_name.strip(),
            sort_key=sort_key,
            kind=kind,
            functions=list(dict.fromkeys(functions)),
            community_ids=list(dict.fromkeys(community_ids)),
            registered_at=now,
        )
        event = UnitRegistered(
            unit_id=unit.unit_id,
            uscc=unit.uscc,
            unit_name=unit.unit_name,
            kind=unit.kind,
            occurred_at=now,
        )
        return unit, event

    def serves(self, community_id: UUID) -> bool:
        return community_id in self.community_ids
