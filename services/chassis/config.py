"""Settings of a process, all from `GONGZHI_*` variables; a wrong one is told in one sentence."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

PROCESSES = ("gateway", "claims", "consultation", "staffing", "notifications", "jobs")
LOG_LEVELS = ("debug", "info", "warning", "error")
CIPHERS = ("aes-256-gcm", "sm4-gcm")
AUDIT_HEADS = Path(__file__).resolve().parents[2] / "var" / "audit-heads"
FILES = Path(__file__).resolve().parents[2] / "var" / "files"
SAMPLE_SECRET = "development-only-secret"
# What stands in examples, and what programs are delivered with.
SAMPLE_PASSWORDS = frozenset(
    {"", SAMPLE_SECRET, "gongzhi", "postgres", "rabbitmq", "guest", "admin", "root", "password", "passwd"}
    | {"secret", "changeme", "change-me", "example", "sample", "test", "123456", "12345678"}
)


class ConfigError(Exception):
    """One Chinese sentence that names the variable."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """`retry_seconds`: waits before each further attempt at a failing event.

    `audit_heads`: the folder to which the signed heads of the audit go; best on another disk.
    `files`: the folder, or `s3://bucket/prefix`, in which evidence lies.
    """

    environment: str
    secret: str
    cipher: str
    key_file: str
    admin_database_url: str
    amqp_urls: tuple[str, ...]
    bind: str
    http_port: int
    ops_port: int
    public_url: str
    wecom_url: str
    smtp_url: str
    mail_from: str
    poll_days: float
    rpc_timeout: float
    retry_seconds: tuple[float, ...]
    log_level: str
    audit_heads: str
    files: str
    variables: Mapping[str, str]

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    def database_url(self, service: str) -> str:
        """The service's own role and database; `GONGZHI_<SERVICE>_DATABASE_URL` overrides.

        Otherwise role and database are `gongzhi_<service>` on the server of `GONGZHI_DATABASE_URL`,
        with a password derived from the secret, so that no file has to hold five of them.
        """
        own = self.variables.get(f"GONGZHI_{service.upper()}_DATABASE_URL")
        if own:
            return own
        name = f"gongzhi_{service}"
        parts = urlsplit(self.admin_database_url)
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{name}:{quote(self.database_password(service), safe='')}@{host}"
        return urlunsplit((parts.scheme, netloc, f"/{name}", parts.query, ""))

    def database_password(self, service: str) -> str:
        return self.derived(f"db:{service}").hex()[:32]

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, from the one secret (HMAC-SHA256 as a key derivation)."""
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).digest()

    def ops_address(self, process: str) -> tuple[str, int]:
        """Where a process answers health, metrics and direct calls."""
        own = self.variables.get(f"GONGZHI_{process.upper()}_OPS")
        if own:
            host, _, port = own.rpartition(":")
            return host, _port(f"GONGZHI_{process.upper()}_OPS", port)
        offset = PROCESSES.index(process) if process in PROCESSES else len(PROCESSES)
        return self.bind, self.ops_port + offset


def load(variables: Mapping[str, str] | None = None) -> Config:
    """Read and check the settings; raises `ConfigError`."""
    env = dict(os.environ if variables is None else variables)
    environment = env.get("GONGZHI_ENV", "development")
    if environment not in ("development", "production"):
        raise ConfigError(f"GONGZHI_ENV 应为 development 或 production，现在是“{environment}”。")
    secret = env.get("GONGZHI_SECRET", SAMPLE_SECRET)
    if environment == "production":
        _require_own_secrets(env, secret)
    bind = env.get("GONGZHI_BIND", "127.0.0.1")
    http_port = _port("GONGZHI_HTTP_PORT", env.get("GONGZHI_HTTP_PORT", "8600"))
    return Config(
        environment=environment,
        secret=secret,
        cipher=_cipher(env.get("GONGZHI_CIPHER", CIPHERS[0]).lower()),
        key_file=env.get("GONGZHI_KEY_FILE", ""),
        admin_database_url=_database_url(env),
        amqp_urls=_amqp_urls(env),
        bind=bind,
        http_port=http_port,
        ops_port=_port("GONGZHI_OPS_PORT", env.get("GONGZHI_OPS_PORT", "8610")),
        public_url=env.get("GONGZHI_PUBLIC_URL", f"http://{bind}:{http_port}").rstrip("/"),
        wecom_url=_url(env, "GONGZHI_WECOM_URL", ("http", "https")),
        smtp_url=_url(env, "GONGZHI_SMTP_URL", ("smtp", "smtps")),
        mail_from=env.get("GONGZHI_MAIL_FROM", "gongzhi@localhost"),
        poll_days=_number(env, "GONGZHI_POLL_DAYS", "7"),
        rpc_timeout=_number(env, "GONGZHI_RPC_TIMEOUT", "5"),
        retry_seconds=tuple(
            _positive("GONGZHI_RETRY_SECONDS", part)
            for part in env.get("GONGZHI_RETRY_SECONDS", "10,60,300,1800,7200,7200,7200,21600,43200").split(
                ","
            )
        ),
        log_level=_log_level(env.get("GONGZHI_LOG_LEVEL", "info").lower()),
        audit_heads=env.get("GONGZHI_AUDIT_HEADS", str(AUDIT_HEADS)),
        files=env.get("GONGZHI_FILES", str(FILES)),
        variables=env,
    )


def _require_own_secrets(env: Mapping[str, str], secret: str) -> None:
    """No default survives into production, and nobody signs in over an open line."""
    if secret == SAMPLE_SECRET or len(secret) < 32:
        raise ConfigError("GONGZHI_SECRET 在生产环境必须设置为不少于 32 个字符的随机值，不能用样例值。")
    for name, value in env.items():
        if not name.startswith("GONGZHI_") or not name.endswith(("DATABASE_URL", "AMQP_URL")):
            continue
        if any(_has_sample_password(url) for url in value.split(";") if url):
            raise ConfigError(f"{name} 中的密码为空或是样例密码，生产环境必须使用自己的密码。")
    if urlsplit(env.get("GONGZHI_PUBLIC_URL", "")).scheme != "https":
        raise ConfigError("GONGZHI_PUBLIC_URL 在生产环境必须设置为 https:// 开头的地址。")


def _has_sample_password(url: str) -> bool:
    """An address without a name leaves signing in to certificates or the socket, but for RabbitMQ's guest."""
    parts = urlsplit(url)
    if parts.username is None:
        return parts.scheme in ("amqp", "pyamqp")
    return unquote(parts.password or "").casefold() in SAMPLE_PASSWORDS


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ConfigError(f"{name} 应为 1 到 65535 的端口号，现在是“{text}”。")
    return int(text)


def _number(env: Mapping[str, str], name: str, default: str) -> float:
    return _positive(name, env.get(name, default))


def _positive(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1e9:
        raise ConfigError(f"{name} 应为大于零的数，现在是“{text}”。")
    return number


def _log_level(text: str) -> str:
    if text not in LOG_LEVELS:
        raise ConfigError(f"GONGZHI_LOG_LEVEL 应为 {'、'.join(LOG_LEVELS)} 之一，现在是“{text}”。")
    return text


def _cipher(text: str) -> str:
    if text not in CIPHERS:
        raise ConfigError(f"GONGZHI_CIPHER 应为 {' 或 '.join(CIPHERS)}，现在是“{text}”。")
    return text


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    url = env.get(name, "").rstrip("/")
    if url and (urlsplit(url).scheme not in schemes or not urlsplit(url).hostname):
        raise ConfigError(f"{name} 应为 {'/'.join(schemes)} 地址，现在的值无法识别。")
    return url


def _database_url(env: Mapping[str, str]) -> str:
    url = env.get("GONGZHI_DATABASE_URL", "")
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres", "postgresql+psycopg2"):
        raise ConfigError("GONGZHI_DATABASE_URL 应以 postgresql:// 开头。")
    return urlunsplit(("postgresql+psycopg2", *parts[1:]))


def _amqp_urls(env: Mapping[str, str]) -> tuple[str, ...]:
    urls = tuple(part for part in env.get("GONGZHI_AMQP_URL", "").split(";") if part)
    for url in urls:
        if urlsplit(url).scheme not in ("amqp", "amqps", "pyamqp"):
            raise ConfigError("GONGZHI_AMQP_URL 应为 amqp:// 或 amqps:// 地址，多个用分号隔开。")
    return urls
