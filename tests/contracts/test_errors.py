"""Errors: one message each, a code of their own, and the same class on both sides of the wire."""

import importlib
import json

import pytest

from deploy.gongzhi._hearers import service_names
from services.chassis import parked, wire
from services.contracts import base
from services.contracts.base import GongzhiError

KINDS = (base.Invalid, base.Forbidden, base.NotFound, base.Conflict, base.Unavailable)


def subclasses(cls: type[GongzhiError]) -> list[type[GongzhiError]]:
    return [sub for direct in cls.__subclasses__() for sub in (direct, *subclasses(direct))]


def released() -> list[type[GongzhiError]]:
    for service in service_names():
        importlib.import_module(f"services.contracts.{service}.errors")
    assert parked.EventNotHeld.__module__.startswith("services.")
    return [error for error in subclasses(GongzhiError) if error.__module__.startswith("services.")]


ERRORS = released()


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in ERRORS]

    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_an_error_is_of_one_kind_and_crosses_as_itself(error: type[GongzhiError]) -> None:
    raised = error("不行。")
    raised.fields = {"field": ["不对。"]}

    read = wire.read_error(json.loads(wire.dumps(wire.write_error(raised))))

    assert sum(issubclass(error, kind) for kind in KINDS) == 1
    assert type(read) is error
    assert (read.message, read.args, read.fields) == ("不行。", ("不行。",), {"field": ["不对。"]})


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_the_code_says_what_the_class_says(error: type[GongzhiError]) -> None:
    assert error.code == base.snake_case(error.__name__)
    assert not error.code.endswith(("_error", "_exception"))
