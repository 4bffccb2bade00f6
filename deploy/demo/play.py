"""Story 1 on a running platform, through its public API, told step by step in Chinese."""

import random
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.panel import Panel
from rich.table import Column, Table

from deploy.demo import story
from deploy.demo.acts import View, answer_poll, import_claim_list, poll_of, preview_claim_list
from deploy.demo.client import Client, Refused, wait_for
from deploy.demo.load import CITY_ADMIN, CITY_ASSESSOR
from deploy.demo.robot import Robot
from services.chassis.clock import LOCAL, utc_now
from services.contracts.claims.terms import ItemStatus, RowOutcome, ScoreGrade
from services.contracts.consultation.terms import Satisfaction

FILE = "海兰社区认领清单.xlsx"
BARS = {grade.value: grade.label for grade in Satisfaction}


class Story:
    """From an Excel list with mistakes to a commendation that the WeCom group reads."""

    def __init__(
        self, base_url: str, passwords: Mapping[str, str], *, wecom_url: str, console: Console
    ) -> None:
        visitor = Client(base_url)
        self._public = visitor
        self._sign_in: Callable[[str], Client] = lambda name: visitor.signed_in(name, passwords[name])
        self._wecom_url = wecom_url
        self._console = console
        self._step = 0
        self._now = utc_now().astimezone(LOCAL)

    def play(self) -> None:
        self._admin, self._assessor = self._sign_in(CITY_ADMIN), self._sign_in(CITY_ASSESSOR)
        self._manager = self._sign_in(story.MANAGER)
        self._rivals = [self._sign_in(name) for name in story.RIVALS]
        communities = self._public.get("/communities")["items"]
        self._community = next(one for one in communities if one["community_name"] == story.COMMUNITY)
        with ExitStack() as stack:
            robot = self._group_robot(stack)
            self._take_in_the_list()
            self._publish()
            self._race()
            self._work()
            self._ask_residents()
            self._score()
            self._commend()
            self._tell(robot)
        self._look_back()

    def _group_robot(self, stack: ExitStack) -> Robot | None:
        """The stand-in listens where the platform believes the WeCom service to be, if that is this machine."""
        address = urlsplit(self._wecom_url)
        if address.hostname not in {"127.0.0.1", "localhost"} or address.port is None:
            return None
        try:
            robot = stack.enter_context(Robot(address.port))
        except OSError:
            self._say(f"[yellow]端口 {address.port} 已被占用，本次不演示企业微信消息。[/]")
            return None
        wanted = {
            "channel": "wecom",
            "address": f"demo-{secrets.token_hex(12)}",
            "label": "海兰社区居民群（演示）",
            "community_id": self._community["community_id"],
        }
        subscribed = self._manager.post("/subscriptions", wanted)
        stack.callback(self._manager.delete, f"/subscriptions/{subscribed['subscription_id']}")
        return robot

    def _take_in_the_list(self) -> None:
        files = story.story_files(self._now)
        self._begin("民政局把 Excel 清单交给平台，平台先指出错误，什么都不改动")
        read = preview_claim_list(self._admin, FILE, files.with_errors)
        table = _table("Excel 行", "事项", "问题", title=f"{FILE}：{read['preview']['wrong']} 行有错误")
        for row in read["preview"]["rows"]:
            if row["outcome"] == RowOutcome.WRONG:
                table.add_row(str(row["row_number"]), row["title"], "\n".join(row["errors"]))
        self._console.print(table)

        self._begin("改正后重新上传：预览无误，一次导入")
        read = preview_claim_list(self._admin, FILE, files.good)
        self._say(f"新增 {read['preview']['new']} 行，有错误 {read['preview']['wrong']} 行。")
        self._list = import_claim_list(self._admin, FILE, files.good, title=story.LIST_TITLE)
        self._say(f"已导入《{self._list['title']}》，{self._list['item_count']} 个事项，都是草稿。")

    def _publish(self) -> None:
        self._begin("社区党组织研究后，书记发布清单")
        today = self._now.date()
        body = {"party_study_on": str(today), "claim_until_on": str(today + timedelta(days=10))}
        done = self._manager.post(f"/claim-lists/{self._list['claim_list_id']}/publication", body)
        items = list(self._manager.each("/items", claim_list_id=self._list["claim_list_id"]))
        for item in items:
            self._say(f"{item['code']} {item['title']}：{_label(ItemStatus, item['status'])}")
        self._say(f"共发布 {done['published']} 项，驻地单位现在可以认领。")
        self._item = next(item for item in items if item["title"] == story.SNOW)

    def _race(self) -> None:
        self._begin("两个驻地单位同时认领同一事项，只有一个能成")
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(self._try_to_claim, self._rivals))
        for unit, won, lost in zip(self._rivals, outcomes, reversed(outcomes), strict=True):
            if isinstance(won, dict) and isinstance(lost, Refused):
                self._winner, self._item = unit, won
                self._say(f"[green]成功[/]：{won['unit_names'][0]}")
                self._say(f"[red]拒绝[/]（HTTP {lost.status}）：{lost}")

    def _try_to_claim(self, unit: Client) -> View | Refused:
        unit_id = unit.get("/session")["user"]["unit_id"]
        try:
            claimed: View = unit.post(f"/items/{self._item['item_id']}/claims", {"unit_id": unit_id})
        except Refused as refusal:
            return refusal
        return claimed

    def _work(self) -> None:
        self._begin("签约、施工、提交；缺照片，退回一次，再提交，核验通过")
        self._on_claim(self._manager, "confirmation", {"agreement": "共建协议（演示）"})
        self._on_claim(self._winner, "milestones", {"milestone_title": "清运 3 处", "percent": 50})
        self._on_claim(self._winner, "submission", {"summary": "6 处雪堆已全部外运。"})
        self._on_claim(self._manager, "return", {"reason": "请补充第 5、6 处清运后的照片。"})
        self._say(f"退回后状态：{_label(ItemStatus, self._item['status'])}")
        self._on_claim(self._winner, "milestones", {"milestone_title": "补拍照片，路面复清", "percent": 100})
        self._on_claim(self._winner, "submission", {"summary": "6 处雪堆已全部外运，照片齐全。"})
        self._on_claim(self._manager, "verification", {"note": "现场核验属实。"})
        self._say(f"核验后状态：{_label(ItemStatus, self._item['status'])}")

    def _on_claim(self, who: Client, act: str, body: View) -> None:
        claim = self._item["claims"][0]
        self._item = who.post(f"/items/{self._item['item_id']}/claims/{claim['claim_id']}/{act}", body)

    def _ask_residents(self) -> None:
        self._begin("民意测验自动开启：随机抽取受益居民，凭专属链接作答")
        poll = poll_of(self._manager, self._item["item_id"])
        self._say(
            f"抽取 {poll['sampled']} 人，至少 {poll['least_sample']} 人作答才有效；承办单位职工不在其中。"
        )
        self._say(f"抽样种子（可复核）：{poll['seed'][:32]}…")
        answers = poll["least_sample"] + 9
        given = answer_poll(self._manager, poll, answers=answers, chance=random.Random(secrets.randbits(32)))
        self._say(f"{given} 位居民已作答。")
        self._answer_again(poll)
        closed = self._manager.post(f"/polls/{poll['poll_id']}/closing")
        table = _table("评价", "人数", "", title="结束后才公布结果")
        for grade, label in BARS.items():
            count = closed["counts"][grade]
            table.add_row(label, str(count), "█" * count)
        self._console.print(table)
        self._say(f"满意率 {closed['satisfaction_percent']}%，得分 {closed['score']}。")

    def _answer_again(self, poll: View) -> None:
        link = self._manager.get(f"/polls/{poll['poll_id']}/invitations")["items"][0]
        try:
            self._public.post(f"/ballots/{link['token']}/answer", {"satisfaction": "very_satisfied"})
        except Refused as refusal:
            self._say(f"{link['resident_name']} 再答一次：[red]拒绝[/]（HTTP {refusal.status}）：{refusal}")

    def _score(self) -> None:
        self._begin("考核专员打分，平台按规则合成总分")
        body = {"score": "92.50", "comment": "清运及时，路面无残冰。"}
        self._assessor.post(f"/items/{self._item['item_id']}/assessment", body)
        self._item = wait_for(lambda: self._item_in(ItemStatus.SCORED), "评分")
        for line in self._item["score"]["explanation"]:
            self._say(line)
        total, grade = self._item["score"]["total"], self._item["score"]["grade"]
        self._say(f"总分 [bold]{total}[/]，等级 [bold]{_label(ScoreGrade, grade)}[/]。")

    def _item_in(self, status: ItemStatus) -> View | None:
        item: View = self._manager.get(f"/items/{self._item['item_id']}")
        return item if item["status"] == status else None

    def _commend(self) -> None:
        self._begin("通报表扬，并在公示栏公示")
        body = {"reason": "行动迅速，居民满意度高。"}
        try:
            self._item = self._manager.post(f"/items/{self._item['item_id']}/commendation", body)
        except Refused as refusal:
            self._say(f"[yellow]这次没有达到表扬条件[/]：{refusal}")
            return
        self._say(f"异议期至 {self._item['commendation']['objection_until_on']}。")
        wait_for(lambda: self._notices("item_commended"), "表扬公示")
        for notice in self._notices():
            self._say(f"公示栏（无需登录）：{notice['title']}")

    def _notices(self, kind: str | None = None) -> list[View]:
        found = self._public.get("/notices", item_id=self._item["item_id"])["items"]
        return [one for one in found if kind in (None, one["kind"])]

    def _tell(self, robot: Robot | None) -> None:
        if robot is None:
            return
        self._begin("居民群收到企业微信消息，每条恰好一次")
        expected = wait_for(self._all_sent, "企业微信消息")
        for text in robot.texts:
            self._console.print(Panel(text, width=76))
        self._say(f"平台记录已送达 {expected} 条，机器人收到 {len(robot.texts)} 条。")

    def _all_sent(self) -> int | None:
        deliveries = self._manager.each("/deliveries", item_id=self._item["item_id"])
        sent = [one for one in deliveries if one["channel"] == "wecom"]
        return len(sent) if sent and all(one["status"] == "sent" for one in sent) else None

    def _look_back(self) -> None:
        self._begin("事项页上的全过程")
        item = self._manager.get(f"/items/{self._item['item_id']}")
        table = _table("时间", "谁", "做了什么")
        for entry in item["history"]:
            table.add_row(_moment(entry["at"]), entry["actor_name"], entry["summary"] or entry["act"])
        self._console.print(table)

    def _begin(self, title: str) -> None:
        self._step += 1
        self._console.print()
        self._console.rule(f"[bold]{self._step}. {title}", align="left")

    def _say(self, line: str) -> None:
        self._console.print(f"  {line}", highlight=False)


def _table(*columns: str, title: str | None = None) -> Table:
    """Chinese text has no spaces to break at, so it is folded instead of cut."""
    return Table(*(Column(header, overflow="fold") for header in columns), title=title)


def _label(vocabulary: Any, value: str) -> str:
    return str(vocabulary(value).label)


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(LOCAL):%H:%M:%S}"
