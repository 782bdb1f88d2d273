#!/usr/bin/python3
"""Checks who includes whom (design section 3):

- mch/PART includes mch only, and only parts above itself in mch/CMakeLists.txt;
- storage/ includes mch and storage;
- modules/X includes mch and modules/Y/api; never storage, never the inside of another module;
- the modules' api/ folders form no cycle by chance: X may use Y only when Y stands above X in
  modules/CMakeLists.txt;
- domain/ includes mch/base, its own domain/ and api/, and other modules' api/ never;
- the CMake lists name the same dependencies: no target links a layer that it may not include;
- mch holds no word of the domain.
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
DOMAIN_WORDS = re.compile(r"\b(hazards?|anlan::|modules/)", re.I)


def order(folder):
    with open(os.path.join(ROOT, folder, "CMakeLists.txt"), encoding="utf-8") as text:
        return re.findall(r"^add_subdirectory\((\w+)\)", text.read(), re.M)


def sources(folder):
    for extension in ("h", "cpp"):
        yield from glob.glob(os.path.join(ROOT, folder, "**", "*." + extension), recursive=True)


def check(path, text, parts, modules):
    """Errors of one file; `path` is relative to the root."""
    pieces = path.split(os.sep)
    layer, own = pieces[0], pieces[1]
    is_test = path.endswith(("_test.cpp", "_fuzz.cpp", "_bench.cpp", "test_support.h", "test_support.cpp")) or "/test/" in path or "/fuzz/" in path
    for name in INCLUDE.findall(text):
        target = name.split("/")
        reason = ""
        if target[0] == "mch" and len(target) > 2:
            if layer == "mch" and target[1] != own:
                if target[1] not in parts:
                    reason = "is no part of mch/CMakeLists.txt"
                elif parts.index(target[1]) > parts.index(own):
                    reason = "stands below in mch/CMakeLists.txt"
            elif layer == "modules" and pieces[2] == "domain" and target[1] != "base" and not is_test:
                reason = "domain/ may include mch/base only"
        elif target[0] == "storage":
            if layer in ("mch", "modules") and not is_test:
                reason = "only apps and storage may know an adapter"
        elif target[0] == "modules" and len(target) > 2:
            other = target[1]
            if layer in ("mch", "storage"):
                reason = "mch and storage know no module"
            elif layer == "modules" and other != own:
                if target[2] != "api" and not is_test:
                    reason = "another module is used by its api/ only"
                elif pieces[2] == "domain":
                    reason = "domain/ may include mch/base only"
                elif other not in modules or modules.index(other) > modules.index(own):
                    reason = "stands below in modules/CMakeLists.txt"
            elif layer == "modules" and pieces[2] == "domain" and target[2] not in ("domain", "api"):
                reason = "domain/ may include mch/base only"
            elif layer == "modules" and pieces[2] == "api" and target[2] not in ("api",):
                reason = "api/ is what others see: it may include no inside of its module"
        if reason:
            yield f"{path}: includes {name}: {reason}"


def check_cmake(parts, modules):
    for path in glob.glob(os.path.join(ROOT, "mch/*/CMakeLists.txt")) + glob.glob(os.path.join(ROOT, "modules/*/CMakeLists.txt")) + \
            glob.glob(os.path.join(ROOT, "storage/*/CMakeLists.txt")):
        shown = os.path.relpath(path, ROOT)
        layer, own = shown.split(os.sep)[:2]
        with open(path, encoding="utf-8") as text:
            # What only a test links does not make a layer depend on it.
            content = re.sub(r"TEST_DEPS[^)]*?(?=\bDEPS\b|\bSYSTEM\b|\bEMBED\b|\))", "", text.read())
        for prefix, name in re.findall(r"\b(mch|module|storage)_(\w+)", content):
            if name == own:
                continue
            if prefix == "storage" and layer in ("mch", "modules"):
                yield f"{shown}: links storage_{name}: only apps and storage may know an adapter"
            if prefix == "module" and layer != "modules":
                yield f"{shown}: links module_{name}: a layer below the modules"
            if prefix == "module" and layer == "modules" and name in modules and modules.index(name) > modules.index(own):
                yield f"{shown}: links module_{name}, which stands below in modules/CMakeLists.txt"
            if prefix == "mch" and layer == "mch" and name in parts and parts.index(name) > parts.index(own):
                yield f"{shown}: links mch_{name}, which stands below in mch/CMakeLists.txt"


def main():
    parts, modules = order("mch"), order("modules")
    errors, count = [], 0
    for folder in ("mch", "storage", "modules"):
        for path in sources(folder):
            shown = os.path.relpath(path, ROOT)
            with open(path, encoding="utf-8") as handle:
                text = handle.read()
            count += 1
            errors += check(shown, text, parts, modules)
            if folder == "mch" and not path.endswith("_test.cpp"):
                code = re.sub(r"//.*", "", text)
                errors += [f"{shown}: a word of the domain: {word}" for word in sorted(set(DOMAIN_WORDS.findall(code)))]
    errors += check_cmake(parts, modules)
    print("\n".join(errors + [f"layers: {count} files, {len(errors)} errors"]))
    return 1 if errors or not count else 0


if __name__ == "__main__":
    sys.exit(main())
