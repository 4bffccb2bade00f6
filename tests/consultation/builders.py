"""Valid objects and short ways for the tests of consultation; a test names only what it is about."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from services.chassis import tables
from services.chassis.clock import utc_now
from services.chassis.db import Database, Transaction
from services.consultation import storage, usecases
from services.consultation.domain import Poll
from services.consultation.domain.identity_number import check_character
from services.contracts.base import Actor, Role
from services.contracts.consultation.terms import Satisfaction

# The database compares deadlines with its own clock, so polls open in the present.
NOW = utc_now()
WEEK = timedelta(days=7)
SEED = "00112233445566778899aabbccddeeff"
LINK_KEY = bytes(range(32))
CITY = Actor(actor_id="city", roles=(Role.CITY_ADMIN,))
HUAYUAN = UUID("019ac000-0000-7000-8000-000000000001")
XINGAN = UUID("019ac000-0000-7000-8000-000000000002")
CODES = {HUAYUAN: "231102001001", XINGAN: "231102002001"}
DOER = "91231100MA18ABCD3L"


def worker_of(*community_ids: UUID) -> Actor:
    return Actor(actor_id="worker", roles=(Role.COMMUNITY_WORKER,), community_ids=community_ids)


def impossible_number(nth: int) -> str:
    """The nth identity number of somebody born in 1900: right by the standard, and held by nobody alive."""
    day, sequence = divmod(nth, 1000)
    number = f"231102190001{day + 1:02d}{sequence:03d}"
    return number + check_character(number)


def hear_of(tx: Transaction, *community_ids: UUID) -> None:
    for community_id in community_ids or CODES:
        usecases.hear_of_community(
            tx,
            community_id=community_id,
            code=CODES[community_id],
            community_name="花园社区" if community_id == HUAYUAN else "兴安社区",
            facts_at=NOW,
        )


def row(nth: int = 1, **named: Any) -> dict[str, Any]:
    return {
        "community_id": HUAYUAN,
        "resident_name": "张海",
        "identity_number": impossible_number(nth),
        "grid_code": "231102001001001",
        "employer_uscc": "",
        **named,
    }


def enrol(tx: Transaction, rows: Sequence[dict[str, Any]], *, actor: Actor = CITY) -> tuple[int, int]:
    return usecases.import_residents(tx, residents=rows, actor=actor, now=NOW)


def open_poll(tx: Transaction, **named: Any) -> Poll:
    """The poll of a new item of Huayuan."""
    wanted: dict[str, Any] = {
        "item_id": uuid4(),
        "community_id": HUAYUAN,
        "title": "楼道照明维修",
        "beneficiaries": 300,
        "doer_usccs": (),
        "seed": SEED,
        "period": WEEK,
        "now": NOW,
        **named,
    }
    usecases.open_poll(tx, **wanted)
    polls = storage.list_polls(
        tx.session, item_id=wanted["item_id"], community_id=None, status=None, after=None, limit=1
    )
    return polls[0]


def a_poll_of(database: Database, residents: int, **named: Any) -> tuple[UUID, list[str]]:
    """An open poll and the links of everybody asked, on a roll of so many residents."""
    with database.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(nth) for nth in range(residents)])
        poll = open_poll(tx, **named)
    return poll.poll_id, links_of(database, poll.poll_id)


def links_of(database: Database, poll_id: UUID) -> list[str]:
    with database.reading() as tx:
        listed = usecases.list_invitations(tx, poll_id=poll_id, link_key=LINK_KEY, actor=CITY)
    return [token for _, token in listed]


def answer(database: Database, token: str, satisfaction: Satisfaction = Satisfaction.SATISFIED) -> None:
    with database.transaction() as tx:
        usecases.answer_poll(tx, token=token, satisfaction=satisfaction, link_key=LINK_KEY)


def close(database: Database, poll_id: UUID, *, actor: Actor = CITY) -> usecases.SeenPoll:
    with database.transaction() as tx:
        return usecases.close_poll(tx, poll_id=poll_id, expected_version=None, actor=actor, now=tx.now)


def told(tx: Transaction) -> list[str]:
    """The names of all events that were committed, in order."""
    return list(tx.session.scalars(sa.select(tables.outbox.c.name).order_by(tables.outbox.c.outbox_id)))
