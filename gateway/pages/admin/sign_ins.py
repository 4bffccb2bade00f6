"""The sign-in log: who signed in, was refused and signed out, from where."""

from flask import Blueprint, render_template, request

from gateway.auth.policy import may
from gateway.pages.admin.asking import WATCHERS, database
from gateway.pages.forms import wanted
from gateway.pages.paging import Pager
from gateway.storage import people
from gateway.storage.people import WantedSignIns
from services.chassis.paging import decode_cursor, encode_cursor

LIMIT = 50

# Every outcome that the log knows, with its word.
OUTCOMES = {
    "signed_in": "登录成功",
    "refused": "密码不对",
    "code_refused": "验证码不对",
    "signed_out": "退出",
    "break_glass_enabled": "启用应急账号",
    "break_glass_disabled": "停用应急账号",
}

blueprint = Blueprint("admin_sign_ins", __name__, url_prefix="/admin/sign-ins")


@blueprint.get("")
@may(*WATCHERS)
def list_sign_ins() -> str:
    before = decode_cursor(request.args.get("cursor"), int)
    asked = WantedSignIns(**wanted("username", "address", "outcome"), before=before[0] if before else None)
    with database().reading() as tx:
        found = people.list_sign_ins(tx.session, asked, limit=LIMIT + 1)
    page = {
        "items": found[:LIMIT],
        "next": encode_cursor(found[LIMIT - 1].sign_in_id) if len(found) > LIMIT else None,
    }
    return render_template(
        "admin/sign_ins.html", sign_ins=page["items"], pager=Pager(page, LIMIT), outcomes=OUTCOMES
    )
