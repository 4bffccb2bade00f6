"""Acts on a purchase; each leads back to its page, also when refused."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.forms import fen, filled, shown_again_on
from gateway.pages.frame import LEADERS, STAFF, UNITS
from gateway.pages.purchases import get_purchase

blueprint = Blueprint("purchase_acts", __name__, url_prefix="/purchases/<uuid:purchase_id>")

# As many rows as the form of a contract has; programs may send more.
MILESTONE_ROWS = 4


@blueprint.post("/record_offer")
@may(*STAFF)
@shown_again_on(get_purchase)
def record_offer(purchase_id: UUID) -> Response:
    claims.record_offer(
        purchase_id=purchase_id,
        **filled("unit_id", "supplier_kind", "marks", "note", "expected_version"),
        **fen("amount_yuan", "amount_fen"),
    )
    return _back(purchase_id, "报价已登记。")


@blueprint.post("/choose_supplier")
@may(*LEADERS)
@shown_again_on(get_purchase)
def choose_supplier(purchase_id: UUID) -> Response:
    claims.choose_supplier(purchase_id=purchase_id, **filled("offer_id", "reason", "expected_version"))
    return _back(purchase_id, "承接方已确定。")


@blueprint.post("/sign_contract")
@may(*LEADERS)
@shown_again_on(get_purchase)
def sign_contract(purchase_id: UUID) -> Response:
    claims.sign_contract(
        purchase_id=purchase_id,
        **filled(
            "contract_number", "from_on", "to_on", "long_term_reason", "holdback_percent", "expected_version"
        ),
        **fen("amount_yuan", "amount_fen"),
        milestones=_milestones(),
    )
    return _back(purchase_id, "合同已登记，并在合同公开页公布。")


@blueprint.post("/report_purchase_milestone")
@may(*UNITS)
@shown_again_on(get_purchase)
def report_purchase_milestone(purchase_id: UUID) -> Response:
    claims.report_purchase_milestone(purchase_id=purchase_id, **filled("number", "report"))
    return _back(purchase_id, "履约节点已报告，请等待社区核查。")


@blueprint.post("/check_purchase_milestone")
@may(*STAFF)
@shown_again_on(get_purchase)
def check_purchase_milestone(purchase_id: UUID) -> Response:
    claims.check_purchase_milestone(purchase_id=purchase_id, **filled("number", "is_passed", "note"))
    return _back(purchase_id, "核查结果已登记。")


@blueprint.post("/accept_purchase")
@may(*LEADERS)
@shown_again_on(get_purchase)
def accept_purchase(purchase_id: UUID) -> Response:
    claims.accept_purchase(purchase_id=purchase_id, **filled("note", "expected_version"))
    return _back(purchase_id, "已验收，随后进行考核和民意测验。")


@blueprint.post("/pay_instalment")
@may(*STAFF)
@shown_again_on(get_purchase)
def pay_instalment(purchase_id: UUID) -> Response:
    claims.pay_instalment(
        purchase_id=purchase_id, **filled("number", "is_payee_independent", "expected_version")
    )
    return _back(purchase_id, "付款已申请，由另一人在资金中批准。")


@blueprint.post("/close_purchase")
@may(*LEADERS)
@shown_again_on(get_purchase)
def close_purchase(purchase_id: UUID) -> Response:
    claims.close_purchase(purchase_id=purchase_id, **filled("expected_version"))
    return _back(purchase_id, "采购已结清。")


@blueprint.post("/terminate_purchase")
@may(*LEADERS)
@shown_again_on(get_purchase)
def terminate_purchase(purchase_id: UUID) -> Response:
    claims.terminate_purchase(purchase_id=purchase_id, **filled("reason", "expected_version"))
    return _back(purchase_id, "采购已终止。")


def _milestones() -> list[dict[str, Any]]:
    """The rows that somebody began to fill in."""
    rows = []
    for row in range(1, MILESTONE_ROWS + 1):
        typed = filled(f"title_{row}", f"due_on_{row}")
        if typed:
            sum_of_row = fen(f"amount_yuan_{row}", "milestones") or {"milestones": 0}
            names = {name.removesuffix(f"_{row}"): value for name, value in typed.items()}
            rows.append({**names, "amount_fen": sum_of_row["milestones"]})
    return rows


def _back(purchase_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("purchases.get_purchase", purchase_id=purchase_id), 303)
