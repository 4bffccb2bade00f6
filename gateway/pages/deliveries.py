"""Deliveries: which notice reached whom through which channel, and sending again what failed."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import notifications
from gateway.pages.forms import shown_again_on, wanted
from gateway.pages.frame import LEADERS, OFFICES, safe_address
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("deliveries", __name__)


@blueprint.get("/deliveries")
@may(*OFFICES)
def list_deliveries() -> str:
    page = notifications.list_deliveries(**wanted("status", "item_id", "notice_id", "cursor"), limit=LIMIT)
    return render_template("deliveries/list.html", deliveries=page["items"], pager=Pager(page, LIMIT))


@blueprint.post("/deliveries/<uuid:delivery_id>/resend_delivery")
@may(*LEADERS)
@shown_again_on(list_deliveries)
def resend_delivery(delivery_id: UUID) -> Response:
    notifications.resend_delivery(delivery_id=delivery_id)
    flash("已安排重新发送。", "success")
    return redirect(safe_address(request.form.get("next", "")) or url_for("deliveries.list_deliveries"), 303)
