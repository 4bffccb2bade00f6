"""`gongzhi policy`: who may do what, where, as a table made of the routes themselves."""

from pathlib import Path

import click

from deploy.gongzhi import PROJECT
from services.contracts.base import Role

FILE = PROJECT / "docs" / "policy.md"

_HEAD = """# 谁可以做什么

本表由 `gongzhi policy` 从路由生成，测试会核对它与实际是否一致。请不要手工修改。

“范围”说明权利及于哪些记录。市级管理员和市级工作人员的范围始终是全市。
其他社区尚未公开的记录，读取时回答“没有找到”（404）；存在已经公开的记录，不许可的操作回答“没有权限”（403）并说明原因。

| 操作 | 方法 | 地址 | 角色 | 范围 |
| --- | --- | --- | --- | --- |
"""


@click.command(help="列出每个地址由哪些角色、在什么范围内使用（Markdown 表）。")
@click.option("--write", "is_written", is_flag=True, help="写入 docs/policy.md，而不是显示。")
def command(is_written: bool) -> None:
    text = written()
    if is_written:
        FILE.write_text(text, encoding="utf-8")
        click.echo(f"✓ 已写入 {Path(FILE).relative_to(PROJECT)}。")
    else:
        click.echo(text, nl=False)


def written() -> str:
    from gateway.app import routes_alone
    from gateway.auth.policy import table

    rows = []
    for line in table(routes_alone()):
        if line.policy.is_public:
            roles = "任何人"
        elif line.policy.roles:
            roles = "、".join(role.label for role in Role if role in line.policy.roles)
        else:
            roles = "任何账号"
        reach = line.reach.label if line.reach else "未定"
        rows.append(f"| `{line.act}` | {line.method} | `{line.address}` | {roles} | {reach} |\n")
    return _HEAD + "".join(rows)
