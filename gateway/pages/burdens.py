"""The burden meter (减负): the index of a month with its formula, and the rows behind each number."""

import re
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.asking import my_communities
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.frame import STAFF, WATCHERS
from gateway.pages.paging import Pager
from services.chassis.clock import local_today

LIMIT = 50
MOST_TO_CHOOSE = 100

blueprint = Blueprint("burdens", __name__, url_prefix="/burdens")


@blueprint.get("/meter")
@may(*WATCHERS)
def get_burden_meter() -> str:
    month = request.args.get("month", "")
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        month = f"{local_today():%Y-%m}"
    return render_template(
        "burdens/meter.html",
        month=month,
        meter=claims.get_burden_meter(month=month, **wanted("community_id")),
        communities=my_communities(),
    )


@blueprint.get("")
@may(*WATCHERS)
def list_burdens() -> str:
    narrowed = wanted("community_id", "department", "kind", "basis", "month", "with_withdrawn")
    page = claims.list_burdens(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "burdens/rows.html",
        burdens=page["items"],
        pager=Pager(page, LIMIT),
        narrowed=narrowed,
        communities=my_communities(),
        admissions=claims.list_admissions(status="admitted", limit=MOST_TO_CHOOSE)["items"],
        emergencies=claims.list_emergencies(is_running=True, limit=MOST_TO_CHOOSE)["items"],
    )


@blueprint.post("")
@may(*STAFF)
@shown_again_on(list_burdens)
def record_burden() -> Response:
    names = (
        "community_id", "department", "title", "kind", "quantity", "happened_on", "admission_id",
        "emergency_id", "note",
    )  # fmt: skip
    recorded = claims.record_burden(**filled(*names))
    flash(f"已登记「{recorded['title']}」{recorded['quantity']} 次。", "success")
    return redirect(url_for("burdens.list_burdens", month=recorded["happened_on"][:7]), 303)


@blueprint.post("/<uuid:burden_id>/withdraw_burden")
@may(*STAFF)
@shown_again_on(list_burdens)
def withdraw_burden(burden_id: UUID) -> Response:
    withdrawn = claims.withdraw_burden(burden_id=burden_id, **filled("reason", "expected_version"))
    flash("记录已撤回，不再计数。", "success")
    return redirect(url_for("burdens.list_burdens", month=withdrawn["happened_on"][:7]), 303)
