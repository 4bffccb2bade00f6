"""The rules of the rest of the gate, each once: letters of what is sent back, and the twenty proofs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.admission_rules import title_key
from services.claims.domain.seal import ALL_LISTS, SealRequest, forbidden_proof, forbidden_proofs_on
from services.claims.domain.sent_back import Counted, SentBackTask
from services.contracts.base import Forbidden, Invalid
from services.contracts.claims.admission_terms import SealStatus, TaskKind
from services.contracts.claims.errors import SealAlreadyDecided
from tests.builders import HUAYUAN, NOW, TODAY, XINGAN, worker

# ---- 未准入—退回 --------------------------------------------------------------------------------


def test_the_letter_names_department_task_basis_and_counts() -> None:
    task, event = SentBackTask.send_back(
        sent_back_id=uuid4(),
        code="TH-2026-0007",
        community_id=HUAYUAN,
        community_name="花园社区",
        department="市某局",
        task_title="满意度台账",
        kind=TaskKind.FORM,
        admission_id=None,
        entry_id=None,
        basis="社区工作事项准入规则",
        note="上月已报过",
        counted=Counted(here=1, in_city=6).one_more(),
        today=TODAY,
        now=NOW,
    )

    assert task.letter.splitlines()[0] == "未准入事项退回单（TH-2026-0007）"
    for words in (
        "市某局：", "花园社区承担的表格报表「满意度台账」未经准入", "退回依据：社区工作事项准入规则",
        "花园社区已退回 2 次", "全市各社区共退回 7 次", "说明：上月已报过", "2026 年 11 月 23 日",
    ):  # fmt: skip
        assert words in task.letter
    assert (event.code, event.department, event.kind) == ("TH-2026-0007", "市某局", TaskKind.FORM)


# ---- seals --------------------------------------------------------------------------------------

# domain rules 2.7, the first national list of 20 proofs that must not be issued (2020), in its order.
TWENTY = (
    "亲属关系", "居民身份信息", "户口登记项目变更申请", "居民养犬", "无犯罪记录", "社区戒毒康复情况",
    "人员失踪", "婚姻状况", "出生", "健在", "死亡", "疾病状况", "残疾状况", "婚育状况", "居民就业状况",
    "居民个人档案", "居民财产", "遗产继承权", "市场主体住所", "证件遗失",
)  # fmt: skip


def make_request(proof_title: str) -> SealRequest:
    return SealRequest(
        seal_id=uuid4(),
        code="YY-2026-0001",
        community_id=HUAYUAN,
        proof_title=proof_title,
        asked_by="某银行",
        purpose="办理业务",
        requested_on=TODAY,
        requested_at=NOW,
    )


def test_there_are_twenty_of_them() -> None:
    found = forbidden_proofs_on(TODAY)

    assert found is not None
    assert tuple(proof.name for proof in found.proofs) == TWENTY
    assert forbidden_proofs_on(ALL_LISTS[0].effective_on - timedelta(days=1)) is None


@pytest.mark.parametrize(("number", "name"), list(enumerate(TWENTY, 1)))
@pytest.mark.parametrize("form", ["{}", "{}证明", "关于{}的证明", "《{}证明》"])
def test_each_of_the_twenty_proofs_is_refused_by_rule_with_the_basis(
    number: int, name: str, form: str
) -> None:
    request = make_request(form.format(name))

    refused = request.request(negative_basis=None)

    assert refused is not None
    assert refused.is_by_rule
    assert refused.basis == (
        f"《首批不应由基层群众性自治组织出具证明事项清单（2020 年）》第 {number} 项：{name}证明。"
    )
    assert (request.status, request.proof_number) == (SealStatus.REFUSED, number)
    assert request.possible_acts(worker()) == []


@pytest.mark.parametrize("title", ["社区居住情况说明", "集体活动场地使用证明", "志愿服务时长证明"])
def test_other_proofs_are_recorded_and_decided_once(title: str) -> None:
    request = make_request(title)

    assert request.request(negative_basis=None) is None
    assert request.possible_acts(worker()) == ["decide_seal"]
    assert request.decide(is_approved=True, reason="", actor=worker(), now=NOW) is None
    assert request.status is SealStatus.APPROVED
    with pytest.raises(SealAlreadyDecided):
        request.decide(is_approved=False, reason="改", actor=worker(), now=NOW)


def test_a_refusal_by_a_person_needs_a_reason_and_is_told() -> None:
    request = make_request("社区居住情况说明")

    with pytest.raises(Invalid):
        request.decide(is_approved=False, reason="", actor=worker(), now=NOW)
    with pytest.raises(Forbidden):
        request.decide(is_approved=True, reason="", actor=worker(XINGAN), now=NOW)
    refused = request.decide(is_approved=False, reason="情况无法核实", actor=worker(), now=NOW)

    assert refused is not None
    assert (refused.is_by_rule, refused.basis) == (False, "情况无法核实")


def test_the_citys_negative_list_forbids_more_proofs() -> None:
    request = make_request("收入情况说明")

    refused = request.request(negative_basis="「收入情况」列入负面事项清单，依据：市清单")

    assert refused is not None
    assert (request.proof_number, refused.is_by_rule) == (None, True)


@given(st.text(max_size=40))
def test_whatever_a_title_looks_like_it_is_compared_without_an_accident(title: str) -> None:
    assert title_key(title_key(title)) == title_key(title)
    assert forbidden_proof(f"{title}婚姻状况{title}", on=TODAY) is not None
