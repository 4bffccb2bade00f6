"""Polls from the drawing of lots to the result."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.consultation import storage
from services.consultation.domain import Poll, draw, least_sample, sample_size
from services.contracts.base import Actor
from services.contracts.consultation.terms import PollStatus


@dataclass(frozen=True, kw_only=True)
class SeenPoll:
    """A poll as one actor sees it: how many have answered, and what the actor may do."""

    poll: Poll
    answered: int
    possible_acts: list[str]


def open_poll(
    tx: Transaction,
    *,
    item_id: UUID,
    community_id: UUID,
    title: str,
    beneficiaries: int,
    doer_usccs: Collection[str],
    seed: str,
    period: timedelta,
    now: datetime,
) -> None:
    """Draw the sample and invite it. An item is polled once; asked again, nothing happens."""
    eligible = storage.eligible_resident_ids(tx.session, community_id, doer_usccs=doer_usccs)
    least = least_sample(beneficiaries)
    drawn = draw(eligible, seed=seed, size=sample_size(eligible=len(eligible), least=least))
    poll = Poll(
        poll_id=new_id(),
        item_id=item_id,
        community_id=community_id,
        title=title,
        seed=seed,
        sampled=len(drawn),
        least_sample=least,
        opened_at=now,
        closes_at=now + period,
    )
    if storage.add_poll(tx.session, poll):
        storage.add_invitations(tx.session, poll.poll_id, drawn)
        tx.emit(poll.opened())


def close_poll(
    tx: Transaction, *, poll_id: UUID, expected_version: int | None, actor: Actor, now: datetime
) -> SeenPoll:
    poll = storage.poll_for_update(tx.session, poll_id)
    actor.require_staff_of(poll.community_id)
    poll.require_version(expected_version)
    _close(tx, poll, now=now)
    tx.audited(record_id=poll_id, community_id=poll.community_id)
    return _seen(tx, [poll], actor=actor)[0]


def close_next_due_poll(tx: Transaction, *, now: datetime) -> bool:
    """Close one poll past its deadline; False when there is none that no other process has taken."""
    poll = storage.due_poll_for_update(tx.session)
    if poll is None:
        return False
    _close(tx, poll, now=now)
    return True


def get_poll(tx: Transaction, *, poll_id: UUID, actor: Actor) -> SeenPoll:
    """Public: the result of a closed poll, and of an open one only the turnout."""
    return _seen(tx, [storage.get_poll(tx.session, poll_id)], actor=actor)[0]


def list_polls(
    tx: Transaction,
    *,
    item_id: UUID | None,
    community_id: UUID | None,
    status: PollStatus | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[SeenPoll], str | None]:
    """One page, the newest first, and the cursor of the next; public."""
    after = decode_cursor(cursor, datetime, UUID)
    # One row more than asked tells whether there is another page.
    polls = storage.list_polls(
        tx.session,
        item_id=item_id,
        community_id=community_id,
        status=status,
        after=after,
        limit=limit + 1,
    )
    page = polls[:limit]
    is_last = len(polls) <= limit
    following = None if is_last else encode_cursor(page[-1].opened_at, page[-1].poll_id)
    return _seen(tx, page, actor=actor), following


def _close(tx: Transaction, poll: Poll, *, now: datetime) -> None:
    poll.require_unclosed()
    tx.emit(poll.close(storage.draw_in_answers(tx.session, poll.poll_id), now=now))


def _seen(tx: Transaction, polls: list[Poll], *, actor: Actor) -> list[SeenPoll]:
    answered = storage.count_answered(tx.session, [poll.poll_id for poll in polls])
    return [
        SeenPoll(
            poll=poll,
            answered=answered.get(poll.poll_id, 0),
            possible_acts=poll.possible_acts(actor=actor),
        )
        for poll in polls
    ]
