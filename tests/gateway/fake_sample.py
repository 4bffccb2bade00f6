"""A small city for tests of pages: communities, units, items in every state, notices and deliveries."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.chassis.clock import local_today
from services.contracts.claims.terms import Category, ItemStatus, ServiceClass

SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

_COMMUNITIES = (
    "海兰 迎恩 邮政 花园 站前 通江 王肃 兴安 西兴 龙江 中央 铁路 电厂 北安 长发".split()  # noqa: SIM905
)
_UNITS = (
    ("爱辉区城市管理综合执法局", "government", ("illegal_structures", "sanitation", "winter_duty")),
    ("爱辉区民政局", "government", ("welfare", "convenience")),
    ("爱辉区住房和城乡建设局", "government", ("property", "facilities")),
    ("爱辉区环境卫生服务中心", "institution", ("sanitation", "winter_duty")),
    ("黑河学院志愿者协会", "social_organisation", ("welfare", "culture")),
    ("黑河职业技术学院", "institution", ("convenience", "culture")),
    ("北疆龙源热力有限公司", "enterprise", ("facilities", "convenience")),
    ("安居乐物业服务有限公司", "enterprise", ("property", "sanitation", "winter_duty")),
)
_TITLES = (
    ("家电义务维修日", "convenience", "场"),
    ("困境儿童课业辅导", "welfare", "人"),
    ("雨季排水沟清淤", "facilities", "处"),
    ("小区破损路面修补", "facilities", "平方米"),
    ("楼道杂物清理整治", "sanitation", "单元"),
    ("代办服务点打印设备", "convenience", "台"),
    ("独居老人助餐点", "welfare", "人"),
    ("冬季清雪志愿队装备", "winter_duty", "套"),
    ("健身器材维修更换", "facilities", "件"),
    ("社区书屋图书更新", "culture", "册"),
    ("楼顶违建拆除", "illegal_structures", "处"),
    ("单元门禁维修", "safety", "个"),
)
_STATES = (
    "in_progress", "in_progress", "in_progress", "published", "in_progress", "submitted", "scored", "in_progress",
    "commended", "submitted", "claimed", "published", "verified", "in_progress", "scored", "draft",
)  # fmt: skip
_PERCENT = {"in_progress": (10, 25, 40, 55, 70), "submitted": (100,), "verified": (100,)}

# An item of which nothing became but what units did.
OTHER_WAYS = {
    "resolution_id": None,
    "plan_reference": "",
    "expired_at": None,
    "unclaimed_quantity": 0,
    "withdrawn_at": None,
    "withdrawn_reason": "",
    "way": None,
    "purchase_id": None,
    "fund_id": None,
}


def id_of(*parts: object) -> str:
    return str(uuid5(SPACE, "/".join(map(str, parts))))


def iso(days: float) -> str:
    """A moment so many days from now, as the services write it."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def day(days: int) -> str:
    return (local_today() + timedelta(days=days)).isoformat()


def communities() -> list[dict[str, Any]]:
    made = []
    for number, name in enumerate(_COMMUNITIES):
        population = 13940 - number * 780
        required = -(-population * 18 // 10000)
        made.append(
            {
                "community_id": id_of("community", name),
                "code": f"231102003{number + 1:03d}",
                "community_name": f"{name}社区",
                "street": ("海兰街道", "花园街道", "兴安街道")[number % 3],
                "grade": ("demonstration", "boutique", "standard")[min(number // 6, 2)],
                "households": population * 2 // 5,
                "population": population,
                "posts_required": required,
                "posts_filled": required - number % 4,
                "version": 1,
            }
        )
    return made


def units(of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "unit_id": id_of("unit", name),
            "uscc": f"1123110{number}MB00000{number}XT"[:18],
            "unit_name": name,
            "kind": kind,
            "functions": list(functions),
            "community_ids": [one["community_id"] for one in of],
            "status": "member",
            "version": 1,
        }
        for number, (name, kind, functions) in enumerate(_UNITS)
    ]


def items(of: list[dict[str, Any]], by: list[dict[str, Any]], count: int = 136) -> list[dict[str, Any]]:
    chance = random.Random(20261123)
    made = [_item(number, of, by, chance) for number in range(1, count + 1)]
    return list(reversed(made))


def _item(
    number: int, of: list[dict[str, Any]], by: list[dict[str, Any]], chance: random.Random
) -> dict[str, Any]:
    title, category, measure = _TITLES[number % len(_TITLES)]
    community, unit = of[chance.randrange(len(of))], by[chance.randrange(len(by))]
    status = ItemStatus(_STATES[number % len(_STATES)])
    due = chance.choice((-3, 3, 15, 28, 41, 55, 67))
    is_done = status in ("scored", "commended", "verified")
    has_claim = status not in ("draft", "published")
    percent = 100 if is_done else chance.choice(_PERCENT.get(status, (0,)))
    code = f"RL-2026-{number:04d}"
    item = {
        "item_id": id_of("item", code),
        "code": code,
        "title": title,
        "community_id": community["community_id"],
        "community_name": community["community_name"],
        "service_class": ServiceClass.CONVENIENCE.value,
        "category": Category(category).value,
        "status": status.value,
        "quantity": 12,
        "remaining": 0 if has_claim else 12,
        "measure": measure,
        "percent": percent,
        "due_on": day(due),
        "days_left": None if is_done else due,
        "unit_names": [],
        "score_total": None,
        "poll_score": None,
        "version": 3,
        "claim_list_id": id_of("claim_list", 1),
        "need_id": None,
        **OTHER_WAYS,
        "description": f"{title}：由认领单位组织实施，社区负责协调场地和宣传。",
        "beneficiaries": 2860,
        "budget_fen": 3_600_000,
        "supports": ["money", "people"],
        "place": "一至四期",
        "grid_code": "",
        "party_study_on": None if status == "draft" else day(-25),
        "published_at": None if status == "draft" else iso(-20),
        "claim_until_on": None if status == "draft" else day(10),
        "verified_at": iso(-4) if is_done else None,
        "claims": [],
        "poll": None,
        "assessing": None,
        "score": None,
        "commendation": None,
        "objections": [],
        "rectification": None,
        "history": [line("create_item", "登记事项", -22), line("publish_item", "经党组织研究后发布", -20)],
    }
    if has_claim:
        item["claims"] = [claim(unit, quantity=12, status=status, percent=percent, code=code)]
    if status in ("scored", "commended"):
        _score(item)
    return item


def claim(
    unit: dict[str, Any], *, quantity: int, status: str, percent: int, code: str, kind: str = "whole"
) -> dict[str, Any]:
    is_verified = status in ("verified", "scored", "commended")
    return {
        "claim_id": id_of("claim", code, unit["unit_id"], quantity),
        "kind": kind,
        "quantity": quantity,
        "status": "verified" if is_verified else status,
        "units": [{"unit_id": unit["unit_id"], "unit_name": unit["unit_name"]}],
        "percent": percent,
        "note": "由党员志愿者轮班负责。",
        "agreement": "" if status == "claimed" else "共建〔2026〕12 号",
        "summary": "已全部完成，居民反映良好。" if percent == 100 else "",
        "claimed_at": iso(-15),
        "submitted_at": iso(-5) if percent == 100 else None,
        "verified_at": iso(-4) if is_verified else None,
        "evidence": [],
        "milestones": [milestone("完成前期准备", 10, -12), milestone("完成首次实施", percent, -6)]
        if percent > 10
        else [],
    }


def milestone(title: str, percent: int, days: float) -> dict[str, Any]:
    return {
        "milestone_id": id_of("milestone", title, percent, days),
        "milestone_title": title,
        "percent": percent,
        "note": "",
        "reported_at": iso(days),
    }


def line(act: str, summary: str, days: float, name: str = "李敏", **changes: list[str]) -> dict[str, Any]:
    return {"at": iso(days), "actor_name": name, "act": act, "summary": summary, "changes": changes}


def _score(item: dict[str, Any]) -> None:
    item["score_total"], item["poll_score"] = "93.25", "92.90"
    item["poll"] = {
        "poll_id": id_of("poll", item["code"]),
        "sampled": 60,
        "answered": 44,
        "satisfaction_percent": "95.5",
        "score": "92.90",
        "is_sample_sufficient": True,
    }
    item["score"] = {
        "assessment": "92.50",
        "poll": "92.90",
        "timeliness": "100.00",
        "total": "93.25",
        "grade": "excellent",
        "explanation": ["考核 92.50 × 50% = 46.25", "民意 92.90 × 40% = 37.16", "时效 100 × 10% = 10.00"],
    }
    if item["status"] == "commended":
        item["commendation"] = {
            "revoked_at": None,
            "revoked_reason": "",
            "commendation_id": id_of("commendation", item["code"]),
            "reason": "响应及时，质量优良，居民满意。",
            "commended_at": iso(-1),
            "objection_until_on": day(5),
        }


def sheet_date(days: int) -> date:
    return local_today() + timedelta(days=days)
