"""`gongzhi demo` where no platform is needed: passwords, and where it refuses."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.demo.accounts import AccountFile
from deploy.gongzhi.demo import command


def test_a_password_is_made_once_and_kept(tmp_path: Path) -> None:
    passwords = AccountFile(tmp_path / "accounts.json")

    first = passwords.password_for("hailan")

    assert AccountFile(tmp_path / "accounts.json").password_for("hailan") == first
    assert passwords.password_for("admin") != first
    assert set(passwords.passwords()) == {"hailan", "admin"}


def test_only_the_owner_may_read_the_passwords(tmp_path: Path) -> None:
    passwords = AccountFile(tmp_path / "state" / "accounts.json")

    passwords.password_for("hailan")

    assert stat.S_IMODE(passwords.file.stat().st_mode) == 0o600


@pytest.mark.parametrize("act", ["load", "play", "accounts"])
def test_a_production_platform_is_left_alone(act: str, tmp_path: Path) -> None:
    production = {
        "GONGZHI_ENV": "production",
        "GONGZHI_SECRET": "0123456789abcdef0123456789abcdef",
        "GONGZHI_PUBLIC_URL": "https://shequ.example",
        "GONGZHI_STATE_DIR": str(tmp_path),
    }

    told = CliRunner().invoke(command, [act], env=production)

    assert told.exit_code != 0
    assert "不能载入生产环境" in told.output


def test_the_accounts_are_shown_with_address_and_password(tmp_path: Path) -> None:
    passwords = AccountFile(tmp_path / "accounts.json")
    hailan = passwords.password_for("hailan")
    development = {
        "GONGZHI_ENV": "development",
        "GONGZHI_STATE_DIR": str(tmp_path),
        "GONGZHI_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "GONGZHI_PUBLIC_URL": "http://gongzhi.example:8600",
    }

    told = CliRunner().invoke(command, ["accounts"], env=development)

    assert told.exit_code == 0
    assert "http://gongzhi.example:8600" in told.output
    assert hailan in told.output
    assert "huanwei" not in told.output


def test_before_loading_there_are_no_accounts_to_show(tmp_path: Path) -> None:
    development = {
        "GONGZHI_ENV": "development",
        "GONGZHI_STATE_DIR": str(tmp_path),
        "GONGZHI_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }

    told = CliRunner().invoke(command, ["accounts"], env=development)

    assert told.exit_code != 0
    assert "gongzhi demo load" in told.output
