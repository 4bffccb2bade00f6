"""The public board (公示栏): notices, and published items with their progress."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import public
from gateway.calls import claims, notifications
from gateway.pages.asking import communities, if_up
from gateway.pages.forms import wanted
from gateway.pages.paging import Pager

SHOWN = 10
LIMIT = 12

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@public
def show_front() -> Response:
    return redirect(url_for("public.show_board"), 303)


@blueprint.get("/board")
@public
def show_board() -> str:
    """Each half stands by itself when the service behind the other is away."""
    narrowed = wanted("community_id")
    notices = if_up(notifications.list_notices, **narrowed, **wanted("cursor"), limit=SHOWN)
    return render_template(
        "public/board.html",
        notices=notices,
        pager=Pager(notices, SHOWN) if notices else None,
        items=if_up(claims.list_items, **narrowed, limit=SHOWN),
        communities=if_up(lambda: {"items": communities()}),
        narrowed=narrowed,
    )


@blueprint.get("/public/items")
@public
def list_items() -> str:
    narrowed = wanted("q", "community_id", "category")
    page = claims.list_items(**narrowed, **wanted("status", "cursor"), limit=LIMIT)
    return render_template(
        "public/items.html",
        items=page["items"],
        pager=Pager(page, LIMIT),
        counts=claims.count_items(**narrowed),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/public/items/<uuid:item_id>")
@public
def get_item(item_id: UUID) -> str:
    return render_template(
        "public/item.html",
        item=claims.get_item(item_id=item_id),
        linkage=claims.get_linkage(item_id=item_id),
        notices=if_up(notifications.list_notices, item_id=item_id, limit=20),
    )
