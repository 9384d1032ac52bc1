#!/usr/bin/env python3
"""What it costs to refresh a session: on SQLite and PostgreSQL, sixteen sessions each turning its token again and
again, against an update of one row of a table like the sessions' with nothing around it: in PostgreSQL by pgbench, in
SQLite by its one writer; all in turn, several rounds.

run.py BUILD_DIRECTORY   (a Release build with -DSERAI_BENCH=ON; needs wrk, postgresql-15)
"""
import json
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, result  # noqa: E402
from postgres import Postgres  # noqa: E402

ROUNDS, SECONDS, SESSIONS = 3, 3, 16
PROFILE = HERE.parent / "records/profile.yaml"
TABLE = ("CREATE TABLE sessions (id text PRIMARY KEY, hash text NOT NULL, changed_at timestamptz NOT NULL); "
         "INSERT INTO sessions SELECT n::text, repeat('0', 64), now() FROM generate_series(1, 1000) n;")
BARE = "\\set n random(1, 1000)\nUPDATE sessions SET hash = repeat('1', 64), changed_at = now() WHERE id = :n::text;"
SQLITE_TABLE = ("CREATE TABLE sessions (id TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL, changed_at TEXT NOT NULL) "
                "STRICT")
SQLITE_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ')"
# A thread per session: the scripts of wrk know threads, not connections.
SCRIPT = """
local given = TOKENS
local threads = {}
function setup(thread)
  threads[#threads + 1] = thread
  thread:set("token", given[#threads])
end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request() return wrk.format(nil, nil, nil, '{"refresh_token":"' .. token .. '"}') end
function response(status, headers, body)
  token = body:match('"refresh_token":"([^"]+)"') or token
end
"""


class House:
    def __init__(self, host):
        self.url = host.url + "/api/v1/auth/refresh"
        host.add_tenant("bench")
        self.client, (self.address, self.password) = Client(host.url), host.owner

    def sign_in(self):
        return self.client.call("POST", "/api/v1/auth/login", {"email": self.address, "password": self.password})

    def rate(self):
        """Refreshes a second; an answer that is no success is an error."""
        # New ones each time: a person has no more than fifty.
        lua = "{" + ", ".join(json.dumps(self.sign_in()["refresh_token"]) for _ in range(SESSIONS)) + "}"
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(SCRIPT.replace("TOKENS", lua))
            script.flush()
            said = subprocess.run(["wrk", f"-t{SESSIONS}", f"-c{SESSIONS}", f"-d{SECONDS}s", "-s", script.name,
                                   self.url], capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in said:
            raise RuntimeError(f"{self.url} answers errors: {said}")
        return float(re.search(r"Requests/sec:\s+([0-9.]+)", said).group(1))


class BareSqlite:
    """A file of SQLite's in which every commit is synced by itself. More writers would not help: it has one at a
    time."""

    def __init__(self, file):
        self.database = sqlite3.connect(file, isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.execute(SQLITE_TABLE)
        self.database.execute("WITH RECURSIVE ids (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM ids WHERE n < 1000) "
                              f"INSERT INTO sessions SELECT CAST(n AS TEXT), ?, {SQLITE_NOW} FROM ids", ("0" * 64,))

    def rate(self):
        """Updates a second."""
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < SECONDS:
            changed = self.database.execute(f"UPDATE sessions SET hash = ?, changed_at = {SQLITE_NOW} WHERE id = ?",
                                            ("1" * 64, str(random.randint(1, 1000)))).rowcount
            if changed != 1:
                raise RuntimeError(f"an update changed {changed} rows")
            count += 1
        return count / (time.perf_counter() - begin)


def main():
    with tempfile.TemporaryDirectory() as folder, Postgres() as server:
        server.sql("postgres", "CREATE DATABASE peer")
        server.sql("peer", TABLE)
        profiles = {}
        for engine in "sqlite", "postgres":
            profiles[engine] = pathlib.Path(folder) / f"{engine}.yaml"
            profiles[engine].write_text(PROFILE.read_text().replace("ENGINE", engine))
        with Host(sys.argv[1], profiles["sqlite"]) as on_sqlite, \
                Host(sys.argv[1], profiles["postgres"], environment=server.make_house("house")) as on_postgres:
            houses = {"sqlite": House(on_sqlite), "postgres": House(on_postgres)}
            # On the disk of the houses, which lie in the folder for temporary files as well.
            bare = BareSqlite(pathlib.Path(folder) / "bare.db")
            found = {}
            for _ in range(ROUNDS):
                for name, house in houses.items():
                    found.setdefault(name, []).append(house.rate())
                found.setdefault("bare PostgreSQL", []).append(server.rate("peer", BARE, SECONDS, SESSIONS))
                found.setdefault("bare SQLite", []).append(bare.rate())
    found = {name: median(rates) for name, rates in found.items()}
    for name, rate in found.items():
        print(f"{name:15} {rate:8.0f} a second")
    for name, peer in ("postgres", "PostgreSQL"), ("sqlite", "SQLite"):
        result(f"refreshes, {name} / a bare update of a row in {peer}", found[name] / found[f"bare {peer}"], ">=", 0.5)
    result("refreshes, sqlite / a bare update of a row in PostgreSQL", found["sqlite"] / found["bare PostgreSQL"],
           "=", "-")


if __name__ == "__main__":
    main()
