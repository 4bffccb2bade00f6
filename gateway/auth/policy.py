"""Who may use a route; every view function names exactly one of these, and a test proves it.

    @public                                   everybody, also without signing in
    @signed_in                                everybody with an account
    @may(Role.CITY_ADMIN, Role.UNIT_LIAISON)  accounts with one of these roles

How far the right reaches stands in `reach.REACH`, by the name of the act, which is the same in the API, on the
pages and in the service. The use case that knows the record checks it; both refuse with a reason.
`gongzhi policy` prints the whole table, and a test tries every line of it.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g, request

from gateway import audit
from gateway.auth.errors import NotSignedIn
from gateway.auth.reach import REACH, Reach
from gateway.auth.session import current_user
from services.contracts.base import Forbidden, Role

V = TypeVar("V", bound=Callable[..., Any])

# Who works for a community or the city; the officers of the city read everything and change little.
OFFICES = (Role.CITY_ADMIN, Role.CITY_OFFICER, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
READERS = (*OFFICES, Role.UNIT_LIAISON, Role.SUPERVISOR, Role.AUDITOR)
# Accounts are the business of those who keep them and of those who watch over it.
FUND_READERS = (*OFFICES, Role.SUPERVISOR)
# Liaisons see the contracts that their own unit fulfils.
PURCHASE_READERS = (*FUND_READERS, Role.UNIT_LIAISON)

_OF_THE_WHOLE_CITY = frozenset(
    {Role.CITY_ADMIN, Role.CITY_OFFICER, Role.AUDITOR, Role.SECURITY_ADMIN, Role.OPERATOR}
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`roles` is empty when any account will do."""

    is_public: bool = False
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table; `reach` is None when nobody has said how far the right goes."""

    act: str
    method: str
    address: str
    policy: Policy
    reach: Reach | None


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


def reach_of(act: str, policy: Policy) -> Reach | None:
    if policy.is_public:
        return Reach.PUBLIC
    if not policy.roles:
        return Reach.OWN
    if act in REACH:
        return REACH[act]
    return Reach.CITY if _OF_THE_WHOLE_CITY.issuperset(policy.roles) else None


def table(app: Flask) -> Iterator[Line]:
    """Every route of the app with its policy, by address."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        policy = policy_of(app.view_functions[rule.endpoint])
        if policy is None:
            continue
        act = rule.endpoint.rpartition(".")[2]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Line(act=act, method=method, address=rule.rule, policy=policy, reach=reach_of(act, policy))


def enforce(policy: Policy) -> None:
    """Raises `NotSignedIn` or `Forbidden`, and the audit knows of it."""
    try:
        _require(policy)
    except (NotSignedIn, Forbidden) as refusal:
        audit.note_refusal(refusal)
        raise


def _require(policy: Policy) -> None:
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
        # The services hear only of the rights that this view asks for; a view may show another one.
        outer = g.get("roles_asked", ())
        g.roles_asked = policy.roles
        try:
            return view(*args, **kwargs)
        finally:
            g.roles_asked = outer

    guarded.policy = policy  # type: ignore[attr-defined]
    # What flask-smorest knows about the view; the generated document names the policy from here.
    guarded._apidoc = {**deepcopy(getattr(view, "_apidoc", {})), "policy": policy}  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]
