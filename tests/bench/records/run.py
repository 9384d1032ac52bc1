#!/usr/bin/env python3
"""What one record costs through a plugin, with token, tenant, permission, validation and row-level security: created
and read on SQLite and on PostgreSQL, against the same in FastAPI with asyncpg and against pgbench with the bare
statement, all in turn, several rounds. And whether a page of twenty among 100,000 is slower for saying how many.

run.py BUILD_DIRECTORY   (a Release build with -DSERAI_BENCH=ON; needs wrk, FastAPI, asyncpg, postgresql-15)
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, result  # noqa: E402
from postgres import Postgres  # noqa: E402

ROUNDS, SECONDS, CLIENTS = 5, 3, 16
TITLE = {"title": "A record as people write them"}
# The plugin's table with its indexes.
TABLE = ("CREATE TABLE records (id text PRIMARY KEY, number bigint NOT NULL, title text NOT NULL);"
         "CREATE INDEX records_number ON records (number);")
BARE = {"create": "\\set n random(1, 1000000000000000)\nINSERT INTO records (id, number, title) "
                  "VALUES (gen_random_uuid(), :n, 'A record as people write them');",
        "read": "SELECT id, number, title FROM records WHERE id = 'fixed';"}


def wrk(url, headers, body=None):
    """Requests a second; an answer that is no success is an error."""
    lines = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    if body is not None:
        lines += ['wrk.method = "POST"', f"wrk.body = {json.dumps(json.dumps(body))}",
                  'wrk.headers["Content-Type"] = "application/json"']
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(lines))
        script.flush()
        said = subprocess.run(["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "-s", script.name, url],
                              capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{url} answers errors: {said}")
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", said).group(1))


class Peer:
    """The FastAPI program, for a `with` statement; asyncpg takes nothing but a URI."""

    url = "http://127.0.0.1:18084/records"

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "/usr/bin/uvicorn", "--log-level", "warning", "--port", "18084",
             "fastapi_records:app"], cwd=HERE, env={**os.environ, "PEER_POSTGRES": self.connection})
        while True:
            try:
                urllib.request.urlopen(self.url + "/fixed").read()
                return self
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("FastAPI does not start") from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def profile(folder, engine):
    file = pathlib.Path(folder) / f"{engine}.yaml"
    file.write_text((HERE / "profile.yaml").read_text().replace("ENGINE", engine))
    return file


class House:
    def __init__(self, host):
        self.url = host.url + "/api/v1/records"
        self.bearer = host.add_tenant("bench")
        self.client = Client(host.url)
        made = self.client.call("POST", "/api/v1/records", TITLE, self.bearer)
        self.one = f"{self.url}/{made['data']['id']}"

    def rates(self):
        return {"create": wrk(self.url, self.bearer, TITLE), "read": wrk(self.one, self.bearer)}


def pages(host, name):
    """Medians of a page without and with the number of all, asked in turn."""
    bearer, client = host.add_tenant("pages"), Client(host.url)
    for _ in range(10):
        client.call("POST", "/api/v1/records/many", {"count": 10000}, bearer)
    times = {"false": [], "true": []}
    for turn in range(400):
        for total, all_times in times.items():
            path = f"/api/v1/records?after={turn * 20}&total={total}"
            all_times.append(client.timed("GET", path, None, bearer))
    said = client.call("GET", "/api/v1/records?total=true", headers=bearer)
    if (said["count"], said["total"]) != (20, 100000):
        raise RuntimeError(f"a page says {said['count']} of {said['total']}")
    with_total, without = median(times["true"]), median(times["false"])
    print(f"{name}: a page of 20 of 100,000 takes {without:.2f} ms, with their number {with_total:.2f} ms")
    result(f"{name}: a page with total / without", with_total / without, "<=", 2)


def main():
    build = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder, Postgres() as server:
        house = server.make_house("house")
        server.sql("postgres", "CREATE DATABASE peer")
        server.sql("peer", TABLE + "INSERT INTO records VALUES ('fixed', 1, 'A record as people write them');")
        with Host(build, profile(folder, "sqlite")) as on_sqlite, \
                Host(build, profile(folder, "postgres"), environment=house) as on_postgres, \
                Peer(f"postgresql:///peer?host={server.folder}&user=postgres") as peer:
            sqlite, postgres = House(on_sqlite), House(on_postgres)
            found = {}
            for _ in range(ROUNDS):
                rounds = {"sqlite": sqlite.rates(), "postgres": postgres.rates(),
                          "fastapi": {"create": wrk(peer.url, {}, TITLE), "read": wrk(peer.url + "/fixed", {})},
                          "bare statement": {what: server.rate("peer", text, SECONDS, CLIENTS)
                                             for what, text in BARE.items()}}
                for who, rates in rounds.items():
                    for what, rate in rates.items():
                        found.setdefault((what, who), []).append(rate)
            found = {key: median(rates) for key, rates in found.items()}
            for what in "create", "read", "pair":
                for who in "sqlite", "postgres", "fastapi", "bare statement":
                    if what == "pair":  # one created and then read
                        found["pair", who] = 1 / (1 / found["create", who] + 1 / found["read", who])
                    print(f"{what:7} {who:15} {found[what, who]:8.0f} a second")
            for who in "sqlite", "postgres":
                result(f"create and read, {who} / FastAPI with asyncpg",
                       found["pair", who] / found["pair", "fastapi"], ">=", 4)
            result("create and read, postgres / the bare statements",
                   found["pair", "postgres"] / found["pair", "bare statement"], ">=", 0.5)
            for what in "create", "read":
                result(f"{what} alone, postgres / FastAPI with asyncpg",
                       found[what, "postgres"] / found[what, "fastapi"], "=", "-")
                result(f"{what} alone, postgres / the bare statement",
                       found[what, "postgres"] / found[what, "bare statement"], "=", "-")
            pages(on_sqlite, "sqlite")
            pages(on_postgres, "postgres")


if __name__ == "__main__":
    main()
