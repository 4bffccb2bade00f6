"""What staffing does; one function is one transaction."""

from datetime import date, datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.chassis.personal import sort_key
from services.contracts.base import Actor, Forbidden
from services.contracts.personal import require_personal_desk
from services.contracts.staffing.terms import CommunityGrade, Post
from services.staffing import storage
from services.staffing.domain import Community, Worker, require_manager_of


def register_community(
    tx: Transaction,
    *,
    code: str,
    community_name: str,
    street: str,
    grade: CommunityGrade,
    households: int,
    population: int,
    actor: Actor,
    now: datetime,
) -> tuple[Community, int]:
    actor.require_city()
    community = Community(
        community_id=new_id(),
        code=code,
        community_name=community_name,
        street=street,
        grade=grade,
        households=households,
        population=population,
        sort_key=storage.sort_key(community_name),
    )
    storage.add_community(tx.session, community)
    tx.emit(community.registered(now=now))
    tx.audited(record_id=community.community_id, community_id=community.community_id)
    return community, 0


def change_community(
    tx: Transaction,
    *,
    community_id: UUID,
    community_name: str,
    street: str,
    grade: CommunityGrade,
    households: int,
    population: int,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> tuple[Community, int]:
    require_manager_of(community_id, actor=actor)
    community = storage.community_for_update(tx.session, community_id)
    tx.emit(
        community.change(
            community_name=community_name,
            street=street,
            grade=grade,
            households=households,
            population=population,
            sort_key=storage.sort_key(community_name),
            expected_version=expected_version,
            now=now,
        )
    )
    tx.audited(record_id=community_id, community_id=community_id)
    return storage.community_with_posts_filled(tx.session, community_id)


def get_community(tx: Transaction, *, community_id: UUID) -> tuple[Community, int]:
    """The community and how many of its posts are filled; public."""
    return storage.community_with_posts_filled(tx.session, community_id)


def list_communities(tx: Transaction) -> list[tuple[Community, int]]:
    return storage.list_communities(tx.session)


def appoint_worker(
    tx: Transaction,
    *,
    community_id: UUID,
    worker_name: str,
    post: Post,
    since_on: date,
    actor: Actor,
    now: datetime,
) -> Worker:
    require_manager_of(community_id, actor=actor)
    storage.get_community(tx.session, community_id)
    worker = Worker(
        worker_id=new_id(),
        community_id=community_id,
        worker_name=worker_name,
        post=post,
        since_on=since_on,
        sort_key=sort_key(worker_name),
    )
    storage.add_worker(tx.session, worker)
    tx.emit(worker.appointed(now=now))
    tx.audited(record_id=worker.worker_id, community_id=community_id)
    return worker


def list_workers(
    tx: Transaction, *, community_id: UUID | None, cursor: str | None, limit: int, actor: Actor
) -> tuple[list[Worker], str | None]:
    """One page and the cursor of the next; without a community, all those whom the actor may see."""
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以查看工作人员名单。")
    community_ids = None if actor.reaches_whole_city else actor.community_ids
    if community_id is not None:
        actor.require_staff_of(community_id)
        community_ids = (community_id,)
    after = decode_cursor(cursor, str, UUID)
    # One row more than asked tells whether there is another page.
    workers = storage.list_workers(tx.session, community_ids=community_ids, after=after, limit=limit + 1)
    page = workers[:limit]
    is_last = len(workers) <= limit
    return page, None if is_last else encode_cursor(page[-1].sort_key, page[-1].worker_id)


def gather_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> list[dict[str, object]]:
    """Workers are known here by their names alone; who shares the name is told apart at the desk."""
    require_personal_desk(actor)
    return [
        {
            "record_id": one.worker_id,
            "what": "社区工作者任用记录",
            "facts": {
                "姓名": one.worker_name,
                "社区": storage.get_community(tx.session, one.community_id).community_name,
                "岗位": one.post.label,
                "任职日期": one.since_on.isoformat(),
            },
            "correctable": {"worker_name": "姓名"},
            "basis": "履行劳动用工管理职责所必需（《个人信息保护法》第十三条第二项）",
            "kept_for": "任职期间及离任后按人事档案规定保管",
        }
        for one in _named(tx, resident_name)
    ]


def erase_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> tuple[list[str], list[str]]:
    """Records of an appointment are personnel files, which no request removes."""
    require_personal_desk(actor)
    found = _named(tx, resident_name)
    return [], ["社区工作者任用记录：属于人事档案，依法应当保管，不能删除；如有错误可以更正。" for _ in found]


def correct_personal(tx: Transaction, *, record_id: UUID, field: str, value: str, actor: Actor) -> None:
    """`field` names the only one there is; the audit keeps keyed hashes of the name before and after."""
    require_personal_desk(actor)
    worker = storage.get_worker(tx.session, record_id, is_locked=True)
    before = storage.name_hash(tx.session, worker.worker_name)
    worker.correct(worker_name=value.strip(), sort_key=sort_key(value.strip()))
    storage.save_name(tx.session, worker)
    after = storage.name_hash(tx.session, worker.worker_name)
    tx.audited(
        record_id=record_id, community_id=worker.community_id, before=before, after=after, reason=field
    )


def _named(tx: Transaction, worker_name: str) -> list[Worker]:
    return storage.workers_named(tx.session, worker_name.strip()) if worker_name.strip() else []
