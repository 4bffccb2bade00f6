"""A unit's contact is invited by staff and opens the account of that unit's liaison."""

import re
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.auth import accounts, invitations
from gateway.auth.invitations import InvitationInvalid
from gateway.auth.password_rules import PasswordRules
from gateway.storage import users
from gateway.storage.tables import unit_invitations
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person
from tests.gateway.fakes import FakeServices

PASSWORD = "correct-horse-battery"
CHOSEN = "seven-swans-a-swimming"
HAILAN, HUAYUAN, UNIT = (UUID(int=number) for number in (11, 12, 13))
PAGE = f"/units/{UNIT}/invitations"


@pytest.fixture
def worker(app: Flask, database: Database, services: FakeServices) -> Person:
    """Signed in; the unit serves his community."""
    serve(services, HAILAN)
    accounts.add_user(
        database,
        username="worker",
        display_name="赵小雨",
        password=PASSWORD,
        roles=(Role.COMMUNITY_WORKER,),
        community_ids=(HAILAN,),
    )
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="worker", password=PASSWORD)
    return person


def serve(services: FakeServices, community_id: UUID) -> None:
    services.answers["claims.get_unit"] = {
        "unit_id": str(UNIT),
        "unit_name": "黑河热力公司",
        "community_ids": [str(community_id)],
    }


def invite(worker: Person) -> str:
    """The address of the public page, as the worker hands it on."""
    answered = worker.send(PAGE, PAGE, contact_name="刘洋")
    assert answered.status_code == 200, answered.text
    found = re.search(r'id="invitation-link" value="[^"]*(/join/[^"]+)"', answered.text)
    assert found is not None
    return found[1]


def join(
    app: Flask, address: str, *, username: str = "liuyang", password: str = CHOSEN, again: str = ""
) -> int:
    contact = Person.visiting(app)
    fields = {"username": username, "password": password, "password_again": again or password}
    return contact.send(address, address, **fields).status_code


def test_the_invited_becomes_liaison_of_that_unit(app: Flask, worker: Person, database: Database) -> None:
    address = invite(worker)

    status = join(app, address)

    with database.reading() as tx:
        found = users.find_user(tx.session, "liuyang")
    assert status == 303
    assert found is not None
    assert (found[0].roles, found[0].unit_id, found[0].display_name) == ((Role.UNIT_LIAISON,), UNIT, "刘洋")
    assert (
        Person.visiting(app).send("/signin", "/signin", username="liuyang", password=CHOSEN).status_code
        == 303
    )
    assert "已接受" in worker.page(PAGE)


def test_a_link_is_used_once(app: Flask, worker: Person, database: Database) -> None:
    address = invite(worker)
    join(app, address)

    again = Person.visiting(app).read(address)

    assert again.status_code == 404
    assert "已经使用" in again.text
    with pytest.raises(InvitationInvalid):
        invitations.accept_invitation(
            database,
            address.rpartition("/")[2],
            username="second",
            password=CHOSEN,
            rules=PasswordRules(),
        )


def test_a_refused_password_leaves_the_link_as_it_was(app: Flask, worker: Person) -> None:
    address = invite(worker)

    assert join(app, address, password="short") == 422
    assert join(app, address, again="something-else-entirely") == 422
    assert join(app, address, username="worker") == 409
    assert join(app, address) == 303


def test_a_link_lasts_seven_days(app: Flask, worker: Person, database: Database) -> None:
    address = invite(worker)
    with database.transaction() as tx:
        tx.session.execute(
            sa.update(unit_invitations).values(
                expires_at=unit_invitations.c.expires_at - sa.text("interval '7 days'")
            )
        )

    assert Person.visiting(app).read(address).status_code == 404


def test_a_withdrawn_link_is_worth_nothing(app: Flask, worker: Person) -> None:
    address = invite(worker)
    action = re.search(r'action="([^"]+/withdraw_invitation)"', worker.page(PAGE))
    assert action is not None

    worker.send(PAGE, action[1])

    assert Person.visiting(app).read(address).status_code == 404
    assert "已失效" in worker.page(PAGE)


def test_the_database_cannot_tell_the_link_nor_whom_it_is_for(worker: Person, database: Database) -> None:
    token = invite(worker).rpartition("/")[2]

    with database.reading() as tx:
        row = tx.session.execute(unit_invitations.select()).one()
    assert token not in str(row)
    assert len(row.token_hash) == 32
    assert "刘洋" not in str(row)
    assert "刘洋".encode() not in bytes(row.contact_sealed)
    assert "刘洋" in worker.page(PAGE)


def test_only_staff_of_a_community_that_the_unit_serves_invite(
    worker: Person, services: FakeServices
) -> None:
    serve(services, HUAYUAN)

    refused = worker.read(PAGE)

    assert refused.status_code == 403
    assert "只能邀请服务于本社区的单位" in refused.text


def test_a_made_up_link_leads_nowhere(app: Flask, database: Database) -> None:
    assert Person.visiting(app).read("/join/" + "x" * 43).status_code == 404
