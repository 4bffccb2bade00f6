"""Resident units (驻地单位) of the alliance."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import READERS, may
from gateway.calls import claims
from gateway.pages.asking import communities, my_communities
from gateway.pages.forms import chosen, filled, shown_again_on, wanted
from gateway.pages.frame import STAFF
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("units", __name__)


@blueprint.get("/units")
@may(*READERS)
def list_units() -> str:
    narrowed = wanted("q", "community_id")
    page = claims.list_units(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "units/list.html",
        units=page["items"],
        pager=Pager(page, LIMIT),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/units/new")
@may(*STAFF)
def new_unit() -> str:
    return render_template("units/new.html", communities=my_communities())


@blueprint.post("/units/new")
@may(*STAFF)
@shown_again_on(new_unit)
def register_unit() -> Response:
    unit = claims.register_unit(**filled("uscc", "unit_name", "kind"), **chosen("functions", "community_ids"))
    flash(f"{unit['unit_name']} 已加入党建联盟。", "success")
    return redirect(url_for("units.list_units", q=unit["unit_name"]), 303)
