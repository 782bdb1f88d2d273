"""Reads *.scenario files into statements (README.md describes the format)."""
import json
import re
from dataclasses import dataclass, field

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_WORDS = ("as", "set", "advance", "upload", "kill", "restart", "run", "sql", "change", "within", "data", "store")
_HEADER = re.compile(r"^([A-Za-z][A-Za-z0-9-]*): ?(.*)$")


class ScenarioError(Exception):
    pass


@dataclass
class Statement:
    line: int
    word: str                   # "as", "request", ...
    text: str = ""              # the rest of the line
    method: str = ""
    headers: dict = field(default_factory=dict)
    body: str | None = None     # JSON text, or raw text when `raw`
    raw: bool = False
    status: int = 0
    code: str = ""
    answer_headers: dict = field(default_factory=dict)
    shape: str | None = None
    outputs: list = field(default_factory=list)   # of `run`: texts that must appear
    captures: list = field(default_factory=list)  # of `run`: (name, regex)


@dataclass
class Scenario:
    path: str
    title: str
    tags: list
    statements: list


class _Lines:
    def __init__(self, path, text):
        self.path, self.lines, self.at = path, text.splitlines(), 0

    def peek(self):
        return self.lines[self.at].strip() if self.at < len(self.lines) else None

    def fail(self, what):
        raise ScenarioError(f"{self.path}:{min(self.at + 1, len(self.lines))}: {what}")

    def skip_blank(self):
        while self.at < len(self.lines) and (not self.peek() or self.peek().startswith("#")):
            self.at += 1

    def take_json(self):
        """The JSON text that starts at the current line; variables are still in it, so only the
        brackets outside of strings are counted."""
        start, depth, quoted, escaped = self.at, 0, False, False
        while self.at < len(self.lines):
            # ${name} stands for text of a value: its braces are not brackets of the JSON.
            line = re.sub(r"\$\{[^}]*\}", "0", self.lines[self.at])
            for char in line:
                if quoted:
                    if escaped:
                        escaped = False
                    elif char == "\\":
                        escaped = True
                    elif char == '"':
                        quoted = False
                elif char == '"':
                    quoted = True
                elif char in "{[":
                    depth += 1
                elif char in "}]":
                    depth -= 1
            self.at += 1
            if depth == 0:
                return "\n".join(self.lines[start:self.at])
        self.at = start
        self.fail("the JSON text that starts here has no end")

    def take_headers(self):
        headers = {}
        while (line := self.peek()) and (match := _HEADER.match(line)):
            headers[match[1]] = match[2]
            self.at += 1
        return headers


def parse(path, text):
    lines, scenario = _Lines(path, text), Scenario(path, "", [], [])
    while True:
        lines.skip_blank()
        line = lines.peek()
        if line is None:
            break
        word, _, rest = line.partition(" ")
        rest, number = rest.strip(), lines.at + 1
        if word == "scenario":
            scenario.title = rest
            lines.at += 1
        elif word == "tags":
            scenario.tags = rest.split()
            lines.at += 1
        elif word in _METHODS:
            scenario.statements.append(_request(lines, number, word, rest))
        elif word in _WORDS:
            lines.at += 1
            statement = Statement(number, word, rest)
            if word == "run":
                _run(lines, statement)
            scenario.statements.append(statement)
        else:
            lines.fail(f"unknown statement: {line}")
    if not scenario.title:
        raise ScenarioError(f"{path}:1: the file needs a line `scenario TITLE`")
    return scenario


def _request(lines, number, method, path):
    statement = Statement(number, "request", path, method=method)
    lines.at += 1
    statement.headers = lines.take_headers()
    line = lines.peek()
    if line and line[0] in "{[":
        statement.body = lines.take_json()
    elif line and line.startswith("body "):
        statement.body, statement.raw = line[5:], True
        lines.at += 1
    line = lines.peek()
    match = re.match(r"^=> (\d{3})(?: ([a-z_.]+))?$", line or "")
    if not match:
        lines.fail("a request needs a line `=> STATUS [CODE]`")
    statement.status, statement.code = int(match[1]), match[2] or ""
    lines.at += 1
    statement.answer_headers = lines.take_headers()
    line = lines.peek()
    if line and line[0] in "{[":
        statement.shape = lines.take_json()
        try:
            json.loads(re.sub(r"\$\{[^}]*\}", "0", statement.shape))
        except ValueError as error:
            lines.fail(f"the shape above is no JSON: {error}")
    return statement


def _run(lines, statement):
    match = re.match(r"^(.*?)(?:\s+=> (\d+))?$", statement.text)
    statement.text, statement.status = match[1], int(match[2] or 0)
    while (line := lines.peek()) and line.startswith(("out: ", "capture: ")):
        if line.startswith("out: "):
            statement.outputs.append(line[5:])
        else:
            name, _, expression = line[9:].partition(" ")
            statement.captures.append((name, expression.strip().strip("/")))
        lines.at += 1
