"""A link: a network of its own to a server, through a proxy that can be slow, narrow, silent or cut. Where that is Redis,
it also follows the conversation. So a connection can end, or a daemon be killed, at an exact point without any help of the daemon's own: when
a certain command has come and was not passed on, or was carried out and not answered.

A Wire is one connection. It has two threads, one for what the daemon says and one for what the server answers; a Trap says
at which command what is to happen."""
import os
import signal
import socket
import struct
import threading

MOST = 1 << 20


def end_of(data, at=0):
    """Where the value ends that begins here, in Redis' protocol; None: not all of it is there."""
    line = data.find(b"\r\n", at)
    if line < 0:
        return None
    kind, word, at = data[at:at + 1], data[at + 1:line], line + 2
    if kind == b"$":
        end = at + int(word) + 2 if int(word) >= 0 else at
        return end if end <= len(data) else None
    for _ in range(int(word) if kind == b"*" else 0):
        at = end_of(data, at)
        if at is None:
            return None
    return at


def whole_ones(data):
    """The values that are whole, and what is left."""
    found, at = [], 0
    while (end := end_of(data, at)) is not None:
        found.append(data[at:end])
        at = end
    return found, data[at:]


def unread(data):
    """The same for a server whose language is not known here."""
    return [data], b""


class Trap:
    """Springs at the `nth` command that `sees` says yes to; `act` is what a Wire then does, the name of its method."""

    def __init__(self, sees, act, nth=0):
        self.sees, self.act, self.left, self.sprung, self.wire = sees, act, nth, threading.Event(), None

    def at(self, command):
        if not self.sees(command):
            return False
        self.left -= 1
        return self.left < 0


class Link:
    def __init__(self, reach, port=0, split=unread):
        """`reach` connects to the server."""
        self.reach, self.split = reach, split
        self.victim, self.trap = None, None  # victim: who is killed, a pid
        self.pause, self.piece, self.silent, self.changed = 0.0, MOST, False, threading.Condition()
        self.wires, self.opened, self.late = set(), 0, []  # opened: connections so far; (wire, command, opened then) of what is still on its way
        self.door = socket.create_server(("127.0.0.1", port))
        self.where = f"127.0.0.1:{self.door.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with self.door:
            try:
                while True:
                    self.wires.add(Wire(self, self.door.accept()[0]))
                    self.opened += 1
            except OSError:
                pass

    def end(self):
        self.be()
        self.door.shutdown(socket.SHUT_RDWR)
        self.thread.join()

    def cut(self):
        """All connections there are."""
        for wire in list(self.wires):
            wire.reset()

    def be(self, pause=0.0, piece=MOST, silent=False):
        """So many seconds before each piece of at most so many bytes, either way; silent: nothing passes."""
        with self.changed:
            self.pause, self.piece, self.silent = pause, piece, silent
            self.changed.notify_all()

    def carry(self, sink, data):
        at = 0
        while at < len(data):
            with self.changed:
                if self.pause:
                    self.changed.wait_for(lambda: not self.pause, self.pause)
                self.changed.wait_for(lambda: not self.silent)
                piece = data[at:at + self.piece]
            sink.sendall(piece)
            at += len(piece)

    def arrive(self):
        """What was delayed comes to Redis now."""
        while self.late:
            wire, command, _ = self.late.pop()
            wire.late = False
            try:
                wire.far.sendall(command)
            except OSError:
                pass  # Redis was started anew in between
            wire.end()


class Wire:
    def __init__(self, link, near):
        self.link, self.near, self.far = link, near, None
        self.said = self.answered = 0  # commands and answers so far
        self.due = None  # (the answer at which it springs, the trap)
        self.deaf = self.late = False
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            self.far = self.link.reach()
            threading.Thread(target=self.listen, daemon=True).start()
            self.speak()
        except OSError:
            pass
        self.end()

    def end(self):
        self.link.wires.discard(self)
        for side in (self.near, None if self.late else self.far):
            try:
                if side:
                    side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def reset(self):
        """As the daemon sees it; the server sees an end."""
        try:
            self.near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.near.shutdown(socket.SHUT_RD)  # whoever waits to receive would keep it open
        except OSError:
            pass
        self.near.close()
        self.end()

    def speak(self):
        rest = b""
        while more := self.near.recv(MOST):
            commands, rest = self.link.split(rest + more)
            if not self.link.trap:
                self.said += len(commands)
                self.link.carry(self.far, b"".join(commands))
            elif not all(self.say(command) for command in commands):
                return

    def say(self, command):
        """One command; false: this connection says no more."""
        trap = self.link.trap
        if trap and trap.at(command):
            self.link.trap = None
            if not getattr(self, trap.act)(command, trap):
                return False
        self.said += 1
        self.link.carry(self.far, command)
        return True

    def listen(self):
        rest = b""
        try:
            while more := self.far.recv(MOST):
                answers, rest = self.link.split(rest + more)
                self.hear(answers)
        except OSError:
            pass
        self.end()

    def hear(self, answers):
        upto = self.due[0] - self.answered if self.due else len(answers)
        if upto < len(answers):
            trap = self.due[1]
            self.link.carry(self.near, b"".join(answers[:upto + (trap.act == "kill_answered")]))
            self.kill(trap)
        elif not self.deaf:
            self.link.carry(self.near, b"".join(answers))
        self.answered += len(answers)

    # --- what a trap may do

    def kill(self, trap):
        trap.sprung.set()  # before: whoever sees it dead knows why
        os.kill(self.link.victim, signal.SIGKILL)

    def kill_before(self, _, trap):
        self.kill(trap)
        return False

    def kill_unanswered(self, _, trap):
        self.due = self.said, trap
        return True

    kill_answered = kill_unanswered

    def cut(self, command, trap):
        """In the middle of the command."""
        self.link.carry(self.far, command[:len(command) // 2])
        self.reset()
        trap.sprung.set()
        return False

    def delay(self, command, trap):
        """It comes when the daemon has long been back on another connection."""
        self.late = True
        self.link.late.append((self, command, self.link.opened))
        trap.sprung.set()
        return False

    def deafen(self, _, trap):
        """What the server answers from here on is lost."""
        self.deaf, trap.wire = True, self
        trap.sprung.set()
        return True
