#!/usr/bin/env python3
"""How long `serai serve` takes from exec until it says that it is ready, and how much memory it then
holds, idle, with the profile `minimal` and all its plugins. Starts over and over on one data
directory (the first start makes secrets and databases and does not count); medians.

run.py BUILD_DIRECTORY   (a Release build)
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import median, result  # noqa: E402

STARTS = 15
PROFILE = HERE.parents[2] / "profiles/minimal.yaml"


def free_ports(profile, folder):
    """The profile with addresses that cannot be taken already; nothing else differs."""
    text = profile.read_text().replace("127.0.0.1:8080", "127.0.0.1:0", 1).replace("127.0.0.1:9090", "127.0.0.1:0", 1)
    file = pathlib.Path(folder) / "minimal.yaml"
    file.write_text(text)
    return file


def start(build, profile, folder):
    """Milliseconds until ready, MiB resident."""
    data = pathlib.Path(folder) / "data"
    begin = time.perf_counter()
    host = subprocess.Popen([build / "bin/serai", "serve", "--profile", profile, "--data", data],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    host.stdout.readline()
    ready = (time.perf_counter() - begin) * 1000
    management = json.loads((data / "serve.json").read_text())["management_url"]
    with urllib.request.urlopen(management + "/health/ready", timeout=10) as answer:
        assert answer.status == 200
    rollup = pathlib.Path(f"/proc/{host.pid}/smaps_rollup").read_text()
    resident = int(next(line for line in rollup.splitlines() if line.startswith("Rss:")).split()[1]) / 1024
    os.kill(host.pid, signal.SIGTERM)
    host.wait()
    return ready, resident


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        profile = free_ports(PROFILE, folder)
        start(build, profile, folder)
        measured = [start(build, profile, folder) for _ in range(STARTS)]
    times, memory = zip(*measured)
    print(f"ready after {min(times):.0f} to {max(times):.0f} ms, {min(memory):.1f} to {max(memory):.1f} MiB resident")
    result("minimal: exec until ready, ms", median(times), "<=", 150)
    result("minimal: resident when idle, MiB", median(memory), "<=", 40)


if __name__ == "__main__":
    main()
