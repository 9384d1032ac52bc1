#!/usr/bin/env python3
"""Every snippet of a guide stands, line by line, in a file that is built and tested.

usage: check.py GUIDE FILE...

A fenced block in cpp, yaml, cmake, sql or c must be a run of lines of one of the files; "..." on a
line of its own (also after // or #) stands for any number of lines. How much white space
there is does not count. Says which snippet does not, and fails.
"""
import re
import sys

LANGUAGES = ("cpp", "yaml", "cmake", "sql", "c")


def lines_of(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def stands_in(pieces, lines):
    """The pieces one after the other, each a run of lines."""
    at = 0
    for piece in pieces:
        while at + len(piece) <= len(lines) and lines[at:at + len(piece)] != piece:
            at += 1
        if at + len(piece) > len(lines):
            return False
        at += len(piece)
    return True


def main():
    guide, *names = sys.argv[1:]
    files = [lines_of(open(name, encoding="utf-8").read()) for name in names]
    text = open(guide, encoding="utf-8").read()
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
    checked, faults = 0, []
    for language, block in blocks:
        if language not in LANGUAGES:
            continue
        pieces = [lines_of(piece) for piece in re.split(r"^\s*(?://|#)?\s*\.\.\.\s*$", block, flags=re.M)]
        pieces = [piece for piece in pieces if piece]
        checked += 1
        if not pieces or not any(stands_in(pieces, lines) for lines in files):
            faults.append(block)
    for fault in faults:
        print(f"{guide}: this snippet stands in no file that is built:\n{fault}", file=sys.stderr)
    print(f"{checked} snippets, {len(faults)} of them in no built file")
    return 1 if faults or checked == 0 else 0


sys.exit(main())
