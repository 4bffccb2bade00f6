"""Giving rights and taking them back; which rights one person may hold together.

Three powers (三员分立) are kept apart: the security administrator opens accounts and grants, the operator
keeps the machines running, the auditor watches both and changes nothing.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gateway.storage import grants as storage
from gateway.storage.grants import Grant, Scope
from services.chassis.clock import local_date
from services.chassis.db import Database, Transaction
from services.chassis.ids import new_id
from services.contracts.base import (
    STAFF_ROLES,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Role,
    invalid_field,
)

POWERS = frozenset({Role.AUDITOR, Role.SECURITY_ADMIN, Role.OPERATOR})
_OF_COMMUNITIES = (Scope.COMMUNITY, Scope.STREET)
SCOPES: dict[Role, tuple[Scope, ...]] = {
    Role.CITY_ADMIN: (Scope.CITY,),
    Role.CITY_OFFICER: (Scope.CITY,),
    Role.COMMUNITY_MANAGER: _OF_COMMUNITIES,
    Role.COMMUNITY_WORKER: _OF_COMMUNITIES,
    Role.UNIT_LIAISON: (Scope.UNIT,),
    Role.SUPERVISOR: _OF_COMMUNITIES,
    Role.AUDITOR: (Scope.CITY,),
    Role.SECURITY_ADMIN: (Scope.CITY,),
    Role.OPERATOR: (Scope.CITY,),
}


class RolesIncompatible(Conflict): ...


class LastSecurityAdmin(Conflict): ...


class GrantAlreadyRevoked(Conflict): ...


class GrantNotFound(NotFound): ...


def first_grants(
    *,
    user_id: UUID,
    roles: Iterable[str],
    community_ids: Iterable[UUID],
    unit_id: UUID | None,
    granted_by: UUID | None,
    now: datetime,
) -> list[Grant]:
    """What a new account begins with, perhaps nothing; raises `Invalid` or `RolesIncompatible`."""
    wanted = _known(roles)
    require_compatible(wanted)
    if (Role.UNIT_LIAISON in wanted) != (unit_id is not None):
        raise Invalid("驻地单位联络员必须有且只有他们才有所属单位。")
    communities = [str(one) for one in dict.fromkeys(community_ids)]
    found = []
    for role in wanted:
        scope = SCOPES[role][0]
        places = {Scope.CITY: [""], Scope.UNIT: [str(unit_id)], Scope.COMMUNITY: communities}[scope]
        if not places:
            raise invalid_field("community_ids", f"“{role.label}”至少需要一个社区。")
        found += [
            Grant(
                grant_id=new_id(),
                user_id=user_id,
                role=role,
                scope=scope,
                scope_id=place,
                valid_from=local_date(now),
                valid_to=None,
                granted_by=granted_by,
                granted_at=now,
            )
            for place in places
        ]
    return found


def add_first_grants(tx: Transaction, new: Iterable[Grant]) -> None:
    """In the transaction that opens the account."""
    storage.lock_rights(tx.session)
    storage.add_grants(tx.session, new)


def add_grant(
    database: Database,
    *,
    user_id: UUID,
    role: Role,
    scope: Scope,
    scope_id: str,
    valid_from: date,
    valid_to: date | None,
    granted_by: UUID,
) -> Grant:
    """Raises `Forbidden` when somebody grants to himself, `RolesIncompatible` when powers would meet."""
    if granted_by == user_id:
        raise Forbidden("不能给自己授权，请由另一位安全管理员办理。")
    _require_sound(role, scope, scope_id, valid_from=valid_from, valid_to=valid_to)
    with database.transaction() as tx:
        today = local_date(tx.now)
        if valid_to is not None and valid_to < today:
            raise invalid_field("valid_to", "截止日期已经过去。")
        storage.lock_rights(tx.session)
        held = [one for one in storage.grants_of(tx.session, user_id) if one.is_open(today=today)]
        require_compatible({role, *(one.role for one in held)})
        if role is Role.UNIT_LIAISON and any(one.role is role for one in held):
            raise RolesIncompatible("一个账号只能代表一个驻地单位，请先撤销原来的授权。")
        grant = Grant(
            grant_id=new_id(),
            user_id=user_id,
            role=role,
            scope=scope,
            scope_id=scope_id,
            valid_from=valid_from,
            valid_to=valid_to,
            granted_by=granted_by,
            granted_at=tx.now,
        )
        storage.add_grants(tx.session, [grant])
    return grant


def revoke_grant(database: Database, grant_id: UUID, *, user_id: UUID, revoked_by: UUID) -> Grant:
    """At once; the grant stays as history."""
    with database.transaction() as tx:
        storage.lock_rights(tx.session)
        grant = storage.find_grant(tx.session, grant_id)
        if grant is None or grant.user_id != user_id:
            raise GrantNotFound("没有这项授权。")
        if grant.revoked_at is not None:
            raise GrantAlreadyRevoked("这项授权已经撤销。")
        if grant.role is Role.SECURITY_ADMIN:
            require_another_security_admin(tx.session, grant.user_id)
        storage.revoke(tx.session, grant_id, revoked_by=revoked_by, now=tx.now)
    return grant


def require_another_security_admin(session: Session, user_id: UUID) -> None:
    """Somebody must remain who can open accounts; refuses to take the right from the last who holds it."""
    storage.lock_rights(session)
    if storage.holders_of(session, Role.SECURITY_ADMIN) == {user_id}:
        raise LastSecurityAdmin("这是最后一位安全管理员，请先为另一个账号授权。")


def require_compatible(roles: Collection[Role]) -> None:
    """Which roles one person may hold together."""
    powers = POWERS & set(roles)
    if len(powers) > 1:
        names = "、".join(role.label for role in Role if role in powers)
        raise RolesIncompatible(f"三员分立：{names}不能由同一个人担任。")
    for alone, reason in (
        (Role.AUDITOR, "审计员不能兼任其他角色。"),
        (Role.UNIT_LIAISON, "驻地单位联络员不能兼任其他角色。"),
    ):
        if alone in roles and len(set(roles)) > 1:
            raise RolesIncompatible(reason)
    if Role.SUPERVISOR in roles and STAFF_ROLES & set(roles):
        raise RolesIncompatible("居务监督委员会成员不能同时是社区或市级工作人员。")


def _known(roles: Iterable[str]) -> list[Role]:
    given = list(dict.fromkeys(roles))
    if unknown := [role for role in given if role not in set(Role)]:
        raise Invalid(f"没有角色“{'、'.join(unknown)}”。")
    return [Role.of(role) for role in given]


def _require_sound(
    role: Role, scope: Scope, scope_id: str, *, valid_from: date, valid_to: date | None
) -> None:
    if scope not in SCOPES[role]:
        words = "或".join(one.label for one in SCOPES[role])
        raise invalid_field("where", f"“{role.label}”的范围应为{words}。")
    if (scope is Scope.CITY) != (scope_id == ""):
        raise invalid_field("where", "请选择范围。")
    if scope in (Scope.COMMUNITY, Scope.UNIT):
        try:
            UUID(scope_id)
        except ValueError:
            raise invalid_field("where", "请从列表中选择。") from None
    if valid_to is not None and valid_to < valid_from:
        raise invalid_field("valid_to", "截止日期不能早于开始日期。")
