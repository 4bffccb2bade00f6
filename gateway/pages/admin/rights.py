"""Grants on a user's page: giving one with its dates, revoking one; and the list of all who hold a role."""

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth import grants
from gateway.auth.policy import may
from gateway.first_answers import answered_once
from gateway.pages.admin.asking import (
    MANAGERS,
    WATCHERS,
    database,
    my_id,
    place_names,
    places,
    shown_grants,
)
from gateway.pages.admin.users import get_user
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.storage import grants as storage
from gateway.storage import people
from gateway.storage.grants import Scope
from services.chassis.clock import local_today
from services.contracts.base import Role, invalid_field

LIMIT = 50

blueprint = Blueprint("admin_grants", __name__, url_prefix="/admin")


@blueprint.get("/grants")
@may(*WATCHERS)
def list_grants() -> str:
    """What is in force or still to come, by role and person."""
    asked = wanted("role", "page")
    number = int(asked["page"]) if asked.get("page", "").isdecimal() else 1
    role = Role.of(asked["role"]) if asked.get("role") in set(Role) else None
    with database().reading() as tx:
        found = storage.list_open_grants(tx.session, role=role, offset=(number - 1) * LIMIT, limit=LIMIT + 1)
        held = [one for one, _ in found[:LIMIT]]
        names = people.names(tx.session, {one.granted_by for one in held if one.granted_by})
        shown = shown_grants(held, names, place_names(tx.session))
    people_of = [{"user_id": one.user_id, "name": name} for one, name in found[:LIMIT]]
    return render_template(
        "admin/grants.html",
        grants=list(zip(shown, people_of, strict=True)),
        number=number,
        has_more=len(found) > LIMIT,
    )


@blueprint.post("/users/<uuid:user_id>/add_grant")
@may(*MANAGERS)
@shown_again_on(get_user)
@answered_once
def add_grant(user_id: UUID) -> Response:
    typed = filled("role", "where", "valid_from", "valid_to")
    if typed.get("role") not in set(Role):
        raise invalid_field("role", "请选择角色。")
    scope, _, scope_id = typed.get("where", "").partition(":")
    if scope not in set(Scope):
        raise invalid_field("where", "请选择范围。")
    if scope == Scope.STREET:
        places().refresh()
    grants.add_grant(
        database(),
        user_id=user_id,
        role=Role.of(typed["role"]),
        scope=Scope.of(scope),
        scope_id=scope_id,
        valid_from=_day("valid_from", typed.get("valid_from")) or local_today(),
        valid_to=_day("valid_to", typed.get("valid_to")),
        granted_by=my_id(),
    )
    return _back(user_id, "已授权，立即生效。")


@blueprint.post("/users/<uuid:user_id>/grants/<uuid:grant_id>/revoke_grant")
@may(*MANAGERS)
@shown_again_on(get_user)
@answered_once
def revoke_grant(user_id: UUID, grant_id: UUID) -> Response:
    grants.revoke_grant(database(), grant_id, user_id=user_id, revoked_by=my_id())
    return _back(user_id, "授权已撤销。")


def _day(name: str, typed: str | None) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise invalid_field(name, "日期格式不对，应为 2026-11-23 这样。") from None


def _back(user_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("admin_users.get_user", user_id=user_id), 303)
