"""The audit in front of auditors: search, the state of the chains, and taking along what was found."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Blueprint, Response, current_app, render_template, request, url_for

from gateway import audit, audit_words
from gateway.auth.policy import may
from gateway.pages.asking import communities
from gateway.pages.forms import wanted
from gateway.pages.paging import Pager
from gateway.storage import people
from services.chassis.clock import LOCAL
from services.contracts.base import Role, Unavailable, invalid_field

LIMIT = 50
AT_ONCE = 200
MOST_EXPORTED = 5000
_ACCOUNT = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FILTERS = ("actor_id", "act", "record_id", "community_id", "outcome", "request_id")

blueprint = Blueprint("audit", __name__)


@blueprint.get("/audit")
@may(Role.AUDITOR)
def list_audit() -> str:
    page = audit.list_audit(audit.wanted_of({**_narrowed(), **wanted("cursor"), "limit": LIMIT}))
    names = _names(page["items"])
    return render_template(
        "audit/list.html",
        found=[{**entry, **_words(entry, names)} for entry in page["items"]],
        acts=_acts(),
        away=page["away"],
        pager=Pager(page, LIMIT),
        states=audit.get_audit_state()["items"],
        communities=_communities(),
        export_address=_export_address(),
        most_exported=MOST_EXPORTED,
    )


@blueprint.get("/audit.jsonl")
@may(Role.AUDITOR)
def export_audit() -> Response:
    """What the filters find, as JSON lines; a chain that does not answer ends it, for nothing may be missing."""
    narrowed = _narrowed()
    lines = [orjson.dumps(entry) for entry in _entries(narrowed)]
    audit.note("export_audit", reason=" ".join(f"{name}={value}" for name, value in narrowed.items()))
    answer = Response(b"".join(line + b"\n" for line in lines), content_type="application/x-ndjson")
    answer.headers["Content-Disposition"] = "attachment; filename=audit.jsonl"
    return answer


def _entries(narrowed: dict[str, str]) -> Iterator[dict[str, Any]]:
    cursor, count = None, 0
    while count < MOST_EXPORTED:
        page = audit.list_audit(audit.wanted_of({**narrowed, "cursor": cursor, "limit": AT_ONCE}))
        if page["away"]:
            raise Unavailable(f"{'、'.join(page['away'])} 的审计记录暂时取不到，请稍后再导出。")
        yield from page["items"]
        count, cursor = count + len(page["items"]), page["next"]
        if cursor is None:
            return


def _export_address() -> str:
    narrowed = wanted(*FILTERS, "since_on", "until_on")
    return f"{url_for('audit.export_audit')}?{urlencode(narrowed)}"


def _narrowed() -> dict[str, str]:
    """The filters of the address; days are whole days here."""
    narrowed = wanted(*FILTERS)
    if since := _day("since_on"):
        narrowed["since"] = since.isoformat()
    if until := _day("until_on"):
        narrowed["until"] = (until + timedelta(days=1)).isoformat()
    return narrowed


def _day(name: str) -> datetime | None:
    written = request.args.get(name, "").strip()
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=LOCAL) if written else None
    except ValueError:
        raise invalid_field(name, "日期格式不对，应为 2026-11-23 这样。") from None


def _words(entry: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    name = f".{entry['act'].rpartition('.')[2]}"
    return {
        "act_word": audit_words.word_of(entry["act"]),
        "act_wanted": name if name in dict(audit_words.choices()) else entry["act"],
        "actor_name": names.get(entry["actor_id"], ""),
    }


def _acts() -> list[tuple[str, str]]:
    """To choose from; an act that has no word and came by a link is one of them too."""
    offered, asked = list(audit_words.choices()), request.args.get("act", "")
    return [*([(asked, asked)] if asked and asked not in dict(offered) else []), *offered]


def _names(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Of those who have an account here; auditors read who signs in by name as well."""
    ids = {entry["actor_id"] for entry in entries if _ACCOUNT.fullmatch(entry["actor_id"])}
    with current_app.extensions["database"].reading() as tx:
        found = people.names(tx.session, {UUID(each) for each in ids})
    return {str(user_id): name for user_id, name in found.items()}


def _communities() -> list[dict[str, Any]]:
    try:
        return communities()
    except Unavailable:
        return []
