"""The rules of the task gate, each once: periods, lists, joint decision, exit, send-back, seals."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.chassis.calendar import statutory_calendar
from services.claims.domain.admission import (
    ADMISSION_ACTS,
    Admission,
    deciding_entry,
    require_in_time,
)
from services.claims.domain.admission_rules import gate_rules_on
from services.contracts.base import ANONYMOUS, Forbidden, GongzhiError, Invalid
from services.contracts.claims.admission_terms import AdmissionStatus, GateList
from services.contracts.claims.errors import (
    AdmissionNotInState,
    AppliedTooLate,
    GateEntryEnded,
    OpinionAlreadyRecorded,
    OpinionsMissing,
)
from services.contracts.claims.events import AdmissionApplied, AdmissionDecided
from tests.builders import HUAYUAN, NOW, TODAY, TOMORROW, XINGAN, city_officer, supervisor, worker
from tests.claims.gate_world import (
    END,
    OFFICES,
    START,
    admission_in,
    city_admin,
    make_admission,
    make_entry,
    make_opinion,
    with_opinions,
)

RULES = gate_rules_on(TODAY)

# ---- periods ------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_source() -> None:
    assert (RULES.lead_working_days, RULES.decision_working_days) == (30, 15)


def test_a_task_begins_thirty_working_days_after_its_application_at_the_earliest() -> None:
    earliest = statutory_calendar(2026).end_of_period(TODAY, working_days=RULES.lead_working_days)
    assert earliest == date(2027, 1, 5), "six weeks, and New Year's Day is off"

    require_in_time(from_on=earliest, earliest_on=earliest, rules=RULES)
    with pytest.raises(AppliedTooLate, match=r"30 个工作日.*2027-01-05") as refusal:
        require_in_time(from_on=earliest - timedelta(days=1), earliest_on=earliest, rules=RULES)

    assert list(refusal.value.fields) == ["from_on"]


@pytest.mark.parametrize(("decided_on", "is_late"), [(date(2026, 12, 14), False), (date(2026, 12, 15), True)])
def test_a_decision_after_its_last_day_is_late(decided_on: date, is_late: bool) -> None:
    admission = with_opinions(make_admission())
    assert admission.is_late(date(2026, 12, 15)), "and so is none at all"

    admission.decide(is_admitted=True, reason="同意", actor=city_admin(), today=decided_on, now=NOW)

    assert admission.is_late(date(2027, 1, 1)) is is_late


# ---- the lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate_list", "status"),
    [
        (GateList.NEGATIVE, AdmissionStatus.REFUSED),
        (GateList.DUTY, AdmissionStatus.ADMITTED),
        (GateList.ASSIST, AdmissionStatus.ADMITTED),
    ],
)
def test_a_task_on_a_list_is_decided_by_rule_with_the_basis(
    gate_list: GateList, status: AdmissionStatus
) -> None:
    admission = make_admission()
    entry = make_entry(gate_list, "居民养老意愿调查表")

    applied, decided = admission.apply(decide_by_on=date(2026, 12, 14), entries=[entry])

    assert isinstance(applied, AdmissionApplied)
    assert applied.decide_by_on is None
    assert isinstance(decided, AdmissionDecided)
    assert decided.is_by_rule
    assert decided.is_admitted is (status is AdmissionStatus.ADMITTED)
    assert decided.reason == f"「{entry.title}」列入{gate_list.label}清单，依据：{entry.basis}"
    assert (admission.status, admission.entry_id) == (status, entry.entry_id)


def test_a_task_on_no_list_waits_for_the_joint_decision() -> None:
    admission = make_admission()

    [applied] = admission.apply(decide_by_on=date(2026, 12, 14), entries=[])

    assert applied.decide_by_on == date(2026, 12, 14)
    assert admission.status is AdmissionStatus.APPLIED


def test_what_is_forbidden_stays_so_whatever_the_other_lists_say() -> None:
    duty, negative = make_entry(GateList.DUTY, "排查"), make_entry(GateList.NEGATIVE, "排查")

    assert deciding_entry([duty, negative]) is negative
    assert deciding_entry([]) is None


@pytest.mark.parametrize(
    ("gate_list", "title", "is_named"),
    [
        (GateList.DUTY, "居民 自治 章程", True),
        (GateList.DUTY, "《居民自治章程》", True),
        (GateList.DUTY, "居民自治章程修订评比", False),
        (GateList.ASSIST, "自治公约", True),
        (GateList.NEGATIVE, "关于居民自治章程的排名", True),
        (GateList.NEGATIVE, "居民公约", False),
    ],
)
def test_a_duty_is_named_word_for_word_and_a_ban_inside_a_longer_title_too(
    gate_list: GateList, title: str, is_named: bool
) -> None:
    entry = make_entry(gate_list, "居民自治章程", also=["自治公约"])

    assert entry.names(title) is is_named


def test_an_entry_counts_on_its_first_and_last_day_and_its_end_only_moves_forward() -> None:
    entry = make_entry(GateList.NEGATIVE, "微信工作群排名", from_on=TODAY)
    entry.end(until_on=TOMORROW, reason="清单修订")

    assert not entry.is_in_force_on(TODAY - timedelta(days=1))
    assert entry.is_in_force_on(TODAY)
    assert entry.is_in_force_on(TOMORROW)
    assert not entry.is_in_force_on(TOMORROW + timedelta(days=1))
    with pytest.raises(GateEntryEnded):
        entry.end(until_on=TOMORROW, reason="再次")
    with pytest.raises(Invalid):
        entry.end(until_on=TODAY - timedelta(days=1), reason="早于生效")


# ---- joint decision -----------------------------------------------------------------------------


def test_an_office_speaks_once() -> None:
    admission = with_opinions(make_admission(), "市民政局")

    with pytest.raises(OpinionAlreadyRecorded, match="只登记一次"):
        admission.record_opinion(make_opinion("市 民政局"), actor=city_officer(), today=TODAY)

    assert len(admission.opinions) == 1


@pytest.mark.parametrize("is_admitted", [True, False])
def test_it_is_decided_only_when_enough_offices_have_spoken(is_admitted: bool) -> None:
    admission = with_opinions(make_admission(), *OFFICES[:2])
    decision = {"is_admitted": is_admitted, "reason": "会商", "today": TODAY, "now": NOW}

    assert "decide_admission" not in admission.possible_acts(actor=city_admin(), today=TODAY)
    with pytest.raises(OpinionsMissing, match="还差 1 个"):
        admission.decide(**decision, actor=city_admin())
    with_opinions(admission, OFFICES[2])
    assert "decide_admission" in admission.possible_acts(actor=city_admin(), today=TODAY)
    decided = admission.decide(**decision, actor=city_admin())

    assert (decided.is_admitted, decided.is_by_rule) == (is_admitted, False)


def test_only_the_citys_administrator_decides_and_revokes() -> None:
    admission = with_opinions(make_admission())
    step = {"reason": "会商", "today": TODAY, "now": NOW}

    for actor in (city_officer(), worker(), supervisor(), ANONYMOUS):
        with pytest.raises(Forbidden):
            admission.decide(is_admitted=True, **step, actor=actor)
        with pytest.raises(Forbidden):
            admission_in(AdmissionStatus.ADMITTED).revoke(**step, actor=actor)
    with pytest.raises(Forbidden):
        make_admission().record_opinion(make_opinion(), actor=worker(), today=TODAY)


def test_what_is_over_already_can_only_be_refused() -> None:
    late = END + timedelta(days=1)
    admission = with_opinions(make_admission())

    with pytest.raises(AdmissionNotInState, match="已过"):
        admission.decide(is_admitted=True, reason="会商", actor=city_admin(), today=late, now=NOW)
    admission.decide(is_admitted=False, reason="会商", actor=city_admin(), today=late, now=NOW)


def act(admission: Admission, name: str, *, today: date = TODAY) -> None:
    match name:
        case "record_opinion":
            admission.record_opinion(make_opinion(f"单位 {uuid4()}"), actor=city_officer(), today=today)
        case "decide_admission":
            admission.decide(is_admitted=True, reason="会商", actor=city_admin(), today=today, now=NOW)
        case "revoke_admission":
            admission.revoke(reason="废止", actor=city_admin(), today=today, now=NOW)


@pytest.mark.parametrize("name", sorted(set(ADMISSION_ACTS) - {"send_back_task"}))
@pytest.mark.parametrize("status", list(AdmissionStatus))
def test_what_is_not_in_the_table_of_acts_is_refused_with_a_reason(
    status: AdmissionStatus, name: str
) -> None:
    admission = admission_in(status)
    if status is AdmissionStatus.APPLIED:
        with_opinions(admission)
    before = vars(admission) | {"opinions": list(admission.opinions)}

    if status in ADMISSION_ACTS[name].states:
        assert name in admission.possible_acts(actor=city_admin(), today=TODAY)
        act(admission, name)
        return

    assert name not in admission.possible_acts(actor=city_admin(), today=TODAY)
    with pytest.raises(
        AdmissionNotInState, match=f"现为「{status.label}」，不能{ADMISSION_ACTS[name].label}"
    ):
        act(admission, name)
    assert vars(admission) == before


@pytest.mark.parametrize("status", list(AdmissionStatus))
def test_sending_back_is_offered_for_whatever_is_not_admitted(status: AdmissionStatus) -> None:
    offered = "send_back_task" in admission_in(status).possible_acts(actor=worker(), today=TODAY)

    assert offered is (status is not AdmissionStatus.ADMITTED)
    elsewhere = admission_in(status, community_ids=[XINGAN])
    assert "send_back_task" not in elsewhere.possible_acts(actor=worker(HUAYUAN), today=TODAY)


# ---- automatic exit -----------------------------------------------------------------------------


def test_an_admission_ends_by_its_day_alone_without_any_timer() -> None:
    admission = admission_in(AdmissionStatus.ADMITTED)
    after = END + timedelta(days=1)

    assert admission.status_on(END) is AdmissionStatus.ADMITTED
    assert admission.covers(HUAYUAN, END)
    assert admission.status_on(after) is AdmissionStatus.EXPIRED
    assert not admission.covers(HUAYUAN, after)
    with pytest.raises(AdmissionNotInState, match="到期退出"):
        admission.revoke(reason="废止", actor=city_admin(), today=after, now=NOW)


def test_the_exit_is_told_once_and_not_before_its_day() -> None:
    admission = admission_in(AdmissionStatus.ADMITTED)

    with pytest.raises(AdmissionNotInState):
        admission.expire(today=END, now=NOW)
    assert admission.expire(today=END + timedelta(days=1), now=NOW).until_on == END
    with pytest.raises(AdmissionNotInState):
        admission.expire(today=END + timedelta(days=2), now=NOW)


def test_an_admission_counts_between_its_days_for_its_communities_and_not_before_the_decision() -> None:
    admission = admission_in(AdmissionStatus.ADMITTED, community_ids=[HUAYUAN], from_on=TODAY - timedelta(9))

    assert admission.covers(HUAYUAN, TODAY)
    assert not admission.covers(XINGAN, TODAY)
    assert not admission.covers(HUAYUAN, TODAY - timedelta(days=1)), "nobody had admitted it then"
    admission.revoke(reason="废止", actor=city_admin(), today=TOMORROW, now=NOW)
    assert admission.covers(HUAYUAN, TODAY), "what was done before stays admitted"
    assert not admission.covers(HUAYUAN, TOMORROW)


# ---- all ways through ---------------------------------------------------------------------------


class EveryWay(RuleBasedStateMachine):
    """Whatever is tried in whatever order, an application keeps to its table, and refusals change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.today = TODAY
        self.admission = make_admission(from_on=START, until_on=START + timedelta(days=20))
        self.offices: set[str] = set()

    @rule(days=st.integers(1, 60))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(office=st.sampled_from(["民政", "司法", "财政", "组织"]))
    def speak(self, office: str) -> None:
        self._try(
            lambda: self.admission.record_opinion(
                make_opinion(office), actor=city_officer(), today=self.today
            )
        )
        self.offices |= {opinion.office for opinion in self.admission.opinions}

    @rule(is_admitted=st.booleans())
    def decide(self, is_admitted: bool) -> None:
        self._try(
            lambda: self.admission.decide(
                is_admitted=is_admitted, reason="会商", actor=city_admin(), today=self.today, now=NOW
            )
        )

    @rule()
    def revoke(self) -> None:
        self._try(lambda: self.admission.revoke(reason="废止", actor=city_admin(), today=self.today, now=NOW))

    @rule()
    def expire(self) -> None:
        self._try(lambda: self.admission.expire(today=self.today, now=NOW))

    def _try(self, attempt: object) -> None:
        before = (self.admission.facts(), self.admission.version)
        try:
            attempt()  # type: ignore[operator]
        except GongzhiError:
            assert (self.admission.facts(), self.admission.version) == before
        else:
            assert self.admission.version == before[1] + 1

    @invariant()
    def nothing_counts_outside_its_days(self) -> None:
        if self.today > self.admission.until_on or self.today < self.admission.from_on:
            assert not self.admission.covers(HUAYUAN, self.today)

    @invariant()
    def nobody_is_admitted_without_three_offices(self) -> None:
        if self.admission.decided_on is not None:
            assert len(self.admission.opinions) >= 3
        assert len({one.office for one in self.admission.opinions}) == len(self.admission.opinions)


TestEveryWay = EveryWay.TestCase
