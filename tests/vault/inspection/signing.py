"""Signs a PDF as programs do: a detached CMS over everything but itself."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from pikepdf import Array, Dictionary, Name, String

_ROOM = 4096
_PLACES = (1111111111, 2222222222, 3333333333)


def signed(data: bytes) -> bytes:
    into = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        signature = pdf.make_indirect(
            Dictionary(
                Type=Name.Sig,
                Filter=Name("/Adobe.PPKLite"),
                SubFilter=Name("/adbe.pkcs7.detached"),
                Name=String("Jane Private"),
                ByteRange=Array([0, *_PLACES]),
                Contents=String(bytes(range(1, 256)) * (_ROOM // 255)),
            )
        )
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String("Signature1"),
                Rect=Array([0, 0, 100, 40]),
                V=signature,
                P=pdf.pages[0].obj,
            )
        )
        pdf.pages[0].obj.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
        pdf.Root.Perms = Dictionary(DocMDP=signature)
        pdf.save(into, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    made = into.getvalue()
    found = re.search(rb"/Contents <([0-9a-f]+)>", made)
    assert found, "qpdf writes strings of signatures in hexadecimal"
    start, end = found.start(1) - 1, found.end(1) + 1
    for place, value in zip(_PLACES, (start, end, len(made) - end), strict=True):
        made = made.replace(b"%d" % place, b"%010d" % value)
    cms = _cms(made[:start] + made[end:]).hex().encode()
    return made[: start + 1] + cms.ljust(end - start - 2, b"0") + made[end - 1 :]


def _cms(data: bytes) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jane Private")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(data)
        .add_signer(certificate, key, hashes.SHA256())
        .sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    )
