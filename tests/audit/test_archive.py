"""Old rows go into signed files, and the chain goes on where they ended."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.gongzhi.audit import command
from services.chassis.audit_chain import Signer
from tests.audit.conftest import Chain

TOMORROW = "2100-01-01"


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def chain(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """As the command finds it."""
    for name, value in chain.config.variables.items():
        monkeypatch.setenv(name, value)
    return chain


@pytest.fixture
def old(chain: Chain) -> Chain:
    """Three rows signed long ago, one signed now."""
    for number in range(3):
        chain.register(number)
    with pytest.MonkeyPatch.context() as past:
        past.setattr("services.chassis.audit_sealer.utc_now", lambda: LONG_AGO)
        chain.seal()
    chain.register(3)
    chain.seal()
    return chain


def run(folder: Path, *more: str) -> Result:
    wanted = ("archive", "--chain", "staffing", "--before", TOMORROW, "--to", str(folder))
    return CliRunner().invoke(command, [*wanted, *more])


def test_old_rows_are_moved_and_the_rest_still_verifies(old: Chain, tmp_path: Path) -> None:
    done = run(tmp_path)

    file = tmp_path / "staffing-1-3.jsonl"
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["seq"] for line in file.read_text().splitlines()] == [1, 2, 3]
    assert len(old.entries()) == 1
    verdict = old.verify()
    assert (verdict.findings, verdict.archived, verdict.size) == ([], 3, 4)


def test_the_chain_goes_on_after_an_archive_and_tampering_is_still_found(old: Chain, tmp_path: Path) -> None:
    run(tmp_path)
    old.register(4)
    old.seal()
    assert old.verify().is_sound
    with old.as_administrator() as connection:
        connection.exec_driver_sql("UPDATE audit.entries SET act = 'x'")

    assert old.verify().findings[0].startswith("第 4 行")


def test_the_file_carries_a_signature_that_verifies(old: Chain, tmp_path: Path) -> None:
    run(tmp_path)

    file = tmp_path / "staffing-1-3.jsonl"
    signed = json.loads(file.with_suffix(".jsonl.sig").read_text())
    file_hash = sha256(file.read_bytes())
    told = f"gongzhi audit archive\n{file.name}\n".encode() + file_hash.digest()
    assert signed["sha256"] == file_hash.hexdigest()
    assert Signer(old.config).is_signed(told, bytes.fromhex(signed["signature"]))
    assert not Signer(old.config).is_signed(told + b"x", bytes.fromhex(signed["signature"]))


def test_what_is_younger_than_half_a_year_stays(chain: Chain, tmp_path: Path) -> None:
    chain.register()
    chain.seal()

    done = run(tmp_path)

    assert "没有可归档的行" in done.output
    assert len(chain.entries()) == 1


def test_a_chain_that_does_not_verify_is_not_archived(old: Chain, tmp_path: Path) -> None:
    with old.as_administrator() as connection:
        connection.exec_driver_sql("UPDATE audit.entries SET act = 'x'")

    refused = run(tmp_path)

    assert refused.exit_code == 1
    assert "第 1 行" in refused.output
    assert len(old.entries()) == 4
