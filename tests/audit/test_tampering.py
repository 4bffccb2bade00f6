"""Whatever an administrator of the database does to the audit is found, and the first bad row is named."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from deploy.gongzhi.audit import command
from services.chassis.audit_chain import Signer, genesis, link_hash, row_hash
from services.chassis.config import load
from tests.audit.conftest import Chain

ROWS = 6


@pytest.fixture
def sealed(chain: Chain) -> Chain:
    for number in range(ROWS):
        chain.register(number)
    chain.seal()
    assert chain.verify().is_sound
    return chain


def run(*statements: str) -> Callable[[sa.Connection], None]:
    def act(connection: sa.Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    return act


def write_anew(connection: sa.Connection) -> None:
    """Everything hashed again after a change, as somebody would who knows how it works."""
    rows = connection.execute(sa.text("SELECT * FROM audit.entries ORDER BY entry_id")).mappings().all()
    connection.exec_driver_sql("DELETE FROM audit.chain")
    prev = genesis("staffing")
    for seq, row in enumerate(rows, 1):
        leaf = row_hash("staffing", row)
        linked = link_hash(seq, prev, leaf)
        connection.execute(
            sa.text("INSERT INTO audit.chain VALUES (:seq, :entry_id, :leaf, :prev, :linked)"),
            {"seq": seq, "entry_id": row["entry_id"], "leaf": leaf, "prev": prev, "linked": linked},
        )
        prev = linked


THIRD = "(SELECT entry_id FROM audit.chain WHERE seq = 3)"
CHANGED = f"UPDATE audit.entries SET actor_id = 'nobody' WHERE entry_id = {THIRD}"
COPIED = (
    "INSERT INTO audit.entries SELECT '00000000-0000-7000-8000-000000000000', at, actor_id, roles, on_behalf_of,"
    " act, record_id,"
    " community_id, address, request_id, outcome, code, before_hash, after_hash, reason FROM audit.entries LIMIT 1"
)
CUT = (
    "DELETE FROM audit.entries WHERE entry_id IN (SELECT entry_id FROM audit.chain WHERE seq > 4)",
    "DELETE FROM audit.chain WHERE seq > 4",
)


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (run(CHANGED), "第 3 行（记录 *）的内容与写入时不同"),
        (run(f"UPDATE audit.entries SET at = at + interval '1 microsecond' WHERE entry_id = {THIRD}"), "第 3 行"),
        (run(f"UPDATE audit.entries SET roles = '{{}}' WHERE entry_id = {THIRD}"), "第 3 行"),
        (run(f"DELETE FROM audit.entries WHERE entry_id = {THIRD}"), "第 3 行（记录 *）的记录已被删除"),
        (run("DELETE FROM audit.chain WHERE seq = 3"), "缺少第 3 行，下一行是第 4 行"),
        (run(COPIED), "不是由平台写入的"),
        (
            run(
                "UPDATE audit.chain SET seq = -seq WHERE seq IN (2, 3)",
                "UPDATE audit.chain SET seq = 5 + seq WHERE seq < 0",
            ),
            "第 2 行（记录 *）没有接在它的前一行之后",
        ),
        (run("UPDATE audit.chain SET hash = prev_hash WHERE seq = 3"), "第 3 行（记录 *）的链值不对"),
        (lambda connection: (run(CHANGED)(connection), write_anew(connection)), "第 6 行（记录 *）为止的内容与"),
        (lambda connection: (run(COPIED)(connection), write_anew(connection)), "第 6 行（记录 *）为止的内容与"),
        (
            run(*CUT),
            "链尾被截断",
        ),
        (
            run("DELETE FROM audit.entries", "DELETE FROM audit.chain", "DELETE FROM audit.heads"),
            "链尾被截断",
        ),
        (run("UPDATE audit.heads SET root = hash"), "签名无效"),
        (run("DELETE FROM audit.heads"), "数据库中已经没有"),
    ],
)  # fmt: skip
def test_tampering_is_found(sealed: Chain, tamper: Callable[[Any], object], found: str) -> None:
    with sealed.as_administrator() as connection:
        tamper(connection)

    verdict = sealed.verify()

    told = "".join(verdict.findings)
    assert all(part in told for part in found.split("*"))


def test_a_cut_tail_is_found_also_after_the_chain_has_grown_again(sealed: Chain) -> None:
    with sealed.as_administrator() as connection:
        run(*CUT, "DELETE FROM audit.heads")(connection)
    for number in range(10, 15):
        sealed.register(number)
    sealed.seal()

    assert sealed.verify().findings[0].startswith("第 6 行")


def test_a_head_signed_with_another_key_is_found(sealed: Chain) -> None:
    line = json.loads(sealed.file.read_text())
    stranger = Signer(load({"GONGZHI_SECRET": "t" * 32}))
    sealed.file.write_text(json.dumps({**line, "key_id": stranger.key_id}) + "\nnonsense\n")

    findings = "".join(sealed.verify().findings)

    assert f"签名无效（密钥 {stranger.key_id}）" in findings
    assert "签名文件第 2 行无法识别" in findings


def test_without_its_file_nobody_can_say_that_the_tail_is_whole(sealed: Chain) -> None:
    sealed.file.unlink()

    assert "无法确认链尾没有被截断" in sealed.verify().findings[0]


def test_the_command_names_the_bad_row_and_ends_with_1(
    sealed: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sealed.config.variables.items():
        monkeypatch.setenv(name, value)
    chosen = ("verify", "--chain", "staffing", "--heads", str(sealed.file.parent))
    sound = CliRunner().invoke(command, chosen)
    with sealed.as_administrator() as connection:
        connection.exec_driver_sql(CHANGED)

    broken = CliRunner().invoke(command, chosen)
    as_json = CliRunner().invoke(command, [*chosen, "--json"])

    assert (sound.exit_code, broken.exit_code, as_json.exit_code) == (0, 1, 1)
    assert sound.output.startswith("✓ staffing：6 行")
    assert "✗ 第 3 行" in broken.output
    [told] = json.loads(as_json.output)["chains"]
    assert (told["chain"], told["is_sound"]) == ("staffing", False)


def test_rows_are_handed_out_as_they_were_hashed(sealed: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sealed.config.variables.items():
        monkeypatch.setenv(name, value)

    told = CliRunner().invoke(command, ["export", "--chain", "staffing"])
    later = CliRunner().invoke(command, ["export", "--chain", "staffing", "--since", "2100-01-01"])

    lines = [json.loads(line) for line in told.output.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, ROWS + 1))
    assert {line["row"]["act"] for line in lines} == {"staffing.register_community"}
    assert later.output == ""
