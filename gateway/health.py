"""Is the process alive, and can it work?"""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from gateway.auth.policy import public
from services.contracts.base import Unavailable

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def get_health() -> Response:
    """The loop answers; nothing else is asked."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def get_readiness() -> tuple[Response, int]:
    """503 without the database; without the broker only degraded, because pages still tell people so."""
    database, broker = _database(), _broker()
    status = "down" if database != "ok" else "ok" if broker == "ok" else "degraded"
    parts = {"database": database, "broker": broker}
    return jsonify(status=status, parts=parts), 503 if status == "down" else 200


def _database() -> str:
    database: Any = current_app.extensions["database"]
    try:
        with database.reading():
            database.ping()
    except Unavailable:
        return "down"
    return "ok"


def _broker() -> str:
    is_connected = current_app.extensions["broker_is_connected"]
    return "ok" if is_connected() else "down"
