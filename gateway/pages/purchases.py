"""Purchases of services (政府购买服务): the list, planning one for an item, and the page of one with its money."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import PURCHASE_READERS, may
from gateway.calls import claims
from gateway.pages.asking import communities
from gateway.pages.forms import fen, filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS, may_use
from gateway.pages.paging import Pager

LIMIT = 20
CHOICES = 200

blueprint = Blueprint("purchases", __name__)


@blueprint.get("/purchases")
@may(*PURCHASE_READERS)
def list_purchases() -> str:
    page = claims.list_purchases(**wanted("community_id", "item_id", "status", "cursor"), limit=LIMIT)
    return render_template(
        "purchases/list.html",
        purchases=page["items"],
        pager=Pager(page, LIMIT),
        communities=communities(),
    )


@blueprint.get("/items/<uuid:item_id>/purchases/new")
@may(*LEADERS)
def new_purchase(item_id: UUID) -> str:
    item = claims.get_item(item_id=item_id)
    return render_template("purchases/new.html", item=item, funds=funds_for(item))


@blueprint.post("/items/<uuid:item_id>/purchases/new")
@may(*LEADERS)
@shown_again_on(new_purchase)
def plan_purchase(item_id: UUID) -> Response:
    names = ("fund_id", "content", "buyer_name", "buyer_kind", "method", "method_reason")
    purchase = claims.plan_purchase(item_id=item_id, **filled(*names), **fen("budget_yuan", "budget_fen"))
    flash(f"采购 {purchase['code']} 已立项，请登记报价。", "success")
    return redirect(url_for("purchases.get_purchase", purchase_id=purchase["purchase_id"]), 303)


@blueprint.get("/purchases/<uuid:purchase_id>")
@may(*PURCHASE_READERS)
def get_purchase(purchase_id: UUID) -> str:
    purchase = claims.get_purchase(purchase_id=purchase_id)
    needs_units = "record_offer" in purchase["possible_acts"] and may_use("purchase_acts.record_offer")
    return render_template(
        "purchases/purchase.html",
        purchase=purchase,
        act=request.args.get("act", ""),
        units=claims.list_units(limit=CHOICES)["items"] if needs_units else [],
    )


def funds_for(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that could pay for what is done in this community; the whole city's as well."""
    every: list[dict[str, Any]] = claims.list_funds(status="open", limit=CHOICES)["items"]
    return [fund for fund in every if fund["community_id"] in (None, item["community_id"])]
