"""The doors of needs: shapes in and out, and one need from many askers at once."""

import threading
import time
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa

from services.chassis.calls import Call, read_reply
from services.chassis.db import Database
from services.chassis.wire import read_error
from services.claims.service import ClaimsService
from services.claims.storage.tables import needs
from services.contracts.base import ANONYMOUS, Actor, GongzhiError, Invalid
from services.contracts.claims.errors import NeedNotFound
from tests.builders import HUAYUAN, NOW, XINGAN, worker
from tests.claims.acting import event_names
from tests.claims.need_acting import item_of_need_fields, need_cells

ORDER = {
    "order_number": "HH20261123001",
    "community_id": str(HUAYUAN),
    "title": "暖气不热",
    "content": "5 号楼 301 室暖气不热",
    "received_at": NOW.isoformat(),
}
NEED = {"community_id": str(HUAYUAN), "description": "楼道灯不亮，请修理"}
TRIAGE = {"service_class": "convenience", "category": "facilities"}


class Doors:
    """The doors of claims, called as the broker calls them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = ClaimsService()
        self.service.db = database  # type: ignore[assignment]  # what nameko puts there

    def ask(self, method: str, data: dict[str, Any], *, actor: Actor | None = None, key: str = "") -> Any:
        """The answer of a call, or its error raised."""
        call = Call(
            method=method,
            data={name: str(value) if hasattr(value, "isoformat") else value for name, value in data.items()},
            deadline=time.time() + 60,
            actor=actor or worker(),
            idempotency_key=key or None,
        )
        reply = read_reply(getattr(self.service, method)(call))
        if reply.error is not None:
            raise read_error(reply.error)
        return msgspec.json.decode(reply.answer)


@pytest.fixture
def doors(db: Database) -> Doors:
    return Doors(db)


def test_fifty_who_bring_one_order_at_once_make_one_need(doors: Doors) -> None:
    answers: list[dict[str, Any]] = []
    barrier = threading.Barrier(50)

    def bring(number: int) -> None:
        barrier.wait()
        answers.append(doors.ask("receive_order", ORDER, key=f"key-{number}"))

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({answer["need_id"] for answer in answers}) == 1
    assert len(answers) == 50
    with doors.database.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(needs)) == 1
    assert event_names(doors.database) == ["need_received"]


def test_two_who_lead_one_need_to_different_outcomes_at_once_cannot_both(doors: Doors) -> None:
    need_id = doors.ask("register_need", NEED)["need_id"]
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def act(method: str, **fields: str) -> None:
        barrier.wait()
        try:
            outcomes.append(doors.ask(method, {"need_id": need_id, **fields})["status"])
        except GongzhiError as refusal:
            outcomes.append(type(refusal).__name__)

    threads = [
        threading.Thread(target=act, args=("answer_need",), kwargs={"reply": "好"}),
        threading.Thread(target=act, args=("decline_need",), kwargs={"reason": "不"}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes)[0] == "NeedNotInState"
    assert sorted(outcomes)[1] in ("answered", "declined")


def test_a_need_goes_through_the_doors_from_the_public_to_the_claim_list(doors: Doors) -> None:
    taken = doors.ask("submit_need", NEED, actor=ANONYMOUS, key="k")
    need_id = taken["need_id"]
    assert doors.ask("submit_need", NEED, actor=ANONYMOUS, key="k") == taken
    doors.ask("triage_need", {"need_id": need_id, **TRIAGE})
    fields = {**item_of_need_fields(), "due_on": "2126-12-20"}
    need = doors.ask("turn_need_into_item", {"need_id": need_id, **fields, "expected_version": 2})

    assert need["item"]["status"] == "draft"
    assert doors.ask("get_item", {"item_id": need["item"]["item_id"]})["need_id"] == need_id
    followed = doors.ask("follow_need", {"reference": taken["reference"]}, actor=ANONYMOUS)
    assert followed["status"] == "item"
    assert "楼道灯" not in str(followed["item"])


def test_the_community_and_class_of_an_item_are_those_of_its_need(doors: Doors) -> None:
    fields = {**item_of_need_fields(), "due_on": "2126-12-20"}

    with pytest.raises(Invalid) as refusal:
        doors.ask("turn_need_into_item", {"need_id": str(uuid4()), **fields, "community_id": str(XINGAN)})

    assert list(refusal.value.fields) == ["community_id"]


def test_rows_pass_the_doors_and_errors_are_told_in_them(doors: Doors) -> None:
    rows = [
        {"row_number": 2, "cells": need_cells()},
        {"row_number": 3, "cells": need_cells(community="")},
    ]

    preview = doors.ask("preview_needs", {"rows": rows})
    imported = doors.ask("import_needs", {"rows": rows[:1], "file_name": "需求.xlsx", "file_hash": "c" * 64})

    assert preview["rows"][1]["errors"] == ["第3行「社区」：必填。"]
    assert imported["imported"] == 1
    assert doors.ask("list_needs", {})["total"] == 1
    assert doors.ask("count_needs", {})["by_status"]["received"] == 1


def test_a_need_elsewhere_is_not_found_through_the_door(doors: Doors) -> None:
    need_id = doors.ask("register_need", NEED)["need_id"]

    for method, fields in (
        ("get_need", {}),
        ("triage_need", TRIAGE),
        ("answer_need", {"reply": "好"}),
        ("refer_need", {"department": "住建局", "reason": "归其管"}),
    ):
        with pytest.raises(NeedNotFound):
            doors.ask(method, {"need_id": need_id, **fields}, actor=worker(XINGAN))


@pytest.mark.parametrize(
    "wrong", [{"order_number": "a b"}, {"received_at": "2026-11-23"}, {"working_days": 0}]
)
def test_an_order_in_a_wrong_form_is_refused(doors: Doors, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        doors.ask("receive_order", {**ORDER, **wrong})

    assert list(refusal.value.fields) == list(wrong)
