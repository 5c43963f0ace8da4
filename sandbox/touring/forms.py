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
    named = [(words_of(each) or str(each.get("value", "")), each) for each in buttons]
    pressed = _fitting(button, named)
    form = pressed.find_parent("form") if pressed else None
    if pressed is None or form is None:
        there = ", ".join(sorted({repr(words) for words, _ in named}))
        raise TourFailed(f"a button {button!r}", f"the buttons {there or '(none)'}")
    return form, pressed


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
    """The control with this label, or one that begins so. In brackets, [quantity], is the control's own name."""
    names: list[tuple[str, Tag | None]]
    if label.startswith("["):
        names = [(f"[{each['name']}]", each) for each in form.select("[name]")]
    else:
        names = [(words_of(each), _control_of(form, each)) for each in form.select("label[for]")]
        names += [(str(each["aria-label"]), each) for each in form.select("[aria-label][name]")]
    found = _fitting(label, [(words, control) for words, control in names if control is not None])
    if found is None:
        raise TourFailed(f"a field {label!r}", f"the fields {', '.join(repr(words) for words, _ in names)}")
    return found


def _control_of(form: Tag, label: Tag) -> Tag | None:
    control = form.find(id=str(label["for"]))
    return control if isinstance(control, Tag) else None


def _fitting(words: str, named: list[tuple[str, Tag]]) -> Tag | None:
    """Exact words win over a beginning."""
    exact = (element for name, element in named if name == words)
    beginning = (element for name, element in named if name.startswith(words))
    return next(exact, None) or next(beginning, None)


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
    options = select.select("option")
    named = [(words_of(each), each) for each in options] + [(_value(each), each) for each in options]
    found = _fitting(words, named)
    if found is None:
        raise TourFailed(
            f"a choice {words!r}", f"the choices {', '.join(repr(words_of(each)) for each in options)}"
        )
    return _value(found)


def _value(control: Tag) -> str:
    return str(control.get("value", "on" if control.name == "input" else control.get_text()))
