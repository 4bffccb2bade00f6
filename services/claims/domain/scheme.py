"""Assessment schemes (考核方案) as data: who scores what, how the parts are weighed, from which day on.

A scheme is drafted, published with a later day of effect, and never changed again. So what was in force on
any day that has begun is settled for ever, and nothing that was scored is scored anew by later rules.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.claims.domain.score import FIRST_DAY, ScoringRules, half_up
from services.contracts.base import Actor, Forbidden, Invalid, Role, VersionMismatch, invalid_field
from services.contracts.claims.errors import SchemeNotInState, ScorerIsSame
from services.contracts.claims.scheme_terms import ItemWeighting, SchemeStatus, ScorerKind
from services.contracts.claims.terms import ScoreGrade

WHOLE = 100
SCHEME_ACTS: dict[str, tuple[str, frozenset[SchemeStatus]]] = {
    "change_scheme": ("修改", frozenset({SchemeStatus.DRAFT})),
    "publish_scheme": ("发布", frozenset({SchemeStatus.DRAFT})),
    # A published one only until its day has come.
    "withdraw_scheme": ("撤回", frozenset({SchemeStatus.DRAFT, SchemeStatus.PUBLISHED})),
}


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """`most`: the points that perfect work gets."""

    criterion: str
    most: int


@dataclass(frozen=True, kw_only=True)
class ScorerRule:
    """One party's part of the assessment: `weight` percent of it, given by criteria of 100 points in all."""

    scorer: ScorerKind
    weight: int
    criteria: tuple[Criterion, ...]

    @property
    def sentence(self) -> str:
        parts = "、".join(f"{one.criterion} {one.most} 分" for one in self.criteria)
        return f"{self.scorer.label}评分占考核的 {self.weight}%：{parts}。"


@dataclass(eq=False, kw_only=True)
class Scheme:
    """`items_weight`: how much of a unit's result of a period its items make; the periodic assessment is the rest.

    With fewer than `least_items` items that enough people rated, a unit's result is shown as insufficient.
    """

    scheme_id: UUID
    number: int
    title: str
    status: SchemeStatus = SchemeStatus.DRAFT
    effective_on: date | None = None
    assessment_weight: int
    poll_weight: int
    timeliness_weight: int
    points_lost_per_day_late: Decimal
    excellent_from: Decimal
    good_from: Decimal
    passed_from: Decimal
    scorers: list[ScorerRule]
    items_weight: int
    item_weighting: ItemWeighting
    least_items: int
    drafted_at: datetime | None = None
    published_at: datetime | None = None
    reason: str = ""
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.scheme_id

    @property
    def community_id(self) -> None:
        """It is the whole city's."""
        return None

    @property
    def periodic_weight(self) -> int:
        return WHOLE - self.items_weight

    @property
    def is_by_parts(self) -> bool:
        """Whether points are given by criteria, not as one number."""
        return len(self.scorers) > 1 or len(self.scorers[0].criteria) > 1

    @property
    def words(self) -> str:
        since = f"（{self.effective_on} 起施行）" if self.effective_on else "（草案）"
        return f"《{self.title}》第 {self.number} 版{since}"

    @property
    def rules(self) -> ScoringRules:
        return ScoringRules(
            effective_on=self.effective_on or date.max,
            assessment_weight=Decimal(self.assessment_weight) / WHOLE,
            poll_weight=Decimal(self.poll_weight) / WHOLE,
            timeliness_weight=Decimal(self.timeliness_weight) / WHOLE,
            points_lost_per_day_late=self.points_lost_per_day_late,
            thresholds=(
                (self.excellent_from, ScoreGrade.EXCELLENT),
                (self.good_from, ScoreGrade.GOOD),
                (self.passed_from, ScoreGrade.PASSED),
                (Decimal(0), ScoreGrade.RECTIFY),
            ),
            source=self.words,
        )

    def rule_of(self, scorer: ScorerKind) -> ScorerRule:
        found = next((rule for rule in self.scorers if rule.scorer is scorer), None)
        if found is None:
            raise invalid_field("scorer", f"按{self.words}，{scorer.label}不参加评分。")
        return found

    def change(self, *, actor: Actor, **fields: Any) -> None:
        """Replace what a person wrote; only while nobody is bound by it."""
        require_city_admin(actor)
        self._require_state("change_scheme")
        for name, value in fields.items():
            setattr(self, name, value)
        require_sound(self)
        self.version += 1

    def publish(self, *, effective_on: date, latest: date, actor: Actor, today: date, now: datetime) -> None:
        """From a later day on; `latest` is the day of effect of the newest scheme published before."""
        require_city_admin(actor)
        self._require_state("publish_scheme")
        if effective_on <= today:
            raise invalid_field("effective_on", "施行日期必须晚于今天，方案不溯及既往。")
        if effective_on <= latest:
            raise invalid_field("effective_on", f"施行日期必须晚于上一版的施行日期 {latest}。")
        self.status, self.effective_on, self.published_at = SchemeStatus.PUBLISHED, effective_on, now
        self.version += 1

    def withdraw(self, *, reason: str, actor: Actor, today: date) -> None:
        require_city_admin(actor)
        self._require_state("withdraw_scheme")
        if self.is_in_effect(today):
            raise SchemeNotInState(f"{self.words}已经施行，不能撤回；请发布新的方案。")
        self.status, self.reason = SchemeStatus.WITHDRAWN, reason
        self.version += 1

    def is_in_effect(self, today: date) -> bool:
        is_published = self.status is SchemeStatus.PUBLISHED
        return is_published and self.effective_on is not None and self.effective_on <= today

    def possible_acts(self, *, actor: Actor, today: date) -> list[str]:
        if not actor.has_role(Role.CITY_ADMIN):
            return []
        return [
            name
            for name, (_, states) in SCHEME_ACTS.items()
            if self.status in states and not self.is_in_effect(today)
        ]

    def facts(self) -> dict[str, str]:
        return {
            "状态": self.status.label,
            "名称": self.title,
            "施行日期": str(self.effective_on or ""),
            "权重": f"考核 {self.assessment_weight}%、民意测验 {self.poll_weight}%、时效 {self.timeliness_weight}%",
            "每逾期一天扣": f"{self.points_lost_per_day_late} 分",
            "等级线": f"优秀 {self.excellent_from}、良好 {self.good_from}、合格 {self.passed_from}",
            "评分方": "".join(rule.sentence for rule in self.scorers),
            "周期考核": (
                f"事项 {self.items_weight}%（{self.item_weighting.label}）、"
                f"周期评分 {self.periodic_weight}%，至少 {self.least_items} 项"
            ),
        }

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("这个方案已被他人修改，请刷新后再操作。")

    def _require_state(self, act: str) -> None:
        label, states = SCHEME_ACTS[act]
        if self.status not in states:
            raise SchemeNotInState(f"{self.words}现为「{self.status.label}」，不能{label}。")


# What domain rules 2.3 say; how the parts of a period are weighed is our own choice.
# It is here, and not a row, because it was in force before there were others.
FIRST_SCHEME = Scheme(
    scheme_id=UUID("019ac000-0000-7000-8000-0000000000f1"),
    number=1,
    title="认领事项考核方案",
    status=SchemeStatus.PUBLISHED,
    effective_on=FIRST_DAY,
    assessment_weight=50,
    poll_weight=40,
    timeliness_weight=10,
    points_lost_per_day_late=Decimal("5.00"),
    excellent_from=Decimal("90.00"),
    good_from=Decimal("80.00"),
    passed_from=Decimal("60.00"),
    scorers=[
        ScorerRule(
            scorer=ScorerKind.COMMUNITY,
            weight=WHOLE,
            criteria=(Criterion(criterion="工作完成情况", most=WHOLE),),
        )
    ],
    items_weight=70,
    item_weighting=ItemWeighting.EQUAL,
    least_items=3,
)


def scheme_on(day: date, published: Iterable[Scheme] = ()) -> Scheme:
    """The scheme in force that day; days before the first scheme fall under the first."""
    in_force = [one for one in published if one.is_in_effect(day) and one.effective_on is not None]
    return max(in_force, key=lambda one: one.effective_on or date.min, default=FIRST_SCHEME)


def require_city_admin(actor: Actor) -> None:
    if not actor.has_role(Role.CITY_ADMIN):
        raise Forbidden("只有市级管理员可以管理考核方案。")


def require_sound(scheme: Scheme) -> None:
    """Weights that make a whole, thresholds in order, every scorer once and with 100 points to give."""
    wrong: dict[str, str] = {}
    total = scheme.assessment_weight + scheme.poll_weight + scheme.timeliness_weight
    if total != WHOLE:
        wrong["assessment_weight"] = f"考核、民意测验、时效的权重之和应为 100%，现为 {total}%。"
    elif scheme.assessment_weight == 0:
        wrong["assessment_weight"] = "考核的权重不能为 0。"
    if not scheme.excellent_from > scheme.good_from > scheme.passed_from > 0:
        wrong["excellent_from"] = "等级线应为优秀高于良好、良好高于合格、合格高于 0。"
    kinds = [rule.scorer for rule in scheme.scorers]
    if len(set(kinds)) != len(kinds):
        wrong["scorers"] = "每个评分方只能出现一次。"
    elif (given := sum(rule.weight for rule in scheme.scorers)) != WHOLE:
        wrong["scorers"] = f"各评分方的权重之和应为 100%，现为 {given}%。"
    for rule in scheme.scorers:
        if (most := sum(one.most for one in rule.criteria)) != WHOLE:
            wrong["scorers"] = f"{rule.scorer.label}各评分项的满分之和应为 100 分，现为 {most} 分。"
        elif len({one.criterion for one in rule.criteria}) != len(rule.criteria):
            wrong["scorers"] = f"{rule.scorer.label}的评分项有重复。"
    if wrong:
        refusal = Invalid("".join(wrong.values()))
        refusal.fields = {name: [sentence] for name, sentence in wrong.items()}
        raise refusal


@dataclass(eq=False, kw_only=True)
class Scoring:
    """What one party gave, criterion by criterion, in the order of the scheme."""

    scoring_id: UUID
    scorer: ScorerKind
    points: list[Decimal]
    comment: str = ""
    scored_by_id: str
    scored_at: datetime
    criteria: list[str] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum(self.points, Decimal(0))

    def replace_by(self, later: "Scoring") -> None:
        """The same party gives other points."""
        self.points, self.comment, self.criteria = later.points, later.comment, later.criteria
        self.scored_by_id, self.scored_at = later.scored_by_id, later.scored_at


def take_scoring(scorings: list[Scoring], scoring: Scoring, rule: ScorerRule) -> None:
    """Put it beside those of the other parties, in the place of an earlier one of its own."""
    require_points(rule, scoring.points)
    others = [one for one in scorings if one.scorer is not scoring.scorer]
    if any(one.scored_by_id == scoring.scored_by_id for one in others):
        raise ScorerIsSame("同一个人不能代表两个评分方评分。")
    scoring.criteria = [one.criterion for one in rule.criteria]
    before = next((one for one in scorings if one.scorer is scoring.scorer), None)
    if before is None:
        scorings.append(scoring)
    else:
        before.replace_by(scoring)


def require_points(rule: ScorerRule, points: Sequence[Decimal]) -> None:
    """As many as there are criteria, none above what perfect work gets."""
    if len(points) != len(rule.criteria):
        raise invalid_field(
            "points", f"{rule.scorer.label}有 {len(rule.criteria)} 个评分项，收到 {len(points)} 个分数。"
        )
    for number, (given, one) in enumerate(zip(points, rule.criteria, strict=True)):
        if given > one.most:
            raise invalid_field(f"points.{number}", f"「{one.criterion}」满分 {one.most} 分。")


def require_scorer(actor: Actor, scorer: ScorerKind, community_id: UUID) -> None:
    """The city's part is given by the city; the community's by staff who reach it."""
    if scorer is ScorerKind.CITY:
        actor.require_city()
    actor.require_staff_of(community_id)


def assessed(scheme: Scheme, scorings: Sequence[Scoring]) -> tuple[Decimal, list[str]] | None:
    """The assessment out of all required parts, with every step in words; None while one is missing."""
    by_scorer = {scoring.scorer: scoring for scoring in scorings}
    if missing_scorers(scheme, scorings):
        return None
    lines, addition, total = [], [], Fraction(0)
    for rule in scheme.scorers:
        scoring = by_scorer[rule.scorer]
        parts = "、".join(
            f"{one.criterion} {given:.2f}/{one.most}"
            for one, given in zip(rule.criteria, scoring.points, strict=True)
        )
        lines.append(f"{rule.scorer.label}评分：{parts}，合计 {scoring.total:.2f}。")
        addition.append(f"{rule.scorer.label} {scoring.total:.2f} × {rule.weight}%")
        total += Fraction(scoring.total) * rule.weight / WHOLE
    result = half_up(total)
    if len(addition) > 1:
        lines.append(f"考核得分 {' + '.join(addition)} = {result:.2f}。")
    return result, lines


def missing_scorers(scheme: Scheme, scorings: Iterable[Scoring]) -> list[ScorerKind]:
    there = {scoring.scorer for scoring in scorings}
    return [rule.scorer for rule in scheme.scorers if rule.scorer not in there]
