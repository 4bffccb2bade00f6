"""Personal links, and what is answered behind them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.consultation import storage, usecases
from services.consultation.storage.invitation import answers
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Role
from services.contracts.consultation.errors import (
    AlreadyAnswered,
    LinkInvalid,
    PollClosedAlready,
)
from services.contracts.consultation.terms import PollStatus, Satisfaction
from tests.consultation.builders import (
    HUAYUAN,
    LINK_KEY,
    NOW,
    WEEK,
    XINGAN,
    a_poll_of,
    answer,
    close,
    links_of,
    open_poll,
    told,
    worker_of,
)


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


class TestLinks:
    def test_staff_get_the_links_by_the_sound_of_the_names(self, database: Database) -> None:
        poll_id, _ = a_poll_of(database, residents=3)

        with database.reading() as tx:
            listed = usecases.list_invitations(
                tx, poll_id=poll_id, link_key=LINK_KEY, actor=worker_of(HUAYUAN)
            )

        assert [name for name, _ in listed] == ["张海"] * 3

    def test_nobody_else_gets_them(self, database: Database) -> None:
        poll_id, _ = a_poll_of(database, residents=3)

        for actor in (worker_of(XINGAN), ANONYMOUS, Actor(actor_id="x", roles=(Role.SUPERVISOR,))):
            with pytest.raises(Forbidden), database.reading() as tx:
                usecases.list_invitations(tx, poll_id=poll_id, link_key=LINK_KEY, actor=actor)

    def test_a_link_shows_the_poll_and_whether_it_has_answered(self, database: Database) -> None:
        _, (token, *_) = a_poll_of(database, residents=3)

        before = self.opened(database, token)
        answer(database, token)
        after = self.opened(database, token)

        assert (before.title, before.community_name) == ("楼道照明维修", "花园社区")
        assert (before.is_open, before.is_answered) == (True, False)
        assert (after.is_open, after.is_answered) == (True, True)

    def test_a_link_stays_readable_after_the_poll_has_closed(self, database: Database) -> None:
        poll_id, (token, *_) = a_poll_of(database, residents=3)
        close(database, poll_id)

        assert not self.opened(database, token).is_open

    def test_a_link_from_elsewhere_is_refused(self, database: Database) -> None:
        _, (token, *_) = a_poll_of(database, residents=3)
        with database.reading() as tx, pytest.raises(LinkInvalid):
            usecases.open_invitation(tx, token=token, link_key=bytes(32), now=NOW)

    @staticmethod
    def opened(database: Database, token: str) -> usecases.Ballot:
        with database.reading() as tx:
            return usecases.open_invitation(tx, token=token, link_key=LINK_KEY, now=tx.now)


class TestAnswering:
    def test_an_answer_counts_once(self, database: Database) -> None:
        poll_id, (token, *_) = a_poll_of(database, residents=3)
        answer(database, token, Satisfaction.VERY_SATISFIED)

        with pytest.raises(AlreadyAnswered):
            answer(database, token, Satisfaction.VERY_DISSATISFIED)

        tally = close(database, poll_id).poll.tally
        assert tally is not None
        assert (tally.answered, tally.score) == (1, Decimal("100.00"))

    def test_after_the_deadline_no_answer_counts_even_before_anybody_closes_the_poll(
        self, database: Database
    ) -> None:
        poll_id, (token, *_) = a_poll_of(database, residents=3, now=NOW - WEEK)

        with pytest.raises(PollClosedAlready):
            answer(database, token)

        with database.reading() as tx:
            assert storage.get_poll(tx.session, poll_id).status is PollStatus.OPEN
            assert tx.session.scalars(sa.select(answers)).all() == []
            assert not storage.count_answered(tx.session, [poll_id])

    def test_after_closing_no_answer_counts(self, database: Database) -> None:
        poll_id, (token, *_) = a_poll_of(database, residents=3)
        close(database, poll_id)

        with pytest.raises(PollClosedAlready):
            answer(database, token)

    def test_a_made_up_link_is_refused(self, database: Database) -> None:
        a_poll_of(database, residents=3)

        with pytest.raises(LinkInvalid):
            answer(database, "A" * 64)

    def test_an_answer_tells_nobody_anything(self, database: Database) -> None:
        _, (token, *_) = a_poll_of(database, residents=3)
        answer(database, token)

        with database.reading() as tx:
            assert told(tx) == ["poll_opened"]


def test_the_links_of_two_polls_are_different(database: Database) -> None:
    _, links = a_poll_of(database, residents=5)
    with database.transaction() as tx:
        another = open_poll(tx).poll_id

    assert not set(links) & set(links_of(database, another))
