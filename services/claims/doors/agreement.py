"""The doors to the words of joint-building agreements."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import query
from services.claims import usecases
from services.contracts.base import write
from services.contracts.claims import commands, views


class AgreementDoors:
    @query(commands.GetClaimAgreement)
    def get_claim_agreement(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        found = usecases.get_claim_agreement(tx, **wanted, actor=tx.actor, now=tx.now)
        return write(views.AgreementView, found)

    @query(commands.GetMembershipAgreement)
    def get_membership_agreement(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        found = usecases.get_membership_agreement(tx, **wanted, actor=tx.actor, now=tx.now)
        return write(views.AgreementView, found)
