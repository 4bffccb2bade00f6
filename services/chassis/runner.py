"""Starting one process: `python -m services.chassis.runner claims`.

Patches the standard library for eventlet before anything else is imported; psycopg2 then yields to
the event loop too.
"""

import importlib
import importlib.util
import os
import sys

NAMES = ("services.{name}.service", "{name}.host", "gateway.{name}.worker")
GRACE_SECONDS = 12
# So many new objects before the collector looks at the youngest ones; Python's own 700 is for small programs.
COLLECTED_AFTER = 20_000
MOST_WORKERS = 120


def run(name: str) -> None:
    """Replace this process by the one called `name`; a fresh one, so that patching comes first."""
    module = "services.chassis.runner"
    os.execv(sys.executable, [sys.executable, "-W", "ignore::DeprecationWarning", "-m", module, name])


def _module_of(name: str) -> str:
    if "." in name:
        return name
    for pattern in NAMES:
        module = pattern.format(name=name)
        try:
            if importlib.util.find_spec(module):
                return module
        except ModuleNotFoundError:
            continue
    raise SystemExit(f"没有名为“{name}”的进程。")


def _serve(name: str) -> None:
    from services.chassis.config import ConfigError

    try:
        _start(name)
    except ConfigError as error:
        raise SystemExit(str(error)) from None


def _start(name: str) -> None:
    from services.chassis import logs
    from services.chassis.config import load

    config = load()
    logs.configure(process=name, level=config.log_level)
    module = importlib.import_module(_module_of(name))
    if hasattr(module, "check_settings"):
        # Those that this process alone reads; later their sentence would stand among tracebacks.
        module.check_settings(config)
    if hasattr(module, "main"):
        module.main()
        return
    _serve_service(module)


def _serve_service(module: object) -> None:
    import signal
    import threading

    import eventlet
    from nameko.runners import ServiceRunner

    from services.chassis.logs import get_logger
    from services.chassis.service import Service

    log = get_logger(__name__)
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Service) and value is not Service
    ]
    runner = ServiceRunner({"max_workers": MOST_WORKERS})
    for cls in classes:
        runner.add_service(cls)

    def stop(_signal: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        eventlet.spawn_n(stop_gracefully)

    def stop_gracefully() -> None:
        log.info("stopping")
        eventlet.spawn_after(GRACE_SECONDS, os._exit, 1)
        runner.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        runner.start()
    except OSError as error:
        raise SystemExit(f"无法启动：{error}") from None
    _spare_the_collector()
    log.info("started", service=[cls.__name__ for cls in classes], threads=threading.active_count())
    runner.wait()
    log.info("stopped")


def _spare_the_collector() -> None:
    """What the start has made stays for ever: no collection walks through it again."""
    import gc

    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, 20, 20)


if __name__ == "__main__":
    if sys.argv[1] != "jobs":
        import eventlet

        eventlet.monkey_patch()
    _serve(sys.argv[1])
