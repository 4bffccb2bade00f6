"""我的待办: the working-day clocks that run for this person, most urgent first."""

from typing import Any

from flask import Blueprint, render_template, url_for

from gateway.auth.policy import may
from gateway.auth.session import current_user
from gateway.calls import claims, notifications
from gateway.pages.asking import if_up
from gateway.pages.forms import wanted
from gateway.pages.frame import OFFICES
from gateway.pages.paging import Pager
from services.contracts.base import Role
from services.contracts.claims.clock_terms import ClockKind

LIMIT = 20
SHOWN = 5

# Where the record of a clock is opened: the page, and the name of its id there.
PLACES: dict[str, tuple[str, str]] = {
    ClockKind.NEED_ANSWER: ("needs.get_need", "need_id"),
    ClockKind.UNIT_DECISION: ("units.get_unit", "unit_id"),
    ClockKind.DECIDE_EXPIRED: ("items.get_item", "item_id"),
    ClockKind.CONFIRM_CLAIM: ("items.get_item", "item_id"),
    ClockKind.FINISH_CLAIM: ("items.get_item", "item_id"),
    ClockKind.VERIFY_CLAIM: ("items.get_item", "item_id"),
    ClockKind.ASSESS_ITEM: ("items.get_item", "item_id"),
    ClockKind.ANSWER_OBJECTION: ("items.get_item", "item_id"),
    ClockKind.RECTIFY: ("items.get_item", "item_id"),
    ClockKind.CHECK_RECTIFICATION: ("items.get_item", "item_id"),
    ClockKind.CLOSE_PERIOD: ("unit_assessments.get_period", "period_id"),
    ClockKind.ANSWER_RESULT_OBJECTION: ("unit_assessments.get_unit_assessment", "assessment_id"),
    ClockKind.REVIEW_RESULT: ("unit_assessments.get_unit_assessment", "assessment_id"),
    ClockKind.PURCHASE_MILESTONE: ("purchases.get_purchase", "purchase_id"),
    ClockKind.CHECK_PURCHASE: ("purchases.get_purchase", "purchase_id"),
    ClockKind.ADMISSION_DECISION: ("admissions.get_admission", "admission_id"),
}

blueprint = Blueprint("todo", __name__)


@blueprint.get("/todo")
@may(*OFFICES, Role.UNIT_LIAISON)
def list_todo() -> str:
    narrowed = wanted("kind", "stage", "is_late")
    page = claims.list_clocks(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "todo/todo.html",
        clocks=[{**clock, "address": _address(clock)} for clock in page["items"]],
        pager=Pager(page, LIMIT),
        counts=claims.count_clocks(),
        kinds=ClockKind,
        narrowed=narrowed,
        drafts=_drafts(),
        deliveries=_failed_deliveries(),
    )


@blueprint.get("/todo/count")
@may(*OFFICES, Role.UNIT_LIAISON)
def count_todo() -> str:
    """A small piece of the menu, asked for by itself so that no page waits for it."""
    counts = if_up(claims.count_clocks)
    waiting = counts["total"] if counts else 0
    return f'<span class="count">{waiting}</span>' if waiting else ""


def _address(clock: dict[str, Any]) -> str:
    endpoint, name = PLACES[clock["kind"]]
    return url_for(endpoint, **{name: clock["record_id"]})


def _is_for_a_unit() -> bool:
    user = current_user()
    return bool(user and user.unit_id)


def _drafts() -> list[dict[str, Any]]:
    """Nobody has a clock for what has not been published yet."""
    if _is_for_a_unit():
        return []
    drafts: list[dict[str, Any]] = claims.list_items(status="draft", limit=SHOWN)["items"]
    return drafts


def _failed_deliveries() -> list[dict[str, Any]]:
    if _is_for_a_unit():
        return []
    page = if_up(notifications.list_deliveries, status="failed", limit=SHOWN)
    return page["items"] if page else []
