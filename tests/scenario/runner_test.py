#!/usr/bin/python3
"""Tests of the runner itself: a runner that accepts everything would make every scenario pass."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from parse import ScenarioError, parse  # noqa: E402
from shape import Matcher  # noqa: E402

NOW = 1_800_000_000_000


def differences(shape, value, variables=None):
    return Matcher({} if variables is None else variables, NOW).check(shape, value)


class ShapeTest(unittest.TestCase):
    def test_accepts(self):
        for shape, value in [
                ({"a": 1}, {"a": 1, "b": 2}), ([1, "..."], [1, 2, 3]), ("*", None), ("<id>", "17"), ("<int>", 3), ("<positive>", 3),
                ("<time>", NOW - 5), ("<date>", "2026-11-24"), ({"a": "<absent>"}, {}), ("/^ab/", "abc"),
                (["<has>", {"a": 2}], [{"a": 1}, {"a": 2, "b": 0}]), (["<hasnot>", {"a": 3}], [{"a": 1}]),
                (["<each>", "<int>"], [1, 2]), (None, None), (1.0, 1), ([], [])]:
            self.assertEqual(differences(shape, value), [], (shape, value))

    def test_refuses(self):
        for shape, value in [
                ({"a": 1}, {"a": 2}), ({"a": 1}, {}), ([1], [1, 2]), ([1, 2, "..."], [1]), ("<id>", 17), ("<id>", "x"),
                ("<int>", True), ("<positive>", 0), ("<int>", "3"), ("<text>", ""), ("<time>", NOW - 90_000_000), ("<date>", "24.11.2026"),
                ({"a": "<absent>"}, {"a": None}), ("/^b/", "abc"), (["<has>", {"a": 3}], [{"a": 1}]), ("<bool>", 1),
                (["<hasnot>", {"a": 1}], [{"a": 1}]), (["<each>", "<int>"], [1, "2"]), (True, 1), (None, 0), ("a", None)]:
            self.assertNotEqual(differences(shape, value), [], (shape, value))

    def test_captures(self):
        variables = {}
        self.assertEqual(differences({"id": "<id:it>", "version": "<int:v>"}, {"id": "9", "version": 4}, variables), [])
        self.assertEqual(variables, {"it": "9", "v": "4"})


class ParseTest(unittest.TestCase):
    def test_reads_a_request(self):
        text = 'scenario S\nPOST /x\nA: b\n{ "v": ${v},\n  "s": "}" }\n=> 409 a.b_c\nETag: *\n{ "m": ["..."] }\n\nadvance 3d\n'
        request, advance = parse("f", text).statements
        self.assertEqual((request.method, request.status, request.code), ("POST", 409, "a.b_c"))
        self.assertEqual((request.headers, request.answer_headers), ({"A": "b"}, {"ETag": "*"}))
        self.assertIn('"s": "}"', request.body)
        self.assertEqual((advance.word, advance.text, advance.line), ("advance", "3d", 10))

    def test_refuses(self):
        for text in ["scenario S\nGET /x\n", "scenario S\nfly high\n", "GET /x\n=> 200\n", 'scenario S\nGET /x\n=> 200\n{ "a": \n',
                     "scenario S\nGET /x\n=> 200\n{ a }\n"]:
            with self.assertRaises(ScenarioError):
                parse("f", text)


if __name__ == "__main__":
    unittest.main()
