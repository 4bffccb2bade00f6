"""我的账号: who I am here, my password, my second factor, and where I am signed in."""

from typing import cast
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth import session
from gateway.auth.errors import NotSignedIn
from gateway.auth.own_account import OwnAccount
from gateway.auth.policy import signed_in
from gateway.calls import claims, staffing
from gateway.pages.forms import shown_again_on
from gateway.pages.frame import safe_address
from gateway.storage.users import OpenSession
from services.chassis.clock import utc_now
from services.contracts.base import invalid_field

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@signed_in
def show_account() -> str:
    opened = _opened()
    user = opened.user
    return render_template(
        "account/account.html",
        opened=opened,
        communities=staffing.list_communities()["items"],
        unit=claims.get_unit(unit_id=user.unit_id) if user.unit_id else None,
        sessions=_own_account().list_sessions(opened),
        codes_left=_own_account().second_factors.count_codes(user.user_id) if user.has_second_factor else 0,
    )


@blueprint.get("/account/password")
@signed_in
def show_password() -> str:
    user, rules = _opened().user, current_app.extensions["settings"].password_rules
    changed_at = user.password_changed_at
    return render_template(
        "account/password.html",
        is_due=user.must_change_password,
        has_expired=changed_at is not None and rules.has_expired(changed_at, now=utc_now()),
        hint=rules.hint,
    )


@blueprint.post("/account/password")
@signed_in
@shown_again_on(show_password)
def change_password() -> Response:
    new = request.form.get("new_password", "")
    if new != request.form.get("again", ""):
        raise invalid_field("new_password", "两次输入的新密码不一致。")
    _own_account().change_password(
        _opened(), old=request.form.get("old_password", ""), new=new, client=session.client()
    )
    return _back("密码已更换，其他设备上的登录已全部结束。")


@blueprint.get("/account/proof")
@signed_in
def show_proof() -> str:
    wanted = request.values.get("next", "")
    return render_template("account/proof.html", next=safe_address(wanted))


@blueprint.post("/account/proof")
@signed_in
@shown_again_on(show_proof)
def give_proof() -> Response:
    _own_account().prove(_opened(), proof=request.form.get("proof", ""), client=session.client())
    flash("已确认是您本人，请继续。", "success")
    return redirect(safe_address(request.form.get("next", "")) or url_for("account.show_account"), 303)


@blueprint.get("/account/second-factor")
@signed_in
def show_second_factor() -> str | Response:
    user = _opened().user
    if user.has_second_factor:
        return redirect(url_for("account.show_account"), 303)
    second_factors = _own_account().second_factors
    secret = second_factors.offer(user.user_id)
    required = current_app.extensions["settings"].second_factor_roles
    return render_template(
        "account/second_factor.html",
        secret=secret,
        address=second_factors.address(secret, user.username),
        is_due=bool(required.intersection(user.roles)),
    )


@blueprint.post("/account/second-factor")
@signed_in
@shown_again_on(show_second_factor)
def confirm_second_factor() -> str:
    codes = _own_account().confirm_second_factor(_opened(), code=request.form.get("code", ""))
    return _shown_once(codes, "动态验证码已启用")


@blueprint.post("/account/second-factor/renew_recovery_codes")
@signed_in
@shown_again_on(show_account)
def renew_recovery_codes() -> str:
    codes = _own_account().renew_recovery_codes(
        _opened(), code=request.form.get("code", ""), client=session.client()
    )
    return _shown_once(codes, "备用码已更换")


@blueprint.post("/account/second-factor/remove")
@signed_in
@shown_again_on(show_account)
def remove_second_factor() -> Response:
    _own_account().remove_second_factor(_opened(), code=request.form.get("code", ""), client=session.client())
    return _back("动态验证码已停用，可以在新手机上重新设置。")


@blueprint.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Response:
    opened = _opened()
    _own_account().end_session(opened, session_id)
    if session_id == opened.session_id:
        response = redirect(url_for("session.show_sign_in"), 303)
        session.clear_session_cookie(response)
        return response
    return _back("那里的登录已结束。")


@blueprint.post("/account/sessions/end_others")
@signed_in
def end_other_sessions() -> Response:
    ended = _own_account().end_other_sessions(_opened())
    return _back(f"已结束其他 {ended} 处登录。" if ended else "没有其他登录。")


def _opened() -> OpenSession:
    opened = session.current_session()
    if opened is None:
        raise NotSignedIn("请先登录。")
    return opened


def _own_account() -> OwnAccount:
    return cast(OwnAccount, current_app.extensions["own_account"])


def _shown_once(codes: list[str], title: str) -> str:
    """Not after a redirect: the codes are stored nowhere from which a second request could read them."""
    return render_template("account/recovery_codes.html", codes=codes, title=title)


def _back(words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("account.show_account"), 303)
