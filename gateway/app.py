"""What the gateway is made of: the list of its areas, and what holds for all of them.

    app = create_app(config, services, database=database)

`services` is anything with the `call` of `gateway.calls.Services`; nothing here needs nameko or a
green process, so tests run the whole app under werkzeug's test client.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast
from uuid import UUID

import orjson
from flask import Flask, request
from flask.json.provider import JSONProvider
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import api, audit, errors, headers, health, limits, live, manifest
from gateway.auth import duties
from gateway.auth.accounts import Accounts
from gateway.auth.break_glass import BreakGlassAlarm
from gateway.auth.own_account import OwnAccount
from gateway.auth.places import Places
from gateway.auth.session import API, current_user
from gateway.auth.sso.settings import drivers
from gateway.auth.sso.sign_on import SingleSignOn
from gateway.calls import Services
from gateway.files.storage import files_of
from gateway.jobs.desk import Desk
from gateway.live import Feed, Streams
from gateway.settings import Settings
from services.chassis.audit_chain import Signer
from services.chassis.config import Config, load
from services.chassis.db import Database
from services.chassis.sealing import Sealer

# Each exposes `BLUEPRINTS`: pages for staff, pages without sign-in.
_AREAS_OF_PAGES = ("gateway.pages", "gateway.public")


def create_app(
    config: Config,
    services: Services,
    *,
    database: Database,
    feed: Callable[[], Feed] | None = None,
    broker_is_connected: Callable[[], bool] = lambda: True,
    tell_of_job: Callable[[UUID], object] = lambda _job_id: None,
) -> Flask:
    settings = Settings.of(config)
    app = Flask("gateway", static_folder=str(manifest.STATIC), static_url_path="/static")
    app.json = _Json(app)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.most_body_bytes,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="__Host-gongzhi_form" if settings.is_production else "gongzhi_form",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_production,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the browser's session
        WTF_CSRF_SSL_STRICT=settings.is_production,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        TRAP_BAD_REQUEST_ERRORS=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    furnish(
        app,
        config,
        services,
        database=database,
        feed=feed,
        broker_is_connected=broker_is_connected,
        tell_of_job=tell_of_job,
    )
    errors.register(app)
    headers.register(app, settings)
    limits.register(app)
    manifest.register(app)
    app.context_processor(lambda: {"current_user": current_user()})
    Babel(app)
    _protect_forms(app)
    duties.register(app)
    audit.register(app)
    for blueprint in (health.blueprint, live.blueprint):
        app.register_blueprint(blueprint)
    api.register(app)
    for area in _AREAS_OF_PAGES:
        for blueprint in import_module(area).BLUEPRINTS:
            app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def furnish(
    app: Flask,
    config: Config,
    services: Services,
    *,
    database: Database,
    feed: Callable[[], Feed] | None = None,
    broker_is_connected: Callable[[], bool] = lambda: True,
    tell_of_job: Callable[[UUID], object] = lambda _job_id: None,
) -> None:
    """Everything that handlers ask for besides the request; all new, so that one app may be furnished anew."""
    settings = Settings.of(config)
    app.extensions.update(
        settings=settings,
        services=services,
        database=database,
        accounts=Accounts(database, settings),
        audit_signer=Signer(config),
        own_account=OwnAccount(database, settings),
        break_glass=BreakGlassAlarm(database),
        single_sign_on=SingleSignOn(
            database,
            drivers(config),
            public_url=settings.public_url,
            sealer=Sealer(config, purpose="single sign-on"),
        ),
        desk=Desk(database, tell_of_job),
        files=files_of(config),
        places=Places(database, services, timeout=settings.rpc_timeout),
        streams=Streams(feed, lambda session_ids: app.extensions["accounts"].open_among(session_ids)),
        broker_is_connected=broker_is_connected,
        limits=limits.limits_of(config.variables),
    )


def routes_alone() -> Flask:
    """For the documents that are made of the routes: nothing is asked of a database or a service."""
    database = Database("postgresql+psycopg2://", service="gateway")
    return create_app(load({}), cast(Services, None), database=database)


def _protect_forms(app: Flask) -> None:
    """Every form carries a token; the API does not need one, because it ignores cookies."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    protection = CSRFProtect(app)

    def protect() -> None:
        if request.endpoint and not request.path.startswith(API):
            protection.protect()

    app.before_request(protect)


class _Json(JSONProvider):
    """JSON by orjson: fast, strict UTF-8, neither NaN nor lone surrogates."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)
