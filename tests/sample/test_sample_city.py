"""The sample city: its files are what the generator writes, its codes are sound, its items fit its units."""

import io
import zipfile
from pathlib import Path

import pytest

from deploy.sample.city import accounts, communities, residents, units
from deploy.sample.claim_list import claim_list, claim_list_with_errors
from deploy.sample.generate import REFERENCE_DAY, sample_files
from services.claims.domain.uscc import normal_uscc
from services.contracts.base import Invalid, Role
from services.contracts.claims.sheet import ClaimListRow
from services.contracts.claims.terms import Category, ItemStatus
from services.contracts.staffing.terms import CommunityGrade

FOLDER = Path(sample_files.__code__.co_filename).parent
FILES = sample_files(REFERENCE_DAY)


@pytest.mark.parametrize("name", FILES)
def test_the_file_in_the_repository_is_the_one_the_generator_writes(name: str) -> None:
    assert _content((FOLDER / name).read_bytes()) == _content(FILES[name])


def _content(file: bytes) -> object:
    """Of a workbook its parts: how they are compressed depends on the machine's zlib."""
    if not zipfile.is_zipfile(io.BytesIO(file)):
        return file
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        return {(part.filename, part.date_time): parts.read(part) for part in parts.infolist()}


def test_there_are_fifteen_communities_in_three_grades_as_the_report_counts_them() -> None:
    grades = [community.grade for community in communities()]

    assert [grades.count(grade) for grade in CommunityGrade] == [6, 6, 3]


def test_every_unit_has_a_sound_code_of_its_own() -> None:
    codes = [unit.uscc for unit in units()]

    assert len(set(codes)) == len(codes) >= 40
    for code in codes:
        assert normal_uscc(code) == code


def test_no_resident_can_be_anybody_alive() -> None:
    numbers = [resident.identity_number for resident in residents()]

    assert len(set(numbers)) == len(numbers) >= 2990
    assert {number[6:10] for number in numbers} == {"1900"}


def test_identity_numbers_carry_their_check_digit() -> None:
    assert all(
        _check_digit(resident.identity_number) == resident.identity_number[-1] for resident in residents()
    )


def _check_digit(number: str) -> str:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[
        sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % 11
    ]


def test_residents_live_in_a_grid_of_their_community() -> None:
    grids = {community.code: set(community.grids) for community in communities()}

    assert all(resident.grid_code in grids[resident.community_code] for resident in residents())


def test_the_claim_list_has_items_of_every_category_and_in_every_state() -> None:
    items = claim_list(REFERENCE_DAY)

    assert len(items) >= 60
    assert {item.cells["category"] for item in items} == {category.label for category in Category}
    beside = {ItemStatus.EXPIRED, ItemStatus.PURCHASED, ItemStatus.FUNDED, ItemStatus.WITHDRAWN}
    assert {item.status for item in items} == set(ItemStatus) - beside


def test_every_row_of_the_claim_list_can_be_read() -> None:
    for item in claim_list(REFERENCE_DAY):
        ClaimListRow().load(_texts(item.cells))


def test_units_only_claim_where_they_serve() -> None:
    names = {community.code: community.community_name for community in communities()}
    served = {unit.uscc: {names[code] for code in unit.community_codes} for unit in units()}

    claimed = [item for item in claim_list(REFERENCE_DAY) if item.unit_uscc]

    assert [
        item.code for item in claimed if item.cells["community"] not in served[item.unit_uscc or ""]
    ] == []


def test_items_are_claimed_exactly_when_they_have_come_that_far() -> None:
    unclaimed = {ItemStatus.DRAFT, ItemStatus.PUBLISHED}

    for item in claim_list(REFERENCE_DAY):
        assert (item.unit_uscc is None) == (item.status in unclaimed), item.cells["title"]


def test_the_list_with_errors_has_a_dozen_rows_that_cannot_be_taken() -> None:
    rows = claim_list_with_errors(REFERENCE_DAY)
    known = {community.community_name for community in communities()}

    wrong = [
        row
        for row in rows
        if not _is_readable(_texts(row.cells))
        or row.cells["community"] not in known
        or len(str(row.cells["grid_code"])) != 15
        or sum(other.code == row.code for other in rows[: rows.index(row) + 1]) > 1
    ]
    assert len(wrong) == 13
    assert len(rows) == 20


def test_there_is_an_account_for_every_role() -> None:
    names = [account.username for account in accounts()]

    assert {role for account in accounts() for role in account.roles} == set(Role)
    assert len(set(names)) == len(names)


def _texts(cells: dict[str, object]) -> dict[str, str]:
    return {name: "" if cell is None else str(cell) for name, cell in cells.items()}


def _is_readable(cells: dict[str, str]) -> bool:
    try:
        ClaimListRow().load(cells)
    except Invalid:
        return False
    return True
