"""What a person may ask about the roll: what is held, and its removal."""

from datetime import datetime
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.consultation import storage
from services.consultation.domain import Resident, name_for_roll, number_for_roll
from services.contracts.base import Actor
from services.contracts.personal import require_personal_desk

BASIS = "《中华人民共和国城市居民委员会组织法》：居民自治名册"
KEPT_FOR = "在本社区居住期间；迁出或本人申请删除后清除"
MOST = 200


def gather_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> list[dict[str, object]]:
    """A name alone belongs to many people, so it only narrows what the identity number finds."""
    require_personal_desk(actor)
    return [
        {
            "record_id": one.resident_id,
            "what": "居民名册",
            "facts": {
                "姓名": one.resident_name,
                "身份证号码": one.identity_number,
                "社区": _community_name(tx, one.community_id),
                "网格编码": one.grid_code,
                "工作单位统一社会信用代码": one.employer_uscc,
                "受邀参加民意测验": f"{storage.count_invitations(tx.session, one.resident_id)} 次"
                "（作答内容不记名，无法与本人对应）",
            },
            "correctable": {"resident_name": "姓名", "identity_number": "身份证号码"},
            "basis": BASIS,
            "kept_for": KEPT_FOR,
        }
        for one in _found(tx, resident_name, identity_number)
    ]


def erase_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> tuple[list[str], list[str]]:
    """The person leaves the roll; invitations of closed polls stay, for the count, and name nobody any more.

    While a poll that asked the person is open, taking the invitation away would change the sample,
    and taking the number away would let the person be enrolled and asked a second time.
    """
    require_personal_desk(actor)
    removed, kept = [], []
    for one in _found(tx, resident_name, identity_number):
        if storage.is_asked_now(tx.session, one.resident_id):
            kept.append("居民名册：本人受邀的民意测验还在进行，为保证一人一票须保留到结束，届时可再次申请。")
            continue
        storage.erase_resident(tx.session, one.resident_id)
        removed.append("居民名册：姓名、身份证号码、网格和工作单位已删除；参加过的民意测验只留不记名的份数。")
    return removed, kept


def correct_personal(
    tx: Transaction, *, record_id: UUID, field: str, value: str, actor: Actor, now: datetime
) -> None:
    """The person stays the same: invitations and what was answered are not touched.

    The audit keeps keyed hashes of name or number before and after.
    """
    require_personal_desk(actor)
    resident = storage.get_resident(tx.session, record_id, is_locked=True)
    before = storage.hash_of(tx.session, resident, field)
    if field == "identity_number":
        resident.identity_number = number_for_roll(value, today=local_date(now))
    else:
        resident.resident_name = name_for_roll(value)
    storage.save_person(tx.session, resident)
    after = storage.hash_of(tx.session, resident, field)
    tx.audited(
        record_id=record_id, community_id=resident.community_id, before=before, after=after, reason=field
    )


def _found(tx: Transaction, resident_name: str, identity_number: str) -> list[Resident]:
    if not identity_number:
        return []
    return storage.list_residents(
        tx.session,
        community_ids=None,
        resident_name=resident_name.strip(),
        identity_number=identity_number.strip().upper(),
        limit=MOST,
    )


def _community_name(tx: Transaction, community_id: UUID) -> str:
    community = storage.find_community(tx.session, community_id)
    return community.community_name if community else ""
