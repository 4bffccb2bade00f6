"""Turning pages with cursors: the address carries the cursors behind, so that one can go back."""

from math import ceil
from typing import Any
from urllib.parse import urlencode

from flask import request

# Going back further than this starts again at the first page; addresses must stay short.
_MOST_BEHIND = 30


class Pager:
    """Built from a page's view (`items`, `next`, perhaps `total`) and the address at hand."""

    def __init__(self, page: dict[str, Any], limit: int) -> None:
        self.total: int | None = page.get("total")
        self.limit = limit
        self.count = len(page["items"])
        self._next: str | None = page.get("next")
        self._cursor = request.args.get("cursor", "")
        self._behind = [part for part in request.args.get("behind", "").split(".") if part]

    @property
    def number(self) -> int:
        """Which page this is; as the address says, for cursors do not know."""
        said = request.args.get("page", "")
        return int(said) if self._cursor and said.isdecimal() and len(said) < 7 else 1

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(1, ceil(self.total / self.limit))

    @property
    def previous_address(self) -> str | None:
        if not self._cursor:
            return None
        if not self._behind:
            return self._address()
        return self._address(
            cursor=self._behind[-1], behind=".".join(self._behind[:-1]), page=str(self.number - 1)
        )

    @property
    def next_address(self) -> str | None:
        if not self._next:
            return None
        behind = [*self._behind, self._cursor] if self._cursor else []
        return self._address(
            cursor=self._next, behind=".".join(behind[-_MOST_BEHIND:]), page=str(self.number + 1)
        )

    def _address(self, **cursors: str) -> str:
        kept = [
            (name, value)
            for name, value in request.args.items(multi=True)
            if name not in ("cursor", "behind", "page")
        ]
        query = urlencode([*kept, *((name, value) for name, value in cursors.items() if value)])
        return f"{request.path}?{query}" if query else request.path
