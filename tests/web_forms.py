"""An HTML form as a browser sees it: what is in it, what can be put into it, what it sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bs4 import Tag
from werkzeug.datastructures import MultiDict

CHECKED = ("checkbox", "radio")
BUTTONS = ("submit", "image", "button", "reset")


class Form:
    """The successful controls of a form; ``data`` is what it would send now."""

    def __init__(self, element: Tag) -> None:
        self.element = element
        self.action = str(element.get("action", ""))
        self.method = str(element.get("method", "get")).lower()
        self.data: MultiDict[str, Any] = MultiDict()
        for control in self._controls():
            for value in _default(control):
                self.data.add(str(control["name"]), value)

    @property
    def names(self) -> list[str]:
        """The names of all fields, buttons left out, each once."""
        return list(dict.fromkeys(str(control["name"]) for control in self._controls()))

    def options(self, name: str) -> list[str]:
        """The values a select, radio group or group of check boxes offers."""
        found: list[str] = []
        for control in self._named(name):
            if control.name == "select":
                found += [_option_value(option) for option in control.find_all("option")]
            elif control.get("type") in CHECKED:
                found.append(str(control.get("value", "on")))
        return found

    def fill(self, fields: Mapping[str, Any]) -> Form:
        """Put values in: text, True or False for one box, a list for several, (stream, name) for
        a file. AssertionError for a field that the page does not have or an option not offered."""
        for name, value in fields.items():
            if not self._named(name):
                raise AssertionError(f"the form to {self.action} has no {name}: {self.names}")
            self.data.setlist(name, self._values(name, value))
        return self

    def press(self, label: str | None = None) -> Form:
        """Press the button with that text, name or value; without one the only or first one."""
        buttons = [
            button
            for button in self.element.find_all(["button", "input"])
            if button.get("type", "submit" if button.name == "button" else "text") == "submit"
        ]
        for button in buttons:
            known = (
                " ".join(button.get_text(" ").split()),
                button.get("name"),
                button.get("value"),
            )
            if label is None or label in known:
                if button.get("name"):
                    self.data.add(str(button["name"]), str(button.get("value", "")))
                return self
        raise AssertionError(f"the form to {self.action} has no button {label!r}")

    def _controls(self) -> list[Tag]:
        return [
            control
            for control in self.element.find_all(["input", "select", "textarea"])
            if control.get("name")
            and not control.has_attr("disabled")
            and control.get("type") not in BUTTONS
        ]

    def _named(self, name: str) -> list[Tag]:
        return [control for control in self._controls() if control["name"] == name]

    def _values(self, name: str, value: Any) -> list[Any]:
        options = self.options(name)
        if not options:
            return [value]
        if isinstance(value, bool):
            return options[:1] if value else []
        chosen = [str(one) for one in (value if isinstance(value, (list, tuple, set)) else [value])]
        if missing := [one for one in chosen if one not in options]:
            raise AssertionError(f"{name} offers {options}, not {missing}")
        return chosen


def _default(control: Tag) -> list[str]:
    if control.name == "textarea":
        # A browser leaves out the line break right after the tag.
        return [control.get_text().removeprefix("\n")]
    if control.name == "select":
        options = control.find_all("option")
        selected = [option for option in options if option.has_attr("selected")]
        if not selected and not control.has_attr("multiple"):
            selected = options[:1]
        return [_option_value(option) for option in selected]
    if control.get("type") in CHECKED:
        return [str(control.get("value", "on"))] if control.has_attr("checked") else []
    if control.get("type") == "file":
        return []
    return [str(control.get("value", ""))]


def _option_value(option: Tag) -> str:
    return str(option["value"]) if option.has_attr("value") else option.get_text().strip()


def typed_into(form: Form, words: str) -> MultiDict[str, str]:
    """What somebody puts into all the fields that they see; and what is hidden beside it."""
    fields: dict[str, object] = {}
    for control in form.element.select("input, textarea, select"):
        name, kind = str(control.get("name")), control.get("type", "text")
        if control.name == "textarea" or (control.name == "input" and kind == "text"):
            fields[name] = words
        elif control.name == "select" or kind in ("radio", "checkbox"):
            fields[name] = form.options(name)[-1:]
    form.fill(fields)
    skipped = ("csrf_token", "code")
    return MultiDict([(n, v) for n, v in form.data.items(multi=True) if n not in skipped])
