"""Clocks in memory: they follow from the states of the items."""

from collections import Counter
from typing import Any
from uuid import UUID

from services.contracts.base import Actor
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.clocks import ClockStage


class FakeClocks:
    _matching: Any

    def list_clocks(
        self,
        actor: Actor,
        *,
        cursor: str | None,
        limit: int,
        kind: str | None,
        stage: str | None,
        is_late: bool,
        community_id: UUID | None,
    ) -> dict[str, Any]:
        found = [
            clock
            for clock in self._clocks(actor)
            if kind in (None, clock["kind"])
            and stage in (None, clock["stage"])
            and (not is_late or clock["stage"] == "overdue")
        ]
        start = int(cursor or 0)
        following = str(start + limit) if start + limit < len(found) else None
        return {"items": found[start : start + limit], "next": following}

    def count_clocks(self, actor: Actor, **_: Any) -> dict[str, Any]:
        found = self._clocks(actor)
        stages, kinds = (Counter(clock[name] for clock in found) for name in ("stage", "kind"))
        return {
            "total": len(found),
            "late": stages["overdue"],
            "by_kind": {kind: kinds[kind] for kind in ClockKind},
            "by_stage": {stage: stages[stage] for stage in ClockStage},
        }

    def _clocks(self, actor: Actor) -> list[dict[str, Any]]:
        kinds = {
            "claimed": ClockKind.CONFIRM_CLAIM,
            "in_progress": ClockKind.FINISH_CLAIM,
            "submitted": ClockKind.VERIFY_CLAIM,
        }
        shown = [item for item in self._matching(actor) if item["status"] in kinds]
        return [
            {
                "clock_id": item["item_id"],
                "kind": kinds[item["status"]],
                "kind_label": kinds[item["status"]].label,
                "record_id": item["item_id"],
                "community_id": item["community_id"],
                "community_name": item["community_name"],
                "owner": "community",
                "code": item["code"],
                "title": item["title"],
                "started_on": item["due_on"],
                "due_on": item["due_on"],
                "days_left": item["days_left"],
                "stage": ClockStage.OVERDUE
                if item["days_left"] < 0
                else ClockStage.DUE_SOON
                if item["days_left"] <= 2
                else ClockStage.RUNNING,
            }
            for item in sorted(shown, key=lambda item: str(item["due_on"]))
        ]
