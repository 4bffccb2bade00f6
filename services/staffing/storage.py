"""Tables, mapping and queries of staffing."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pypinyin import Style, lazy_pinyin
from sqlalchemy import orm

from services.chassis.keys import data_keys
from services.chassis.sealing import SealedColumn, keyring_of
from services.contracts.staffing.errors import CommunityAlreadyRegistered, CommunityNotFound, WorkerNotFound
from services.contracts.staffing.terms import CommunityGrade, Post
from services.staffing.domain import Community, Worker

registry = orm.registry()
metadata = registry.metadata
data_keys.to_metadata(metadata)

communities = sa.Table(
    "communities",
    metadata,
    sa.Column("community_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("community_name", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
    sa.Column(
        "grade",
        sa.Enum(CommunityGrade, native_enum=False, length=20, values_callable=list),
        nullable=False,
    ),
    sa.Column("households", sa.Integer, nullable=False),
    sa.Column("population", sa.Integer, nullable=False),
    sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("code", name="communities_code"),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("worker_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.ForeignKey(communities.c.community_id), nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("name_hash", sa.LargeBinary, nullable=False),
    sa.Column("post", sa.Enum(Post, native_enum=False, length=20, values_callable=list), nullable=False),
    sa.Column("since_on", sa.Date, nullable=False),
    sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
sa.Index("workers_sorted", workers.c.sort_key, workers.c.worker_id)
sa.Index("workers_name_hash", workers.c.name_hash)
sa.Index("workers_of_community", workers.c.community_id, workers.c.sort_key, workers.c.worker_id)

registry.map_imperatively(Community, communities)

names = SealedColumn(workers.c.name_sealed, purpose="worker.name")

_posts_filled = (
    sa.select(sa.func.count())
    .select_from(workers)
    .where(workers.c.community_id == communities.c.community_id)
    .scalar_subquery()
)


def sort_key(name: str) -> str:
    """Sorts Chinese names by their sound, as people look them up, without any locale of the database.

    The name itself follows, so that homophones stay together. Cut so that a cursor holding it stays short.
    """
    return f"{' '.join(lazy_pinyin(name, style=Style.TONE3))} {name}".lower()[:100]


def add_community(session: orm.Session, community: Community) -> None:
    session.add(community)
    try:
        session.flush()
    except sa.exc.IntegrityError as error:
        if "communities_code" in str(error.orig):
            raise CommunityAlreadyRegistered(f"代码为 {community.code} 的社区已经登记过。") from error
        raise


def community_with_posts_filled(session: orm.Session, community_id: UUID) -> tuple[Community, int]:
    row = session.execute(
        sa.select(Community, _posts_filled).where(communities.c.community_id == community_id)
    ).one_or_none()
    if row is None:
        raise _not_found()
    return row[0], row[1]


def community_for_update(session: orm.Session, community_id: UUID) -> Community:
    community = session.get(Community, community_id, with_for_update=True)
    if community is None:
        raise _not_found()
    return community


def get_community(session: orm.Session, community_id: UUID) -> Community:
    community = session.get(Community, community_id)
    if community is None:
        raise _not_found()
    return community


def list_communities(session: orm.Session) -> list[tuple[Community, int]]:
    found = session.execute(
        sa.select(Community, _posts_filled).order_by(communities.c.sort_key, communities.c.community_id)
    )
    return [(community, posts_filled) for community, posts_filled in found]


def add_worker(session: orm.Session, worker: Worker) -> None:
    keyring = keyring_of(session)
    session.execute(
        sa.insert(workers).values(
            worker_id=worker.worker_id,
            community_id=worker.community_id,
            name_sealed=names.seal(keyring, worker.worker_id, worker.worker_name),
            name_hash=names.keyed_hash(keyring, worker.worker_name),
            post=worker.post,
            since_on=worker.since_on,
            sort_key=worker.sort_key,
            version=worker.version,
        )
    )


def get_worker(session: orm.Session, worker_id: UUID, *, is_locked: bool = False) -> Worker:
    wanted = sa.select(workers).where(workers.c.worker_id == worker_id)
    row = session.execute(wanted.with_for_update() if is_locked else wanted).one_or_none()
    if row is None:
        raise WorkerNotFound("没有这份任用记录。")
    return _worker(session, row)


def save_name(session: orm.Session, worker: Worker) -> None:
    session.execute(
        sa.update(workers)
        .where(workers.c.worker_id == worker.worker_id)
        .values(
            name_sealed=names.seal(keyring_of(session), worker.worker_id, worker.worker_name),
            name_hash=name_hash(session, worker.worker_name),
            sort_key=worker.sort_key,
            version=worker.version,
        )
    )


def name_hash(session: orm.Session, worker_name: str) -> bytes:
    return names.keyed_hash(keyring_of(session), worker_name)


def workers_named(session: orm.Session, worker_name: str) -> list[Worker]:
    is_named = workers.c.name_hash == name_hash(session, worker_name)
    found = session.execute(sa.select(workers).where(is_named).limit(200))
    return [_worker(session, row) for row in found]


def list_workers(
    session: orm.Session,
    *,
    community_ids: Collection[UUID] | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Worker]:
    """By the sound of their names; `community_ids` None means everywhere."""
    wanted = sa.select(workers).order_by(workers.c.sort_key, workers.c.worker_id).limit(limit)
    if community_ids is not None:
        wanted = wanted.where(workers.c.community_id.in_(community_ids))
    if after is not None:
        wanted = wanted.where(sa.tuple_(workers.c.sort_key, workers.c.worker_id) > after)
    return [_worker(session, row) for row in session.execute(wanted)]


def _worker(session: orm.Session, row: Any) -> Worker:
    return Worker(
        worker_id=row.worker_id,
        community_id=row.community_id,
        worker_name=names.unseal(keyring_of(session), row.worker_id, row.name_sealed),
        post=row.post,
        since_on=row.since_on,
        sort_key=row.sort_key,
        version=row.version,
    )


def _not_found() -> CommunityNotFound:
    return CommunityNotFound("没有这个社区。")
