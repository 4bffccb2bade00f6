"""Who asks in the request at hand.

Programs under /api send `Authorization: Bearer …` and nothing else counts there;
browsers send the session cookie, which counts everywhere else.
"""

import hashlib
from typing import cast

import flask
from flask import current_app, g, request
from werkzeug.wrappers import Response

from gateway.auth.accounts import SECOND_STEP, Accounts, NewSession
from gateway.auth.attempts import Client
from gateway.auth.sso.sign_on import Farewell, Opening, SingleSignOn
from gateway.settings import Settings
from gateway.storage.users import OpenSession, User
from services.contracts.base import ANONYMOUS, Actor

API = "/api/"
STREAM = "/live"
_VOUCHED = "vouched"


def current_user() -> User | None:
    """The account that is signed in, or None."""
    opened = current_session()
    return opened.user if opened else None


def current_actor() -> Actor:
    """Who the services are told is asking: with the rights of the roles that the route at hand names."""
    user = current_user()
    return user.actor_as(g.get("roles_asked", ())) if user else ANONYMOUS


def current_session() -> OpenSession | None:
    if "opened_session" not in g:
        token = sent_token()
        # A page left open listens on for ever; nobody uses it.
        is_use = request.path != STREAM
        g.opened_session = accounts().session_of(token, is_use=is_use) if token else None
    return cast("OpenSession | None", g.opened_session)


def sign_in(username: str, password: str, code: str = "") -> NewSession:
    """Check name and password and open a new session; an old one of this browser ends.

    Raises `SignInRefused` or `CodeRequired` (401) or `TooManyAttempts` (429, `retry_after` seconds).
    """
    opened = accounts().sign_in(username=username, password=password, client=client(), code=code)
    return _in_place_of_the_old(opened)


def finish_sign_in(code: str) -> NewSession:
    """The second step of a browser that has taken the first; raises `SignInExpired` or `CodeRefused` (401)."""
    half_token = request.cookies.get(_settings().half_session_cookie, "")
    vouched = _vouched(half_token)
    opened = accounts().finish_sign_in(
        half_token[:100], code=code, client=client(), method=_label(vouched) if vouched else ""
    )
    if vouched is not None:
        _remember(vouched, opened)
        flask.session.pop(_VOUCHED)
    return _in_place_of_the_old(opened)


def open_session_for(username: str, opening: Opening) -> NewSession:
    """For somebody whom another system vouches for; raises `SignInRefused` or `CodeRequired`."""
    opened = accounts().open_session_for(
        username, client(), method=_label(opening), has_second_factor=opening.has_second_factor
    )
    _remember(opening, opened)
    return _in_place_of_the_old(opened)


def await_code_of(response: Response, user: User, opening: Opening) -> None:
    """The other system has vouched for this browser's user; the second step is ours."""
    half_token = set_half_session_cookie(response, user)
    flask.session[_VOUCHED] = {
        "half": _fingerprint(half_token),
        "provider": opening.provider,
        "session_keys": opening.session_keys,
    }


def _vouched(half_token: str) -> Opening | None:
    """The first step that belongs to this half token, if another system took it."""
    found = flask.session.get(_VOUCHED)
    if found is None or found["half"] != _fingerprint(half_token):
        return None
    return Opening(provider=found["provider"], session_keys=tuple(found["session_keys"]))


def _remember(opening: Opening, opened: NewSession) -> None:
    if found := accounts().session_of(opened.token):
        single_sign_on().remember(opening, found.session_id)


def _label(opening: Opening) -> str:
    return single_sign_on().provider(opening.provider).label


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _in_place_of_the_old(opened: NewSession) -> NewSession:
    if old := sent_token():
        accounts().sign_out(old, client())
    g.opened_session = None
    return opened


def sign_out() -> None:
    if token := sent_token():
        accounts().sign_out(token, client())
    g.opened_session = None


def set_session_cookie(response: Response, opened: NewSession) -> None:
    """Hand the new session to the browser; it lasts as long as the browser window, at most as the session."""
    settings = _settings()
    response.set_cookie(
        settings.session_cookie,
        opened.token,
        max_age=int(settings.session_absolute.total_seconds()),
        path="/",
        secure=settings.is_production,
        httponly=True,
        samesite="Lax",
    )


def set_half_session_cookie(response: Response, user: User) -> str:
    """The browser has given the right password; for some minutes it may bring the code. Returns the token."""
    settings = _settings()
    token = accounts().begin_second_step(user)
    response.set_cookie(
        settings.half_session_cookie,
        token,
        max_age=int(SECOND_STEP.total_seconds()),
        path="/",
        secure=settings.is_production,
        httponly=True,
        samesite="Lax",
    )
    return token


def clear_session_cookie(response: Response) -> None:
    """The browser forgets the session, and whatever of it a page or the cache may have kept."""
    _clear_cookie(response, _settings().session_cookie)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def clear_half_session_cookie(response: Response) -> None:
    _clear_cookie(response, _settings().half_session_cookie)


def sent_token() -> str:
    """The token that came with the request; empty without one or with one of impossible length."""
    if request.path.startswith(API):
        authorization = request.authorization
        is_bearer = authorization is not None and authorization.type == "bearer"
        token = authorization.token if authorization is not None and is_bearer else None
    else:
        token = request.cookies.get(_settings().session_cookie)
    return token if token and len(token) <= 100 and token.isascii() else ""


def client() -> Client:
    agent = request.headers.get("User-Agent", "")
    printable = "".join(character for character in agent[:200] if character.isprintable())
    return Client(address=request.remote_addr or "", user_agent=printable)


def farewell() -> Farewell | None:
    """Before signing out here: where to sign out of the system that opened this session, if one did."""
    opened = current_session()
    return single_sign_on().farewell(opened.session_id) if opened else None


def single_sign_on() -> SingleSignOn:
    return cast(SingleSignOn, current_app.extensions["single_sign_on"])


def accounts() -> Accounts:
    return cast(Accounts, current_app.extensions["accounts"])


def _clear_cookie(response: Response, name: str) -> None:
    is_secure = _settings().is_production
    response.delete_cookie(name, path="/", secure=is_secure, httponly=True, samesite="Lax")


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
