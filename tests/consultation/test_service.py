"""The doors of consultation: shapes in, shapes out, each event and each call one effect."""

import hmac
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import sqlalchemy as sa

from services.chassis import calls, tables, wire
from services.chassis.calls import Call, read_reply
from services.chassis.db import Database
from services.chassis.inbox import Delivery, Handler, Inbox
from services.chassis.wire import JSON, Envelope, read_error, write_event
from services.consultation.service import ConsultationService
from services.consultation.storage.invitation import answers
from services.contracts.base import ANONYMOUS, Actor, Event, Invalid
from services.contracts.claims.events import ItemVerified
from services.contracts.consultation import views
from services.contracts.consultation.errors import AlreadyAnswered, LinkInvalid
from services.contracts.staffing.events import CommunityChanged, CommunityRegistered
from services.contracts.staffing.terms import CommunityGrade
from tests.consultation.builders import (
    CITY,
    DOER,
    HUAYUAN,
    NOW,
    WEEK,
    hear_of,
    impossible_number,
    open_poll,
    told,
)


class Doors:
    """Consultation's doors, called as the broker calls them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = ConsultationService()
        self.service.db = database  # type: ignore[assignment]  # what nameko puts there

    def ask(self, method: str, data: dict[str, Any], *, actor: Actor = CITY, key: str | None = None) -> Any:
        """The answer of a call, or its error raised."""
        call = Call(method=method, data=data, deadline=time.time() + 10, actor=actor, idempotency_key=key)
        reply = read_reply(getattr(self.service, method)(call))
        if reply.error is not None:
            raise read_error(reply.error)
        assert reply.answer is not None
        return msgspec.json.decode(reply.answer)

    def hear(self, event: Event, *, event_id: UUID | None = None) -> str:
        """Delivers an event; how it was handled."""
        door = f"on_{event.name()}"
        handler = Handler(name=f"consultation.{door}", event_class=type(event))
        envelope = Envelope(
            event_id=str(event_id or uuid4()),
            source=event.source,
            name=event.name(),
            version=event.version,
            aggregate_id=str(event.aggregate_id),
            sequence=1,
            occurred_at=event.occurred_at,
            traceparent="",
            body=write_event(event).encode(),
        )
        inbox = Inbox(self.database, {event.name(): handler})
        delivery = Delivery(headers=envelope.headers(), content_type=JSON, body=envelope.body)
        result: str = inbox.receive(delivery, getattr(self.service, door))
        return result

    def poll_of_new_item(self, residents: int, **named: Any) -> dict[str, Any]:
        """The open poll of an item just verified, among so many residents."""
        self.hear(registered())
        if residents:
            self.ask("import_residents", {"residents": [resident(nth) for nth in range(residents)]})
        event = verified(**named)
        assert self.hear(event) == "ok"
        (poll,) = self.ask("list_polls", {"item_id": str(event.item_id)})["items"]
        return poll  # type: ignore[no-any-return]

    def links(self, poll_id: str) -> list[str]:
        return [row["token"] for row in self.ask("list_invitations", {"poll_id": poll_id})["items"]]


@pytest.fixture
def doors(service_db: Callable[[str], Database]) -> Doors:
    return Doors(service_db("consultation"))


def test_a_poll_from_the_completed_item_to_the_result(doors: Doors) -> None:
    poll = doors.poll_of_new_item(residents=4)
    tokens = doors.links(poll["poll_id"])
    for token, satisfaction in zip(tokens, ["very_satisfied", "satisfied", "dissatisfied"], strict=False):
        answered = doors.ask(
            "answer_poll", {"token": token, "satisfaction": satisfaction}, actor=ANONYMOUS, key=token
        )
        assert answered == {"answered": True}

    closed = doors.ask("close_poll", {"poll_id": poll["poll_id"], "expected_version": poll["version"]})

    assert (closed["status"], closed["answered"], closed["turnout_percent"]) == ("closed", 3, "75.00")
    assert (closed["satisfaction_percent"], closed["bad_percent"], closed["score"]) == (
        "66.67",
        "33.33",
        "70.00",
    )
    assert closed["counts"]["very_dissatisfied"] == 0
    assert closed["is_sample_sufficient"] is False
    assert closed["possible_acts"] == []
    assert doors.ask("get_poll", {"poll_id": poll["poll_id"]}, actor=ANONYMOUS) == closed


def test_the_result_stays_sealed_while_the_poll_is_open(doors: Doors) -> None:
    poll = doors.poll_of_new_item(residents=4)
    doors.ask("answer_poll", {"token": doors.links(poll["poll_id"])[0], "satisfaction": "satisfied"})

    seen = doors.ask("get_poll", {"poll_id": poll["poll_id"]}, actor=CITY)

    sealed = ("counts", "satisfaction_percent", "bad_percent", "score", "is_sample_sufficient", "closed_at")
    assert [seen[name] for name in sealed] == [None] * 6
    assert (seen["answered"], seen["turnout_percent"]) == (1, "25.00")
    assert len(bytes.fromhex(seen["seed"])) == 32
    assert set(seen) == set(views.PollView().fields)


def test_a_poll_lasts_as_many_days_as_are_set(doors: Doors) -> None:
    (poll,) = [doors.poll_of_new_item(residents=0)]
    opened, closes = (msgspec.convert(poll[name], type=type(NOW)) for name in ("opened_at", "closes_at"))

    assert closes - opened == timedelta(days=7)


def test_an_item_verified_is_polled_once_however_often_it_is_delivered(doors: Doors) -> None:
    event, event_id = verified(), uuid4()

    results = [doors.hear(event, event_id=event_id), doors.hear(event, event_id=event_id), doors.hear(event)]

    assert results == ["ok", "duplicate", "ok"]
    assert len(doors.ask("list_polls", {})["items"]) == 1
    with doors.database.reading() as tx:
        assert told(tx) == ["poll_opened"]


def test_those_who_work_for_a_doer_are_not_asked(doors: Doors) -> None:
    doors.hear(registered())
    rows = [resident(1, employer_uscc=DOER), resident(2)]
    doors.ask("import_residents", {"residents": rows})
    event = verified(doer_usccs=(DOER,))
    doors.hear(event)

    (poll,) = doors.ask("list_polls", {"item_id": str(event.item_id)})["items"]

    assert poll["sampled"] == 1


def test_a_communitys_new_name_stands_on_the_ballot(doors: Doors) -> None:
    poll = doors.poll_of_new_item(residents=1)
    token = doors.links(poll["poll_id"])[0]

    doors.hear(
        CommunityChanged(**{**vars(registered()), "community_name": "新花园社区", "occurred_at": NOW + WEEK})
    )

    ballot = doors.ask("open_invitation", {"token": token}, actor=ANONYMOUS)
    assert ballot["community_name"] == "新花园社区"
    assert (ballot["is_open"], ballot["is_answered"]) == (True, False)
    assert set(ballot) == set(views.BallotView().fields)


def test_the_same_answer_sent_again_with_its_key_gets_the_first_reply(doors: Doors) -> None:
    token = doors.links(doors.poll_of_new_item(residents=1)["poll_id"])[0]
    sent = {"token": token, "satisfaction": "satisfied"}

    first = doors.ask("answer_poll", sent, actor=ANONYMOUS, key="key-1")
    again = doors.ask("answer_poll", sent, actor=ANONYMOUS, key="key-1")

    assert first == again == {"answered": True}
    with pytest.raises(AlreadyAnswered):
        doors.ask("answer_poll", sent, actor=ANONYMOUS, key="key-2")
    with doors.database.reading() as tx:
        assert len(tx.session.execute(sa.select(answers)).all()) == 1


def test_what_is_kept_of_a_call_to_answer_does_not_depend_on_the_choice(doors: Doors) -> None:
    tokens = doors.links(doors.poll_of_new_item(residents=2)["poll_id"])

    for token, satisfaction in zip(tokens, ("very_satisfied", "very_dissatisfied"), strict=True):
        doors.ask("answer_poll", {"token": token, "satisfaction": satisfaction}, key=f"key-{satisfaction}")

    with doors.database.reading() as tx:
        kept = tx.session.execute(
            sa.select(tables.idempotency.c.fingerprint, tables.idempotency.c.answer).where(
                tables.idempotency.c.operation == "answer_poll"
            )
        ).all()
    key = calls.fingerprint_key()
    told = [hmac.digest(key, wire.dumps({"token": token}), "sha256") for token in tokens]
    assert {bytes(row.fingerprint) for row in kept} == set(told)
    assert kept[0].answer == kept[1].answer


def test_the_timer_closes_what_is_due(doors: Doors) -> None:
    with doors.database.transaction() as tx:
        hear_of(tx)
        for _ in range(3):
            open_poll(tx, now=NOW - WEEK)
        open_poll(tx)

    doors.service.close_due_polls()

    assert len(doors.ask("list_polls", {"status": "closed"})["items"]) == 3
    assert len(doors.ask("list_polls", {"status": "open"})["items"]) == 1


def test_the_roll_is_counted(doors: Doors) -> None:
    doors.hear(registered())

    assert doors.ask("import_residents", {"residents": [resident(1), resident(2)]}) == {
        "added": 2,
        "known": 0,
    }
    assert doors.ask("import_residents", {"residents": [resident(2), resident(3)]}) == {
        "added": 1,
        "known": 1,
    }
    assert doors.ask("count_residents", {"community_id": str(HUAYUAN)}) == {"residents": 3}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"identity_number": "231102"}, "identity_number"),
        ({"identity_number": "231102190001010018"}, "identity_number"),
        ({"grid_code": "2311020010010"}, "grid_code"),
        ({"grid_code": "231102002001001"}, "grid_code"),
        ({"employer_uscc": "91231100ma18abcd3l"}, "employer_uscc"),
        ({"resident_name": ""}, "resident_name"),
        ({"age": 18}, "age"),
    ],
)
def test_a_wrong_cell_is_refused_by_row_and_column(doors: Doors, changed: dict[str, Any], field: str) -> None:
    doors.hear(registered())

    with pytest.raises(Invalid) as refused:
        doors.ask("import_residents", {"residents": [resident(1), resident(2, **changed)]})

    assert list(refused.value.fields) == [f"residents.1.{field}"]


@pytest.mark.parametrize("rows", [0, 1001])
def test_a_call_brings_one_to_a_thousand_residents(doors: Doors, rows: int) -> None:
    with pytest.raises(Invalid, match="1 至 1000"):
        doors.ask("import_residents", {"residents": [resident(1)] * rows})


def test_a_refusal_keeps_the_identity_number_to_itself(doors: Doors) -> None:
    doors.hear(registered())

    with pytest.raises(Invalid) as refused:
        doors.ask("import_residents", {"residents": [resident(1, identity_number="231102190001010018")]})

    assert "231102190001" not in refused.value.message + repr(refused.value.fields)


def test_a_made_up_link_opens_nothing(doors: Doors) -> None:
    for token in ("x", "A" * 64, "链接"):
        with pytest.raises(LinkInvalid):
            doors.ask("open_invitation", {"token": token}, actor=ANONYMOUS)


def registered() -> CommunityRegistered:
    return CommunityRegistered(
        occurred_at=NOW,
        community_id=HUAYUAN,
        code="231102001001",
        community_name="花园社区",
        street="花园街道",
        grade=CommunityGrade.DEMONSTRATION,
        households=3200,
        population=8765,
    )


def verified(**named: Any) -> ItemVerified:
    return ItemVerified(
        **{
            "occurred_at": NOW,
            "item_id": uuid4(),
            "community_id": HUAYUAN,
            "code": "RL-2026-0001",
            "title": "楼道照明维修",
            "beneficiaries": 300,
            "doer_usccs": (),
            "unit_names": ("黑河供电公司",),
            **named,
        }
    )


def resident(nth: int, **named: Any) -> dict[str, Any]:
    return {
        "community_id": str(HUAYUAN),
        "resident_name": "张海",
        "identity_number": impossible_number(nth),
        "grid_code": "231102001001001",
        **named,
    }
