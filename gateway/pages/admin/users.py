"""Accounts: finding, opening, renaming and closing them, one-time passwords, ending all sessions."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth import accounts
from gateway.auth.accounts import BREAK_GLASS, UserNotFound
from gateway.auth.policy import may
from gateway.calls import claims
from gateway.first_answers import answered_once
from gateway.pages.admin.asking import (
    MANAGERS,
    WATCHERS,
    database,
    my_id,
    place_names,
    settings,
    shown_grants,
)
from gateway.pages.asking import if_up
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.paging import Pager
from gateway.storage import grants, people
from gateway.storage.grants import Grant, Scope
from gateway.storage.users import used_at
from services.chassis.clock import local_today, utc_now
from services.chassis.paging import decode_cursor, encode_cursor
from services.contracts.base import Forbidden, NotFound, Role, invalid_field

LIMIT = 20
MOST_SESSIONS = 50

blueprint = Blueprint("admin_users", __name__, url_prefix="/admin/users")


@blueprint.get("")
@may(*WATCHERS)
def list_users() -> str:
    after = decode_cursor(request.args.get("cursor"), str)
    with database().reading() as tx:
        found = people.list_users(
            tx.session, q=wanted("q").get("q", ""), after=after[0] if after else "", limit=LIMIT + 1
        )
    lines = [_line(row) for row in found[:LIMIT]]
    more = encode_cursor(found[LIMIT - 1].username) if len(found) > LIMIT else None
    pager = Pager({"items": lines, "next": more}, LIMIT)
    return render_template("admin/users.html", users=lines, pager=pager)


@blueprint.get("/new")
@may(*MANAGERS)
def new_user() -> str:
    return render_template("admin/new_user.html")


@blueprint.post("/new")
@may(*MANAGERS)
@shown_again_on(new_user)
@answered_once
def open_account() -> Response | str:
    """The password is in this answer and its sealed copy; sending the browser on would have to keep it open."""
    typed = filled("username", "display_name")
    if "username" not in typed:
        raise invalid_field("username", "必填。")
    password = accounts.one_time_password()
    user = accounts.add_user(
        database(),
        username=typed["username"],
        display_name=typed.get("display_name", ""),
        password=password,
        roles=(),
        granted_by=my_id(),
        is_one_time=True,
    )
    return render_template(
        "admin/password.html", user_id=user.user_id, username=user.username, password=password
    )


@blueprint.get("/<uuid:user_id>")
@may(*WATCHERS)
def get_user(user_id: UUID) -> str:
    with database().reading() as tx:
        found = _found(people.find_user(tx.session, user_id))
        held = grants.grants_of(tx.session, user_id)
        names = people.names(
            tx.session, {one for grant in held for one in (grant.granted_by, grant.revoked_by) if one}
        )
        places = place_names(tx.session)
        streets = grants.streets(tx.session)
        open_sessions = people.list_sessions(
            tx.session, idle=settings().session_idle, now=tx.now, user_id=user_id, limit=MOST_SESSIONS
        )
    shown = shown_grants(held, names, {**places, **_unit_names(held)})
    return render_template(
        "admin/user.html",
        user=_line(found),
        held=[one for one in shown if one["is_open"]],
        ended=[one for one in shown if not one["is_open"]],
        sessions=open_sessions,
        is_me=user_id == my_id(),
        roles=[(role.value, role.label) for role in Role if role is not Role.UNIT_LIAISON],
        places=_places_offered(places, streets),
        today=local_today().isoformat(),
    )


@blueprint.post("/<uuid:user_id>/change_user")
@may(*MANAGERS)
@shown_again_on(get_user)
def change_user(user_id: UUID) -> Response:
    name = filled("display_name").get("display_name", "")
    if not 1 <= len(name) <= 50 or not name.isprintable():
        raise invalid_field("display_name", "应为 1 至 50 个可见字符。")
    with database().transaction() as tx:
        _found(people.find_user(tx.session, user_id))
        people.rename(tx.session, user_id=user_id, display_name=name)
    return _back(user_id, "已保存。")


@blueprint.post("/<uuid:user_id>/close_account")
@may(*MANAGERS)
@shown_again_on(get_user)
def close_account(user_id: UUID) -> Response:
    if user_id == my_id():
        raise Forbidden("不能停用自己的账号，请由另一位安全管理员办理。")
    accounts.set_active(database(), username=_username(user_id), is_active=False)
    return _back(user_id, "账号已停用，全部登录已结束。")


@blueprint.post("/<uuid:user_id>/reopen_account")
@may(*MANAGERS)
@shown_again_on(get_user)
def reopen_account(user_id: UUID) -> Response:
    accounts.set_active(database(), username=_username(user_id), is_active=True)
    return _back(user_id, "账号已恢复。")


@blueprint.post("/<uuid:user_id>/reset_password")
@may(*MANAGERS)
@shown_again_on(get_user)
@answered_once
def reset_password(user_id: UUID) -> Response | str:
    """The password is in this answer and its sealed copy, as in `open_account`."""
    if user_id == my_id():
        raise Forbidden("请在“个人会话”中修改自己的密码。")
    username = _username(user_id)
    password = accounts.reset_password(database(), username=username)
    return render_template("admin/password.html", user_id=user_id, username=username, password=password)


@blueprint.post("/<uuid:user_id>/remove_second_factor")
@may(*MANAGERS)
@shown_again_on(get_user)
def remove_second_factor(user_id: UUID) -> Response:
    if user_id == my_id():
        raise Forbidden("请由另一位安全管理员为您解除两步验证。")
    accounts.remove_second_factor(database(), username=_username(user_id))
    return _back(user_id, "已解除两步验证，全部登录已结束。")


def _line(row: Any) -> dict[str, Any]:
    roles = getattr(row, "held_roles", None) or ()
    return {
        "user_id": row.user_id,
        "username": row.username,
        "display_name": row.display_name,
        "roles": [role.label for role in Role if role in roles],
        "state": _state(row),
        "created_at": row.created_at.isoformat(),
        "signed_in_at": row.signed_in_at.isoformat() if row.signed_in_at else None,
        "has_second_factor": row.second_factor_at is not None,
    }


def _state(row: Any) -> str:
    if not row.is_active:
        return "停用"
    is_idle = row.username != BREAK_GLASS and used_at(row) < utc_now() - settings().account_idle
    return "长期未用" if is_idle else "正常"


def _unit_names(held: list[Grant]) -> dict[str, str]:
    """Units are known to claims; while it is away, their numbers have to do."""
    found = {}
    for unit_id in {grant.scope_id for grant in held if grant.scope is Scope.UNIT}:
        try:
            unit = if_up(claims.get_unit, unit_id=unit_id)
        except NotFound:
            unit = None
        if unit:
            found[unit_id] = unit["unit_name"]
    return found


def _places_offered(communities: dict[str, str], streets: list[str]) -> list[tuple[str, str]]:
    return [
        (f"{Scope.CITY}:", "全市"),
        *((f"{Scope.STREET}:{street}", f"{street}（整个街道）") for street in streets),
        *(
            (f"{Scope.COMMUNITY}:{one}", name)
            for one, name in sorted(communities.items(), key=lambda pair: pair[1])
        ),
    ]


def _username(user_id: UUID) -> str:
    with database().reading() as tx:
        username: str = _found(people.find_user(tx.session, user_id)).username
    return username


def _found(row: Any | None) -> Any:
    if row is None:
        raise UserNotFound("没有这个账号。")
    return row


def _back(user_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("admin_users.get_user", user_id=user_id), 303)
