"""Residents' needs as the pages ask for them, in memory: none have come yet."""

from typing import Any

from services.contracts.base import Actor
from services.contracts.claims.need_terms import NeedStatus


class FakeNeeds:
    def list_needs(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"items": [], "next": None, "total": 0}

    def count_needs(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"total": 0, "overdue": 0, "by_status": {status.value: 0 for status in NeedStatus}}
