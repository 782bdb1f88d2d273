#!/usr/bin/python3
"""Walks the table of `anlan routes` on the running server: each route declares a permission, each
write route an audit action, nobody signed in gets 401 from every route that is not public, and a
signed-in person without the permission gets 403, whatever a menu shows."""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from installation import Installation  # noqa: E402

PUBLIC = {("POST", "/api/v1/session"), ("GET", "/api/v1/session"), ("DELETE", "/api/v1/session"), ("GET", "/api/v1/openapi.json"),
          ("GET", "/healthz")}
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Signed in and allowed hardly anything: the auditor.
ACCOUNT = "audit"


def concrete(pattern):
    return re.sub(r"\{[^}]+\}", "1", pattern)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program")
    options = parser.parse_args()
    failures, checks = [], 0
    with Installation(options.program) as site:
        site.prepare("--starter")
        routes = [line.split("\t") for line in site.must_run("routes").splitlines() if line.strip()]
        site.start()
        anonymous, auditor = site.client(), site.client()
        permissions = set(site.sign_in(auditor, ACCOUNT)["permissions"])
        for fields in routes:
            method, pattern, permission, action = (fields + ["", "", ""])[:4]
            where, body = f"{method} {pattern}", {} if method in WRITES else None
            checks += 1
            if not permission:
                failures.append(f"{where}: no permission")
            if permission == "public" and (method, pattern) not in PUBLIC:
                failures.append(f"{where}: public, but not on the list of this test")
            if permission not in ("public", "signed-in") and not re.fullmatch(r"\w+:\w+:\w+", permission):
                failures.append(f"{where}: {permission} is not module:object:action")
            if method in WRITES and not action:
                failures.append(f"{where}: a write without an audit action")

            def call(client):
                # An upload is refused by its media type before anybody is asked who sends it.
                if (method, pattern) == ("POST", "/api/v1/files"):
                    return client.upload(pattern, "a.png", b"not a picture")
                return client.request(method, concrete(pattern), body)

            if permission != "public":
                answer = call(anonymous)
                if answer.status != 401:
                    failures.append(f"{where}: nobody gets {answer.status} {answer.code}")
            if permission not in ("public", "signed-in") and permission not in permissions:
                answer = call(auditor)
                if answer.status != 403:
                    failures.append(f"{where}: {ACCOUNT}, without {permission}, gets {answer.status} {answer.code}")
        if len(routes) < 20:
            failures.append(f"only {len(routes)} routes in the table")
        site.stop()
    for failure in failures:
        print("failed", failure)
    print(f"{checks} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
