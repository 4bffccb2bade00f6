"""`gongzhi bench`: what calls, claims and events cost on this machine, beside their floors."""

import json
import os
import warnings
from pathlib import Path

import click


@click.command("bench")
@click.option("--quick", "is_quick", is_flag=True, help="每项只测两轮，一分半钟以内。")
@click.option("--only", type=click.Choice(["a", "b", "lists", "rpc", "memory"]), help="只测一部分。")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="结果另存为 JSON。"
)
@click.option("--profile", "with_profiles", is_flag=True, help="再看时间花在哪里（需要 py-spy）。")
def command(*, is_quick: bool, only: str | None, json_file: Path | None, with_profiles: bool) -> None:
    """性能测量：在自己的服务器和进程上，与各自的下限并排比较。

    \b
    a       认领或拒绝（HTTP → RPC → 提交）
    b       中继；提交到生效
    lists   十万个事项的清单，按各种条件翻看
    rpc     nameko 原样的 RPC 与本平台的 RPC
    memory  空闲时各进程的内存
    """
    from rich.console import Console

    warnings.simplefilter("ignore")
    try:
        from tests.bench.control import BenchFailed
        from tests.bench.profiling import show
        from tests.bench.run import run
    except ModuleNotFoundError as error:
        raise click.ClickException(f"性能测量随源代码一起提供，这里没有（{error.name}）。") from None
    console = Console(width=None if os.isatty(1) else 150)
    try:
        figures, profiles = run(console, only=only, is_quick=is_quick, with_profiles=with_profiles)
    except BenchFailed as failure:
        raise click.ClickException(str(failure)) from None
    figures.show(console)
    for title, profile in profiles.items():
        show(console, title, profile)
    if json_file:
        told = {
            **figures.as_json(),
            "profiles": {title: profile.as_json() for title, profile in profiles.items()},
        }
        json_file.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
