"""Filling in a page's forms as a person does: by the words on labels and buttons, with no script."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag

from sandbox.touring.trouble import TourFailed

_NOT_SENT = {"submit", "button", "file", "image", "reset"}


@dataclass
class FilledForm:
    """What a browser would send: names with their values in the order of the page."""

    method: str
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)


def words_of(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def find_form(page: BeautifulSoup, button: str) -> tuple[Tag, Tag]:
    """The form with a button of these words, and the button. Exact words win over a beginning."""
    buttons = [each for each in page.select("form button, form input[type=submit]") if _is_submit(each)]
    for fits in (lambda words: words == button, lambda words: words.startswith(button)):
        for each in buttons:
            form = each.find_parent("form")
            if form is not None and fits(words_of(each) or str(each.get("value", ""))):
                return form, each
    there = ", ".join(sorted({repr(words_of(each)) for each in buttons}))
    raise TourFailed(f"a button {button!r}", f"the buttons {there or 'of no form at all'}")


def fill(
    form: Tag,
    button: Tag,
    answers: Mapping[str, str | bool],
    files: Mapping[str, tuple[str, bytes, str]],
) -> FilledForm:
    """The form as it stands, with these answers by label; the pressed button's own name goes along."""
    filled = FilledForm(str(form.get("method") or "get").lower(), str(form.get("action") or ""))
    for control in form.select("input[name], select[name], textarea[name]"):
        if not control.has_attr("disabled"):
            for value in _stands(control):
                filled.values.setdefault(str(control["name"]), []).append(value)
    for label, answer in answers.items():
        _answer(filled, form, _labelled(form, label), answer)
    for label, file in files.items():
        filled.files[str(_labelled(form, label)["name"])] = file
    if button.get("name"):
        filled.values[str(button["name"])] = [str(button.get("value", ""))]
    if button.get("formaction"):
        filled.action = str(button["formaction"])
    return filled


def _is_submit(button: Tag) -> bool:
    return str(button.get("type") or "submit") == "submit"


def _stands(control: Tag) -> list[str]:
    """What the control would send untouched."""
    if control.name == "textarea":
        return [control.get_text().removeprefix("\n")]
    if control.name == "select":
        options = control.select("option")
        chosen = [each for each in options if each.has_attr("selected")] or options[:1]
        return [_value(each) for each in chosen]
    kind = str(control.get("type") or "text")
    if kind in _NOT_SENT or (kind in {"checkbox", "radio"} and not control.has_attr("checked")):
        return []
    return [str(control.get("value", "on" if kind in {"checkbox", "radio"} else ""))]


def _labelled(form: Tag, label: str) -> Tag:
    """The control with this label; the word "optional" is no part of it. A name in brackets, [quantity], also goes."""
    if label.startswith("["):
        control = form.select_one(f'[name="{label[1:-1]}"]')
        if control is not None:
            return control
    names = {}
    for each in form.select("label[for]"):
        words = words_of(each).removesuffix(" optional")
        names[words] = each
        control = form.find(id=str(each["for"]))
        if words == label and isinstance(control, Tag):
            return control
    for each in form.select("[aria-label][name]"):
        names[str(each["aria-label"])] = each
        if each["aria-label"] == label:
            return each
    raise TourFailed(f"a field {label!r}", f"the fields {', '.join(map(repr, names)) or '(none)'}")


def _answer(filled: FilledForm, form: Tag, control: Tag, answer: str | bool) -> None:
    name = str(control["name"])
    if control.name == "select":
        filled.values[name] = [_option(control, str(answer))]
    elif control.get("type") == "radio":
        filled.values[name] = [_value(control)]
    elif control.get("type") == "checkbox":
        others = [each for each in filled.values.get(name, []) if each != _value(control)]
        filled.values[name] = [*others, _value(control)] if answer else others
    else:
        filled.values[name] = [str(answer)]


def _option(select: Tag, words: str) -> str:
    for option in select.select("option"):
        if words in {words_of(option), _value(option)}:
            return _value(option)
    there = ", ".join(repr(words_of(option)) for option in select.select("option"))
    raise TourFailed(f"a choice {words!r}", f"the choices {there}")


def _value(control: Tag) -> str:
    return str(control.get("value", "on" if control.name == "input" else control.get_text()))
