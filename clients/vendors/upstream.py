"""A provider that lets in only what the vendors' own libraries accept.

Signatures are made anew with botocore and compared; assertions are verified with google-auth; an
event stream is read back with botocore before it is sent. Started with the folder to put the
service account's key file into; says its port on standard output, and serves until its standard
input ends.
"""

import base64
import binascii
import datetime
import hashlib
import hmac
import json
import os
import struct
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

REGION = "us-east-1"
ACCESS_KEY_ID = "AKIDEXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION_TOKEN = "a/session+token=="
BEDROCK_KEY = "a-bedrock-key"
AZURE_KEY = "an-azure-key"
ACCOUNT = "gateway@my-project.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
MAX_SKEW = datetime.timedelta(minutes=5)

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 1},
    },
    {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 3}},
]


class Refused(Exception):
    """Why a request is not let in."""


def is_same(one, other):
    return hmac.compare_digest(one.encode(), other.encode())


def check_signature(request, body, service):
    """Makes the signature of a request anew, over what it says was signed."""
    said = request.headers.get("authorization", "")
    scheme, _, rest = said.partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        raise Refused(f"no signature: {scheme}")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    names = parts["SignedHeaders"].split(";")
    for name in ["host", "content-type", "x-amz-date", "x-amz-content-sha256"]:
        if name not in names:
            raise Refused(f"{name} is not signed")
    for name in ["traceparent", "user-agent", "accept"]:
        if name in names:
            raise Refused(f"{name} may change on the way and is signed")
    date = request.headers["x-amz-date"]
    at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if abs(datetime.datetime.now(datetime.timezone.utc) - at) > MAX_SKEW:
        raise Refused("signed at another time")
    if hashlib.sha256(body).hexdigest() != request.headers["x-amz-content-sha256"]:
        raise Refused("another body")
    token = request.headers.get("x-amz-security-token")
    if token is not None and (token != SESSION_TOKEN or "x-amz-security-token" not in names):
        raise Refused("another session, or one that is not signed")
    signer = SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY, token), service, REGION)
    url = f"http://{request.headers['host']}{request.path}"
    headers = {name: request.headers[name] for name in names}
    rebuilt = AWSRequest(method=request.command, url=url, headers=headers, data=body)
    rebuilt.context["timestamp"] = date
    to_sign = signer.string_to_sign(rebuilt, signer.canonical_request(rebuilt))
    if not is_same(signer.signature(to_sign, rebuilt), parts["Signature"]):
        raise Refused("The request signature we calculated does not match")
    if parts["Credential"] != signer.scope(rebuilt):
        raise Refused("another scope")


def check_aws(request, body, service):
    """A Bedrock API key, or a signature."""
    said = request.headers.get("authorization", "")
    if not is_same(said, f"Bearer {BEDROCK_KEY}"):
        check_signature(request, body, service)


def frame(headers, payload):
    """One frame of AWS's event stream."""
    written = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(written) + len(payload), len(written))
    prelude += struct.pack("!I", binascii.crc32(prelude))
    whole = prelude + written + payload
    return whole + struct.pack("!I", binascii.crc32(whole))


def frames():
    sent = []
    for event in EVENTS:
        part = base64.b64encode(json.dumps(event).encode()).decode()
        headers = {
            ":event-type": "chunk",
            ":content-type": "application/json",
            ":message-type": "event",
        }
        sent.append(frame(headers, json.dumps({"bytes": part, "p": "abcdef"}).encode()))
    buffer = EventStreamBuffer()
    buffer.add_data(b"".join(sent))
    # What botocore cannot read would be this server's own fault.
    assert len(list(buffer)) == len(EVENTS)
    return sent


class Google:
    """Hands out tokens for assertions that google-auth verifies."""

    def __init__(self, folder, address):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.audience = f"{address}/token"
        self.issued = []
        file = {
            "type": "service_account",
            "project_id": "my-project",
            "private_key_id": "key-1",
            "private_key": pem.decode(),
            "client_email": ACCOUNT,
            "token_uri": self.audience,
        }
        with open(os.path.join(folder, "account.json"), "w", encoding="utf-8") as out:
            json.dump(file, out)

    def token(self, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Refused("another grant")
        try:
            claims = jwt.decode(form["assertion"], certs=self.public, audience=self.audience)
        except Exception as fault:
            raise Refused(f"invalid_grant: {fault}") from fault
        if (claims["iss"], claims["scope"]) != (ACCOUNT, SCOPE):
            raise Refused("another account or scope")
        if claims["exp"] - claims["iat"] > 3600:
            raise Refused("an assertion lives for an hour at most")
        self.issued.append(f"token-{len(self.issued)}")
        return {"access_token": self.issued[-1], "expires_in": 3600, "token_type": "Bearer"}

    def check(self, request):
        said = request.headers.get("authorization", "")
        if said.removeprefix("Bearer ") not in self.issued:
            raise Refused("no token of ours")


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            self.answer(body)
        except Refused as why:
            kind = {"x-amzn-errortype": "InvalidSignatureException"}
            self.reply(403, json.dumps({"message": str(why)}).encode(), "application/json", kind)

    def answer(self, body):
        path, _, query = self.path.partition("?")
        google = self.server.google
        if path == "/token":
            return self.json(google.token(body))
        said = json.loads(body)
        if path.startswith("/model/"):
            check_aws(self, body, "bedrock")
            if "anthropic_version" not in said or "model" in said or "stream" in said:
                raise Refused(f"not a body of InvokeModel: {sorted(said)}")
            _, _, model, operation = path.split("/")
            if operation == "invoke-with-response-stream":
                return self.stream(frames(), "application/vnd.amazon.eventstream")
            return self.json({**MESSAGE, "model": urllib.parse.unquote(model)})
        if path.startswith("/v1/projects/my-project/locations/europe-west1/publishers/anthropic/"):
            google.check(self)
            if "anthropic_version" not in said or "model" in said:
                raise Refused(f"not a body of rawPredict: {sorted(said)}")
            model, _, verb = path.rsplit("/", 1)[1].partition(":")
            if verb == "streamRawPredict":
                return self.stream(sse(), "text/event-stream")
            tokens = {"x-tokens": str(len(google.issued))}
            body = json.dumps({**MESSAGE, "model": model}).encode()
            return self.reply(200, body, "application/json", tokens)
        if path == "/openai/deployments/my-deployment/chat/completions":
            if not is_same(self.headers.get("api-key", ""), AZURE_KEY):
                raise Refused("another key")
            if query != "api-version=2024-10-21":
                raise Refused(f"another version: {query}")
            return self.json({"path": path})
        check_aws(self, body, "bedrock-mantle")
        if said.get("stream"):
            return self.stream(sse(), "text/event-stream")
        return self.json({"path": path})

    def json(self, value):
        self.reply(200, json.dumps(value).encode(), "application/json", {})

    def reply(self, status, body, kind, headers):
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, pieces, kind):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            # Halves, so that what is read never ends where an event does.
            for half in (piece[: len(piece) // 2], piece[len(piece) // 2 :]):
                self.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")


def sse():
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in EVENTS]


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    port = server.server_address[1]
    server.google = Google(sys.argv[1], f"http://127.0.0.1:{port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(port, flush=True)
    sys.stdin.read()


main()
