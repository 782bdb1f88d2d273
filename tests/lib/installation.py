"""One private installation of `anlan`: folder, configuration, processes, moved clock.

    with Installation(program, store="sqlite") as site:
        site.prepare("--starter")
        site.start()
        client = site.client(); site.sign_in(client, "chen.safety")
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from http_client import Client, NoAnswer, wait_for
from store import MysqlStore, SqliteStore

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED_DATA = os.path.join(os.path.dirname(ROOT), "shared", "data")
# Given to every starter user at the forced first change; satisfies the default policy.
PASSWORD = "Scenario-2026-pass!"

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def default_program():
    for preset in ("ci", "release", "dev"):
        path = os.path.join(ROOT, "build", preset, "apps", "anlan", "anlan")
        if os.path.exists(path):
            return path
    raise SystemExit("no anlan program: build it first (./test does) or name it with --program")


class Installation:
    """The shipped configuration (conf/) with the choices that ./run would have written. `platform`:
    further directives of the `anlan` block."""

    def __init__(self, program=None, store="sqlite", mysql=None, platform="", environment=None):
        self.program = os.path.abspath(program or default_program())
        self.folder = tempfile.mkdtemp(prefix="anlan-test-")
        for name in ("build", "var/conf", "var/db", "var/log", "var/run"):
            os.makedirs(os.path.join(self.folder, name))
        shutil.copytree(os.path.join(ROOT, "conf"), os.path.join(self.folder, "conf"))
        os.symlink(os.path.join(ROOT, "build", "share"), os.path.join(self.folder, "build", "share"))
        self.store = SqliteStore(self.folder) if store == "sqlite" else MysqlStore(mysql)
        self.address = f"127.0.0.1:{free_port()}"
        for name, text in (("listen", f"listen {self.address};"), ("database", f'url "{self.store.url}";'),
                           ("platform", platform)):
            with open(os.path.join(self.folder, "var", "conf", name + ".conf"), "w", encoding="utf-8") as out:
                out.write(text + "\n")
        self.configuration = os.path.join(self.folder, "conf", "anlan.conf")
        self.clock_file = os.path.join(self.folder, "clock")
        self.offset = 0
        self._write_clock()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("ANLAN_")}
        self.environment["ANLAN_TEST_CLOCK"] = self.clock_file
        self.environment.update(environment or {})
        self.master = None
        self.passwords = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(hard=True)
        self.store.drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- commands ---------------------------------------------------------------------------------
    def run(self, *arguments, environment=None, timeout=180):
        """`anlan ARGUMENTS` on this installation; (status, stdout, stderr)."""
        done = subprocess.run([self.program, "-p", self.folder + "/", "-c", self.configuration, *arguments],
                              capture_output=True, timeout=timeout, cwd=self.folder,
                              env=dict(self.environment, **(environment or {})))
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def must_run(self, *arguments):
        status, out, err = self.run(*arguments)
        if status != 0:
            raise RuntimeError(f"anlan {' '.join(arguments)}: status {status}\n{out}{err}")
        return out

    def prepare(self, kind="--starter"):
        self.must_run("migrate")
        self.must_run("setup", kind)
        self.read_first_passwords()

    def read_first_passwords(self):
        path = os.path.join(self.folder, "var", "first-passwords")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    fields = line.split()
                    if len(fields) == 2 and not line.startswith("#"):
                        self.passwords[fields[0]] = fields[1]

    # -- processes --------------------------------------------------------------------------------
    def start(self, environment=None, seconds=30):
        log = open(os.path.join(self.folder, "var", "log", "stderr.log"), "ab")
        self.master = subprocess.Popen([self.program, "-p", self.folder + "/", "-c", self.configuration],
                                       stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                                       env=dict(self.environment, **(environment or {})))
        log.close()
        self.wait_until_serving(seconds)

    def wait_until_serving(self, seconds=30):
        def serving():
            if self.master and self.master.poll() is not None:
                raise RuntimeError(f"anlan ended with {self.master.returncode}\n{self.log_tail()}")
            client = Client(self.address, timeout=5)
            try:
                return client.request("GET", "/api/v1/session").status == 401
            except NoAnswer:
                return False
            finally:
                client.close()
        wait_for(serving, seconds, "the server answers\n" + self.log_tail())

    def log_tail(self, lines=30):
        text = ""
        for name in ("stderr.log", "error.log"):
            path = os.path.join(self.folder, "var", "log", name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as handle:
                    text += f"-- {name}\n" + "".join(handle.readlines()[-lines:])
        return text

    def processes(self):
        """{role: [pid]} of the running master's children, by their titles."""
        roles = {}
        if not self.master or self.master.poll() is not None:
            return roles
        roles["master"] = [self.master.pid]
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                    parent = int(stat.read().rpartition(")")[2].split()[1])
                if parent != self.master.pid:
                    continue
                with open(f"/proc/{name}/cmdline", "rb") as line:
                    title = line.read().replace(b"\0", b" ").decode("utf-8", "replace")
            except (OSError, ValueError, IndexError):
                continue
            for role in ("worker", "scheduler"):
                if role in title:
                    roles.setdefault(role, []).append(int(name))
        return roles

    def kill(self, role):
        """SIGKILL one process of that role; a killed master is started again (its children must
        end by themselves). Returns False when there was none."""
        pids = self.processes().get(role, [])
        if not pids:
            return False
        children = [p for other, ids in self.processes().items() if other != "master" for p in ids]
        os.kill(pids[0], signal.SIGKILL)
        if role == "master":
            self.master.wait()
            wait_for(lambda: not any(is_alive(p) for p in children), 30, "orphaned workers end")
            self.start()
        else:
            wait_for(lambda: not is_alive(pids[0]) and self.processes().get(role), 30, f"a new {role}")
            self.wait_until_serving()
        return True

    def stop(self, hard=False):
        if not self.master:
            return
        if self.master.poll() is None:
            children = [p for ids in self.processes().values() for p in ids]
            self.master.send_signal(signal.SIGTERM if hard else signal.SIGQUIT)
            try:
                self.master.wait(20)
            except subprocess.TimeoutExpired:
                for pid in children:
                    if is_alive(pid):
                        os.kill(pid, signal.SIGKILL)
                self.master.wait(10)
                if not hard:
                    raise RuntimeError("anlan did not end within 20 s of QUIT")
        self.master = None

    # -- clock ------------------------------------------------------------------------------------
    def _write_clock(self):
        with open(self.clock_file + ".new", "w", encoding="ascii") as out:
            out.write(str(self.offset))
        os.replace(self.clock_file + ".new", self.clock_file)

    def now(self):
        return int(time.time() * 1000) + self.offset

    def advance(self, milliseconds):
        self.offset += milliseconds
        self._write_clock()
        time.sleep(0.06)  # every process re-reads the file at most 50 ms later (mch/base/clock.h)

    # -- users ------------------------------------------------------------------------------------
    def client(self, **options):
        return Client(self.address, **options)

    def sign_in(self, client, account):
        """Signs in; does the forced first change of the password when there is one."""
        password = self.passwords.get(account, PASSWORD)
        answer = client.sign_in(account, password)
        if answer.status != 200:
            raise RuntimeError(f"sign in of {account}: {answer}")
        if answer.json["must_change_password"]:
            answer = client.request("PUT", "/api/v1/session/password",
                                    {"current_password": password, "new_password": PASSWORD})
            if answer.status != 200:
                raise RuntimeError(f"first change of {account}'s password: {answer}")
            self.passwords[account] = PASSWORD
        return answer.json


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
