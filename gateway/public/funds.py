"""The public accounts (资金公开): every fund with its balances, its closed months and what it paid."""

from uuid import UUID

from flask import Blueprint, render_template

from gateway.auth.policy import public
from gateway.calls import claims
from gateway.pages.asking import communities
from gateway.pages.forms import wanted
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("public_funds", __name__)


@blueprint.get("/public/funds")
@public
def list_public_funds() -> str:
    narrowed = wanted("community_id", "fund_source")
    page = claims.list_funds(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "public/funds.html",
        funds=page["items"],
        pager=Pager(page, LIMIT),
        sums=claims.count_funds(**narrowed),
        communities=communities(),
    )


@blueprint.get("/public/funds/<uuid:fund_id>")
@public
def get_public_fund(fund_id: UUID) -> str:
    page = claims.list_public_payments(fund_id=fund_id, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "public/fund.html",
        fund=claims.get_public_fund(fund_id=fund_id),
        payments=page["items"],
        pager=Pager(page, LIMIT),
    )
