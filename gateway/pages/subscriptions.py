"""Subscriptions: who hears of a community's notices, and how."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import notifications
from gateway.pages.asking import communities, my_communities
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS, OFFICES
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("subscriptions", __name__)


@blueprint.get("/subscriptions")
@may(*OFFICES)
def list_subscriptions() -> str:
    page = notifications.list_subscriptions(**wanted("community_id", "cursor"), limit=LIMIT)
    return render_template(
        "subscriptions/list.html",
        subscriptions=page["items"],
        pager=Pager(page, LIMIT),
        communities=communities(),
        mine=my_communities(),
    )


@blueprint.post("/subscriptions")
@may(*LEADERS)
@shown_again_on(list_subscriptions)
def add_subscription() -> Response:
    notifications.add_subscription(**filled("channel", "address", "label", "community_id"))
    return _back("已添加订阅，之后的通知会发送到这里。")


@blueprint.post("/subscriptions/<uuid:subscription_id>/remove_subscription")
@may(*LEADERS)
@shown_again_on(list_subscriptions)
def remove_subscription(subscription_id: UUID) -> Response:
    notifications.remove_subscription(subscription_id=subscription_id)
    return _back("已取消订阅。")


def _back(said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("subscriptions.list_subscriptions"), 303)
