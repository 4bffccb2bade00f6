"""Items as readers see them: the values that the views write out."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.claims.domain.claim import Claim
from services.claims.domain.history import HistoryLine
from services.claims.domain.item import Item
from services.claims.domain.item_record import RUNNING
from services.claims.domain.scheme import Scheme, Scoring, missing_scorers
from services.claims.domain.score import what_is_missing
from services.claims.domain.unit import Unit
from services.contracts.base import Actor
from services.contracts.claims.terms import ClaimStatus, ItemStatus

SCORABLE = frozenset({ItemStatus.VERIFIED, ItemStatus.SCORED, ItemStatus.COMMENDED})
OF_THE_ITEM = (
    "item_id",
    "code",
    "title",
    "community_id",
    "service_class",
    "category",
    "status",
    "quantity",
    "remaining",
    "measure",
    "percent",
    "due_on",
    "unit_names",
    "score_total",
    "version",
    "claim_list_id",
    "need_id",
    "resolution_id",
    "plan_reference",
    "expired_at",
    "unclaimed_quantity",
    "withdrawn_at",
    "withdrawn_reason",
    "way",
    "purchase_id",
    "fund_id",
    "description",
    "beneficiaries",
    "budget_fen",
    "supports",
    "place",
    "grid_code",
    "party_study_on",
    "published_at",
    "claim_until_on",
    "verified_at",
    "poll",
    "commendation",
)
OF_THE_CLAIM = (
    "claim_id",
    "kind",
    "quantity",
    "status",
    "units",
    "percent",
    "note",
    "agreement",
    "summary",
    "claimed_at",
    "submitted_at",
    "verified_at",
    "milestones",
)


def item_line(line: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """One line of a list."""
    return {
        **line,
        "remaining": line["quantity"] - line["claimed_quantity"],
        "days_left": (line["due_on"] - today).days if line["status"] in RUNNING else None,
        "unit_names": list(dict.fromkeys(line["unit_names"])),
    }


def item_shown(
    item: Item,
    *,
    community_name: str,
    history: Iterable[HistoryLine],
    own_unit: Unit | None,
    scheme: Scheme,
    reader: Actor,
    today: date,
) -> dict[str, Any]:
    return {
        **{name: getattr(item, name) for name in OF_THE_ITEM},
        "community_name": community_name,
        "days_left": item.days_left(today),
        "poll_score": item.poll.score if item.poll else None,
        "score": _score_shown(item) if item.status in SCORABLE else None,
        "assessing": _assessing_shown(item, scheme, reader) if item.status in SCORABLE else None,
        "objections": item.objections if item.commendation else [],
        "rectification": item.rectification if item.score_total is not None else None,
        "claims": [_claim_shown(claim, item, reader) for claim in item.claims],
        "history": [line_shown(line, reader) for line in history],
        "revisable_fields": item.revisable_fields,
        "possible_acts": item.possible_acts(actor=reader, unit=own_unit, today=today, scheme=scheme),
    }


def _score_shown(item: Item) -> dict[str, Any]:
    return {
        "assessment": item.assessment,
        "poll": item.poll.score if item.poll else None,
        "timeliness": item.timeliness,
        "total": item.score_total,
        "grade": item.score_grade,
        "explanation": item.score_explanation or what_is_missing(assessment=item.assessment, poll=item.poll),
    }


def assessing_shown(scheme: Scheme, scorings: Iterable[Scoring]) -> dict[str, Any]:
    """By which scheme, what was given, and whose points are still missing."""
    order = [rule.scorer for rule in scheme.scorers]
    given = sorted(scorings, key=lambda one: order.index(one.scorer))
    return {
        "scheme_id": scheme.scheme_id,
        "number": scheme.number,
        "is_by_parts": scheme.is_by_parts,
        "scorers": scheme.scorers,
        "scorings": given,
        "missing": missing_scorers(scheme, given) if scheme.is_by_parts else [],
    }


def _assessing_shown(item: Item, scheme: Scheme, reader: Actor) -> dict[str, Any]:
    """What one party said of the work is for those who signed in."""
    return assessing_shown(scheme, [] if reader.is_anonymous else item.scorings)


def _claim_shown(claim: Claim, item: Item, reader: Actor) -> dict[str, Any]:
    return {
        **{name: getattr(claim, name) for name in OF_THE_CLAIM},
        "evidence": claim.seen_evidence(actor=reader, community_id=item.community_id)
        if claim.status is not ClaimStatus.CLAIMED
        else [],
        "possible_acts": claim.possible_acts(actor=reader, community_id=item.community_id),
    }


def line_shown(line: HistoryLine, reader: Actor) -> dict[str, Any]:
    return {
        "at": line.at,
        "actor_name": line.shown_name(reader),
        "act": line.act,
        "summary": line.summary,
        "changes": line.changes,
    }
