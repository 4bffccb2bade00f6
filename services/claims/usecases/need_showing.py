"""Needs as readers see them: the values that the views write out."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.claims.domain.history import HistoryLine
from services.claims.domain.item import Item
from services.claims.domain.need import Need
from services.claims.domain.need_acts import WAITING
from services.claims.usecases.showing import line_shown
from services.contracts.base import ANONYMOUS, Actor
from services.contracts.claims.terms import ItemStatus

# Lines on a need that concern another author's need.
ABSORBED = "absorb_need"
OF_THE_NEED = (
    "need_id",
    "code",
    "title",
    "community_id",
    "source",
    "order_number",
    "service_class",
    "category",
    "priority",
    "status",
    "received_at",
    "due_on",
    "version",
    "description",
    "place",
    "department",
    "reply",
)


def need_line(line: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """One line of a list."""
    return {**line, "days_left": (line["due_on"] - today).days if line["status"] in WAITING else None}


def need_shown(
    need: Need,
    *,
    community_name: str,
    item: Item | None,
    merged_into: Need | None,
    merged_from: Iterable[Need],
    duplicates: list[dict[str, Any]],
    history: Iterable[HistoryLine],
    reader: Actor,
    today: date,
) -> dict[str, Any]:
    return {
        **{name: getattr(need, name) for name in OF_THE_NEED},
        "community_name": community_name,
        "days_left": need.days_left(today),
        "item": item,
        "merged_into": merged_into,
        "merged_from": list(merged_from),
        "duplicates": duplicates,
        "history": [line_shown(line, reader) for line in history],
        "possible_acts": need.possible_acts(reader),
    }


def need_followed(
    own: Need, need: Need, *, item: Item | None, lines: Iterable[HistoryLine], community_name: str
) -> dict[str, Any]:
    """What the author of `own` sees of it, and of `need`, into which it was merged or which it is itself."""
    return {
        "code": own.code,
        "title": own.title,
        "received_at": own.received_at,
        "due_on": own.due_on,
        "community_name": community_name,
        "status": need.status,
        "category": need.category,
        "service_class": need.service_class,
        "is_open": need.is_waiting,
        "department": need.department,
        "reply": need.reply,
        "item": _item_followed(item) if item else None,
        "steps": [
            {"at": line.at, "summary": line.summary, "office": line.shown_name(ANONYMOUS)}
            for line in lines
            if line.act != ABSORBED
        ],
    }


def _item_followed(item: Item) -> dict[str, Any]:
    """A draft is not public; of it nothing but its code is told."""
    is_published = item.status is not ItemStatus.DRAFT
    return {
        "item_id": item.item_id,
        "code": item.code,
        "is_published": is_published,
        "title": item.title if is_published else "",
        "status": item.status,
        "percent": item.percent,
        "unit_names": list(item.unit_names),
        "score_total": item.score_total,
        "poll_score": item.poll.score if item.poll else None,
    }
