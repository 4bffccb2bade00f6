"""Correcting what is kept of a person (PIPL, article 46): found under what is wrong, right afterwards, and noted."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis import audit, audit_tables
from services.chassis.calls import Call, answer
from services.chassis.clock import utc_now
from services.chassis.db import Database, Transaction
from services.consultation import storage as rolls
from services.consultation import usecases as consultation
from services.consultation.domain.identity_number import check_character
from services.contracts.base import Actor, Forbidden, Invalid, Role, shape
from services.contracts.consultation import commands
from services.contracts.consultation.errors import (
    AlreadyOnRoll,
    IdentityNumberInvalid,
    ResidentNotFound,
    TooYoungForRoll,
)
from services.contracts.notifications.errors import AddressInvalid, AlreadySubscribed, SubscriptionNotFound
from services.contracts.notifications.terms import Channel
from services.contracts.personal import CorrectedView
from services.contracts.staffing.errors import WorkerNotFound
from services.notifications import usecases as notifications
from services.notifications.channels.email import Email
from services.staffing import usecases as staffing
from tests.consultation.builders import CITY, HUAYUAN, NOW, enrol, hear_of, impossible_number, row
from tests.notifications import samples
from tests.notifications.builders import robot_key, subscribe, tell
from tests.notifications.servers import mail_server
from tests.staffing.builders import appoint, register

RIGHT, WRONG = impossible_number(1), impossible_number(2)
CHILD = "23110220200101001"
MAILBOX, MISTYPED = "wang.fang@example.cn", "wang.fagn@example.cn"
NOBODY = {"resident_name": "", "identity_number": "", "email": ""}
OTHERS = (
    Actor(actor_id="m", roles=(Role.COMMUNITY_MANAGER,), community_ids=(HUAYUAN,)),
    Actor(actor_id="o", roles=(Role.CITY_OFFICER,)),
    Actor(actor_id="s", roles=(Role.SECURITY_ADMIN,)),
)


@pytest.fixture
def roll(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


@pytest.fixture
def files(service_db: Callable[[str], Database]) -> Database:
    return service_db("staffing")


@pytest.fixture
def mail(service_db: Callable[[str], Database]) -> Database:
    return service_db("notifications")


def resident(roll: Database, **facts: Any) -> UUID:
    """On the roll, with whatever is wrong about it; the id."""
    with roll.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(1, **facts)])
        found = rolls.list_residents(tx.session, community_ids=None, limit=1)
        return found[0].resident_id


def correct_resident(
    tx: Transaction, record_id: UUID, field: str, value: str, *, actor: Actor = CITY
) -> None:
    consultation.correct_personal(tx, record_id=record_id, field=field, value=value, actor=actor, now=NOW)


class TestRoll:
    def test_a_wrong_name_is_found_by_the_number_and_corrected(self, roll: Database) -> None:
        resident_id = resident(roll, resident_name="张悔", identity_number=RIGHT)

        with roll.transaction() as tx:
            correct_resident(tx, resident_id, "resident_name", " 李海 ")

        with roll.reading() as tx:
            [found] = rolls.list_residents(tx.session, community_ids=None, resident_name="李海", limit=2)
            gone = rolls.list_residents(tx.session, community_ids=None, resident_name="张悔", limit=2)
        assert (found.resident_name, found.identity_number) == ("李海", RIGHT)
        assert found.sort_key == "li3 h"
        assert gone == []

    def test_a_wrong_number_is_corrected_and_keeps_the_person(self, roll: Database) -> None:
        resident_id = resident(roll, resident_name="张海", identity_number=WRONG)

        with roll.transaction() as tx:
            correct_resident(tx, resident_id, "identity_number", RIGHT)

        with roll.reading() as tx:
            [found] = rolls.list_residents(tx.session, community_ids=None, identity_number=RIGHT, limit=2)
            facts = consultation.gather_personal(tx, **{**NOBODY, "identity_number": RIGHT}, actor=CITY)
        assert (found.resident_id, found.resident_name) == (resident_id, "张海")
        assert facts[0]["correctable"] == {"resident_name": "姓名", "identity_number": "身份证号码"}

    @pytest.mark.parametrize(
        ("field", "value", "refusal"),
        [
            ("identity_number", RIGHT[:-1] + "x", IdentityNumberInvalid),
            ("identity_number", CHILD + check_character(CHILD), TooYoungForRoll),
            ("resident_name", "   ", Invalid),
            ("resident_name", "张" * 51, Invalid),
        ],
    )
    def test_what_could_not_be_enrolled_is_no_correction(
        self, roll: Database, field: str, value: str, refusal: type[Exception]
    ) -> None:
        resident_id = resident(roll, identity_number=RIGHT)

        with pytest.raises(refusal), roll.transaction() as tx:
            correct_resident(tx, resident_id, field, value)

    def test_the_number_of_somebody_else_is_refused_and_nothing_changes(self, roll: Database) -> None:
        resident_id = resident(roll, resident_name="张海", identity_number=WRONG)
        with roll.transaction() as tx:
            enrol(tx, [row(1, resident_name="李海", identity_number=RIGHT)])

        with pytest.raises(AlreadyOnRoll), roll.transaction() as tx:
            correct_resident(tx, resident_id, "identity_number", RIGHT)

        with roll.reading() as tx:
            assert rolls.get_resident(tx.session, resident_id).identity_number == WRONG

    def test_only_the_personal_desk_corrects(self, roll: Database) -> None:
        resident_id = resident(roll)

        for actor in OTHERS:
            with pytest.raises(Forbidden), roll.transaction() as tx:
                correct_resident(tx, resident_id, "resident_name", "李海", actor=actor)

    def test_who_is_not_on_the_roll_cannot_be_corrected(self, roll: Database) -> None:
        with pytest.raises(ResidentNotFound), roll.transaction() as tx:
            correct_resident(tx, uuid4(), "resident_name", "李海")

    def test_the_audit_has_keyed_hashes_from_before_and_after_and_no_value(self, roll: Database) -> None:
        resident_id = resident(roll, resident_name="张悔", identity_number=RIGHT)

        answered = sent(roll, resident_id, field="resident_name", value="李海")

        with roll.engine.connect() as connection:
            entry = connection.execute(
                sa.select(audit_tables.entries).where(
                    audit_tables.entries.c.act == "consultation.correct_personal",
                    audit_tables.entries.c.record_id == str(resident_id),
                )
            ).one()
        with roll.reading() as tx:
            now = rolls.get_resident(tx.session, resident_id)
            after = audit.digest(rolls.hash_of(tx.session, now, "resident_name"))
        assert (entry.actor_id, entry.community_id, entry.reason) == ("city", HUAYUAN, "resident_name")
        assert bytes(entry.after_hash) == after
        assert entry.before_hash is not None
        assert bytes(entry.before_hash) not in (after, audit.digest("张悔"), audit.digest("张悔".encode()))
        assert shape(CorrectedView).loads(answered) == {"record_id": resident_id, "field": "resident_name"}
        assert "李海" not in str(entry)


def sent(roll: Database, resident_id: UUID, **correction: str) -> bytes:
    """Through the door, as the gateway sends it."""
    call = Call(
        method="correct_personal",
        data={"record_id": str(resident_id), **correction},
        deadline=utc_now().timestamp() + 10,
        actor=CITY,
        idempotency_key=str(uuid4()),
    )

    def door(tx: Transaction, **wanted: Any) -> Any:
        consultation.correct_personal(tx, **wanted, actor=tx.actor, now=tx.now)
        return shape(CorrectedView).dump(wanted)

    return answer(roll, call, commands.CorrectPersonal, door, changes=True)


class TestWorkers:
    def test_a_wrong_name_in_a_file_is_corrected(self, files: Database) -> None:
        with files.transaction() as tx:
            worker = appoint(tx, register(tx).community_id, "李悔")

        with files.transaction() as tx:
            staffing.correct_personal(
                tx, record_id=worker.worker_id, field="worker_name", value="李海", actor=CITY
            )

        with files.reading() as tx:
            old = staffing.gather_personal(tx, **{**NOBODY, "resident_name": "李悔"}, actor=CITY)
            [new] = staffing.gather_personal(tx, **{**NOBODY, "resident_name": "李海"}, actor=CITY)
        assert old == []
        assert (new["record_id"], new["correctable"]) == (worker.worker_id, {"worker_name": "姓名"})

    @pytest.mark.parametrize("value", ["  ", "李" * 51])
    def test_a_name_that_is_none_is_refused(self, files: Database, value: str) -> None:
        with files.transaction() as tx:
            worker = appoint(tx, register(tx).community_id)

        with pytest.raises(Invalid), files.transaction() as tx:
            staffing.correct_personal(
                tx, record_id=worker.worker_id, field="worker_name", value=value, actor=CITY
            )

    def test_only_the_personal_desk_corrects_and_only_what_there_is(self, files: Database) -> None:
        wanted: dict[str, Any] = {"record_id": uuid4(), "field": "worker_name", "value": "李海"}

        for actor in OTHERS:
            with pytest.raises(Forbidden), files.transaction() as tx:
                staffing.correct_personal(tx, **wanted, actor=actor)
        with pytest.raises(WorkerNotFound), files.transaction() as tx:
            staffing.correct_personal(tx, **wanted, actor=CITY)


class TestMailboxes:
    def correct(self, mail: Database, subscription_id: UUID, value: str, *, actor: Actor = CITY) -> None:
        with mail.transaction() as tx:
            notifications.correct_personal(
                tx, record_id=subscription_id, field="address", value=value, actor=actor
            )

    def test_what_waits_for_the_wrong_mailbox_goes_to_the_right_one(self, mail: Database) -> None:
        subscription_id = subscribe(mail, Channel.EMAIL, MISTYPED)
        tell(mail, samples.item_claimed())

        self.correct(mail, subscription_id, " Wang.Fang@example.cn ")
        with mail_server() as mailbox:
            channel = Email(mailbox.url, mail_from="gongzhi@localhost")
            notifications.send_due_deliveries(mail, channel, public_url="")

        assert [f"To: {MAILBOX}".encode() in letter for letter in mailbox.letters] == [True]
        with mail.reading() as tx:
            old = notifications.gather_personal(tx, **{**NOBODY, "email": MISTYPED}, actor=CITY)
            [new] = notifications.gather_personal(tx, **{**NOBODY, "email": MAILBOX}, actor=CITY)
        assert old == []
        assert isinstance(new["facts"], dict)
        assert new["facts"]["撤回时间"] == "未撤回"

    def test_a_mailbox_that_is_subscribed_already_is_refused(self, mail: Database) -> None:
        subscribe(mail, Channel.EMAIL, MAILBOX)
        subscription_id = subscribe(mail, Channel.EMAIL, MISTYPED)

        with pytest.raises(AlreadySubscribed):
            self.correct(mail, subscription_id, MAILBOX)

    def test_no_mailbox_and_no_person_is_refused(self, mail: Database) -> None:
        robot = subscribe(mail, Channel.WECOM, robot_key(1))
        person = subscribe(mail, Channel.EMAIL, MISTYPED)

        for subscription_id, value in ((person, "wang.fang"), (robot, MAILBOX)):
            with pytest.raises(AddressInvalid):
                self.correct(mail, subscription_id, value)

    def test_only_the_personal_desk_corrects_and_only_what_goes_on(self, mail: Database) -> None:
        subscription_id = subscribe(mail, Channel.EMAIL, MISTYPED)

        for actor in OTHERS:
            with pytest.raises(Forbidden):
                self.correct(mail, subscription_id, MAILBOX, actor=actor)
        with mail.transaction() as tx:
            notifications.remove_subscription(tx, subscription_id=subscription_id, actor=CITY, now=tx.now)
        with pytest.raises(SubscriptionNotFound):
            self.correct(mail, subscription_id, MAILBOX)
