"""A disk that can be full: a tmpfs that is made as small as what it holds, and large again. Mounting needs rights; whoever
has none gets them in a namespace of its own, where the kernel allows that (own_mounts), and there nobody else sees the
mounts, and they end with the last process."""
import os
import subprocess
import sys
import tempfile

from paceline_it import until

BYTES = 1 << 29


def own_mounts():
    """Starts this program over with mounts of its own, once; false: that is not allowed here."""
    if os.environ.get("OWN_MOUNTS"):
        return True
    words = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
    if subprocess.run([*words, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode:
        return False
    os.environ["OWN_MOUNTS"] = "1"
    os.execvp(words[0], [*words, sys.executable, "-B", *sys.argv])


class Disk:
    def __init__(self, case):
        self.folder = tempfile.mkdtemp(prefix="paceline-disk-")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "none", self.folder], check=True)
        case.addCleanup(os.rmdir, self.folder)
        case.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=True)

    def resize(self, size):
        return not subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], capture_output=True,
                                  check=False).returncode

    def fill(self):
        def fits():
            disk = os.statvfs(self.folder)
            return self.resize((disk.f_blocks - disk.f_bfree) * disk.f_frsize)
        until("it is full", fits)  # it may have grown in between

    def free(self):
        assert self.resize(BYTES)
