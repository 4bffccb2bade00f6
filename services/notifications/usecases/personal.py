"""What a person may ask about the contact details: what is held, its removal, and being left alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.contracts.base import Actor
from services.contracts.notifications.terms import Channel
from services.contracts.personal import Kind, masked, require_personal_desk
from services.notifications.domain.consent import Consent, read_token
from services.notifications.domain.subscription import Subscription, normal_address
from services.notifications.storage import community as communities
from services.notifications.storage import subscription as storage
from services.notifications.usecases.subscription import end_subscription

BASIS = "本人同意（《个人信息保护法》第十三条第一项）"
KEPT_FOR = "订阅期间；取消后邮箱立即清除，投递记录六个月后去除身份"
MOST_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class SeenConsent:
    address: str
    community_name: str
    text_version: str
    given_at: datetime
    withdrawn_at: datetime | None


def show_consent(tx: Transaction, *, token: str, key: bytes) -> SeenConsent:
    subscription = storage.get_subscription(tx.session, read_token(token, key=key))
    return _seen(tx, subscription)


def withdraw_consent(tx: Transaction, *, token: str, key: bytes, now: datetime) -> SeenConsent:
    """The person's own word, without an account; following the link again changes nothing."""
    subscription = storage.get_subscription(tx.session, read_token(token, key=key), is_locked=True)
    if not subscription.is_removed:
        end_subscription(tx, subscription, now=now)
    tx.audited(record_id=subscription.subscription_id, community_id=subscription.community_id)
    return _seen(tx, subscription)


def gather_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> list[dict[str, object]]:
    require_personal_desk(actor)
    return [
        {
            "record_id": one.subscription_id,
            "what": "通知订阅",
            "facts": {
                "电子邮箱": storage.open_address(tx.session, one) if one.sealed_address else "（已清除）",
                "名称": one.label,
                "社区": _community_name(tx, one.community_id),
                "订阅时间": one.created_at.isoformat(),
                **_consent_facts(storage.consent_of(tx.session, one.subscription_id)),
            },
            "correctable": {} if one.is_removed else {"address": "电子邮箱"},
            "basis": BASIS,
            "kept_for": KEPT_FOR,
        }
        for one in _found(tx, email)
    ]


def erase_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor, now: datetime
) -> tuple[list[str], list[str]]:
    """Nothing has to stay: the deliveries only count from now on, and so does the consent."""
    require_personal_desk(actor)
    found = _found(tx, email)
    for subscription in found:
        if not subscription.is_removed:
            end_subscription(tx, subscription, now=now)
        tx.session.flush()
        storage.forget_recipient(tx.session, subscription)
    return ["通知订阅：电子邮箱已删除，投递记录已去除身份，不再发送。" for _ in found], []


def correct_personal(tx: Transaction, *, record_id: UUID, field: str, value: str, actor: Actor) -> None:
    """A mailbox; `field` names the only one there is. The consent stays: it is the same person's.

    What waits goes to the right mailbox. The audit keeps keyed hashes of the mailbox before and after.
    """
    require_personal_desk(actor)
    subscription = storage.subscription_for_update(tx.session, record_id)
    before = subscription.recipient_key
    address = normal_address(Channel.EMAIL, value)
    subscription.correct(
        sealed_address=storage.seal_address(tx.session, record_id, address),
        masked_address=masked(Kind.EMAIL, address),
        recipient_key=storage.recipient_key(tx.session, Channel.EMAIL, address),
    )
    storage.save_address(tx.session, subscription)
    tx.audited(
        record_id=record_id,
        community_id=subscription.community_id,
        before=before,
        after=subscription.recipient_key,
        reason=field,
    )


def forget_old_recipients(tx: Transaction, *, now: datetime) -> int:
    """What is kept of a recipient after the subscription has ended is kept for six months."""
    forgotten = storage.long_removed(tx.session, now=now, most=MOST_AT_ONCE)
    for subscription in forgotten:
        storage.forget_recipient(tx.session, subscription)
    return len(forgotten)


def _found(tx: Transaction, email: str) -> list[Subscription]:
    email = email.strip().lower()
    if not email:
        return []
    return list(storage.subscriptions_of(tx.session, storage.recipient_key(tx.session, Channel.EMAIL, email)))


def _seen(tx: Transaction, subscription: Subscription) -> SeenConsent:
    consent = storage.consent_of(tx.session, subscription.subscription_id)
    return SeenConsent(
        address=subscription.masked_address,
        community_name=_community_name(tx, subscription.community_id),
        text_version=consent.text_version if consent else "",
        given_at=consent.given_at if consent else subscription.created_at,
        withdrawn_at=subscription.removed_at,
    )


def _consent_facts(consent: Consent | None) -> dict[str, str]:
    if consent is None:
        return {}
    return {
        "同意的隐私说明版本": consent.text_version,
        "同意时间": consent.given_at.isoformat(),
        "撤回时间": consent.withdrawn_at.isoformat() if consent.withdrawn_at else "未撤回",
    }


def _community_name(tx: Transaction, community_id: UUID | None) -> str:
    return communities.community_name(tx.session, community_id) if community_id else "全市"
