"""What holds when many act at once: real threads on real connections."""

import random
import threading
from collections.abc import Callable, Iterable
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis import tables
from services.chassis.db import Database
from services.consultation import storage, usecases
from services.consultation.storage.invitation import invitations
from services.consultation.storage.resident import residents
from services.contracts.consultation.errors import AlreadyAnswered, PollClosedAlready
from services.contracts.consultation.terms import Satisfaction
from tests.consultation.builders import (
    CITY,
    LINK_KEY,
    NOW,
    WEEK,
    a_poll_of,
    answer,
    close,
    enrol,
    hear_of,
    open_poll,
    row,
    told,
)


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


def test_one_link_answered_fifty_times_at_once_counts_once(database: Database) -> None:
    poll_id, (token, *_) = a_poll_of(database, residents=3)
    outcomes: list[str] = []
    all_ready = threading.Barrier(50)

    def try_to_answer(satisfaction: Satisfaction) -> None:
        all_ready.wait()
        try:
            answer(database, token, satisfaction)
            outcomes.append(satisfaction)
        except AlreadyAnswered:
            outcomes.append("refused")

    run_at_once([partial(try_to_answer, grade) for grade in list(Satisfaction) * 10])

    (accepted,) = [outcome for outcome in outcomes if outcome != "refused"]
    assert len(outcomes) == 50
    seen = close(database, poll_id)
    assert seen.poll.counts == {grade: int(grade == accepted) for grade in Satisfaction}


@pytest.mark.parametrize("after_answers", [0, 5, 20, 40])
def test_every_answer_accepted_while_the_poll_closes_is_in_the_tally(
    database: Database, after_answers: int
) -> None:
    poll_id, links = a_poll_of(database, residents=60)
    accepted: list[Satisfaction] = []
    refused: list[str] = []
    enough = threading.Semaphore(0)

    def try_to_answer(token: str) -> None:
        satisfaction = random.choice(list(Satisfaction))
        try:
            answer(database, token, satisfaction)
            accepted.append(satisfaction)
        except PollClosedAlready:
            refused.append(token)
        enough.release()

    def close_in_the_middle() -> None:
        for _ in range(after_answers):
            enough.acquire()
        close(database, poll_id)

    run_at_once([*(partial(try_to_answer, token) for token in links), close_in_the_middle])

    assert len(accepted) + len(refused) == 60
    with database.reading() as tx:
        poll = storage.get_poll(tx.session, poll_id)
        marked = storage.count_answered(tx.session, [poll_id]).get(poll_id, 0)
    assert poll.counts == {grade: accepted.count(grade) for grade in Satisfaction}
    assert marked == len(accepted)


def test_closing_waits_for_an_answer_that_is_under_way(database: Database) -> None:
    poll_id, (token, *_) = a_poll_of(database, residents=3)
    closing = threading.Thread(target=close, args=(database, poll_id))

    with database.transaction() as tx:
        assert storage.is_taking_answers(tx.session, poll_id)
        closing.start()
        closing.join(timeout=0.5)
        assert closing.is_alive()
        usecases.answer_poll(tx, token=token, satisfaction=Satisfaction.SATISFIED, link_key=LINK_KEY)
    closing.join()

    with database.reading() as tx:
        tally = storage.get_poll(tx.session, poll_id).tally
    assert tally is not None
    assert tally.answered == 1


def test_answers_do_not_wait_for_each_other(database: Database) -> None:
    poll_id, (token, *_) = a_poll_of(database, residents=3)

    with database.transaction() as tx:
        assert storage.is_taking_answers(tx.session, poll_id)
        answer(database, token)


def test_an_answer_waits_for_the_closing_that_is_under_way_and_is_refused(database: Database) -> None:
    poll_id, (token, *_) = a_poll_of(database, residents=3)
    outcomes: list[str] = []

    def try_to_answer() -> None:
        try:
            answer(database, token)
            outcomes.append("accepted")
        except PollClosedAlready:
            outcomes.append("refused")

    answering = threading.Thread(target=try_to_answer)
    with database.transaction() as tx:
        usecases.close_poll(tx, poll_id=poll_id, expected_version=None, actor=CITY, now=tx.now)
        tx.session.flush()
        answering.start()
        answering.join(timeout=0.5)
        assert answering.is_alive()
    answering.join()

    assert outcomes == ["refused"]


def test_a_due_poll_that_another_process_closes_is_passed_over(database: Database) -> None:
    with database.transaction() as tx:
        hear_of(tx)
        open_poll(tx, now=NOW - 2 * WEEK)
        open_poll(tx, now=NOW - WEEK)

    with database.transaction() as one, database.transaction() as another:
        first, second = (storage.due_poll_for_update(tx.session) for tx in (one, another))
        with database.transaction() as third:
            assert storage.due_poll_for_update(third.session) is None

    assert first is not None
    assert second is not None
    assert first.poll_id != second.poll_id


def test_processes_that_close_due_polls_at_once_close_each_of_them_once(database: Database) -> None:
    with database.transaction() as tx:
        hear_of(tx)
        due = {open_poll(tx, now=NOW - WEEK).poll_id for _ in range(20)}
    both_ready = threading.Barrier(6)

    def close_all() -> None:
        both_ready.wait()
        is_more = True
        while is_more:
            with database.transaction() as tx:
                is_more = usecases.close_next_due_poll(tx, now=tx.now)

    run_at_once([close_all] * 6)

    with database.reading() as tx:
        closed = tx.session.scalars(
            sa.select(tables.outbox.c.aggregate_id).where(tables.outbox.c.name == "poll_closed")
        ).all()
    assert len(closed) == 20
    assert set(closed) == due


def test_an_item_verified_twice_at_once_is_polled_once(database: Database) -> None:
    item_id = uuid4()
    with database.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(nth) for nth in range(10)])
    both_ready = threading.Barrier(4)

    def open_it() -> None:
        with database.transaction() as tx:
            both_ready.wait()
            open_poll(tx, item_id=item_id)

    run_at_once([open_it] * 4)

    with database.reading() as tx:
        assert told(tx) == ["poll_opened"]
        assert len(tx.session.execute(sa.select(invitations)).all()) == 10


def test_two_imports_of_the_same_people_at_once_add_them_once(database: Database) -> None:
    with database.transaction() as tx:
        hear_of(tx)
    rows = [row(nth) for nth in range(300)]
    results: list[tuple[int, int]] = []
    both_ready = threading.Barrier(2)

    def enrol_all(order: int) -> None:
        with database.transaction() as tx:
            both_ready.wait()
            results.append(enrol(tx, rows[::order]))

    run_at_once([partial(enrol_all, 1), partial(enrol_all, -1)])

    assert sorted(results) == [(0, 300), (300, 0)]


def test_an_import_takes_people_in_one_order_so_that_two_cannot_block_each_other(database: Database) -> None:
    with database.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(nth) for nth in range(50)])

        taken = tx.session.scalars(sa.select(residents.c.identity_hash).order_by(sa.text("ctid"))).all()

    assert taken == sorted(taken)


def run_at_once(acts: Iterable[Callable[[], None]]) -> None:
    """Runs all in threads and raises what the first of them raised."""
    failures: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as failure:  # noqa: BLE001  shown by the test, not lost in the thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
