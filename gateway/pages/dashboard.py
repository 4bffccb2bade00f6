"""The dashboard (数据看板): figures of a period, each with a way to exactly the rows it counts."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for

from gateway.auth.policy import READERS, may
from gateway.auth.session import current_user
from gateway.calls import claims
from gateway.formats import STATUS_COLOURS
from gateway.pages.asking import communities, if_up
from gateway.pages.forms import wanted
from gateway.pages.frame import may_use
from services.chassis.clock import local_today, utc_now
from services.contracts.claims.dashboard_terms import days_of, words_of
from services.contracts.claims.terms import ItemStatus

YEARS, QUARTERS, MONTHS = 2, 4, 12

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/dashboard")
@may(*READERS)
def get_dashboard() -> str:
    narrowed = wanted("community_id", "period")
    figures = claims.get_dashboard(**narrowed)
    period = narrowed.get("period")
    return render_template(
        "dashboard/dashboard.html",
        figures=figures,
        charts=_charts(figures, narrowed),
        communities=communities(),
        narrowed=narrowed,
        periods=_periods(local_today()),
        period_words=words_of(period) if period else "全部时间",
        days=[day.isoformat() for day in days_of(period)] if period else [None, None],
        money=_seen("funds.get_fund", claims.get_money_figures, narrowed),
        burdens=_seen("burdens.get_burden_meter", claims.get_burden_months, narrowed),
        drawn_at=utc_now().isoformat(),
    )


def _seen(endpoint: str, ask: Any, narrowed: dict[str, str]) -> dict[str, Any] | None:
    """Money and burden are shown to those who may open the rows behind them, of communities they reach."""
    user = current_user()
    community_id = narrowed.get("community_id")
    reaches = user is not None and (community_id is None or user.actor.reaches(UUID(community_id)))
    return if_up(ask, **narrowed) if reaches and may_use(endpoint) else None


def _periods(today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen: the last years, quarters and months, each with its words."""
    quarter = today.year * 4 + (today.month - 1) // 3
    month = today.year * 12 + today.month - 1
    years = [f"{today.year - back}" for back in range(YEARS)]
    quarters = [f"{one // 4}-Q{one % 4 + 1}" for one in range(quarter, quarter - QUARTERS, -1)]
    months = [f"{one // 12}-{one % 12 + 1:02d}" for one in range(month, month - MONTHS, -1)]
    groups = (("年", years), ("季度", quarters), ("月", months))
    return [(word, [(one, words_of(one)) for one in values]) for word, values in groups]


def _charts(figures: dict[str, Any], narrowed: dict[str, str]) -> dict[str, Any]:
    """What the two pictures draw, each part with the address of the items it counts."""
    return {
        "communities": [
            {
                "name": row["community_name"],
                "claimed": row["claimed"],
                "done": row["done"],
                "href": _items(narrowed, community_id=row["community_id"], figure="claimed"),
                "done_href": _items(narrowed, community_id=row["community_id"], figure="done"),
            }
            for row in figures["communities"]
        ],
        "states": [
            {
                "name": status.label,
                "value": figures["by_status"].get(status.value, 0),
                "color": STATUS_COLOURS[status.value],
                "href": _items(narrowed, status=status.value),
            }
            for status in ItemStatus
        ],
    }


def _items(narrowed: dict[str, str], **more: str) -> str:
    narrower: dict[str, Any] = {**narrowed, **more}
    return url_for("items.list_items", **narrower)
