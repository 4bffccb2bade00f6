"""`gongzhi doctor`: is everything here that the platform needs, and if not, what to do."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import sqlalchemy as sa
from kombu.connection import Connection
from kombu.exceptions import KombuError

from deploy.gongzhi import PROJECT, _databases
from services.chassis import config as settings
from services.chassis.config import Config, ConfigError

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 15
OLDEST_RABBITMQ = (3, 10)
CHINESE = "黑河社区"


@dataclass(frozen=True)
class Finding:
    what: str
    is_good: bool
    found: str
    remedy: str = ""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def command(*, as_json: bool) -> None:
    """检查运行环境；每一项给出结果，有问题的给出办法。"""
    findings = list(examine())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark = click.style("✓", fg="green") if finding.is_good else click.style("✗", fg="red")
            click.echo(f"{mark} {finding.what}：{finding.found}")
            if not finding.is_good:
                click.echo(f"    办法：{finding.remedy}")
    if not all(finding.is_good for finding in findings):
        raise click.exceptions.Exit(1)


def examine() -> Iterator[Finding]:
    yield python()
    yield fonts()
    yield assets()
    try:
        config = settings.load()
    except ConfigError as error:
        yield Finding("设置", False, str(error), "改正这个环境变量后再试")
        return
    yield secret(config)
    for check in (broker, postgres, chinese_search, databases, ports):
        try:
            yield from _listed(check, config)
        except ConfigError as error:
            yield Finding(
                _title(check), False, str(error), "在本机运行 script/server，或改正 GONGZHI_DATABASE_URL"
            )
        except (OSError, sa.exc.SQLAlchemyError, KombuError) as error:
            yield Finding(
                _title(check), False, _first_line(error), "看上面的原因；服务没有启动时运行 script/server"
            )


def python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", sys.version_info >= OLDEST_PYTHON, found, "需要 Python 3.11 或更新的版本")


def fonts() -> Finding:
    """PDF letters and exported pictures need Chinese glyphs."""
    lister = shutil.which("fc-list")
    found = subprocess.run(
        [lister, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
    ).stdout if lister else ""  # fmt: skip
    names = sorted({line.split(",")[0] for line in found.splitlines()})
    return Finding(
        "中文字体",
        bool(names),
        "、".join(names[:3]) or "没有",
        "apt-get install --no-install-recommends fonts-noto-cjk",
    )


def assets() -> Finding:
    built = PROJECT / "gateway" / "static"
    is_there = built.is_dir() and any(built.iterdir())
    return Finding("页面资源", is_there, "已生成" if is_there else "还没有生成", "运行 script/bootstrap")


def secret(config: Config) -> Finding:
    is_own = config.secret != settings.SAMPLE_SECRET
    return Finding(
        "GONGZHI_SECRET",
        is_own,
        "已设置" if is_own else "用的是样例值",
        "设置一个不少于 32 个字符的随机值（script/server 会自己生成）",
    )


def broker(config: Config) -> Iterator[Finding]:
    if not config.amqp_urls:
        installed = Path("/usr/lib/rabbitmq/bin/rabbitmq-server").exists()
        yield Finding(
            "RabbitMQ",
            False,
            "没有设置 GONGZHI_AMQP_URL" + ("" if installed else "，也没有安装 rabbitmq-server"),
            "运行 script/server" if installed else "apt-get install --no-install-recommends rabbitmq-server",
        )
    for number, url in enumerate(config.amqp_urls, start=1):
        with Connection(url, connect_timeout=5) as connection:
            connection.connect()
            version = str(connection.connection.server_properties["version"])
        is_new = tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_RABBITMQ
        yield Finding(f"RabbitMQ（第 {number} 个节点）", is_new, version, "需要 RabbitMQ 3.10 或更新的版本")


def postgres(config: Config) -> Finding:
    with _databases.connected(_any_database(config)) as connection:
        number = int(connection.scalar(sa.text("SHOW server_version_num")) or 0)
        collation = connection.scalar(
            sa.text("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        )
    return Finding(
        "PostgreSQL",
        number >= OLDEST_POSTGRES * 10_000 and collation == "C.UTF-8",
        f"{number // 10_000}.{number % 10_000}，排序规则 {collation}",
        "需要 PostgreSQL 15 或更新的版本，数据库用 LOCALE 'C.UTF-8' TEMPLATE template0 建立",
    )


def chinese_search(config: Config) -> Finding:
    """Under a collation like `C`, pg_trgm sees no letters in Chinese, and search finds nothing."""
    with _databases.connected(_any_database(config)) as connection:
        available = connection.scalar(
            sa.text("SELECT true FROM pg_available_extensions WHERE name = 'pg_trgm'")
        )
        schema = connection.scalar(
            sa.text(
                "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace"
                " WHERE extname = 'pg_trgm'"
            )
        )
        if schema:
            trigrams = (
                connection.scalar(sa.text(f"SELECT {schema}.show_trgm(:text)"), {"text": CHINESE}) or []
            )
        else:
            trigrams = []
    remedy = "安装 postgresql-contrib，数据库排序规则用 C.UTF-8，然后运行 gongzhi db migrate"
    if available and not schema:
        return Finding("中文检索（pg_trgm）", True, "可用，这个库没有用到")
    return Finding("中文检索（pg_trgm）", bool(trigrams), "正常" if trigrams else "不认识中文", remedy)


def databases(config: Config) -> Iterator[Finding]:
    for database in _databases.all_databases(config):
        pending = database.pending()
        yield Finding(
            f"数据库 {database.name}",
            not pending,
            f"还有 {len(pending)} 步升级没有做" if pending else "已是最新",
            "运行 gongzhi db migrate",
        )


def ports(config: Config) -> Iterator[Finding]:
    """Free, or already ours: the platform answers on them."""
    wanted = [("GONGZHI_HTTP_PORT", config.bind, config.http_port)]
    wanted += [("GONGZHI_OPS_PORT", *config.ops_address(process)) for process in settings.PROCESSES]
    taken = [f"{port}（{name}）" for name, host, port in wanted if not _is_free(host, port)]
    supervised = (PROJECT / "var" / "server" / "processes.json").exists()
    if supervised:
        yield Finding("端口", True, f"平台正在运行，用着其中 {len(taken)} 个")
    else:
        found = "空闲" if not taken else "已被占用：" + "、".join(taken)
        yield Finding("端口", not taken, found, "结束占用端口的程序，或用括号里的变量换一个")


def _any_database(config: Config) -> str:
    found = _databases.all_databases(config)
    return found[0].url if found else config.admin_database_url


def _listed(check: Callable[[Config], "Finding | Iterator[Finding]"], config: Config) -> list[Finding]:
    found = check(config)
    return [found] if isinstance(found, Finding) else list(found)


def _title(check: Callable[..., object]) -> str:
    titles = {"broker": "RabbitMQ", "postgres": "PostgreSQL", "chinese_search": "中文检索（pg_trgm）"}
    return titles.get(
        check.__name__, {"databases": "数据库", "ports": "端口"}.get(check.__name__, check.__name__)
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
