"""`gongzhi reconcile`: finds what was broken on purpose, and nothing where nothing was."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from deploy.gongzhi import _hearers
from deploy.gongzhi.reconcile import command as reconcile
from services.chassis.config import Config
from services.chassis.db import Database
from services.chassis.service import KEPT_DAYS, tidy
from tests.chassis.court import Court, envelope
from tests.chassis.operating import Operator
from tests.chassis.processes import eventually

EVENTS = 20


@pytest.fixture
def operator(court: Court, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(court, monkeypatch)


@pytest.fixture
def reconciled(court: Court, operator: Operator, rally_id: UUID) -> UUID:
    """A rally that has arrived, with nothing else in either database."""
    court.run("ping")
    court.run("pong")
    until_quiet(court)
    empty(court)
    court.serve(rally_id, range(EVENTS))
    court.until_returned(rally_id, range(EVENTS))
    eventually(lambda: all(row.published_at for row in court.outbox(rally_id)))
    return rally_id


def until_quiet(court: Court) -> None:
    """Nothing of earlier tests is on its way any more."""

    def is_quiet() -> bool:
        with court.channel() as channel:
            queued = channel.queue_declare("pong.inbox", passive=True).message_count
        unpublished = court.rows(court.ping, "SELECT 1 FROM outbox WHERE published_at IS NULL")
        waiting = court.rows(court.pong, "SELECT 1 FROM inbox WHERE status = 'waiting'")
        return not (queued or unpublished or waiting)

    eventually(is_quiet)
    time.sleep(0.2)


def empty(court: Court) -> None:
    for database, names in ((court.ping, "outbox, inbox, serves"), (court.pong, "outbox, inbox, returns")):
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names}")


def change(court: Court, service: str, statement: str, *values: Any) -> None:
    with getattr(court, service).engine.begin() as connection:
        connection.exec_driver_sql(statement, values)


def finding(outcome: Any) -> dict[str, Any]:
    [found] = [found for found in outcome.json["findings"] if found["reader"] == "pong"]
    return dict(found)


def forget_one(court: Court, rally_id: UUID) -> str:
    event_id = str(court.outbox(rally_id)[7].event_id)
    change(court, "pong", "DELETE FROM inbox WHERE event_id = %s", event_id)
    change(court, "pong", "DELETE FROM returns WHERE event_id = %s", event_id)
    return event_id


def test_what_arrived_is_sound(court: Court, operator: Operator, reconciled: UUID) -> None:
    outcome = operator.types(reconcile, "--json")

    assert outcome.exit_code == 0
    found = finding(outcome)
    assert (found["told"], found["done"], found["is_sound"]) == (EVENTS, EVENTS, True)
    assert "每个事件都在它该在的地方" in operator.types(reconcile).output


def test_a_lost_event_is_found_and_sent_again(court: Court, operator: Operator, reconciled: UUID) -> None:
    event_id = forget_one(court, reconciled)

    outcome = operator.types(reconcile, "--wait", 0.5, "--json")
    fresh = finding(outcome)
    assert (outcome.exit_code, fresh["lost"], fresh["in_flight"]) == (0, [], [event_id])

    change(court, "ping", "UPDATE outbox SET published_at = now() - interval '1 hour'")
    outcome = operator.types(reconcile, "--wait", 0.5, "--repair", "--json")
    assert outcome.exit_code == 1
    assert finding(outcome)["lost"] == [event_id]
    assert outcome.json["repaired"] == 1

    eventually(lambda: event_id in [row.event_id for row in court.inbox(reconciled)])
    assert operator.types(reconcile).exit_code == 0
    court.check_conservation(reconciled)


def test_an_event_that_nobody_told_is_found(court: Court, operator: Operator, reconciled: UUID) -> None:
    forged = envelope(uuid4(), 1)
    court.publish(forged.body, forged.headers())
    court.until_returned(UUID(forged.aggregate_id), [1])

    outcome = operator.types(reconcile)

    assert outcome.exit_code == 1
    assert f"来历不明：{forged.event_id}" in outcome.output
    assert finding(operator.types(reconcile, "--json"))["lost"] == []


def test_a_message_that_no_one_could_read_is_counted_as_parked_only(
    court: Court, operator: Operator, reconciled: UUID
) -> None:
    garbage = envelope(uuid4(), 1)
    court.publish(b"{", garbage.headers())
    court.until_inbox(UUID(garbage.aggregate_id), ["parked"])

    outcome = operator.types(reconcile, "--json")

    assert (outcome.exit_code, finding(outcome)["parked"]) == (0, 1)


def test_events_that_wait_are_where_they_belong(court: Court, operator: Operator, reconciled: UUID) -> None:
    """Parked, behind it, unpublished because the producer is not there, queued because the reader is not."""
    court.serve(reconciled, [100], spell="refuse")
    eventually(lambda: court.inbox(reconciled)[-1].status == "parked")
    court.rest("pong")
    court.serve(reconciled, [101])
    eventually(lambda: court.outbox(reconciled)[-1].published_at)
    court.rest("ping")
    court.serve(reconciled, [102])
    change(
        court, "ping", "UPDATE outbox SET published_at = now() - interval '1 hour' WHERE published_at < now()"
    )

    outcome = operator.types(reconcile, "--wait", 0.2, "--json")

    found = finding(outcome)
    queued, unpublished = (str(row.event_id) for row in court.outbox(reconciled)[-2:])
    assert (found["parked"], found["in_flight"], found["unpublished"]) == (1, [queued], [unpublished])
    assert (outcome.exit_code, found["is_sound"]) == (0, True)


def test_without_the_broker_nothing_is_called_lost(
    court: Court, operator: Operator, reconciled: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its queue still holds the event cannot be known."""
    event_id = forget_one(court, reconciled)
    change(court, "ping", "UPDATE outbox SET published_at = now() - interval '1 hour'")
    monkeypatch.setenv("GONGZHI_AMQP_URL", "amqp://nobody:x@127.0.0.1:1/x")

    outcome = operator.types(reconcile, "--wait", 0.2, "--json")

    assert (outcome.exit_code, finding(outcome)["in_flight"]) == (0, [event_id])


def test_what_is_older_than_rows_are_kept_is_not_compared(
    court: Court, operator: Operator, reconciled: UUID
) -> None:
    """Its counterpart may have been tidied away already."""
    gone = str(court.outbox(reconciled)[3].event_id)
    change(
        court, "pong", "UPDATE inbox SET received_at = now() - interval '40 days' WHERE event_id = %s", gone
    )
    change(court, "ping", "DELETE FROM outbox WHERE event_id = %s", gone)
    forgotten = forget_one(court, reconciled)
    change(court, "ping", "UPDATE outbox SET published_at = now() - interval '40 days'")

    outcome = operator.types(reconcile, "--wait", 0.2, "--json")

    assert outcome.exit_code == 0
    assert forgotten not in finding(outcome)["lost"]


def test_the_services_of_the_city_are_compared_with_every_reader_of_theirs(
    service_db: Callable[[str], Database], settings: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in _hearers.service_names():
        service_db(service)
    for name, value in settings.variables.items():
        if name.startswith("GONGZHI_"):
            monkeypatch.setenv(name, value)

    done = CliRunner().invoke(reconcile, ["--json"])

    pairs = {(found["producer"], found["reader"]) for found in json.loads(done.stdout)["findings"]}
    assert done.exit_code == 0
    assert pairs == {(event.source, reader) for event in _hearers.event_classes() for reader in event.readers}


def test_an_absent_database_is_one_sentence(
    operator: Operator, court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGZHI_DATABASE_URL", "postgresql://x:x@127.0.0.1:1/x")

    outcome = operator.types(reconcile)

    assert outcome.exit_code == 1
    assert outcome.errors.count("\n") == 1


def test_old_rows_are_tidied_and_undecided_ones_are_kept(court: Court, reconciled: UUID) -> None:
    court.serve(reconciled, [100], spell="refuse")
    eventually(lambda: court.inbox(reconciled)[-1].status == "parked")
    old = f"now() - interval '{KEPT_DAYS + 1} days'"
    change(court, "ping", f"UPDATE outbox SET published_at = {old} WHERE sequence <= 10")
    change(court, "pong", f"UPDATE inbox SET finished_at = {old}, received_at = {old} WHERE sequence <> 15")

    tidy(court.ping, days=KEPT_DAYS)
    tidy(court.pong, days=KEPT_DAYS)

    assert [row.sequence for row in court.outbox(reconciled)] == list(range(11, EVENTS + 2))
    assert [row.status for row in court.inbox(reconciled)] == ["done", "parked"]
