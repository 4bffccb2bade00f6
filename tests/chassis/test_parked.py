"""`gongzhi events`: what was parked is seen, replayed or discarded, and the decision is kept."""

from uuid import UUID, uuid4

import pytest

from deploy.gongzhi.events import command as events
from services.chassis import parked
from services.contracts.base import Invalid
from tests.chassis.court import Court, envelope
from tests.chassis.operating import Operator
from tests.chassis.processes import Process, eventually


@pytest.fixture
def operator(court: Court, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(court, monkeypatch)


def mend(court: Court, rally_id: UUID) -> None:
    """What made the handler refuse is put right: here, the event's own spell."""
    with court.pong.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE inbox SET body = replace(convert_from(body, 'UTF8'), 'refuse', '')::bytea"
            " WHERE aggregate_id = %s AND status = 'parked'",
            (str(rally_id),),
        )


def refused_event(court: Court, rally_id: UUID) -> str:
    court.serve(rally_id, [1], spell="refuse")
    [row] = court.until_inbox(rally_id, ["parked"])
    return str(row.event_id)


def test_a_parked_event_is_listed_with_its_reason(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    event_id = refused_event(court, rally_id)

    listed = operator.types(events, "list", "--service", "pong", "--status", "parked", "--json")
    [found] = [event for event in listed.json if event["event_id"] == event_id]
    assert listed.exit_code == 0
    assert (found["handler"], found["status"], found["attempts"]) == ("pong.on_served", "parked", 1)
    assert found["reason"] == "out_of_bounds: 这个球不接。"

    table = operator.types(events, "list", "--service", "pong")
    assert event_id in table.output
    assert "已搁置" in table.output
    waiting = operator.types(events, "list", "--status", "waiting", "--json").json
    assert event_id not in [event["event_id"] for event in waiting]


def test_an_event_is_shown_in_full_by_the_beginning_of_its_id(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    event_id = refused_event(court, rally_id)

    shown = operator.types(events, "show", event_id[:-4], "--json").json
    assert shown["event_id"] == event_id
    assert shown["headers"]["ce-type"] == "gongzhi.ping.served.v1"
    assert '"spell": "refuse"' in shown["body"]

    page = operator.types(events, "show", event_id).output
    assert "这个球不接" in page
    assert '"spell": "refuse"' in page


def test_an_unreadable_event_is_shown_as_what_it_is(court: Court, pong: Process, operator: Operator) -> None:
    event_id = str(uuid4())
    court.publish(b"\x00\xff[red]", {"ce-id": event_id, "ce-source": "[bold]x[/bold]"})
    eventually(lambda: court.column(court.pong, "SELECT 1 FROM inbox WHERE event_id = :id", id=event_id))

    page = operator.types(events, "show", event_id)

    assert page.exit_code == 0
    assert r"\x00" in page.output
    assert "[bold]x[/bold]" in page.output


def test_a_replayed_event_takes_effect_when_its_cause_is_gone(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    event_id = refused_event(court, rally_id)
    mend(court, rally_id)

    replayed = operator.types(events, "replay", event_id, "--reason", "规则已改正")

    assert replayed.exit_code == 0
    assert "已交给服务重新处理" in replayed.output
    court.until_returned(rally_id, [1])
    [row] = court.inbox(rally_id)
    assert (row.status, row.attempts) == ("done", 1)
    [decision] = row.decisions
    assert (decision["act"], decision["reason"]) == ("replay", "规则已改正")
    assert decision["was"] == "out_of_bounds: 这个球不接。"
    court.check_conservation(rally_id)


def test_a_replayed_event_that_is_still_refused_is_parked_again(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    event_id = refused_event(court, rally_id)

    operator.types(events, "replay", event_id, "--reason", "再试")
    eventually(lambda: court.inbox(rally_id)[0].attempts == 1 and court.inbox(rally_id)[0].status == "parked")
    operator.types(events, "replay", event_id, "--reason", "再试一次")

    eventually(lambda: court.inbox(rally_id)[0].status == "parked")
    assert [decision["reason"] for decision in court.inbox(rally_id)[0].decisions] == ["再试", "再试一次"]
    assert court.returned(rally_id) == []


def test_a_replay_warns_of_later_events_that_took_effect_meanwhile(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    event_id = refused_event(court, rally_id)
    court.serve(rally_id, [2, 3])
    court.until_returned(rally_id, [2, 3])
    mend(court, rally_id)

    replayed = operator.types(events, "replay", event_id, "--reason", "迟到也要")

    assert replayed.exit_code == 0
    assert "之后的 2 个事件已经生效" in replayed.errors
    court.until_returned(rally_id, [2, 3, 1])


def test_a_discarded_event_stays_as_evidence_and_is_never_handled(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    event_id = refused_event(court, rally_id)
    mend(court, rally_id)

    discarded = operator.types(events, "discard", event_id, "--reason", "重复录入", "--json")
    sent = court.outbox(rally_id)[0]
    court.publish(sent.payload.encode(), envelope(rally_id, 1, event_id=str(sent.event_id)).headers())
    court.serve(rally_id, [2])

    assert discarded.json["outcome"] == "discarded"
    court.until_returned(rally_id, [2])
    row = court.inbox(rally_id)[0]
    assert (row.status, row.decisions[0]["reason"]) == ("discarded", "重复录入")
    assert row.body is not None
    again = operator.types(events, "replay", event_id, "--reason", "反悔")
    assert again.exit_code == 1
    assert "不能再处理" in again.errors


def test_an_event_once_unreadable_is_replayed_under_its_handlers_name(
    court: Court, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    good = envelope(rally_id, 5)
    court.publish(b"{", good.headers())
    [parked_row] = court.until_inbox(rally_id, ["parked"])
    with court.pong.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE inbox SET body = %s WHERE event_id = %s", (good.body, parked_row.event_id)
        )

    operator.types(events, "replay", good.event_id, "--reason", "已能识别")
    court.until_returned(rally_id, [5])
    court.publish(good.body, good.headers())

    [row] = court.until_inbox(rally_id, ["done"])
    assert row.handler == "pong.on_served"
    assert court.returned(rally_id) == [5]


def test_an_unreadable_copy_of_an_event_that_took_effect_is_not_handled_again(
    court: Court, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    good = envelope(rally_id, 5)
    court.publish(good.body, good.headers())
    court.until_returned(rally_id, [5])
    court.publish(b"{", good.headers())
    eventually(lambda: len(court.inbox(rally_id)) == 2)
    with court.pong.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE inbox SET body = %s WHERE event_id = %s AND status = 'parked'",
            (good.body, good.event_id),
        )

    operator.types(events, "replay", good.event_id, "--reason", "已能识别")

    eventually(lambda: {row.status for row in court.inbox(rally_id)} == {"done", "discarded"})
    assert court.returned(rally_id) == [5]


@pytest.mark.parametrize("act", ["replay", "discard"])
def test_a_decision_needs_a_reason(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID, act: str
) -> None:
    event_id = refused_event(court, rally_id)

    assert operator.types(events, act, event_id).exit_code == 2
    blank = operator.types(events, act, event_id, "--reason", "  ")
    assert (blank.exit_code, blank.errors) == (1, "Error: 请写明原因。\n")
    with pytest.raises(Invalid), court.pong.transaction() as tx:
        parked.discard(tx, event_id, reason="")
    assert court.inbox(rally_id)[0].decisions == []


@pytest.mark.parametrize("act", ["show", "replay", "discard"])
def test_an_event_that_is_not_held_is_told_so(court: Court, operator: Operator, act: str) -> None:
    reason = [] if act == "show" else ["--reason", "x"]

    outcome = operator.types(events, act, uuid4(), *reason)

    assert outcome.exit_code == 1
    assert "没有编号为" in outcome.errors


def test_a_beginning_that_fits_two_events_is_not_enough(
    court: Court, ping: Process, pong: Process, operator: Operator, rally_id: UUID
) -> None:
    event_id = refused_event(court, rally_id)
    other = event_id[:-2] + ("00" if event_id[-2:] != "00" else "11")
    court.publish(b"{", {"ce-id": other})
    eventually(lambda: court.column(court.pong, "SELECT 1 FROM inbox WHERE event_id = :id", id=other))

    outcome = operator.types(events, "discard", event_id[:-2], "--reason", "x")

    assert outcome.exit_code == 1
    assert "不止对应一个事件" in outcome.errors


def test_an_unknown_service_is_wrong_usage(operator: Operator) -> None:
    assert operator.types(events, "list", "--service", "nobody").exit_code == 2
