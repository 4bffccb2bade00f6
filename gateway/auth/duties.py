"""What an account owes before it may do anything else: a password of its own, a second factor.

And what is owed before anybody changes how an account is entered: a fresh proof that it is his. A stolen
cookie, or a screen left open, is worth a session and must not become the account (ASVS 7.5.1).

People are led to the page where they can give it; programs are refused with 403.
"""

from datetime import datetime, timedelta

from flask import Flask, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.auth.accounts import BREAK_GLASS
from gateway.auth.errors import PasswordChangeDue, ProofDue, SecondFactorDue
from gateway.auth.policy import policy_of
from gateway.auth.session import API, current_session, single_sign_on
from gateway.settings import Settings
from gateway.storage.identities import Origin
from gateway.storage.users import User
from services.chassis.clock import utc_now
from services.contracts.base import Forbidden

# Where each debt is paid.
PAGES: dict[type[Forbidden], str] = {
    PasswordChangeDue: "account.show_password",
    SecondFactorDue: "account.show_second_factor",
}
# Signing in is a proof too.
PROOF_LASTS = timedelta(minutes=10)
# Every act that changes how an account is entered, with the page to go on from. The others ask for the password
# or a code in their own form, each time: changing the password, new recovery codes, taking the factor off.
NEEDS_PROOF = {
    "account.show_second_factor": "account.show_second_factor",
    "account.confirm_second_factor": "account.show_second_factor",
    "account.end_session": "account.show_account",
    "account.end_other_sessions": "account.show_account",
    "sso.link_identity": "sso.show_link",
}
_OPEN_TO_DEBTORS = frozenset(
    {
        "account.show_password",
        "account.change_password",
        "account.show_second_factor",
        "account.confirm_second_factor",
        "account.show_proof",
        "account.give_proof",
        "api_session.get_session",
        "api_session.end_session",
    }
)


def register(app: Flask) -> None:
    app.before_request(_lead)


def debt_of(
    user: User, settings: Settings, *, now: datetime, origin: Origin | None = None
) -> Forbidden | None:
    """What has to be done first, if anything.

    `origin`: the system that opened the session, if another did. Whoever came from there used no password
    of ours, and no code either if that system asked for a second factor.
    """
    debt = None if origin else _password_debt(user, settings, now)
    has_second_factor = user.has_second_factor or (origin is not None and origin.has_second_factor)
    return debt or (None if has_second_factor else _second_factor_debt(user, settings))


def _password_debt(user: User, settings: Settings, now: datetime) -> Forbidden | None:
    if user.must_change_password:
        return PasswordChangeDue("这个密码是一次性的，请先登录网页换成自己的密码。")
    changed_at = user.password_changed_at
    if changed_at is not None and settings.password_rules.has_expired(changed_at, now=now):
        return PasswordChangeDue("密码已到期，请先登录网页更换密码。")
    return None


def _second_factor_debt(user: User, settings: Settings) -> Forbidden | None:
    # The emergency account exists for the day when phones and identity providers fail.
    if user.username != BREAK_GLASS and settings.second_factor_roles.intersection(user.roles):
        return SecondFactorDue("您的角色必须使用动态验证码，请先登录网页完成设置。")
    return None


def _lead() -> AnyResponse | None:
    view = current_app.view_functions.get(request.endpoint or "")
    policy = policy_of(view) if view else None
    if policy is None or policy.is_public:
        return None
    debt = None if request.endpoint in _OPEN_TO_DEBTORS else _debt_of_this_session()
    if debt is not None:
        return _led(debt, url_for(PAGES[type(debt)]))
    if _owes_proof():
        return _led(
            ProofDue("请先再次确认是您本人，再办理此项。"), url_for("account.show_proof", next=_going_on())
        )
    return None


def _led(debt: Forbidden, address: str) -> AnyResponse:
    if request.path.startswith(API) or "text/html" not in request.headers.get("Accept", ""):
        raise debt
    if request.headers.get("HX-Request") == "true":
        # A fragment cannot show the page; htmx loads it as a page of its own.
        return Response(status=403, headers={"HX-Redirect": address, "Cache-Control": "no-store"})
    return redirect(address, 303)


def _debt_of_this_session() -> Forbidden | None:
    opened = current_session()
    if opened is None:
        return None
    settings, now = current_app.extensions["settings"], utc_now()
    if debt_of(opened.user, settings, now=now) is None:
        return None
    # Asked only of debtors, so that nobody else's requests pay for the question.
    return debt_of(opened.user, settings, now=now, origin=single_sign_on().origin(opened.session_id))


def _owes_proof() -> bool:
    opened = current_session()
    if opened is None or request.endpoint not in NEEDS_PROOF:
        return False
    # Leaving needs no proof.
    is_leaving = (request.view_args or {}).get("session_id") == opened.session_id
    return not is_leaving and opened.proven_at < utc_now() - PROOF_LASTS


def _going_on() -> str:
    page = NEEDS_PROOF[request.endpoint or ""]
    taken = next(current_app.url_map.iter_rules(page)).arguments
    return url_for(
        page, **{name: value for name, value in (request.view_args or {}).items() if name in taken}
    )
