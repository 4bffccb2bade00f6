"""What else goes on in the sample city: needs, funds, the task gate, volunteers and their shifts. All made up."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.contracts.claims.admission_terms import BurdenKind, Frequency, GateList, TaskKind
from services.contracts.claims.fund_terms import FundSource
from services.contracts.claims.need_terms import NeedPriority
from services.contracts.claims.terms import Category, ServiceClass
from services.contracts.claims.volunteer_terms import Skill


@dataclass(frozen=True, kw_only=True)
class Need:
    """Without a class it still waits for triage; with a `reply` it is answered."""

    community_name: str
    title: str
    description: str
    place: str = ""
    service_class: ServiceClass | None = None
    category: Category | None = None
    priority: NeedPriority = NeedPriority.NORMAL
    reply: str = ""


NEEDS = (
    Need(
        community_name="海兰社区",
        title="3 号楼门口路灯不亮",
        description="3 号楼二单元门口的路灯坏了一周，晚上老人出门看不清台阶。",
        place="海兰小区 3 号楼",
    ),
    Need(
        community_name="海兰社区",
        title="希望延长活动室开放时间",
        description="活动室下午四点半关门，放学后的孩子没有地方去，希望开到晚上七点。",
        place="社区活动室",
        service_class=ServiceClass.CONVENIENCE,
        category=Category.CULTURE,
    ),
    Need(
        community_name="海兰社区",
        title="独居老人冬季上门送餐",
        description="楼里有六位独居老人，雪天下楼买菜不便，希望有人送餐。",
        service_class=ServiceClass.WELFARE,
        category=Category.WELFARE,
        priority=NeedPriority.PREFERRED,
    ),
    Need(
        community_name="海兰社区",
        title="楼道堆放杂物",
        description="5 号楼一单元楼道堆满旧家具，消防通道不畅。",
        place="海兰小区 5 号楼",
        service_class=ServiceClass.CONVENIENCE,
        category=Category.PROPERTY,
        priority=NeedPriority.URGENT,
        reply="物业已于当日清走旧家具，社区每周查看一次，如再堆放请随时反映。",
    ),
    Need(
        community_name="花园社区",
        title="公交站台积雪结冰",
        description="花园街公交站台前的雪压成了冰，上下车容易滑倒。",
        place="花园街公交站",
    ),
    Need(
        community_name="花园社区",
        title="申请安装电动车充电桩",
        description="小区没有充电桩，居民从楼上拉线充电，存在隐患。",
        service_class=ServiceClass.CONVENIENCE,
        category=Category.FACILITIES,
    ),
    Need(
        community_name="西兴社区",
        title="围墙外垃圾箱满溢",
        description="垃圾箱两天没有清运，风一吹到处都是。",
        place="西兴路 12 号墙外",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Fund:
    """Money in fen; a fund without a community is the whole city's and has paid nothing yet."""

    fund_name: str
    source: FundSource
    purpose: str
    payer_name: str
    received_fen: int
    community_name: str = ""
    paid: tuple[tuple[str, str, int], ...] = ()


FUNDS = (
    Fund(
        fund_name="社区建设专项资金",
        source=FundSource.PROVINCE_CITY,
        purpose="社区基础设施维修和活动场所建设",
        payer_name="黑河市财政局",
        received_fen=75_000_000,
    ),
    Fund(
        fund_name="社区工作经费",
        source=FundSource.COUNTY,
        purpose="社区日常工作和居民服务",
        payer_name="爱辉区财政局",
        received_fen=1_373_000_000,
    ),
    Fund(
        fund_name="海兰社区惠民资金",
        source=FundSource.COUNTY,
        purpose="海兰社区小修小补和为老服务",
        payer_name="爱辉区财政局",
        received_fen=3_000_000,
        community_name="海兰社区",
        paid=(
            ("海兰水暖维修部（样例）", "3 号楼单元门修理", 186_000),
            ("爱辉区配餐中心（样例）", "独居老人冬至送餐", 420_000),
        ),
    ),
)

GATE_ENTRIES = (
    (GateList.DUTY, "召集居民会议", "城市居民委员会组织法"),
    (GateList.DUTY, "居务公开", "城市居民委员会组织法"),
    (GateList.ASSIST, "协助养老服务", "社区工作事项准入清单（样例）"),
    (GateList.ASSIST, "协助办理社会救助", "社区工作事项准入清单（样例）"),
    (GateList.NEGATIVE, "安装各类应用程序排名", "整治形式主义为基层减负若干规定"),
    (GateList.NEGATIVE, "协助招商引资", "整治形式主义为基层减负若干规定"),
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A department's application; `from_in_days` leaves the departments' notice period."""

    department: str
    task_title: str
    kind: TaskKind
    legal_basis: str
    frequency: Frequency
    from_in_days: int
    is_admitted: bool | None = None
    forms: int = 0


TASKS = (
    Task(
        department="爱辉区卫生健康局",
        task_title="老年人健康体检通知",
        kind=TaskKind.TASK,
        legal_basis="国家基本公共卫生服务规范",
        frequency=Frequency.YEARLY,
        from_in_days=75,
        is_admitted=True,
    ),
    Task(
        department="爱辉区市场监督管理局",
        task_title="小餐饮摸底登记",
        kind=TaskKind.FORM,
        legal_basis="年度工作安排",
        frequency=Frequency.MONTHLY,
        from_in_days=80,
        is_admitted=False,
        forms=3,
    ),
    Task(
        department="爱辉区文体广电和旅游局",
        task_title="冬季群众文化活动组织",
        kind=TaskKind.TASK,
        legal_basis="公共文化服务保障法",
        frequency=Frequency.QUARTERLY,
        from_in_days=90,
    ),
)
OFFICES = ("市民政局", "市司法局", "市财政局")

BURDENS = (
    ("爱辉区市场监督管理局", "小餐饮摸底登记表", BurdenKind.FORM, 3),
    ("爱辉区应急管理局", "冬季消防安全检查", BurdenKind.INSPECTION, 1),
    ("爱辉区文体广电和旅游局", "文化活动部署会", BurdenKind.MEETING, 2),
)
PROOFS = (
    ("居民婚姻状况证明", "某银行支行", "办理贷款"),
    ("社区居住情况说明", "爱辉区第七小学校", "办理入学"),
)

VOLUNTEERS = (
    ("宋雪梅", (Skill.ELDERLY_CARE, Skill.MEDICAL)),
    ("高铁军", (Skill.SNOW_CLEARING, Skill.REPAIR)),
    ("娜塔莎·李", (Skill.TRANSLATION, Skill.ARTS)),
    ("崔玉兰", (Skill.ELDERLY_CARE,)),
    ("冯志远", (Skill.LEGAL, Skill.TUTORING)),
    ("白冬青", (Skill.SNOW_CLEARING, Skill.TRAFFIC)),
)
# title, place, slots, days from today, whether insurance is needed, who enrols (places in VOLUNTEERS)
SHIFTS = (
    ("周末清雪：二道街人行道", "海兰二道街", 2, 4, True, (1, 5)),
    ("陪独居老人包饺子", "海兰社区活动室", 2, 6, False, (0, 3, 2)),
)


def insured_until(today: date) -> date:
    return today + timedelta(days=300)
