#!/usr/bin/env python3
"""Does a search get slower because there are more tenants? Searches of ten tenants beside nobody,
then of all of a thousand in turn, through the whole stack, and the ratio of the two 95th percentiles.

run.py BUILD_DIRECTORY [TENANTS]   (a Release build)
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes as email_parser

WORDS = ("deposit refund transfer island visa season supplement balance cancellation hotel lodge breakfast "
         "insurance passport voucher safari lagoon airport luggage commission").split()
HERE = pathlib.Path(__file__).resolve().parent


def call(url, method, path, body=None, headers=None, raw=None):
    data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
    request = urllib.request.Request(url + path, data=data, method=method, headers={
        "Content-Type": "application/json", **(headers or {})})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def add_tenant(url, data, admin, number):
    """A tenant with an owner and one document; returns its access token."""
    tenant = f"bench-{number}"
    email = f"owner@{tenant}.example"
    password = os.urandom(12).hex()
    call(url, "POST", "/api/v1/admin/tenants", {
        "tenant_id": tenant, "company_name": f"Bench {number}", "admin_email": email,
        "timezone": "UTC", "currency": "EUR"}, {"X-Admin-Token": admin})
    mail = email_parser(next((data / "outbox" / tenant).glob("*.eml")).read_bytes())
    token = re.search(r"token=([A-Za-z0-9_-]+)", mail.get_payload(decode=True).decode()).group(1)
    call(url, "POST", f"/api/v1/auth/invite/accept?token={token}", {"password": password, "name": "Owner"})
    access = call(url, "POST", "/api/v1/auth/login", {"email": email, "password": password})["access_token"]
    rng = random.Random(number)
    text = "\n\n".join("# Part %d\n\n%s." % (n, " ".join(rng.choices(WORDS, k=120))) for n in range(10))
    boundary = "bench-boundary"
    form = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="notes.md"\r\n'
            f"Content-Type: text/markdown\r\n\r\n{text}\r\n--{boundary}--\r\n").encode()
    bearer = {"Authorization": f"Bearer {access}"}
    document = call(url, "POST", "/api/v1/knowledge/documents", raw=form, headers={
        **bearer, "Content-Type": f"multipart/form-data; boundary={boundary}"})["data"]["document_id"]
    while call(url, "GET", f"/api/v1/knowledge/documents/{document}", headers=bearer)["data"]["status"] != "indexed":
        time.sleep(0.01)
    return access


def p95(url, tokens, rounds):
    rng = random.Random(7)
    times = []
    for _ in range(rounds):
        for token in tokens:
            query = {"query": " ".join(rng.sample(WORDS, 3)), "top_k": 5, "min_score": 0}
            start = time.perf_counter()
            call(url, "POST", "/api/v1/knowledge/search", query, {"Authorization": f"Bearer {token}"})
            times.append(time.perf_counter() - start)
    times.sort()
    return times[int(len(times) * 0.95)] * 1000, len(times)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory) / "data"
        log = open(pathlib.Path(directory) / "log", "w")
        host = subprocess.Popen([build / "bin/serai", "serve", "--profile", HERE / "profile.yaml", "--data", data],
                                stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            host.stdout.readline()
            url = json.loads((data / "serve.json").read_text())["url"]
            admin = (data / "secrets" / "admin_token").read_text()
            with ThreadPoolExecutor(4) as pool:
                tokens = list(pool.map(lambda n: add_tenant(url, data, admin, n), range(10)))
            p95(url, tokens, 5)
            few, few_count = p95(url, tokens, max(20, many // 10))
            with ThreadPoolExecutor(4) as pool:
                tokens += pool.map(lambda n: add_tenant(url, data, admin, n), range(10, many))
            p95(url, tokens, 1)
            all_of_them, count = p95(url, tokens, max(1, 1000 // many))
        finally:
            host.terminate()
            host.wait()
    print(f"10 tenants:     p95 {few:.2f} ms of {few_count} searches")
    print(f"{many} tenants: p95 {all_of_them:.2f} ms of {count} searches")
    print(f"ratio {all_of_them / few:.2f} (bar: 1.2)")


if __name__ == "__main__":
    main()
