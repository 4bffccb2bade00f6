"""Community funds (社区资金): their balances, the ledger behind them, and opening a new one."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import FUND_READERS, READERS, may
from gateway.calls import claims
from gateway.pages.asking import communities, my_communities, units_of
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS
from gateway.pages.paging import Pager

LIMIT = 20
SHOWN_POSTINGS = 10
CHOICES = 200

blueprint = Blueprint("funds", __name__)


@blueprint.get("/funds")
@may(*READERS)
def list_funds() -> str:
    narrowed = wanted("community_id", "fund_source", "status")
    page = claims.list_funds(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "funds/list.html",
        funds=page["items"],
        pager=Pager(page, LIMIT),
        sums=claims.count_funds(**narrowed),
        communities=communities(),
    )


@blueprint.get("/funds/new")
@may(*LEADERS)
def new_fund() -> str:
    return render_template("funds/new.html", communities=my_communities())


@blueprint.post("/funds/new")
@may(*LEADERS)
@shown_again_on(new_fund)
def open_fund() -> Response:
    fund = claims.open_fund(
        **filled(
            "fund_name", "community_id", "fund_source", "purpose", "category",
            "partner_name", "partner_uscc", "certificate_number", "filing_number",
        )
    )  # fmt: skip
    flash(f"资金「{fund['fund_name']}」已设立，账目从现在起对外公开。", "success")
    return redirect(url_for("funds.get_fund", fund_id=fund["fund_id"]), 303)


@blueprint.get("/funds/<uuid:fund_id>")
@may(*FUND_READERS)
def get_fund(fund_id: UUID) -> str:
    fund = claims.get_fund(fund_id=fund_id)
    payments = claims.list_payments(fund_id=fund_id, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "funds/fund.html",
        fund=fund,
        act=request.args.get("act", ""),
        payments=payments,
        pager=Pager(payments, LIMIT),
        postings=claims.list_postings(fund_id=fund_id, limit=SHOWN_POSTINGS)["items"],
        **_choices(fund),
    )


@blueprint.get("/funds/<uuid:fund_id>/postings")
@may(*FUND_READERS)
def list_postings(fund_id: UUID) -> str:
    narrowed = wanted("from_on", "to_on", "account")
    page = claims.list_postings(fund_id=fund_id, **narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "funds/ledger.html",
        fund=claims.get_fund(fund_id=fund_id),
        postings=page["items"],
        pager=Pager(page, LIMIT),
    )


def _choices(fund: dict[str, Any]) -> dict[str, Any]:
    """What the forms on the page offer; nothing is asked for where no form is open."""
    acts, community_id = set(fund["possible_acts"]), fund["community_id"]
    needs_units = acts & {"receive_money", "record_consent", "propose_payment"}
    there = {"community_id": community_id} if community_id else {}
    every_unit = claims.list_units(limit=CHOICES)["items"] if needs_units and not community_id else []
    return {
        "units": units_of(community_id) if needs_units and community_id else every_unit,
        "items": claims.list_items(**there, limit=CHOICES)["items"] if "earmark_money" in acts else [],
    }
