"""What several of the administrators' pages need."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from flask import current_app

from gateway.auth.places import Places
from gateway.auth.session import current_user
from gateway.settings import Settings
from gateway.storage import grants
from gateway.storage.grants import Grant, Scope
from services.chassis.clock import local_today
from services.chassis.db import Database
from services.contracts.base import Role

MANAGERS = (Role.SECURITY_ADMIN,)
WATCHERS = (Role.SECURITY_ADMIN, Role.AUDITOR)


def database() -> Database:
    return cast(Database, current_app.extensions["database"])


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def places() -> Places:
    return cast(Places, current_app.extensions["places"])


def my_id() -> UUID:
    """Of whoever has signed in; the policy of the view has made sure that somebody has."""
    user = current_user()
    assert user is not None
    return user.user_id


def shown_grants(
    found: Iterable[Grant], names: dict[UUID, str], places: dict[str, str]
) -> list[dict[str, Any]]:
    """Grants as a page writes them; whoever granted is named, or the command line."""
    today = local_today()
    return [
        {
            "grant_id": one.grant_id,
            "role": one.role.label,
            "where": where(one.scope, one.scope_id, places),
            "valid_from": one.valid_from.isoformat(),
            "valid_to": one.valid_to.isoformat() if one.valid_to else None,
            "granted_by": names.get(one.granted_by, "--") if one.granted_by else "命令行",
            "granted_at": one.granted_at.isoformat(),
            "revoked_by": names.get(one.revoked_by, "--") if one.revoked_by else None,
            "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
            "is_open": one.is_open(today=today),
            "state": _state(one),
        }
        for one in found
    ]


def where(scope: Scope, scope_id: str, places: dict[str, str]) -> str:
    match scope:
        case Scope.CITY:
            return "全市"
        case Scope.STREET:
            return scope_id
        case _:
            return places.get(scope_id, f"{scope.label} {scope_id[:8]}")


def place_names(session: Any) -> dict[str, str]:
    return grants.community_names(session)


def _state(grant: Grant) -> str:
    today = local_today()
    if grant.revoked_at:
        return "已撤销"
    if grant.valid_to and grant.valid_to < today:
        return "已到期"
    return "未开始" if grant.valid_from > today else "有效"
