"""How values look in front of people: dates, money, shares, states; Jinja filters."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import segno
from markupsafe import Markup

from gateway.jobs.outcome import JobStatus
from services.chassis.clock import LOCAL, utc_now
from services.contracts.audit import Outcome
from services.contracts.base import Role, Term
from services.contracts.claims.admission_terms import (
    AdmissionStatus,
    BurdenBasis,
    BurdenKind,
    EmergencyKind,
    Frequency,
    GateList,
    SealStatus,
    TaskKind,
)
from services.contracts.claims.dashboard_terms import Figure
from services.contracts.claims.dual_registration_terms import (
    EvaluationGrade,
    RegistrationKind,
    RegistrationStatus,
)
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundSource,
    FundStatus,
    PayeeKind,
    PayerKind,
    PaymentStatus,
    PostingKind,
)
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.purchase_terms import (
    InstalmentStatus,
    PurchaseMethod,
    PurchaseParty,
    PurchaseStatus,
)
from services.contracts.claims.scheme_terms import (
    ItemWeighting,
    PeriodKind,
    ResultStatus,
    SchemeStatus,
    ScorerKind,
)
from services.contracts.claims.terms import (
    Category,
    ClaimKind,
    ClaimStatus,
    ItemStatus,
    ItemWay,
    RectificationStatus,
    RowOutcome,
    ScoreGrade,
    ServiceClass,
    Support,
    UnitKind,
    UnitStatus,
)
from services.contracts.claims.volunteer_terms import (
    EnrolmentStatus,
    OrganisationLevel,
    OrganisationStatus,
    PartyKind,
    ServiceField,
    ShiftStatus,
    Skill,
    VolunteerStatus,
)
from services.contracts.clocks import ClockStage
from services.contracts.consultation.terms import PollStatus, Satisfaction
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.contracts.staffing.terms import CommunityGrade, Post

NOTHING = "--"

TERMS: dict[str, type[Term]] = {
    term.__name__: term
    for term in (
        AdmissionStatus,
        BurdenBasis,
        BurdenKind,
        Category,
        Channel,
        ClaimKind,
        ClaimStatus,
        ClockStage,
        CommunityGrade,
        ConsentKind,
        DeliveryStatus,
        EmergencyKind,
        EvaluationGrade,
        RegistrationKind,
        RegistrationStatus,
        Figure,
        Frequency,
        GateList,
        FundAccount,
        FundSource,
        FundStatus,
        EnrolmentStatus,
        ItemStatus,
        JobStatus,
        NeedPriority,
        NeedSource,
        NeedStatus,
        OrganisationLevel,
        OrganisationStatus,
        Outcome,
        PayeeKind,
        PayerKind,
        PaymentStatus,
        PartyKind,
        PollStatus,
        Post,
        RectificationStatus,
        PostingKind,
        InstalmentStatus,
        ItemWay,
        PurchaseMethod,
        PurchaseParty,
        PurchaseStatus,
        Role,
        RowOutcome,
        Satisfaction,
        ScoreGrade,
        SealStatus,
        ItemWeighting,
        PeriodKind,
        ResultStatus,
        SchemeStatus,
        ScorerKind,
        ServiceClass,
        ServiceField,
        ShiftStatus,
        Skill,
        Support,
        TaskKind,
        UnitKind,
        UnitStatus,
        VolunteerStatus,
    )
}

# A state is a coloured dot and its word; the colour alone says nothing.
DOTS = {
    JobStatus: {"running": "blue", "done": "green", "failed": "red"},
    ItemStatus: {
        "published": "grey",
        "expired": "red",
        "purchased": "blue",
        "funded": "blue",
        "claimed": "amber",
        "in_progress": "blue",
        "submitted": "amber",
        "verified": "purple",
        "scored": "green",
        "commended": "green",
    },
    ClaimStatus: {
        "claimed": "amber",
        "confirmed": "blue",
        "in_progress": "blue",
        "submitted": "amber",
        "verified": "green",
    },
    RegistrationStatus: {"reported": "green"},
    UnitStatus: {"applied": "amber", "member": "green", "refused": "red", "suspended": "amber"},
    NeedStatus: {
        "received": "amber",
        "triaged": "blue",
        "item": "purple",
        "matter": "purple",
        "referred": "blue",
        "answered": "green",
    },
    AdmissionStatus: {"applied": "amber", "admitted": "green", "refused": "red", "revoked": "red"},
    SealStatus: {"requested": "amber", "approved": "green", "refused": "red"},
    BurdenBasis: {"admitted": "green", "unadmitted": "red", "emergency": "amber"},
    FundStatus: {"open": "blue"},
    PaymentStatus: {"proposed": "amber", "paid": "green"},
    PollStatus: {"open": "blue", "closed": "green"},
    ShiftStatus: {"open": "blue", "confirmed": "green"},
    EnrolmentStatus: {
        "enrolled": "blue",
        "waiting": "amber",
        "signed_in": "purple",
        "signed_out": "purple",
        "confirmed": "green",
        "absent": "red",
    },
    VolunteerStatus: {"active": "green"},
    OrganisationStatus: {"active": "green", "suspended": "amber"},
    SchemeStatus: {"draft": "grey", "published": "green", "withdrawn": "red"},
    ResultStatus: {"open": "blue", "frozen": "green", "review": "amber", "commended": "green"},
    PurchaseStatus: {
        "planned": "amber",
        "chosen": "amber",
        "contracted": "blue",
        "accepted": "purple",
        "held_back": "red",
        "closed": "green",
    },
    InstalmentStatus: {
        "reported": "amber",
        "payable": "blue",
        "held": "red",
        "asked": "amber",
        "paid": "green",
    },
    DeliveryStatus: {"sending": "blue", "sent": "green", "failed": "red", "uncertain": "amber"},
}

# The same states in the colours of the dashboard's ring.
STATUS_COLOURS = {
    "draft": "#c9ced8",
    "published": "#a3aab8",
    "expired": "#c4493d",
    "purchased": "#3f7fbf",
    "funded": "#4f9d9d",
    "withdrawn": "#dfe2e8",
    "claimed": "#e0a63c",
    "in_progress": "#1677ff",
    "submitted": "#d98200",
    "verified": "#7d3ccf",
    "scored": "#2a9d4a",
    "commended": "#126b30",
}


def label(value: str | None, term: str) -> str:
    """`"joint" | label("ClaimKind")` -> 联合认领; an unknown value shows itself."""
    if not value:
        return NOTHING
    return next((member.label for member in TERMS[term] if member == value), value)


def dot(value: str | None, term: str) -> str:
    return DOTS.get(TERMS[term], {}).get(value or "", "grey")


def local_datetime(value: str | None) -> str:
    """`2026-11-23 08:05` in local time, out of ISO 8601 text."""
    return f"{_local(value):%Y-%m-%d %H:%M}" if value else NOTHING


def moment(value: str | None) -> str:
    """How long ago, for what has just happened: 刚刚, 5 分钟前, 3 小时前, 11-20 08:05."""
    if not value:
        return NOTHING
    then = _local(value)
    now = utc_now().astimezone(LOCAL)
    seconds = (now - then).total_seconds()
    if 0 <= seconds < 60:
        return "刚刚"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)} 分钟前"
    if 0 <= seconds < 86400:
        return f"{int(seconds // 3600)} 小时前"
    return f"{then:%m-%d %H:%M}" if then.year == now.year else f"{then:%Y-%m-%d}"


def day(value: str | None) -> str:
    return value or NOTHING


def short_day(value: str | None) -> str:
    """`2026-11-20` -> `11-20`, where the year is plain."""
    return value[5:] if value else NOTHING


def yuan(fen: int | None) -> str:
    """Money with thousands separators; fen are shown only when there are any."""
    if fen is None:
        return NOTHING
    if fen < 0:
        return f"-{yuan(-fen)}"
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"


def big_yuan(fen: int | None) -> str:
    """Large sums as people say them: 1.37 亿元, 75 万元; smaller ones whole."""
    if fen is None:
        return NOTHING
    for unit, word in ((10**10, "亿元"), (10**6, "万元")):
        if abs(fen) >= unit:
            rounded = (Decimal(fen) / unit).quantize(Decimal("0.01"), ROUND_HALF_UP)
            return f"{number(str(rounded))} {word}"
    return f"{yuan(fen)} 元"


def number(value: int | str | None) -> str:
    """Thousands separators; a decimal without trailing noughts."""
    if value is None or value == "":
        return NOTHING
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: str | int | None) -> str:
    return NOTHING if value is None else f"{number(value)}%"


def names(values: list[str], most: int = 2) -> str:
    """The first names, and how many more there are."""
    if not values:
        return NOTHING
    shown = "、".join(values[:most])
    return f"{shown} 等 {len(values)} 家" if len(values) > most else shown


def hours(minutes: int | None) -> str:
    """Minutes of service as people say them: 45 分钟, 2 小时, 1 小时 30 分."""
    if minutes is None:
        return NOTHING
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{rest} 分钟"
    return f"{whole:,} 小时 {rest} 分" if rest else f"{whole:,} 小时"


def file_size(octets: int) -> str:
    return f"{octets / 1024:,.0f} KB" if octets < 1024 * 1024 else f"{octets / 1024 / 1024:,.1f} MB"


def qr(address: str) -> Markup:
    """The address as a QR code: inline SVG without any style attribute."""
    code = segno.make(address, error="m", micro=False)
    # The code is made of numbers and fixed words only; the address itself is not part of the text.
    return Markup(code.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None))


def words(term: type[Term]) -> list[tuple[str, str]]:
    """Every member with its word, as a select offers them."""
    return [(member.value, member.label) for member in term]


def pairs(left: Iterable[Any], right: Iterable[Any]) -> list[tuple[Any, Any]]:
    return list(zip(left, right, strict=True))


def _local(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(LOCAL)


FILTERS: dict[str, Callable[..., Any]] = {
    "date": day,
    "datetime": local_datetime,
    "dot": dot,
    "file_size": file_size,
    "hours": hours,
    "label": label,
    "moment": moment,
    "names": names,
    "number": number,
    "percent": percent,
    "qr": qr,
    "short_date": short_day,
    "words": words,
    "big_yuan": big_yuan,
    "yuan": yuan,
    "zip": pairs,
}
