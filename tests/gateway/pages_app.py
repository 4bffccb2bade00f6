"""The whole gateway without any server: services, accounts and jobs stand in memory.

`python -m tests.gateway.pages_app PORT` serves it to a browser, to look at pages while writing them.
"""

import secrets
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask

from gateway.app import create_app
from gateway.auth.accounts import NewSession
from gateway.auth.attempts import Client
from gateway.auth.errors import SignInRefused
from gateway.jobs import claim_list_file
from gateway.jobs.outcome import FileRefused
from gateway.storage.jobs import Job
from gateway.storage.sessions import SessionSeen
from gateway.storage.users import OpenSession, User
from services.chassis.clock import utc_now
from services.chassis.config import load
from services.contracts.base import NotFound, Role
from tests.gateway import fake_sample as sample
from tests.gateway.fake_services import FakePlatform
from tests.gateway.one_app import furnished

PASSWORD = "sample-pass-2026"
HAILAN = UUID(sample.id_of("community", "海兰"))
OWN_UNIT = UUID(sample.id_of("unit", "爱辉区环境卫生服务中心"))


def user(username: str, name: str, role: Role, *communities: UUID, unit_id: UUID | None = None) -> User:
    return User(
        user_id=uuid4(),
        username=username,
        display_name=name,
        roles=(role.value,),
        community_ids=communities,
        unit_id=unit_id,
    )


def people() -> dict[str, User]:
    of = (
        user("city", "王建国", Role.CITY_ADMIN),
        user("officer", "孙丽", Role.CITY_OFFICER),
        user("manager", "李敏", Role.COMMUNITY_MANAGER, HAILAN),
        user("worker", "赵小雨", Role.COMMUNITY_WORKER, HAILAN),
        user("liaison", "刘洋", Role.UNIT_LIAISON, HAILAN, unit_id=OWN_UNIT),
        user("supervisor", "陈大爷", Role.SUPERVISOR, HAILAN),
        user("operator", "周工", Role.OPERATOR),
        user("security", "吴工", Role.SECURITY_ADMIN),
    )
    return {one.username: one for one in of}


@dataclass
class FakeAccounts:
    users: dict[str, User] = field(default_factory=people)
    sessions: dict[str, User] = field(default_factory=dict)

    def sign_in(self, *, username: str, password: str, client: Client, code: str = "") -> NewSession:
        found = self.users.get(username)
        if found is None or password != PASSWORD:
            raise SignInRefused("用户名或密码不正确。")
        token = secrets.token_urlsafe(16)
        self.sessions[token] = found
        return NewSession(token=token, user=found, expires_at=utc_now() + timedelta(minutes=30))

    def session_of(self, token: str, *, is_use: bool = True) -> OpenSession | None:
        found = self.sessions.get(token)
        if found is None:
            return None
        now = utc_now()
        return OpenSession(
            session_id=uuid4(), user=found, expires_at=now + timedelta(minutes=30), proven_at=now
        )

    def open_among(self, session_ids: Collection[UUID]) -> Collection[UUID]:
        return session_ids

    def sign_out(self, token: str, client: Client) -> None:
        self.sessions.pop(token, None)


class FakeOwnAccount:
    def list_sessions(self, opened: OpenSession) -> list[SessionSeen]:
        now = utc_now()
        return [
            SessionSeen(
                session_id=opened.session_id,
                address="127.0.0.1",
                user_agent="Firefox",
                created_at=now,
                last_seen_at=now,
            )
        ]


class NoEmergency:
    def open_until(self) -> None:
        return None


@dataclass
class FakeDesk:
    """Reads the file with the real reader, the second time somebody looks."""

    jobs: dict[UUID, Job] = field(default_factory=dict)
    content: dict[UUID, bytes] = field(default_factory=dict)

    def start(
        self, kind: str, content: bytes, meta: Mapping[str, Any], *, owner: str, key: str | None = None
    ) -> UUID:
        job = Job(
            job_id=uuid4(),
            kind=kind,
            status="running",
            meta=dict(meta),
            owner=owner,
            progress=0,
            result=None,
            error=None,
            file_name=None,
            created_at=utc_now(),
            finished_at=None,
        )
        self.jobs[job.job_id], self.content[job.job_id] = job, content
        return job.job_id

    def list(self, *, owner: str, most: int = 50) -> list[Job]:
        return [job for job in self.jobs.values() if job.owner == owner]

    def get(self, job_id: UUID, *, owner: str) -> Job:
        job = self.jobs.get(job_id)
        if job is None or job.owner != owner:
            raise NotFound("没有找到这项处理任务，可能已过期，请重新上传文件。")
        if not job.is_finished:
            self.jobs[job_id] = _finished(job, self.content[job_id])
        return job


def _finished(job: Job, content: bytes) -> Job:
    try:
        read = claim_list_file.read(content, job.meta, lambda _percent: None)
    except FileRefused as refusal:
        return Job(**{**vars(job), "status": "failed", "error": str(refusal)})
    return Job(**{**vars(job), "status": "done", "progress": 100, "result": read})


def make_app(platform: FakePlatform) -> Flask:
    return _with_stand_ins(create_app(load({}), platform, database=None))  # type: ignore[arg-type]


def same_app(platform: FakePlatform) -> Flask:
    """The app that other tests have had before; for those that need it one after the other."""
    return _with_stand_ins(furnished(load({}), platform, database=None))


def _with_stand_ins(app: Flask) -> Flask:
    app.extensions.update(
        accounts=FakeAccounts(), own_account=FakeOwnAccount(), break_glass=NoEmergency(), desk=FakeDesk()
    )
    return app


if __name__ == "__main__":
    from werkzeug.serving import run_simple

    served = make_app(FakePlatform())
    served.jinja_env.auto_reload = True
    run_simple("127.0.0.1", int(sys.argv[1]), served, threaded=True)
