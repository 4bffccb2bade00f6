"""Whether a process can do its work: ok, degraded (writes wait, nothing is lost), or down."""

from typing import Any

import sqlalchemy as sa

from services.chassis.logs import get_logger

OLD_OUTBOX_SECONDS = 60
log = get_logger(__name__)

_OLDEST = sa.text(
    "SELECT count(*), coalesce(extract(epoch FROM now() - min(occurred_at)), 0) FROM outbox "
    "WHERE published_at IS NULL"
)


def readiness(container: Any) -> dict[str, Any]:
    """The parts and the worst of them.

    Without the broker a process is degraded, not down: it still answers, and its events wait in the
    outbox. Without its database it is down.
    """
    parts: dict[str, Any] = {}
    database = getattr(container, "database", None)
    if database is not None:
        parts["database"], parts["outbox"] = _database(database)
    links = list(getattr(container, "links", {}).items())
    for purpose, is_connected in links:
        parts[f"broker:{purpose}"] = {"status": "ok" if is_connected() else "degraded"}
    order = ("ok", "degraded", "down")
    status = max((part["status"] for part in parts.values()), key=order.index, default="ok")
    return {"status": status, "service": container.service_name, "parts": parts}


def _database(database: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with database.engine.connect() as connection:
            waiting, oldest = connection.execute(_OLDEST).one()
    except sa.exc.SQLAlchemyError as error:
        log.warning("database does not answer", error=repr(error)[:200])
        return {"status": "down"}, {"status": "degraded"}
    late = oldest > OLD_OUTBOX_SECONDS
    outbox = {
        "status": "degraded" if late else "ok",
        "unpublished": waiting,
        "oldest_seconds": round(float(oldest), 1),
    }
    return {"status": "ok"}, outbox
