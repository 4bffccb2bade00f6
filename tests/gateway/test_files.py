"""Where files lie and what may lie there: told by content, harmless, and without traces of its author."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import docx
import openpyxl
import pikepdf
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image

from gateway.files.cleaning import MOST_BYTES, clean
from gateway.files.storage import Bucket, FileMissing, Files, Folder, files_of
from gateway.jobs.outcome import FileRefused
from services.chassis.config import ConfigError, load
from services.contracts.base import Unavailable

BUCKET = "evidence"


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    if request.param == "folder":
        return files_of(load({"GONGZHI_FILES": str(tmp_path / "files")}))
    endpoint = request.getfixturevalue("store")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    return files_of(load({"GONGZHI_FILES": f"s3://{BUCKET}/here", "GONGZHI_S3_ENDPOINT": endpoint}))


def test_what_was_put_is_got_until_it_is_deleted(files: Files) -> None:
    files.put("0199-aa", b"one")
    files.put("0199-aa", b"two")
    files.put("0199-aa.thumbnail", b"small")

    assert (files.get("0199-aa"), files.get("0199-aa.thumbnail")) == (b"two", b"small")
    files.delete("0199-aa")
    files.delete("0199-aa")
    with pytest.raises(FileMissing):
        files.get("0199-aa")
    assert files.get("0199-aa.thumbnail") == b"small"


def test_a_file_that_could_not_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.files.storage.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        Folder(tmp_path).put("0199-aa", b"content")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_store_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    with pytest.raises(Unavailable):
        Bucket(BUCKET, endpoint="http://127.0.0.1:9").get("key")


def test_a_bucket_without_a_name_is_no_place() -> None:
    with pytest.raises(ConfigError, match="GONGZHI_FILES"):
        files_of(load({"GONGZHI_FILES": "s3:///evidence"}))


# ---- what is kept, and how ----------------------------------------------------------------------

PLACE = {1: "N", 2: (50.0, 14.0, 30.0)}


def photo(kind: str = "JPEG", size: tuple[int, int] = (600, 400), orientation: int = 1) -> bytes:
    """As a phone takes it: with the place, the device and a thumbnail of its own."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Secretphone", "Model 7", orientation
    exif.get_ifd(0x8825).update(PLACE)
    taken = io.BytesIO()
    Image.new("RGB", size, "navy").save(taken, kind, exif=exif)
    return taken.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp")])
def test_a_photo_keeps_its_picture_and_loses_place_and_device(kind: str, suffix: str) -> None:
    taken = photo(kind)
    assert b"Secretphone" in taken

    kept = clean(taken)

    assert (kept.media_type, kept.suffix) == (f"image/{kind.lower()}", suffix)
    assert b"Secretphone" not in kept.content + kept.thumbnail
    assert dict(opened(kept.content).getexif()) == {}
    assert opened(kept.content).size == (600, 400)
    assert opened(kept.thumbnail).size == (320, 213)


def test_a_photo_taken_sideways_stands_upright() -> None:
    assert opened(clean(photo(orientation=6)).content).size == (400, 600)


def test_a_photo_larger_than_any_screen_is_made_smaller() -> None:
    assert opened(clean(photo(size=(5000, 2500))).content).size == (3000, 1500)


def test_a_transparent_picture_keeps_its_transparency_and_its_thumbnail_is_on_white() -> None:
    drawn = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(drawn, "PNG")

    kept = clean(drawn.getvalue())

    assert opened(kept.content).mode == "RGBA"
    assert opened(kept.thumbnail).getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")

    with pytest.raises(FileRefused, match="像素太多"):
        clean(bomb.getvalue())


def made_pdf(change: object = None) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.docinfo["/Author"] = "Secretauthor"
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = ["Secretauthor"]
    if callable(change):
        change(pdf)
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


def test_a_pdf_loses_its_author() -> None:
    taken = made_pdf()
    assert b"Secretauthor" in taken

    kept = clean(taken)

    assert (kept.media_type, kept.suffix, kept.thumbnail) == ("application/pdf", ".pdf", b"")
    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        assert (len(pdf.pages), "/Info" in pdf.trailer, "/Metadata" in pdf.Root) == (1, False, False)


def _with_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="app.alert(1)")


def _with_launch(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name("/Launch"), F="calc.exe")
    pdf.pages[0].Annots = pdf.make_indirect(
        pikepdf.Array(
            [pikepdf.Dictionary(Type=pikepdf.Name("/Annot"), Subtype=pikepdf.Name("/Link"), A=action)]
        )
    )


def _with_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["tool.exe"] = b"MZ"


@pytest.mark.parametrize("change", [_with_script, _with_launch, _with_attachment])
def test_a_pdf_that_does_things_is_refused(change: object) -> None:
    with pytest.raises(FileRefused, match="脚本、附件"):
        clean(made_pdf(change))


def test_a_pdf_with_a_password_is_refused() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    locked = io.BytesIO()
    pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))

    with pytest.raises(FileRefused, match="密码"):
        clean(locked.getvalue())


def made_word() -> bytes:
    document = docx.Document()
    document.add_paragraph("清雪前后对比")
    document.core_properties.author = "Secretauthor"
    document.add_picture(io.BytesIO(photo()))
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def test_a_word_document_keeps_its_words_and_loses_author_and_place() -> None:
    kept = clean(made_word())

    assert kept.suffix == ".docx"
    again = docx.Document(io.BytesIO(kept.content))
    assert again.paragraphs[0].text == "清雪前后对比"
    assert again.core_properties.author == ""
    with zipfile.ZipFile(io.BytesIO(kept.content)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
    assert b"Secret" not in everything


def test_a_workbook_keeps_its_cells_and_loses_its_author() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("台账")["A1"] = "清雪台账"
    book.properties.creator = "Secretauthor"
    written = io.BytesIO()
    book.save(written)

    kept = clean(written.getvalue())

    assert kept.suffix == ".xlsx"
    again = openpyxl.load_workbook(io.BytesIO(kept.content))
    assert again["台账"]["A1"].value == "清雪台账"
    assert again.properties.creator != "Secretauthor"


def packed(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (packed({"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b""}), "宏"),
        (packed({"[Content_Types].xml": b"macroEnabled", "xl/workbook.xml": b""}), "宏"),
        (packed({"[Content_Types].xml": b"", "word/document.xml": b"\0" * (121 << 20)}), "展开后太大"),
        (packed({"readme.txt": b"hello"}), "压缩文件"),
        (b"PK\x03\x04broken", "无法读取"),
        (b"%PDF-1.7 broken", "无法读取"),
        (b"\xff\xd8\xffbroken", "无法读取"),
        (photo()[:400], "无法读取"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "只接受"),
        (b"<html><script>alert(1)</script>", "只接受"),
        (b"MZ\x90", "只接受"),
        (b"", "只接受"),
        (b"\xff\xd8\xff" + b"\0" * MOST_BYTES, "超过 7 MB"),
    ],
)
def test_what_is_not_safe_to_keep_is_refused_and_says_why(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused, match=sentence):
        clean(content)
