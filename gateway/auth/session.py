"""Who asks in the request at hand.

Programs under /api send `Authorization: Bearer …` and nothing else counts there;
browsers send the session cookie, which counts everywhere else.
"""

from typing import cast

from flask import current_app, g, request
from werkzeug.wrappers import Response

from gateway.auth.accounts import Accounts, Client, NewSession
from gateway.settings import Settings
from gateway.storage.users import OpenSession, User
from services.contracts.base import ANONYMOUS, Actor

API = "/api/"


def current_user() -> User | None:
    """The account that is signed in, or None."""
    opened = current_session()
    return opened.user if opened else None


def current_actor() -> Actor:
    """Who the services are told is asking."""
    user = current_user()
    return user.actor if user else ANONYMOUS


def current_session() -> OpenSession | None:
    if "opened_session" not in g:
        token = sent_token()
        g.opened_session = accounts().session_of(token) if token else None
    return cast("OpenSession | None", g.opened_session)


def sign_in(username: str, password: str) -> NewSession:
    """Check name and password and open a new session; an old one of this browser ends.

    Raises `SignInRefused` (401) or `TooManyAttempts` (429, `retry_after` seconds).
    """
    opened = accounts().sign_in(username=username, password=password, client=client())
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


def clear_session_cookie(response: Response) -> None:
    settings = _settings()
    response.delete_cookie(
        settings.session_cookie, path="/", secure=settings.is_production, httponly=True, samesite="Lax"
    )


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


def accounts() -> Accounts:
    return cast(Accounts, current_app.extensions["accounts"])


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
