"""Which unit fits an item (DOMAIN: claims): functions, community, load and past scores, each with its reason.

A proposal for people to weigh, made of facts that the page shows; nobody is chosen by it (PIPL, article 24).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.claims.domain.item import Item
from services.claims.domain.unit import Unit
from services.contracts.claims.terms import Category

# What one point of the load costs: a unit with so many open claims has no capacity left.
FULL_LOAD = 5
# A unit without any score is neither praised nor blamed.
UNKNOWN_SCORE = Decimal(60)
NONE, HALF, ALL = Decimal(0), Decimal("0.5"), Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Points of 100 for each reason; a change is a new set with its own date of effect. Our own choice."""

    effective_on: date
    functions: int
    community: int
    load: int
    past: int


ALL_WEIGHTS = (Weights(effective_on=date(2026, 1, 1), functions=40, community=20, load=20, past=20),)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A unit and what it has done; `average_score` in points of 100, None when nothing was scored yet."""

    unit: Unit
    open_claims: int = 0
    done_in_category: int = 0
    scored: int = 0
    average_score: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Reason:
    """`points` of at most `most`."""

    name: str
    points: Decimal
    most: int
    because: str


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    unit: Unit
    points: Decimal
    reasons: tuple[Reason, ...]


def weights_on(day: date) -> Weights:
    in_force = [weights for weights in ALL_WEIGHTS if weights.effective_on <= day]
    return in_force[-1] if in_force else ALL_WEIGHTS[0]


def suggest(item: Item, candidates: Iterable[Candidate], *, weights: Weights) -> list[Suggestion]:
    """The best first; equals by name. Only units that serve the item's community may claim it at all."""
    found = [
        _suggestion(item, candidate, weights)
        for candidate in candidates
        if candidate.unit.serves(item.community_id)
    ]
    return sorted(found, key=lambda one: (-one.points, one.unit.sort_key, str(one.unit.unit_id)))


def _suggestion(item: Item, candidate: Candidate, weights: Weights) -> Suggestion:
    reasons = (
        _by_functions(item.category, candidate, weights.functions),
        _by_community(candidate.unit, weights.community),
        _by_load(candidate, weights.load),
        _by_past(candidate, weights.past),
    )
    return Suggestion(unit=candidate.unit, points=sum((one.points for one in reasons), NONE), reasons=reasons)


def _by_functions(category: Category, candidate: Candidate, most: int) -> Reason:
    if category in candidate.unit.functions:
        share, because = ALL, f"职能包括“{category.label}”"
    elif candidate.done_in_category:
        share, because = HALF, f"职能未登记“{category.label}”，但办结过 {candidate.done_in_category} 项"
    else:
        share, because = NONE, f"职能不包括“{category.label}”"
    return _reason("职能", share, most, because)


def _by_community(unit: Unit, most: int) -> Reason:
    """Who serves few communities is nearer to each of them."""
    count = len(unit.community_ids)
    because = "只服务本社区" if count == 1 else f"服务包括本社区在内的 {count} 个社区"
    return _reason("社区", ALL / count, most, because)


def _by_load(candidate: Candidate, most: int) -> Reason:
    free = max(0, FULL_LOAD - candidate.open_claims)
    because = f"在办 {candidate.open_claims} 项" if candidate.open_claims else "没有在办事项"
    return _reason("负担", Decimal(free) / FULL_LOAD, most, because)


def _by_past(candidate: Candidate, most: int) -> Reason:
    if candidate.average_score is None:
        return _reason("以往得分", UNKNOWN_SCORE / 100, most, f"还没有得分，按 {UNKNOWN_SCORE} 分计")
    because = f"{candidate.scored} 项平均 {candidate.average_score:.2f} 分"
    return _reason("以往得分", candidate.average_score / 100, most, because)


def _reason(name: str, share: Decimal, most: int, because: str) -> Reason:
    points = (share * most).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Reason(name=name, points=points, most=most, because=because)
