"""What any script that starts servers needs of the machine, whatever else it stands on."""
import ctypes
import random
import signal
import socket


def die_with_parent():
    """For a child, before it becomes what it is to be: nothing stays behind a test or a benchmark that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def free_port(chance=random):
    """Below those that outgoing connections take, so that a server that was killed gets its own again."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", chance.randrange(10_000, 30_000)))
                return s.getsockname()[1]
            except OSError:
                pass
