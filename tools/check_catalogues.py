#!/usr/bin/python3
"""Sentences for people are complete and in their place:

- each messages/ folder has zh-CN.json and en.json with the same codes and the same {parameters};
- one code has one sentence in the whole program;
- each error code that C++ can answer has a sentence (errors of kind internal answer as
  server.internal; codes of OPERATOR are printed in English on the console and in the log only);
- no Chinese text in C++ string literals or in web sources outside locales, tests and data.
  (The parity of the web's locale files is checked by `npm run check`.)
"""
import glob
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Prefixes of codes that no HTTP answer carries: start, commands and configuration.
OPERATOR = ("conf.", "process.", "log.", "command.", "key.", "event.", "catalogue.", "migration.", "job.", "clock.",
            "http.tls", "http.log", "http.regex", "http.variable", "http.listener", "db.url", "db.refused", "db.collation", "db.not_durable", "test.",
            "crypto.", "time.", "id.", "slot.", "blob.", "media.")
CODE = r'"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)"'
USES = [
    re.compile(r"\b(?:Invalid|NotFound|Conflict|Forbidden)\(\s*" + CODE),
    re.compile(r"\bErrorKind::k(?!Internal)\w+\s*,\s*" + CODE),
    re.compile(r"\bInvalidField\(\s*[^;]*?,\s*" + CODE),
    re.compile(r"\bQueryOne\(\s*[^;]*?,\s*" + CODE + r"\s*\)"),
    re.compile(r"\bFieldError\s*\{\s*[^;]*?,\s*" + CODE),
]
CHINESE = re.compile(r"[\u3400-\u9fff]")


def parameters(sentence):
    return sorted(set(re.findall(r"\{(\w+)\}", sentence)))


def check_messages(errors):
    sentences = {"zh-CN": {}, "en": {}}
    for folder in sorted(glob.glob(os.path.join(ROOT, "mch/*/messages")) + glob.glob(os.path.join(ROOT, "modules/*/messages"))):
        shown, both = os.path.relpath(folder, ROOT), {}
        if not os.listdir(folder):
            continue
        for language in sentences:
            try:
                with open(os.path.join(folder, language + ".json"), encoding="utf-8") as handle:
                    both[language] = json.load(handle, object_pairs_hook=lambda pairs: unique(pairs, shown, errors))
            except (OSError, ValueError) as error:
                errors.append(f"{shown}/{language}.json: {error}")
                both[language] = {}
            for code, text in both[language].items():
                if sentences[language].setdefault(code, text) != text:
                    errors.append(f"{shown}/{language}.json: {code} has another sentence elsewhere")
                if not text.strip():
                    errors.append(f"{shown}/{language}.json: {code} is empty")
                if language == "en" and CHINESE.search(text):
                    errors.append(f"{shown}/en.json: {code} is Chinese")
        for code in sorted(set(both["zh-CN"]) ^ set(both["en"])):
            errors.append(f"{shown}: {code} is in one language only")
        for code in set(both["zh-CN"]) & set(both["en"]):
            if parameters(both["zh-CN"][code]) != parameters(both["en"][code]):
                errors.append(f"{shown}: {code} uses different parameters in the two languages")
    return sentences["en"]


def unique(pairs, shown, errors):
    result = {}
    for key, value in pairs:
        if key in result:
            errors.append(f"{shown}: {key} stands twice")
        result[key] = value
    return result


def strip_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def main():
    errors = []
    sentences = check_messages(errors)
    used = {}
    for folder in ("mch", "storage", "modules", "apps"):
        for path in glob.glob(os.path.join(ROOT, folder, "**", "*"), recursive=True):
            if not path.endswith((".cpp", ".h")) or path.endswith(("_test.cpp", "_fuzz.cpp", "test_support.h", "test_support.cpp")):
                continue
            shown = os.path.relpath(path, ROOT)
            with open(path, encoding="utf-8") as handle:
                text = strip_comments(handle.read())
            for number, line in enumerate(text.splitlines(), 1):
                if CHINESE.search(line) or re.search(r"\\u[4-9][0-9a-fA-F]{3}", line):
                    errors.append(f"{shown}: Chinese text outside a catalogue: {line.strip()[:80]}")
            for use in USES:
                for code in use.findall(text):
                    used.setdefault(code, shown)
    for code, where in sorted(used.items()):
        if code not in sentences and not code.startswith(OPERATOR):
            errors.append(f"{where}: {code} has no sentence in messages/")
    for path in glob.glob(os.path.join(ROOT, "web/src/**/*"), recursive=True):
        if not path.endswith((".ts", ".vue")) or "/locales/" in path or ".test." in path or "/fixtures/" in path:
            continue
        with open(path, encoding="utf-8") as handle:
            text = re.sub(r"<!--.*?-->", "", strip_comments(handle.read()), flags=re.S)
        for line in text.splitlines():
            if CHINESE.search(line):
                errors.append(f"{os.path.relpath(path, ROOT)}: Chinese text outside the locale files: {line.strip()[:80]}")
    print("\n".join(errors + [f"catalogues: {len(sentences)} sentences, {len(used)} codes used, {len(errors)} errors"]))
    return 1 if errors or not sentences else 0


if __name__ == "__main__":
    sys.exit(main())
