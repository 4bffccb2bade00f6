"""Claim lists (认领清单) as they come from files, and the codes of the items on them."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


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
    version: int = 1


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
