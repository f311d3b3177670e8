"""PDFs leave with their pages, and without what acts, hides or tells of the writer."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from pypdf import PdfReader

from alko.vault.inspection import Inspected, Limits, Refused
from tests.vault.inspection import making
from tests.vault.inspection.inspecting import notes, passed, refusal
from tests.vault.inspection.making import SECRETS, annotation, changed, scan, script
from tests.vault.inspection.signing import signed

EVIL = re.compile(rb"evil|JavaScript|/JS\b|/AA\b|/Launch|/URI\b|EmbeddedFile|/XFA|RichMedia|/Sound")


def everything(found: Inspected) -> bytes:
    """All objects and unpacked streams of a PDF, in clear."""
    into = io.BytesIO()
    with pikepdf.open(found.content) as pdf:
        pdf.save(
            into,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    return into.getvalue()


def text(found: Inspected) -> str:
    found.content.seek(0)
    return "".join(page.extract_text() for page in PdfReader(found.content).pages)


def opening(pdf: Pdf) -> None:
    pdf.Root.OpenAction = script()


def opening_elsewhere(pdf: Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(
        Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([script()]))
    )


def additional(pdf: Pdf) -> None:
    pdf.Root.AA = Dictionary(WC=script())
    pdf.pages[0].obj.AA = Dictionary(O=script())
    annotation(pdf, "Widget", FT=Name.Tx, T=String("f"), AA=Dictionary(K=script()))


def named(pdf: Pdf) -> None:
    tree = Dictionary(Names=Array([String("evil"), pdf.make_indirect(script())]))
    pdf.Root.Names = Dictionary(JavaScript=tree)


def launching(pdf: Pdf) -> None:
    launch = Dictionary(S=Name.Launch, F=String("evil.exe"), Win=Dictionary(F=String("evil.exe")))
    annotation(pdf, "Link", A=launch)


def linking(pdf: Pdf) -> None:
    annotation(pdf, "Link", A=Dictionary(S=Name.URI, URI=String("https://evil.example/")))
    pdf.Root.URI = Dictionary(Base=String("https://evil.example/"))


def chained(pdf: Pdf) -> None:
    annotation(pdf, "Link", A=Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=script()))


def outlined(pdf: Pdf) -> None:
    entry = pdf.make_indirect(Dictionary(Title=String("Start"), A=script()))
    pdf.Root.Outlines = pdf.make_indirect(
        Dictionary(Type=Name.Outlines, First=entry, Last=entry, Count=1)
    )
    entry.Parent = pdf.Root.Outlines


def submitting(pdf: Pdf) -> None:
    submit = Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String("http://evil/")))
    annotation(pdf, "Widget", FT=Name.Btn, T=String("b"), A=submit)


def attaching(pdf: Pdf) -> None:
    pdf.attachments["evil.exe"] = b"MZ evil program"


def clipped(pdf: Pdf) -> None:
    content = pdf.make_stream(b"evil", Type=Name.EmbeddedFile)
    file = Dictionary(Type=Name.Filespec, F=String("evil"), EF=Dictionary(F=content))
    annotation(pdf, "FileAttachment", FS=pdf.make_indirect(file))


def filming(pdf: Pdf) -> None:
    annotation(pdf, "RichMedia", RichMediaContent=Dictionary(X=pdf.make_stream(b"evil")))
    annotation(pdf, "Screen", A=Dictionary(S=Name.Rendition, JS=String("evil()")))
    annotation(pdf, "Sound", Sound=pdf.make_stream(b"evil"))


def forming(pdf: Pdf) -> None:
    xfa = pdf.make_stream(b"<xdp:xdp>evil</xdp:xdp>")
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=Array([String("template"), xfa]))


def hiding(pdf: Pdf) -> None:
    """A script in a table whose keys are names, and one that only an unknown key leads to."""
    pdf.pages[0].obj.Resources.Properties = Dictionary(Evil=Dictionary(JS=String("evil")))
    pdf.pages[0].obj.XUnknown = Array([Array([Dictionary(Deep=script())])])


def distant(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"", F=String("\\\\evil\\share"))
    pdf.pages[0].obj.Resources.XObject = Dictionary(
        A=pdf.make_stream(b"%!PS evil", Type=Name.XObject, Subtype=Name.PS), B=stream
    )


HOSTILE: list[tuple[Callable[[Pdf], None], str]] = [
    (opening, "actions"),
    (opening_elsewhere, "actions"),
    (additional, "actions"),
    (named, "scripts"),
    (launching, "actions"),
    (linking, "links"),
    (chained, "scripts"),
    (outlined, "scripts"),
    (submitting, "actions"),
    (attaching, "attachments"),
    (clipped, "attachments"),
    (filming, "media"),
    (forming, "xfa"),
    (hiding, "scripts"),
    (distant, "scripts"),
]


@pytest.mark.parametrize(
    ("change", "note"), HOSTILE, ids=lambda each: getattr(each, "__name__", "")
)
def test_what_acts_or_hides_is_removed(change: Callable[[Pdf], None], note: str) -> None:
    found = passed(changed(change), "bill.pdf")
    whole = everything(found)
    assert not EVIL.findall(whole)
    assert note in notes(found)
    assert "Utility bill, page 1" in text(found)


def test_the_author_and_his_program_are_forgotten() -> None:
    def describe(pdf: Pdf) -> None:
        with pdf.open_metadata() as metadata:
            metadata["dc:creator"] = ["Jane Private"]
        pdf.pages[0].obj.Metadata = pdf.make_stream(b"Pentax-Secret")
        pdf.pages[0].obj.PieceInfo = Dictionary(Maker=String("Jane Private"))

    found = passed(changed(describe))
    whole = everything(found)
    assert not any(secret in whole for secret in SECRETS)
    assert b"/Metadata" not in whole
    assert b"ReportLab" not in whole
    assert "metadata" in notes(found)
    found.content.seek(0)
    with pikepdf.open(found.content) as pdf:
        assert "/Info" not in pdf.trailer


@pytest.mark.parametrize("inside", ["plain", "base 85", "packed"])
def test_a_photograph_in_a_pdf_loses_its_place_but_not_its_pixels(inside: str) -> None:
    photograph = making.jpeg()

    def place(pdf: Pdf) -> None:
        image = next(iter(pdf.pages[0].get_images().values()))
        if inside == "packed":
            filters = Array([Name.FlateDecode, Name.DCTDecode])
            image.write(zlib.compress(photograph), filter=filters)
        else:
            image.write(photograph, filter=Name.DCTDecode)

    data = scan(photograph=photograph)
    found = passed(data if inside == "base 85" else changed(place, data))
    assert not any(secret in everything(found) for secret in SECRETS)
    assert "camera" in notes(found)
    with pikepdf.open(found.content) as pdf, pikepdf.open(io.BytesIO(data)) as before:
        (one,), (other,) = pdf.pages[0].get_images().values(), before.pages[0].get_images().values()
        shown = pikepdf.PdfImage(one).as_pil_image().tobytes()
        assert shown == pikepdf.PdfImage(other).as_pil_image().tobytes()


def test_an_earlier_revision_is_gone() -> None:
    data = scan()
    at = data.rindex(b"startxref") + 10
    start = int(data[at:].split()[0])
    hidden = len(data)
    data += b"99 0 obj\n(evil earlier secret)\nendobj\n"
    xref = len(data)
    data += b"xref\n99 1\n%010d 00000 n \n" % hidden
    root = re.search(rb"/Root (\d+ 0 R)", data)
    assert root
    data += b"trailer\n<</Size 100/Root %s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        root[1],
        start,
        xref,
    )
    found = passed(data)
    assert b"evil" not in everything(found)
    assert "Utility bill" in text(found)


def test_a_font_may_have_any_name() -> None:
    def rename(pdf: Pdf) -> None:
        resources = pdf.pages[0].obj.Resources
        resources.Font = Dictionary(AA=resources.Font[next(iter(resources.Font.keys()))])

    found = passed(changed(rename))
    with pikepdf.open(found.content) as pdf:
        assert "/AA" in pdf.pages[0].obj.Resources.Font


def test_what_helps_readers_stays() -> None:
    def enrich(pdf: Pdf) -> None:
        pdf.Root.Lang = String("en")
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])
        annotation(pdf, "Link", Dest=Array([pdf.pages[0].obj, Name.Fit]))
        to_page = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]))
        annotation(pdf, "Link", A=to_page)
        annotation(pdf, "Highlight", Contents=String("paid"))

    found = passed(changed(enrich))
    assert notes(found) == {"metadata"}
    with pikepdf.open(found.content) as pdf:
        assert pdf.Root.Lang == "en"
        assert len(pdf.pages[0].obj.Annots) == 3
        assert Name.GoTo == pdf.pages[0].obj.Annots[1].A.S


def test_a_signed_pdf_is_accepted_and_the_note_says_what_became_of_it() -> None:
    found = passed(signed(scan()), "contract.pdf")
    assert "signature" in notes(found)
    whole = everything(found)
    assert b"/ByteRange" not in whole
    assert b"Jane Private" not in whole
    assert "Utility bill" in text(found)


@pytest.mark.parametrize(("user", "owner"), [("word", "word"), ("word", ""), ("", "word")])
@pytest.mark.parametrize("revision", [4, 6])
def test_a_protected_pdf_is_refused(user: str, owner: str, revision: int) -> None:
    into = io.BytesIO()
    with pikepdf.open(io.BytesIO(scan())) as pdf:
        pdf.save(into, encryption=pikepdf.Encryption(user=user, owner=owner, R=revision))
    assert refusal(into.getvalue()) == "encrypted"


def test_a_form_that_shows_nothing_elsewhere_is_refused() -> None:
    def need(pdf: Pdf) -> None:
        forming(pdf)
        pdf.Root.NeedsRendering = True

    assert refusal(changed(need)) == "dynamic_form"


def test_a_pdf_that_was_cut_off_is_refused() -> None:
    data = scan(pages=5, photograph=making.jpeg())
    for part in (0.1, 0.5, 0.9, 0.99):
        assert refusal(data[: int(len(data) * part)]) == "truncated"
    into = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(into, linearize=True)  # has an end mark near its beginning, too
    data = into.getvalue()
    assert passed(data).size
    assert refusal(data[: len(data) // 2]) == "truncated"


def test_a_pdf_with_a_wrong_table_is_mended() -> None:
    data = scan()
    at = data.rindex(b"startxref\n") + 10
    found = passed(data[:at] + b"12345" + data[at:].lstrip(b"0123456789"))
    assert "Utility bill" in text(found)


def test_what_stands_around_a_pdf_is_dropped() -> None:
    found = passed(b"\xef\xbb\xbf\r\n" + scan() + b"\0" * 600 + b"\n<!-- made in 0.3 s -->\n")
    assert found.content.read(5) == b"%PDF-"
    assert b"made in" not in found.content.read()
    assert "trailing" in notes(found)


def test_bombs_in_a_pdf_are_refused() -> None:
    assert refusal(making.bomb(300 << 20)) == "too_complex"
    assert passed(making.bomb(10 << 20)).size

    def twice(pdf: Pdf) -> None:
        stream = pdf.make_stream(b"")
        inner = zlib.compress(zlib.compress(bytes(20 << 20), 9), 9)
        stream.write(inner, filter=Array([Name.FlateDecode, Name.FlateDecode]))
        pdf.pages[0].obj.Contents = stream

    small = Limits(pdf_stream_bytes=10_000_000)
    data = changed(twice)
    assert len(data) < 30_000
    assert refusal(data, limits=small) == "too_complex"
    assert refusal(making.bomb(8 << 20), limits=Limits(pdf_total_bytes=5_000_000)) == "too_complex"


def test_a_bomb_of_pixels_in_a_pdf_is_refused() -> None:
    def enlarge(pdf: Pdf) -> None:
        image = next(iter(pdf.pages[0].get_images().values()))
        image.Width, image.Height = 60_000, 60_000

    assert refusal(changed(enlarge, scan(photograph=making.jpeg()))) == "too_many_pixels"


def test_pages_and_objects_are_counted() -> None:
    data = scan(pages=12)
    assert passed(data, limits=Limits(pdf_pages=12)).size
    assert refusal(data, limits=Limits(pdf_pages=11)) == "too_many_pages"
    assert refusal(data, limits=Limits(pdf_objects=10)) == "too_complex"


def test_deep_nesting_and_circles_come_to_an_end() -> None:
    deep = b"[" * 20_000 + b"]" * 20_000
    data = scan().replace(b"/PageMode /UseNone", b"/PageMode /UseNone /Deep " + deep)
    assert b"/Deep" in data
    with_outcome(data)

    def circle(pdf: Pdf) -> None:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)

    with_outcome(changed(circle))


def with_outcome(data: bytes) -> None:
    try:
        assert passed(data).size
    except Refused as refused:
        assert refused.code in ("damaged", "too_complex")


def test_the_same_pdf_gives_the_same_bytes() -> None:
    data = changed(opening)
    assert passed(data, "a").content.read() == passed(data, "b").content.read()
