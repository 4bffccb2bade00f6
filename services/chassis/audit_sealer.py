"""Sealing: entries that acts have written are put into the chain, and its head is signed now and then.

In each service one process seals, the one that holds the lock. What a crash leaves:
entries written and not yet chained stand in the queue and are chained by whoever leads next;
a batch of links is one transaction with its entries' leaving of the queue;
a head that reached the table and not the file is written to the file by the next leader.
"""

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.chassis import metrics
from services.chassis.audit_chain import (
    Head,
    SignedHead,
    Signer,
    Tree,
    genesis,
    link_hash,
    moment_text,
    row_hash,
)
from services.chassis.audit_tables import chain, entries, heads
from services.chassis.clock import utc_now
from services.chassis.config import Config
from services.chassis.db import Database
from services.chassis.faults import faultpoint
from services.chassis.leading import Leading
from services.chassis.logs import get_logger

BATCH = 500
PAUSE_SECONDS = 1.0
LEADERSHIP_SECONDS = 5.0
SIGN_EVERY = timedelta(minutes=1)
log = get_logger(__name__)

_TAKE = sa.text(
    """
    DELETE FROM audit.unchained
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM audit.unchained LIMIT :most))
    RETURNING entry_id
    """
)
# Not those that are chained already, whatever somebody may have put into the queue.
_ROWS = (
    sa.select(entries)
    .where(
        entries.c.entry_id.in_(sa.bindparam("entry_ids", expanding=True)),
        ~sa.exists().where(chain.c.entry_id == entries.c.entry_id),
    )
    .order_by(entries.c.entry_id)
)
_LAST = sa.select(chain.c.seq, chain.c.hash).order_by(chain.c.seq.desc()).limit(1)
_LAST_HEAD = sa.select(heads).order_by(heads.c.size.desc()).limit(1)


def head_file(config: Config, chain_name: str) -> Path:
    return Path(config.audit_heads) / f"{chain_name}.jsonl"


class AuditSealer(Leading):
    """Runs for ever in each process of a service; seals while it leads."""

    def __init__(self, database: Database, config: Config) -> None:
        super().__init__(database, "audit", ask_seconds=LEADERSHIP_SECONDS)
        self.chain = database.service
        self._file = head_file(config, self.chain)
        self._signer = Signer(config)
        self._signed_size = 0

    def lead(self, connection: sa.Connection) -> None:
        tree, signed_at = self.begin(connection)
        while not self.is_stopping:
            chained = self.chain_some(connection, tree)
            if utc_now() - signed_at >= SIGN_EVERY and self.sign(connection, tree):
                signed_at = utc_now()
            if chained < BATCH:
                time.sleep(PAUSE_SECONDS)

    def begin(self, connection: sa.Connection) -> tuple[Tree, datetime]:
        """The tree as it stands, and when its head was last signed."""
        last = connection.execute(_LAST_HEAD).mappings().one_or_none()
        tree = Tree(last["size"], bytes(last["peaks"])) if last else Tree()
        self._signed_size = tree.size
        grown = connection.execute(
            sa.select(chain.c.row_hash).where(chain.c.seq > tree.size).order_by(chain.c.seq),
            execution_options={"yield_per": BATCH},
        )
        tree.extend(bytes(found) for found in grown.scalars())
        connection.commit()
        if last and last["size"] > last_size_in(self._file):
            self._append(signed_head(self.chain, last))
        return tree, last["at"] if last else utc_now() - SIGN_EVERY

    def chain_some(self, connection: sa.Connection, tree: Tree) -> int:
        """One batch, in the order in which the entries were made; how many."""
        taken = connection.execute(_TAKE, {"most": BATCH}).scalars().all()
        if not taken:
            connection.commit()
            return 0
        rows = connection.execute(_ROWS, {"entry_ids": taken}).mappings().all()
        last = connection.execute(_LAST).one_or_none()
        seq, prev_hash = (last.seq, bytes(last.hash)) if last else (0, genesis(self.chain))
        if seq != tree.size:
            raise RuntimeError("somebody else has sealed")
        links: list[dict[str, Any]] = []
        for row in rows:
            seq, leaf = seq + 1, row_hash(self.chain, row)
            linked = link_hash(seq, prev_hash, leaf)
            link = {"seq": seq, "entry_id": row["entry_id"], "row_hash": leaf}
            links.append({**link, "prev_hash": prev_hash, "hash": linked})
            prev_hash = linked
        if links:
            connection.execute(sa.insert(chain), links)
        faultpoint("audit.linked")
        connection.commit()
        faultpoint("audit.chained")
        tree.extend(link["row_hash"] for link in links)
        metrics.AUDIT_CHAINED.labels(self.chain).inc(len(links))
        return len(links)

    def sign(self, connection: sa.Connection, tree: Tree) -> SignedHead | None:
        """Sign how far the chain has come, if it has grown; in the table, in the file, and in the log."""
        if tree.size == self._signed_size:
            return None
        last = connection.execute(_LAST).one()
        now = utc_now()
        signed = self._signer.sign(
            Head(
                chain=self.chain,
                size=tree.size,
                root=tree.root().hex(),
                hash=bytes(last.hash).hex(),
                at=moment_text(now),
            )
        )
        connection.execute(
            sa.insert(heads).values(
                size=tree.size,
                at=now,
                root=tree.root(),
                hash=last.hash,
                peaks=tree.peaks,
                key_id=signed.key_id,
                signature=signed.signature,
            )
        )
        connection.commit()
        faultpoint("audit.signed")
        self._signed_size = tree.size
        self._append(signed)
        log.info("audit head", **vars(signed.head), key_id=signed.key_id)
        return signed

    def _append(self, signed: SignedHead) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(signed.as_line() + "\n")


def signed_head(chain_name: str, row: Any) -> SignedHead:
    """A row of `audit.heads` as what was signed."""
    head = Head(
        chain=chain_name,
        size=row["size"],
        root=bytes(row["root"]).hex(),
        hash=bytes(row["hash"]).hex(),
        at=moment_text(row["at"]),
    )
    return SignedHead(head=head, key_id=row["key_id"], signature=bytes(row["signature"]))


def last_size_in(file: Path) -> int:
    """The size that the last line of a file of heads tells; 0 for a file that is not there."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return 0
    return int(json.loads(lines[-1])["size"]) if lines else 0
