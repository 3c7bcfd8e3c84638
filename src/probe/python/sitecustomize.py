# Runs inside a worker before any code of the app (PYTHONPATH). The rules of ../probe.cjs apply: the app must not be able
# to detect the probe, and no failure of the probe may reach it. Python 2 only continues as if it were not there. Records
# are described in src/model/probe-record.ts; there is no message, argument, local variable or source line in them.
# The file `__pycache__` keeps Python from writing compiled code here.
import os
import sys

_STARTERS = (  # They start the worker, with the environment that they have.
    "poetry", "pipenv", "pdm", "hatch", "dotenv", "honcho",
    "opentelemetry-instrument", "ddtrace-run", "newrelic-admin",
)


def _start():
    folder = os.path.dirname(__file__)
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    sys.path_importer_cache.pop(folder, None)
    directory = os.environ.get("CRASHMON_PROBE_DIR")
    if not directory or _is_starter(_command_line("self")):
        return
    _leave_environment(folder)
    if sys.version_info < (3, 6) or not _is_main(directory):
        return
    import atexit
    import time

    started = time.time()
    if _claim(directory, started):
        # Compiled only if it is needed, and read now: later there may be no file, or no descriptor left.
        source = _read(folder + "/last_exception.py")
        atexit.register(_at_exit, source, directory, os.getpid(), started)


def _leave_environment(folder):
    environ = os.environ
    del environ["CRASHMON_PROBE_DIR"]
    before = environ.get("PYTHONPATH", "").split(os.pathsep)
    after = [entry for entry in before if entry != folder]
    if len(after) == 0:
        del environ["PYTHONPATH"]
    elif len(after) < len(before):
        environ["PYTHONPATH"] = os.pathsep.join(after)
    if environ.get("PYTHONFAULTHANDLER") == "crashmon":
        del environ["PYTHONFAULTHANDLER"]


def _read(name):
    fd = os.open(name, os.O_RDONLY)
    try:
        data, chunk = b"", b"-"
        while chunk and len(data) < 1000000:
            chunk = os.read(fd, 65536)
            data += chunk
        return data
    finally:
        os.close(fd)


def _command_line(pid):
    return [os.fsdecode(word) for word in _read("/proc/%s/cmdline" % pid).split(b"\0")[:64]]


def _script(words):
    """The script or module of a command line of Python."""
    index = 1
    while index < len(words):
        word = words[index]
        if word == "-c" or word == "":
            return None
        if word == "-m":
            return words[index + 1] if index + 1 < len(words) else None
        if not word.startswith("-"):
            return word
        index += 2 if word in ("-X", "-W") else 1
    return None


def _is_starter(words):
    script = _script(words)
    return script is not None and os.path.basename(script) in _STARTERS


def _is_main(directory):
    """A child of a Python that did not load the probe (-E, -I, -S) has its environment, and is not the worker."""
    parent = os.getppid()
    try:
        if not os.path.basename(os.readlink("/proc/%d/exe" % parent)).startswith("python"):
            return True
        return not _has_directory(parent, directory) or _is_starter(_command_line(parent))
    except OSError:
        return True


def _has_directory(pid, directory):
    entry = b"CRASHMON_PROBE_DIR=" + os.fsencode(directory)
    return entry in _read("/proc/%d/environ" % pid).split(b"\0")


# The same as in ../claim.cjs.
def _claim(directory, now):
    name = directory + "/claim.json"
    script = _script(_command_line("self"))
    text = _json({
        "v": 1, "type": "claim", "runtime": "python", "version": sys.version.split(" ", 1)[0], "pid": os.getpid(),
        "mainScript": script, "cwd": os.getcwd(), "evalSource": None, "execPath": sys.executable or "python",
        "heapFlags": [], "atMs": int(now * 1000),
    })
    try:
        _write_new(name, text)
        return True
    except OSError as error:
        if error.errno != 17:
            return False
    holder = _holder(name)
    if holder is None or (holder != os.getpid() and _is_alive(holder, directory)):
        return False
    marker = "%s/claim-after-%d.json" % (directory, holder)
    _write_new(marker, text)
    os.rename(marker, name)
    return _holder(name) == os.getpid()


def _holder(name):
    _, _, rest = _read(name).partition(b'"pid":')
    digits = rest[:20].split(b",")[0]
    return int(digits) if digits.isdigit() else None


def _is_alive(pid, directory):
    try:
        return _has_directory(pid, directory)
    except OSError as error:
        return error.errno not in (2, 3)


def _write_new(name, text):
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        data = text.encode("ascii")
        while data:
            data = data[os.write(fd, data):]
    except BaseException:
        os.unlink(name)
        raise
    finally:
        os.close(fd)


def _at_exit(source, directory, pid, started):
    """Python keeps an uncaught exception of the main thread in sys.last_*, and no other; a hook of the app's does not matter."""
    try:
        error = getattr(sys, "last_exc", None)
        if error is None:
            error = getattr(sys, "last_value", None)
        if error is None or os.getpid() != pid:
            return
        names = {"json": _json, "Text": _Text, "write_new": _write_new}
        exec(compile(source, "last_exception.py", "exec"), names)
        names["record"](error, directory, started)
    except BaseException:
        pass


class _Text(str):
    """JSON already."""


def _json(value):
    """The module json takes milliseconds to load."""
    kind = type(value)
    if kind is _Text:
        return value
    if kind is str:
        return '"' + "".join(_escaped(letter) for letter in value) + '"'
    if kind is dict:
        return "{" + ",".join([_json(key) + ":" + _json(value[key]) for key in value]) + "}"
    if kind is list:
        return "[" + ",".join([_json(item) for item in value]) + "]"
    return "null" if value is None else "true" if value is True else "false" if value is False else repr(value)


def _escaped(letter):
    code = ord(letter)
    if 32 <= code < 127 and letter not in '"\\':
        return letter
    if code < 0x10000:
        return "\\u%04x" % code
    code -= 0x10000
    return "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))


try:
    _start()
except BaseException:
    # No probe is better than a harmed worker.
    os.environ.pop("CRASHMON_PROBE_DIR", None)

# The app's own, or Debian's; if there is none, this fails as it would without the probe.
sys.modules.pop("sitecustomize", None)
import sitecustomize
