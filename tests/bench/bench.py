"""What the benchmarks share: a running host, a keep-alive client, percentiles, and the one line by
which a benchmark says what it found, see README.md."""
import email
import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.parse


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def median(values):
    return percentile(values, 0.5)


def result(what, value, relation, bar):
    """Says what was found; `relation` is <= or >=, or = where there is no bar."""
    print(f"result\t{what}\t{value:.2f}\t{relation}\t{bar}", flush=True)


class Client:
    """One keep-alive connection, for one thread."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)

    def send(self, method, path, body=None, headers=None):
        """Status and bytes of the answer. `body`: bytes as they are, or what becomes JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def call(self, method, path, body=None, headers=None):
        status, text = self.send(method, path, body, headers)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {text[:500].decode(errors='replace')}")
        return json.loads(text)

    def timed(self, method, path, body, headers):
        """Milliseconds until the whole answer is here; an answer that is no success is an error."""
        data = json.dumps(body).encode()
        start = time.perf_counter()
        status, text = self.send(method, path, data, headers)
        took = (time.perf_counter() - start) * 1000
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {text[:500].decode(errors='replace')}")
        return took


class Host:
    """A host of its own with an empty data directory, for a `with` statement."""

    def __init__(self, build, profile, *arguments, environment=None):
        self.environment = {**os.environ, **(environment or {})}
        self.folder = tempfile.TemporaryDirectory(prefix="serai-bench-")
        self.data = pathlib.Path(self.folder.name) / "data"
        self.log = pathlib.Path(self.folder.name) / "log"
        self.command = [pathlib.Path(build).resolve() / "bin/serai", "serve", "--profile", profile,
                        "--data", self.data, *arguments]

    def __enter__(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log, text=True,
                                            env=self.environment)
        self.process.stdout.readline()
        try:
            addresses = json.loads((self.data / "serve.json").read_text())
            self.url, self.management_url = addresses["url"], addresses["management_url"]
        except OSError:
            self.process.kill()
            raise RuntimeError("the host does not start:\n" + self.log.read_text()) from None
        token = self.environment.get("SERAI_ADMIN_TOKEN")
        self.admin = {"X-Admin-Token": token or (self.data / "secrets/admin_token").read_text().strip()}
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def add_tenant(self, tenant):
        """A tenant with an owner; the headers by which the owner is let in."""
        client = Client(self.url)
        address = f"owner@{tenant}.example"
        password = os.urandom(12).hex()
        client.call("POST", "/api/v1/admin/tenants", {
            "tenant_id": tenant, "company_name": tenant, "admin_email": address,
            "timezone": "UTC", "currency": "EUR"}, self.admin)
        mail = email.message_from_bytes(next((self.data / "outbox" / tenant).glob("*.eml")).read_bytes())
        token = re.search(r"token=([A-Za-z0-9_-]+)", mail.get_payload(decode=True).decode()).group(1)
        client.call("POST", f"/api/v1/auth/invite/accept?token={token}", {"password": password, "name": "Owner"})
        self.owner = address, password
        return self.log_in(address, password)

    def log_in(self, address, password):
        access = Client(self.url).call("POST", "/api/v1/auth/login",
                                       {"email": address, "password": password})["access_token"]
        return {"Authorization": f"Bearer {access}"}


def upload(client, bearer, name, text):
    """Puts a Markdown document into the tenant's knowledge; its id. Indexing goes on afterwards."""
    boundary = "serai-bench-boundary"
    form = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}.md"\r\n'
            f"Content-Type: text/markdown\r\n\r\n{text}\r\n--{boundary}--\r\n").encode()
    headers = {**bearer, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    return client.call("POST", "/api/v1/knowledge/documents", form, headers)["data"]["document_id"]


def wait_indexed(client, bearer, document):
    while True:
        found = client.call("GET", f"/api/v1/knowledge/documents/{document}", headers=bearer)["data"]
        if found["status"] == "indexed":
            return
        if found["status"] == "failed":
            raise RuntimeError(f"a document cannot be indexed: {found['error']}")
        time.sleep(0.01)
