"""What a person may ask of each service: to see everything, to be forgotten, to be left alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis.clock import local_date, utc_now
from services.chassis.db import Database
from services.consultation import storage as rolls
from services.consultation import usecases as consultation
from services.consultation.storage.invitation import invitations
from services.contracts.base import Actor, Forbidden, Role
from services.contracts.notifications.errors import WithdrawalLinkInvalid
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.contracts.privacy import PRIVACY_TEXTS, current_text
from services.notifications import usecases as notifications
from services.notifications.domain.consent import read_token, write_token
from services.notifications.domain.subscription import FORGOTTEN, KEPT_AFTER_REMOVAL
from services.staffing import usecases as staffing
from tests.consultation.builders import (
    CITY,
    HUAYUAN,
    a_poll_of,
    answer,
    close,
    enrol,
    hear_of,
    row,
    worker_of,
)
from tests.notifications import samples
from tests.notifications.builders import deliveries, subscribe, tell
from tests.staffing.builders import appoint, register

NUMBER = "231102190001010019"
MAILBOX = "canary@example.cn"
KEY = bytes(range(32))
NOBODY = {"resident_name": "", "identity_number": "", "email": ""}
MANAGER = Actor(actor_id="m", roles=(Role.COMMUNITY_MANAGER,), community_ids=(HUAYUAN,))


@pytest.fixture
def roll(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


@pytest.fixture
def mail(service_db: Callable[[str], Database]) -> Database:
    return service_db("notifications")


def held(database: Database, gather: Callable[..., list[dict[str, object]]], **person: str) -> list[object]:
    with database.reading() as tx:
        return [record["facts"] for record in gather(tx, **{**NOBODY, **person}, actor=CITY)]


def test_the_roll_tells_a_person_everything_and_whole(roll: Database) -> None:
    with roll.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(1, resident_name="张海", identity_number=NUMBER), row(2)])

    [facts] = held(roll, consultation.gather_personal, identity_number=NUMBER)

    assert isinstance(facts, dict)
    assert (facts["姓名"], facts["身份证号码"], facts["社区"]) == ("张海", NUMBER, "花园社区")


def test_a_name_alone_finds_nobody_on_the_roll(roll: Database) -> None:
    with roll.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(1, resident_name="张海")])

    assert held(roll, consultation.gather_personal, resident_name="张海") == []


def test_only_the_city_answers_requests(roll: Database) -> None:
    for actor in (MANAGER, worker_of(HUAYUAN)):
        with roll.reading() as tx, pytest.raises(Forbidden):
            consultation.gather_personal(tx, **{**NOBODY, "identity_number": NUMBER}, actor=actor)


def test_who_is_asked_by_an_open_poll_is_erased_only_after_it(roll: Database) -> None:
    poll_id, links = a_poll_of(roll, residents=3)
    for token in links:
        answer(roll, token)
    with roll.reading() as tx:
        person = rolls.list_residents(tx.session, community_ids=None, limit=1)[0]
    asked = {**NOBODY, "identity_number": person.identity_number}

    with roll.transaction() as tx:
        removed, kept = consultation.erase_personal(tx, **asked, actor=CITY)
    assert (len(removed), len(kept)) == (0, 1)

    close(roll, poll_id)
    with roll.transaction() as tx:
        removed, kept = consultation.erase_personal(tx, **asked, actor=CITY)
    assert (len(removed), len(kept)) == (1, 0)
    assert held(roll, consultation.gather_personal, identity_number=person.identity_number) == []
    with roll.reading() as tx:
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(invitations)) == 3


def test_answering_a_poll_records_which_privacy_text_was_agreed_to_and_the_day(roll: Database) -> None:
    _, links = a_poll_of(roll, residents=2)

    answer(roll, links[0])

    today = local_date(utc_now())
    with roll.reading() as tx:
        given = tx.session.execute(
            sa.select(invitations.c.consent_version, invitations.c.consented_on).where(
                invitations.c.is_answered
            )
        ).all()
    assert [tuple(one) for one in given] == [(current_text(today).version, today)]


def test_unmasking_is_for_the_city_and_the_director_at_home(roll: Database) -> None:
    with roll.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(1, identity_number=NUMBER)])
        [person] = rolls.list_residents(tx.session, community_ids=None, limit=2)
    wanted: dict[str, Any] = {"record_id": person.resident_id, "field": "identity_number"}
    away = Actor(actor_id="m", roles=(Role.COMMUNITY_MANAGER,), community_ids=(uuid4(),))

    with roll.reading() as tx:
        assert consultation.unmask(tx, **wanted, actor=CITY) == NUMBER
        assert consultation.unmask(tx, **wanted, actor=MANAGER) == NUMBER
        for actor in (away, worker_of(HUAYUAN), Actor(actor_id="a", roles=(Role.AUDITOR,))):
            with pytest.raises(Forbidden):
                consultation.unmask(tx, **wanted, actor=actor)


def test_a_worker_file_is_shown_and_kept(service_db: Callable[[str], Database]) -> None:
    database = service_db("staffing")
    with database.transaction() as tx:
        appoint(tx, register(tx).community_id, "李海")
    asked = {**NOBODY, "resident_name": "李海"}

    [facts] = held(database, staffing.gather_personal, resident_name="李海")
    with database.transaction() as tx:
        removed, kept = staffing.erase_personal(tx, **asked, actor=CITY)

    assert isinstance(facts, dict)
    assert facts["姓名"] == "李海"
    assert (removed, len(kept)) == ([], 1)


class TestConsent:
    def test_subscribing_a_mailbox_records_the_version_and_the_time(self, mail: Database) -> None:
        subscribe(mail, Channel.EMAIL, MAILBOX)

        [facts] = held(mail, notifications.gather_personal, email="Canary@Example.cn")

        assert isinstance(facts, dict)
        assert facts["电子邮箱"] == MAILBOX
        assert facts["同意的隐私说明版本"] == PRIVACY_TEXTS[-1].version
        assert facts["撤回时间"] == "未撤回"

    def test_the_link_withdraws_it_and_nothing_more_is_sent(self, mail: Database) -> None:
        subscription_id = subscribe(mail, Channel.EMAIL, MAILBOX)
        tell(mail, samples.item_claimed())
        token = write_token(subscription_id, key=KEY)

        for _ in range(2):  # the second time changes nothing
            with mail.transaction() as tx:
                seen = notifications.withdraw_consent(tx, token=token, key=KEY, now=tx.now)
        tell(mail, samples.item_claimed(title="另一件"))

        assert seen.withdrawn_at is not None
        assert [one.status for one in deliveries(mail, Channel.EMAIL)] == [DeliveryStatus.FAILED]
        [facts] = held(mail, notifications.gather_personal, email=MAILBOX)
        assert isinstance(facts, dict)
        assert facts["电子邮箱"] == "（已清除）"
        assert facts["撤回时间"] != "未撤回"

    @pytest.mark.parametrize("token", ["", "short", "A" * 43, "中" * 43])
    def test_a_link_that_was_not_signed_here_is_refused(self, token: str) -> None:
        with pytest.raises(WithdrawalLinkInvalid):
            read_token(token, key=KEY)

    def test_erasing_leaves_deliveries_that_name_nobody(self, mail: Database) -> None:
        subscribe(mail, Channel.EMAIL, MAILBOX, label="王芳的邮箱")
        tell(mail, samples.item_claimed())

        with mail.transaction() as tx:
            removed, kept = notifications.erase_personal(
                tx, **{**NOBODY, "email": MAILBOX}, actor=CITY, now=tx.now
            )

        assert (len(removed), kept) == (1, [])
        assert [one.recipient for one in deliveries(mail, Channel.EMAIL)] == [FORGOTTEN]
        assert held(mail, notifications.gather_personal, email=MAILBOX) == []

    def test_six_months_after_the_end_the_recipient_is_forgotten(self, mail: Database) -> None:
        subscription_id = subscribe(mail, Channel.EMAIL, MAILBOX, label="王芳的邮箱")
        tell(mail, samples.item_claimed())
        with mail.transaction() as tx:
            notifications.remove_subscription(tx, subscription_id=subscription_id, actor=CITY, now=tx.now)
            ended = tx.now

        forgotten = []
        for age in (KEPT_AFTER_REMOVAL - timedelta(days=1), KEPT_AFTER_REMOVAL + timedelta(days=1)):
            with mail.transaction() as tx:
                forgotten.append(notifications.forget_old_recipients(tx, now=ended + age))

        assert forgotten == [0, 1]
        assert [one.recipient for one in deliveries(mail, Channel.EMAIL)] == [FORGOTTEN]
