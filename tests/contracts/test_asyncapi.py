"""The committed AsyncAPI document: made from the classes, and good AsyncAPI."""

import json
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from deploy.gongzhi import PROJECT, _hearers, asyncapi

# From the package of the standard's own authors, installed with the page assets.
STANDARD = PROJECT / "gateway/assets/node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(asyncapi.DOCUMENT.read_text(encoding="utf-8"))
    return made


def test_the_committed_document_is_what_the_classes_say(document: dict[str, Any]) -> None:
    assert asyncapi.document(_hearers.event_classes()) == document
    assert CliRunner().invoke(asyncapi.command, ["--check"]).exit_code == 0


@pytest.mark.skipif(not STANDARD.exists(), reason="script/bootstrap has not installed the page assets")
def test_the_document_is_valid_asyncapi(document: dict[str, Any]) -> None:
    standard = json.loads(STANDARD.read_text(encoding="utf-8"))

    jsonschema.Draft7Validator(standard).validate(document)


@pytest.mark.skipif(not STANDARD.exists(), reason="script/bootstrap has not installed the page assets")
def test_the_standard_would_notice_a_mistake(document: dict[str, Any]) -> None:
    standard = json.loads(STANDARD.read_text(encoding="utf-8"))
    wrong = {**document, "operations": {"x": {"action": "shout"}}}

    assert not jsonschema.Draft7Validator(standard).is_valid(wrong)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [ref for value in node.values() for ref in references(value)]
        return [ref for value in node for ref in references(value)] if isinstance(node, list) else []

    for reference in set(references(document)):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def messages() -> list[str]:
    return [asyncapi._key(event) for event in _hearers.event_classes()]


@pytest.mark.parametrize("name", messages())
def test_the_recorded_sample_fits_the_schema_of_its_event(document: dict[str, Any], name: str) -> None:
    message = document["components"]["messages"][name]
    [example] = message["examples"]

    for part in ("headers", "payload"):
        schema = {**message[part], "components": document["components"]}
        checker = jsonschema.FormatChecker()
        jsonschema.Draft202012Validator(schema, format_checker=checker).validate(example[part])
        broken: dict[str, list[str]] = {key: [] for key in example[part]}
        assert not jsonschema.Draft202012Validator(schema).is_valid(broken)


def test_an_outdated_document_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncapi, "DOCUMENT", PROJECT / "docs/events/missing.json")

    outcome = CliRunner().invoke(asyncapi.command, ["--check"])

    assert outcome.exit_code == 1
    assert "gongzhi asyncapi" in outcome.output
