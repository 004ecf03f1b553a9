"""Start the site with nothing but Python: `python3 run.py` serves the site, `install` only prepares it, `test` runs the tests."""

from __future__ import print_function

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)
USAGE = "usage: python3 run.py [install | test [pytest's own arguments]]"


def main(arguments):
    if sys.version_info < OLDEST:
        return refuse("This site needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if arguments and arguments[0] not in ("install", "test"):
        return refuse(USAGE)
    try:
        make_venv()
        install("requirements.txt")
        if arguments[:1] == ["test"]:
            install("requirements-dev.txt")
    except (OSError, subprocess.CalledProcessError) as problem:
        return refuse("The site cannot be prepared: %s" % problem)
    return hand_over(arguments)


def refuse(reason):
    print(reason, file=sys.stderr)
    return 1


def make_venv():
    """Make the virtual environment, again when it belongs to another Python."""
    version = "%d.%d" % sys.version_info[:2]
    stamp = os.path.join(VENV, "python-version")
    if os.path.exists(PYTHON) and read(stamp) == version:
        return
    try:
        import ensurepip  # noqa: F401  (Debian ships Python without it)
        import venv
    except ImportError:
        raise OSError("Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv")
    print("Making the virtual environment in .venv ...")
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(VENV)
    write(stamp, version)


def install(name):
    """Install a lock file with its hashes, only when it changed since the last time."""
    with open(os.path.join(ROOT, name), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    stamp = os.path.join(VENV, name + ".sha256")
    if read(stamp) == digest:
        return
    print("Installing %s ..." % name)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.check_call(
        [PYTHON, "-m", "pip", "install"]
        + quiet
        + ["--require-hashes", "--only-binary", ":all:", "-r", os.path.join(ROOT, name)]
    )
    write(stamp, digest)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def hand_over(arguments):
    """Go on inside the virtual environment; on POSIX as this very process, so that signals reach the server itself."""
    command = [PYTHON, "-m", "core.launch"] + arguments
    os.chdir(ROOT)
    sys.stdout.flush()
    if os.name == "nt":
        return subprocess.call(command)
    os.execv(PYTHON, command)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
