"""A person asks for a correction, and the city's desk makes it: the pages over the real services."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.auth import accounts
from services.chassis import audit_tables
from services.chassis.config import Config
from services.chassis.db import Database
from services.consultation import storage as rolls
from services.contracts.base import Role
from services.contracts.notifications.terms import Channel
from tests.consultation.builders import enrol, hear_of, impossible_number, row
from tests.gateway.browsing import Person, hidden_fields, words
from tests.gateway.one_app import furnished
from tests.gateway.real_services import RealServices
from tests.notifications.builders import subscribe

PASSWORD = "correct-horse-battery"
NUMBER, MAILBOX = impossible_number(1), "wang.fagn@example.cn"
NEW = "/privacy/requests/new"


@pytest.fixture
def app(settings: Config, service_db: Callable[[str], Database]) -> Flask:
    """Somebody stands on the roll under a wrong name, and one mailbox is mistyped."""
    with service_db("consultation").transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(1, resident_name="张悔", identity_number=NUMBER)])
    subscribe(service_db("notifications"), Channel.EMAIL, MAILBOX)
    return furnished(settings, RealServices(service_db, keeps=True), database=service_db("gateway"))


@pytest.fixture
def desk(app: Flask, service_db: Callable[[str], Database]) -> Person:
    accounts.add_user(
        service_db("gateway"),
        username="desk",
        display_name="市级管理员",
        password=PASSWORD,
        roles=(Role.CITY_ADMIN,),
    )
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="desk", password=PASSWORD)
    return person


def asked(app: Flask, desk: Person, *, kind: str = "correction") -> tuple[str, str]:
    """The reference that the person got, and where the desk finds the request."""
    person = {"resident_name": "张海", "identity_number": NUMBER, "wish": "名字登记错了，应为张海"}
    answered = Person.visiting(app).send(NEW, NEW, kind=kind, **person)
    reference = answered.headers["Location"].rsplit("/", 1)[-1]
    listed = desk.page("/personal-requests")
    found = re.search(rf'href="(/personal-requests/[0-9a-f-]+)"[^>]*>\s*{reference}', listed)
    assert found is not None, listed
    return reference, found[1]


def gathered(desk: Person, page: str, **kept: str) -> str:
    shown = desk.send(page, f"{page}/gather", is_verified="yes", reason="本人到窗口更正", **kept)
    assert shown.status_code == 200, shown.text
    return shown.text


def correct(desk: Person, page: str, shown: str, field: str, **typed: str) -> tuple[int, str]:
    """Fill in that form of the page at hand that corrects this field."""
    forms = shown.split(f'action="{page}/correct"')[1:]
    [form] = [one for one in forms if f'name="field" value="{field}"' in one.partition("</form>")[0]]
    action = f"{page}/correct"
    fields = hidden_fields(f'action="{action}"{form}', action)
    sent = desk.client.post(action, data={**fields, **typed}, headers={"Accept": "text/html"})
    return sent.status_code, sent.text


def name_on_roll(database: Database) -> str:
    with database.reading() as tx:
        [found] = rolls.list_residents(tx.session, community_ids=None, identity_number=NUMBER, limit=2)
        return found.resident_name


def test_a_wrong_name_is_corrected_from_the_request_and_the_person_hears_of_it(
    app: Flask, desk: Person, service_db: Callable[[str], Database]
) -> None:
    reference, page = asked(app, desk)

    shown = gathered(desk, page)
    status, _ = correct(desk, page, shown, "resident_name", is_verified="yes", value="张海")
    desk.send(page, f"{page}/decide", status="done", answer="居民名册上的姓名已更正。")

    assert "张悔" in words(shown)
    assert status == 303
    assert name_on_roll(service_db("consultation")) == "张海"
    assert "姓名已更正" in words(Person.visiting(app).page(f"/privacy/requests/{reference}"))
    entries = audit_tables.entries.c
    with service_db("gateway").engine.connect() as connection:
        noted = connection.execute(
            sa.select(entries.reason).where(
                entries.act == "gateway.correct_personal", entries.record_id == page.rsplit("/", 1)[-1]
            )
        ).scalar_one()
    assert noted.startswith(f"申请 {reference}：consultation ")
    assert "张" not in noted


def test_what_is_kept_wrongly_is_found_under_what_is_kept(app: Flask, desk: Person) -> None:
    _, page = asked(app, desk)

    assert MAILBOX not in gathered(desk, page)
    shown = gathered(desk, page, kept_email=MAILBOX)
    status, _ = correct(desk, page, shown, "address", is_verified="yes", value="wang.fang@example.cn")

    assert status == 303
    assert "wang.fang@example.cn" in gathered(desk, page, kept_email="wang.fang@example.cn")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ({"value": "张海"}, "请先核验申请人身份"),
        ({"is_verified": "yes", "value": "张" * 51}, "姓名应为 1 至 50 个字"),
    ],
)
def test_a_refused_correction_is_shown_again_with_what_was_typed(
    app: Flask, desk: Person, service_db: Callable[[str], Database], typed: dict[str, str], word: str
) -> None:
    _, page = asked(app, desk)

    status, again = correct(desk, page, gathered(desk, page), "resident_name", **typed)
    corrected, _ = correct(desk, page, again, "resident_name", is_verified="yes", value="张海")

    assert (status, corrected) == (422, 303)
    assert word in words(again)
    assert typed["value"] in again
    assert name_on_roll(service_db("consultation")) == "张海"


def test_a_request_for_something_else_corrects_nothing(
    app: Flask, desk: Person, service_db: Callable[[str], Database]
) -> None:
    _, correction = asked(app, desk)
    shown = gathered(desk, correction)
    _, access = asked(app, desk, kind="access")

    status, _ = correct(
        desk, access, shown.replace(correction, access), "resident_name", is_verified="yes", value="张海"
    )

    assert status == 409
    assert name_on_roll(service_db("consultation")) == "张悔"


def test_an_answered_request_corrects_nothing_more(
    app: Flask, desk: Person, service_db: Callable[[str], Database]
) -> None:
    _, page = asked(app, desk)
    shown = gathered(desk, page)
    desk.send(page, f"{page}/decide", status="refused", answer="无法核验申请人身份。")

    status, _ = correct(desk, page, shown, "resident_name", is_verified="yes", value="张海")

    assert status == 409
    assert name_on_roll(service_db("consultation")) == "张悔"
