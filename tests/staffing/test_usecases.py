"""What staffing does: state and news commit together, refusals tell nothing."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from services.chassis.db import Database
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, VersionMismatch
from services.contracts.staffing.errors import CommunityAlreadyRegistered, CommunityNotFound
from services.staffing import usecases
from tests.staffing.builders import CITY, NOW, appoint, facts, manager_of, register, told, worker_of

ServiceDb = Callable[[str], Database]


@pytest.fixture
def database(service_db: ServiceDb) -> Database:
    return service_db("staffing")


def test_a_registered_community_is_there_and_told_of(database: Database) -> None:
    with database.transaction() as tx:
        community = register(tx, population=8765)

    with database.reading() as tx:
        found, posts_filled = usecases.get_community(tx, community_id=community.community_id)
        assert (found.community_name, found.posts_required, posts_filled) == ("花园社区", 16, 0)
        assert told(tx) == ["community_registered"]


def test_the_same_code_cannot_be_registered_twice(database: Database) -> None:
    with database.transaction() as tx:
        register(tx, "231102001001")

    with pytest.raises(CommunityAlreadyRegistered, match="231102001001"), database.transaction() as tx:
        register(tx, "231102001001", community_name="另一个社区")

    with database.reading() as tx:
        assert told(tx) == ["community_registered"]


def test_only_the_city_registers_communities(database: Database) -> None:
    for actor in (manager_of(uuid4()), worker_of(uuid4()), ANONYMOUS):
        with pytest.raises(Forbidden), database.transaction() as tx:
            usecases.register_community(tx, code="231102001001", **facts(), actor=actor, now=NOW)

    with database.reading() as tx:
        assert usecases.list_communities(tx) == []
        assert told(tx) == []


def test_a_manager_changes_the_own_community(database: Database) -> None:
    with database.transaction() as tx:
        community_id = register(tx).community_id

    with database.transaction() as tx:
        usecases.change_community(
            tx,
            community_id=community_id,
            **facts(population=30_000),
            expected_version=1,
            actor=manager_of(community_id),
            now=NOW,
        )

    with database.reading() as tx:
        found, _ = usecases.get_community(tx, community_id=community_id)
        assert (found.posts_required, found.version) == (54, 2)
        assert told(tx) == ["community_registered", "community_changed"]


def test_a_manager_of_another_community_is_refused_and_nothing_is_told(database: Database) -> None:
    with database.transaction() as tx:
        community_id = register(tx).community_id

    with pytest.raises(Forbidden), database.transaction() as tx:
        usecases.change_community(
            tx,
            community_id=community_id,
            **facts(population=1),
            expected_version=None,
            actor=manager_of(uuid4()),
            now=NOW,
        )

    with database.reading() as tx:
        assert told(tx) == ["community_registered"]


def test_a_change_based_on_an_older_version_is_refused_and_nothing_is_told(database: Database) -> None:
    with database.transaction() as tx:
        community_id = register(tx).community_id

    with pytest.raises(VersionMismatch), database.transaction() as tx:
        usecases.change_community(
            tx,
            community_id=community_id,
            **facts(population=1),
            expected_version=7,
            actor=CITY,
            now=NOW,
        )

    with database.reading() as tx:
        found, _ = usecases.get_community(tx, community_id=community_id)
        assert found.population == 8765
        assert told(tx) == ["community_registered"]


def test_an_unknown_community_is_not_found(database: Database) -> None:
    with pytest.raises(CommunityNotFound), database.reading() as tx:
        usecases.get_community(tx, community_id=uuid4())
    with pytest.raises(CommunityNotFound), database.transaction() as tx:
        usecases.change_community(
            tx, community_id=uuid4(), **facts(), expected_version=None, actor=CITY, now=NOW
        )
    with pytest.raises(CommunityNotFound), database.transaction() as tx:
        appoint(tx, uuid4())


def test_an_appointment_fills_a_post_and_is_told_of(database: Database) -> None:
    with database.transaction() as tx:
        here, there = register(tx, "231102001001").community_id, register(tx, "231102001002").community_id

    with database.transaction() as tx:
        appoint(tx, here, actor=manager_of(here))
        appoint(tx, here, actor=CITY)

    with database.reading() as tx:
        filled = {found.community_id: number for found, number in usecases.list_communities(tx)}
        assert filled == {here: 2, there: 0}
        assert told(tx)[2:] == ["worker_appointed", "worker_appointed"]


def test_a_worker_cannot_appoint_workers(database: Database) -> None:
    with database.transaction() as tx:
        community_id = register(tx).community_id

    with pytest.raises(Forbidden), database.transaction() as tx:
        appoint(tx, community_id, actor=worker_of(community_id))

    with database.reading() as tx:
        assert told(tx) == ["community_registered"]


def test_communities_are_listed_by_the_sound_of_their_names(database: Database) -> None:
    with database.transaction() as tx:
        for number, name in enumerate(["西兴社区", "爱辉社区", "兴安社区", "海兰社区", "花园社区"]):
            register(tx, f"23110200100{number}", community_name=name)

    with database.reading() as tx:
        listed = [found.community_name for found, _ in usecases.list_communities(tx)]
        assert listed == ["爱辉社区", "海兰社区", "花园社区", "西兴社区", "兴安社区"]


class TestListOfWorkers:
    def test_pages_together_are_the_whole_list_in_order(self, database: Database) -> None:
        names = ["赵一", "钱二", "孙三", "李四", "李四", "周五", "吴六"]
        with database.transaction() as tx:
            community_id = register(tx).community_id
            for name in names:
                appoint(tx, community_id, name)

        seen, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            with database.reading() as tx:
                page, cursor = usecases.list_workers(
                    tx, community_id=community_id, cursor=cursor, limit=2, actor=CITY
                )
            seen += page
            pages += 1

        assert [worker.worker_name for worker in seen] == [
            "李四",
            "李四",
            "钱二",
            "孙三",
            "吴六",
            "赵一",
            "周五",
        ]
        assert len({worker.worker_id for worker in seen}) == 7
        assert pages == 4

    def test_staff_see_their_own_communities_and_the_city_sees_all(self, database: Database) -> None:
        with database.transaction() as tx:
            here, there = (register(tx, f"23110200100{number}").community_id for number in (1, 2))
            appoint(tx, here, "李四")
            appoint(tx, there, "张三")

        assert self.names_seen_by(CITY, database) == ["李四", "张三"]
        assert self.names_seen_by(worker_of(here), database) == ["李四"]
        assert self.names_seen_by(worker_of(), database) == []

    def test_another_community_and_outsiders_are_refused(self, database: Database) -> None:
        with database.transaction() as tx:
            here, there = (register(tx, f"23110200100{number}").community_id for number in (1, 2))

        with pytest.raises(Forbidden):
            self.names_seen_by(worker_of(here), database, community_id=there)
        with pytest.raises(Forbidden):
            self.names_seen_by(ANONYMOUS, database)

    def test_a_cursor_that_was_not_made_here_is_refused(self, database: Database) -> None:
        with pytest.raises(Invalid), database.reading() as tx:
            usecases.list_workers(tx, community_id=None, cursor="bm9uc2Vuc2U", limit=2, actor=CITY)

    @staticmethod
    def names_seen_by(actor: Actor, database: Database, community_id: UUID | None = None) -> list[str]:
        with database.reading() as tx:
            page, _ = usecases.list_workers(tx, community_id=community_id, cursor=None, limit=20, actor=actor)
        return [worker.worker_name for worker in page]
