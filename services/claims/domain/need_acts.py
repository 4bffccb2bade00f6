"""The acts on a need: in which state each is allowed and where it leads; what is not here is refused."""

from dataclasses import dataclass

from services.contracts.claims.need_terms import NeedStatus

# Somebody still waits to hear: the answer's clock runs. A referral leaves the answer with us.
WAITING = frozenset({NeedStatus.RECEIVED, NeedStatus.TRIAGED, NeedStatus.REFERRED})


@dataclass(frozen=True, kw_only=True)
class NeedAct:
    label: str
    states: frozenset[NeedStatus]
    leads_to: NeedStatus


NEED_ACTS: dict[str, NeedAct] = {
    # Also again, to correct it, and after a department sent it back.
    "triage_need": NeedAct(label="分办", states=WAITING, leads_to=NeedStatus.TRIAGED),
    # What residents consulted about may become an item after all.
    "turn_need_into_item": NeedAct(
        label="列入清单",
        states=frozenset({NeedStatus.TRIAGED, NeedStatus.MATTER}),
        leads_to=NeedStatus.ITEM,
    ),
    "turn_need_into_matter": NeedAct(
        label="转议事协商", states=frozenset({NeedStatus.TRIAGED}), leads_to=NeedStatus.MATTER
    ),
    "refer_need": NeedAct(label="转办", states=WAITING, leads_to=NeedStatus.REFERRED),
    "answer_need": NeedAct(label="答复", states=WAITING | {NeedStatus.MATTER}, leads_to=NeedStatus.ANSWERED),
    "decline_need": NeedAct(label="不予办理", states=WAITING, leads_to=NeedStatus.DECLINED),
    "merge_need": NeedAct(label="合并", states=WAITING, leads_to=NeedStatus.MERGED),
}
