"""Writing a joint-building agreement into its template, and checking a template that a city uploads.

A template is somebody's file: its placeholders are worked out in jinja's sandbox, in a child process with
bounded memory and time, and every value is escaped on its way into the XML.
"""

import io
import zipfile
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from gateway.jobs import agreement_template
from gateway.jobs.agreement_template import MIME
from gateway.jobs.outcome import FileRefused, MadeFile, Report
from services.contracts.claims.agreement_terms import PLACEHOLDERS

KIND = "write_agreement"
CHECK_KIND = "check_agreement_template"
_SAMPLE = {name: f"〔{word}〕" for name, word in PLACEHOLDERS.items()}
_BROKEN = "文件不是 Word 文档（.docx），或已损坏。请用 Word 或 WPS 另存为 .docx 后重新上传。"


def write(content: bytes, meta: dict[str, Any], report: Report) -> MadeFile:
    """`content`: the city's template, or nothing for the platform's; `meta`: `file_name`, `values`."""
    made = _rendered(content or agreement_template.build(), dict(meta["values"]))
    return MadeFile(name=str(meta["file_name"]), mime=MIME, content=made)


def check(content: bytes, meta: dict[str, Any], report: Report) -> MadeFile:
    """The template as it was sent, once it is known to work; raises `FileRefused` with what is wrong."""
    _refuse_macros(content)
    unknown = sorted(_placeholders(content) - set(PLACEHOLDERS))
    if unknown:
        known = "、".join(f"{{{{ {name} }}}}（{word}）" for name, word in PLACEHOLDERS.items())
        named = "、".join(f"{{{{ {name} }}}}" for name in unknown)
        raise FileRefused(f"模板中有不认识的占位符：{named}。可以使用：{known}。")
    report(50)
    _rendered(content, _SAMPLE)
    return MadeFile(name=str(meta["file_name"]), mime=MIME, content=content)


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


def _placeholders(content: bytes) -> set[str]:
    try:
        found: set[str] = _opened(content).get_undeclared_template_variables(_environment())
    except TemplateError as error:
        raise FileRefused(f"模板的占位符写法有误：{error}。") from error
    return found


def _rendered(content: bytes, values: dict[str, str]) -> bytes:
    template = _opened(content)
    try:
        template.render(values, jinja_env=_environment(), autoescape=True)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise FileRefused(f"模板不能使用：{error}。") from error
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()


def _opened(content: bytes) -> DocxTemplate:
    """docxtpl opens its file only when it is asked something; a broken one is found out here."""
    template = DocxTemplate(io.BytesIO(content))
    try:
        template.init_docx()
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise FileRefused(_BROKEN) from error
    return template


def _refuse_macros(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except zipfile.BadZipFile as error:
        raise FileRefused(_BROKEN) from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused("模板含有宏，不能使用。请另存为不含宏的 .docx。")
