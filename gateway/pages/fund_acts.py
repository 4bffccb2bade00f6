"""Acts on a fund, its payments and postings; each leads back to the fund's page, also when refused."""

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.forms import fen, filled, shown_again_on
from gateway.pages.frame import LEADERS, STAFF
from gateway.pages.funds import get_fund

blueprint = Blueprint("fund_acts", __name__, url_prefix="/funds/<uuid:fund_id>")


@blueprint.post("/receive_money")
@may(*STAFF)
@shown_again_on(get_fund)
def receive_money(fund_id: UUID) -> Response:
    claims.receive_money(
        fund_id=fund_id,
        **_amount(),
        **filled(
            "receipt_number", "payer_kind", "payer_unit_id", "payer_name", "is_payer_public",
            "resolution_id", "posted_on", "note", "expected_version",
        ),
    )  # fmt: skip
    return _back(fund_id, "收入已登记。")


@blueprint.post("/return_money")
@may(*LEADERS)
@shown_again_on(get_fund)
def return_money(fund_id: UUID) -> Response:
    claims.return_money(fund_id=fund_id, **_amount(), **filled("reason", "posted_on", "expected_version"))
    return _back(fund_id, "退还已登记。")


@blueprint.post("/earmark_money")
@may(*STAFF)
@shown_again_on(get_fund)
def earmark_money(fund_id: UUID) -> Response:
    kept = filled("item_id", "note", "posted_on", "expected_version")
    claims.earmark_money(fund_id=fund_id, **_amount(), **kept)
    return _back(fund_id, "资金已预留。")


@blueprint.post("/release_earmark")
@may(*STAFF)
@shown_again_on(get_fund)
def release_earmark(fund_id: UUID) -> Response:
    kept = filled("item_id", "note", "posted_on", "expected_version")
    claims.release_earmark(fund_id=fund_id, **_amount(), **kept)
    return _back(fund_id, "预留已解除。")


@blueprint.post("/propose_payment")
@may(*STAFF)
@shown_again_on(get_fund)
def propose_payment(fund_id: UUID) -> Response:
    claims.propose_payment(
        fund_id=fund_id,
        **_amount(),
        **filled(
            "payee_kind", "payee_unit_id", "payee_name", "purpose", "voucher_number", "item_id",
            "is_payee_independent", "posted_on", "expected_version",
        ),
    )  # fmt: skip
    return _back(fund_id, "付款申请已提交，须由另一人批准。")


@blueprint.post("/record_consent")
@may(*STAFF)
@shown_again_on(get_fund)
def record_consent(fund_id: UUID) -> Response:
    claims.record_consent(
        fund_id=fund_id,
        **_amount(),
        **filled("kind", "unit_id", "reference", "consented_on", "wording", "expected_version"),
    )
    return _back(fund_id, "同意书已登记。")


@blueprint.post("/change_purpose")
@may(*LEADERS)
@shown_again_on(get_fund)
def change_purpose(fund_id: UUID) -> Response:
    claims.change_purpose(fund_id=fund_id, **filled("purpose", "category", "reason", "expected_version"))
    return _back(fund_id, "用途已变更。")


@blueprint.post("/close_month")
@may(*LEADERS)
@shown_again_on(get_fund)
def close_month(fund_id: UUID) -> Response:
    claims.close_month(fund_id=fund_id, **filled("month_on", "expected_version"))
    return _back(fund_id, "月结完成，该月不能再记账。")


@blueprint.post("/close_fund")
@may(*LEADERS)
@shown_again_on(get_fund)
def close_fund(fund_id: UUID) -> Response:
    claims.close_fund(fund_id=fund_id, **filled("expected_version"))
    return _back(fund_id, "资金已关闭。")


@blueprint.post("/payments/<uuid:payment_id>/approve_payment")
@may(*LEADERS)
@shown_again_on(get_fund)
def approve_payment(fund_id: UUID, payment_id: UUID) -> Response:
    claims.approve_payment(fund_id=fund_id, payment_id=payment_id, **filled("posted_on"))
    return _back(fund_id, "付款已批准并记账。")


@blueprint.post("/payments/<uuid:payment_id>/reject_payment")
@may(*STAFF)
@shown_again_on(get_fund)
def reject_payment(fund_id: UUID, payment_id: UUID) -> Response:
    claims.reject_payment(fund_id=fund_id, payment_id=payment_id, **filled("reason"))
    return _back(fund_id, "付款申请已驳回，款项回到原处。")


@blueprint.post("/payments/<uuid:payment_id>/refund_payment")
@may(*STAFF)
@shown_again_on(get_fund)
def refund_payment(fund_id: UUID, payment_id: UUID) -> Response:
    claims.refund_payment(
        fund_id=fund_id, payment_id=payment_id, **_amount(), **filled("reason", "posted_on")
    )
    return _back(fund_id, "付款退回已登记。")


@blueprint.post("/postings/<uuid:posting_id>/reverse_posting")
@may(*LEADERS)
@shown_again_on(get_fund)
def reverse_posting(fund_id: UUID, posting_id: UUID) -> Response:
    claims.reverse_posting(fund_id=fund_id, posting_id=posting_id, **filled("reason"))
    return _back(fund_id, "分录已冲正。")


def _amount() -> dict[str, int]:
    return fen("amount_yuan", "amount_fen")


def _back(fund_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("funds.get_fund", fund_id=fund_id), 303)
