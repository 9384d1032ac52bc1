#!/usr/bin/env python3
"""Sends a mail as a mail server does, with Python's own client, and prints the answers as JSON.

usage: mail_in_send.py lmtp|smtp HOST:PORT|/PATH SENDER RECIPIENT... <MESSAGE

{"to": {recipient: [code, text]}, "data": [[code, text], ...]}: what was said of each recipient, and of
the message (LMTP: for each recipient that was taken). Exit status 3: the connection broke before that.
"""
import json
import smtplib
import socket
import sys

protocol, where, sender, recipients = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
message = sys.stdin.buffer.read()

try:
    if protocol == "lmtp" and where.startswith("/"):
        client = smtplib.LMTP(where)
    else:
        host, port = where.rsplit(":", 1)
        client = (smtplib.LMTP if protocol == "lmtp" else smtplib.SMTP)(host, int(port), timeout=60)
    client.ehlo_or_helo_if_needed()
    code, text = client.mail(sender, [f"size={len(message)}"])
    said = {"to": {}, "data": []}
    if code != 250:
        said["data"].append([code, text.decode()])
        print(json.dumps(said))
        sys.exit(0)
    taken = 0
    for recipient in recipients:
        code, text = client.rcpt(recipient)
        said["to"][recipient] = [code, text.decode()]
        taken += code == 250
    if taken:
        code, text = client.data(message)
        said["data"].append([code, text.decode()])
        if protocol == "lmtp":
            for _ in range(taken - 1):
                code, text = client.getreply()
                said["data"].append([code, text.decode()])
    print(json.dumps(said))
    client.quit()
except (smtplib.SMTPServerDisconnected, ConnectionError, socket.timeout) as error:
    print(error, file=sys.stderr)
    sys.exit(3)
