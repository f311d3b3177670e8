"""The forms of the papers: several files for a task, or one in the place of another."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import HiddenField

from alko.web.forms import Form

ACCEPT = (
    "application/pdf,image/jpeg,image/png,image/webp,image/heic,image/heif,"
    ".pdf,.jpg,.jpeg,.png,.webp,.heic,.heif"
)
"""Offered by the file dialog. With pictures in it a phone offers its camera beside its files;
``capture`` would allow nothing but the camera, so it is left out."""


class UploadForm(Form):
    """Files for one task: a kind of paper of one order."""

    kind = HiddenField()
    order = HiddenField()
    file = MultipleFileField(
        _l("Files"), validators=[FileRequired(_l("Choose at least one file."))]
    )


class ReplaceForm(Form):
    """One file that takes the place of a paper."""

    file = FileField(_l("New file"), validators=[FileRequired(_l("Choose a file."))])
