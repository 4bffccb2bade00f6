"""Commands and views: strict at the door, tolerant when read back, refusing in Chinese."""

import importlib
import re
from typing import Any

import marshmallow as ma
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.gongzhi._hearers import service_names
from services.contracts.base import Invalid, Schema, Term, View

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def shapes_of(kind: str) -> list[type[Schema]]:
    found: dict[str, type[Schema]] = {}
    for service in service_names():
        module = importlib.import_module(f"services.contracts.{service}.{kind}")
        for shape in vars(module).values():
            if (
                isinstance(shape, type)
                and issubclass(shape, Schema)
                and shape.__module__.startswith(module.__name__)
            ):
                found[f"{service}.{shape.__name__}"] = shape
    return list(found.values())


COMMANDS = [shape for shape in shapes_of("commands") if not issubclass(shape, View)]
VIEWS = [shape for shape in shapes_of("views") if issubclass(shape, View)]


@pytest.mark.parametrize("shape", COMMANDS, ids=lambda shape: shape.__name__)
def test_a_command_refuses_what_it_does_not_know(shape: type[Schema]) -> None:
    with pytest.raises(Invalid) as refused:
        shape().load({"no_such_field": 1})

    assert refused.value.fields["no_such_field"] == ["没有这个字段。"]


@pytest.mark.parametrize("shape", COMMANDS, ids=lambda shape: shape.__name__)
def test_a_command_refuses_in_chinese(shape: type[Schema]) -> None:
    wrong: dict[str, Any] = dict.fromkeys(shape().fields, object())

    try:
        shape().load({**wrong, "no_such_field": 1})
    except Invalid as refused:
        for messages in refused.fields.values():
            assert all(re.search("[一-鿿]", message) for message in messages), messages


@pytest.mark.parametrize("shape", COMMANDS, ids=lambda shape: shape.__name__)
def test_whatever_is_sent_a_command_is_loaded_or_refused(shape: type[Schema]) -> None:
    names = sorted(shape().fields) or ["x"]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.dictionaries(st.sampled_from(names), JSON_VALUES) | JSON_VALUES)
    def check(sent: Any) -> None:
        try:
            loaded = shape().load(sent)
        except Invalid as refused:
            assert refused.message  # noqa: PT017  either outcome is right
        else:
            assert isinstance(loaded, dict)

    check()


@pytest.mark.parametrize("shape", VIEWS, ids=lambda shape: shape.__name__)
def test_a_view_read_back_tolerates_new_fields(shape: type[View]) -> None:
    assert shape.Meta.unknown == ma.EXCLUDE or shape().unknown == ma.EXCLUDE
    assert shape().fields


def test_there_are_commands_and_views() -> None:
    assert len(COMMANDS) > 20
    assert len(VIEWS) > 10


def terms(cls: type[Term]) -> list[type[Term]]:
    return [sub for direct in cls.__subclasses__() for sub in (direct, *terms(direct))]


@pytest.mark.parametrize("term", terms(Term), ids=lambda term: term.__name__)
def test_every_term_has_its_chinese_word_once(term: type[Term]) -> None:
    labels = [member.label for member in term]

    assert len(set(labels)) == len(labels)
    for member in term:
        assert re.search("[一-鿿]", member.label)
        assert term.labelled(member.label) is member
        assert re.fullmatch("[a-z0-9_]+", member.value)
