"""Claims in memory: the acts on items move them along the loop, and refuse as the real ones do."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from services.contracts.base import Actor, Role, VersionMismatch
from services.contracts.claims.errors import (
    ClaimNotInState,
    ItemAlreadyClaimed,
    ItemNotFound,
    ItemNotOpen,
)
from tests.gateway import fake_sample as sample
from tests.gateway.fake_claim_lists import FakeClaimLists
from tests.gateway.fake_clocks import FakeClocks
from tests.gateway.fake_funds import FakeFunds
from tests.gateway.fake_gate import FakeGate
from tests.gateway.fake_linkage import FakeLinkage
from tests.gateway.fake_needs import FakeNeeds
from tests.gateway.fake_purchases import FakePurchases
from tests.gateway.fake_schemes import FakeSchemes
from tests.gateway.fake_units import FakeUnits

ITEM_ACTS = {
    "draft": ["publish_item"],
    "published": ["claim_item"],
    "verified": ["assess_item"],
    "scored": ["commend_item"],
}
CLAIM_ACTS = {
    "claimed": ["confirm_claim", "release_claim"],
    "confirmed": ["report_milestone", "submit_claim", "release_claim"],
    "in_progress": ["report_milestone", "submit_claim", "release_claim"],
    "submitted": ["send_back_claim", "verify_claim"],
}
UNIT_ACTS = {"claim_item", "report_milestone", "submit_claim", "release_claim"}


class FakeClaims(
    FakeFunds,
    FakeClaimLists,
    FakeClocks,
    FakeGate,
    FakeLinkage,
    FakeNeeds,
    FakePurchases,
    FakeSchemes,
    FakeUnits,
):
    def __init__(self) -> None:
        self.communities = sample.communities()
        self.units = sample.units(self.communities)
        self.items = {item["item_id"]: item for item in sample.items(self.communities, self.units)}
        self.imported: set[str] = set()
        self.claim_lists = [
            {
                "claim_list_id": sample.id_of("claim_list", 1),
                "title": "2026 年第四季度认领清单",
                "file_name": "认领清单.xlsx",
                "imported_at": sample.iso(-25),
                "imported_by": "李敏",
                "version": 1,
            }
        ]

    # ---- reading ----------------------------------------------------------------------------

    def list_items(
        self,
        actor: Actor,
        *,
        cursor: str | None,
        limit: int,
        status: str | None,
        is_overdue: bool,
        **narrowed: Any,
    ) -> dict[str, Any]:
        found = [
            item
            for item in self._matching(actor, **narrowed)
            if status in (None, item["status"]) and (not is_overdue or (item["days_left"] or 0) < 0)
        ]
        start = int(cursor or 0)
        following = str(start + limit) if start + limit < len(found) else None
        page = [self._seen(item, actor) for item in found[start : start + limit]]
        return {"items": page, "next": following, "total": len(found)}

    def count_items(self, actor: Actor, **narrowed: Any) -> dict[str, Any]:
        found = self._matching(actor, **narrowed)
        return {
            "total": len(found),
            "overdue": sum((item["days_left"] or 0) < 0 for item in found),
            "by_status": dict(Counter(item["status"] for item in found)),
        }

    def get_item(self, actor: Actor, *, item_id: UUID) -> dict[str, Any]:
        return self._seen(self.item(item_id), actor)

    def suggest_units(self, _: Actor, *, item_id: UUID, limit: int) -> dict[str, Any]:
        community_id = self.item(item_id)["community_id"]
        serving = [unit for unit in self.units if community_id in unit["community_ids"]]
        reason = {"name": "职能", "points": "40.0", "most": 40, "because": "职能相符"}
        shown = [
            {
                "unit_id": unit["unit_id"],
                "unit_name": unit["unit_name"],
                "points": "40.0",
                "reasons": [reason],
            }
            for unit in serving[:limit]
        ]
        return {"items": shown, "weights_since_on": "2026-01-01"}

    def list_claim_lists(self, _: Actor, *, cursor: str | None, limit: int) -> dict[str, Any]:
        shown = []
        for one in self.claim_lists:
            of = [item for item in self.items.values() if item["claim_list_id"] == one["claim_list_id"]]
            drafts = sum(item["status"] == "draft" for item in of)
            shown.append({**one, "item_count": len(of), "draft_count": drafts})
        return {"items": shown[:limit], "next": None}

    def get_dashboard(self, actor: Actor, *, community_id: UUID | None, period: str | None) -> dict[str, Any]:
        counts = self.count_items(actor, community_id=community_id)
        states = counts["by_status"]
        of = [one for one in self.communities if community_id in (None, UUID(one["community_id"]))]
        lines = [self._figures(one) for one in of]
        return {
            **{name: sum(line[name] for line in lines) for name in ("published", "claimed", "done")},
            "in_time": 32,
            "late": 3,
            "polled": 21,
            "answered": 840,
            "claim_rate": "83.8",
            "completion_rate": "41.2",
            "on_time_rate": "91.4",
            "satisfaction": "94.6",
            "waiting_for_staff": states.get("claimed", 0) + states.get("submitted", 0),
            "overdue": counts["overdue"],
            "by_status": states,
            "communities": lines,
        }

    # ---- acts on items ----------------------------------------------------------------------

    def create_item(self, actor: Actor, *, community_id: UUID, due_on: Any, **fields: Any) -> dict[str, Any]:
        model = next(iter(self.items.values()))
        community = next(one for one in self.communities if one["community_id"] == str(community_id))
        item = {
            **model,
            **fields,
            "item_id": str(uuid4()),
            "code": f"RL-2026-{len(self.items) + 1:04d}",
            "community_id": str(community_id),
            "community_name": community["community_name"],
            "due_on": due_on.isoformat(),
            "days_left": (due_on - sample.sheet_date(0)).days,
            "status": "draft",
            "remaining": fields["quantity"],
            "percent": 0,
            "version": 1,
            "claim_list_id": None,
            "need_id": None,
            **sample.OTHER_WAYS,
            "published_at": None,
            "party_study_on": None,
            "claim_until_on": None,
            "verified_at": None,
            "claims": [],
            "poll": None,
            "score": None,
            "poll_score": None,
            "score_total": None,
            "commendation": None,
            "objections": [],
            "rectification": None,
            "history": [sample.line("create_item", "登记事项", 0, actor.name)],
        }
        self.items = {item["item_id"]: item, **self.items}
        return self._seen(item, actor)

    def publish_item(
        self,
        actor: Actor,
        *,
        item_id: UUID,
        expected_version: int | None,
        party_study_on: Any,
        claim_until_on: Any,
    ) -> dict[str, Any]:
        item = self._changing(item_id, expected_version, "发布事项", actor)
        item.update(
            status="published",
            published_at=sample.iso(0),
            party_study_on=party_study_on.isoformat(),
            claim_until_on=claim_until_on.isoformat(),
        )
        return self._seen(item, actor)

    def claim_item(
        self,
        actor: Actor,
        *,
        item_id: UUID,
        kind: str,
        quantity: int | None,
        unit_id: UUID,
        note: str,
        **_: Any,
    ) -> dict[str, Any]:
        item, unit = self.item(item_id), self.unit(unit_id)
        if item["status"] != "published":
            raise ItemNotOpen("该事项不在认领期内。")
        took = quantity if kind == "partial" and quantity else item["quantity"]
        if took > item["remaining"]:
            raise ItemAlreadyClaimed(f"只剩 {item['remaining']} {item['measure']}，不够认领。")
        made = sample.claim(unit, quantity=took, status="claimed", percent=0, code=str(uuid4()), kind=kind)
        item["claims"] = [*item["claims"], {**made, "note": note, "claimed_at": sample.iso(0)}]
        item["remaining"] -= took
        if not item["remaining"]:
            item["status"] = "claimed"
        self._note(item, f"{unit['unit_name']}认领 {took} {item['measure']}", actor)
        return self._seen(item, actor)

    def assess_item(
        self, actor: Actor, *, item_id: UUID, expected_version: int | None, score: Any, comment: str
    ) -> dict[str, Any]:
        item = self._changing(item_id, expected_version, f"考核得分 {score}", actor)
        empty = {"poll": None, "timeliness": None, "total": None, "grade": None, "explanation": []}
        item["score"] = {"assessment": str(score), **empty}
        return self._seen(item, actor)

    def commend_item(
        self, actor: Actor, *, item_id: UUID, expected_version: int | None, reason: str
    ) -> dict[str, Any]:
        item = self._changing(item_id, expected_version, "通报表扬", actor)
        item["status"] = "commended"
        item["commendation"] = {
            "revoked_at": None,
            "revoked_reason": "",
            "commendation_id": str(uuid4()),
            "reason": reason,
            "commended_at": sample.iso(0),
            "objection_until_on": sample.day(5),
        }
        return self._seen(item, actor)

    # ---- acts on claims ---------------------------------------------------------------------

    def confirm_claim(self, actor: Actor, *, agreement: str, **which: Any) -> dict[str, Any]:
        return self._step(actor, ("claimed",), "confirmed", "确认认领", agreement=agreement, **which)

    def report_milestone(
        self, actor: Actor, *, milestone_title: str, percent: int, note: str, **which: Any
    ) -> dict[str, Any]:
        seen = self._step(
            actor, ("confirmed", "in_progress"), "in_progress", milestone_title, percent=percent, **which
        )
        made = {**sample.milestone(milestone_title, percent, 0), "note": note}
        self._claim(**which)["milestones"].append(made)
        return seen

    def submit_claim(self, actor: Actor, *, summary: str, **which: Any) -> dict[str, Any]:
        changes = {"summary": summary, "submitted_at": sample.iso(0), "percent": 100}
        return self._step(actor, ("confirmed", "in_progress"), "submitted", "提交办结", **changes, **which)

    def send_back_claim(self, actor: Actor, *, reason: str, **which: Any) -> dict[str, Any]:
        return self._step(actor, ("submitted",), "in_progress", f"退回：{reason}", **which)

    def verify_claim(self, actor: Actor, *, note: str, **which: Any) -> dict[str, Any]:
        return self._step(actor, ("submitted",), "verified", "核验通过", verified_at=sample.iso(0), **which)

    def release_claim(self, actor: Actor, *, reason: str, **which: Any) -> dict[str, Any]:
        self.item(which["item_id"])["remaining"] = self._claim(**which)["quantity"]
        return self._step(
            actor, ("claimed", "confirmed", "in_progress"), "released", f"退领：{reason}", **which
        )

    # ---- claim lists ------------------------------------------------------------------------

    # ---- inside -----------------------------------------------------------------------------

    def item(self, item_id: UUID) -> dict[str, Any]:
        if str(item_id) not in self.items:
            raise ItemNotFound("没有找到这个事项。")
        return self.items[str(item_id)]

    def _claim(self, *, item_id: UUID, claim_id: UUID) -> dict[str, Any]:
        claims = self.item(item_id)["claims"]
        return next(claim for claim in claims if claim["claim_id"] == str(claim_id))

    def _step(
        self,
        actor: Actor,
        before: tuple[str, ...],
        after: str,
        said: str,
        *,
        item_id: UUID,
        claim_id: UUID,
        **changes: Any,
    ) -> dict[str, Any]:
        item, claim = self.item(item_id), self._claim(item_id=item_id, claim_id=claim_id)
        if claim["status"] not in before:
            raise ClaimNotInState("这项认领的状态已经改变，不能这样做。")
        claim.update(status=after, **changes)
        item["status"] = {"confirmed": "in_progress", "released": "published"}.get(after, after)
        item["percent"] = claim["percent"]
        self._note(item, said, actor)
        return self._seen(item, actor)

    def _changing(self, item_id: UUID, expected: int | None, said: str, actor: Actor) -> dict[str, Any]:
        item = self.item(item_id)
        if expected is not None and expected != item["version"]:
            raise VersionMismatch("该事项刚被他人修改，请核对后再提交。")
        self._note(item, said, actor)
        return item

    def _note(self, item: dict[str, Any], said: str, actor: Actor) -> None:
        item["version"] += 1
        item["history"] = [*item["history"], sample.line("act", said, 0, actor.name)]

    def _matching(
        self, actor: Actor, *, community_id: UUID | None = None, category: str | None = None, q: str = "",
        unit_id: UUID | None = None, claim_list_id: UUID | None = None, due_from_on: Any = None, due_to_on: Any = None,
        **_: Any,
    ) -> list[dict[str, Any]]:  # fmt: skip
        return [
            item
            for item in self.items.values()
            if community_id in (None, UUID(item["community_id"]))
            and category in (None, item["category"])
            and (not q or q in item["title"] or q in item["code"] or q in "".join(_names(item)))
            and (unit_id is None or str(unit_id) in _unit_ids(item))
            and (claim_list_id is None or str(claim_list_id) == item["claim_list_id"])
            and (due_from_on is None or due_from_on.isoformat() <= item["due_on"])
            and (due_to_on is None or item["due_on"] <= due_to_on.isoformat())
            and (actor.is_staff or item["status"] != "draft")
        ]

    def _seen(self, item: dict[str, Any], actor: Actor) -> dict[str, Any]:
        is_staff = actor.is_staff and actor.reaches(UUID(item["community_id"]))
        is_unit = actor.has_role(Role.UNIT_LIAISON)
        acts = ITEM_ACTS.get(item["status"], [])
        claims = []
        for claim in item["claims"]:
            is_own = is_unit and str(actor.unit_id) in {unit["unit_id"] for unit in claim["units"]}
            possible = CLAIM_ACTS.get(claim["status"], [])
            claims.append(
                {**claim, "possible_acts": [a for a in possible if is_staff or (is_own and a in UNIT_ACTS)]}
            )
        allowed = [act for act in acts if is_staff or (is_unit and act in UNIT_ACTS)]
        return {
            **item,
            "unit_names": _names(item),
            "claims": claims,
            "revisable_fields": [],
            "possible_acts": allowed,
        }

    def _figures(self, community: dict[str, Any]) -> dict[str, Any]:
        of = [item for item in self.items.values() if item["community_id"] == community["community_id"]]
        return {
            "community_id": community["community_id"],
            "community_name": community["community_name"],
            "published": sum(item["status"] != "draft" for item in of),
            "claimed": sum(item["status"] not in ("draft", "published") for item in of),
            "done": sum(item["status"] in ("scored", "commended") for item in of),
            "overdue": sum((item["days_left"] or 0) < 0 for item in of),
        }


def _names(item: dict[str, Any]) -> list[str]:
    return [
        unit["unit_name"]
        for claim in item["claims"]
        if claim["status"] != "released"
        for unit in claim["units"]
    ]


def _unit_ids(item: dict[str, Any]) -> list[str]:
    return [unit["unit_id"] for claim in item["claims"] for unit in claim["units"]]
