"""A PostgreSQL server of a benchmark's own, in a temporary directory, with the settings it comes with:
what is committed is on the disk."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
SETUP = pathlib.Path(__file__).resolve().parents[2] / "packaging/postgres/setup.sql"
# PostgreSQL refuses root.
AS_USER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


class Postgres:
    """For a `with` statement."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="serai-bench-pg-"))
        if AS_USER:
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder / "data"
        self.run("initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--locale=C.UTF-8",
                 "--encoding=UTF8")
        self.run("pg_ctl", "--pgdata", data, "--wait", "--log", self.folder / "log", "start", "--options",
                 f"-c listen_addresses= -c unix_socket_directories={self.folder} -c max_connections=200")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "--pgdata", self.folder / "data", "--wait", "--mode=immediate", "stop")
        shutil.rmtree(self.folder)

    def run(self, program, *arguments):
        done = subprocess.run([*AS_USER, PROGRAMS / program, *arguments], cwd="/", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}")
        return done.stdout

    def connection(self, database, role="postgres"):
        return f"host={self.folder} dbname={database} user={role}"

    def sql(self, database, text):
        return self.run("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
                        "--dbname", self.connection(database), "--command", text).strip()

    def make_house(self, database):
        """A database made ready for Serai; the environment of a host that uses it."""
        self.sql("postgres", f"CREATE DATABASE {database}")
        setup = self.folder / "setup.sql"
        setup.write_text(SETUP.read_text())
        self.run("psql", "--no-psqlrc", "--quiet", "--dbname", self.connection(database), "--file", setup)
        return {"SERAI_POSTGRES": self.connection(database, "serai_app"),
                "SERAI_POSTGRES_OWNER": self.connection(database, "serai_owner")}

    def rate(self, database, script, seconds, clients=16, role="postgres", variables=()):
        """Transactions a second of a pgbench script; `variables` are "name=value"."""
        file = self.folder / "script.sql"
        file.write_text(script)
        said = self.run("pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1",
                        f"--time={seconds}", f"--file={file}",
                        *(f"--define={variable}" for variable in variables), self.connection(database, role))
        return float(re.search(r"tps = ([0-9.]+)", said).group(1))
