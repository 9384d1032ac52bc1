#!/usr/bin/env python3
"""Is a tenant served more slowly because there are ten thousand others? Two houses on one PostgreSQL, one with ten
tenants and one with ten thousand, every tenant with twenty records, are asked the same questions in turn, block by
block, several times over: a record read, one created, a page. Of each question the median counts, and of these medians
the 95th percentile: what a noisy machine takes away once does not. And how long it takes to make the last of ten
thousand tenants.

run.py BUILD_DIRECTORY [TENANTS]   (a Release build with -DSERAI_BENCH=ON; needs postgresql-15)
"""
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, percentile, result  # noqa: E402
from postgres import Postgres  # noqa: E402

FEW, ASKED = 10, 200  # tenants of the small house; tenants of the large one that ask
QUESTIONS, PASSES, BLOCK = 600, 7, 60
PROFILE = HERE.parent / "records/profile.yaml"
# For all tenants at once; as each of them would have made them.
RECORDS = ("INSERT INTO serai_tenants.records_items (tenant_id, id, number, title) SELECT t.id, t.id || '-' || n, n, "
           "'A record as people write them' FROM serai_platform.tenancy_tenants t, generate_series(1, 20) n; "
           "ANALYZE serai_tenants.records_items")


class House:
    def __init__(self, host, server, database, count):
        self.client, self.tenants, self.took = Client(host.url), [], []
        spread = max(1, count // ASKED)
        for number in range(count):
            name, started = f"crowd-{number}", time.perf_counter()
            if number % spread == 0:
                self.tenants.append((name, host.add_tenant(name)))
                continue
            self.client.call("POST", "/api/v1/admin/tenants", {
                "tenant_id": name, "company_name": name, "admin_email": f"owner@{name}.example"}, host.admin)
            self.took.append((time.perf_counter() - started) * 1000)
        server.sql(database, RECORDS)
        self.times = [[] for _ in range(QUESTIONS)]

    def ask(self, number):
        name, bearer = self.tenants[number % len(self.tenants)]
        method, path, body = (("GET", f"/api/v1/records/{name}-{number % 20 + 1}", None),
                              ("POST", "/api/v1/records", {"title": "One more"}),
                              ("GET", "/api/v1/records?after=0", None))[number % 3]
        self.times[number].append(self.client.timed(method, path, body, bearer))

    def p95(self):
        return percentile([median(times) for times in self.times], 0.95)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    with Postgres() as server:
        profiles = {}
        for name in "few", "many":
            profiles[name] = pathlib.Path(server.folder) / f"{name}.yaml"
            profiles[name].write_text(PROFILE.read_text().replace("ENGINE", "postgres"))
        with Host(sys.argv[1], profiles["few"], environment=server.make_house("few")) as small, \
                Host(sys.argv[1], profiles["many"], environment=server.make_house("many")) as large:
            few, many = House(small, server, "few", FEW), House(large, server, "many", count)
            for turn in range(PASSES + 1):
                for start in range(0, QUESTIONS, BLOCK):
                    for house in (few, many) if turn % 2 == 0 else (many, few):
                        for number in range(start, start + BLOCK):
                            house.ask(number)
                if turn == 0:  # everybody once, so that nothing is opened while it counts
                    for house in few, many:
                        house.times = [[] for _ in range(QUESTIONS)]
    last = many.took[-1000:]
    print(f"a tenant is made in {median(many.took[:1000]):.1f} ms at first, in {median(last):.1f} ms when there are "
          f"{count}; p95 {percentile(last, 0.95):.1f} ms")
    print(f"p95 of a request: {few.p95():.2f} ms with {FEW} tenants, {many.p95():.2f} ms with {count}")
    result(f"requests p95, {count} tenants / {FEW} tenants", many.p95() / few.p95(), "<=", 1.2)
    result("a tenant made, among the last thousand, median ms", median(last), "<=", 50)


if __name__ == "__main__":
    main()
