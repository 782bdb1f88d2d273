"""Comparison of a JSON answer with the shape of a scenario (README.md, "Shapes")."""
import re

ABSENT = object()
_WILDCARD = re.compile(r"^<(id|int|positive|number|text|bool|time|date|object|list|absent)(?::(\w+))?>$")


def _is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


class Matcher:
    """`now`: the server's time in ms. Captured values are added to `variables`."""

    def __init__(self, variables, now):
        self.variables, self.now = variables, now

    def check(self, shape, value, path="$"):
        """A list of differences, each "path: sentence"; empty when the value fits."""
        if isinstance(shape, str):
            return self._check_text(shape, value, path)
        if value is ABSENT:
            return [f"{path}: absent, expected {shape!r}"]
        if isinstance(shape, dict):
            if not isinstance(value, dict):
                return [f"{path}: {value!r} is no object"]
            return [d for key, member in shape.items()
                    for d in self.check(member, value.get(key, ABSENT), f"{path}.{key}")]
        if isinstance(shape, list):
            if not isinstance(value, list):
                return [f"{path}: {value!r} is no list"]
            return self._check_list(shape, value, path)
        if type(shape) is not type(value) and not (_is_number(shape) and _is_number(value)) or shape != value:
            return [f"{path}: {value!r}, expected {shape!r}"]
        return []

    def _check_text(self, shape, value, path):
        if shape == "*":
            return [f"{path}: absent"] if value is ABSENT else []
        wildcard = _WILDCARD.match(shape)
        if wildcard:
            kind, name = wildcard.groups()
            if not self._has_kind(kind, value):
                return [f"{path}: {'absent' if value is ABSENT else repr(value)} is no {kind}"]
            if name:
                self.variables[name] = str(value) if not isinstance(value, bool) else str(value).lower()
            return []
        if value is ABSENT:
            return [f"{path}: absent, expected {shape!r}"]
        if len(shape) > 2 and shape[0] == shape[-1] == "/":
            if not isinstance(value, str) or not re.search(shape[1:-1], value):
                return [f"{path}: {value!r} does not match {shape}"]
            return []
        return [] if value == shape else [f"{path}: {value!r}, expected {shape!r}"]

    def _check_list(self, shape, value, path):
        head = shape[0] if shape else None
        if head == "<each>":
            return [d for i, item in enumerate(value) for d in self.check(shape[1], item, f"{path}[{i}]")]
        if head == "<has>":
            return [f"{path}: no element like {wanted!r} in {str(value)[:300]}" for wanted in shape[1:]
                    if not any(not self.check(wanted, item) for item in value)]
        if head == "<hasnot>":
            return [f"{path}: an element like {wanted!r}" for wanted in shape[1:]
                    if any(not self.check(wanted, item) for item in value)]
        open_end = bool(shape) and shape[-1] == "..."
        wanted = shape[:-1] if open_end else shape
        if len(value) < len(wanted) or (len(value) > len(wanted) and not open_end):
            return [f"{path}: {len(value)} elements, expected {len(wanted)}{' or more' if open_end else ''}: "
                    f"{str(value)[:300]}"]
        return [d for i, item in enumerate(wanted) for d in self.check(item, value[i], f"{path}[{i}]")]

    def _has_kind(self, kind, value):
        if kind == "absent" or value is ABSENT:
            return kind == "absent" and value is ABSENT
        return {
            "id": lambda v: isinstance(v, str) and v.isdigit(),
            "int": _is_int,
            "positive": lambda v: _is_int(v) and v > 0,
            "number": _is_number,
            "text": lambda v: isinstance(v, str) and v != "",
            "bool": lambda v: isinstance(v, bool),
            "time": lambda v: _is_int(v) and abs(v - self.now) <= 86_400_000,
            "date": lambda v: isinstance(v, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", v) is not None,
            "object": lambda v: isinstance(v, dict),
            "list": lambda v: isinstance(v, list),
        }[kind](value)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
