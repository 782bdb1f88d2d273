#!/usr/bin/python3
"""Nothing acknowledged is lost: a client keeps a journal while processes are killed.

Reporters post hazards and an inspector accepts them; each acknowledged answer goes to a journal
outside the server. Meanwhile the master, a worker, the scheduler or MariaDB dies by SIGKILL, at
random moments and at the named points of mch/db/fault.h. Afterwards each acknowledged report is in
the database exactly once, each acknowledged acceptance holds, each hazard has its one audit record,
and `anlan verify-audit` finds the chain whole.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from http_client import NoAnswer, wait_for  # noqa: E402
from installation import ROOT, Installation, is_alive  # noqa: E402

POINTS = ("db.before_commit", "db.after_commit", "audit.after_append", "db.during_checkpoint")


class Mariadb:
    """A server of this test's own, because it gets killed."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="anlan-fault-mariadb-")
        os.chmod(self.folder, 0o755)
        self.environment = dict(os.environ, ANLAN_TEST_MYSQL_DIR=os.path.join(self.folder, "server"))
        self.url = self._tool("start")

    def _tool(self, word):
        done = subprocess.run([os.path.join(ROOT, "tools/mariadb_test_server.sh"), word], env=self.environment,
                              capture_output=True, text=True, timeout=120, check=True)
        return done.stdout.strip()

    def kill(self):
        self._tool("kill")
        self._tool("start")

    def stop(self):
        self._tool("stop")


class Journal:
    """What the server has acknowledged, on disk like a real client's outbox."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="ascii", buffering=1)
        self._lock = threading.Lock()
        self.attempted, self.reported, self.accepted = set(), {}, {}

    def attempt(self, client_uuid):
        with self._lock:
            self.attempted.add(client_uuid)
            self._file.write(f"attempt {client_uuid}\n")

    def acknowledge(self, client_uuid, identity):
        with self._lock:
            self.reported[client_uuid] = identity
            self._file.write(f"reported {client_uuid} {identity}\n")

    def accept(self, identity, version):
        with self._lock:
            self.accepted[identity] = version
            self._file.write(f"accepted {identity} {version}\n")


class Load:
    """Reporters and an inspector that repeat what got no answer until it gets one."""

    def __init__(self, site, journal, cookie):
        self.site, self.journal, self.cookie = site, journal, cookie
        self.stop_now = threading.Event()
        self.unexpected = []
        self.threads = [threading.Thread(target=self._run, args=(self._report, n)) for n in range(3)]
        self.threads.append(threading.Thread(target=self._run, args=(self._accept,)))
        for thread in self.threads:
            thread.start()

    def finish(self):
        self.stop_now.set()
        for thread in self.threads:
            thread.join(90)
        if any(t.is_alive() for t in self.threads):
            self.unexpected.append("a client found no server for 90 s")

    def _run(self, work, *arguments):
        # One session for all: it must outlive every kill.
        client = self.site.client(timeout=10)
        client.cookie = self.cookie
        try:
            work(client, *arguments)
        except Exception as error:  # a thread that ends early would make the test weak in silence
            self.unexpected.append(f"{work.__name__}: {error!r}")

    def _send(self, client, method, path, body):
        """The answer, repeated over lost connections and 503, 504; None when the test ends first."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                answer = client.request(method, path, body)
                if answer.status not in (500, 503, 504):
                    return answer
                if answer.status == 500:
                    self.unexpected.append(f"{method} {path}: {answer}")
            except NoAnswer:
                pass
            time.sleep(0.05)
        self.unexpected.append(f"{method} {path}: no answer within 60 s")
        return None

    def _report(self, client, number):
        while not self.stop_now.is_set():
            key = str(uuid.uuid4())
            self.journal.attempt(key)
            answer = self._send(client, "POST", "/api/v1/hazards", {
                "client_uuid": key, "source": "hotline", "name": f"Fault test {number}", "type": "other",
                "sector": "charging", "reporter_grade": "ordinary", "address": "Shatoujiao 1", "longitude": 114.235,
                "latitude": 22.556, "nature": "A report sent while processes are being killed", "photo_ids": []})
            if answer is None:
                return
            if answer.status in (200, 201):
                self.journal.acknowledge(key, answer.json["id"])
            else:
                self.unexpected.append(f"report: {answer}")
                return

    def _accept(self, client):
        while not self.stop_now.is_set():
            waiting = [i for i in list(self.journal.reported.values()) if i not in self.journal.accepted]
            if not waiting:
                time.sleep(0.05)
                continue
            detail = self._send(client, "GET", f"/api/v1/hazards/{waiting[0]}", None)
            if detail is None:
                return
            if detail.status == 200 and detail.json["state"] == "reviewing":
                self.journal.accept(waiting[0], detail.json["version"])  # done by an unanswered try
                continue
            answer = self._send(client, "POST", f"/api/v1/hazards/{waiting[0]}/transitions",
                                {"move": "accept", "version": detail.json["version"], "duties": accept_duties(client)})
            if answer is None:
                return
            if answer.status == 200:
                self.journal.accept(waiting[0], answer.json["version"])
            elif answer.status not in (409, 412):  # an unanswered try that was done after all
                self.unexpected.append(f"accept: {answer}")
                return


_duties = []


def accept_duties(client):
    """All four duty kinds, with the starter organisations."""
    if not _duties:
        answer = client.request("GET", "/api/v1/organisations?limit=100")
        kinds = {"enterprise": "principal", "street": "territorial", "regulator": "sectoral", "emergency": "general"}
        for organisation in answer.json["items"]:
            kind = kinds.pop(organisation.get("kind"), None)
            if kind:
                _duties.append({"kind": kind, "org_id": organisation["id"]})
    return _duties


def kill_at_point(site, point, number):
    """Restarts the server with a fault point and waits for a death by it. The returned number is of
    deaths seen (0 when the point is never reached on this store)."""
    site.stop()
    site.start(environment={"ANLAN_FAULT_POINT": f"{point}:{number}"})
    before = {p for ids in site.processes().values() for p in ids}
    try:
        wait_for(lambda: any(not is_alive(p) for p in before), 20, "a death")
    except TimeoutError:
        return 0
    finally:
        site.stop(hard=True)
        site.start()
    return 1


def check(site, journal, errors):
    rows = site.store.query("SELECT client_uuid, id, state FROM hazard_case")
    stored, states = {}, {}
    for client_uuid, identity, state in rows:
        if client_uuid in stored:
            errors.append(f"doubled: {client_uuid}")
        stored[client_uuid] = identity
        states[identity] = state
    for client_uuid, identity in journal.reported.items():
        if stored.get(client_uuid) != identity:
            errors.append(f"lost: {client_uuid} was acknowledged as {identity}, stored {stored.get(client_uuid)}")
    for client_uuid in set(stored) - journal.attempted:
        errors.append(f"unknown report: {client_uuid}")
    for identity in journal.accepted:
        if states.get(identity) != "reviewing":
            errors.append(f"lost: the acceptance of {identity}, state {states.get(identity)}")
    audited = {row[0]: int(row[1]) for row in site.store.query(
        "SELECT object_id, COUNT(*) FROM audit_record WHERE action = 'hazard.report' GROUP BY object_id")}
    for identity in states:
        if audited.get(identity) != 1:
            errors.append(f"hazard {identity} has {audited.get(identity, 0)} audit records of its report")
    for identity in set(audited) - set(states):
        errors.append(f"an audit record of hazard {identity}, which does not exist")
    status, out, err = site.run("verify-audit")
    if status != 0:
        errors.append(f"verify-audit: {out}{err}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "mysql"), default="sqlite")
    parser.add_argument("--program")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    chance = random.Random(options.seed)
    mariadb = Mariadb() if options.store == "mysql" else None
    errors, killed = [], {}
    try:
        with Installation(options.program, options.store, mariadb and mariadb.url) as site:
            site.prepare("--starter")
            site.start()
            journal = Journal(os.path.join(site.folder, "journal"))
            first = site.client()
            site.sign_in(first, "wang.street")
            accept_duties(first)
            load = Load(site, journal, first.cookie)
            # Half of the kills at named points (each point at least once), the others at random.
            points = [p for p in POINTS if p != "db.during_checkpoint" or options.store == "sqlite"]
            roles = ["worker", "master", "scheduler"] + (["mariadb"] if mariadb else [])
            plan = [("point", p) for p in points] + [("random", r) for r in roles]
            while len(plan) < options.kills:
                plan.append(("point", chance.choice(points)) if chance.random() < 0.4 else ("random", chance.choice(roles)))
            chance.shuffle(plan)
            for kind, what in plan:
                time.sleep(chance.uniform(0.1, 0.8))
                print(f"{len(journal.reported)} acknowledged; kill {what}", flush=True)
                if kind == "point":
                    deaths = kill_at_point(site, what, 1 if what == "db.during_checkpoint" else chance.randint(2, 9))
                    if not deaths:
                        errors.append(f"nothing died at {what}")
                elif what == "mariadb":
                    mariadb.kill()
                    deaths = 1
                else:
                    deaths = 1 if site.kill(what) else 0
                    if not deaths:
                        errors.append(f"there was no {what}")
                killed[what] = killed.get(what, 0) + deaths
            seen = len(journal.reported)
            wait_for(lambda: len(journal.reported) > seen + 5, 60, "reports are acknowledged after the last kill")
            load.finish()
            errors += load.unexpected
            site.stop()
            check(site, journal, errors)
            print(f"{sum(killed.values())} kills {killed}; {len(journal.attempted)} attempted, "
                  f"{len(journal.reported)} acknowledged, {len(journal.accepted)} accepted")
            if len(journal.reported) < 10 * len(plan) // 2:
                errors.append("too few acknowledged reports for the kills to mean anything")
            if len(journal.accepted) < len(plan):
                errors.append("too few acknowledged acceptances for the kills to mean anything")
            if errors:
                print(site.log_tail(20))
    except (TimeoutError, RuntimeError, NoAnswer) as error:
        errors.append(repr(error))
        load = locals().get("load")
        if load:
            load.stop_now.set()
    finally:
        if mariadb:
            mariadb.stop()
    for error in errors[:40]:
        print("failed", error)
    kills = sum(killed.values())
    print(f"{kills} passed, {len(errors)} failed" if kills else "0 passed, 1 failed")
    return 1 if errors or not kills else 0


if __name__ == "__main__":
    sys.exit(main())
