"""Reading the audit, for auditors only: searched, newest first, and the state of the chain.

Ids of entries begin with their time, in every database alike: rows of all chains merge by id, and one
cursor serves them all.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis.audit_chain import Signer
from services.chassis.audit_sealer import signed_head
from services.chassis.audit_tables import archives, chain, entries, heads, unchained
from services.chassis.audit_verify import chained_rows, check_rows
from services.chassis.db import Transaction
from services.chassis.paging import decode_cursor, encode_cursor
from services.contracts.audit import AuditPage, AuditStateView, Outcome
from services.contracts.base import Actor, Forbidden, Role, shape

CHECKED = 1000
# From the beginning of an act (its time) to its row (whose id has the time of writing).
_LONGEST_ACT = timedelta(minutes=10)


def require_auditor(actor: Actor) -> None:
    if not actor.has_role(Role.AUDITOR):
        raise Forbidden("只有审计员可以查看审计日志。")


def list_audit(
    tx: Transaction,
    chain_name: str,
    *,
    since: datetime | None,
    until: datetime | None,
    act: str,
    cursor: str | None,
    limit: int,
    **exactly: Any,
) -> dict[str, Any]:
    """One page as its view."""
    require_auditor(tx.actor)
    wanted = sa.select(entries)
    if after := decode_cursor(cursor, UUID):
        wanted = wanted.where(entries.c.entry_id < after[0])
    if since:
        wanted = wanted.where(entries.c.at >= since, entries.c.entry_id >= _first_id(since))
    if until:
        wanted = wanted.where(entries.c.at < until, entries.c.entry_id < _first_id(until + _LONGEST_ACT))
    if act:
        is_like = entries.c.act.endswith if act.startswith(".") else entries.c.act.contains
        wanted = wanted.where(is_like(act, autoescape=True))
    for name, value in exactly.items():
        if value:
            wanted = wanted.where(entries.c[name] == value)
    rows = tx.session.execute(wanted.order_by(entries.c.entry_id.desc()).limit(limit + 1)).mappings().all()
    more = encode_cursor(rows[limit - 1]["entry_id"]) if len(rows) > limit else None
    page = {"items": [_shown(chain_name, row) for row in rows[:limit]], "next": more, "away": []}
    written: dict[str, Any] = shape(AuditPage).dump(page)
    return written


def get_audit_state(tx: Transaction, chain_name: str, signer: Signer) -> dict[str, Any]:
    """The end of the chain is computed again; `gongzhi audit verify` does it with all of it."""
    require_auditor(tx.actor)
    connection = tx.session.connection()
    size = connection.scalar(sa.select(sa.func.max(chain.c.seq))) or 0
    archived = connection.scalar(sa.select(sa.func.max(archives.c.size))) or 0
    size = max(size, archived)
    start = max(size - CHECKED, archived)
    last = (
        connection.execute(sa.select(heads).order_by(heads.c.size.desc()).limit(1)).mappings().one_or_none()
    )
    finding = check_rows(chain_name, chained_rows(connection, after=start), size=start).finding
    if last and not signer.is_ours(signed_head(chain_name, last)):
        finding = finding or f"第 {last['size']} 行处的签名无效。"
    if last and last["size"] > size:
        finding = finding or f"链尾被截断：已签名到第 {last['size']} 行，现在只有 {size} 行。"
    state = {
        "chain": chain_name,
        "size": size,
        "archived": archived,
        "waiting": connection.scalar(sa.select(sa.func.count()).select_from(unchained)),
        "signed_size": last["size"] if last else None,
        "signed_at": last["at"] if last else None,
        "checked": size - start,
        "finding": finding,
    }
    written: dict[str, Any] = shape(AuditStateView).dump(state)
    return written


def _shown(chain_name: str, row: sa.RowMapping) -> dict[str, Any]:
    hashes = {
        name: bytes(row[name]).hex() if row[name] is not None else None
        for name in ("before_hash", "after_hash")
    }
    return {**row, **hashes, "outcome": Outcome[row["outcome"].upper()], "chain": chain_name}


def _first_id(moment: datetime) -> UUID:
    """No id that was made from then on is smaller (RFC 9562: 48 bits of milliseconds lead)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
