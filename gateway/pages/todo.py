"""我的待办: what waits for this person, most urgent first."""

from typing import Any

from flask import Blueprint, render_template

from gateway.auth.policy import may
from gateway.auth.session import current_user
from gateway.calls import claims, notifications
from gateway.pages.asking import if_up
from gateway.pages.frame import OFFICES
from services.contracts.base import Role

SHOWN = 5

# What waits for staff, by the state an item is in.
WAITING_FOR_STAFF = (
    ("submitted", "待审核", "单位已提交办结，请核验或退回。"),
    ("claimed", "已认领", "请确认并签订共建协议，或提醒单位开工。"),
    ("verified", "待评议", "已核验，请登记考核得分；民意测验结束后自动计算总分。"),
    ("draft", "待发布", "党组织研究后即可发布。"),
)
WAITING_FOR_UNIT = (
    ("claimed", "待社区确认", "已认领，等待社区确认。"),
    ("in_progress", "进行中", "请按期报告进展，完成后提交办结。"),
)

blueprint = Blueprint("todo", __name__)


@blueprint.get("/todo")
@may(*OFFICES, Role.UNIT_LIAISON)
def list_todo() -> str:
    counts = claims.count_items(**_mine())
    groups = [_group("is_overdue", "true", "已逾期", "已过办结期限，请催办。", counts["overdue"])]
    for status, word, advice in _waiting():
        groups.append(_group("status", status, word, advice, counts["by_status"].get(status, 0)))
    return render_template("todo/todo.html", groups=groups, deliveries=_failed_deliveries())


@blueprint.get("/todo/count")
@may(*OFFICES, Role.UNIT_LIAISON)
def count_todo() -> str:
    """A small piece of the menu, asked for by itself so that no page waits for it."""
    if mine := _mine():
        counts = if_up(claims.count_items, **mine)
        waiting = counts["by_status"].get("in_progress", 0) if counts else 0
    else:
        figures = if_up(claims.get_dashboard)
        waiting = figures["waiting_for_staff"] if figures else 0
    return f'<span class="count">{waiting}</span>' if waiting else ""


def _group(name: str, value: str, word: str, advice: str, count: int) -> dict[str, Any]:
    narrowed = {**_mine(), name: value}
    items = claims.list_items(**narrowed, limit=SHOWN)["items"] if count else []
    return {"word": word, "advice": advice, "count": count, "items": items, "narrowed": narrowed}


def _mine() -> dict[str, str]:
    user = current_user()
    return {"unit_id": str(user.unit_id)} if user and user.unit_id else {}


def _waiting() -> tuple[tuple[str, str, str], ...]:
    return WAITING_FOR_UNIT if _mine() else WAITING_FOR_STAFF


def _failed_deliveries() -> list[dict[str, Any]]:
    if _mine():
        return []
    page = if_up(notifications.list_deliveries, status="failed", limit=SHOWN)
    return page["items"] if page else []
