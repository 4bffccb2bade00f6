"""The numbers and sentences of the task gate as data, each with its date of effect (domain rules 2.7)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_NOT_SOUNDED = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class GateRules:
    """A change is a new set with its own date of effect.

    The source gives 30 and 15 working days. That three offices must have spoken, and that an emergency
    is declared for 30 days at most and then anew, are our own choices: the source names no numbers.
    """

    effective_on: date
    lead_working_days: int
    decision_working_days: int
    opinions_needed: int
    longest_emergency_days: int


ALL_RULES = (
    GateRules(
        effective_on=date(2026, 1, 1),
        lead_working_days=30,
        decision_working_days=15,
        opinions_needed=3,
        longest_emergency_days=30,
    ),
)


def gate_rules_on(day: date) -> GateRules:
    """The rules in force that day; days before the first rules fall under the first."""
    in_force = [rules for rules in ALL_RULES if rules.effective_on <= day]
    return in_force[-1] if in_force else ALL_RULES[0]


def title_key(title: str) -> str:
    """A title as it is compared: without blanks, quotes and other signs, full width made half."""
    return _NOT_SOUNDED.sub("", unicodedata.normalize("NFKC", title)).casefold()


def tidy_name(name: str) -> str:
    """A department's name as it is stored, so that one department is one line of the meter."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def on_list_basis(list_label: str, title: str, basis: str) -> str:
    return f"「{title}」列入{list_label}清单，依据：{basis}"


def unadmitted_basis(day: date) -> str:
    rules = gate_rules_on(day)
    return (
        "社区工作事项准入规则：各部门交由社区承担的工作、表格、检查和挂牌，"
        f"须提前 {rules.lead_working_days} 个工作日申请，经联席会商准入；"
        "未列入依法履职、依法协助清单又未经准入的，社区有权退回。"
    )
