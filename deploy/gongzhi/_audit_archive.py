"""Moving old rows of the audit into signed files, from where the chain goes on.

The last link that is moved stays in the chain as the anchor of the next one, and the head that was
signed there carries the tree on: what remains verifies by itself.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from deploy.gongzhi import _databases
from services.chassis.audit_chain import Signer, row_bytes, sha256
from services.chassis.audit_tables import archives, chain, entries, heads
from services.chassis.clock import utc_now
from services.chassis.config import Config

# The Cybersecurity Law asks for logs of six months at least.
KEPT = timedelta(days=180)


def line_of(chain_name: str, row: Any) -> str:
    """A row with the very names and values that were hashed, and its place in the chain."""
    place = {"seq": row["seq"], "hash": bytes(row["hash"]).hex() if row["hash"] else None}
    line = {"row": json.loads(row_bytes(chain_name, row)), **place}
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def archive(
    config: Config, database: _databases.Database, signer: Signer, *, before: datetime, folder: Path
) -> Path | None:
    """The file that was written, with its signature beside it; None when there is nothing to move."""
    url = sa.make_url(config.admin_database_url).set(database=database.role)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        start = connection.scalar(sa.select(sa.func.max(archives.c.size))) or 0
        size = _last_head_before(connection, min(before, utc_now() - KEPT)) or 0
        if size <= start:
            return None
        file = folder / f"{database.name}-{start + 1}-{size}.jsonl"
        file_hash = _write(connection, database.name, file, start=start, size=size)
        _sign(signer, file, file_hash)
        _remove(connection, size)
        connection.execute(
            sa.insert(archives).values(
                size=size, archived_at=utc_now(), file_name=file.name, file_hash=file_hash
            )
        )
    return file


def _last_head_before(connection: sa.Connection, moment: datetime) -> int | None:
    """Only what was signed is moved; a head is younger than all its rows."""
    size: int | None = connection.scalar(sa.select(sa.func.max(heads.c.size)).where(heads.c.at < moment))
    return size


def _write(connection: sa.Connection, chain_name: str, file: Path, *, start: int, size: int) -> bytes:
    rows = connection.execute(
        sa.select(*entries.c, chain.c.seq, chain.c.hash)
        .join(chain, chain.c.entry_id == entries.c.entry_id)
        .where(chain.c.seq.between(start + 1, size))
        .order_by(chain.c.seq),
        execution_options={"yield_per": 1000},
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("x", encoding="utf-8") as output:
        for row in rows.mappings():
            output.write(line_of(chain_name, row) + "\n")
        output.flush()
        os.fsync(output.fileno())
    return sha256(file.read_bytes())


def _sign(signer: Signer, file: Path, file_hash: bytes) -> None:
    signature = signer.sign_bytes(b"gongzhi audit archive\n" + file.name.encode() + b"\n" + file_hash)
    signed = {
        "file": file.name,
        "sha256": file_hash.hex(),
        "key_id": signer.key_id,
        "signature": signature.hex(),
    }
    file.with_suffix(".jsonl.sig").write_text(json.dumps(signed) + "\n", encoding="utf-8")


def _remove(connection: sa.Connection, size: int) -> None:
    """Past the triggers, which takes a superuser; in the transaction that records the archive."""
    try:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    except sa.exc.ProgrammingError:
        raise click.ClickException("归档需要数据库超级用户（GONGZHI_DATABASE_URL）。") from None
    moved = sa.select(chain.c.entry_id).where(chain.c.seq <= size)
    connection.execute(sa.delete(entries).where(entries.c.entry_id.in_(moved)))
    connection.execute(sa.delete(chain).where(chain.c.seq < size))
