#!/usr/bin/env python3
"""How long a tenant may not write while it moves to another house, for each GB of its data: from SQLite to PostgreSQL
and back, with people writing all the time. Counted is the time from the last write that the source acknowledged to the
moment when the target says that the tenant is active; what the command itself says is printed beside it. And how fast
the data crosses, against a plain copy of as many bytes with a hash over them.

run.py BUILD_DIRECTORY [MEGABYTES]  (a Release build with -DSERAI_BENCH=ON; needs postgresql-15)
"""
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, result  # noqa: E402
from postgres import Postgres  # noqa: E402

ROUNDS = 3
ROW, BATCH = 4096, 2500
LOGINS = 200  # entries of the audit record, beside those of the writers


def profile(folder, engine):
    file = pathlib.Path(folder) / f"{engine}.yaml"
    file.write_text((HERE.parent / "records/profile.yaml").read_text().replace("ENGINE", engine))
    return file


class Writer(threading.Thread):
    """Writes one record after the other until the tenant is somewhere else."""

    def __init__(self, host, bearer):
        super().__init__()
        self.client, self.bearer = Client(host.url), bearer
        self.written, self.last = 0, 0.0
        self.first = threading.Event()

    def run(self):
        while True:
            status, text = self.client.send("POST", "/api/v1/records", {"title": "Written while it moves"}, self.bearer)
            if status == 201:
                self.written, self.last = self.written + 1, time.perf_counter()
                self.first.set()
            elif status == 403:
                return
            elif status != 503:
                raise RuntimeError(f"{status} {text[:500]}")


class Watcher(threading.Thread):
    """Waits until the tenant is active in a house."""

    def __init__(self, host):
        super().__init__()
        self.client, self.admin, self.opened = Client(host.url), host.admin, 0.0

    def run(self):
        while True:
            status, text = self.client.send("GET", "/api/v1/admin/tenants/bench", headers=self.admin)
            if status == 200 and b'"status":"active"' in text.replace(b" ", b""):
                self.opened = time.perf_counter()
                return
            time.sleep(0.005)


def count(host, bearer):
    return Client(host.url).call("GET", "/api/v1/records?total=true", headers=bearer)["total"]


def plain_copy(megabytes, folder):
    """Seconds for as many bytes, hashed, written and synced."""
    piece, path = os.urandom(1 << 20), pathlib.Path(folder) / "plain"
    start = time.perf_counter()
    with open(path, "wb") as file:
        digest = hashlib.sha256()
        for _ in range(megabytes):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    took = time.perf_counter() - start
    path.unlink()
    return took


def move(build, here, there, bearer, folder):
    """Seconds of the pause, as seen and as said, and of the whole move; the bearer there."""
    token = pathlib.Path(folder) / "token"
    token.write_text(there.admin["X-Admin-Token"])
    before = count(here, bearer)
    writer, watcher = Writer(here, bearer), Watcher(there)
    writer.start()
    writer.first.wait()
    watcher.start()
    start = time.perf_counter()
    said = subprocess.run([pathlib.Path(build) / "bin/serai", "tenant", "move", "bench", "--url", here.url, "--to",
                           there.url, "--to-token-file", token], capture_output=True, text=True, check=False,
                          env={**os.environ, "SERAI_ADMIN_TOKEN": here.admin["X-Admin-Token"]})
    took = time.perf_counter() - start
    if said.returncode != 0:
        raise RuntimeError(said.stdout + said.stderr)
    writer.join()
    watcher.join()
    print(f"  {said.stdout.strip()}")
    there_bearer = there.log_in(*owner)
    after = count(there, there_bearer)
    if after != before + writer.written:
        raise RuntimeError(f"{before} records and {writer.written} more became {after}")
    here_client = Client(here.url)
    here_client.call("DELETE", "/api/v1/admin/tenants/bench?confirm=true", headers=here.admin)
    stated = int(re.search(r"writes paused for (\d+) ms", said.stdout).group(1)) / 1000
    return watcher.opened - writer.last, stated, took, there_bearer


def main():
    global owner
    build = pathlib.Path(sys.argv[1]).resolve()
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as folder, Postgres() as server, \
            Host(build, profile(folder, "sqlite")) as on_sqlite, \
            Host(build, profile(folder, "postgres"), environment=server.make_house("house")) as on_postgres:
        bearer = on_sqlite.add_tenant("bench")
        owner = on_sqlite.owner
        client = Client(on_sqlite.url)
        for _ in range(megabytes * 1_000_000 // (ROW * BATCH) + 1):
            client.call("POST", "/api/v1/records/many", {"count": BATCH, "size": ROW}, bearer)
        gigabytes = count(on_sqlite, bearer) * ROW / 1e9
        for _ in range(LOGINS):
            bearer = on_sqlite.log_in(*owner)
        print(f"{gigabytes:.2f} GB")
        found = {}
        for _ in range(ROUNDS):
            plain = plain_copy(megabytes, folder)
            for name, here, there in ("sqlite to postgres", on_sqlite, on_postgres), \
                                     ("postgres to sqlite", on_postgres, on_sqlite):
                seen, stated, took, bearer = move(build, here, there, bearer, folder)
                print(f"{name}: writes paused for {seen * 1000:.0f} ms, {took:.1f} s in all")
                found.setdefault(name, []).append((seen, stated, took, took / plain))
        for name, rounds in found.items():
            seen, stated, took, ratio = (median(values) for values in zip(*rounds))
            result(f"{name}: write pause, s per GB", seen / gigabytes, "<=", 1)
            result(f"{name}: the same as the command says it", stated / gigabytes, "=", "-")
            result(f"{name}: MB a second, compared", gigabytes * 1000 / took, "=", "-")
            result(f"{name}: time of the move / of a plain copy with a hash", ratio, "=", "-")


if __name__ == "__main__":
    main()
