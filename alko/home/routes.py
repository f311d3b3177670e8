"""The first page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, url_for
from flask_babel import gettext
from flask_login import current_user

from alko.web.access import public
from alko.web.pages import render
from alko.words import N_

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True)
class Task:
    """Something one can do here, as the task list shows it."""

    label: str
    endpoint: str
    text: str
    icon: str

    @property
    def url(self) -> str:
        return url_for(self.endpoint)


REGISTER = Task(
    N_("Open an account"),
    "account.register",
    N_("With an email address and a password. We ask for more only when an order needs it."),
    "user",
)
SIGN_IN = Task(
    N_("Sign in"),
    "account.sign_in",
    N_("See everything we hold about you, who looked at it, and take a copy."),
    "lock",
)
MY_DATA = Task(
    N_("See your data"),
    "my_data.overview",
    N_("Everything we hold about you: why, for how long, and who receives it."),
    "eye",
)
ACTIVITY = Task(
    N_("See who looked"),
    "my_data.activity",
    N_("Every access to your data, with its purpose, in a log that cannot be changed unnoticed."),
    "clock",
)
DOWNLOAD = Task(
    N_("Take a copy"),
    "my_data.download",
    N_("One file with all your data, readable by you and by machines."),
    "download",
)
PROFILE = Task(
    N_("Keep your profile up to date"),
    "account.profile",
    N_("Beside each question stands why we ask it."),
    "pencil",
)
SECURITY = Task(
    N_("Protect your account"),
    "account.security",
    N_("Change your password, use a second factor, end sessions on other devices."),
    "shield",
)
CHOICES = Task(
    N_("Cookies and choices"),
    "policy.cookies",
    N_("Which cookies there are, and what you allow. Nothing optional is on by itself."),
    "check",
)
POLICY = Task(
    N_("Read the privacy policy"),
    "policy.show",
    N_("Seven sections, made from what the software really does, with all versions."),
    "file",
)
PROMISES = Task(
    N_("Check our promises"),
    "policy.promises",
    N_("Each promise of the policy, and whether it is kept today. The red ones are shown, too."),
    "shield",
)
CONTACT = Task(
    N_("Write to us"),
    "contact.form",
    N_("A question or a privacy request. You have an answer within 30 days."),
    "mail",
)
VISITORS_TASKS = (SIGN_IN, REGISTER, CONTACT, POLICY, PROMISES, CHOICES)
CLIENTS_TASKS = (
    *(MY_DATA, ACTIVITY, DOWNLOAD, PROFILE, SECURITY),
    *(CHOICES, CONTACT, POLICY, PROMISES),
)


@blueprint.get("/")
@public
def index() -> Response:
    """What one can do here."""
    tasks = CLIENTS_TASKS if current_user.is_authenticated else VISITORS_TASKS
    shown = [
        {"label": gettext(t.label), "url": t.url, "text": gettext(t.text), "icon": t.icon}
        for t in tasks
    ]
    return render("home/index.html", tasks=shown)
