"""Doors to the periods of assessment and to units' results of them."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class UnitAssessmentDoors:
    @command(commands.OpenPeriod)
    def open_period(self, tx: Transaction, **fields: Any) -> Answer:
        return write(views.PeriodView, usecases.open_period(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.ClosePeriod)
    def close_period(self, tx: Transaction, **step: Any) -> Answer:
        return write(views.PeriodView, usecases.close_period(tx, **step, actor=tx.actor, now=tx.now))

    @query(commands.GetPeriod)
    def get_period(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.PeriodView, usecases.get_period(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListPeriods)
    def list_periods(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.PeriodPage, usecases.list_periods(tx, **wanted, actor=tx.actor))

    @query(commands.GetUnitAssessment)
    def get_unit_assessment(self, tx: Transaction, **wanted: Any) -> Answer:
        return _show(usecases.get_unit_assessment(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListUnitAssessments)
    def list_unit_assessments(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.UnitAssessmentPage, usecases.list_unit_assessments(tx, **wanted, now=tx.now))

    @command(commands.ScoreUnit)
    def score_unit(self, tx: Transaction, **scoring: Any) -> Answer:
        return _show(usecases.score_unit(tx, **scoring, actor=tx.actor, now=tx.now))

    @command(commands.SettleUnitAssessment)
    def settle_unit_assessment(self, tx: Transaction, **step: Any) -> Answer:
        return _show(usecases.settle_unit_assessment(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ObjectToResult)
    def object_to_result(self, tx: Transaction, **step: Any) -> Answer:
        return _show(usecases.object_to_result(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.AnswerResultObjection)
    def answer_result_objection(self, tx: Transaction, **step: Any) -> Answer:
        return _show(usecases.answer_result_objection(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.CommendUnit)
    def commend_unit(self, tx: Transaction, **praise: Any) -> Answer:
        return _show(usecases.commend_unit(tx, **praise, actor=tx.actor, now=tx.now))

    @command(commands.RevokeUnitCommendation)
    def revoke_unit_commendation(self, tx: Transaction, **step: Any) -> Answer:
        return _show(usecases.revoke_unit_commendation(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.RecordFeedback)
    def record_feedback(self, tx: Transaction, **step: Any) -> Answer:
        return _show(usecases.record_feedback(tx, **step, actor=tx.actor, now=tx.now))


def _show(result: dict[str, Any]) -> Answer:
    return write(views.UnitAssessmentView, result)
