#!/usr/bin/env python3
"""Runs clang-tidy over the files named on standard input, many in one run.

clang-tidy 14 walks the whole of every system header for each file, which costs more than the file
itself. So files of one kind are written one behind the other into one source, and findings are told
with the file and line they came from. Files that do not compile together (two hidden helpers of the
same name) are left to another run; one alone is compiled with its own flags exactly.

  tidy.py [--jobs N] [--build build/tidy] < list of files

A run without findings leaves a stamp in BUILD/lint, named for all that went into it, and is not
repeated until any of that changes. Ends with 1 when something was found.
"""
import argparse
import concurrent.futures
import hashlib
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

FILES_PER_RUN = 24
# The analyser follows at most so many states in one function (225000 otherwise): four times as quick.
ANALYSER = ["-Xclang", "-analyzer-config", "-Xclang", "max-nodes=50000"]
FINDING = re.compile(r"^(/[^:]+):(\d+):(\d+): (warning|error): (.*)$")


def flags_of(entry):
    """The flags that decide what the source means: include folders, macros, the language."""
    words = iter(shlex.split(entry["command"])[1:])
    flags = []
    for word in words:
        if word in ("-isystem", "-include"):
            flags.append((word, next(words)))
        elif word.startswith(("-I", "-D", "-std")):
            flags.append((word,))
    return flags


class Run:
    """Some files as one source."""

    def __init__(self, files, flags, folder):
        self.files, self.spans = files, []
        text, line = "", 1
        for file in files:
            part = pathlib.Path(file).read_text()
            part += "" if part.endswith("\n") else "\n"
            self.spans.append((line, file))
            line += part.count("\n")
            text += part
        used = list(dict.fromkeys(itertools.chain.from_iterable(flags[file] for file in files)))
        name = hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]
        self.source = folder / (name + pathlib.Path(files[0]).suffix)
        self.source.write_text(text)
        # A source in another folder still finds what lies beside the files.
        beside = dict.fromkeys(os.path.dirname(file) for file in files)
        self.flags = [*itertools.chain.from_iterable(used), *("-iquote" + folder for folder in beside)]

    def origin(self, line):
        first, file = [span for span in self.spans if span[0] <= line][-1]
        return file, line - first + 1

    def compile(self):
        """Returns (the files at fault, the compiler's words, a name for all that was read)."""
        depends = self.source.with_suffix(".d")
        done = subprocess.run(
            ["clang++" if self.source.suffix == ".cpp" else "clang", "-fsyntax-only", "-w",
             "-ferror-limit=0", "-MMD", "-MF", depends, *self.flags, self.source],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            where = re.findall(re.escape(str(self.source)) + r":(\d+):\d+: error", done.stderr)
            return {self.origin(int(line))[0] for line in where}, done.stderr, ""
        digest = hashlib.sha256(repr([self.flags, ANALYSER]).encode())
        digest.update(pathlib.Path(".clang-tidy").read_bytes())
        read = depends.read_text().replace("\\\n", " ").split(":", 1)[1]
        for path in shlex.split(read):
            digest.update(pathlib.Path(path).read_bytes())
        return set(), "", digest.hexdigest()

    def tidy(self):
        """Returns the findings, each a text whose first line names the place."""
        done = subprocess.run(
            ["clang-tidy", "--quiet", "--config-file=.clang-tidy", self.source, "--", *self.flags,
             *ANALYSER],
            capture_output=True, text=True, check=False)
        findings = []
        for line in done.stdout.splitlines():
            match = FINDING.match(line)
            if match:
                findings.append([line])
            elif findings:
                findings[-1].append(line)
        if done.returncode != 0 and not findings:
            findings.append([f"{self.files[0]}: clang-tidy ended with {done.returncode}: {done.stderr}"])
        return ["\n".join(map(self.told, finding)) for finding in findings if self.real(finding[0])]

    def real(self, line):
        """Not so: an include that is repeated because another file has it too, and what the analyser
        says of templates of libraries."""
        match = FINDING.match(line)
        if match and not match[1].startswith(os.getcwd() + "/"):
            return False
        if not match or match[1] != str(self.source) or "[readability-duplicate-include" not in line:
            return True
        file, number = self.origin(int(match[2]))
        lines = pathlib.Path(file).read_text().splitlines()
        return lines.count(lines[number - 1]) > 1

    def told(self, line):
        return re.sub("^" + re.escape(str(self.source)) + r":(\d+):",
                      lambda match: "{}:{}:".format(*self.origin(int(match[1]))), line)


def check(files, flags, folder):
    """Checks those of a group that compile together; returns the findings and the files left over."""
    rest = []
    while True:
        began = time.monotonic()
        run = Run(files, flags, folder)
        bad, said, name = run.compile()
        if not said:
            break
        if len(files) == 1:
            return [f"{files[0]}: does not compile with clang\n{said}"], rest
        # The first stays, so that each round ends with fewer.
        bad = (bad or set(files)) - {files[0]} or set(files[1:])
        rest += [file for file in files if file in bad]
        files = [file for file in files if file not in bad]
    if (folder / name).exists():
        return [], rest
    findings = run.tidy()
    if not findings:
        (folder / name).touch()
    print(f"{time.monotonic() - began:4.0f} s for {len(files)} files, {files[0]} and others",
          file=sys.stderr, flush=True)
    return findings, rest


def groups(files, flags):
    """Files of one language and one part of the tree whose macros do not contradict, each group from
    many folders: neighbours are more likely to have hidden helpers of the same name."""
    kinds = []
    for file in sorted(files):
        kind = pathlib.Path(file).suffix, file.split("/")[0]
        mine = dict(flag[0].partition("=")[::2] for flag in flags[file] if flag[0].startswith("-D"))
        for known, macros, members in kinds:
            if kind == known and all(macros.get(key, mine[key]) == mine[key] for key in mine):
                macros.update(mine)
                members.append(file)
                break
        else:
            kinds.append((kind, mine, [file]))
    for _, _, members in kinds:
        count = -(-len(members) // FILES_PER_RUN)
        yield from (members[first::count] for first in range(count))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--build", default="build/tidy")
    options = parser.parse_args()

    entries = json.loads((pathlib.Path(options.build) / "compile_commands.json").read_text())
    flags = {os.path.relpath(entry["file"]): flags_of(entry) for entry in entries}
    if not entries:
        sys.exit("tidy: the build compiles nothing")
    # Only what the build compiles: templates for plugin authors have no entry.
    files = [file for file in sys.stdin.read().split() if file in flags]
    folder = pathlib.Path(options.build).absolute() / "lint"
    folder.mkdir(exist_ok=True)

    told, left = set(), files
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        while left:
            work, left = list(groups(left, flags)), []
            for findings, rest in pool.map(lambda group: check(group, flags, folder), work):
                left += rest
                for finding in findings:
                    # A header is read by many runs.
                    if finding not in told:
                        print(finding, flush=True)
                    told.add(finding)
    print(f"{len(files)} files, {len(told)} findings")
    sys.exit(1 if told else 0)


if __name__ == "__main__":
    main()
