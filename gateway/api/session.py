"""Signing in and out, for programs."""

from typing import Any

from flask import Response
from marshmallow import fields, validate

from gateway.api.doors import PREFIX, Blueprint, answer
from gateway.auth.password_rules import MOST_LENGTH
from gateway.auth.policy import public, signed_in
from gateway.auth.session import current_session, sign_in, sign_out
from gateway.calls import plain
from gateway.limits import RouteClass, counts_as
from gateway.storage.users import User
from services.contracts.base import Role, Schema, View, text

# The token of a session is stored nowhere, so a second request cannot get the first one's answer.
blueprint = Blueprint("session", description="登录与退出", takes_keys=False)


class OpenSession(Schema):
    username = text(most=64)
    password = fields.String(
        required=True, validate=validate.Length(1, MOST_LENGTH), metadata={"format": "password"}
    )
    code = text(
        most=20,
        required=False,
        metadata={"description": "动态验证码或备用码；账号启用了第二步验证时必填"},
    )


class UserView(View):
    user_id = fields.UUID()
    username = fields.String()
    display_name = fields.String()
    roles = fields.List(fields.Enum(Role, by_value=True))
    community_ids = fields.List(fields.UUID())
    unit_id = fields.UUID(allow_none=True)


class SessionView(View):
    expires_at = fields.AwareDateTime(metadata={"description": "此后不再使用则失效；每次使用都会顺延"})
    user = fields.Nested(UserView)


class NewSessionView(SessionView):
    token = fields.String(metadata={"description": "只出现这一次"})


@blueprint.route("/session", methods=["POST"])
@counts_as(RouteClass.SIGN_IN)
@public
@blueprint.arguments(OpenSession)
@blueprint.response(201, NewSessionView)
@blueprint.alt_response(401, "UNAUTHORIZED")
@blueprint.alt_response(429, "TOO_MANY_REQUESTS")
def open_session(credentials: dict[str, Any]) -> Response:
    """登录，得到令牌

    账号启用了第二步验证而没有给出 code 时，答复 401 code_required；code 不对或已用过时为 401 code_refused。
    """
    opened = sign_in(**credentials)
    return answer(
        {"token": opened.token, "expires_at": plain(opened.expires_at), "user": _shown(opened.user)},
        201,
        location=f"{PREFIX}/session",
    )


@blueprint.route("/session", methods=["GET"])
@signed_in
@blueprint.response(200, SessionView)
def get_session() -> Response:
    """当前登录的是谁"""
    opened = current_session()
    assert opened is not None
    return answer({"expires_at": plain(opened.expires_at), "user": _shown(opened.user)})


@blueprint.route("/session", methods=["DELETE"])
@signed_in
@blueprint.response(204)
def end_session() -> Response:
    """退出，令牌立即失效"""
    sign_out()
    return Response(status=204)


def _shown(user: User) -> dict[str, Any]:
    shown: dict[str, Any] = plain(
        {
            "user_id": user.user_id,
            "username": user.username,
            "display_name": user.display_name,
            "roles": user.roles,
            "community_ids": user.community_ids,
            "unit_id": user.unit_id,
        }
    )
    return shown
