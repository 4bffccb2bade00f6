"""Which unit fits an item: each reason by itself, the order, and what the database knows of the units."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.suggestion import Candidate, suggest, weights_on
from services.contracts.base import Forbidden
from services.contracts.claims.errors import ItemNotFound
from services.contracts.claims.terms import Category, ClaimKind
from tests.builders import HUAYUAN, TODAY, XINGAN, liaison, make_item, make_unit, publish, supervisor, worker
from tests.claims.acting import do, store

WEIGHTS = weights_on(TODAY)


def points(**given: Any) -> dict[str, Decimal]:
    unit = make_unit(**given.pop("unit", {}))
    [one] = suggest(make_item(), [Candidate(unit=unit, **given)], weights=WEIGHTS)
    return {reason.name: reason.points for reason in one.reasons}


def test_the_weights_are_points_of_a_hundred() -> None:
    assert WEIGHTS.functions + WEIGHTS.community + WEIGHTS.load + WEIGHTS.past == 100


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"职能": "40.0", "社区": "20.0", "负担": "20.0", "以往得分": "12.0"}),
        ({"unit": {"functions": [Category.CULTURE]}}, {"职能": "0.0"}),
        ({"unit": {"functions": []}, "done_in_category": 2}, {"职能": "20.0"}),
        ({"unit": {"community_ids": [HUAYUAN, XINGAN, uuid4()]}}, {"社区": "6.7"}),
        ({"open_claims": 2}, {"负担": "12.0"}),
        ({"open_claims": 9}, {"负担": "0.0"}),
        ({"scored": 3, "average_score": Decimal("86.5")}, {"以往得分": "17.3"}),
    ],
)
def test_each_reason_counts_what_it_names(given: dict[str, Any], expected: dict[str, str]) -> None:
    found = points(**given)

    assert {name: found[name] for name in expected} == {name: Decimal(x) for name, x in expected.items()}


def test_the_best_comes_first_equals_by_name_and_who_does_not_serve_there_not_at_all() -> None:
    able, idle, busy = (make_unit(name, number=number) for number, name in enumerate(("甲", "乙", "丙"), 1))
    able.sort_key, idle.sort_key = "jia", "yi"
    away = make_unit("丁", number=4, community_ids=[XINGAN])
    candidates = [
        Candidate(unit=busy, open_claims=5),
        Candidate(unit=away),
        Candidate(unit=idle),
        Candidate(unit=able),
    ]

    found = suggest(make_item(), candidates, weights=WEIGHTS)

    assert [one.unit.unit_name for one in found] == ["甲", "乙", "丙"]
    assert all(one.points == sum(reason.points for reason in one.reasons) for one in found)


def test_load_is_what_the_unit_has_in_hand_in_every_community(db: Database) -> None:
    busy, free = make_unit("甲", number=1, community_ids=[HUAYUAN, XINGAN]), make_unit("乙", number=2)
    taken = publish(make_item(code="RL-2026-0001", community_id=HUAYUAN))
    wanted = publish(make_item(code="RL-2026-0002"))
    store(db, busy, free, taken, wanted)
    do(
        db,
        usecases.claim_item,
        item_id=taken.item_id,
        kind=ClaimKind.JOINT,
        quantity=None,
        unit_id=free.unit_id,
        supporting_unit_ids=[busy.unit_id],
        note="",
    )

    found = do(db, usecases.suggest_units, item_id=wanted.item_id, limit=5)

    assert [one["unit_name"] for one in found["items"]] == ["乙", "甲"]
    assert [one["reasons"][2].because for one in found["items"]] == ["在办 1 项", "在办 1 项"]


def test_suggestions_are_for_the_staff_of_the_community(db: Database) -> None:
    unit, item, draft = make_unit(), publish(make_item()), make_item(code="RL-2026-0002")
    store(db, unit, item, draft)

    for actor in (worker(XINGAN), liaison(unit), supervisor()):
        with pytest.raises(Forbidden):
            do(db, usecases.suggest_units, item_id=item.item_id, limit=5, actor=actor)
    with pytest.raises(ItemNotFound):
        do(db, usecases.suggest_units, item_id=draft.item_id, limit=5, actor=worker(XINGAN))
