#!/usr/bin/env python3
"""What row-level security costs: statements on a table of a plugin as the host makes it, to which PostgreSQL adds the
tenant, against the same on a copy without the policy, with the tenant as a parameter of the statement; by pgbench
as the application's role, in turn, many short rounds. Both find the same row by the same index.

run.py BUILD_DIRECTORY   (a Release build with -DSERAI_BENCH=ON; needs postgresql-15)
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Host, median, result  # noqa: E402
from postgres import Postgres  # noqa: E402

ROUNDS, SECONDS = 15, 1
PROFILE = HERE.parent / "records/profile.yaml"
RECORDS = ("INSERT INTO serai_tenants.records_items (tenant_id, id, number, title) SELECT 'tenant-' || t, 'record-' || "
           "n, n, 'A record as people write them' FROM generate_series(1, 100) t, generate_series(1, 1000) n; "
           "SET ROLE serai_owner; "
           "CREATE TABLE serai_tenants.without_policy (LIKE serai_tenants.records_items INCLUDING ALL); RESET ROLE; "
           "INSERT INTO serai_tenants.without_policy SELECT * FROM serai_tenants.records_items; ANALYZE")
AS_TENANT = ("ALTER ROLE serai_app SET serai.tenant_id = 'tenant-7'; ALTER ROLE serai_app SET role = serai_tenants; "
             "ALTER ROLE serai_app SET synchronous_commit = off")  # the disk would drown what is asked for
# The table, and what stands in its statements.
WHO = {"policy": ("records_items", ""), "explicit": ("without_policy", "tenant_id = :tenant AND ")}
STATEMENTS = {
    "read one": "SELECT id, number, title FROM serai_tenants.TABLE WHERE WHOSE id = 'record-500';",
    "a page of 20": "SELECT id, number, title FROM serai_tenants.TABLE WHERE WHOSE number > 500 ORDER BY number LIMIT 20;",
    "update one": "UPDATE serai_tenants.TABLE SET title = 'Another title' WHERE WHOSE id = 'record-500';",
}


def main():
    with Postgres() as server:
        profile = pathlib.Path(server.folder) / "profile.yaml"
        profile.write_text(PROFILE.read_text().replace("ENGINE", "postgres"))
        with Host(sys.argv[1], profile, environment=server.make_house("house")) as host:
            host.add_tenant("bench")  # and with it the table and its policy
        server.sql("house", RECORDS)
        server.sql("house", AS_TENANT)
        seen = server.run("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname",
                          server.connection("house", "serai_app"), "--command", "SELECT count(*) FROM serai_tenants.records_items")
        if int(seen) != 1000:
            raise RuntimeError(f"the policy lets a tenant see {seen.strip()} rows")
        rates = {(what, who): [] for what in STATEMENTS for who in WHO}
        for turn in range(ROUNDS):
            for what, statement in STATEMENTS.items():
                for who in WHO if turn % 2 == 0 else reversed(WHO):
                    table, whose = WHO[who]
                    script = statement.replace("TABLE", table).replace("WHOSE ", whose)
                    rates[what, who].append(server.rate("house", script, SECONDS, 1, "serai_app", ["tenant=tenant-7"]))
    took = {key: 1e6 / median(values) for key, values in rates.items()}
    for what in STATEMENTS:
        print(f"{what:13} {took[what, 'policy']:6.1f} us with the policy, {took[what, 'explicit']:6.1f} us without")
    sums = {who: sum(took[what, who] for what in STATEMENTS) for who in WHO}
    result("one read, one page and one update: policy / explicit tenant", sums["policy"] / sums["explicit"], "<=", 1.05)


if __name__ == "__main__":
    main()
