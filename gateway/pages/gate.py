"""The rest of the task gate: the three lists, 未准入—退回, emergencies, seals."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.asking import communities, my_communities
from gateway.pages.forms import chosen, filled, shown_again_on, wanted
from gateway.pages.frame import CITY, LEADERS, STAFF, WATCHERS
from gateway.pages.paging import Pager
from services.contracts.base import Role

LIMIT = 20

gate_lists = Blueprint("gate_lists", __name__, url_prefix="/gate-lists")
sent_back = Blueprint("sent_back", __name__, url_prefix="/sent-back-tasks")
emergencies = Blueprint("emergencies", __name__, url_prefix="/emergencies")
seals = Blueprint("seals", __name__, url_prefix="/seals")
BLUEPRINTS = (gate_lists, sent_back, emergencies, seals)

# ---- the three lists ----------------------------------------------------------------------------


@gate_lists.get("")
@may(*WATCHERS)
def list_gate_entries() -> str:
    page = claims.list_gate_entries(**wanted("gate_list", "is_all", "q", "cursor"), limit=LIMIT)
    return render_template("gate/lists.html", listed=page["items"], pager=Pager(page, LIMIT))


@gate_lists.post("")
@may(Role.CITY_ADMIN)
@shown_again_on(list_gate_entries)
def add_gate_entry() -> Response:
    also = [name.strip() for name in request.form.get("also", "").splitlines() if name.strip()]
    added = claims.add_gate_entry(**filled("gate_list", "title", "basis", "from_on", "until_on"), also=also)
    flash(f"「{added['title']}」已列入清单。", "success")
    return redirect(url_for("gate_lists.list_gate_entries", gate_list=added["gate_list"]), 303)


@gate_lists.post("/<uuid:entry_id>/end_gate_entry")
@may(Role.CITY_ADMIN)
@shown_again_on(list_gate_entries)
def end_gate_entry(entry_id: UUID) -> Response:
    ended = claims.end_gate_entry(entry_id=entry_id, **filled("until_on", "reason", "expected_version"))
    flash(f"「{ended['title']}」自 {ended['until_on']} 之后失效。", "success")
    return redirect(url_for("gate_lists.list_gate_entries", gate_list=ended["gate_list"]), 303)


# ---- 未准入—退回 --------------------------------------------------------------------------------


@sent_back.get("")
@may(*WATCHERS)
def list_sent_back_tasks() -> str:
    page = claims.list_sent_back_tasks(**wanted("community_id", "department", "month", "cursor"), limit=LIMIT)
    return render_template(
        "gate/sent_back.html",
        tasks=page["items"],
        pager=Pager(page, LIMIT),
        communities=my_communities(),
    )


@sent_back.post("")
@may(*STAFF)
@shown_again_on(list_sent_back_tasks)
def send_back_task() -> Response:
    sent = claims.send_back_task(**filled("community_id", "department", "task_title", "kind", "note"))
    flash(f"已退回，退回单 {sent['code']}。", "success")
    return redirect(url_for("sent_back.get_sent_back_task", sent_back_id=sent["sent_back_id"]), 303)


@sent_back.get("/<uuid:sent_back_id>")
@may(*WATCHERS)
def get_sent_back_task(sent_back_id: UUID) -> str:
    return render_template("gate/letter.html", task=claims.get_sent_back_task(sent_back_id=sent_back_id))


# ---- emergencies --------------------------------------------------------------------------------


@emergencies.get("")
@may(*WATCHERS)
def list_emergencies() -> str:
    page = claims.list_emergencies(**wanted("community_id", "is_running", "cursor"), limit=LIMIT)
    return render_template(
        "gate/emergencies.html",
        emergencies=page["items"],
        pager=Pager(page, LIMIT),
        communities=communities(),
    )


@emergencies.post("")
@may(*CITY)
@shown_again_on(list_emergencies)
def declare_emergency() -> Response:
    names = ("department", "title", "kind", "reason", "from_on", "until_on")
    declared = claims.declare_emergency(**filled(*names), **chosen("community_ids"))
    flash(f"应急 {declared['code']} 已宣布，免于准入，单独计数。", "success")
    return redirect(url_for("emergencies.list_emergencies"), 303)


# ---- seals --------------------------------------------------------------------------------------


@seals.get("")
@may(*WATCHERS)
def list_seal_requests() -> str:
    page = claims.list_seal_requests(**wanted("community_id", "status", "cursor"), limit=LIMIT)
    return render_template(
        "gate/seals.html",
        requests=page["items"],
        pager=Pager(page, LIMIT),
        communities=my_communities(),
    )


@seals.post("")
@may(*STAFF)
@shown_again_on(list_seal_requests)
def request_seal() -> Response:
    asked = claims.request_seal(**filled("community_id", "proof_title", "asked_by", "purpose"))
    if asked["status"] == "refused":
        flash(f"{asked['code']} 不予出具：{asked['reason']}", "warning")
    else:
        flash(f"用印申请 {asked['code']} 已登记，待审批。", "success")
    return redirect(url_for("seals.list_seal_requests"), 303)


@seals.post("/<uuid:seal_id>/decide_seal")
@may(*LEADERS)
@shown_again_on(list_seal_requests)
def decide_seal(seal_id: UUID) -> Response:
    claims.decide_seal(seal_id=seal_id, **filled("is_approved", "reason", "expected_version"))
    flash("用印申请已审批。", "success")
    return redirect(url_for("seals.list_seal_requests"), 303)
