"""The roll: what is added, what is refused, and who may."""

from collections.abc import Callable

import pytest

from services.chassis.db import Database
from services.consultation import usecases
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, Role
from services.contracts.consultation.errors import CommunityNotKnown
from tests.consultation.builders import (
    CITY,
    HUAYUAN,
    XINGAN,
    enrol,
    hear_of,
    impossible_number,
    row,
    worker_of,
)


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


class TestRoll:
    def test_new_residents_are_added_and_known_ones_counted(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            assert enrol(tx, [row(1), row(2)]) == (2, 0)

        with database.transaction() as tx:
            assert enrol(tx, [row(2), row(3), row(3)]) == (1, 2)
            assert usecases.count_residents(tx, community_id=HUAYUAN, actor=CITY) == 3

    def test_the_same_person_is_known_again_by_the_number_of_the_first_generation(
        self, database: Database
    ) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            enrol(tx, [row(identity_number="231102190001010019")])

            assert enrol(tx, [row(identity_number="231102000101001")]) == (0, 1)

    def test_one_wrong_row_is_named_and_nothing_changes(self, database: Database) -> None:
        wrong = row(2, identity_number="231102190001010018")
        with database.transaction() as tx:
            hear_of(tx)

        with pytest.raises(Invalid) as refused, database.transaction() as tx:
            enrol(tx, [row(1), wrong, row(3, grid_code="231102002001001")])

        assert list(refused.value.fields) == ["residents.1.identity_number", "residents.2.grid_code"]
        with database.reading() as tx:
            assert usecases.count_residents(tx, community_id=None, actor=CITY) == 0

    def test_a_community_that_nobody_told_of_is_refused(self, database: Database) -> None:
        with pytest.raises(CommunityNotKnown), database.transaction() as tx:
            enrol(tx, [row(1)])

    def test_staff_import_into_their_own_communities_only(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            assert enrol(tx, [row(1)], actor=worker_of(HUAYUAN)) == (1, 0)

        for actor in (worker_of(HUAYUAN), ANONYMOUS, Actor(actor_id="auditor", roles=(Role.AUDITOR,))):
            with pytest.raises(Forbidden), database.transaction() as tx:
                enrol(tx, [row(2), row(3, community_id=XINGAN, grid_code="")], actor=actor)

    def test_everybody_counts_only_whom_they_work_for(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            enrol(tx, [row(1), row(2), row(3, community_id=XINGAN, grid_code="")])

        with database.reading() as tx:
            assert usecases.count_residents(tx, community_id=None, actor=CITY) == 3
            assert usecases.count_residents(tx, community_id=None, actor=worker_of(HUAYUAN)) == 2
            assert usecases.count_residents(tx, community_id=XINGAN, actor=worker_of(XINGAN)) == 1
            with pytest.raises(Forbidden):
                usecases.count_residents(tx, community_id=XINGAN, actor=worker_of(HUAYUAN))
            with pytest.raises(Forbidden):
                usecases.count_residents(tx, community_id=None, actor=ANONYMOUS)


def test_fixture_numbers_belong_to_nobody_alive() -> None:
    assert impossible_number(1)[6:14] == "19000101"
    assert impossible_number(1) == "231102190001010019"
