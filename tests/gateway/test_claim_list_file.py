"""Reading claim lists out of files as people really send them."""

import datetime as dt
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from gateway.jobs import claim_list_file, template
from gateway.jobs.outcome import FileRefused
from services.contracts.claims.sheet import COLUMNS
from tests.gateway.sheets import GOOD, HEADERS, row, table, with_entry, workbook


def read(content: bytes, name: str = "清单.xlsx") -> dict[str, Any]:
    return claim_list_file.read(content, {"file_name": name}, lambda _percent: None)


def cells(content: bytes) -> dict[str, str]:
    found: dict[str, str] = read(content)["rows"][0]["cells"]
    return found


def test_a_plain_table_is_read_with_the_row_numbers_of_excel() -> None:
    found = read(table(row(), row(事项名称="修路灯")))

    assert [line["row_number"] for line in found["rows"]] == [2, 3]
    assert found["rows"][1]["cells"]["title"] == "修路灯"
    assert found["header_row"] == 1
    assert found["missing_columns"] == found["unknown_columns"] == []
    assert len(found["file_hash"]) == 64


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (120.0, "120"),
        (36000.5, "36000.5"),
        (0.1 + 0.2, "0.3"),
        (231102001001001, "231102001001001"),
        ("007", "007"),
        ("　 海兰 \u200b", "海兰"),
        (dt.date(2026, 12, 8), "2026-12-08"),
        (dt.datetime(2026, 12, 8), "2026-12-08"),  # noqa: DTZ001 - Excel knows no time zones
        (dt.datetime(2026, 12, 8, 8, 30), "2026-12-08 08:30"),  # noqa: DTZ001
        (True, "是"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("坏_x000D_字", "坏字"),
        (None, ""),
    ],
)
def test_cells_become_the_texts_a_person_reads_there(value: Any, text: str) -> None:
    assert cells(table(row(实施地点=value)))["place"] == text


def test_a_title_above_and_notes_beside_are_no_trouble() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "海兰街道 2026 年第四季度认领清单"
        sheet.merge_cells("A1:N1")
        sheet["A2"], sheet["F2"] = "填报单位：海兰街道", "填报日期：2026-11-23"
        sheet.append(HEADERS)
        sheet.append(row())

    found = read(workbook(fill))

    assert found["header_row"] == 3
    assert found["title"] == "海兰街道 2026 年第四季度认领清单"
    assert found["rows"][0]["row_number"] == 4


def test_a_header_over_two_rows_with_merged_cells_is_understood() -> None:
    def fill(sheet: Worksheet) -> None:
        groups = {"受益人数": "规模", "数量": None, "计量单位": None, "所需支持": "条件", "实施地点": None}
        sheet.append([groups.get(header, header) for header in HEADERS])
        sheet.append([header if header in groups else None for header in HEADERS])
        for place, header in enumerate(HEADERS, start=1):
            if header not in groups:
                sheet.merge_cells(start_row=1, end_row=2, start_column=place, end_column=place)
        sheet.append(row())

    found = read(workbook(fill))

    assert found["header_row"] == 2
    assert found["rows"][0]["cells"]["beneficiaries"] == "120"
    assert found["rows"][0]["cells"]["due_on"] == "2026-12-08"


def test_headers_may_be_starred_spaced_and_in_either_width() -> None:
    headers = [
        {
            "社区": "* 社　区",
            "预算（元）": "预算(元)",
            "事项名称": "事项\n名称（必填）",
            "受益人数": "受益人数（人）",
        }.get(h, h)
        for h in HEADERS
    ]

    found = read(table(row(**{"预算（元）": 1200}), headers=headers))

    assert found["unknown_columns"] == []
    assert found["rows"][0]["cells"]["budget_yuan"] == "1200"


def test_columns_may_stand_in_any_order_and_others_are_named() -> None:
    headers = ["序号", *reversed(HEADERS), "备注"]

    found = read(table([1, *reversed(row()), "无"], headers=headers))

    assert found["unknown_columns"] == ["序号", "备注"]
    assert found["rows"][0]["cells"]["community"] == "海兰社区"


def test_optional_columns_may_be_missing() -> None:
    found = read(table(list(GOOD.values()), headers=list(GOOD)))

    assert "预算（元）" in found["missing_columns"]
    assert "budget_yuan" not in found["rows"][0]["cells"]


def test_the_sheet_with_the_table_is_found_among_others() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["说明：请勿修改"])
    sheet = book.create_sheet("清单")
    sheet.append(HEADERS)
    sheet.append(row())
    out = io.BytesIO()
    book.save(out)

    assert read(out.getvalue())["sheet"] == "清单"


def test_empty_rows_and_the_total_at_the_end_are_left_out() -> None:
    total = ["合 计", *[""] * 5, 240, 6]

    found = read(table(row(), [""] * 14, row(), ["　"] * 14, total, [""] * 14))

    assert [line["row_number"] for line in found["rows"]] == [2, 4]


def test_a_merged_community_holds_for_each_row_but_a_merged_amount_does_not() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(HEADERS)
        for number in range(3):
            sheet.append(row(**{"预算（元）": 900, "事项名称": f"事项{number}"}))
        for header in ("社区", "预算（元）"):
            place = HEADERS.index(header) + 1
            sheet.merge_cells(start_row=2, end_row=4, start_column=place, end_column=place)

    found = [line["cells"] for line in read(workbook(fill))["rows"]]

    assert [line["community"] for line in found] == ["海兰社区"] * 3
    assert [line["budget_yuan"] for line in found] == ["900", "", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_files_of_every_kind_are_read(encoding: str, mark: str) -> None:
    lines = [HEADERS, [str(value) for value in row(事项编号="007")]]
    content = "\r\n".join(mark.join(line) for line in lines).encode(encoding)

    assert read(content, "清单.csv")["rows"][0]["cells"]["code"] == "007"


def test_quoted_commas_and_line_breaks_in_csv_stay_in_their_cell() -> None:
    values = [f'"{value}"' for value in row(事项描述="一、\n二，\n三,")]
    content = (",".join(HEADERS) + "\n" + ",".join(values)).encode()

    assert cells(content)["description"] == "一、\n二，\n三,"


def test_the_template_reads_back_once_it_is_filled_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template.build()))
    sheet = book["认领清单"]
    assert [cell.value for cell in sheet[1]] == HEADERS
    for place, value in enumerate(row(), start=1):
        sheet.cell(row=2, column=place, value=value)
    out = io.BytesIO()
    book.save(out)

    assert cells(out.getvalue())["title"] == "清理楼道杂物"


def test_the_template_offers_the_words_of_each_closed_vocabulary() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template.build()))["认领清单"]

    lists = {
        rule.formula1.strip('"') for rule in sheet.data_validations.dataValidation if rule.type == "list"
    }
    assert lists == {",".join(column.choices) for column in COLUMNS if column.choices}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n...", "图片"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页格式"),
        (b"hello", "不是 Excel"),
        (b"\x00\x01\x02" * 100, "不是 Excel"),
        (b"PK\x03\x04 broken", "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"a,\xff\xfe\xfd\x80,b\n", "编码"),
        (table(headers=["甲", "乙", "丙", "丁", "戊"]), "没有找到表头"),
        (table(headers=[header for header in HEADERS if header not in ("社区", "数量")]), "社区、数量"),
        (table(), "没有数据行"),
        (table(["合计", 1, 2]), "没有数据行"),
        (table(row(), headers=[*HEADERS[:-2], "社区", *HEADERS[-2:]]), "「社区」出现了两列"),
        (table(row(事项描述="长" * 5001)), "第 2 行「事项描述」"),
        (with_entry(table(row()), "xl/vbaProject.bin", b"x"), "宏"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_sentence(content: bytes, word: str) -> None:
    with pytest.raises(FileRefused, match=word):
        read(content)


def test_five_thousand_rows_are_read_and_one_more_is_refused() -> None:
    lines = [",".join(str(value) for value in row())] * 5001
    content = "\n".join([",".join(HEADERS), *lines])

    assert len(read(content.rpartition("\n")[0].encode())["rows"]) == 5000
    with pytest.raises(FileRefused, match="5000 行"):
        read(content.encode())


@pytest.mark.parametrize(
    "bomb",
    [
        with_entry(table(row()), "xl/media/zeros", b"\0" * 20_000_000),
        with_entry(table(row()), "xl/media/noise", b"\0" * 60_000_000),
    ],
    ids=["ratio", "size"],
)
def test_a_zip_bomb_is_refused_before_it_is_opened(bomb: bytes) -> None:
    assert len(bomb) < 100_000
    with pytest.raises(FileRefused, match="展开后太大"):
        read(bomb)


def test_a_zip_with_thousands_of_entries_is_refused() -> None:
    out = io.BytesIO(table(row()))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(1001):
            archive.writestr(f"x/{number}", b"")

    with pytest.raises(FileRefused, match="展开后太大"):
        read(out.getvalue())


def test_a_zip_that_is_no_spreadsheet_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "x")

    with pytest.raises(FileRefused, match="不是 Excel"):
        read(out.getvalue())
