#!/usr/bin/python3
"""The checks refuse what they are for: one forbidden line each."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_catalogues  # noqa: E402
import check_layers  # noqa: E402

PARTS, MODULES = ["base", "conf", "http"], ["audit", "region", "hazard"]


def errors(path, include):
    return list(check_layers.check(path, f'#include "{include}"\n', PARTS, MODULES))


class LayersTest(unittest.TestCase):
    def test_refuses(self):
        for path, include in [
                ("mch/base/src/a.cpp", "mch/http/router.h"), ("mch/http/src/a.cpp", "modules/audit/api/audit.h"),
                ("mch/http/src/a.cpp", "storage/sqlite/include/x.h"), ("modules/hazard/app/a.cpp", "modules/audit/app/log.h"),
                ("modules/audit/app/a.cpp", "modules/hazard/api/x.h"), ("modules/hazard/domain/a.h", "mch/http/router.h"),
                ("modules/hazard/domain/a.h", "modules/audit/api/audit.h"), ("modules/hazard/domain/a.h", "modules/hazard/store/x.h"),
                ("modules/hazard/api/a.h", "modules/hazard/app/x.h"), ("modules/hazard/app/a.cpp", "storage/sqlite/x.h"),
                ("storage/sqlite/src/a.cpp", "modules/audit/api/audit.h")]:
            self.assertEqual(len(errors(path, include)), 1, (path, include))

    def test_accepts(self):
        for path, include in [
                ("mch/http/src/a.cpp", "mch/base/error.h"), ("modules/hazard/app/a.cpp", "modules/audit/api/audit.h"),
                ("modules/hazard/domain/a.h", "mch/base/result.h"), ("modules/hazard/app/a.cpp", "mch/http/router.h"),
                ("storage/sqlite/src/a.cpp", "mch/db/database.h"), ("modules/hazard/domain/a.cpp", "modules/hazard/domain/b.h")]:
            self.assertEqual(errors(path, include), [], (path, include))


class CataloguesTest(unittest.TestCase):
    def test_finds_codes(self):
        text = ('return Invalid("a.b_c", x); Error(ErrorKind::kConflict, "d.e"); InvalidField("f", "field.g"); '
                'Error(ErrorKind::kInternal, "in.ternal"); reader.QueryOne(kSql, {id}, "h.not_found")')
        found = {code for use in check_catalogues.USES for code in use.findall(text)}
        self.assertEqual(found, {"a.b_c", "d.e", "field.g", "h.not_found"})

    def test_parameters(self):
        self.assertEqual(check_catalogues.parameters("from {min} to {max}"), ["max", "min"])


if __name__ == "__main__":
    unittest.main()
