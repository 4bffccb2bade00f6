"""Units join the alliance and are found again."""

from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid
from services.contracts.claims.errors import UnitAlreadyRegistered, UsccInvalid
from tests.builders import (
    HUAYUAN,
    XINGAN,
    city_officer,
    liaison,
    make_uscc,
    supervisor,
    unit_fields,
    worker,
)
from tests.claims.acting import do, event_names, events


def test_staff_of_one_of_its_communities_register_a_unit(db: Database) -> None:
    unit = do(db, usecases.register_unit, **unit_fields())

    [(name, event)] = events(db)
    assert (name, event["uscc"]) == ("unit_registered", unit.uscc)
    assert unit.sort_key == "hei he gong dian gong si"


@pytest.mark.parametrize("actor", [worker(uuid4()), supervisor(), liaison(uuid4()), ANONYMOUS])
def test_others_register_no_units(db: Database, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        do(db, usecases.register_unit, **unit_fields(), actor=actor)


def test_a_wrong_code_an_unknown_community_and_a_second_registration_are_refused(db: Database) -> None:
    with pytest.raises(UsccInvalid):
        do(db, usecases.register_unit, **unit_fields(uscc="5" * 18))
    with pytest.raises(Invalid) as refusal:
        do(db, usecases.register_unit, **unit_fields(community_ids=[HUAYUAN, uuid4()]))
    assert list(refusal.value.fields) == ["community_ids"]
    do(db, usecases.register_unit, **unit_fields())
    with pytest.raises(UnitAlreadyRegistered):
        do(db, usecases.register_unit, **unit_fields(unit_name="另名"))

    assert event_names(db) == ["unit_registered"]


def list_names(db: Database, **wanted: Any) -> tuple[list[str], str | None]:
    fields = {
        "q": "",
        "community_id": None,
        "status": None,
        "cursor": None,
        "limit": 10,
        "actor": ANONYMOUS,
    } | wanted
    with db.reading() as tx:
        units, more = usecases.list_units(tx, **fields)
    return [unit.unit_name for unit in units], more


def test_units_are_listed_by_sound_and_found_by_part_of_their_name(db: Database) -> None:
    for number, name in enumerate(["市中医院", "黑河学院", "爱辉区法院", "黑河供电_公司"]):
        do(db, usecases.register_unit, **unit_fields(uscc=make_uscc(number), unit_name=name))
    do(
        db,
        usecases.register_unit,
        **unit_fields(uscc=make_uscc(9), unit_name="兴安小学", community_ids=[XINGAN]),
        actor=city_officer(),
    )

    first, more = list_names(db, limit=2)
    second, end = list_names(db, limit=3, cursor=more)

    assert [*first, *second] == ["爱辉区法院", "黑河供电_公司", "黑河学院", "市中医院", "兴安小学"]
    assert end is None
    assert list_names(db, q="黑河")[0] == ["黑河供电_公司", "黑河学院"]
    assert list_names(db, q="_")[0] == ["黑河供电_公司"]
    assert "兴安小学" not in list_names(db, community_id=HUAYUAN)[0]
