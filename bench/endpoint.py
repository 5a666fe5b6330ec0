"""An endpoint in a process of its own. What it does, its path says; it writes its port, then for each message that has come
whole: when, where, and the message's id. After SIGUSR1 it hangs no more."""
import signal
import sys
import threading
import time

from endpoints import Request, Web
from host import die_with_parent

PATIENCE = 60
lock, back = threading.Lock(), threading.Event()


def good(request):
    at = time.time()
    request.answer(200)
    with lock:
        print(f"{at:.6f} {request.path} {request.headers['webhook-id']}", flush=True)


def hang(request):
    if back.wait(PATIENCE):
        good(request)


def drip(request):
    """A byte a second."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not request.server.stopped.wait(1):
        request.wfile.write(b".")


def main():
    die_with_parent()
    threading.stack_size(1 << 18)
    signal.signal(signal.SIGUSR1, lambda *_: back.set())
    server = Web({"/good": good, "/hang": hang, "/drip": drip, "/pour": Request.pour})
    print(server.port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
