"""What a person may ask about the volunteers' register: what is held, its correction and its removal.

Claims knows a name and nothing else that tells who a person is, and many people share a name. So everybody of
the name is listed, with nothing but the community, and nobody is removed by the name alone.
"""

from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.volunteer import Volunteer, name_of_volunteer
from services.claims.usecases.history import record
from services.contracts.base import Actor
from services.contracts.personal import require_personal_desk

BASIS = "《志愿服务条例》：志愿服务记录和证明"
KEPT_FOR = "志愿者在册期间；退出后服务时长长期保存以便证明，姓名可按本人意愿清除"
MOST = 200


def gather_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> list[dict[str, object]]:
    require_personal_desk(actor)
    return [
        {
            "record_id": one.volunteer_id,
            "what": "志愿者登记（同名，须凭志愿者编号核对是否本人）",
            "facts": {"姓名": one.volunteer_name, "社区": _community_name(tx, one.community_id)},
            "correctable": {"volunteer_name": "姓名"},
            "basis": BASIS,
            "kept_for": KEPT_FOR,
        }
        for one in _found(tx, resident_name)
    ]


def erase_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> tuple[list[str], list[str]]:
    """Erasing by name could erase somebody else; the volunteer's code tells who is meant."""
    require_personal_desk(actor)
    places = {_community_name(tx, one.community_id) for one in _found(tx, resident_name)}
    return [], [
        f"志愿者登记：{place}有同名登记，请凭志愿者编号在该社区办理退出并清除姓名。"
        for place in sorted(places)
    ]


def correct_personal(
    tx: Transaction, *, record_id: UUID, field: str, value: str, actor: Actor, now: datetime
) -> None:
    """The audit keeps keyed hashes of the name before and after."""
    require_personal_desk(actor)
    volunteer = storage.get_volunteer(tx.session, record_id, is_locked=True)
    before = storage.hash_of_name(tx.session, volunteer.volunteer_name)
    volunteer.volunteer_name = name_of_volunteer(value, path="value")
    volunteer.version += 1
    storage.save_volunteer(tx.session, volunteer)
    after = storage.hash_of_name(tx.session, volunteer.volunteer_name)
    record(tx, record_id, "correct_personal", "按本人申请更正姓名。", actor=actor, now=now)
    tx.audited(
        record_id=record_id, community_id=volunteer.community_id, before=before, after=after, reason=field
    )


def _found(tx: Transaction, resident_name: str) -> list[Volunteer]:
    name = resident_name.strip()
    return storage.volunteers_named(tx.session, name, limit=MOST) if name else []


def _community_name(tx: Transaction, community_id: UUID) -> str:
    community = storage.find_community(tx.session, community_id)
    return community.community_name if community else ""
