"""Requests made out of the OpenAPI document: one that is right, and every way in which a part of it can be wrong."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

Json = Any
Path = tuple[str | int, ...]

CHANGING = ("post", "put", "patch", "delete")
# Texts for the patterns of the document: division code, grid code, credit code, sum of a file, points, ETag.
PATTERNED = ("1", "60.00", "2" * 12, "2" * 15, "9" * 18, "a" * 64, '"1"')
LONG = "长" * 100_000
# What cannot be written by `json.dumps`, put in place of this mark.
RAW = "@raw@"
HALF_A_PAIR = '"\\ud800"'
DEEP = "[" * 50_000 + "]" * 50_000
HUGE = "9" * 400

WRONG: dict[str, tuple[Json, ...]] = {
    "string": (7, True, [], {}, 1.5),
    "integer": ("x", [], {}, 1.5, True, 10**30, -(10**30), 10**18),
    "array": (7, True, {}, "x"),
    "object": (7, True, [], "x"),
    "boolean": ("x", [], {}, 7),
}
WRONG_FORMAT: dict[str, tuple[Json, ...]] = {
    "uuid": ("", "x", "0" * 36, "00000000-0000-0000-0000-00000000000g", "\x00" * 36),
    "date": ("", "0000-00-00", "2026-02-30", "2026-13-01", "99999-01-01", "-2026-01-01", "明天", "2026-1-1"),
}
WRONG_TEXT: tuple[Json, ...] = ("\x00", "清\x00雪", "\x1b[31m", LONG)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One changing operation; `schema` is that of its JSON body, None when it takes none."""

    method: str
    path: str
    parameters: tuple[Json, ...]
    schema: Json

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def address(self) -> str:
        """Of records that do not exist."""
        return re.sub(r"\{[a-z_]+\}", lambda _: str(uuid4()), self.path)

    @property
    def headers(self) -> dict[str, str]:
        """Those that the operation requires; a key is new for each request, and whoever sends it makes one."""
        required = [one for one in self.parameters if one["in"] == "header" and one.get("required")]
        return {one["name"]: '"1"' for one in required if one["name"] != "Idempotency-Key"}


class Document:
    def __init__(self, document: Json) -> None:
        self.document = document

    def changing_operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in CHANGING:
                if method in item:
                    content = item[method].get("requestBody", {}).get("content", {})
                    yield Operation(
                        method=method.upper(),
                        path=path,
                        parameters=(*item.get("parameters", ()), *item[method].get("parameters", ())),
                        schema=content.get("application/json", {}).get("schema"),
                    )

    def resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def specimen(self, schema: Json) -> Json:
        """A value that the schema allows."""
        schema = self.resolved(schema)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.specimen(schema[choice][0])
        if "enum" in schema:
            return schema["enum"][0]
        match type_of(schema):
            case "object":
                properties = schema.get("properties", {})
                return {name: self.specimen(part) for name, part in properties.items()}
            case "array":
                return [self.specimen(schema["items"])]
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
        match schema.get("format"):
            case "uuid":
                return str(uuid4())
            case "date":
                return "2026-12-08"
        least, most = schema.get("minLength", 0), schema.get("maxLength", 200)
        pattern = schema.get("pattern", "")
        return next(
            text
            for text in (*PATTERNED, "字" * max(1, least))
            if re.search(pattern, text) and least <= len(text) <= most
        )

    def parts(self, schema: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
        """Every part of the specimen with its schema, the whole first."""
        schema = self.resolved(schema)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                yield from self.parts(schema[choice][0], path)
                return
        yield path, schema
        if type_of(schema) == "object":
            for name, part in schema.get("properties", {}).items():
                yield from self.parts(part, (*path, name))
        elif type_of(schema) == "array":
            yield from self.parts(schema["items"], (*path, 0))

    def wrong_bodies(self, schema: Json) -> Iterator[tuple[Path, str, bytes]]:
        """A body with one thing wrong: where, what, and the bytes."""
        good = self.specimen(schema)
        for path, part in self.parts(schema):
            for value in wrong_values(part):
                yield path, repr(value)[:40], json.dumps(put(good, path, value)).encode()
            for name, raw in (
                ("half a surrogate pair", HALF_A_PAIR),
                ("50 000 brackets", DEEP),
                ("400 digits", HUGE),
            ):
                text = json.dumps(put(good, path, RAW)).replace(f'"{RAW}"', raw)
                yield path, name, text.encode()
            if type_of(part) == "object" and "properties" in part:
                value = value_at(good, path)
                yield (
                    (*path, "nonsense"),
                    "unknown field",
                    json.dumps(put(good, path, {**value, "nonsense": 1})).encode(),
                )
            required = part.get("required", []) if type_of(part) == "object" else []
            for name in required:
                value = {key: one for key, one in value_at(good, path).items() if key != name}
                yield (*path, name), "missing", json.dumps(put(good, path, value)).encode()


def type_of(schema: Json) -> str:
    found = schema.get("type", "object" if "properties" in schema else "string")
    return next(one for one in found if one != "null") if isinstance(found, list) else str(found)


def wrong_values(schema: Json) -> Iterator[Json]:
    kind = type_of(schema)
    is_nullable = isinstance(schema.get("type"), list) or None in schema.get("enum", ())
    if not is_nullable:
        yield None
    if "enum" in schema:
        yield from ("nonsense", "", 7, [], {})
        return
    # Points may also be written as a number.
    is_decimal = kind == "string" and "0-9" in schema.get("pattern", "")
    yield from (value for value in WRONG.get(kind, ()) if not (is_decimal and isinstance(value, int | float)))
    if kind == "string":
        yield from WRONG_FORMAT.get(schema.get("format", ""), WRONG_TEXT)
    if kind == "integer":
        yield from (
            schema[bound] + step for bound, step in (("minimum", -1), ("maximum", 1)) if bound in schema
        )
    if kind == "array" and "maxItems" in schema:
        yield [None] * (schema["maxItems"] + 1)


def put(whole: Json, path: Path, value: Json) -> Json:
    if not path:
        return value
    copy = deepcopy(whole)
    value_at(copy, path[:-1])[path[-1]] = value
    return copy


def value_at(whole: Json, path: Path) -> Json:
    for step in path:
        whole = whole[step]
    return whole
