"""Who is signed in right now; ending one session, or all of a person."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth import accounts
from gateway.auth.policy import may
from gateway.pages.admin.asking import MANAGERS, WATCHERS, database, settings
from gateway.pages.frame import safe_address
from gateway.storage import people

MOST = 200

blueprint = Blueprint("admin_sessions", __name__, url_prefix="/admin/sessions")


@blueprint.get("")
@may(*WATCHERS)
def list_sessions() -> str:
    with database().reading() as tx:
        found = people.list_sessions(tx.session, idle=settings().session_idle, now=tx.now, limit=MOST)
    return render_template("admin/sessions.html", sessions=found, most=MOST)


@blueprint.post("/<uuid:session_id>/end_session_of")
@may(*MANAGERS)
def end_session_of(session_id: UUID) -> Response:
    with database().transaction() as tx:
        was_open = people.end_session(tx.session, session_id)
    return _back("登录已结束。" if was_open else "这次登录已经结束过了。")


@blueprint.post("/of/<uuid:user_id>/end_sessions_of")
@may(*MANAGERS)
def end_sessions_of(user_id: UUID) -> Response:
    accounts.end_sessions_of(database(), user_id)
    return _back("该账号的全部登录已结束。")


def _back(said: str) -> Response:
    flash(said, "success")
    return redirect(
        safe_address(request.form.get("next", "")) or url_for("admin_sessions.list_sessions"), 303
    )
