#!/usr/bin/python3
"""Plays scenario files against the real process; see README.md beside this file."""
import argparse
import concurrent.futures
import datetime
import glob
import json
import os
import re
import shlex
import sys
import time
import traceback
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from http_client import NoAnswer  # noqa: E402
from installation import PASSWORD, ROOT, SHARED_DATA, Installation  # noqa: E402
from parse import ScenarioError, parse  # noqa: E402
from shape import Matcher  # noqa: E402

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CHINA = datetime.timezone(datetime.timedelta(hours=8))


class Failure(Exception):
    pass


class Skipped(Exception):
    pass


def milliseconds(text):
    match = re.fullmatch(r"(-?\d+)(ms|s|m|h|d)", text)
    if not match:
        raise Failure(f"no duration: {text}")
    return int(match[1]) * _UNITS[match[2]]


class Player:
    def __init__(self, scenario, site):
        self.scenario, self.site = scenario, site
        self.variables = {"password": PASSWORD}
        self.first_passwords = dict(site.passwords)
        self.clients = {}
        self.client = site.client()
        self.within = 0.0

    # -- values -----------------------------------------------------------------------------------
    def fill(self, text):
        return re.sub(r"\$\{([^}]*)\}", lambda m: self.value(m[1]), text)

    def value(self, name):
        if name in self.variables:
            return self.variables[name]
        if name == "uuid":
            return str(uuid.uuid4())
        now = self.site.now()
        if name.startswith("first:"):
            return self.first_passwords[name[6:]]
        if name == "now":
            return str(now)
        if match := re.fullmatch(r"hour([+-]\d+)", name):
            return str(now + int(match[1]) * 3_600_000)
        if match := re.fullmatch(r"today(?:([+-]\d+)d)?", name):
            day = datetime.datetime.fromtimestamp(now / 1000, _CHINA) + datetime.timedelta(days=int(match[1] or 0))
            return day.strftime("%Y-%m-%d")
        raise Failure(f"no value named {name}")

    # -- statements -------------------------------------------------------------------------------
    def play(self):
        self.site.start()
        for statement in self.scenario.statements:
            try:
                getattr(self, "do_" + statement.word)(statement)
            except (Failure, NoAnswer, TimeoutError, RuntimeError) as error:
                raise Failure(f"{self.scenario.path}:{statement.line}: {error}") from error

    def do_request(self, statement):
        end = time.monotonic() + self.within
        self.within = 0.0
        while True:
            try:
                return self._request_once(statement)
            except Failure:
                if time.monotonic() >= end:
                    raise
                time.sleep(0.1)

    def _request_once(self, statement):
        path = self.fill(statement.text)
        path = path[5:] if path.startswith("root:") else "/api/v1" + path
        headers = {name: None if value == "-" else self.fill(value) for name, value in statement.headers.items()}
        body = None
        if statement.body is not None:
            text = self.fill(statement.body)
            body = text.encode("utf-8")
            if not statement.raw:
                headers.setdefault("Content-Type", "application/json")
        answer = self.client.request(statement.method, path, body, headers)
        shown = f"{statement.method} {path}"
        if answer.status != statement.status or (statement.code and answer.code != statement.code):
            raise Failure(f"{shown}: {answer}, expected {statement.status} {statement.code}".rstrip())
        for name, wanted in statement.answer_headers.items():
            self._check_header(name, self.fill(wanted), answer.headers.get(name.lower()))
        if statement.shape is not None:
            try:
                value = answer.json
            except ValueError:
                raise Failure(f"{shown}: the answer is no JSON: {answer}") from None
            differences = Matcher(self.variables, self.site.now()).check(json.loads(self.fill(statement.shape)), value)
            if differences:
                raise Failure(f"{shown}:\n    " + "\n    ".join(differences))

    @staticmethod
    def _check_header(name, wanted, got):
        if wanted == "*" and got is not None or wanted == "-" and got is None:
            return
        if len(wanted) > 2 and wanted[0] == wanted[-1] == "/" and got and re.search(wanted[1:-1], got):
            return
        if got is None or got != wanted:
            raise Failure(f"header {name}: {got!r}, expected {wanted!r}")

    def do_as(self, statement):
        account, _, mode = self.fill(statement.text).partition(" ")
        if account == "anonymous":
            self.client = self.site.client()
        elif account == "bearer":
            self.client = self.site.client()
            self.client.bearer = self.value(mode)
        elif mode == "fresh" or account not in self.clients:
            self.client = self.clients[account] = self.site.client()
            self.site.sign_in(self.client, account)
        else:
            self.client = self.clients[account]

    def do_set(self, statement):
        name, _, value = statement.text.partition(" ")
        self.variables[name] = self.fill(value)

    def do_advance(self, statement):
        self.site.advance(milliseconds(statement.text))

    def do_upload(self, statement):
        path, _, name = statement.text.partition(" as ")
        path = os.path.join(ROOT, self.fill(path.strip()))
        with open(path, "rb") as handle:
            answer = self.client.upload("/api/v1/files", os.path.basename(path), handle.read())
        if answer.status != 201:
            raise Failure(f"upload of {path}: {answer}")
        self.variables[name.strip()] = answer.json["id"]

    def do_kill(self, statement):
        if not self.site.kill(statement.text):
            raise Failure(f"there is no {statement.text} to kill")
        self._drop_connections()

    def do_restart(self, _):
        self.site.stop()
        self.site.start()
        self._drop_connections()

    def _drop_connections(self):
        for client in (*self.clients.values(), self.client):
            client.close()

    def do_run(self, statement):
        status, out, err = self.site.run(*shlex.split(self.fill(statement.text)))
        if status != statement.status:
            raise Failure(f"anlan {statement.text}: status {status}, expected {statement.status}\n{out}{err}")
        for wanted in statement.outputs:
            if self.fill(wanted) not in out + err:
                raise Failure(f"anlan {statement.text}: {wanted!r} is not in\n{out}{err}")
        for name, expression in statement.captures:
            match = re.search(expression, out + err)
            if not match:
                raise Failure(f"anlan {statement.text}: {expression!r} is not in\n{out}{err}")
            self.variables[name] = match[1]

    def do_sql(self, statement):
        query, _, wanted = statement.text.rpartition(" => ")
        rows = self.site.store.query(self.fill(query))
        got = rows[0][0] if rows and rows[0][0] is not None else "NULL"
        if got != self.fill(wanted):
            raise Failure(f"{query}: {got}, expected {self.fill(wanted)}")

    def do_change(self, statement):
        self.site.store.change(self.fill(statement.text))

    def do_within(self, statement):
        self.within = milliseconds(statement.text) / 1000

    def do_data(self, statement):
        path = os.path.join(SHARED_DATA, statement.text)
        if not os.path.exists(path):
            raise Skipped(f"{path} is absent")
        self.variables["data"] = path

    def do_store(self, statement):
        if statement.text != self.site.store.kind:
            raise Skipped(f"for {statement.text} only")


def play_file(path, options):
    """(path, outcome, seconds, text)"""
    begun = time.monotonic()
    site = None
    outcome, text = "passed", ""
    shown = os.path.relpath(path, ROOT)
    try:
        with open(path, encoding="utf-8") as handle:
            scenario = parse(shown, handle.read())
        if "long" in scenario.tags and not options.long:
            return shown, None, 0.0, ""
        for statement in scenario.statements:  # decide skips before anything is started
            if statement.word == "data" and not os.path.exists(os.path.join(SHARED_DATA, statement.text)):
                raise Skipped(f"../shared/data/{statement.text} is absent")
            if statement.word == "store" and statement.text != options.store:
                raise Skipped(f"for {statement.text} only")
        site = Installation(options.program, options.store, options.mysql)
        site.prepare("--starter")
        Player(scenario, site).play()
        site.stop()
        if sanitizer := find_sanitizer_report(site.folder):
            raise Failure(f"{shown}: {sanitizer}")
    except Skipped as error:
        outcome, text = "skipped", str(error)
    except (Failure, ScenarioError, NoAnswer, TimeoutError, RuntimeError, OSError) as error:
        outcome, text = "failed", str(error)
        if site:
            text += "\n" + site.log_tail(15)
    except Exception:  # a bug of the runner itself is a failure of the file, not of the run
        outcome, text = "failed", traceback.format_exc()
    finally:
        if site:
            if outcome == "failed" and options.keep:
                site.stop(hard=True)
                text += f"\nkept: {site.folder}"
            else:
                site.__exit__()
    return shown, outcome, time.monotonic() - begun, text


def find_sanitizer_report(folder):
    path = os.path.join(folder, "var", "log", "stderr.log")
    with open(path, encoding="utf-8", errors="replace") as handle:
        text = handle.read()
    at = max(text.find("ERROR: AddressSanitizer"), text.find("runtime error:"), text.find("ERROR: LeakSanitizer"))
    return text[max(0, at - 200):at + 3000] if at >= 0 else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--store", choices=("sqlite", "mysql"), default="sqlite")
    parser.add_argument("--mysql", help="mysql://USER[:PASSWORD]@HOST:PORT/ of a server to make databases on")
    parser.add_argument("--program")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if options.store == "mysql" and not options.mysql:
        parser.error("--store mysql needs --mysql")
    files = options.files or sorted(glob.glob(os.path.join(ROOT, "tests/scenario/*.scenario")) +
                                    glob.glob(os.path.join(ROOT, "modules/*/test/*.scenario")))
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, outcome, seconds, text in pool.map(lambda f: play_file(f, options), files):
            if outcome is None:
                continue
            counts[outcome] += 1
            print(f"{outcome:8} {seconds:6.1f} s  {path} [{options.store}]" + (f"\n{text}" if text else ""), flush=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
