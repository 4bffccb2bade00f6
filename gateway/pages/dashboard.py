"""The dashboard (数据看板): figures over all items, with a way from each figure to its items."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, url_for

from gateway.auth.policy import READERS, may
from gateway.calls import claims
from gateway.formats import STATUS_COLOURS
from gateway.pages.asking import communities
from gateway.pages.forms import wanted
from services.chassis.clock import utc_now
from services.contracts.claims.terms import ItemStatus

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/dashboard")
@may(*READERS)
def get_dashboard() -> str:
    narrowed = wanted("community_id")
    figures = claims.get_dashboard(**narrowed)
    return render_template(
        "dashboard/dashboard.html",
        figures=figures,
        charts=_charts(figures, narrowed),
        communities=communities(),
        narrowed=narrowed,
        drawn_at=utc_now().isoformat(),
    )


def _charts(figures: dict[str, Any], narrowed: dict[str, str]) -> dict[str, Any]:
    """What the two pictures draw, each part with the address of the items it counts."""
    return {
        "communities": [
            {
                "name": row["community_name"],
                "claimed": row["claimed"],
                "done": row["done"],
                "href": url_for("items.list_items", community_id=row["community_id"]),
                "done_href": url_for("items.list_items", community_id=row["community_id"], status="scored"),
            }
            for row in figures["communities"]
        ],
        "states": [
            {
                "name": status.label,
                "value": figures["by_status"].get(status.value, 0),
                "color": STATUS_COLOURS[status.value],
                "href": f"{url_for('items.list_items')}?{urlencode({**narrowed, 'status': status.value})}",
            }
            for status in ItemStatus
        ],
    }
