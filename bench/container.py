#!/usr/bin/python3
"""mch beside Debian's nginx, alternating, same configuration text; see bench/README.md.

CPU per request is user + system time of the server's processes from /proc, divided by the answers
that wrk counted. The median of the rounds and the ratio to nginx are printed as a Markdown table.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "lib"))
from http_client import Client, NoAnswer, wait_for  # noqa: E402
from installation import ROOT, Installation, free_port  # noqa: E402

CONFIGURATION = """worker_processes 1;
pid {folder}/{name}.pid;
error_log {folder}/{name}.log error;
{extra}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    sendfile on;
    {types}
    server {{
        listen 127.0.0.1:{port};
        root {folder}/html;
        location = /constant {{ return 200 "hello, world\\n"; }}
    }}
}}
"""
TICK = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """The process and its descendants."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                    children.setdefault(int(stat.read().rpartition(")")[2].split()[1]), []).append(int(name))
            except OSError:
                pass
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def cpu_seconds(pid):
    total = 0
    for one in tree(pid):
        with open(f"/proc/{one}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def load(pid, url, seconds, header="Accept: */*"):
    """(CPU µs per request, requests per second)"""
    before = cpu_seconds(pid)
    done = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}", "-H", header, url], capture_output=True, text=True, check=True)
    spent = cpu_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{url}:\n{done.stdout}")
    return spent * 1e6 / requests, float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def start(command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers():
        client = Client(f"127.0.0.1:{port}", timeout=2)
        try:
            return client.request("GET", "/constant").status == 200
        except NoAnswer:
            return False
        finally:
            client.close()
    wait_for(answers, 10, " ".join(command))
    return process


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="anlan-bench-")
    os.chmod(folder, 0o755)
    os.mkdir(os.path.join(folder, "html"))
    with open(os.path.join(folder, "html", "1k.html"), "wb") as out:
        out.write(b"x" * 1024)
    servers = {}
    for name, program, extra, types in (
            ("nginx", "/usr/sbin/nginx", "daemon off;\nuser root;" if os.getuid() == 0 else "daemon off;", "types { text/html html; }"),
            ("mch", os.path.join(options.build, "apps/mch/mch"), "daemon off;", "types { text/html html; }")):
        port = free_port()
        path = os.path.join(folder, name + ".conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(CONFIGURATION.format(folder=folder, name=name, port=port, extra=extra, types=types))
        servers[name] = (start([program, "-p", folder + "/", "-c", path], port), port)
    results = {}
    with Installation(os.path.join(options.build, "apps/anlan/anlan")) as site:
        site.prepare("--starter")
        site.start()
        client = site.client()
        site.sign_in(client, "chen.safety")
        try:
            for _ in range(options.rounds):
                for path in ("/1k.html", "/constant"):
                    for name, (process, port) in servers.items():
                        results.setdefault((path, name), []).append(load(process.pid, f"http://127.0.0.1:{port}{path}", options.seconds))
                results.setdefault(("console file of anlan", "anlan"), []).append(
                    load(site.master.pid, f"http://{site.address}/favicon.svg", options.seconds))
                results.setdefault(("JSON handler of anlan with session and database (GET /api/v1/session)", "anlan"), []).append(
                    load(site.master.pid, f"http://{site.address}/api/v1/session", options.seconds, "Cookie: " + client.cookie))
        finally:
            for process, _ in servers.values():
                process.terminate()
                process.wait(10)
            shutil.rmtree(folder, ignore_errors=True)
        site.stop()
    print(f"{options.rounds} rounds of {options.seconds} s, wrk -t1 -c64, medians\n")
    print("| what | server | CPU µs per request | ratio to nginx | requests/s | ratio |\n| --- | --- | --- | --- | --- | --- |")
    for (path, name), rounds in results.items():
        if not rounds:
            continue
        cpu, rate = (statistics.median(column) for column in zip(*rounds))
        peer = results.get((path, "nginx"))
        ratios = ("", "")
        if peer:
            ratios = (f"{statistics.median(a[0] / b[0] for a, b in zip(rounds, peer)):.2f}",
                      f"{statistics.median(a[1] / b[1] for a, b in zip(rounds, peer)):.2f}")
        print(f"| {path} | {name} | {cpu:.1f} | {ratios[0]} | {rate:.0f} | {ratios[1]} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
