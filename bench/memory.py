#!/usr/bin/python3
"""Proportional memory (PSS) of all idle processes of anlan with its starter data; bench/README.md."""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "lib"))
from installation import ROOT, Installation  # noqa: E402


def pss_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/apps/anlan/anlan"))
    options = parser.parse_args()
    with Installation(options.program) as site:
        site.prepare("--starter")
        site.start()
        client = site.client()
        site.sign_in(client, "chen.safety")
        client.request("GET", "/api/v1/hazards")
        time.sleep(5)  # idle: let the first jobs of the scheduler pass
        total = 0
        print("| process | PSS |\n| --- | --- |")
        for role, pids in sorted(site.processes().items()):
            for pid in pids:
                size = pss_kib(pid)
                total += size
                print(f"| {role} | {size / 1024:.1f} MiB |")
        print(f"| all | {total / 1024:.1f} MiB |")
        site.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
