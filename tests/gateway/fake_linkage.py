"""The five parties in memory: nobody takes part yet, and the registers are empty."""

from typing import Any
from uuid import UUID

from services.contracts.base import Actor


class FakeLinkage:
    item: Any

    def get_linkage(self, actor: Actor, *, item_id: UUID) -> dict[str, Any]:
        item = self.item(item_id)
        is_open = actor.is_staff and actor.reaches(UUID(item["community_id"]))
        return {
            "item_id": str(item_id),
            "kinds": [],
            "parties": [],
            "unit_names": [],
            "shift_minutes": 0,
            "shift_volunteers": 0,
            "shifts": 0,
            "minutes": 0,
            "money_fen": 0,
            "possible_acts": ["link_party"] if is_open else [],
        }

    def list_social_organisations(self, _: Actor, **wanted: Any) -> dict[str, Any]:
        return {"items": [], "next": None}

    def list_volunteers(self, _: Actor, **wanted: Any) -> dict[str, Any]:
        return {"items": [], "next": None}

    def count_service_hours(self, _: Actor, **wanted: Any) -> dict[str, Any]:
        return {"minutes": 0, "volunteers": 0, "shifts": 0}

    def list_shifts(self, _: Actor, **wanted: Any) -> dict[str, Any]:
        return {"items": [], "next": None}

    def list_open_shifts(self, _: Actor, **wanted: Any) -> dict[str, Any]:
        return {"items": [], "next": None}
