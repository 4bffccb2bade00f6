"""The doors to volunteers: names are masked in what is answered and in what is stored of an answer."""

import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from services.chassis.calls import Call, read_reply
from services.chassis.clock import utc_now
from services.chassis.db import Database
from services.chassis.wire import read_error
from services.claims.service import ClaimsService
from services.contracts.base import ANONYMOUS, Actor, Invalid
from services.contracts.claims.errors import SignInTokenInvalid
from tests.builders import HUAYUAN, supervisor, worker

SOON = utc_now() + timedelta(minutes=20)
SHIFT = {
    "community_id": str(HUAYUAN),
    "title": "清雪",
    "place": "花园街",
    "starts_at": SOON.isoformat(),
    "ends_at": (SOON + timedelta(days=1)).isoformat(),
    "slots": 1,
}
VOLUNTEER = {"community_id": str(HUAYUAN), "volunteer_name": "关海兰"}


class Doors:
    """The doors of claims, called as the broker calls them."""

    def __init__(self, database: Database) -> None:
        self.service = ClaimsService()
        self.service.db = database  # type: ignore[attr-defined]  # what nameko puts there

    def ask(self, method: str, data: dict[str, Any], *, actor: Actor | None = None, key: str = "") -> Any:
        call = Call(
            method=method,
            data=data,
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


def test_a_name_is_masked_in_the_answer_and_stands_nowhere_in_the_database(
    doors: Doors, db: Database
) -> None:
    first = doors.ask("register_volunteer", VOLUNTEER, key="once")
    again = doors.ask("register_volunteer", VOLUNTEER, key="once")

    assert first == again
    assert first["volunteer_name"] == "关*"
    with db.engine.connect() as connection:
        names = sa.inspect(db.engine).get_table_names()
        for name in names:
            rows = connection.execute(sa.text(f"SELECT t::text FROM {name} t")).scalars().all()
            assert not any("关海兰" in row or "关海兰".encode().hex() in row for row in rows), name


def test_the_door_behind_the_qr_code_is_open_to_everybody_with_its_token_only(doors: Doors) -> None:
    volunteer = doors.ask("register_volunteer", VOLUNTEER)
    shift_id = doors.ask("open_shift", SHIFT)["shift_id"]
    ids = {"shift_id": shift_id, "volunteer_id": volunteer["volunteer_id"]}
    doors.ask("enrol_volunteer", ids)
    token = doors.ask("get_sign_in_token", {"shift_id": shift_id})["token"]
    signed = {"volunteer_code": volunteer["code"], "signing": "in"}

    receipt = doors.ask("sign_by_token", {"token": token, **signed}, actor=ANONYMOUS, key="a")
    with pytest.raises(SignInTokenInvalid):
        doors.ask("sign_by_token", {"token": "A" * 54, **signed}, actor=ANONYMOUS)

    assert (receipt["volunteer_name"], receipt["status"]) == ("关*", "signed_in")
    seen = doors.ask("get_shift", {"shift_id": shift_id}, actor=supervisor())
    assert [one["status"] for one in seen["enrolments"]] == ["signed_in"]
    assert seen["possible_acts"] == []


@pytest.mark.parametrize(
    ("door", "wrong", "field"),
    [
        ("open_shift", SHIFT | {"slots": 0}, "slots"),
        ("open_shift", SHIFT | {"starts_at": "2030-01-01T08:00:00"}, "starts_at"),
        ("open_shift", SHIFT | {"skills": ["flying"]}, "skills.0"),
        ("register_volunteer", VOLUNTEER | {"phone": "13800000000"}, "phone"),
        ("register_volunteer", VOLUNTEER | {"identity_number": "1"}, "identity_number"),
        ("register_volunteer", VOLUNTEER | {"volunteer_name": " "}, "volunteer_name"),
    ],
)
def test_what_a_door_does_not_take_is_named(doors: Doors, door: str, wrong: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        doors.ask(door, wrong)

    assert list(refusal.value.fields) == [field]
