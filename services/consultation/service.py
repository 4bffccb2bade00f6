"""Every door into consultation."""

import secrets
from datetime import timedelta
from functools import cache
from typing import Any

from services.chassis.config import load
from services.chassis.db import Transaction
from services.chassis.doors import command, consumes, every, query
from services.chassis.service import Service
from services.consultation import usecases
from services.contracts.base import View, shape
from services.contracts.claims.events import ItemVerified
from services.contracts.consultation import commands, views
from services.contracts.personal import CorrectedView, ErasedView, HeldView, UnmaskedView
from services.contracts.staffing.events import CommunityChanged, CommunityFacts, CommunityRegistered


class ConsultationService(Service):
    name = "consultation"

    @consumes(CommunityRegistered)
    def on_community_registered(self, tx: Transaction, event: CommunityRegistered) -> None:
        _hear_of_community(tx, event)

    @consumes(CommunityChanged)
    def on_community_changed(self, tx: Transaction, event: CommunityChanged) -> None:
        _hear_of_community(tx, event)

    @command(commands.ImportResidents)
    def import_residents(self, tx: Transaction, **roll: Any) -> dict[str, Any]:
        added, known = usecases.import_residents(tx, **roll, actor=tx.actor, now=tx.now)
        return _shown(views.ResidentsImported, {"added": added, "known": known})

    @query(commands.ListResidents)
    def list_residents(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        residents, following = usecases.list_residents(tx, **wanted, actor=tx.actor)
        return _shown(views.ResidentPage, {"items": residents, "next": following})

    @query(commands.Unmask)
    def unmask(self, tx: Transaction, *, reason: str, **wanted: Any) -> dict[str, Any]:
        """A query, so that the answer is stored nowhere; the gateway has put the reason into its audit before."""
        return _shown(UnmaskedView, {"value": usecases.unmask(tx, **wanted, actor=tx.actor)})

    @query(commands.GatherPersonal)
    def gather_personal(self, tx: Transaction, **person: Any) -> dict[str, Any]:
        return _shown(HeldView, {"records": usecases.gather_personal(tx, **person, actor=tx.actor)})

    @command(commands.ErasePersonal)
    def erase_personal(self, tx: Transaction, **person: Any) -> dict[str, Any]:
        removed, kept = usecases.erase_personal(tx, **person, actor=tx.actor)
        return _shown(ErasedView, {"removed": removed, "kept": kept})

    @command(commands.CorrectPersonal)
    def correct_personal(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        usecases.correct_personal(tx, **wanted, actor=tx.actor, now=tx.now)
        return _shown(CorrectedView, wanted)

    @query(commands.CountResidents)
    def count_residents(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        residents = usecases.count_residents(tx, **wanted, actor=tx.actor)
        return _shown(views.ResidentCount, {"residents": residents})

    @consumes(ItemVerified)
    def on_item_verified(self, tx: Transaction, event: ItemVerified) -> None:
        usecases.open_poll(
            tx,
            item_id=event.item_id,
            community_id=event.community_id,
            title=event.title,
            beneficiaries=event.beneficiaries,
            doer_usccs=event.doer_usccs,
            seed=secrets.token_hex(32),
            period=_poll_period(),
            now=tx.now,
        )

    @query(commands.ListPolls)
    def list_polls(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        polls, following = usecases.list_polls(tx, **wanted, actor=tx.actor)
        return {"items": [_poll_view(seen) for seen in polls], "next": following}

    @query(commands.GetPoll)
    def get_poll(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return _poll_view(usecases.get_poll(tx, **wanted, actor=tx.actor))

    @query(commands.ListInvitations)
    def list_invitations(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        invitations = usecases.list_invitations(tx, **wanted, link_key=_link_key(), actor=tx.actor)
        shown = [
            {
                "resident_name": name,
                "token": token,
                "code": usecases.code_for(token, link_key=_link_key()),
            }
            for name, token in invitations
        ]
        return _shown(views.InvitationList, {"items": shown})

    @query(commands.OpenCode)
    def open_code(self, tx: Transaction, *, code: str) -> dict[str, Any]:
        return _shown(views.CodeView, {"token": usecases.open_code(tx, code=code, link_key=_link_key())})

    @query(commands.OpenInvitation)
    def open_invitation(self, tx: Transaction, **link: Any) -> dict[str, Any]:
        return _shown(
            views.BallotView, usecases.open_invitation(tx, **link, link_key=_link_key(), now=tx.now)
        )

    @command(commands.AnswerPoll, private=("satisfaction",))
    def answer_poll(self, tx: Transaction, **answer: Any) -> dict[str, Any]:
        usecases.answer_poll(tx, **answer, link_key=_link_key())
        return _shown(views.AnsweredView, {"answered": True})

    @command(commands.ClosePoll)
    def close_poll(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return _poll_view(usecases.close_poll(tx, **wanted, actor=tx.actor, now=tx.now))

    @every(seconds=5)
    def close_due_polls(self) -> None:
        """One transaction each, so that other processes share the work and a failure costs one poll only."""
        is_more = True
        while is_more:
            with self.db.transaction() as tx:
                is_more = usecases.close_next_due_poll(tx, now=tx.now)


def _hear_of_community(tx: Transaction, event: CommunityFacts) -> None:
    usecases.hear_of_community(
        tx,
        community_id=event.community_id,
        code=event.code,
        community_name=event.community_name,
        facts_at=event.occurred_at,
    )


def _poll_view(seen: usecases.SeenPoll) -> dict[str, Any]:
    poll, tally = seen.poll, seen.poll.tally
    results = {
        "answered": seen.answered,
        "turnout_percent": poll.turnout_percent(seen.answered),
        "is_sample_sufficient": poll.is_sample_sufficient(seen.answered) if tally else None,
        "satisfaction_percent": tally.satisfaction_percent if tally else None,
        "bad_percent": tally.bad_percent if tally else None,
        "score": tally.score if tally else None,
        "possible_acts": seen.possible_acts,
    }
    return _shown(views.PollView, {**vars(poll), **results})


@cache
def _link_key() -> bytes:
    return load().derived("consultation.poll_link")


@cache
def _poll_period() -> timedelta:
    return timedelta(days=load().poll_days)


def _shown(view: type[View], what: Any) -> dict[str, Any]:
    shown: dict[str, Any] = shape(view).dump(what)
    return shown
