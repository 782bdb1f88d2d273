#!/usr/bin/python3
"""Starts a private installation for tests of other languages: prints one line of JSON (address,
passwords, folder) and serves until its standard input closes.

    tests/lib/serve.py --store sqlite --program build/ci/apps/anlan/anlan [--stations]
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from installation import PASSWORD, SHARED_DATA, Installation  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "mysql"), default="sqlite")
    parser.add_argument("--mysql")
    parser.add_argument("--program")
    parser.add_argument("--stations", action="store_true", help="import the charging stations when they are there")
    options = parser.parse_args()
    stations = os.path.join(SHARED_DATA, "charging-stations-shenzhen.csv")
    with Installation(options.program, options.store, options.mysql) as site:
        site.prepare("--starter")
        imported = False
        if options.stations and os.path.exists(stations):
            site.must_run(*station_arguments(stations))
            imported = True
        site.start()
        print(json.dumps({"address": site.address, "passwords": site.passwords, "folder": site.folder,
                          "password": PASSWORD, "stations": imported}), flush=True)
        sys.stdin.read()
        site.stop()


def station_arguments(path):
    return ["import", "assets", path, "--crs", "gcj02", "--sector", "charging", "--organisation", "深圳海山充电有限公司",
            "--name-pattern", "充电站 {station_id}", "--map",
            "asset_no=station_id,longitude=longitude,latitude=latitude,ext.fast=fast,ext.slow=slow,ext.count=count"]


if __name__ == "__main__":
    main()
