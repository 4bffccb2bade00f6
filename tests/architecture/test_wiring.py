"""What contracts promise, services do: events told and heard, doors and cards."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deploy.gongzhi import PROJECT
from deploy.gongzhi._hearers import event_classes, service_names
from services.chassis.service import Service
from services.contracts.base import Event

SERVICES = service_names()
EVENTS = event_classes()
SECTIONS = ("Owns", "Answers", "Emits", "Consumes", "Start at")


def service_class(service: str) -> Any:
    module = importlib.import_module(f"services.{service}.service")
    [found] = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and getattr(value, "name", None) == service
    ]
    return found


def methods(service: str) -> dict[str, Any]:
    """Those of its own; what every service answers is the chassis' business."""
    found = inspect.getmembers(service_class(service), inspect.isfunction)
    return {name: method for name, method in found if name not in vars(Service)}


def answers(service: str) -> set[str]:
    return {name for name, method in methods(service).items() if hasattr(method, "schema")}


def heard(service: str) -> set[str]:
    return {
        method.event_class.__name__ for method in methods(service).values() if hasattr(method, "event_class")
    }


def sources(service: str) -> list[Path]:
    return [file for file in (PROJECT / "services" / service).rglob("*.py") if "migrations" not in file.parts]


def built(service: str) -> set[str]:
    """The names of everything that the service's own code calls."""
    names = set()
    for file in sources(service):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                names.add(
                    function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                )
    return names


def card(service: str) -> dict[str, str]:
    """The sections of the docstring of `services/<service>/__init__.py`."""
    module: ModuleType = importlib.import_module(f"services.{service}")
    text = inspect.cleandoc(module.__doc__ or "")
    found: dict[str, str] = {}
    for line in text.splitlines():
        section = next((name for name in SECTIONS if line.startswith(f"{name} ")), None)
        if section is not None:
            current = section
            found[current] = line.removeprefix(section)
        elif found and line.startswith(" "):
            found[current] += " " + line
        elif found:
            break
    return found


def listed(service: str, section: str) -> set[str]:
    return set(re.findall(r"\w+", card(service)[section])) - {"nothing"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_exactly_the_events_that_name_it_as_their_reader(service: str) -> None:
    assert heard(service) == {event.__name__ for event in EVENTS if service in event.readers}


@pytest.mark.parametrize("service", SERVICES)
def test_the_door_of_an_event_has_its_name(service: str) -> None:
    for name, method in methods(service).items():
        if hasattr(method, "event_class"):
            assert name == f"on_{method.event_class.name()}"


@pytest.mark.parametrize("service", SERVICES)
def test_the_door_of_a_call_has_the_name_of_its_shape(service: str) -> None:
    for name, method in methods(service).items():
        if hasattr(method, "schema"):
            assert name == re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", method.schema.__name__).lower()
            assert method.schema.__module__.startswith(f"services.contracts.{service}.commands")


@pytest.mark.parametrize("service", SERVICES)
def test_every_shape_of_a_command_has_its_door(service: str) -> None:
    """A command that nobody answers is either forgotten or a base of others."""
    module = importlib.import_module(f"services.contracts.{service}.commands")
    shapes = {
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__.startswith(module.__name__)
    }
    answered = {method.schema for method in methods(service).values() if hasattr(method, "schema")}
    parts = {base for shape in shapes for base in shape.__mro__[1:]} | {
        type(getattr(getattr(field, "inner", field), "schema", None))
        for shape in shapes
        for field in getattr(shape, "_declared_fields", {}).values()
        if hasattr(getattr(field, "inner", field), "nested")
    }

    assert {shape.__name__ for shape in shapes - answered - parts} == set()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_is_told_by_its_own_service_and_no_other(event: type[Event]) -> None:
    tellers = {service for service in SERVICES if event.__name__ in built(service)}

    assert tellers == {event.source}


@pytest.mark.parametrize("service", SERVICES)
def test_the_card_of_a_service_lists_what_it_does(service: str) -> None:
    assert set(card(service)) == set(SECTIONS)
    assert listed(service, "Answers") == answers(service)
    assert listed(service, "Emits") == {event.__name__ for event in EVENTS if event.source == service}
    assert listed(service, "Consumes") == heard(service)


def test_only_the_gateway_calls_services() -> None:
    """Services talk to each other by events alone."""
    callers = [
        file
        for service in SERVICES
        for file in sources(service)
        if re.search(r"\b(RpcClient|RpcProvider|chassis\.rpc)\b", file.read_text(encoding="utf-8"))
    ]

    assert callers == []


def test_every_door_is_a_door_of_the_chassis() -> None:
    """nameko's own entrypoints lose messages; see `services/chassis/consumer.py`."""
    for service in SERVICES:
        for method in methods(service).values():
            for entrypoint in getattr(method, "nameko_entrypoints", ()):
                module = type(entrypoint).__module__
                assert module.startswith("services.chassis") or module == "nameko.timer"
