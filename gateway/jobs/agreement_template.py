"""The template of the joint-building agreement that comes with the platform, made as Word.

Laid out as official documents are (GB/T 9704): A4, margins 37, 35, 28 and 26 mm, the title in
方正小标宋简体 22 pt, the text in 仿宋_GB2312 16 pt with 28 pt lines and two signs of indent.
"""

import io
from functools import lru_cache

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE_FONT, TEXT_FONT, HEAD_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体"
_WHO = (
    "甲方：{{ community_name }}党组织、居民委员会",
    "乙方：{{ unit_name }}（统一社会信用代码 {{ uscc }}）",
)
_WHY = "为推进党建引领社区治理，发挥驻地单位优势，甲乙双方在平等自愿的基础上，达成如下共驻共建协议。"
_OF_THE_CLAIM = (
    (
        "一、认领事项",
        "乙方认领《社区发展建设服务事项认领清单》中的“{{ item_title }}”（编号 {{ item_code }}）。",
    ),
    ("二、内容和数量", "{{ item_description }}认领数量：{{ quantity }}；实施地点：{{ place }}。"),
    ("三、期限", "乙方于 {{ claimed_on }} 认领，于 {{ due_on }} 前办结，按节点报告进度。"),
)
_OF_THE_MEMBER = (
    ("一、共建内容", "乙方于 {{ joined_on }} 加入党建联盟，愿在{{ functions }}等方面为社区提供支持。"),
    ("二、组织共建", "乙方党组织到社区报到，在职党员到居住地社区报到，参加社区服务。"),
)
_FOR_BOTH = (
    ("双方责任", "甲方协调场地和居民，公开进展和结果；乙方按约定投入力量，保证质量和安全。"),
    ("考核和公示", "事项办结后由甲方组织考核和民意测验，结果公示；因故不能履行的，乙方说明理由后退领。"),
)


@lru_cache
def build() -> bytes:
    document = docx.Document()
    _set_page(document)
    _set_style(document)
    _title(document, "共驻共建协议书")
    _text(document, "编号：{{ agreement_number }}", indent=False)
    for line in _WHO:
        _text(document, line)
    _text(document, _WHY)
    _text(document, "{%p if item_title %}")
    _articles(document, _OF_THE_CLAIM)
    _text(document, "{%p if supporting_units %}")
    _text(document, "协同单位：{{ supporting_units }}。")
    _text(document, "{%p endif %}")
    _text(document, "{%p else %}")
    _articles(document, _OF_THE_MEMBER)
    _text(document, "{%p endif %}")
    _articles(document, _FOR_BOTH)
    _text(document, "本协议一式两份，双方盖章后生效。")
    for line in ("甲方（盖章）：", "乙方（盖章）：", "{{ made_on }}"):
        _text(document, line).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _set_page(document: Document) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)


def _set_style(document: Document) -> None:
    """For the whole document, so that a city's own words look the same; Word checks it as Chinese."""
    style = document.styles["Normal"]
    style.font.name, style.font.size = TEXT_FONT, Pt(16)
    fonts = style.element.get_or_add_rPr()
    fonts.rFonts.set(qn("w:eastAsia"), TEXT_FONT)
    language = fonts.makeelement(qn("w:lang"), {qn("w:val"): "en-US", qn("w:eastAsia"): "zh-CN"})
    fonts.append(language)


def _title(document: Document, words: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _in_font(paragraph.add_run(words), TITLE_FONT, 22)


def _articles(document: Document, articles: tuple[tuple[str, str], ...]) -> None:
    for head, words in articles:
        _in_font(_text(document, "").add_run(head), HEAD_FONT, 16)
        _text(document, words)


def _text(document: Document, words: str, *, indent: bool = True) -> Paragraph:
    paragraph = document.add_paragraph(words)
    look = paragraph.paragraph_format
    look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    look.space_after = Pt(0)
    if indent:
        look.first_line_indent = Pt(32)
    return paragraph


def _in_font(run: Run, font: str, points: int) -> None:
    run.font.name, run.font.size = font, Pt(points)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
