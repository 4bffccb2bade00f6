"""A POST whose effect is in the gateway's own database has one effect, and one answer for its key.

    @blueprint.post("/units/<uuid:unit_id>/invitations")
    @may(*STAFF)
    @answered_once
    def invite_liaison(unit_id): ...

The effect, its row in the audit and the answer are one commit, so a crash leaves all of them or nothing.
The answer may show a password or a personal link once: it is kept sealed, for as long as the key counts.
A refusal is not kept, and takes back whatever the view did before it. A view that has to count what it
refuses (a guess of a password) must therefore not be answered once.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import flask
import orjson
from flask import Response, current_app, g, make_response, request

from gateway import audit
from gateway.auth.session import current_actor
from gateway.calls import sent_idempotency_key
from gateway.storage import first_answers as storage
from services.chassis.audit import canonical
from services.chassis.db import Database
from services.chassis.logs import get_logger
from services.contracts.base import IdempotencyKeyReused

V = TypeVar("V", bound=Callable[..., Any])

# Of a form, what says nothing about the act. A password is left out because a hash of it could be tried out.
_LEFT_OUT = frozenset({"csrf_token", "idempotency_key", "password", "password_again"})
_FLASHES = "_flashes"

log = get_logger(__name__)


def answered_once(view: V) -> V:
    """Below the policy: the first answer, too, is only for somebody who still may ask."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = sent_idempotency_key() if request.method == "POST" else None
        if key is None or current_app.extensions["database"] is None:  # an app without any server
            return view(*args, **kwargs)
        return _answer(scoped(key), lambda: make_response(view(*args, **kwargs)))

    once.is_answered_once = True  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


def scoped(key: str) -> str:
    """Nobody can occupy another's key; all who have no account are told apart by where they are."""
    actor = current_actor()
    who = request.remote_addr if actor.is_anonymous else actor.actor_id
    return f"{who}|{request.endpoint}|{request.path if actor.is_anonymous else ''}|{key}"


def _answer(key: str, act: Callable[[], Response]) -> Response:
    answer_id = UUID(bytes=_keyed_hash(key.encode())[:16])
    fingerprint = _keyed_hash(canonical([request.path, sorted(request.args.items(multi=True)), _sent()]))
    database: Database = current_app.extensions["database"]
    with database.together() as tx:
        first = storage.begin(tx.session, answer_id=answer_id, fingerprint=fingerprint, now=tx.now)
        if first is None:
            response = act()
            if response.status_code >= 400:
                tx.session.rollback()
            else:
                audit.note_what_was_done(response, tx.session.connection())
                storage.keep(tx.session, answer_id=answer_id, text=_written(response))
            return response
    if not hmac.compare_digest(first.fingerprint, fingerprint):
        raise IdempotencyKeyReused("同一个 Idempotency-Key 已用于内容不同的请求。")
    log.info("answered from the first time", method=request.endpoint)
    g.is_noted = True
    return _read(first.text)


def _sent() -> Any:
    """What was asked, however it was written."""
    body = request.get_data(cache=True)  # before the form, which would leave nothing for the view to refuse
    if request.form:
        return [(name, values) for name, values in sorted(request.form.lists()) if name not in _LEFT_OUT]
    try:
        return orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        return body.hex()  # the view will say what is wrong with it


def _written(response: Response) -> str:
    """The answer with what it tells the person on the next page."""
    headers = [
        (name, value) for name, value in response.headers if name not in ("Content-Length", "Set-Cookie")
    ]
    kept = {
        "status": response.status_code,
        "headers": headers,
        "body": response.get_data(as_text=True),
        # A program has no next page, and its cookies do not count.
        "flashes": flask.session.get(_FLASHES, []) if request.form else [],
    }
    return json.dumps(kept, ensure_ascii=False)


def _read(text: str) -> Response:
    kept = json.loads(text)
    for category, message in kept["flashes"]:
        flask.flash(message, category)
    return Response(kept["body"], status=kept["status"], headers=kept["headers"])


def _keyed_hash(told: bytes) -> bytes:
    # A bare hash of a short form could be tried out until it tells what was typed, and from where.
    return hmac.new(current_app.extensions["settings"].secret_key, told, hashlib.sha256).digest()
