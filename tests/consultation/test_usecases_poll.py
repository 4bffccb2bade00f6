"""Polls: state and news commit together, refusals tell nothing."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis import tables
from services.chassis.db import Database
from services.consultation import storage, usecases
from services.consultation.domain import draw
from services.consultation.storage.invitation import invitations
from services.consultation.storage.resident import residents
from services.contracts.base import ANONYMOUS, Forbidden, VersionMismatch
from services.contracts.consultation.errors import (
    PollClosedAlready,
    PollNotFound,
)
from services.contracts.consultation.terms import PollStatus, Satisfaction
from tests.consultation.builders import (
    CITY,
    DOER,
    HUAYUAN,
    LINK_KEY,
    NOW,
    SEED,
    WEEK,
    XINGAN,
    a_poll_of,
    answer,
    close,
    enrol,
    hear_of,
    open_poll,
    row,
    told,
    worker_of,
)


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


class TestOpening:
    def test_a_completed_item_is_polled_and_the_poll_is_told_of(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            enrol(tx, [row(nth) for nth in range(100)])
            poll = open_poll(tx, beneficiaries=300)

        assert (poll.sampled, poll.least_sample) == (60, 30)
        assert poll.closes_at == NOW + WEEK
        with database.reading() as tx:
            assert told(tx) == ["poll_opened"]

    def test_a_small_roll_is_asked_as_a_whole(self, database: Database) -> None:
        poll_id, links = a_poll_of(database, residents=12)

        with database.reading() as tx:
            assert storage.get_poll(tx.session, poll_id).sampled == len(set(links)) == 12

    def test_nobody_on_the_roll_means_nobody_is_asked(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            poll = open_poll(tx)

        assert poll.sampled == 0
        assert close(database, poll.poll_id).poll.tally is not None

    def test_an_item_is_polled_once(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            enrol(tx, [row(nth) for nth in range(10)])
            first = open_poll(tx)

        with database.transaction() as tx:
            again = open_poll(tx, item_id=first.item_id, seed="ff" * 16)

        assert (again.poll_id, again.seed) == (first.poll_id, SEED)
        with database.reading() as tx:
            assert told(tx) == ["poll_opened"]
            assert tx.session.scalar(sa.select(sa.func.count()).select_from(invitations)) == 10

    def test_those_who_work_for_a_doer_or_live_elsewhere_are_never_asked(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            enrol(tx, [row(nth, resident_name="邻居") for nth in range(20)])
            enrol(tx, [row(100 + nth, resident_name="做事的", employer_uscc=DOER) for nth in range(20)])
            enrol(
                tx,
                [
                    row(200 + nth, community_id=XINGAN, resident_name="外人", grid_code="")
                    for nth in range(20)
                ],
            )

            for seed in range(20):
                poll = open_poll(tx, doer_usccs=(DOER,), seed=f"{seed:064x}")
                asked = usecases.list_invitations(tx, poll_id=poll.poll_id, link_key=LINK_KEY, actor=CITY)

                assert {name for name, _ in asked} == {"邻居"}
                assert len(asked) == 20

    def test_anybody_can_draw_the_sample_again_from_the_seed_and_the_roll(self, database: Database) -> None:
        poll_id, _ = a_poll_of(database, residents=100)

        with database.reading() as tx:
            roll = tx.session.scalars(sa.select(residents.c.resident_id)).all()
            asked = tx.session.scalars(
                sa.select(invitations.c.resident_id).where(invitations.c.poll_id == poll_id)
            ).all()
            poll = storage.get_poll(tx.session, poll_id)
        assert set(draw(roll, seed=poll.seed, size=poll.sampled)) == set(asked)


class TestClosing:
    def test_closing_tells_the_result(self, database: Database) -> None:
        poll_id, links = a_poll_of(database, residents=40)
        chosen = [
            grade for grade, times in zip(Satisfaction, (20, 10, 6, 3, 1), strict=True) for _ in range(times)
        ]
        for token, satisfaction in zip(links, chosen, strict=True):
            answer(database, token, satisfaction)

        seen = close(database, poll_id, actor=worker_of(HUAYUAN))

        assert seen.answered == 40
        assert seen.poll.tally is not None
        assert seen.poll.tally.score == Decimal("81.25")
        with database.reading() as tx:
            assert told(tx) == ["poll_opened", "poll_closed"]
            payload = json.loads(
                tx.session.scalars(
                    sa.select(tables.outbox.c.payload).where(tables.outbox.c.name == "poll_closed")
                ).one()
            )
        assert (payload["sampled"], payload["answered"]) == (40, 40)
        assert (payload["satisfaction_percent"], payload["score"]) == ("90.00", "81.25")
        assert payload["is_sample_sufficient"] is True

    def test_a_poll_is_closed_once(self, database: Database) -> None:
        poll_id, _ = a_poll_of(database, residents=3)
        close(database, poll_id)

        with pytest.raises(PollClosedAlready):
            close(database, poll_id)

        with database.reading() as tx:
            assert told(tx) == ["poll_opened", "poll_closed"]

    def test_only_staff_of_the_community_or_the_city_close(self, database: Database) -> None:
        poll_id, _ = a_poll_of(database, residents=3)

        for actor in (worker_of(XINGAN), ANONYMOUS):
            with pytest.raises(Forbidden):
                close(database, poll_id, actor=actor)

        with database.reading() as tx:
            assert told(tx) == ["poll_opened"]

    def test_closing_an_older_version_is_refused(self, database: Database) -> None:
        poll_id, _ = a_poll_of(database, residents=3)

        with pytest.raises(VersionMismatch), database.transaction() as tx:
            usecases.close_poll(tx, poll_id=poll_id, expected_version=2, actor=CITY, now=NOW)

    def test_due_polls_close_themselves_and_others_stay_open(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            due = {open_poll(tx, now=NOW - WEEK).poll_id, open_poll(tx, now=NOW - 2 * WEEK).poll_id}
            not_due = open_poll(tx).poll_id

        closed = 0
        is_more = True
        while is_more:
            with database.transaction() as tx:
                is_more = usecases.close_next_due_poll(tx, now=tx.now)
                closed += is_more

        assert closed == 2
        with database.reading() as tx:
            found, _ = usecases.list_polls(
                tx,
                item_id=None,
                community_id=None,
                status=PollStatus.CLOSED,
                cursor=None,
                limit=9,
                actor=CITY,
            )
            assert {seen.poll.poll_id for seen in found} == due
            assert storage.get_poll(tx.session, not_due).status is PollStatus.OPEN


class TestReading:
    def test_what_may_be_done_depends_on_who_asks_and_when(self, database: Database) -> None:
        poll_id, _ = a_poll_of(database, residents=3)

        with database.reading() as tx:
            assert usecases.get_poll(tx, poll_id=poll_id, actor=ANONYMOUS).possible_acts == []
            assert usecases.get_poll(tx, poll_id=poll_id, actor=worker_of(XINGAN)).possible_acts == []
            assert usecases.get_poll(tx, poll_id=poll_id, actor=worker_of(HUAYUAN)).possible_acts == [
                "list_invitations",
                "close_poll",
            ]
        assert close(database, poll_id).possible_acts == []

    def test_an_unknown_poll_is_not_found(self, database: Database) -> None:
        for use in (
            usecases.get_poll,
            lambda tx, **wanted: usecases.list_invitations(tx, **wanted, link_key=LINK_KEY),
        ):
            with pytest.raises(PollNotFound), database.reading() as tx:
                use(tx, poll_id=uuid4(), actor=CITY)

    def test_pages_together_are_the_whole_list_the_newest_first(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            opened = [open_poll(tx, now=NOW - timedelta(hours=hours)).poll_id for hours in (3, 1, 2, 1, 0)]

        seen, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            with database.reading() as tx:
                page, cursor = usecases.list_polls(
                    tx, item_id=None, community_id=HUAYUAN, status=None, cursor=cursor, limit=2, actor=CITY
                )
            seen += [found.poll for found in page]
            pages += 1

        assert [poll.opened_at for poll in seen] == sorted((poll.opened_at for poll in seen), reverse=True)
        assert {poll.poll_id for poll in seen} == set(opened)
        assert (len(seen), pages) == (5, 3)

    def test_polls_are_found_by_item_and_by_community(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            here, there = open_poll(tx), open_poll(tx, community_id=XINGAN)

        def found(**wanted: object) -> list[object]:
            every = {"item_id": None, "community_id": None, "status": None, **wanted}
            with database.reading() as tx:
                page, _ = usecases.list_polls(tx, **every, cursor=None, limit=9, actor=CITY)  # type: ignore[arg-type]
            return [seen.poll.poll_id for seen in page]

        assert found(item_id=here.item_id) == [here.poll_id]
        assert found(community_id=XINGAN) == [there.poll_id]
        assert set(found()) == {here.poll_id, there.poll_id}

    def test_turnout_is_seen_while_the_poll_is_open(self, database: Database) -> None:
        poll_id, (token, *_) = a_poll_of(database, residents=4)
        answer(database, token)

        with database.reading() as tx:
            seen = usecases.get_poll(tx, poll_id=poll_id, actor=ANONYMOUS)

        assert seen.answered == 1
        assert seen.poll.counts is None
