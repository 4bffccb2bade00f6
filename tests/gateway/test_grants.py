"""Grants: what they allow, from when to when, and what nobody may hold together."""

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.auth import accounts, grants
from gateway.auth.grants import LastSecurityAdmin, RolesIncompatible
from gateway.storage import grants as storage
from gateway.storage import users
from gateway.storage.grants import Grant, Scope
from gateway.storage.tables import metadata
from gateway.storage.users import User
from services.chassis import tables as chassis_tables
from services.chassis.clock import local_today
from services.chassis.db import Database
from services.contracts.base import Forbidden, Invalid, Role

PASSWORD = "correct-horse-battery"
HAILAN, HUAYUAN, UNIT = (UUID(int=number) for number in (11, 12, 13))
SECURITY = UUID(int=99)
TODAY = local_today()
A_DAY = timedelta(days=1)

AddUser = Callable[..., User]
AddGrant = Callable[..., Grant]


@pytest.fixture
def add_user(database: Database) -> AddUser:
    def add(name: str, *roles: Role, **rights: object) -> User:
        return accounts.add_user(
            database,
            username=name,
            display_name="",
            password=PASSWORD,
            roles=roles,
            **rights,  # type: ignore[arg-type]
        )

    return add


@pytest.fixture
def add_grant(database: Database) -> AddGrant:
    def add(
        user: User,
        role: Role,
        scope: Scope = Scope.COMMUNITY,
        scope_id: str = str(HAILAN),
        *,
        valid_from: date = TODAY,
        valid_to: date | None = None,
        granted_by: UUID = SECURITY,
    ) -> Grant:
        return grants.add_grant(
            database,
            user_id=user.user_id,
            role=role,
            scope=scope,
            scope_id=scope_id,
            valid_from=valid_from,
            valid_to=valid_to,
            granted_by=granted_by,
        )

    return add


def as_of_today(database: Database, user: User) -> User:
    with database.reading() as tx:
        found = users.find_user(tx.session, user.username)
    assert found is not None
    return found[0]


def test_the_tables_are_those_of_the_migrations(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, [metadata, chassis_tables.metadata])  # type: ignore[arg-type]

    wanted = {"grants", "communities", "unit_invitations"}
    assert [one for one in differences if any(table in repr(one) for table in wanted)] == []


def test_what_accounts_held_before_became_grants(database: Database) -> None:
    migration = import_module("gateway.migrations.versions.0003_grants")
    liaison, manager, security = uuid4(), uuid4(), uuid4()

    with database.engine.connect() as connection:  # rolled back at its end
        for column in ("roles text[]", "community_ids uuid[]", "unit_id uuid"):
            connection.execute(sa.text(f"ALTER TABLE users ADD COLUMN {column}"))
        for user_id, roles, communities, unit in (
            (liaison, ["unit_liaison"], [HAILAN], UNIT),
            (manager, ["community_manager"], [HAILAN, HUAYUAN], None),
            (security, ["security_admin"], [], None),
        ):
            connection.execute(
                sa.text(
                    "INSERT INTO users (user_id, username, display_name, password_hash, created_at,"
                    " password_changed_at, roles, community_ids, unit_id)"
                    " VALUES (:id, :name, '', '', now(), now(), :roles, CAST(:communities AS uuid[]), :unit)"
                ),
                {
                    "id": user_id,
                    "name": str(user_id),
                    "roles": roles,
                    "communities": [str(one) for one in communities],
                    "unit": unit,
                },
            )
        connection.execute(sa.text(migration._FROM_COLUMNS))
        held = connection.execute(
            sa.text("SELECT user_id, role, scope, scope_id, valid_from FROM grants")
        ).all()

    assert {tuple(row) for row in held} == {
        (liaison, "unit_liaison", "unit", str(UNIT), TODAY),
        (manager, "community_manager", "community", str(HAILAN), TODAY),
        (manager, "community_manager", "community", str(HUAYUAN), TODAY),
        (security, "security_admin", "city", "", TODAY),
    }


def test_an_account_begins_with_what_was_given(database: Database, add_user: AddUser) -> None:
    manager = add_user("li", Role.COMMUNITY_MANAGER, community_ids=(HAILAN, HUAYUAN))
    liaison = add_user("liu", Role.UNIT_LIAISON, unit_id=UNIT)

    assert as_of_today(database, manager).actor.community_ids == (HAILAN, HUAYUAN)
    assert as_of_today(database, liaison).actor.unit_id == UNIT
    assert as_of_today(database, liaison).actor.roles == (Role.UNIT_LIAISON,)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_valid"),
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (TODAY - A_DAY, TODAY + A_DAY, True),
        (TODAY + A_DAY, None, False),
    ],
)
def test_a_grant_holds_from_its_first_to_its_last_day(
    database: Database,
    add_user: AddUser,
    add_grant: AddGrant,
    valid_from: date,
    valid_to: date | None,
    is_valid: bool,
) -> None:
    user = add_user("wang", Role.COMMUNITY_WORKER, community_ids=(HUAYUAN,))

    add_grant(user, Role.COMMUNITY_WORKER, valid_from=valid_from, valid_to=valid_to)

    assert as_of_today(database, user).actor.reaches(HAILAN) is is_valid


def test_yesterday_was_the_last_day(database: Database, add_user: AddUser) -> None:
    user = add_user("wang", Role.COMMUNITY_WORKER, community_ids=(HUAYUAN,))

    with database.transaction() as tx:
        tx.session.execute(
            sa.text("UPDATE grants SET valid_from = :on, valid_to = :on"), {"on": TODAY - A_DAY}
        )

    assert as_of_today(database, user).roles == ()


def test_a_street_counts_as_the_communities_it_has(
    database: Database, add_user: AddUser, add_grant: AddGrant
) -> None:
    user = add_user("wang", Role.COMMUNITY_WORKER, community_ids=(UNIT,))
    add_grant(user, Role.COMMUNITY_MANAGER, Scope.STREET, "西兴街道")
    listed = [
        {"community_id": HAILAN, "community_name": "海兰社区", "street": "西兴街道"},
        {"community_id": HUAYUAN, "community_name": "花园社区", "street": "花园街道"},
    ]

    with database.transaction() as tx:
        storage.keep_communities(tx.session, listed)
    before = as_of_today(database, user).actor
    with database.transaction() as tx:
        storage.keep_communities(tx.session, [{**one, "street": "西兴街道"} for one in listed])

    assert (before.reaches(HAILAN), before.reaches(HUAYUAN)) == (True, False)
    assert as_of_today(database, user).actor.reaches(HUAYUAN)


def test_whoever_leads_one_community_and_works_in_another_leads_only_one(
    database: Database, add_user: AddUser, add_grant: AddGrant
) -> None:
    user = add_user("wang", Role.COMMUNITY_WORKER, community_ids=(HAILAN,))
    add_grant(user, Role.COMMUNITY_MANAGER, scope_id=str(HUAYUAN))

    leading = as_of_today(database, user).actor_as((Role.CITY_ADMIN, Role.COMMUNITY_MANAGER))
    working = as_of_today(database, user).actor_as((Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER))

    assert (leading.community_ids, leading.roles) == ((HUAYUAN,), (Role.COMMUNITY_MANAGER,))
    assert set(working.community_ids) == {HAILAN, HUAYUAN}


def test_a_revoked_grant_ends_at_once_and_stays_as_history(
    database: Database, add_user: AddUser, add_grant: AddGrant
) -> None:
    user = add_user("wang", Role.COMMUNITY_WORKER, community_ids=(HUAYUAN,))
    grant = add_grant(user, Role.COMMUNITY_MANAGER)

    grants.revoke_grant(database, grant.grant_id, user_id=grant.user_id, revoked_by=SECURITY)

    assert not as_of_today(database, user).has_role(Role.COMMUNITY_MANAGER)
    with database.reading() as tx:
        kept = storage.grants_of(tx.session, user.user_id)
    assert [(one.role, one.revoked_by) for one in kept] == [
        (Role.COMMUNITY_MANAGER, SECURITY),
        (Role.COMMUNITY_WORKER, None),
    ]
    with pytest.raises(grants.GrantAlreadyRevoked):
        grants.revoke_grant(database, grant.grant_id, user_id=grant.user_id, revoked_by=SECURITY)


def test_nobody_grants_to_himself(add_user: AddUser, add_grant: AddGrant) -> None:
    user = add_user("wu", Role.SECURITY_ADMIN)

    with pytest.raises(Forbidden):
        add_grant(user, Role.CITY_ADMIN, Scope.CITY, "", granted_by=user.user_id)


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Role.SECURITY_ADMIN, Role.AUDITOR),
        (Role.SECURITY_ADMIN, Role.OPERATOR),
        (Role.OPERATOR, Role.AUDITOR),
        (Role.CITY_ADMIN, Role.AUDITOR),
        (Role.CITY_ADMIN, Role.SUPERVISOR),
    ],
)
def test_what_must_stay_apart_cannot_be_granted_to_one(
    add_user: AddUser, add_grant: AddGrant, held: Role, wanted: Role
) -> None:
    user = add_user("zhou", held)
    scope = grants.SCOPES[wanted][0]

    with pytest.raises(RolesIncompatible):
        add_grant(user, wanted, scope, "" if scope is Scope.CITY else str(HAILAN))
    with pytest.raises(RolesIncompatible):
        add_user("both", held, wanted, community_ids=(HAILAN,))


def test_a_power_that_is_still_to_come_counts_too(add_user: AddUser, add_grant: AddGrant) -> None:
    user = add_user("zhou", Role.CITY_OFFICER)
    add_grant(user, Role.OPERATOR, Scope.CITY, "", valid_from=TODAY + A_DAY)

    with pytest.raises(RolesIncompatible):
        add_grant(user, Role.SECURITY_ADMIN, Scope.CITY, "")


def test_the_last_security_administrator_stays(database: Database, add_user: AddUser) -> None:
    first = add_user("wu", Role.SECURITY_ADMIN)
    with database.reading() as tx:
        [grant] = storage.grants_of(tx.session, first.user_id)

    with pytest.raises(LastSecurityAdmin):
        accounts.set_active(database, username="wu", is_active=False)
    with pytest.raises(LastSecurityAdmin):
        grants.revoke_grant(database, grant.grant_id, user_id=grant.user_id, revoked_by=SECURITY)
    add_user("qian", Role.SECURITY_ADMIN)

    accounts.set_active(database, username="wu", is_active=False)
    assert not as_of_today(database, first).is_active


@pytest.mark.parametrize(
    ("role", "scope", "scope_id"),
    [
        (Role.CITY_ADMIN, Scope.COMMUNITY, str(HAILAN)),
        (Role.COMMUNITY_MANAGER, Scope.CITY, ""),
        (Role.COMMUNITY_MANAGER, Scope.COMMUNITY, "海兰"),
        (Role.COMMUNITY_MANAGER, Scope.STREET, ""),
        (Role.UNIT_LIAISON, Scope.COMMUNITY, str(HAILAN)),
    ],
)
def test_a_role_is_granted_only_where_it_means_something(
    add_user: AddUser, add_grant: AddGrant, role: Role, scope: Scope, scope_id: str
) -> None:
    user = add_user("wang", Role.CITY_OFFICER)

    with pytest.raises(Invalid):
        add_grant(user, role, scope, scope_id)


def test_a_grant_cannot_end_before_it_begins(add_user: AddUser, add_grant: AddGrant) -> None:
    user = add_user("wang", Role.CITY_OFFICER)

    with pytest.raises(Invalid):
        add_grant(user, Role.COMMUNITY_WORKER, valid_from=TODAY, valid_to=TODAY - A_DAY)


def test_a_role_in_communities_needs_one(add_user: AddUser) -> None:
    with pytest.raises(Invalid):
        add_user("wang", Role.COMMUNITY_WORKER)


def test_a_stranger_holds_nothing(database: Database) -> None:
    with database.reading() as tx:
        assert storage.grants_of(tx.session, uuid4()) == []
