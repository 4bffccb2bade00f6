"""What holds for every template and every built asset, read as text."""

import json
import re
import subprocess
import sys

import pytest

from gateway.manifest import STATIC

GATEWAY = STATIC.parent
ASSETS = GATEWAY / "assets"
TEMPLATES = sorted((GATEWAY / "templates").rglob("*.html"))


def found_in_templates(pattern: str) -> list[str]:
    return [
        f"{file.relative_to(GATEWAY)}: {match}"
        for file in TEMPLATES
        for match in re.findall(pattern, file.read_text(encoding="utf-8"))
    ]


def test_templates_carry_no_style_and_no_script_of_their_own() -> None:
    """The browser would refuse them: the pages' policy allows neither."""
    assert found_in_templates(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on[:=]") == []


def test_templates_name_no_other_host() -> None:
    assert found_in_templates(r"""(?:src|href|action)=["']?(?:https?:)?//[^"'\s]*""") == []


def test_every_icon_is_part_of_the_one_file() -> None:
    listed = set(json.loads((ASSETS / "src" / "icons.json").read_text()))
    sources = [*TEMPLATES, GATEWAY / "pages" / "frame.py"]
    text = "".join(file.read_text(encoding="utf-8") for file in sources)
    used = set(
        re.findall(r'ui\.icon\("([a-z0-9-]+)"\)|(?<![a-z_])icon\("([a-z0-9-]+)"\)|icon="([a-z0-9-]+)"', text)
    )

    assert {name for names in used for name in names if name} <= listed


def test_htmx_is_written_as_its_fourth_version_understands_it() -> None:
    """Attributes of earlier versions do nothing and say nothing; the checker that htmx ships finds them."""
    checker = ASSETS / "node_modules" / "htmx.org" / "dist" / "scripts" / "upgrade-check.py"
    assert checker.exists(), "run npm ci in gateway/assets first"

    run = [sys.executable, str(checker), str(GATEWAY / "templates"), str(ASSETS / "src")]
    said = subprocess.run(run, capture_output=True, text=True, check=False)

    assert "Found 0 issue(s)" in said.stdout + said.stderr, said.stderr


@pytest.mark.parametrize("name", ["app.css", "app.js", "charts.js", "icons.svg", "favicon.svg"])
def test_assets_are_built_under_names_that_change_with_them(name: str) -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())

    assert re.fullmatch(r"[a-z]+-[0-9A-F]{10}\.[a-z]+", manifest[name])
    assert (STATIC / manifest[name]).stat().st_size > 200


def test_the_licences_of_what_is_bundled_are_kept() -> None:
    text = (STATIC / "LEGAL.txt").read_text(encoding="utf-8")

    for package in ("bootstrap", "bootstrap-icons", "echarts", "htmx.org", "swagger-ui-dist", "zrender"):
        assert re.search(rf"^{re.escape(package)} \d+\.\d+", text, re.MULTILINE)


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ASSETS / "package-lock.json").read_text()
