#!/usr/bin/python3
"""Signals, respawn, reload under load and the switches of the real `mch`.

process_test.py BINARY: one line per case, exit status 0 when all passed.
"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

BINARY = os.path.abspath(sys.argv[1])
WAIT = 10.0


def until(what, condition, limit=WAIT):
    """Polls for a state that must come; returns the condition's value."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError("never came: " + what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, workers=2, extra=""):
        self.prefix = tempfile.mkdtemp(prefix="mchp")
        self.port = free_port()
        self.process = None
        os.makedirs(self.prefix + "/html")
        os.makedirs(self.prefix + "/conf")
        with open(self.prefix + "/html/index.html", "w") as page:
            page.write("hello")
        self.write(workers, extra)

    @property
    def conf(self):
        return self.prefix + "/conf/mch.conf"

    def write(self, workers=2, extra="", server_extra=""):
        with open(self.conf, "w") as out:
            out.write(f"""worker_processes {workers};
error_log error.log info;
{extra}
events {{ worker_connections 512; }}
http {{
    access_log off;
    server {{
        listen 127.0.0.1:{self.port};
        location / {{ root html; }}
        {server_extra}
    }}
}}
""")

    def command(self, *args):
        return [BINARY, "-p", self.prefix, "-c", "conf/mch.conf", *args]

    def run(self, *args):
        return subprocess.run(self.command(*args), capture_output=True, text=True, timeout=30)

    def start(self):
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        until("all processes serve", lambda: self.all_running())
        return self

    def control(self, command):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            client.connect(self.prefix + "/var/run/mch.sock")
            client.sendall(command.encode() + b"\n")
            answer = b""
            while chunk := client.recv(65536):
                answer += chunk
        return json.loads(answer)

    def processes(self):
        return {p["name"]: p for p in self.control("status")["processes"] if p["state"] != "stopping"}

    def all_running(self):
        try:
            processes = self.control("status")["processes"]
        except (OSError, ValueError):
            assert self.process.poll() is None, self.process.stderr.read()
            return False
        return all(p["state"] == "running" for p in processes) and processes

    def get(self, path="/"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def signal(self, number):
        self.process.send_signal(number)

    def log(self):
        with open(self.prefix + "/error.log") as text:
            return text.read()

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stderr.close()
        shutil.rmtree(self.prefix, ignore_errors=True)


class KeepAliveLoad:
    """Clients that keep their connection and count every failed request.

    A server may close an idle connection; as RFC 9112 9.3 lets any client, a request whose kept
    connection was closed before a byte of the answer is NOT sent again here: it counts as an error.
    Only "Connection: close" in the answer makes a client connect anew.
    """

    def __init__(self, server, clients=8):
        self.server, self.errors, self.done, self.stop = server, [], 0, False
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.client) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def client(self):
        connection = None
        while not self.stop:
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
                connection.request("GET", "/")
                answer = connection.getresponse()
                assert answer.read() == b"hello" and answer.status == 200
                with self.lock:
                    self.done += 1
                if answer.will_close:
                    connection.close()
                    connection = None
            except Exception as error:  # each kind counts the same
                with self.lock:
                    self.errors.append(repr(error))
                connection = None
        if connection:
            connection.close()

    def finish(self):
        self.stop = True
        for thread in self.threads:
            thread.join()
        return self


def case_serves_and_quits(server):
    server.start()
    assert server.get() == (200, b"hello")
    server.signal(signal.SIGQUIT)
    assert server.process.wait(WAIT) == 0
    assert not os.path.exists(server.prefix + "/var/run/mch.pid")


def case_term_and_int_end_fast(server):
    for number in (signal.SIGTERM, signal.SIGINT):
        server.start()
        begun = time.monotonic()
        server.signal(number)
        assert server.process.wait(WAIT) == 0
        assert time.monotonic() - begun < 2


def case_quit_waits_for_the_request_under_way(server):
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")  # not complete
        until("connection seen", lambda: sum(p["connections"] for p in server.processes().values()) == 1)
        server.signal(signal.SIGQUIT)
        until("listener closed", lambda: not can_connect(server.port))
        client.sendall(b"\r\n")
        client.settimeout(5)
        answer = client.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200"), answer
    assert server.process.wait(WAIT + 10) == 0


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def case_killed_worker_is_back_within_a_second(server):
    server.start()
    kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    before = server.processes()
    for name in ("worker 0", "worker 1"):
        old = server.processes()[name]["pid"]
        begun = time.monotonic()
        os.kill(old, signal.SIGKILL)
        until("respawn", lambda: (p := server.processes().get(name)) and p["pid"] not in (0, old) and p["state"] == "running")
        assert time.monotonic() - begun < 1.0
    assert server.processes()["master"]["pid"] == before["master"]["pid"]
    assert server.get()[0] == 200
    kept.close()


def case_reload_under_keep_alive_load_has_no_error(server):
    server.start()
    load = KeepAliveLoad(server)
    until("load runs", lambda: load.done > 50)
    for generation in range(2, 8):
        server.signal(signal.SIGHUP)
        until("reload done", lambda: server.control("status")["generation"] == generation)
        seen = load.done
        until("load goes on", lambda: load.done > seen + 50)
    load.finish()
    assert not load.errors, load.errors[:5]
    until("old workers left", lambda: len(server.control("status")["processes"]) == 3, 20)


def case_bad_configuration_on_hup_changes_nothing(server):
    server.start()
    before = {name: p["pid"] for name, p in server.processes().items()}
    for bad in ("worker_proceses 3;", "daemon on", "user no-such-user-here;"):
        server.write(extra=bad)
        size = len(server.log())
        server.signal(signal.SIGHUP)
        until("refusal logged", lambda: "reload refused" in server.log()[size:])
        assert {name: p["pid"] for name, p in server.processes().items()} == before
        answer = server.control("reload")
        assert answer["ok"] is False and answer["error"], answer
    assert server.get()[0] == 200
    server.write(workers=3)
    assert server.control("reload") == {"ok": True}
    until("three workers", lambda: len(server.all_running() or []) == 4, 20)


def case_port_in_use_names_the_owner(server):
    with socket.socket() as other:
        other.bind(("127.0.0.1", server.port))
        other.listen()
        result = server.run()
        assert result.returncode == 1
        assert f"listen 127.0.0.1:{server.port}: address in use by python3 (pid {os.getpid()})" in result.stderr, result.stderr


def case_second_start_is_refused(server):
    server.start()
    server.write(server_extra="")  # same pid file, other port
    old, server.port = server.port, free_port()
    server.write()
    result = server.run()
    server.port = old
    assert result.returncode == 1 and "already running as process" in result.stderr, result.stderr


def case_killed_master_leaves_nothing_in_the_way(server):
    server.start()
    workers = [p["pid"] for name, p in server.processes().items() if name != "master"]
    server.signal(signal.SIGKILL)
    server.process.wait()
    server.process.stderr.close()
    server.start()
    assert server.get()[0] == 200
    for pid in workers:
        assert not os.path.exists(f"/proc/{pid}") or open(f"/proc/{pid}/stat").read().split()[2] == "Z"


def case_switch_s_signals_the_master(server):
    server.start()
    assert server.run("-s", "reload").returncode == 0
    until("reloaded", lambda: server.control("status")["generation"] == 2)
    os.rename(server.prefix + "/error.log", server.prefix + "/error.log.1")
    assert server.run("-s", "reopen").returncode == 0
    until("log reopened", lambda: os.path.exists(server.prefix + "/error.log"))
    server.write(extra="nonsense;")
    assert server.run("-s", "reload").returncode == 1
    server.write()
    assert server.run("-s", "quit").returncode == 0
    assert server.process.wait(WAIT + 10) == 0
    assert server.run("-s", "stop").returncode == 1


def case_test_and_dump(server):
    result = server.run("-t")
    assert result.returncode == 0, result.stderr
    assert "syntax is ok" in result.stderr and "test is successful" in result.stderr, result.stderr
    dump = server.run("-T")
    assert dump.returncode == 0 and f"# configuration file {server.conf}:" in dump.stdout, dump.stdout
    server.write(server_extra="\n\nlisen 80;")
    result = server.run("-t")
    assert result.returncode == 1
    assert re.search(r"mch\.conf:\d+: unknown directive \"lisen\", did you mean \"listen\"\?", result.stderr), result.stderr
    assert "test failed" in result.stderr


def case_daemon_returns_when_all_serve(server):
    server.write(extra="daemon on;")
    result = subprocess.run(server.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, timeout=20)
    assert result.returncode == 0
    assert server.get() == (200, b"hello")  # at once, without waiting
    with open(server.prefix + "/var/run/mch.pid") as text:
        pid = int(text.read())
    assert server.run("-s", "stop").returncode == 0
    until("master ended", lambda: not os.path.exists(f"/proc/{pid}"))


def case_log_level_and_unknown_command(server):
    server.start()
    assert server.control("log_level debug") == {"ok": True}
    assert server.control("log_level loud")["ok"] is False
    assert server.control("dance")["ok"] is False
    assert server.control("quit") == {"ok": True}
    assert server.process.wait(WAIT + 10) == 0


def case_root_workers_become_the_user(server):
    if os.geteuid() != 0:
        return
    os.chmod(server.prefix, 0o755)
    server.write(extra="user nobody; worker_rlimit_nofile 4000; worker_shutdown_timeout 1s;")
    server.start()
    assert server.get() == (200, b"hello")
    worker = server.processes()["worker 0"]["pid"]
    with open(f"/proc/{worker}/status") as text:
        status = dict(line.split(":", 1) for line in text.read().splitlines())
    assert set(status["Uid"].split()) == {"65534"} and "0" not in status["Groups"].split(), status
    assert status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2"
    with open(f"/proc/{worker}/cmdline") as text:
        assert text.read().startswith("mch: worker 0")
    # Logs are opened again by a worker that is not root.
    os.rename(server.prefix + "/error.log", server.prefix + "/error.log.1")
    server.signal(signal.SIGUSR1)
    until("log reopened", lambda: os.path.exists(server.prefix + "/error.log"))
    # A client that never ends its request holds an old worker for worker_shutdown_timeout only.
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        until("request seen", lambda: sum(p["connections"] for p in server.processes().values()) == 1)
        assert server.control("reload") == {"ok": True}
        until("old workers gone", lambda: len(server.control("status")["processes"]) == 3, 5)


def case_others_may_not_use_the_control_socket(server):
    if os.geteuid() != 0:
        return
    server.start()
    os.chmod(server.prefix, 0o755)
    os.chmod(server.prefix + "/var/run/mch.sock", 0o777)  # so that credentials alone decide
    code = ("import os,socket,sys; os.setuid(65534); c=socket.socket(socket.AF_UNIX); "
            "c.connect(sys.argv[1]); c.settimeout(5); c.sendall(b'quit\\n'); print(c.recv(999).decode())")
    answer = subprocess.run([sys.executable, "-c", code, server.prefix + "/var/run/mch.sock"], capture_output=True, text=True)
    assert "not allowed" in answer.stdout or "reset" in answer.stderr.lower() or "pipe" in answer.stderr.lower(), answer
    assert server.get()[0] == 200


def main():
    failed = 0
    for name, case in sorted(globals().items()):
        if not name.startswith("case_"):
            continue
        if len(sys.argv) > 2 and sys.argv[2] not in name:
            continue
        server = Server()
        try:
            case(server)
            print("passed", name[5:], flush=True)
        except Exception:
            failed += 1
            print("failed", name[5:], flush=True)
            traceback.print_exc()
            try:
                print(server.log()[-3000:])
            except OSError:
                pass
        finally:
            server.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
