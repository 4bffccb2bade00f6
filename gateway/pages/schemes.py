"""Assessment schemes (考核方案): the versions, one with its worked example, drafting and publishing."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import READERS, may
from gateway.calls import claims
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.paging import Pager
from services.contracts.base import Role, invalid_field
from services.contracts.claims.scheme_terms import ScorerKind

LIMIT = 20
FIELDS = (
    "title", "assessment_weight", "poll_weight", "timeliness_weight", "points_lost_per_day_late",
    "excellent_from", "good_from", "passed_from", "items_weight", "item_weighting", "least_items",
)  # fmt: skip
_CRITERION = re.compile(r"(?P<criterion>\S.*?)[\s:：]+(?P<most>[0-9]{1,3})\s*分?")

blueprint = Blueprint("schemes", __name__, url_prefix="/schemes")


@blueprint.get("")
@may(*READERS)
def list_schemes() -> str:
    page = claims.list_schemes(**wanted("status", "cursor"), limit=LIMIT)
    return render_template("schemes/list.html", schemes=page["items"], pager=Pager(page, LIMIT))


@blueprint.get("/new")
@may(Role.CITY_ADMIN)
def new_scheme() -> str:
    """What is in force is where a new one begins."""
    current = next(one for one in claims.list_schemes(limit=200)["items"] if one["is_in_force"])
    scheme = claims.get_scheme(scheme_id=current["scheme_id"])
    return render_template("schemes/edit.html", values=_values(scheme), scheme=None)


@blueprint.post("/new")
@may(Role.CITY_ADMIN)
@shown_again_on(new_scheme)
def draft_scheme() -> Response:
    scheme = claims.draft_scheme(**_written())
    flash(f"第 {scheme['number']} 版草案已保存，发布后自施行日期起生效。", "success")
    return _to(UUID(scheme["scheme_id"]))


@blueprint.get("/<uuid:scheme_id>")
@may(*READERS)
def get_scheme(scheme_id: UUID) -> str:
    return render_template("schemes/scheme.html", scheme=claims.get_scheme(scheme_id=scheme_id))


@blueprint.get("/<uuid:scheme_id>/edit")
@may(Role.CITY_ADMIN)
def edit_scheme(scheme_id: UUID) -> str:
    scheme = claims.get_scheme(scheme_id=scheme_id)
    return render_template("schemes/edit.html", values=_values(scheme), scheme=scheme)


@blueprint.post("/<uuid:scheme_id>/edit")
@may(Role.CITY_ADMIN)
@shown_again_on(edit_scheme)
def change_scheme(scheme_id: UUID) -> Response:
    claims.change_scheme(scheme_id=scheme_id, **_written(), **filled("expected_version"))
    flash("草案已修改。", "success")
    return _to(scheme_id)


@blueprint.post("/<uuid:scheme_id>/publish_scheme")
@may(Role.CITY_ADMIN)
@shown_again_on(get_scheme)
def publish_scheme(scheme_id: UUID) -> Response:
    scheme = claims.publish_scheme(scheme_id=scheme_id, **filled("effective_on", "expected_version"))
    flash(f"方案已发布，自 {scheme['effective_on']} 起施行；此前办结的事项仍按原方案计分。", "success")
    return _to(scheme_id)


@blueprint.post("/<uuid:scheme_id>/withdraw_scheme")
@may(Role.CITY_ADMIN)
@shown_again_on(get_scheme)
def withdraw_scheme(scheme_id: UUID) -> Response:
    claims.withdraw_scheme(scheme_id=scheme_id, **filled("reason", "expected_version"))
    flash("方案已撤回。", "success")
    return _to(scheme_id)


def _to(scheme_id: UUID) -> Response:
    return redirect(url_for("schemes.get_scheme", scheme_id=scheme_id), 303)


def _written() -> dict[str, Any]:
    """The form's fields; a party without weight does not score."""
    return {**filled(*FIELDS), "scorers": [rule for kind in ScorerKind if (rule := _scorer(kind))]}


def _scorer(kind: ScorerKind) -> dict[str, Any] | None:
    weight = request.form.get(f"{kind}_weight", "").strip()
    lines = [line.strip() for line in request.form.get(f"{kind}_criteria", "").splitlines() if line.strip()]
    if weight in ("", "0"):
        return None
    criteria = []
    for line in lines:
        found = _CRITERION.fullmatch(line)
        if found is None:
            raise invalid_field("scorers", f"评分项「{line}」应写成「名称 满分」，例如「按期完成 40」。")
        criteria.append({"criterion": found["criterion"], "most": found["most"]})
    return {"scorer": kind, "weight": weight, "criteria": criteria}


def _values(scheme: dict[str, Any]) -> dict[str, Any]:
    """What the form's fields hold for a scheme."""
    values = dict(scheme)
    for rule in scheme["scorers"]:
        values[f"{rule['scorer']}_weight"] = rule["weight"]
        values[f"{rule['scorer']}_criteria"] = "\n".join(
            f"{one['criterion']} {one['most']}" for one in rule["criteria"]
        )
    return values
