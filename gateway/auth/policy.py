"""Who may use a route; every view function names exactly one of these, and a test proves it.

    @public                                   everybody, also without signing in
    @signed_in                                everybody with an account
    @may(Role.CITY_ADMIN, Role.UNIT_LIAISON)  accounts with one of these roles

The use case that knows the record checks the community as well; both refuse with a reason.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import request

from gateway.auth.errors import NotSignedIn
from gateway.auth.session import current_user
from services.contracts.base import Forbidden, Role

V = TypeVar("V", bound=Callable[..., Any])

# Who works for a community or the city; the officers of the city read everything and change little.
OFFICES = (Role.CITY_ADMIN, Role.CITY_OFFICER, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
READERS = (*OFFICES, Role.UNIT_LIAISON, Role.SUPERVISOR, Role.AUDITOR)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`roles` is empty when any account will do."""

    is_public: bool = False
    roles: tuple[Role, ...] = ()


def public(view: V) -> V:
    return _declared(view, Policy(is_public=True))


def signed_in(view: V) -> V:
    return _declared(view, Policy())


def may(*roles: Role) -> Callable[[V], V]:
    if not roles:
        raise TypeError("may() names at least one role")
    return lambda view: _declared(view, Policy(roles=roles))


def policy_of(view: Callable[..., Any]) -> Policy | None:
    found: Policy | None = getattr(view, "policy", None)
    return found


def enforce(policy: Policy) -> None:
    """Raises `NotSignedIn` or `Forbidden`."""
    if policy.is_public:
        return
    user = current_user()
    if user is None:
        raise NotSignedIn("请先登录。")
    if policy.roles and not user.has_role(*policy.roles):
        names = "、".join(role.label for role in policy.roles)
        raise Forbidden(f"此操作仅限以下角色：{names}。")


def is_allowed(view: Callable[..., Any]) -> bool:
    """Whether the one who asks could use that view; for menus."""
    policy = policy_of(view)
    if policy is None or policy.is_public:
        return policy is not None
    user = current_user()
    return user is not None and (not policy.roles or user.has_role(*policy.roles))


def _declared(view: V, policy: Policy) -> V:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        # OPTIONS tells what a route can do; it does nothing itself.
        if request.method != "OPTIONS":
            enforce(policy)
        return view(*args, **kwargs)

    guarded.policy = policy  # type: ignore[attr-defined]
    # What flask-smorest knows about the view; the generated document names the policy from here.
    guarded._apidoc = {**deepcopy(getattr(view, "_apidoc", {})), "policy": policy}  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]
