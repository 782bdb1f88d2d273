#!/usr/bin/python3
"""Each header compiles alone and has `#pragma once`. Uses the flags of a configured build folder:

    tools/check_headers.py build/ci
"""
import concurrent.futures
import glob
import json
import os
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def flags_by_folder(build):
    """{source folder: compiler flags} from compile_commands.json: a header is compiled with the
    flags of a source of its own part, so that a missing link dependency shows too."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as handle:
        commands = json.load(handle)
    found = {}
    for entry in commands:
        relative = os.path.relpath(entry["file"], ROOT)
        if relative.startswith("..") or relative.startswith("build"):
            continue
        words = shlex.split(entry["command"])
        keep, skip = [], False
        for word in words:
            if skip:
                skip = False
            elif word in ("-o", "-c", "-MF", "-MT", "-MQ"):
                skip = word != "-c"
            elif word.startswith(("-I", "-D", "-std", "-W", "-isystem", "-f")) or word in ("-isystem",):
                keep.append(word)
            elif keep and keep[-1] == "-isystem":
                keep.append(word)
        part = os.sep.join(relative.split(os.sep)[:2])
        found.setdefault(part + (" test" if "_test.cpp" in relative else ""), keep)
    return found


def compile_header(header, flags):
    # Included from a one-line source: compiling the header itself would warn about #pragma once.
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
        source.write(f'#include "{header}"\n')
        source.flush()
        done = subprocess.run(["ccache", "g++", *flags, "-O0", "-fsyntax-only", source.name],
                              capture_output=True, cwd=ROOT, check=False)
    return header, done.returncode, done.stderr.decode("utf-8", "replace")


def main():
    flags = flags_by_folder(os.path.abspath(sys.argv[1]))
    headers = [h for folder in ("mch", "storage", "modules")
               for h in glob.glob(os.path.join(ROOT, folder, "**", "*.h"), recursive=True)]
    errors = []
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header in sorted(headers):
            relative = os.path.relpath(header, ROOT)
            with open(header, encoding="utf-8") as handle:
                if "#pragma once" not in handle.read():
                    errors.append(f"{relative}: no #pragma once")
            part = os.sep.join(relative.split(os.sep)[:2])
            # Helpers of tests may use what only tests link.
            is_test = "test" in os.path.basename(header) or "fixture" in os.path.basename(header)
            first, second = (part + " test", part) if is_test else (part, part + " test")
            jobs.append(pool.submit(compile_header, header, flags.get(first) or flags.get(second) or next(iter(flags.values()))))
        for job in jobs:
            header, status, text = job.result()
            if status:
                errors.append(f"{os.path.relpath(header, ROOT)} does not compile alone:\n{text[:2000]}")
    print("\n".join(errors + [f"headers: {len(headers)} compiled alone, {len(errors)} errors"]))
    return 1 if errors or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
