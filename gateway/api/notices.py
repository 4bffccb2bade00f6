"""Notices, their deliveries, and who has subscribed."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import Blueprint, answer, page, record, without_body
from gateway.auth.policy import OFFICES, may, public
from gateway.calls import notifications
from services.contracts.base import Role
from services.contracts.notifications import commands, views

blueprint = Blueprint("notices", description="公告、投递与订阅")

SENDERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)


@blueprint.route("/notices", methods=["GET"])
@public
@blueprint.arguments(commands.ListNotices, location="query")
@blueprint.response(200, views.NoticePage)
def list_notices(wanted: dict[str, Any]) -> Response:
    """公示栏（无需登录）"""
    return page(notifications.list_notices(**wanted))


@blueprint.route("/notices/<uuid:notice_id>", methods=["GET"])
@public
@blueprint.response(200, views.NoticeView)
def get_notice(notice_id: UUID) -> Response:
    """公告详情（无需登录）"""
    return record(notifications.get_notice(notice_id=notice_id))


@blueprint.route("/deliveries", methods=["GET"])
@may(*OFFICES)
@blueprint.arguments(commands.ListDeliveries, location="query")
@blueprint.response(200, views.DeliveryPage)
def list_deliveries(wanted: dict[str, Any]) -> Response:
    """投递情况"""
    return page(notifications.list_deliveries(**wanted))


@blueprint.route("/deliveries/<uuid:delivery_id>/resending", methods=["POST"])
@may(*SENDERS)
@without_body
@blueprint.response(200, views.DeliveryView)
def resend_delivery(delivery_id: UUID) -> Response:
    """重新投递"""
    return answer(notifications.resend_delivery(delivery_id=delivery_id))


@blueprint.route("/subscriptions", methods=["GET"])
@may(*OFFICES)
@blueprint.arguments(commands.ListSubscriptions, location="query")
@blueprint.response(200, views.SubscriptionPage)
def list_subscriptions(wanted: dict[str, Any]) -> Response:
    """订阅列表"""
    return page(notifications.list_subscriptions(**wanted))


@blueprint.route("/subscriptions", methods=["POST"])
@may(*SENDERS)
@blueprint.arguments(commands.AddSubscription)
@blueprint.response(201, views.SubscriptionView)
def add_subscription(command: dict[str, Any]) -> Response:
    """增加订阅"""
    return answer(notifications.add_subscription(**command), 201)


@blueprint.route("/subscriptions/<uuid:subscription_id>", methods=["DELETE"])
@may(*SENDERS)
@blueprint.response(204)
def remove_subscription(subscription_id: UUID) -> Response:
    """取消订阅"""
    notifications.remove_subscription(subscription_id=subscription_id)
    return Response(status=204)
