"""The pages about personal data: what staff see of the roll, and how a person's request is answered."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway import personal
from gateway.auth import accounts
from gateway.storage import personal_requests as storage
from gateway.storage.tables import personal_requests
from services.chassis import audit_tables
from services.chassis.calendar import statutory_calendar
from services.chassis.clock import utc_now
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person, words
from tests.gateway.fakes import FakeServices
from tests.gateway.one_app import furnished

PASSWORD = "correct-horse-battery"
HAILAN = UUID(int=11)
RESIDENT = UUID(int=12)
NUMBER = "231102190001010019"
LISTED = {"items": [{"community_id": str(HAILAN), "community_name": "海兰社区", "street": "西兴街道"}]}
MASKED = {
    "resident_id": str(RESIDENT),
    "community_id": str(HAILAN),
    "resident_name": "张*",
    "identity_number": "231102**********0019",
    "grid_code": "",
    "employer_uscc": "",
}
RECORD = {
    "record_id": str(RESIDENT),
    "what": "居民名册",
    "facts": {"姓名": "张海", "身份证号码": NUMBER},
    "basis": "居民自治",
    "kept_for": "居住期间",
}
ASKED = {"kind": "erasure", "resident_name": "张海", "identity_number": NUMBER}
NEW = "/privacy/requests/new"
CONSENT = {
    "address": "w***@example.cn",
    "community_name": "海兰社区",
    "text_version": "2026-11",
    "given_at": "2026-11-23T04:00:00+00:00",
    "withdrawn_at": None,
}


@pytest.fixture
def services() -> FakeServices:
    fake = FakeServices()
    fake.answers |= {
        "staffing.list_communities": LISTED,
        "consultation.list_residents": {"items": [MASKED], "next": None},
        "consultation.unmask": {"value": NUMBER},
        **{f"{name}.gather_personal": {"records": []} for name in personal.HOLDERS},
        "consultation.gather_personal": {"records": [RECORD]},
        **{f"{name}.erase_personal": {"removed": [], "kept": []} for name in personal.HOLDERS},
        "consultation.erase_personal": {"removed": ["居民名册已删除。"], "kept": []},
        "staffing.erase_personal": {"removed": [], "kept": ["任用记录依法保留。"]},
    }
    return fake


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("gateway")


@pytest.fixture
def app(settings: Config, services: FakeServices, database: Database) -> Flask:
    return furnished(settings, services, database=database)


@pytest.fixture
def enter(app: Flask, database: Database) -> Callable[[Role], Person]:
    def sign_in(role: Role) -> Person:
        at_home = role in (Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
        accounts.add_user(
            database,
            username=role.value,
            display_name=role.label,
            password=PASSWORD,
            roles=(role,),
            community_ids=(HAILAN,) if at_home else (),
        )
        app.extensions["places"].refresh()
        person = Person.visiting(app)
        answered = person.send("/signin", "/signin", username=role.value, password=PASSWORD)
        assert answered.status_code == 303, answered.text
        return person

    return sign_in


def noted(database: Database, act: str, record_id: UUID) -> list[str]:
    """The reasons that the audit has for such an act on that record."""
    entries = audit_tables.entries.c
    with database.engine.connect() as connection:
        found = connection.execute(
            sa.select(entries.reason).where(
                entries.act == f"gateway.{act}", entries.record_id == str(record_id)
            )
        )
        return list(found.scalars())


def roll_of(resident_id: UUID) -> dict[str, Any]:
    return {"items": [{**MASKED, "resident_id": str(resident_id)}], "next": None}


def submitted(app: Flask, **fields: str) -> str:
    answered = Person.visiting(app).send(NEW, NEW, **{**ASKED, **fields})
    assert answered.status_code == 303, answered.text
    return str(answered.headers["Location"]).rsplit("/", 1)[-1]


def request_id_of(database: Database, reference: str) -> UUID:
    with database.reading() as tx:
        return storage.request_of_reference(tx.session, reference).request_id


class TestUnmasking:
    @pytest.fixture
    def record_id(self) -> UUID:
        """One of its own for each test, because the audit is never emptied."""
        return uuid4()

    def test_the_roll_is_masked_and_a_search_stands_in_no_address(
        self, enter: Callable[[Role], Person], services: FakeServices
    ) -> None:
        person = enter(Role.COMMUNITY_WORKER)

        found = person.send("/residents", "/residents/found", identity_number=NUMBER)

        assert found.status_code == 200
        assert services.asked[-2].data["identity_number"] == NUMBER
        assert "231102**********0019" in words(found.text)
        assert "查看一次" not in words(found.text)

    def test_it_is_answered_once_and_stands_in_the_audit_with_its_reason(
        self, enter: Callable[[Role], Person], database: Database, services: FakeServices, record_id: UUID
    ) -> None:
        services.answers["consultation.list_residents"] = roll_of(record_id)
        person = enter(Role.COMMUNITY_MANAGER)

        shown = person.send(
            "/residents", f"/residents/{record_id}/unmask", field="identity_number", reason="核对补贴材料"
        )

        assert shown.status_code == 200
        assert NUMBER in words(shown.text)
        assert shown.headers["Cache-Control"] == "no-store"
        assert noted(database, "unmask", record_id) == ["identity_number：核对补贴材料"]

    def test_without_a_reason_nothing_is_asked_and_nothing_is_shown(
        self, enter: Callable[[Role], Person], database: Database, services: FakeServices, record_id: UUID
    ) -> None:
        services.answers["consultation.list_residents"] = roll_of(record_id)
        person = enter(Role.COMMUNITY_MANAGER)

        refused = person.send(
            "/residents", f"/residents/{record_id}/unmask", field="identity_number", reason="看看"
        )

        assert refused.status_code == 422
        assert NUMBER not in refused.text
        assert noted(database, "unmask", record_id) == []
        assert "unmask" not in {asked.method for asked in services.asked}

    def test_a_worker_may_not(self, enter: Callable[[Role], Person], services: FakeServices) -> None:
        person = enter(Role.COMMUNITY_WORKER)
        token = re.search(r'name="csrf_token" value="([^"]+)"', person.page("/residents"))
        assert token is not None

        refused = person.client.post(
            f"/residents/{RESIDENT}/unmask",
            data={"csrf_token": token[1], "field": "identity_number", "reason": "核对补贴材料"},
        )

        assert refused.status_code == 403
        assert "unmask" not in {asked.method for asked in services.asked}


class TestRequests:
    def test_a_person_asks_without_an_account_and_follows_the_reference(self, app: Flask) -> None:
        reference = submitted(app)

        page = Person.visiting(app).page(f"/privacy/requests/{reference}")

        assert reference in words(page)
        assert "办理中" in words(page)
        assert "张海" not in page
        assert NUMBER not in page

    @pytest.mark.parametrize(
        "wrong",
        [
            {"resident_name": ""},
            {"identity_number": ""},
            {"kind": "anything"},
            {"wish": "长" * 1001},
            {"identity_number": "1" * 19},
        ],
    )
    def test_a_request_that_cannot_be_answered_is_refused(self, app: Flask, wrong: dict[str, str]) -> None:
        assert Person.visiting(app).send(NEW, NEW, **{**ASKED, **wrong}).status_code == 422

    def test_who_asked_is_sealed(self, app: Flask, database: Database) -> None:
        submitted(app, wish="请删除我的信息")

        with database.engine.connect() as connection:
            row = connection.execute(
                sa.text("SELECT personal_requests::text FROM personal_requests")
            ).scalar()
        for told in ("张海", NUMBER, "请删除"):
            assert told not in str(row)
            assert told.encode().hex() not in str(row)

    @pytest.mark.parametrize(
        "day", [date(2026, 9, 15), date(2026, 9, 29), date(2026, 11, 23), date(2026, 2, 10)]
    )
    def test_the_clock_has_fifteen_working_days_as_the_claims_have_them(self, day: date) -> None:
        assert personal.due_on(day) == statutory_calendar(day.year).end_of_period(day, working_days=15)

    def test_gathering_asks_every_holder_and_is_noted(
        self, app: Flask, enter: Callable[[Role], Person], database: Database, services: FakeServices
    ) -> None:
        request_id = request_id_of(database, submitted(app, kind="access"))
        person, page = enter(Role.CITY_ADMIN), f"/personal-requests/{request_id}"

        shown = person.send(page, f"{page}/gather", is_verified="yes", reason="本人到窗口查阅")

        assert NUMBER in words(shown.text)
        assert {asked.service for asked in services.asked if asked.method == "gather_personal"} == {
            "claims",
            "consultation",
            "staffing",
            "notifications",
        }
        assert noted(database, "gather_personal", request_id) == ["本人到窗口查阅"]

    def test_the_copy_is_a_file_of_everything_with_its_source(
        self, app: Flask, enter: Callable[[Role], Person], database: Database
    ) -> None:
        reference = submitted(app, kind="export")
        person, page = enter(Role.CITY_ADMIN), f"/personal-requests/{request_id_of(database, reference)}"

        sent = person.send(page, f"{page}/export", is_verified="yes", reason="本人到窗口复制")

        assert sent.headers["Content-Disposition"] == f'attachment; filename="{reference}.json"'
        assert sent.get_json()["records"] == [{**RECORD, "service": "consultation"}]

    @pytest.mark.parametrize("act", ["gather", "export", "erase"])
    def test_nobody_gets_a_persons_data_unverified(
        self,
        app: Flask,
        enter: Callable[[Role], Person],
        database: Database,
        services: FakeServices,
        act: str,
    ) -> None:
        person = enter(Role.CITY_ADMIN)
        page = f"/personal-requests/{request_id_of(database, submitted(app))}"

        refused = person.send(page, f"{page}/{act}", reason="本人到窗口办理")

        assert refused.status_code == 422
        assert not {"gather_personal", "erase_personal"} & {asked.method for asked in services.asked}

    def test_erasing_tells_the_person_what_went_and_what_stays_and_why(
        self, app: Flask, enter: Callable[[Role], Person], database: Database
    ) -> None:
        reference = submitted(app)
        person, page = enter(Role.CITY_ADMIN), f"/personal-requests/{request_id_of(database, reference)}"

        person.send(page, f"{page}/erase", is_verified="yes")

        answer = words(Person.visiting(app).page(f"/privacy/requests/{reference}"))
        for line in ("已办结", "居民名册已删除。", "依法保留：", "任用记录依法保留。"):
            assert line in answer

    def test_a_refusal_gives_its_reason_and_is_final(
        self, app: Flask, enter: Callable[[Role], Person], database: Database
    ) -> None:
        reference = submitted(app)
        request_id = request_id_of(database, reference)
        person, page = enter(Role.CITY_ADMIN), f"/personal-requests/{request_id}"
        told = {"status": "refused", "answer": "无法核验申请人身份。"}

        assert person.send(page, f"{page}/decide", status="refused", answer="不").status_code == 422
        assert person.send(page, f"{page}/decide", **told).status_code == 303

        assert told["answer"] in words(Person.visiting(app).page(f"/privacy/requests/{reference}"))
        assert "答复申请人" not in words(person.page(page))

    def test_three_years_after_the_answer_nobody_knows_who_asked(
        self, app: Flask, database: Database
    ) -> None:
        reference = submitted(app)
        now = utc_now()
        with database.transaction() as tx:
            storage.decide_request(
                tx.session,
                request_id_of(database, reference),
                status=storage.RequestStatus.DONE,
                answer="已答复。",
                decided_by="city",
                now=now,
            )

        with database.transaction() as tx:
            kept = storage.forget_persons(tx.session, now=now + storage.PERSON_KEPT - timedelta(days=1))
            gone = storage.forget_persons(tx.session, now=now + storage.PERSON_KEPT + timedelta(days=1))

        assert (kept, gone) == (0, 1)
        with database.reading() as tx:
            assert tx.session.scalar(sa.select(personal_requests.c.person_sealed)) is None

    def test_the_list_shows_what_is_due_and_masks_who_asked(
        self, app: Flask, enter: Callable[[Role], Person]
    ) -> None:
        references = {submitted(app) for _ in range(2)}

        page = words(enter(Role.CITY_ADMIN).page("/personal-requests"))

        assert all(reference in page for reference in references)
        assert "张*" in page
        assert "张海" not in page


class TestConsent:
    def test_following_the_link_asks_and_only_the_button_withdraws(
        self, app: Flask, services: FakeServices
    ) -> None:
        path = f"/privacy/consents/{'t' * 43}"
        services.answers["notifications.show_consent"] = CONSENT
        person = Person.visiting(app)

        assert "w***@example.cn" in words(person.page(path))
        assert "withdraw_consent" not in {asked.method for asked in services.asked}
        assert person.send(path, path).status_code == 303
        assert "withdraw_consent" in {asked.method for asked in services.asked}

    def test_every_version_of_the_privacy_text_can_be_read(self, app: Flask) -> None:
        assert "版本 2026-11" in words(Person.visiting(app).page("/privacy?version=2026-11"))
