"""`gongzhi run claims`: one process of the platform, in the foreground."""

import click

PROCESSES = ("claims", "consultation", "staffing", "notifications", "gateway", "jobs")


@click.command("run")
@click.argument("name", type=click.Choice(PROCESSES))
def command(name: str) -> None:
    """运行平台的一个进程（由 Procfile、systemd 或 Kubernetes 调用）。"""
    from services.chassis import runner

    runner.run(name)
