"""Which acts leave a row, what it says, and that it lives and dies with its act."""

import json
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg2
import pytest
import sqlalchemy as sa

from services.chassis import parked
from services.chassis.tables import inbox
from services.contracts.base import Actor, Forbidden, NotFound, Role
from services.contracts.staffing.errors import CommunityAlreadyRegistered
from services.staffing.service import StaffingService
from tests.audit.conftest import COMMUNITY, Chain
from tests.staffing.builders import CITY, worker_of

OTHER = UUID(int=8)


def test_a_change_leaves_one_row_that_says_who_did_what_from_where(chain: Chain) -> None:
    registered = chain.register(address="192.0.2.7", request_id="0123456789abcdef")

    [entry] = chain.entries()
    assert (entry.act, entry.outcome, entry.code) == ("staffing.register_community", "done", "")
    assert (entry.actor_id, entry.roles) == (CITY.actor_id, [str(role) for role in CITY.roles])
    assert (entry.address, entry.request_id) == ("192.0.2.7", "0123456789abcdef")
    answered = json.dumps(registered, ensure_ascii=False, separators=(",", ":")).encode()
    assert bytes(entry.after_hash) == sha256(answered).digest()


def test_the_row_names_the_record_and_the_community_of_the_command(chain: Chain) -> None:
    community_id = chain.register()["community_id"]

    chain.ask("change_community", {**COMMUNITY, "community_id": community_id, "expected_version": 1})

    entry = chain.entries()[-1]
    assert (entry.act, str(entry.community_id)) == ("staffing.change_community", community_id)


def test_a_call_that_arrives_twice_leaves_one_row(chain: Chain) -> None:
    first = chain.register(idempotency_key="k")
    second = chain.register(idempotency_key="k")

    assert first == second
    assert len(chain.entries()) == 1


def test_a_change_that_fails_leaves_no_row(chain: Chain) -> None:
    chain.register(idempotency_key="first")

    with pytest.raises(CommunityAlreadyRegistered):
        chain.register(idempotency_key="second")

    assert len(chain.entries()) == 1


def test_who_had_no_right_to_a_change_leaves_a_row_that_says_so(chain: Chain) -> None:
    stranger = worker_of(OTHER)
    asked = {**COMMUNITY, "community_id": str(uuid4()), "expected_version": 1}

    with pytest.raises(Forbidden):
        chain.ask("change_community", asked, actor=stranger, address="192.0.2.8")

    [entry] = chain.entries()
    assert (entry.outcome, entry.code, entry.actor_id) == ("refused", "forbidden", stranger.actor_id)
    assert (str(entry.community_id), entry.address) == (asked["community_id"], "192.0.2.8")


def test_who_had_no_right_to_read_leaves_a_row_too_and_whoever_had_none(chain: Chain) -> None:
    with pytest.raises(Forbidden):
        chain.ask("list_workers", {"community_id": str(uuid4())}, actor=worker_of(OTHER))
    chain.ask("list_workers", {})
    with pytest.raises(NotFound):
        chain.ask("get_community", {"community_id": str(uuid4())})

    assert [(entry.act, entry.outcome) for entry in chain.entries()] == [("staffing.list_workers", "refused")]


def test_the_service_can_add_to_the_audit_and_read_it_and_nothing_else(chain: Chain) -> None:
    chain.register()
    chain.seal()

    for statement in (
        "UPDATE audit.entries SET actor_id = 'nobody'",
        "DELETE FROM audit.entries",
        "TRUNCATE audit.entries CASCADE",
        "DROP TABLE audit.entries",
        "DROP SCHEMA audit CASCADE",
        "ALTER TABLE audit.entries DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON audit.chain",
        "DELETE FROM audit.chain",
        "UPDATE audit.heads SET size = 0",
        "INSERT INTO audit.archives VALUES (1, now(), '', '')",
    ):
        with pytest.raises(sa.exc.ProgrammingError) as refused, chain.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        assert isinstance(refused.value.orig, psycopg2.errors.InsufficientPrivilege)


def test_even_the_administrator_meets_the_triggers_first(chain: Chain) -> None:
    chain.register()
    engine = sa.create_engine(chain.administrator_url, poolclass=sa.NullPool)

    for statement in (
        "UPDATE audit.entries SET actor_id = 'nobody'",
        "DELETE FROM audit.chain",
        "TRUNCATE audit.heads CASCADE",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_what_an_operator_decides_about_a_parked_event_leaves_a_row_with_the_reason(chain: Chain) -> None:
    operator = Actor(actor_id="shell:zhou", roles=(Role.OPERATOR,))
    with chain.database.transaction(actor=operator) as tx:
        parked_event = {"handler": "h", "event_id": "e1", "status": "parked", "source": "x", "name": "n"}
        tx.session.execute(sa.insert(inbox).values(**parked_event, aggregate_id="a", sequence=1))
        parked.discard(tx, "e1", reason="重复的测试事件")

    [entry] = chain.entries()
    assert (entry.act, entry.record_id, entry.actor_id) == ("events.discard", "e1", "shell:zhou")
    assert entry.reason == "重复的测试事件"


def test_no_door_of_a_service_changes_the_audit() -> None:
    doors = [name for name in vars(StaffingService) if "audit" in name]

    assert doors == []
