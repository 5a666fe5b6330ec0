"""What endpoints are in a test: an HTTP server that can be told to fail, a mail server, a certificate, a real
Alertmanager. Each on a free port of loopback, ended with its test."""
import asyncio
import json
import os
import queue
import re
import socket
import socketserver
import ssl
import struct
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult

from host import die_with_parent

PATIENCE = 60


def certificate(folder, name="localhost"):
    """A certificate for that name that nobody knows, and its key."""
    files = [os.path.join(folder, f"{name}.{kind}") for kind in ("pem", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-out", files[0], "-keyout",
                    files[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return files[0], context


class Web(socketserver.ThreadingTCPServer):
    """Does what `paths` says of a path: a function of the request. What came is in `came`, in its order."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, paths, context=None):
        super().__init__(("127.0.0.1", 0), Request)
        self.paths, self.context, self.came, self.stopped = paths, context, queue.Queue(), threading.Event()
        self.sent = {}
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self):
        peer, address = super().get_request()
        return (self.context.wrap_socket(peer, server_side=True, do_handshake_on_connect=False) if self.context else peer,
                address)

    def handle_error(self, request, client_address):
        pass  # a peer that has gone is what some tests are about

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Request(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        if not line:
            return
        self.method, self.path = line.split()[:2]
        self.headers = {}
        for header in iter(lambda: self.rfile.readline().decode().strip(), ""):
            name, _, value = header.partition(":")
            self.headers[name.lower()] = value.strip()
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.came.put(self)
        self.server.paths[self.path](self)

    def answer(self, status, body=b"", **headers):
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def hang(self):
        self.server.stopped.wait(PATIENCE)

    def drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not self.server.stopped.wait(0.25):
            self.wfile.write(b".")

    def pour(self, total=1 << 30):
        self.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n".encode())
        sent = 0
        try:
            while sent < total:
                self.connection.sendall(b"ok" * 32768)
                sent += 65536
        finally:
            self.server.sent[self.path] = sent

    def garbage(self):
        self.wfile.write(b"\x16\x03\x01 what is it that you want?\r\n\r\n")

    def half(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of")


class Mail:
    """aiosmtpd: takes mail for anybody but those whose name says what becomes of it."""
    CODES = {"full": "452 4.2.2 the mailbox is full", "nobody": "550 5.1.1 nobody of that name"}

    def __init__(self, context=None, password=None, **options):
        self.came, self.seen, self.password = queue.Queue(), [], password
        if context:
            options.update(tls_context=context, require_starttls=True)
        if password:
            options.update(authenticator=self.authenticate, auth_required=True)
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(
            self.loop.create_server(lambda: SMTP(self, hostname="localhost", loop=self.loop, **options), "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def authenticate(self, server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (b"pace", self.password.encode())
        return AuthResult(success=good, handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname):
        self.seen.append("EHLO")
        session.host_name = hostname
        return "250 HELP"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.seen.append("RCPT")
        code = self.CODES.get(address.split("@")[0])
        if not code:
            envelope.rcpt_tos.append(address)
        return code or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.came.put((envelope.mail_from, envelope.rcpt_tos, envelope.content, session.ssl is not None,
                       getattr(session, "authenticated", False)))
        return "250 2.0.0 taken"

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


class Talk(socketserver.ThreadingTCPServer):
    """A mail server of few words: what it says to each command, by the command's first word; to others 250."""
    daemon_threads = True

    def __init__(self, says):
        super().__init__(("127.0.0.1", 0), Talker)
        self.says, self.heard, self.stopped = says, queue.Queue(), threading.Event()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Talker(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].decode().upper() if line.split() else ""
            self.server.heard.put(word)
            says = self.server.says.get(word, "250 fine")
            if says is None:
                self.server.stopped.wait(PATIENCE)
                return
            self.wfile.write(says.encode() + b"\r\n")


class Alertmanager:
    def __init__(self, folder, receiver):
        config = os.path.join(folder, "alertmanager.yml")
        with open(config, "w", encoding="utf-8") as f:
            json.dump({"route": {"receiver": "r", "group_wait": "0s", "group_interval": "1s", "group_by": ["alertname"]},
                       "receivers": [{"name": "r", "webhook_configs": [{"url": receiver, "send_resolved": True}]}]}, f)
        self.process = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={config}", f"--storage.path={folder}/am", "--cluster.listen-address=",
             "--web.listen-address=127.0.0.1:0"], stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        for line in self.process.stderr:
            found = re.search(r"(?:Listening|listening).*address=127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found[1])
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
