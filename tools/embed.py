#!/usr/bin/python3
"""Writes a C++ source that embeds files: embed.py TARGET OUTPUT FILE...

The accessor is declared in mch/base/embedded.h:
    extern const mch::EmbeddedFiles kEmbedded_TARGET;
"""
import sys


def literal(data: bytes) -> str:
    # Pieces of one string literal, well below the limits of compilers.
    out, line = [], ""
    for byte in data:
        char = chr(byte)
        if char == "\n":
            line += "\\n"
            out.append(line)
            line = ""
        elif char in '"\\':
            line += "\\" + char
        elif char == "?" or byte < 32 or byte > 126:
            line += "\\%03o" % byte
        else:
            line += char
        if len(line) > 200:
            out.append(line)
            line = ""
    if line:
        out.append(line)
    return "\n".join('    "%s"' % piece for piece in out) or '    ""'


def main() -> None:
    target, output, files = sys.argv[1], sys.argv[2], sorted(sys.argv[3:])
    parts = ['#include "mch/base/embedded.h"', ""]
    parts.append(f"extern const mch::EmbeddedFiles kEmbedded_{target};")
    parts.append(f"const mch::EmbeddedFiles kEmbedded_{target} = {{")
    for name in files:
        with open(name, "rb") as handle:
            data = handle.read()
        parts.append(f'    {{"{name}", std::string(\n{literal(data)}, {len(data)})}},')
    parts.append("};")
    with open(output, "w", encoding="utf-8") as handle:
        handle.write("\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
