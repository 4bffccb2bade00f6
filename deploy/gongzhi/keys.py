"""`gongzhi keys`: the keys with which personal data is sealed."""

import importlib
import json

import click
import sqlalchemy as sa

from deploy.gongzhi import _databases
from services.chassis.config import Config, load
from services.chassis.keys import Keyring
from services.chassis.sealing import SealedColumn, reseal, sealed_columns


@click.group("keys", help="管理个人信息的加密密钥。")
def command() -> None: ...


@command.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def rotate(*, as_json: bool) -> None:
    """启用新的数据密钥，并用它重新加密全部个人信息。可以随时中断，再运行一次即可继续。

    更换 GONGZHI_KEY_FILE 的第一行（保留旧行）后运行，数据密钥即由新的主密钥保护。
    """
    config = load()
    done = {name: rotate_one(config, name, columns) for name, columns in sealed_by_service().items()}
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    for name, count in done.items():
        click.echo(f"✓ {name}：已重新加密 {count} 个值")


def sealed_by_service() -> dict[str, list[SealedColumn]]:
    """Whose storage declares sealed columns."""
    found = {}
    for database in _databases.all_databases(load()):
        package = "gateway" if database.name == "gateway" else f"services.{database.name}"
        if columns := sealed_columns(_metadata(package)):
            found[database.name] = columns
    return found


def rotate_one(config: Config, name: str, columns: list[SealedColumn]) -> int:
    """New keys for one database, and every value sealed with them; how many values."""
    engine = sa.create_engine(config.database_url(name), poolclass=sa.NullPool)
    keyring = Keyring(config, engine.begin)
    keyring.rotate()
    count = 0
    for column in columns:
        while True:
            with engine.begin() as connection:
                batch = reseal(connection, keyring, column)
            count += batch
            if batch == 0:
                break
    engine.dispose()
    return count


def _metadata(package: str) -> sa.MetaData:
    storage = importlib.import_module(f"{package}.storage")
    if not hasattr(storage, "metadata"):
        storage = importlib.import_module(f"{package}.storage.tables")
    metadata: sa.MetaData = storage.metadata
    return metadata
