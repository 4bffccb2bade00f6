"""The task gate and the burden meter in memory: enough for every page to have something on it."""

from typing import Any
from uuid import UUID

from services.contracts.base import Actor
from services.contracts.claims.admission_terms import AdmissionStatus
from services.contracts.claims.errors import AdmissionNotFound, SentBackTaskNotFound
from tests.gateway import fake_sample as sample

FIGURES = {
    "index": 20,
    "quantities": {"form": 5, "inspection": 1, "meeting": 0, "assessment": 1},
    "unadmitted": 3,
    "emergencies": 4,
    "sent_back": 2,
    "explanation": ["填报表格（已准入）3 次 × 1 = 3。", "负担指数 3 + 17 = 20。"],
}


class FakeGate:
    communities: list[dict[str, Any]]

    def _admissions(self) -> list[dict[str, Any]]:
        return [
            {
                "admission_id": sample.id_of("admission", status),
                "code": f"ZR-2026-{number:04d}",
                "department": "黑河市某局",
                "task_title": f"居民意愿调查表（{status.label}）",
                "kind": "form",
                "status": status.value,
                "from_on": sample.day(60),
                "until_on": sample.day(200),
                "community_ids": [],
                "applied_at": sample.iso(-number),
                "decide_by_on": sample.day(14 - number),
                "is_late": False,
                "is_by_rule": status is AdmissionStatus.REFUSED,
                "version": 1,
                "uscc": "",
                "legal_basis": "年度方案",
                "frequency": "quarterly",
                "funds_fen": 500000,
                "people": 1,
                "training": "一次",
                "form_count": 1,
                "assessed_how": "不考核",
                "community_names": [],
                "opinions": [
                    {
                        "office": "市民政局",
                        "agrees": True,
                        "reason": "确有必要",
                        "recorded_at": sample.iso(-1),
                    }
                ],
                "opinions_needed": 1,
                "decided_at": None,
                "decision_reason": "" if status is AdmissionStatus.APPLIED else "联席会商决定",
                "entry_id": None,
                "revoked_on": None,
                "revocation_reason": "",
                "history": [],
                "possible_acts": {
                    AdmissionStatus.APPLIED: ["record_opinion", "decide_admission", "send_back_task"],
                    AdmissionStatus.ADMITTED: ["revoke_admission"],
                }.get(status, ["send_back_task"]),
            }
            for number, status in enumerate(AdmissionStatus, 1)
        ]

    def list_admissions(self, _: Actor, *, status: str | None, **__: Any) -> dict[str, Any]:
        found = [one for one in self._admissions() if status in (None, one["status"])]
        return {"items": found, "next": None, "total": len(found)}

    def count_admissions(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"total": len(AdmissionStatus), "by_status": dict.fromkeys(AdmissionStatus, 1)}

    def get_admission(self, _: Actor, *, admission_id: UUID) -> dict[str, Any]:
        for one in self._admissions():
            if one["admission_id"] == str(admission_id):
                return one
        raise AdmissionNotFound("没有这个准入申请。")

    def list_gate_entries(self, actor: Actor, **_: Any) -> dict[str, Any]:
        entry = {
            "entry_id": sample.id_of("entry"),
            "gate_list": "negative",
            "title": "微信工作群排名",
            "also": ["工作群打卡"],
            "basis": "市准入清单（2026 年版）",
            "from_on": sample.day(-100),
            "until_on": None,
            "end_reason": "",
            "is_in_force": True,
            "possible_acts": ["end_gate_entry"] if actor.has_role("city_admin") else [],
            "version": 1,
        }
        return {"items": [entry], "next": None}

    def _sent_back(self) -> dict[str, Any]:
        return {
            "sent_back_id": sample.id_of("sent_back"),
            "code": "TH-2026-0001",
            "community_id": self.communities[0]["community_id"],
            "community_name": self.communities[0]["community_name"],
            "department": "黑河市某局",
            "task_title": "满意度台账",
            "kind": "form",
            "basis": "社区工作事项准入规则",
            "sent_back_on": sample.day(-2),
            "admission_id": None,
            "note": "",
            "letter": "未准入事项退回单（TH-2026-0001）\n黑河市某局：",
            "times_here": 1,
            "times_in_city": 3,
        }

    def list_sent_back_tasks(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"items": [self._sent_back()], "next": None}

    def get_sent_back_task(self, _: Actor, *, sent_back_id: UUID) -> dict[str, Any]:
        if str(sent_back_id) != self._sent_back()["sent_back_id"]:
            raise SentBackTaskNotFound("没有这份退回单。")
        return self._sent_back()

    def list_emergencies(self, _: Actor, **__: Any) -> dict[str, Any]:
        emergency = {
            "emergency_id": sample.id_of("emergency"),
            "code": "YJ-2026-0001",
            "department": "市应急管理局",
            "title": "暴雪应急巡查",
            "kind": "life",
            "reason": "暴雪红色预警",
            "from_on": sample.day(-1),
            "until_on": sample.day(6),
            "community_ids": [],
            "is_running": True,
            "declared_at": sample.iso(-1),
        }
        return {"items": [emergency], "next": None}

    def list_seal_requests(self, _: Actor, **__: Any) -> dict[str, Any]:
        request = {
            "seal_id": sample.id_of("seal"),
            "code": "YY-2026-0001",
            "community_id": self.communities[0]["community_id"],
            "community_name": self.communities[0]["community_name"],
            "proof_title": "居住情况说明",
            "asked_by": "某银行",
            "purpose": "办理业务",
            "status": "requested",
            "is_by_rule": False,
            "proof_number": None,
            "reason": "",
            "requested_at": sample.iso(-1),
            "decided_at": None,
            "possible_acts": ["decide_seal"],
            "version": 1,
        }
        return {"items": [request], "next": None}

    def get_burden_months(self, _: Actor, **__: Any) -> dict[str, Any]:
        shown = ("index", "unadmitted", "emergencies", "sent_back")
        return {
            "months": [
                {"month": month, **{name: FIGURES[name] for name in shown}}
                for month in ("2026-10", "2026-11")
            ]
        }

    def list_burdens(self, _: Actor, **__: Any) -> dict[str, Any]:
        burden = {
            "burden_id": sample.id_of("burden"),
            "community_id": self.communities[0]["community_id"],
            "community_name": self.communities[0]["community_name"],
            "department": "黑河市某局",
            "title": "月度台账",
            "kind": "form",
            "basis": "unadmitted",
            "quantity": 2,
            "happened_on": sample.day(-3),
            "admission_id": None,
            "emergency_id": None,
            "note": "",
            "recorded_at": sample.iso(-3),
            "withdrawn_at": None,
            "withdrawal_reason": "",
            "possible_acts": ["withdraw_burden"],
            "version": 1,
        }
        return {"items": [burden], "next": None}

    def get_burden_meter(self, _: Actor, *, month: str, community_id: UUID | None) -> dict[str, Any]:
        return {
            "month": month,
            "formula": ["负担指数 = 各类次数 × 该类分值之和，指数越高负担越重。"],
            "total": FIGURES,
            "communities": [
                {
                    **FIGURES,
                    "community_id": one["community_id"],
                    "community_name": one["community_name"],
                }
                for one in self.communities[:3]
            ],
            "departments": [{**FIGURES, "department": "黑河市某局"}],
        }
