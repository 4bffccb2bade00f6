"""Personal links, and what is answered behind them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.consultation import storage
from services.consultation.domain import Link, read_code, read_token, write_token
from services.contracts.base import Actor
from services.contracts.consultation.errors import (
    AlreadyAnswered,
    CodeNotFound,
    LinkInvalid,
    PollClosedAlready,
)
from services.contracts.consultation.terms import Satisfaction
from services.contracts.privacy import current_text


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """What stands on a resident's screen behind the personal link."""

    poll_id: UUID
    title: str
    community_name: str
    closes_at: datetime
    is_open: bool
    is_answered: bool


def list_invitations(
    tx: Transaction, *, poll_id: UUID, link_key: bytes, actor: Actor
) -> list[tuple[str, str]]:
    """Name and token of everybody asked, for the worker who hands the links out."""
    poll = storage.get_poll(tx.session, poll_id)
    actor.require_staff_of(poll.community_id)
    return [
        (name, write_token(Link(poll_id=poll_id, invitation_id=invitation_id), key=link_key))
        for invitation_id, name in storage.list_invitations(tx.session, poll_id)
    ]


def code_for(token: str, *, link_key: bytes) -> str:
    """The short code that leads where this personal link leads, as it is printed."""
    return storage.code_of(read_token(token, key=link_key).invitation_id)


def open_code(tx: Transaction, *, code: str, link_key: bytes) -> str:
    """The token of the personal link; a code ends with its poll."""
    link = storage.find_link_of_code(tx.session, read_code(code))
    if link is None:
        raise CodeNotFound("没有这个答题码，或民意测验已经结束。请核对后重试，或联系社区工作人员。")
    return write_token(link, key=link_key)


def open_invitation(tx: Transaction, *, token: str, link_key: bytes, now: datetime) -> Ballot:
    link = read_token(token, key=link_key)
    is_answered = storage.is_invitation_answered(tx.session, link)
    if is_answered is None:
        raise LinkInvalid("链接无效，请核对后重试，或联系社区工作人员。")
    poll = storage.get_poll(tx.session, link.poll_id)
    community = storage.find_community(tx.session, poll.community_id)
    return Ballot(
        poll_id=poll.poll_id,
        title=poll.title,
        community_name=community.community_name if community else "",
        closes_at=poll.closes_at,
        is_open=poll.is_open(now=now),
        is_answered=is_answered,
    )


def answer_poll(tx: Transaction, *, token: str, satisfaction: Satisfaction, link_key: bytes) -> None:
    """One resident, one answer, counted for certain.

    The poll is locked against closing first: it is either closed already, and the answer is refused, or it is
    closed after this commit, and the answer is counted. Then the invitation is marked, which only one of all
    simultaneous answers can do.
    """
    link = read_token(token, key=link_key)
    if not storage.is_taking_answers(tx.session, link.poll_id):
        if storage.is_invitation_answered(tx.session, link) is None:
            raise LinkInvalid("链接无效，请核对后重试，或联系社区工作人员。")
        raise PollClosedAlready("这次民意测验已经结束，不再接收答卷。")
    today = local_date(tx.now)
    version = current_text(today).version
    if not storage.mark_answered(tx.session, link, consent_version=version, today=today):
        if storage.is_invitation_answered(tx.session, link) is None:
            raise LinkInvalid("链接无效，请核对后重试，或联系社区工作人员。")
        raise AlreadyAnswered("您已经答过这次民意测验，谢谢您的参与。")
    storage.add_answer(tx.session, link.poll_id, satisfaction)
