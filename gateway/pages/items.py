"""The claim list (认领清单): finding items, entering one, and the page that shows its whole loop."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import READERS, may
from gateway.calls import claims, consultation, notifications
from gateway.pages.asking import communities, if_up, linkage_of, my_communities, units_of
from gateway.pages.forms import chosen, fen, filled, shown_again_on, wanted
from gateway.pages.frame import STAFF, may_use
from gateway.pages.paging import Pager

LIMIT = 12

# What is written of an item besides its supports and its budget.
WRITTEN = (
    "title", "service_class", "category", "description", "beneficiaries",
    "quantity", "measure", "place", "grid_code", "due_on",
)  # fmt: skip

blueprint = Blueprint("items", __name__)


@blueprint.get("/items")
@may(*READERS)
def list_items() -> str:
    narrowed = wanted(
        "q",
        "community_id",
        "category",
        "service_class",
        "unit_id",
        "claim_list_id",
        "due_from_on",
        "due_to_on",
        "period",
        "figure",
    )
    page = claims.list_items(**narrowed, **wanted("status", "is_overdue", "cursor"), limit=LIMIT)
    return render_template(
        "items/list.html",
        items=page["items"],
        pager=Pager(page, LIMIT),
        counts=claims.count_items(**narrowed),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/items/new")
@may(*STAFF)
def new_item() -> str:
    return render_template("items/new.html", communities=my_communities())


@blueprint.post("/items/new")
@may(*STAFF)
@shown_again_on(new_item)
def create_item() -> Response:
    item = claims.create_item(
        **filled("community_id", *WRITTEN), **chosen("supports"), **fen("budget_yuan", "budget_fen")
    )
    flash(f"事项 {item['code']} 已保存为草稿，发布后各单位才能认领。", "success")
    return redirect(url_for("items.get_item", item_id=item["item_id"]), 303)


@blueprint.get("/items/<uuid:item_id>")
@may(*READERS)
def get_item(item_id: UUID) -> str:
    item = claims.get_item(item_id=item_id)
    return render_template(
        "items/item.html",
        item=item,
        act=request.args.get("act", ""),
        units=units_of(item["community_id"]) if "claim_item" in item["possible_acts"] else [],
        suggestions=claims.suggest_units(item_id=item_id)["items"]
        if "claim_item" in item["possible_acts"] and may_use("items.create_item")
        else [],
        funds=claims.list_funds(status="open", limit=200)["items"]
        if "fund_item" in item["possible_acts"] and may_use("item_expiry.fund_item")
        else [],
        **linkage_of(item_id, item["community_id"]),
        polls=if_up(consultation.list_polls, item_id=item_id, limit=1),
        sees_deliveries=may_use("deliveries.list_deliveries"),
        deliveries=if_up(notifications.list_deliveries, item_id=item_id, limit=50)
        if may_use("deliveries.list_deliveries")
        else None,
    )
