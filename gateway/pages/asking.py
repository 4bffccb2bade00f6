"""Questions that several pages ask."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import url_for

from gateway.auth.session import current_user
from gateway.calls import claims, staffing
from gateway.pages.frame import may_use
from services.contracts.base import Unavailable


def communities() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = staffing.list_communities()["items"]
    return found


def my_communities() -> list[dict[str, Any]]:
    """Those in which this person may enter something; all of them for the city's staff."""
    user = current_user()
    if user is None or user.actor.reaches_whole_city:
        return communities()
    return [one for one in communities() if UUID(one["community_id"]) in user.community_ids]


def units_of(community_id: str) -> list[dict[str, Any]]:
    """Who may claim there: a liaison only his own unit, staff every unit that serves the community."""
    user = current_user()
    serving: list[dict[str, Any]] = claims.list_units(community_id=community_id, status="member", limit=200)[
        "items"
    ]
    return serving if user is None or user.unit_id is None else _own_first(serving, str(user.unit_id))


def linkage_of(item_id: UUID, community_id: str) -> dict[str, Any]:
    """The five parties of an item; for who may link one, also those to choose from."""
    linkage = claims.get_linkage(item_id=item_id)
    found: dict[str, Any] = {"linkage": linkage, "organisations": [], "linkable_volunteers": []}
    if "link_party" in linkage["possible_acts"] and may_use("linkages.link_party"):
        narrowed = {"community_id": community_id, "status": "active", "limit": 200}
        found["organisations"] = claims.list_social_organisations(**narrowed)["items"]
        found["linkable_volunteers"] = claims.list_volunteers(**narrowed)["items"]
    return found


def _own_first(units: list[dict[str, Any]], unit_id: str) -> list[dict[str, Any]]:
    return sorted(units, key=lambda unit: unit["unit_id"] != unit_id)


def if_up(ask: Callable[..., dict[str, Any]], **wanted: Any) -> dict[str, Any] | None:
    """The answer, or None while that service is away: one part of a page waits, not the whole page."""
    try:
        return ask(**wanted)
    except Unavailable:
        return None


def public_address(endpoint: str, public_url: str, **values: Any) -> str:
    """An address for paper and messages: complete, with the name under which the public knows us."""
    return public_url.rstrip("/") + url_for(endpoint, **values)
