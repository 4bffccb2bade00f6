"""Which runs make which figures. Each section measures its parts in turns, round after round."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console

from gateway.jobs.table_file import MOST_ROWS
from tests.bench import ping, pong
from tests.bench.claiming import WON, Claiming
from tests.bench.claims_city import UNITS, ClaimsCity
from tests.bench.control import BenchFailed, Process
from tests.bench.figures import MIB, MILLISECONDS, RATE, SECONDS, SHARE, Figures
from tests.bench.ground import Ground, bounded_seconds
from tests.bench.items import SLOTS
from tests.bench.long_file import LongFile
from tests.bench.long_list import ITEMS, LongList
from tests.bench.memory import memory_of
from tests.bench.messages import NOTE
from tests.bench.profiling import Profile, profiled
from tests.bench.rally import Rally

Load = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """`runs` rounds of every section, fewer when its time (`limits`, in seconds) is over first."""

    runs: int
    seconds: float
    events: int
    relayed: int
    pages: int
    limits: Mapping[str, float]


FULL = Plan(
    runs=5, seconds=3.0, events=3000, relayed=20_000, pages=100, limits={"rpc": 70, "b": 110, "a": 130}
)
QUICK = Plan(runs=2, seconds=1.0, events=600, relayed=5000, pages=20, limits={"rpc": 15, "b": 25, "a": 25})
PROFILE_SECONDS = 6.0
# With so few units for an item, most claims win; with all units of the city (`UNITS`), most are refused.
FEW_RIVALS = 5


@dataclass
class Bench:
    ground: Ground
    plan: Plan
    figures: Figures
    console: Console
    with_profiles: bool
    profiles: dict[str, Profile]

    def rounds(self, section: str) -> Iterator[int]:
        until = time.monotonic() + self.plan.limits[section]
        longest = 0.0
        for number in range(self.plan.runs):
            began = time.monotonic()
            if number and began + longest > until:
                self.figures.notes.append(f"{section}：时间到，只测了 {number} 轮。")
                return
            yield number
            longest = max(longest, time.monotonic() - began)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        began = time.monotonic()
        with self.console.status(f"{doing} …"):
            yield
        self.console.print(f"✓ {doing}（{time.monotonic() - began:.1f} 秒）")

    def profile(self, name: str, watched: Mapping[str, Process], act: Callable[[], Any]) -> None:
        with self.step(f"观察 {name}"):
            found = profiled(watched, PROFILE_SECONDS, self.ground.root / "log", act)
        self.profiles |= {f"{name}：{process}": profile for process, profile in found.items()}

    def measure(self, key: str, label: str, act: Callable[[], Load], **watched: Process) -> Load:
        """One run of one figure: a rate, and what each time cost."""
        load, cpu = self.metered(watched, act)
        self.figures.add(key, label, RATE, load["rate"], cpu=cpu)
        return load

    def metered(
        self, watched: Mapping[str, Process], act: Callable[[], Load]
    ) -> tuple[Load, dict[str, float]]:
        """The load, and what one request of it cost each process: CPU milliseconds."""
        before = self._spent(watched)
        load = act()
        spent = {name: seconds - before[name] for name, seconds in self._spent(watched).items()}
        return load, {name: 1000 * seconds / max(1, load["count"]) for name, seconds in spent.items()}

    def _spent(self, watched: Mapping[str, Process]) -> dict[str, float]:
        own = {name: process.cpu_seconds() for name, process in watched.items()}
        return {**own, **self.ground.cpu_of_servers()}


def measure_calls(bench: Bench) -> None:
    """f2 and f3: the same echo over nameko's own RPC and over ours."""
    ground, seconds = bench.ground, bench.plan.seconds
    with bench.step("启动回声服务"):
        ground.database("echo")
        stock = {"服务": ground.green("stock_service"), "调用方": ground.green("stock_client")}
        ours = {"服务": ground.green("echo_service"), "调用方": ground.green("echo_client")}
        wait_for_all(*stock.values(), *ours.values())

    def echo(pair: Mapping[str, Process], at_once: int, seconds: float) -> Load:
        within = bounded_seconds(seconds)
        load: Load = pair["调用方"].ask("echo", seconds=seconds, at_once=at_once, within=within)
        return load

    for pair in (stock, ours):
        echo(pair, 10, 0.5)
    with bench.step("调用：f2、f3"):
        for _ in bench.rounds("rpc"):
            for at_once in (10, 50):
                for key, label, pair in (("f2", "f2 nameko 原样 RPC", stock), ("f3", "f3 本平台 RPC", ours)):
                    load, cpu = bench.metered(pair, partial(echo, pair, at_once, seconds))
                    bench.figures.add(
                        f"rpc.{key}@{at_once}", f"{label} c={at_once}", RATE, load["rate"], cpu=cpu
                    )
    for at_once in (10, 50):
        bench.figures.aim(f"rpc.f3@{at_once}", 2.5, f"rpc.f2@{at_once}")
    if bench.with_profiles:
        bench.profile("f3 本平台 RPC", ours, lambda: echo(ours, 50, PROFILE_SECONDS + 2))
    ground.stop(*stock.values(), *ours.values())


def measure_events(bench: Bench) -> None:
    """f1 (small), f4, the relay alone, and commit to effect."""
    ground, plan = bench.ground, bench.plan
    seconds, within = plan.seconds, bounded_seconds(plan.seconds)
    with bench.step("启动事件服务"):
        prepare_floor(ground)
        ground.database("stock")
        ground.database("ping", ping.TABLE)
        ground.database("pong", pong.TABLE)
        database, broker = ground.plain("database_floor"), ground.plain("broker_floor")
        relay = ground.green("relaying")
        ends = {"ping": ground.green("ping"), "pong": ground.green("pong")}
        wait_for_all(database, broker, relay, *ends.values())
    rally = Rally(ground, **ends)
    figures = bench.figures

    def round_of_events(count: int) -> None:
        for at_once in (1, 10):
            bench.measure(
                f"b.f1@{at_once}",
                f"f1 小事务（收件+生效） {at_once} 个连接",
                partial(database.ask, "small", seconds=seconds, at_once=at_once, within=within),
                client=database,
            )
        sent = bench.measure(
            "b.f4p",
            "f4 逐条发布并确认",
            partial(broker.ask, "publish", seconds=seconds, within=within),
            client=broker,
        )
        bench.measure(
            "b.f4c",
            "f4 消费并确认",
            partial(broker.ask, "consume", count=sent["count"], within=60),
            client=broker,
        )
        load = relay.ask("relay", rows=plan.relayed, within=90)
        figures.add("b.relay", f"中继，发件箱 {plan.relayed:,} 行", RATE, load["rate"])
        load, cpu = bench.metered(ends, lambda: rally.at_full_speed(count))
        figures.add("b.commits", "提交（ping，其间）", RATE, load["commit_rate"])
        figures.add("b.effects", "提交到生效（ping → pong）", RATE, load["rate"], cpu=cpu)
        waits = rally.steadily(load["rate"] / 2, seconds)
        figures.add("b.p50", "半载延迟 p50", MILLISECONDS, waits["p50"])
        figures.add("b.p99", "半载延迟 p99", MILLISECONDS, waits["p99"])

    rally.at_full_speed(200)
    with bench.step("事件：f1、f4、中继、提交到生效"):
        for _ in bench.rounds("b"):
            round_of_events(plan.events)
    figures.notes.append("提交到生效与延迟：两端都取 PostgreSQL 记下的提交时刻。")
    figures.aim("b.relay", 8000)
    figures.aim("b.effects", 0.5, "b.f1@10", "b.f4p", "b.f4c")
    figures.aim("b.p50", 30, is_upper=True)
    figures.aim("b.p99", 250, is_upper=True)
    if bench.with_profiles:
        count = int(figures.by_key["b.effects"].median * (PROFILE_SECONDS + 1))
        bench.profile("提交到生效", ends, lambda: rally.at_full_speed(count))
    ground.stop(database, broker, relay, *ends.values())


def start_city(bench: Bench) -> ClaimsCity:
    with bench.step("启动平台"):
        city = ClaimsCity(bench.ground)
        city.start()
        city.settle()
        city.calm_down()
    return city


def measure_memory(bench: Bench, city: ClaimsCity) -> None:
    """Idle, soon after the start. What PostgreSQL's processes share counts again and again in its RSS."""
    broker, postgres = bench.ground.stack.rabbitmq, bench.ground.postgres_pids()
    assert broker is not None
    of_servers = {"rabbitmq": [broker.pid or 0], "postgres": postgres}
    pids = {name: [process.pid] for name, process in city.processes.items()} | of_servers
    for name, each in pids.items():
        memory = memory_of(*each)
        bench.figures.add(f"memory.{name}.rss", f"{name} RSS", MIB, memory.rss)
        bench.figures.add(f"memory.{name}.pss", f"{name} PSS", MIB, memory.pss)


def measure_claims(bench: Bench, city: ClaimsCity) -> None:
    """f1 (claim), f5, and claim or refuse through the whole platform."""
    ground, seconds, figures = bench.ground, bench.plan.seconds, bench.figures
    within = bounded_seconds(seconds)
    with bench.step("启动对照进程"):
        prepare_floor(ground)
        ground.database("echo")
        ground.database("door")
        database, http = ground.plain("database_floor"), ground.plain("http_load")
        echo, door = ground.green("echo_service"), ground.green("door")
        wait_for_all(database, http, echo, door)
    door_port = int(ground.environment["GONGZHI_BENCH_PORT"])
    races = {
        "race": ("抢领", Claiming(city, http, rivals=UNITS)),
        "claims": ("认领", Claiming(city, http, rivals=FEW_RIVALS)),
    }
    through_door = {"网关": door, "服务": echo, "客户端": http}
    through_platform = {"网关": city.processes["gateway"], "服务": city.processes["claims"], "客户端": http}

    def bare(at_once: int, seconds: float) -> Load:
        load: Load = http.ask(
            "again_and_again",
            port=door_port,
            path="/echo",
            body=json.dumps(NOTE),
            seconds=seconds,
            at_once=at_once,
            within=bounded_seconds(seconds),
        )
        if set(load["statuses"]) != {"200"}:
            raise BenchFailed(f"回声的应答是 {load['statuses']}")
        return load

    def round_of_claims() -> None:
        for at_once in (1, 10):
            database.ask("prepare_claims", items=int(1000 + 2000 * seconds), within=60)
            bench.measure(
                f"a.f1@{at_once}",
                f"f1 认领事务 {at_once} 个连接",
                partial(database.ask, "claim", seconds=seconds, at_once=at_once, within=within),
                client=database,
            )
        for at_once in (10, 50):
            echoed, cpu = bench.metered(through_door, partial(bare, at_once, seconds))
            _add(figures, f"a.f5@{at_once}", f"f5 裸 HTTP→RPC 回声 c={at_once}", echoed, cpu)
            # Both floors share the same processors, so their times add up.
            both = 1 / (1 / echoed["rate"] + 1 / figures.by_key["a.f1@10"].values[-1])
            for key, (word, claiming) in races.items():
                claims = claiming.prepared(seconds)
                load, cpu = bench.metered(through_platform, partial(claiming.fire, claims, at_once, seconds))
                city.calm_down()
                label = f"(a) {word}，每项 {claiming.rivals} 家争 {SLOTS} 个名额 c={at_once}"
                _add(figures, f"a.{key}@{at_once}", label, load, cpu)
                share = 100 * load["statuses"].get(WON, 0) / max(1, load["count"])
                figures.add(f"a.{key}.won@{at_once}", "　其中认领成功", SHARE, share)
                reached = 100 * load["rate"] / both
                figures.add(f"a.{key}.both@{at_once}", "　达到 f1 与 f5 相加之下限的", SHARE, reached)

    bare(10, 0.5)
    for _, claiming in races.values():
        claiming.warm_up()
    with bench.step("认领：f1、f5、(a)"):
        for _ in bench.rounds("a"):
            round_of_claims()
    city.check(sum(claiming.won for _, claiming in races.values()))
    figures.notes.append(
        "f1 认领事务：从 claims 服务录下的全部语句，次次成功；f5：网关的服务器和入口，后面只有回声。"
    )
    for key in races:
        for at_once in (10, 50):
            figures.aim(f"a.{key}@{at_once}", 0.5, f"a.f5@{at_once}")
    if bench.with_profiles:
        watched = {name: city.processes[name] for name in ("gateway", "claims")}
        for word, claiming in races.values():
            claims = claiming.prepared(PROFILE_SECONDS + 2)
            fire = partial(claiming.fire, claims, 50, PROFILE_SECONDS + 2)
            bench.profile(f"(a) {word}", watched, fire)
    ground.stop(database, http, echo, door)


def measure_lists(bench: Bench, city: ClaimsCity) -> None:
    """A page of a list of 100,000 items, filter by filter, and whether the service's memory grows with them."""
    figures, times = bench.figures, bench.plan.pages
    with bench.step(f"写入 {ITEMS:,} 个事项"):
        lists = LongList(city)
        city.calm_down()
    for wanted in lists.filters.values():
        lists.take(wanted, 3)
    claims = city.processes["claims"]
    before = memory_of(claims.pid).rss
    with bench.step(f"清单：{len(lists.filters)} 种条件各 {times} 次"):
        for name, wanted in lists.filters.items():
            p50, p95 = lists.p95(wanted, times)
            figures.add(f"lists.{name}.p50", f"清单 {ITEMS:,} 项，{name} p50", MILLISECONDS, p50)
            figures.add(f"lists.{name}.p95", "　p95", MILLISECONDS, p95)
            figures.aim(f"lists.{name}.p95", 100, is_upper=True)
    figures.add("lists.grown", "claims 内存增加", MIB, memory_of(claims.pid).rss - before)
    figures.aim("lists.grown", 5, is_upper=True)
    file = LongFile(city)
    with bench.step(f"预览 {MOST_ROWS:,} 行的 Excel 文件（{len(file.content) / 1024:,.0f} KiB）"):
        for _ in range(bench.plan.runs):
            figures.add("lists.preview", f"预览 {MOST_ROWS:,} 行", SECONDS, file.seconds())
    figures.aim("lists.preview", 5, is_upper=True)


def prepare_floor(ground: Ground) -> None:
    """A database with the tables of claims and the effect table of pong, and no service on it."""
    ground.migrated_database("floor", like="claims")
    with ground.connected("floor") as connection:
        connection.cursor().execute(pong.TABLE)


def wait_for_all(*started: Process) -> None:
    for process in started:
        process.wait_until_ready()


def _add(figures: Figures, key: str, label: str, load: Load, cpu: dict[str, float]) -> None:
    figures.add(key, label, RATE, load["rate"], cpu=cpu)
    for name in ("p50", "p99"):
        figures.add(f"{key}.{name}", f"　延迟 {name}", MILLISECONDS, load[name])
