"""What becomes of items whose claim period ended; each act leads back to the item's page, also when refused."""

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.forms import fen, filled, shown_again_on
from gateway.pages.frame import LEADERS, STAFF
from gateway.pages.items import get_item

blueprint = Blueprint("item_expiry", __name__, url_prefix="/items/<uuid:item_id>")


@blueprint.post("/close_item_short")
@may(*LEADERS)
@shown_again_on(get_item)
def close_item_short(item_id: UUID) -> Response:
    claims.close_item_short(item_id=item_id, **filled("reason", "expected_version"))
    return _back(item_id, "已按认领部分结清，已认领的继续办理。")


@blueprint.post("/fund_item")
@may(*LEADERS)
@shown_again_on(get_item)
def fund_item(item_id: UUID) -> Response:
    claims.fund_item(
        item_id=item_id, **filled("fund_id", "expected_version"), **fen("amount_yuan", "amount_fen")
    )
    return _back(item_id, "已转为资金项目，款项已在资金中预留。")


@blueprint.post("/finish_item")
@may(*STAFF)
@shown_again_on(get_item)
def finish_item(item_id: UUID) -> Response:
    claims.finish_item(item_id=item_id, **filled("summary", "expected_version"))
    return _back(item_id, "已办结，随后进行考核和民意测验。")


@blueprint.post("/withdraw_item")
@may(*LEADERS)
@shown_again_on(get_item)
def withdraw_item(item_id: UUID) -> Response:
    claims.withdraw_item(item_id=item_id, **filled("reason", "expected_version"))
    return _back(item_id, "事项已撤回，原因对外公开。")


def _back(item_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("items.get_item", item_id=item_id), 303)
