"""Verifying the audit: is every row as it was written, in its place, and has the end been cut off.

Rows, chain and heads come from the database; the heads of the file are what the database cannot have
been changed to fit. Whoever could change both the database and the file would still need the key.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.chassis.audit_chain import SignedHead, Signer, Tree, genesis, link_hash, row_hash
from services.chassis.audit_sealer import signed_head
from services.chassis.audit_tables import archives, chain, entries, heads, unchained

_AT_ONCE = 1000
_START = (
    sa.select(heads.c.size, heads.c.peaks)
    .join(archives, archives.c.size == heads.c.size)
    .order_by(archives.c.size.desc())
    .limit(1)
)
_ROWS = (
    sa.select(
        chain.c.seq,
        chain.c.entry_id.label("chained_id"),
        chain.c.row_hash,
        chain.c.prev_hash,
        chain.c.hash,
        *entries.c,
    )
    .outerjoin(entries, entries.c.entry_id == chain.c.entry_id)
    .order_by(chain.c.seq)
)
# Acts write the row and its place in the queue at once, and the sealer moves it into the chain at once.
_SMUGGLED = (
    sa.select(entries.c.entry_id)
    .where(
        ~sa.exists().where(chain.c.entry_id == entries.c.entry_id),
        ~sa.exists().where(unchained.c.entry_id == entries.c.entry_id),
    )
    .order_by(entries.c.entry_id)
    .limit(1)
)


@dataclass(kw_only=True)
class Verdict:
    """`findings` are sentences, the first bad row first; `waiting` acts are not in the chain yet."""

    chain: str
    size: int = 0
    archived: int = 0
    waiting: int = 0
    last_head: str = ""
    findings: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.findings


def verify(connection: sa.Connection, chain_name: str, signer: Signer, *, file: Path) -> Verdict:
    """Everything from the last archive to the end, in one snapshot of the database."""
    verdict = Verdict(chain=chain_name)
    signed = _heads(connection, verdict, signer, file)
    start = connection.execute(_START).one_or_none()
    tree = Tree(start.size, bytes(start.peaks)) if start else Tree()
    verdict.archived = tree.size
    checked = check_rows(
        chain_name, chained_rows(connection, after=tree.size), size=tree.size, tree=tree, signed=signed
    )
    verdict.size = checked.size
    if checked.finding:
        verdict.findings.insert(0, checked.finding)
    elif cut := [head for head in signed if head.head.size > checked.size]:
        head = max(cut, key=lambda found: found.head.size).head
        verdict.findings.insert(
            0, f"链尾被截断：{head.at} 已签名到第 {head.size} 行，现在只有 {checked.size} 行。"
        )
    if (smuggled := connection.scalar(_SMUGGLED)) is not None:
        verdict.findings.append(f"记录 {smuggled} 不是由平台写入的：既不在链上，也不在等待入链。")
    verdict.waiting = connection.scalar(sa.select(sa.func.count()).select_from(unchained)) or 0
    return verdict


@dataclass(frozen=True, kw_only=True)
class Checked:
    """So many rows are good from the beginning; what is wrong with the next one, if anything is."""

    size: int
    finding: str = ""


def chained_rows(connection: sa.Connection, *, after: int) -> Iterable[Any]:
    """The links with their entries; the first is that of `after`, to which the next is bound."""
    wanted = _ROWS.where(chain.c.seq >= after)
    return connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}).mappings()


def check_rows(
    chain_name: str,
    rows: Iterable[Any],
    *,
    size: int,
    tree: Tree | None = None,
    signed: Iterable[SignedHead] = (),
) -> Checked:
    """All rows after the first `size`; with their `tree`, also against what was signed."""
    roots = {head.head.size: head.head for head in signed}
    prev_hash = genesis(chain_name)
    for row in rows:
        seq, leaf, linked = row["seq"], bytes(row["row_hash"]), bytes(row["hash"])
        if seq == size:
            prev_hash = linked
            continue
        if seq != size + 1:
            return Checked(size=size, finding=f"缺少第 {size + 1} 行，下一行是第 {seq} 行。")
        if wrong := _wrong_with(chain_name, row, prev_hash):
            return Checked(size=size, finding=f"第 {seq} 行（记录 {row['chained_id']}）{wrong}")
        size, prev_hash = seq, linked
        if tree is None:
            continue
        tree.append(leaf)
        head = roots.get(size)
        if head and (head.root, head.hash) != (tree.root().hex(), linked.hex()):
            where = f"第 {seq} 行（记录 {row['chained_id']}）"
            return Checked(size=size, finding=f"{where}为止的内容与 {head.at} 签名时不同。")
    return Checked(size=size)


def _wrong_with(chain_name: str, row: Any, prev_hash: bytes) -> str:
    if row["entry_id"] is None:
        return "的记录已被删除。"
    if row_hash(chain_name, row) != bytes(row["row_hash"]):
        return "的内容与写入时不同。"
    if bytes(row["prev_hash"]) != prev_hash:
        return "没有接在它的前一行之后。"
    if bytes(row["hash"]) != link_hash(row["seq"], prev_hash, bytes(row["row_hash"])):
        return "的链值不对。"
    return ""


def _heads(connection: sa.Connection, verdict: Verdict, signer: Signer, file: Path) -> list[SignedHead]:
    """All heads that carry our signature, those of the file and those of the table."""
    # The file first: every head in it was in the table before, so that none is missed by looking later.
    told = _heads_in(file, verdict)
    kept = {
        row["size"]: signed_head(verdict.chain, row)
        for row in connection.execute(sa.select(heads)).mappings()
    }
    if kept and not told:
        verdict.findings.append(f"没有找到签名文件 {file}，无法确认链尾没有被截断。")
    for found in sorted([*kept.values(), *told], key=lambda found: found.head.size):
        if found.head.chain != verdict.chain or not signer.is_ours(found):
            verdict.findings.append(
                f"{found.head.at} 第 {found.head.size} 行处的签名无效（密钥 {found.key_id}）。"
            )
    if lost := [found.head.size for found in told if found.head.size not in kept]:
        verdict.findings.append(f"签名文件中第 {min(lost)} 行处的签名，数据库中已经没有。")
    sound = [
        found
        for found in [*told, *kept.values()]
        if found.head.chain == verdict.chain and signer.is_ours(found)
    ]
    if sound:
        verdict.last_head = max(sound, key=lambda found: found.head.size).head.at
    return sound


def _heads_in(file: Path, verdict: Verdict) -> list[SignedHead]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(SignedHead.of(json.loads(line)))
        except (KeyError, TypeError, ValueError):
            verdict.findings.append(f"签名文件第 {number} 行无法识别。")
    return found
