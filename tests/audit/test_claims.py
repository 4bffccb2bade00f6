"""What the audit says about the acts of claims: the item before and after, and for whom staff acted."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis.calls import Call, read_reply
from services.chassis.config import Config
from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.claims.domain.unit import Unit
from services.claims.service import ClaimsService
from services.contracts.base import Actor
from tests.audit.conftest import empty_audit
from tests.audit.people import rows
from tests.builders import (
    HUAYUAN,
    HUAYUAN_CODE,
    TODAY,
    community_registered,
    liaison,
    make_item,
    make_unit,
    publish,
    worker,
)

FAR_OFF = TODAY + timedelta(days=36500)


@pytest.fixture
def database(service_db: Callable[[str], Database], settings: Config) -> Database:
    found = service_db("claims")
    url = sa.make_url(settings.admin_database_url).set(database="gongzhi_claims")
    empty_audit(url.render_as_string(hide_password=False))
    with found.transaction() as tx:
        usecases.keep_community(tx, community_registered(HUAYUAN, HUAYUAN_CODE, "花园社区"))
    return found


@pytest.fixture
def unit() -> Unit:
    return make_unit()


@pytest.fixture
def item(database: Database, unit: Unit) -> Item:
    opened = publish(make_item(due_on=FAR_OFF), claim_until_on=FAR_OFF)
    with database.transaction() as tx:
        tx.session.add_all([unit, opened])
    return opened


def claim(database: Database, item: Item, unit: Unit, actor: Actor) -> dict[str, Any]:
    service = ClaimsService()
    service.db = database  # type: ignore[assignment]  # what nameko puts there
    wanted = {"item_id": str(item.item_id), "kind": "whole", "unit_id": str(unit.unit_id)}
    call = Call(
        method="claim_item", data=wanted, deadline=time.time() + 10, actor=actor, idempotency_key=str(uuid4())
    )
    reply = read_reply(service.claim_item(call))
    assert reply.error is None, reply.error
    return wanted


def test_a_claim_names_the_item_its_community_and_hashes_of_what_it_was_and_became(
    database: Database, item: Item, unit: Unit
) -> None:
    claim(database, item, unit, liaison(unit))

    [row] = rows(database)
    assert (row.act, row.record_id, row.community_id) == ("claims.claim_item", str(item.item_id), HUAYUAN)
    assert row.on_behalf_of is None
    assert bytes(row.before_hash) != bytes(row.after_hash)


def test_a_claim_that_staff_make_for_a_unit_says_for_which(
    database: Database, item: Item, unit: Unit
) -> None:
    claim(database, item, unit, worker(HUAYUAN))

    [row] = rows(database)
    assert row.on_behalf_of == str(unit.unit_id)
