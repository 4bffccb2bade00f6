"""The `gongzhi` command. Every file of this folder that has a click `command` is a subcommand of its name."""

import importlib
import os
import pkgutil
import warnings
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENT_FILE = PROJECT / "var" / "server" / "env"


class Subcommands(click.Group):
    """Imports a subcommand only when it is called: `run` must patch the standard library before anything else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}")
        command = getattr(module, "command", None)
        return command if isinstance(command, click.Command) else None


@click.group(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """共治：社区居民自治平台的命令行工具。"""


def main() -> int:
    """Sentences instead of tracebacks for what a person can put right; exit 1 for those, 2 for wrong usage."""
    # eventlet announces its own deprecation at every import; docs/decisions.md says what we make of it.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="eventlet")
    know_the_running_server()
    try:
        cli(prog_name="gongzhi", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if not _is_for_people(error):
            raise
        click.echo(f"✗ {error}", err=True)
        return 1
    return 0


def know_the_running_server() -> None:
    """On a developer's machine, commands find the platform that `script/server` started.

    Variables that are set win, and a production environment never looks at the file.
    """
    if os.environ.get("GONGZHI_ENV", "development") == "development" and ENVIRONMENT_FILE.exists():
        from deploy.local.stack import read_shell_lines

        for name, value in read_shell_lines(ENVIRONMENT_FILE).items():
            os.environ.setdefault(name, value)


def _is_for_people(error: Exception) -> bool:
    """By name: importing the configuration here would import half the platform before `run` has patched."""
    return any(kind.__name__ in {"ConfigError", "LocalServerError"} for kind in type(error).__mro__)
