"""Every door into staffing."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.chassis.service import Service
from services.contracts.base import View, shape
from services.contracts.personal import CorrectedView, ErasedView, HeldView
from services.contracts.staffing import commands, views
from services.staffing import usecases
from services.staffing.domain import Community


class StaffingService(Service):
    name = "staffing"

    @command(commands.RegisterCommunity)
    def register_community(self, tx: Transaction, **facts: Any) -> dict[str, Any]:
        return _community_view(*usecases.register_community(tx, **facts, actor=tx.actor, now=tx.now))

    @command(commands.ChangeCommunity)
    def change_community(self, tx: Transaction, **facts: Any) -> dict[str, Any]:
        return _community_view(*usecases.change_community(tx, **facts, actor=tx.actor, now=tx.now))

    @query(commands.GetCommunity)
    def get_community(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return _community_view(*usecases.get_community(tx, **wanted))

    @query(commands.ListCommunities)
    def list_communities(self, tx: Transaction) -> dict[str, Any]:
        return {"items": [_community_view(*found) for found in usecases.list_communities(tx)]}

    @command(commands.AppointWorker)
    def appoint_worker(self, tx: Transaction, **appointment: Any) -> dict[str, Any]:
        return _shown(
            views.WorkerView, usecases.appoint_worker(tx, **appointment, actor=tx.actor, now=tx.now)
        )

    @query(commands.ListWorkers)
    def list_workers(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        workers, following = usecases.list_workers(tx, **wanted, actor=tx.actor)
        return _shown(views.WorkerPage, {"items": workers, "next": following})

    @query(commands.GatherPersonal)
    def gather_personal(self, tx: Transaction, **person: Any) -> dict[str, Any]:
        return _shown(HeldView, {"records": usecases.gather_personal(tx, **person, actor=tx.actor)})

    @command(commands.ErasePersonal)
    def erase_personal(self, tx: Transaction, **person: Any) -> dict[str, Any]:
        removed, kept = usecases.erase_personal(tx, **person, actor=tx.actor)
        return _shown(ErasedView, {"removed": removed, "kept": kept})

    @command(commands.CorrectPersonal)
    def correct_personal(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        usecases.correct_personal(tx, **wanted, actor=tx.actor)
        return _shown(CorrectedView, wanted)


def _community_view(community: Community, posts_filled: int) -> dict[str, Any]:
    return {**_shown(views.CommunityView, community), "posts_filled": posts_filled}


def _shown(view: type[View], what: Any) -> dict[str, Any]:
    shown: dict[str, Any] = shape(view).dump(what)
    return shown
