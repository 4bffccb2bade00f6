"""What people hand in as evidence: known kinds only, told by content, and without traces of its author.

A photo of a phone says where it was taken and by which device; a document says who wrote it.
Runs in the child process of a job, with bounded memory and time, because files lie about themselves.
"""

import io
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import pikepdf
from PIL import Image, ImageOps

from gateway.jobs.outcome import FileRefused

MIB = 1024 * 1024
MOST_BYTES = 7 * MIB
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 3000
THUMBNAIL_SIDE = 320
MOST_EXPANDED = 120 * MIB
MOST_PARTS = 3000
# What leads to a program or to another file inside a PDF.
_ACTIVE = frozenset(
    ("/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/EmbeddedFile", "/RichMedia", "/XFA")
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EMPTY_PARTS = {
    "docProps/core.xml": (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
        '"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
    ),
    "docProps/app.xml": (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
        '"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
    ),
    "docProps/custom.xml": (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
        '"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
    ),
}


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """`suffix` fits the content; `thumbnail` is a JPEG, empty for what is no picture."""

    media_type: str
    suffix: str
    content: bytes = field(repr=False)
    thumbnail: bytes = field(default=b"", repr=False)


def clean(content: bytes) -> Cleaned:
    """Raises `FileRefused` with one Chinese sentence."""
    if len(content) > MOST_BYTES:
        raise FileRefused(f"文件超过 {MOST_BYTES // MIB} MB，请压缩后上传。")
    for matches, cleaned in _KINDS:
        if matches(content):
            return cleaned(content)
    raise FileRefused("只接受照片（JPEG、PNG、WebP）、PDF、Word（.docx）和 Excel（.xlsx）文件。")


# ---- pictures -----------------------------------------------------------------------------------


def _picture(content: bytes) -> Cleaned:
    """Turned upright, no larger than a screen needs, and written anew without what the camera noted."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
                kind = opened.format or ""
                if opened.width * opened.height > MOST_PIXELS:
                    raise FileRefused("照片的像素太多，请缩小后上传。")
                picture = ImageOps.exif_transpose(opened)
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileRefused("照片的像素太多，请缩小后上传。") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise FileRefused("照片无法读取，可能已损坏。") from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    suffix, how = _PICTURES[kind]
    return Cleaned(
        media_type=f"image/{kind.lower()}",
        suffix=suffix,
        content=_written(picture, kind, **how),
        thumbnail=_written(small, "JPEG", quality=80),
    )


def _written(picture: Image.Image, kind: str, **how: int | bool) -> bytes:
    """Pixels only: a new picture carries no EXIF, no profile and no comment."""
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    bare = picture.convert(mode)
    if kind == "JPEG" and mode == "RGBA":
        paper = Image.new("RGB", bare.size, "white")
        paper.paste(bare, mask=bare.getchannel("A"))
        bare = paper
    bare.info = {}
    written = io.BytesIO()
    bare.save(written, kind, **how)
    return written.getvalue()


_PICTURES: dict[str, tuple[str, dict[str, int | bool]]] = {
    "JPEG": (".jpg", {"quality": 88}),
    "PNG": (".png", {"optimize": False}),
    "WEBP": (".webp", {"quality": 88}),
}


# ---- documents ----------------------------------------------------------------------------------


def _pdf(content: bytes) -> Cleaned:
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            for thing in pdf.objects:
                _disarm(thing)
            if "/Info" in pdf.trailer:
                del pdf.trailer["/Info"]
            written = io.BytesIO()
            pdf.save(written, deterministic_id=True)
    except pikepdf.PasswordError:
        raise FileRefused("PDF 有密码，请取消密码后上传。") from None
    except pikepdf.PdfError:
        raise FileRefused("PDF 无法读取，可能已损坏。") from None
    return Cleaned(media_type="application/pdf", suffix=".pdf", content=written.getvalue())


def _disarm(numbered: pikepdf.Object) -> None:
    """An object of the file, and what lies directly in it; what has a number of its own comes by itself."""
    found = [numbered]
    while found:
        thing = found.pop()
        if isinstance(thing, pikepdf.Array):
            inside = list(thing)
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            _refuse_active(thing)
            for name in ("/Metadata", "/PieceInfo"):
                if name in thing:
                    del thing[name]
            inside = [thing[name] for name in list(thing.keys())]
        else:
            continue
        found += [one for one in inside if not getattr(one, "is_indirect", True)]


def _refuse_active(thing: pikepdf.Object) -> None:
    kinds = {str(thing[name]) for name in ("/S", "/Type", "/Subtype") if name in thing}
    if (set(thing.keys()) | kinds) & _ACTIVE:
        raise FileRefused("PDF 含有脚本、附件或可执行的动作，请另存为普通 PDF 后上传。")


def _office(content: bytes) -> Cleaned:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_EXPANDED:
                raise FileRefused("文件展开后太大，请精简后上传。")
            names = {part.filename for part in parts}
            media_type, suffix = _office_kind(names)
            types = package.read("[Content_Types].xml").decode("utf-8", "replace")
            if any("vbaproject" in name.lower() for name in names) or "macroEnabled" in types:
                raise FileRefused("文件含有宏，请另存为不含宏的文件后上传。")
            written = io.BytesIO()
            with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as bare:
                for part in parts:
                    if not part.is_dir():
                        bare.writestr(
                            zipfile.ZipInfo(part.filename), _part(package, part), zipfile.ZIP_DEFLATED
                        )
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError, OSError):
        raise FileRefused("文件无法读取，可能已损坏或加了密码。") from None
    return Cleaned(media_type=media_type, suffix=suffix, content=written.getvalue())


def _office_kind(names: set[str]) -> tuple[str, str]:
    if "word/document.xml" in names:
        return _WORD, ".docx"
    if "xl/workbook.xml" in names:
        return _EXCEL, ".xlsx"
    raise FileRefused("压缩文件不能作为佐证材料，请上传照片、PDF、Word 或 Excel 文件。")


def _part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    if part.filename in _EMPTY_PARTS:
        return _EMPTY_PARTS[part.filename].encode()
    content = package.read(part)
    if len(content) != part.file_size:
        raise zipfile.BadZipFile
    is_photo = "/media/" in part.filename and part.filename.lower().endswith((".jpg", ".jpeg"))
    return _picture(content).content if is_photo and content[:3] == _JPEG else content


_JPEG = b"\xff\xd8\xff"
_KINDS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Cleaned]], ...] = (
    (lambda head: head.startswith((_JPEG, b"\x89PNG\r\n\x1a\n")), _picture),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _picture),
    (lambda head: head.startswith(b"%PDF-"), _pdf),
    (lambda head: head.startswith(b"PK\x03\x04"), _office),
)
