"""Loading what else goes on in the sample city: needs, funds, the task gate, volunteers.

What has its name there already is left alone, so a load that broke off is continued by running it again.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from deploy.demo.acts import View
from deploy.demo.client import Client
from deploy.sample import affairs
from services.chassis.clock import LOCAL
from services.contracts.claims.admission_terms import AdmissionStatus
from services.contracts.claims.fund_terms import FundSource, PayeeKind, PayerKind
from services.contracts.claims.need_terms import NeedStatus

HOME = "海兰社区"


class Affairs:
    """`manager` works for Hailan; what needs four eyes is proposed there and approved by the city."""

    def __init__(
        self, admin: Client, manager: Client, *, community_ids: Mapping[str, str], today: date
    ) -> None:
        self._admin = admin
        self._manager = manager
        self._ids = community_ids
        self._today = today

    def load(self) -> str:
        """How much there is now, in words."""
        self._load_needs()
        self._load_funds()
        self._load_gate()
        self._load_volunteers()
        return (
            f"需求 {len(affairs.NEEDS)} 件，资金 {len(affairs.FUNDS)} 笔，准入申请 {len(affairs.TASKS)} 件，"
            f"志愿者 {len(affairs.VOLUNTEERS)} 名"
        )

    def _load_needs(self) -> None:
        there = {one["title"]: one for one in self._admin.each("/needs")}
        for number, need in enumerate(affairs.NEEDS):
            body = {
                "community_id": self._ids[need.community_name],
                "title": need.title,
                "description": need.description,
                "place": need.place,
            }
            made = there.get(need.title) or self._admin.post("/needs", body, key=f"sample:need:{number}")
            is_new = made.get("status", NeedStatus.RECEIVED) == NeedStatus.RECEIVED
            if need.service_class is None or need.category is None or not is_new:
                continue
            triage = {
                "service_class": need.service_class.value,
                "category": need.category.value,
                "priority": need.priority.value,
            }
            at = f"/needs/{made['need_id']}"
            triaged = self._admin.post(f"{at}/triage", triage)
            if need.reply:
                self._admin.post(f"{at}/reply", {"reply": need.reply}, version=triaged["version"])

    def _load_funds(self) -> None:
        there = {one["fund_name"] for one in self._admin.each("/funds")}
        for number, fund in enumerate(affairs.FUNDS):
            if fund.fund_name not in there:
                self._load_fund(number, fund)

    def _load_fund(self, number: int, fund: affairs.Fund) -> None:
        body = {
            "fund_name": fund.fund_name,
            "fund_source": fund.source.value,
            "purpose": fund.purpose,
            "community_id": self._ids[fund.community_name] if fund.community_name else None,
        }
        at = f"/funds/{self._admin.post('/funds', body, key=f'sample:fund:{number}')['fund_id']}"
        receipt = {
            "amount_fen": fund.received_fen,
            "receipt_number": f"YL-{self._today.year}-{number + 1:03}",
            "payer_kind": PayerKind.TREASURY.value,
            "payer_name": fund.payer_name,
        }
        self._admin.post(f"{at}/receipts", receipt)
        for payee, purpose, amount in fund.paid:
            proposal = {
                "amount_fen": amount,
                "payee_kind": PayeeKind.ORGANISATION.value,
                "payee_name": payee,
                "purpose": purpose,
                "is_payee_independent": fund.source is not FundSource.HELD_DONATION,
            }
            self._manager.post(f"{at}/payments", proposal)
        # The last one still waits, so that there is something to decide.
        for payment in list(self._admin.each(f"{at}/payments", status="proposed"))[1:]:
            self._admin.post(f"{at}/payments/{payment['payment_id']}/approval")

    def _load_gate(self) -> None:
        listed = {one["title"] for one in self._admin.each("/gate-entries", is_all=True)}
        for gate_list, title, basis in affairs.GATE_ENTRIES:
            if title not in listed:
                entry = {
                    "gate_list": gate_list.value,
                    "title": title,
                    "basis": basis,
                    "from_on": f"{self._today.year}-01-01",
                }
                self._admin.post("/gate-entries", entry)
        applied = {one["task_title"] for one in self._admin.each("/admissions")}
        for task in affairs.TASKS:
            if task.task_title not in applied:
                self._apply(task)
        if not self._admin.get("/burdens")["items"]:
            for department, title, kind, quantity in affairs.BURDENS:
                burden = {
                    "community_id": self._ids[HOME],
                    "department": department,
                    "title": title,
                    "kind": kind.value,
                    "quantity": quantity,
                    "happened_on": str(self._today),
                }
                self._manager.post("/burdens", burden)
        if not self._admin.get("/seal-requests")["items"]:
            for proof, asked_by, purpose in affairs.PROOFS:
                asked = {"proof_title": proof, "asked_by": asked_by, "purpose": purpose}
                self._manager.post("/seal-requests", {"community_id": self._ids[HOME], **asked})

    def _apply(self, task: affairs.Task) -> None:
        starts = self._today + timedelta(days=task.from_in_days)
        body = {
            "department": task.department,
            "task_title": task.task_title,
            "kind": task.kind.value,
            "legal_basis": task.legal_basis,
            "from_on": str(starts),
            "until_on": str(starts + timedelta(days=300)),
            "frequency": task.frequency.value,
            "form_count": task.forms,
        }
        made = self._admin.post("/admissions", body)
        # A task that stands on one of the lists is decided at once.
        if task.is_admitted is None or made["status"] != AdmissionStatus.APPLIED:
            return
        at = f"/admissions/{made['admission_id']}"
        for office in affairs.OFFICES:
            opinion = {"office": office, "agrees": task.is_admitted, "reason": "会商意见（样例）。"}
            made = self._admin.post(f"{at}/opinions", opinion)
        verdict = "依据充分，准予进入。" if task.is_admitted else "没有法律法规依据，不予准入。"
        decision = {"is_admitted": task.is_admitted, "reason": verdict}
        self._admin.post(f"{at}/decision", decision, version=made["version"])

    def _load_volunteers(self) -> None:
        if self._manager.get("/volunteers")["items"]:
            return
        volunteers: list[View] = []
        for number, (name, skills) in enumerate(affairs.VOLUNTEERS):
            body = {
                "community_id": self._ids[HOME],
                "volunteer_name": name,
                "skills": [skill.value for skill in skills],
                "insured_until_on": str(affairs.insured_until(self._today)),
            }
            volunteers.append(self._manager.post("/volunteers", body, key=f"sample:volunteer:{number}"))
        for number, (title, place, slots, days, is_risky, enrolled) in enumerate(affairs.SHIFTS):
            shift: dict[str, Any] = {
                "community_id": self._ids[HOME],
                "title": title,
                "place": place,
                "starts_at": self._moment(days, 9),
                "ends_at": self._moment(days, 11),
                "slots": slots,
                "is_risky": is_risky,
            }
            made = self._manager.post("/shifts", shift, key=f"sample:shift:{number}")
            for place_of in enrolled:
                volunteer_id = volunteers[place_of]["volunteer_id"]
                self._manager.post(f"/shifts/{made['shift_id']}/enrolments", {"volunteer_id": volunteer_id})

    def _moment(self, days: int, hour: int) -> str:
        return datetime.combine(self._today + timedelta(days=days), time(hour), LOCAL).isoformat()
