"""The joint-building agreement as Word: its layout, its words, and templates that a city brings."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from gateway.jobs import agreement, agreement_template
from gateway.jobs.outcome import FileRefused
from gateway.jobs.worker import Worker
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.claims.agreement_terms import PLACEHOLDERS
from tests.gateway.alliance_world import World
from tests.gateway.browsing import Person
from tests.gateway.browsing import words as words_at

CLAIM = {
    **dict.fromkeys(PLACEHOLDERS, ""),
    "community_name": "花园社区",
    "unit_name": "黑河<供电>&公司",
    "uscc": "912311020000000000",
    "item_title": "冬季清雪",
    "item_code": "RL-2026-0001",
    "quantity": "3 处",
    "due_on": "2026年12月8日",
    "supporting_units": "市中医院",
}


def template_of(*paragraphs: str) -> bytes:
    document, made = docx.Document(), io.BytesIO()
    for words in paragraphs:
        document.add_paragraph(words)
    document.save(made)
    return made.getvalue()


def written(content: bytes = b"", values: dict[str, str] | None = None) -> Any:
    made = agreement.write(content, {"file_name": "协议书.docx", "values": values or CLAIM}, lambda _: None)
    return docx.Document(io.BytesIO(made.content))


def words_of(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def checked(content: bytes) -> Any:
    return agreement.check(content, {"file_name": "模板.docx"}, lambda _: None)


def test_a_claims_agreement_names_unit_community_and_item_and_keeps_no_placeholder() -> None:
    words = words_of(written())

    for said in (
        "共驻共建协议书",
        "花园社区",
        "黑河<供电>&公司",
        "冬季清雪",
        "3 处",
        "2026年12月8日",
        "市中医院",
    ):
        assert said in words
    for left in ("{{", "{%", "加入党建联盟"):
        assert left not in words


def test_a_membership_agreement_is_about_the_alliance_and_no_item() -> None:
    words = words_of(
        written(values=CLAIM | {"item_title": "", "joined_on": "2026年1月5日", "functions": "社区文化"})
    )

    assert "2026年1月5日 加入党建联盟" in words
    assert "认领事项" not in words
    assert "{{" not in words


def test_it_is_laid_out_as_official_documents_are() -> None:
    document = docx.Document(io.BytesIO(agreement_template.build()))

    page, style = document.sections[0], document.styles["Normal"]
    sides = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    for side, millimetres in zip(sides, (37, 35, 28, 26), strict=True):
        assert side is not None
        assert abs(side - Mm(millimetres)) < Mm(0.1)
    fonts = style.element.rPr
    assert fonts.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert fonts.find(qn("w:lang")).get(qn("w:eastAsia")) == "zh-CN"
    title = document.paragraphs[0].runs[0]
    assert title._element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"


def test_the_platforms_own_template_passes_its_own_check() -> None:
    assert checked(agreement_template.build()).content == agreement_template.build()


def test_a_citys_own_template_is_written_with_the_same_words() -> None:
    own = template_of("{{ unit_name }}与{{ community_name }}")

    assert checked(own).content == own
    assert words_of(written(own)) == "黑河<供电>&公司与花园社区"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (template_of("{{ unit_nmae }}"), "不认识的占位符：{{ unit_nmae }}"),
        (template_of("{{ unit_name"), "写法有误"),
        (template_of("{{ unit_name.__class__.__mro__ }}"), "模板不能使用"),
        (template_of("{% for i in range(999999999) %}x{% endfor %}"), "模板不能使用"),
        (b"no document", "不是 Word 文档"),
    ],
    ids=["unknown", "unclosed", "sandbox", "endless", "broken"],
)
def test_a_template_that_cannot_be_used_says_why(template: bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=said.replace("{", r"\{")):
        checked(template)


def test_a_template_with_macros_is_refused() -> None:
    made = io.BytesIO(template_of("{{ unit_name }}"))
    with zipfile.ZipFile(made, "a") as package:
        package.writestr("word/vbaProject.bin", b"macro")

    with pytest.raises(FileRefused, match="宏"):
        checked(made.getvalue())


# ---- at the pages ---------------------------------------------------------------------------


@pytest.fixture
def world(settings: Config, service_db: Callable[[str], Database]) -> World:
    return World(settings, service_db)


def made_by(working: Worker, person: Person, address: str) -> bytes:
    """The file of the job at that address, once it is done."""
    for _ in range(200):
        if "下载" in words_at(person.page(address)):
            return bytes(person.read(f"{address}/file").data)
        time.sleep(0.1)
    raise AssertionError(words_at(person.page(address)))


def test_a_liaison_downloads_the_agreement_of_its_unit_as_word(world: World, working: Worker) -> None:
    liaison, unit = world.person("liaison"), f"/units/{world.unit_id}"

    started = liaison.send(unit, f"{unit}/agreement")

    made = made_by(working, liaison, started.location)
    assert "黑河供电公司" in words_of(docx.Document(io.BytesIO(made)))
    neighbour = world.person("neighbour")
    assert "生成协议书" not in neighbour.page(unit)


def test_the_city_checks_and_adopts_its_own_template_and_agreements_follow_it(
    world: World, working: Worker
) -> None:
    city, liaison = world.person("city"), world.person("liaison")
    page = "/agreement-template"
    own = template_of("本市专用：{{ unit_name }}")
    assert city.read(f"{page}/file").data[:2] == b"PK"

    checked = city.send(page, page, file=(io.BytesIO(own), "本市.docx"))
    for _ in range(200):
        if "采用这个模板" in city.page(checked.location):
            break
        time.sleep(0.1)
    adopted = city.send(checked.location, checked.location)
    assert adopted.status_code == 303
    assert "本市.docx" in city.page(page)
    assert city.read(f"{page}/file").data == own
    unit = f"/units/{world.unit_id}"
    made = made_by(working, liaison, liaison.send(unit, f"{unit}/agreement").location)
    assert words_of(docx.Document(io.BytesIO(made))) == "本市专用：黑河供电公司"


def test_a_template_with_an_unknown_placeholder_is_named_and_cannot_be_adopted(
    world: World, working: Worker
) -> None:
    city, page = world.person("city"), "/agreement-template"

    checked = city.send(page, page, file=(io.BytesIO(template_of("{{ unit_nmae }}")), "错.docx"))
    for _ in range(200):
        shown = words_at(city.page(checked.location))
        if "不认识的占位符" in shown:
            break
        time.sleep(0.1)

    assert "{{ unit_nmae }}" in shown
    assert "采用这个模板" not in shown
    assert world.person("director").read(page).status_code == 403
