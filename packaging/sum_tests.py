#!/usr/bin/env python3
"""Adds up what one CTest run proved, from three files of the same run:

  sum_tests.py PLAN JUNIT RESULTS

PLAN is `ctest --show-only=json-v1`, JUNIT is `ctest --output-junit`, RESULTS is the folder that
GoogleTest programs wrote their XML into. A GoogleTest program counts with each of its tests, any
other CTest entry counts as one. An entry that failed without a failed test in its XML (a crash, a
time-out, a sanitizer's report at exit) counts as one failure. Prints a table to stderr and
"PASSED FAILED SKIPPED" to stdout.
"""
import json
import os
import re
import sys
import xml.etree.ElementTree as xml


def google_tests(folder):
    """Program name -> list of (tests, failed, skipped, names of failed tests), one per run."""
    runs = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if not name.endswith(".xml"):
            continue
        # GoogleTest writes program.xml, then program_1.xml if that exists.
        program = re.sub(r"_\d+$", "", name[:-4]) if name[:-4] not in known_programs else name[:-4]
        try:
            root = xml.parse(os.path.join(folder, name)).getroot()
        except xml.ParseError:
            continue  # cut off by a crash: the CTest entry's own status counts
        tests = failed = skipped = 0
        names = []
        for case in root.iter("testcase"):
            tests += 1
            if case.get("status") == "notrun" or case.get("result") in ("skipped", "suppressed"):
                skipped += 1
            elif case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                names.append(f"{case.get('classname')}.{case.get('name')}")
        runs.setdefault(program, []).append((tests, failed, skipped, names))
    return runs


plan_file, junit_file, results = sys.argv[1:4]
with open(plan_file, encoding="utf-8") as file:
    plan = json.load(file)
program_of = {
    test["name"]: os.path.basename(test["command"][0]) if test.get("command") else ""
    for test in plan["tests"]
}
known_programs = set(program_of.values())
google = google_tests(results)

entries = []  # (name, state, seconds)
for case in xml.parse(junit_file).getroot().iter("testcase"):
    status = case.get("status", "")
    state = "passed" if status == "run" else "skipped" if status in ("notrun", "disabled") else "failed"
    if status == "notrun" and case.find("skipped") is not None:
        # Not Run is how CTest reports a program that is not there; only a declared skip is a skip.
        message = case.find("skipped").get("message", "")
        state = "skipped" if message.startswith("SKIP_") or "Disabled" in message else "failed"
    entries.append((case.get("name"), state, float(case.get("time") or 0)))

passed = failed = skipped = 0
rows = []
counted = set()
failures = []
for name, state, seconds in sorted(entries):
    program = program_of.get(name, "")
    runs = google.get(program)
    entry_failed = 0
    if runs is None:
        tests, entry_failed, entry_skipped = 1, int(state == "failed"), int(state == "skipped")
        if entry_failed:
            failures.append(name)
    elif program in counted:
        # Several entries may start one program; its XML files were added up at the first of them.
        if state == "failed" and not any(run[1] for run in runs):
            failed += 1
            failures.append(f"{name} (program failed, no test did)")
        continue
    else:
        counted.add(program)
        tests = sum(run[0] for run in runs)
        entry_failed = sum(run[1] for run in runs)
        entry_skipped = sum(run[2] for run in runs)
        failures += [f"{name}: {test}" for run in runs for test in run[3]]
        if state == "failed" and entry_failed == 0:
            tests += 1
            entry_failed = 1
            failures.append(f"{name} (program failed, no test did: crash, time-out or sanitizer)")
    rows.append((name, tests, entry_failed, entry_skipped, seconds))
    passed += tests - entry_failed - entry_skipped
    failed += entry_failed
    skipped += entry_skipped

width = max([len(row[0]) for row in rows], default=4)
print(f"{'entry':<{width}} {'tests':>6} {'failed':>6} {'seconds':>8}", file=sys.stderr)
for name, tests, bad, _, seconds in rows:
    print(f"{name:<{width}} {tests:>6} {bad:>6} {seconds:>8.1f}", file=sys.stderr)
for line in failures:
    print(f"FAILED {line}", file=sys.stderr)
print(passed, failed, skipped)
