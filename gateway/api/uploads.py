"""A file that a program sends as one part of a form."""

from flask import request

from services.contracts.base import invalid

MULTIPART = "multipart/form-data"
BYTES_SENT = {"type": "string", "format": "binary"}


def sent_file(nameless: str) -> tuple[bytes, str]:
    """The one file of the form and its name, without any path and without what no name may hold."""
    sent = request.files.get("file")
    if sent is None:
        raise invalid({"file": ["必填。"]})
    refuse_fields(set(request.files) - {"file"})
    name = (sent.filename or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if character.isprintable())[-200:]
    content = sent.read()
    if not content:
        raise invalid({"file": ["文件是空的。"]})
    return content, name or nameless


def refuse_fields(names: set[str]) -> None:
    if names:
        raise invalid({name: ["没有这个字段。"] for name in sorted(names)})
