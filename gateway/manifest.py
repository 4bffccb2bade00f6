"""Names of the built assets: `app.js` is served as `app-HASH.js`, so browsers may keep it for ever."""

import json
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent / "static"
_A_YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    app.jinja_env.globals["asset"] = Manifest(STATIC / "manifest.json").address
    app.after_request(_keep_for_long)


class Manifest:
    """Reads the file again when a new build has replaced it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_at = 0
        self._names: dict[str, str] = {}

    def address(self, name: str) -> str:
        """The address of an asset; of the plain name when it was never built with a hash."""
        try:
            changed_at = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            changed_at = 0
        if changed_at and changed_at != self._read_at:
            self._names = json.loads(self._file.read_text())
            self._read_at = changed_at
        return url_for("static", filename=self._names.get(name, name))


def _keep_for_long(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        name = (request.view_args or {}).get("filename", "")
        is_hashed = "-" in name and not name.startswith("vendor/")
        response.cache_control.public = True
        response.cache_control.max_age = _A_YEAR if is_hashed else 3600
        response.cache_control.immutable = is_hashed
    return response
