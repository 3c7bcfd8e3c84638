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
_MAX_FRAMES, _MAX_WALKED, _MAX_CAUSES, _MAX_MEMBERS, _MAX_VALUES = 2000, 100000, 8, 10, 40


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
        atexit.register(_at_exit, directory, os.getpid(), time, started, os.getcwd())


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


def _at_exit(directory, pid, time, started, cwd):
    """Python keeps an uncaught exception of the main thread in sys.last_*, and no other; a hook of the app's does not matter."""
    try:
        if os.getpid() != pid:
            return
        now = time.time()
        error = getattr(sys, "last_exc", None)
        if error is None:
            error = getattr(sys, "last_value", None)
        if error is None or _is(error, SystemExit, KeyboardInterrupt) or not _ended_main(error):
            return
        record = {
            "v": 1, "type": "candidate", "pid": pid, "event": "uncaught", "atMs": int(now * 1000),
            "uptimeS": max(0, round(now - started, 3)), "thrown": _thrown(error, _Walk(), 0), "callerFrames": [],
            "exitCode": None, "appHandles": False, "tookMs": None, "stderrOffset": _stderr_offset(),
        }
        record["tookMs"] = max(0, round((time.time() - now) * 1000, 2))
        text = _json(record)
        for number in range(10):
            name = "%s/record-%d.json" % (directory, number)
            try:
                return _write_new(name, text)
            except OSError as problem:
                if problem.errno in (23, 24):
                    # "Too many open files" can be the crash. Nothing reads standard input any more.
                    os.close(0)
                    return _write_new(name, text)
                if problem.errno != 17:
                    raise
    except BaseException:
        pass


def _ended_main(error):
    """An interactive console and extensions in C (PyErr_Print) leave an exception there too, and go on."""
    first = _field(BaseException, "__traceback__", error)
    if first is None:
        return _is(error, SyntaxError)
    return first.tb_frame.f_globals.get("__name__") in ("__main__", "runpy")


def _is(error, *kinds):
    """isinstance would ask the app's __class__."""
    return issubclass(type(error), kinds)


def _field(owner, name, value):
    """The app can override attributes, but not this."""
    return owner.__dict__[name].__get__(value)


class _Walk(object):
    def __init__(self):
        self.seen, self.values, self.frames = set(), 0, {}


def _thrown(error, walk, depth):
    walk.seen.add(id(error))
    walk.values += 1
    members = _members(error)
    shown = []
    for member in members[:_MAX_MEMBERS]:
        if id(member) not in walk.seen and walk.values < _MAX_VALUES and depth < _MAX_CAUSES:
            shown.append(_thrown(member, walk, depth + 1))
    cause = _field(BaseException, "__cause__", error)
    if cause is None and not _field(BaseException, "__suppress_context__", error):
        cause = _field(BaseException, "__context__", error)
    if cause is not None and (id(cause) in walk.seen or walk.values >= _MAX_VALUES or depth >= _MAX_CAUSES):
        cause = None
    return {
        "isError": True, "type": _type_name(error), "code": None, "message": "", "messageLength": 0,
        "frameSource": "call-site", "frames": _frames(error, walk), "stackOverflow": False,
        "cause": None if cause is None else _thrown(cause, walk, depth + 1),
        "errors": shown, "errorsTotal": len(members), "emitter": None,
    }


def _members(error):
    import builtins

    group = getattr(builtins, "BaseExceptionGroup", None) or getattr(
        sys.modules.get("exceptiongroup"), "BaseExceptionGroup", None
    )
    members = error.exceptions if group is not None and _is(error, group) else ()
    return [member for member in members if _is(member, BaseException)]


def _type_name(error):
    """As Python prints it."""
    kind = type(error)
    module = _field(type, "__module__", kind)
    name = _field(type, "__qualname__", kind)
    text = name if module in ("builtins", "__main__") or type(module) is not str else module + "." + name
    return text[:256]


def _frames(error, walk):
    frames = []
    step = _field(BaseException, "__traceback__", error)
    while step is not None and len(frames) < _MAX_WALKED:
        frames.append((step.tb_frame.f_code, step.tb_lineno))
        step = step.tb_next
    texts = [_frame(code.co_name, code.co_filename, line, walk) for code, line in frames[-_MAX_FRAMES:]]
    if _is(error, SyntaxError):
        place, line = _field(SyntaxError, "filename", error), _field(SyntaxError, "lineno", error)
        if type(place) is str and type(line) is int:
            texts.append(_frame(None, place, line, walk))
    return texts[::-1]


def _frame(function, name, line, walk):
    key = (function, name, line)
    text = walk.frames.get(key)
    if text is None:
        text = walk.frames[key] = _Text(_json({
            "function": None if function is None else function[:512], "file": name[:4096],
            "line": line if line is not None and line > 0 else None, "column": None, "async": False,
        }))
    return text


def _stderr_offset():
    status = os.fstat(2)
    return status.st_size if status.st_mode & 0o170000 == 0o100000 else None


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
