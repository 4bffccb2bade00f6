"""The four services in this process, each with its real doors and its real database."""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from services.chassis.calls import Call, read_reply
from services.chassis.db import Database
from services.chassis.service import Service
from services.chassis.wire import read_error
from services.claims.service import ClaimsService
from services.consultation.service import ConsultationService
from services.contracts.base import Unavailable
from services.notifications.service import NotificationsService
from services.staffing.service import StaffingService

CLASSES = (ClaimsService, ConsultationService, NotificationsService, StaffingService)


class Everybody:
    """What `create_app` calls; `away` names the services that do not answer."""

    def __init__(self, service_db: Callable[[str], Database]) -> None:
        self.away: set[str] = set()
        self._services: dict[str, Service] = {}
        for cls in CLASSES:
            service = cls()
            service.db = service_db(cls.name)  # type: ignore[assignment]  # what nameko puts there
            self._services[cls.name] = service

    def call(
        self,
        service: str,
        method: str,
        data: dict[str, Any],
        *,
        timeout: float,
        traceparent: str,
        **rest: Any,
    ) -> Any:
        if service in self.away:
            raise Unavailable("服务暂时不可用，请稍后再试。")
        call = Call(method=method, data=data, deadline=time.time() + timeout, **rest)
        reply = read_reply(getattr(self._services[service], method)(call))
        if reply.error is not None:
            raise read_error(reply.error)
        return msgspec.json.decode(reply.answer)
