"""Claim lists (认领清单) as they come from files, and the codes of the items on them."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.contracts.claims.errors import ClaimListNotUndoable


@dataclass(eq=False, kw_only=True)
class ClaimList:
    """One imported file; `file_hash` keeps the same file from being imported twice."""

    claim_list_id: UUID
    title: str
    file_name: str
    file_hash: str
    imported_at: datetime
    imported_by: str
    imported_by_id: str
    undone_at: datetime | None = None
    undone_by: str = ""
    undo_reason: str = ""
    version: int = 1

    def undo(self, *, reason: str, by: str, now: datetime) -> None:
        """What the import did to items is for the use case; the file may be imported again afterwards."""
        self.require_not_undone()
        self.undone_at, self.undone_by, self.undo_reason = now, by, reason
        self.version += 1

    def require_not_undone(self) -> None:
        if self.undone_at is not None:
            raise ClaimListNotUndoable(f"清单「{self.title}」的导入已经撤销。")


@dataclass(eq=False, kw_only=True)
class ImportedItem:
    """What one import did to one item, so that it can be undone.

    `version` is the item's afterwards; `before` the draft as it was, None when the import made it.
    """

    claim_list_id: UUID
    item_id: UUID
    version: int
    before: dict[str, Any] | None = None


def item_code(year: int, number: int) -> str:
    return f"RL-{year:04d}-{number:04d}"


def free_codes(*, year: int, last: int, taken: Container[str]) -> Iterator[tuple[int, str]]:
    """Numbers after `last` whose codes nobody holds; codes given in files may lie anywhere ahead."""
    number = last
    while True:
        number += 1
        code = item_code(year, number)
        if code not in taken:
            yield number, code
