"""Importing claim lists, in memory."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from services.contracts.base import Actor
from services.contracts.claims.errors import ClaimListAlreadyImported
from tests.gateway import fake_sample as sample


class FakeClaimLists:
    imported: set[str]
    claim_lists: list[dict[str, Any]]
    items: dict[str, dict[str, Any]]

    def preview_claim_list(self, _: Actor, *, rows: list[dict[str, Any]]) -> dict[str, Any]:
        shown = [self._preview(row) for row in rows]
        outcomes = Counter(row["outcome"] for row in shown)
        return {"rows": shown, **{name: outcomes[name] for name in ("new", "changed", "same", "wrong")}}

    def import_claim_list(
        self, actor: Actor, *, rows: list[dict[str, Any]], title: str, file_name: str, file_hash: str
    ) -> dict[str, Any]:
        if file_hash in self.imported:
            raise ClaimListAlreadyImported("这个文件已经导入过，不会重复导入。")
        self.imported.add(file_hash)
        made = {
            "claim_list_id": str(uuid4()),
            "title": title,
            "file_name": file_name,
            "imported_at": sample.iso(0),
            "imported_by": actor.name,
            "version": 1,
            "undone_at": None,
            "undone_by": "",
            "undo_reason": "",
        }
        self.claim_lists.insert(0, made)
        for row in rows:
            item = {
                **next(iter(self.items.values())),
                "item_id": str(uuid4()),
                "status": "draft",
                "claims": [],
            }
            item.update(title=row["cells"]["title"], claim_list_id=made["claim_list_id"], percent=0)
            self.items = {item["item_id"]: item, **self.items}
        return {**made, "item_count": len(rows), "draft_count": len(rows)}

    def publish_claim_list(self, actor: Actor, *, claim_list_id: UUID, **_: Any) -> dict[str, Any]:
        drafts = [
            item
            for item in self.items.values()
            if item["claim_list_id"] == str(claim_list_id) and item["status"] == "draft"
        ]
        for item in drafts:
            item["status"] = "published"
        return {"published": len(drafts)}

    def _preview(self, row: dict[str, Any]) -> dict[str, Any]:
        cells = row["cells"]
        known = next((item for item in self.items.values() if item["code"] == cells.get("code")), None)
        errors = [] if cells.get("due_on") else ["「办结期限」：日期格式不对，应为 2026-12-08 这样。"]
        is_same = known is not None and known["title"] == cells["title"]
        outcome = "wrong" if errors else "new" if known is None else "same" if is_same else "changed"
        differences = {"事项名称": [known["title"], cells["title"]]} if outcome == "changed" and known else {}
        return {
            "row_number": row["row_number"],
            "code": cells.get("code") or "",
            "title": cells["title"],
            "outcome": outcome,
            "errors": errors,
            "differences": differences,
        }
