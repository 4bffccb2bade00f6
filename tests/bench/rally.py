"""Commit to effect: from the commit in ping, over outbox, relay, broker and inbox, to the commit in pong.

Both moments are PostgreSQL's own commit times (`track_commit_timestamp`) on one machine's clock.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2.extensions

from tests.bench.control import BenchFailed, Process
from tests.bench.ground import Ground, bounded_seconds
from tests.bench.timing import percentile

AT_ONCE = 16
NONE_FOR_SECONDS = 20.0


@dataclass
class Rally:
    ground: Ground
    ping: Process
    pong: Process

    def at_full_speed(self, events: int) -> dict[str, Any]:
        """Events a second from the first commit to the last effect."""
        self._clear()
        self.ping.ask("serve_all", count=events, at_once=AT_ONCE, within=120)
        committed, effected = self._times(events)
        elapsed = max(effected.values()) - min(committed.values())
        commits = max(committed.values()) - min(committed.values())
        return {
            "count": events,
            "rate": events / elapsed.total_seconds(),
            "commit_rate": events / commits.total_seconds(),
        }

    def steadily(self, rate: float, seconds: float) -> dict[str, Any]:
        """How long each event takes at this load; milliseconds."""
        self._clear()
        within = bounded_seconds(seconds)
        events = self.ping.ask("serve_steadily", rate=rate, seconds=seconds, within=within)
        committed, effected = self._times(events)
        waits = sorted((effected[number] - committed[number]).total_seconds() * 1000 for number in committed)
        return {
            "count": events,
            "rate": rate,
            "p50": percentile(waits, 0.50),
            "p99": percentile(waits, 0.99),
        }

    def _clear(self) -> None:
        """Every run begins with the same, empty tables."""
        for name, table in (("ping", "serves"), ("pong", "returns")):
            with self.ground.connected(name) as connection, connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {table}, inbox, outbox, outbox_sequences")

    def _times(self, events: int) -> tuple[dict[int, datetime], dict[int, datetime]]:
        """When each number was committed, and when it took effect."""
        with self.ground.connected("ping") as ping, self.ground.connected("pong") as pong:
            self._wait_for_effects(pong, events)
            committed, effected = _read(ping, "serves"), _read(pong, "returns")
        if committed.keys() != effected.keys() or len(committed) != events:
            raise BenchFailed(f"{len(committed)} 次提交，{len(effected)} 次生效，并不相同")
        return committed, effected

    def _wait_for_effects(self, pong: psycopg2.extensions.connection, events: int) -> None:
        """As long as there is progress."""
        seen, since = -1, time.monotonic()
        while seen < events:
            now_seen = _count(pong)
            if now_seen != seen:
                seen, since = now_seen, time.monotonic()
            elif time.monotonic() > since + NONE_FOR_SECONDS:
                raise BenchFailed(f"{events} 个事件只有 {seen} 个生效\n{self.pong.last_words()}")
            time.sleep(0.1)


def _count(connection: psycopg2.extensions.connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM returns")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _read(connection: psycopg2.extensions.connection, table: str) -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number, pg_xact_commit_timestamp(xmin) FROM {table}")
        return dict(cursor.fetchall())
