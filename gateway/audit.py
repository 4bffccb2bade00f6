"""The gateway's part in the audit: noting its own acts, and reading all chains as one.

    note("grant_role", record_id=user_id, reason=form_reason)

Changes of the services' records leave their rows there; here belongs what only the gateway knows of.
Whatever somebody who is signed in changes at the gateway alone is noted by itself (`register`); a view
that calls `note` says it better.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request

from gateway.auth.errors import NotSignedIn
from gateway.auth.session import current_actor, sent_token
from gateway.calls import READING, claims, consultation, notifications, staffing
from services.chassis import audit, audit_reading, tracing
from services.chassis.clock import utc_now
from services.chassis.db import Transaction
from services.chassis.paging import encode_cursor
from services.contracts.audit import ListAudit
from services.contracts.base import Actor, GongzhiError, Unavailable, shape

CHAIN = "gateway"
# Reading, but of what must not be read unnoticed: personal links, and what leaves the platform in files.
_WATCHED = frozenset(
    {
        "export_items",
        "get_file",
        "get_job_file",
        "get_service_certificate",
        "list_invitations",
        "list_unit_invitations",
    }
)
# Without an account until it is done.
_WATCHED_OF_ANYBODY = frozenset({"accept_invitation"})
# The log of sign-ins writes these.
_NOTED_ELSEWHERE = frozenset({"end_session"})
_QUERIES = ("count", "export", "find", "get", "list", "preview")
_MOST_REASON = 500
_AREAS = {
    "claims": claims,
    "consultation": consultation,
    "staffing": staffing,
    "notifications": notifications,
}


def note(
    act: str,
    *,
    record_id: UUID | str | None = None,
    community_id: UUID | None = None,
    outcome: str = audit.DONE,
    code: str = "",
    reason: str = "",
    before: Any = None,
    after: Any = None,
    actor: Actor | None = None,
    connection: sa.Connection | None = None,
) -> None:
    """One row for an act of whoever sent the request at hand (or of `actor`), written at once.

    With a `connection` it is written in that transaction.
    Of `before` and `after` only hashes are kept. Raises `Unavailable`: what cannot be noted must not be done.
    """
    database = current_app.extensions["database"]
    if database is None:  # an app without any server, for looking at pages
        return
    subject = audit.Subject(
        record_id=None if record_id is None else str(record_id),
        community_id=community_id,
        before_hash=audit.digest(before),
        after_hash=audit.digest(after),
        reason="".join(sign for sign in reason if sign.isprintable())[:_MOST_REASON],
    )
    entry = audit.entry_of(
        f"{CHAIN}.{act}",
        subject,
        actor=actor or current_actor(),
        at=utc_now(),
        address=request.remote_addr or "",
        request_id=tracing.request_id.get(),
        outcome=outcome,
        code=code,
    )
    if connection is not None:
        audit.write(connection, entry)
    else:
        with database.looking() as by_itself:
            audit.write(by_itself, entry)
    g.is_noted = True


def register(app: Flask) -> None:
    app.after_request(note_what_was_done)


def note_what_was_done(response: Response, connection: sa.Connection | None = None) -> Response:
    """Once for a request: in the transaction of the act, if that is told, else when the answer leaves."""
    view = current_app.view_functions.get(request.endpoint or "")
    policy = getattr(view, "policy", None)
    if policy is None or response.status_code >= 400 or g.get("is_noted"):
        return response
    act = (request.endpoint or "").rpartition(".")[2]
    is_change = request.method not in READING and not policy.is_public and not _has_changed_a_service()
    if act not in _NOTED_ELSEWHERE and (is_change or act in _WATCHED or act in _WATCHED_OF_ANYBODY):
        named = audit.named_in(request.view_args or {})
        note(
            act,
            record_id=named.record_id,
            community_id=named.community_id,
            reason=request.form.get("reason", ""),
            connection=connection,
        )
    return response


def _has_changed_a_service() -> bool:
    called = (operation.rpartition(".")[2] for operation in g.get("operation_counts", ()))
    return any(method.partition("_")[0] not in _QUERIES for method in called)


def note_refusal(refusal: GongzhiError) -> None:
    """Somebody was refused the route at hand.

    Not for a person who has not signed in yet and opens a page: that is shown the way to the sign-in.
    """
    if isinstance(refusal, NotSignedIn) and request.method in READING and not sent_token():
        return
    named = audit.named_in(request.view_args or {})
    note(
        request.endpoint or "",
        record_id=named.record_id,
        community_id=named.community_id,
        outcome=audit.REFUSED,
        code=refusal.code,
    )


def list_audit(wanted: dict[str, Any]) -> dict[str, Any]:
    """One page over all chains, newest first; `wanted` as `ListAudit` loads it."""
    pages, away = _of_all(
        lambda area: area.list_audit(**wanted), lambda tx: audit_reading.list_audit(tx, CHAIN, **wanted)
    )
    found = sorted(
        (entry for page in pages for entry in page["items"]),
        key=lambda entry: entry["entry_id"],
        reverse=True,
    )
    limit = wanted["limit"]
    is_last = len(found) <= limit and not any(page["next"] for page in pages)
    more = None if is_last else encode_cursor(UUID(found[limit - 1]["entry_id"]))
    return {"items": found[:limit], "next": more, "away": away}


def get_audit_state() -> dict[str, Any]:
    """How each chain stands."""
    states, away = _of_all(
        lambda area: area.get_audit_state(),
        lambda tx: audit_reading.get_audit_state(tx, CHAIN, current_app.extensions["audit_signer"]),
    )
    return {"items": states, "away": away}


def wanted_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """Filters of an address as `ListAudit` reads them; raises `Invalid`."""
    loaded: dict[str, Any] = shape(ListAudit).load(arguments)
    return loaded


def _of_all(
    ask: Callable[[Any], dict[str, Any]], look: Callable[[Transaction], dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The gateway's own answer and those of all services, and which services are away."""
    with current_app.extensions["database"].reading(actor=current_actor()) as tx:
        answers, away = [look(tx)], []
    for name, area in _AREAS.items():
        try:
            answers.append(ask(area))
        except Unavailable:
            away.append(name)
    return answers, away
