"""A real schema registry, and a front before it that can be told to fail, to ask for a login, or to hold back what one
path would say."""
import http.client
import json
import os
import socket

from endpoints import Web
from paceline_it import ROOT, until

SCRIPT = os.path.join(ROOT, "tests", "it", "registry.sh")
BASE = "/apis/ccompat/v7"
TYPE = "application/vnd.schemaregistry.v1+json"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Registry:
    def __init__(self, case):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{BASE}"
        case.spawn([SCRIPT, "run", str(self.port)], os.path.join(case.folder, "registry.log"))
        until("the registry answers", self.answers)

    def answers(self):
        try:
            return self.ask("GET", "/subjects")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request(method, BASE + path, body, {"Content-Type": TYPE} if body else {})
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()

    def register(self, subject, schema, references=()):
        """The id."""
        body = {"schema": json.dumps(schema), "references": list(references)}
        status, text = self.ask("POST", f"/subjects/{subject}/versions", json.dumps(body))
        assert status == 200, text
        return json.loads(text)["id"]

    def subjects(self):
        return json.loads(self.ask("GET", "/subjects")[1])


class Front(Web):
    """Forwards to the registry as long as its mode is None; else does what its mode says: a function of the request, such
    as Request.reset. `authorization`: who says another one is not let in."""

    def __init__(self, registry, context=None, authorization=None):
        self.registry, self.mode, self.authorization = registry, None, authorization
        self.asked = []
        super().__init__(self, context)
        self.url = f"http{'s' if context else ''}://localhost:{self.port}{BASE}"

    def __getitem__(self, path):
        return self.serve

    def serve(self, request):
        self.asked.append(request.path)
        if self.authorization and request.headers.get("authorization") != self.authorization:
            request.answer(401, b'{"error_code":40101,"message":"who is it?"}')
        elif self.mode:
            self.mode(request)
        else:
            status, text = self.registry.ask(request.method, request.path.removeprefix(BASE), request.body or None)
            request.answer(status, text, Content_Type=TYPE)

    def asked_for(self, path):
        return self.asked.count(BASE + path)
