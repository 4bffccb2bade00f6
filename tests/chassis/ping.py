"""A service that changes something and tells of it."""

import time
from typing import Any

import sqlalchemy as sa

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.chassis.service import Service
from tests.chassis.pingpong import Count, Echo, OutOfBounds, Roar, Serve, Served

SERVES = sa.text("INSERT INTO serves (rally_id, number) VALUES (:rally_id, :number)")
COUNT = sa.text("SELECT count(*) FROM serves WHERE rally_id = :rally_id")


class Ping(Service):
    name = "ping"

    @command(Serve)
    def serve(self, tx: Transaction, **serve: Any) -> dict[str, Any]:
        time.sleep(serve["sleep"])
        if serve["number"] == 13:
            raise OutOfBounds("球出界了。")
        tx.session.execute(SERVES, {"rally_id": serve["rally_id"], "number": serve["number"]})
        tx.emit(
            Served(
                rally_id=serve["rally_id"], number=serve["number"], spell=serve["spell"], occurred_at=tx.now
            )
        )
        count = tx.session.execute(COUNT, {"rally_id": serve["rally_id"]}).scalar_one()
        return {"count": count}

    @command(Serve, private=("spell",))
    def serve_quietly(self, tx: Transaction, **serve: Any) -> dict[str, Any]:
        return {"spelt": len(serve["spell"])}

    @command(Serve)
    def serve_again(self, tx: Transaction, **serve: Any) -> dict[str, Any]:
        return {"count": 0}

    @query(Count)
    def peek(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        """Writes where it may only read."""
        tx.session.execute(SERVES, {"rally_id": wanted["rally_id"], "number": 0})
        return {"count": tx.session.execute(COUNT, wanted).scalar_one()}

    @query(Roar)
    def roar(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return {"roar": "r" * (wanted["megabytes"] * 1024 * 1024)}

    @query(Echo)
    def blunder(self, tx: Transaction, **said: Any) -> dict[str, Any]:
        raise RuntimeError(f"a mistake with {said['note']}")

    @query(Count)
    def count(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return {"count": tx.session.execute(COUNT, wanted).scalar_one()}

    @query(Echo)
    def echo(self, tx: Transaction, **said: Any) -> dict[str, Any]:
        time.sleep(said["sleep"])
        return {"note": said["note"], "actor": tx.actor.actor_id}

    @query(Echo)
    def nap(self, tx: Transaction, **said: Any) -> dict[str, Any]:
        """Sleeps inside the database, where a driver that does not yield stops the whole process."""
        tx.session.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": said["sleep"]})
        return {"note": said["note"]}
