#!/usr/bin/env python3
"""How long after a change on one node another still does as before: two hosts on one PostgreSQL. A tenant is suspended and
let in again on the first, with the second asked without a pause; then sessions are ended on the first. Counted is the
time from the first node's answer to the second's first right one.

run.py BUILD_DIRECTORY   (a Release build; needs postgresql-15)
"""
import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, percentile, result  # noqa: E402
from postgres import Postgres  # noqa: E402

CHANGES = 200


def profile(folder):
    file = pathlib.Path(folder) / "profile.yaml"
    file.write_text((HERE.parent / "records/profile.yaml").read_text().replace("ENGINE", "postgres"))
    return file


def until(client, bearer, wanted):
    """Milliseconds until the node answers so."""
    start = time.perf_counter()
    while client.send("GET", "/api/v1/auth/me", headers=bearer)[0] != wanted:
        pass
    return (time.perf_counter() - start) * 1000


def main():
    with tempfile.TemporaryDirectory() as folder, Postgres() as server:
        shared = {**server.make_house("house"), "SERAI_MASTER_KEY": os.urandom(32).hex(),
                  "SERAI_JWT_SECRET": os.urandom(32).hex(), "SERAI_ADMIN_TOKEN": os.urandom(32).hex()}
        with Host(sys.argv[1], profile(folder), environment=shared) as first, \
                Host(sys.argv[1], profile(folder), environment=shared) as second:
            bearer = first.add_tenant("bench")
            here, there = Client(first.url), Client(second.url)
            until(there, bearer, 200)
            tenants, sessions = [], []
            for number in range(CHANGES):
                body, action, wanted = ({"reason": "For the benchmark"}, "suspend", 403) if number % 2 == 0 else \
                    ({}, "activate", 200)
                here.call("POST", f"/api/v1/admin/tenants/bench/{action}", body, first.admin)
                tenants.append(until(there, bearer, wanted))
            for _ in range(CHANGES // 4):
                bearer = first.log_in(*first.owner)
                until(there, bearer, 200)
                here.send("POST", "/api/v1/auth/logout", {}, bearer)
                sessions.append(until(there, bearer, 401))
    for what, times in (("a tenant's status", tenants), ("the end of a session", sessions)):
        print(f"{what}: p50 {median(times):.1f} ms, p99 {percentile(times, 0.99):.1f} ms, at most {max(times):.1f} ms "
              f"of {len(times)}")
        result(f"{what} changed on one node until another knows, at most, ms", max(times), "<=", 1000)


if __name__ == "__main__":
    main()
