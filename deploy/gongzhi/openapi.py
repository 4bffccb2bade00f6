"""`gongzhi openapi`: the API as an OpenAPI 3.1 document and its problem types, made from the routes and errors."""

import json
from pathlib import Path

import click

from deploy.gongzhi import PROJECT

FOLDER = PROJECT / "docs" / "api"


@click.command("openapi")
@click.option("--check", is_flag=True, help="只检查提交的文件是否最新；不是则退出码为 1。")
def command(*, check: bool) -> None:
    """生成 docs/api：对外接口的 OpenAPI 文档和问题类型。"""
    for file, text in documents().items():
        shown = file.relative_to(PROJECT)
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            click.echo(f"✓ 已写入 {shown}。")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            raise click.ClickException(f"{shown} 不是最新的，请运行 gongzhi openapi。")
        else:
            click.echo(f"✓ {shown} 是最新的。")


def documents() -> dict[Path, str]:
    """What each file should hold."""
    from gateway.api import problems
    from gateway.app import routes_alone

    document = routes_alone().extensions["openapi"].to_dict()
    return {
        FOLDER / "openapi.json": json.dumps(document, ensure_ascii=False, indent=2) + "\n",
        FOLDER / "problems.md": problems.documentation(),
    }
