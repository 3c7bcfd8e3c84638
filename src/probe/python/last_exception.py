# The rest of sitecustomize.py, which executes this text when the process ends with an exception: `json`, `Text` and
# `write_new` are its. No attribute is read that the app could override.
import builtins
import os
import sys
import time

_MAX_FRAMES, _MAX_WALKED, _MAX_CAUSES, _MAX_MEMBERS, _MAX_VALUES = 2000, 100000, 8, 10, 40


def record(error, directory, started):
    now = time.time()
    if _is(error, SystemExit, KeyboardInterrupt) or not _ended_main(error):
        return
    fields = {
        "v": 1, "type": "candidate", "pid": os.getpid(), "event": "uncaught", "atMs": int(now * 1000),
        "uptimeS": max(0, round(now - started, 3)), "thrown": _thrown(error, _Walk(), 0), "callerFrames": [],
        "exitCode": None, "appHandles": False, "tookMs": None, "stderrOffset": _stderr_offset(),
    }
    fields["tookMs"] = max(0, round((time.time() - now) * 1000, 2))
    text = json(fields)
    for number in range(10):
        name = "%s/record-%d.json" % (directory, number)
        try:
            return write_new(name, text)
        except OSError as problem:
            if problem.errno in (23, 24):
                # "Too many open files" can be the crash. Nothing reads standard input any more.
                os.close(0)
                return write_new(name, text)
            if problem.errno != 17:
                raise


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
        text = walk.frames[key] = Text(json({
            "function": None if function is None else function[:512], "file": name[:4096],
            "line": line if line is not None and line > 0 else None, "column": None, "async": False,
        }))
    return text


def _stderr_offset():
    status = os.fstat(2)
    return status.st_size if status.st_mode & 0o170000 == 0o100000 else None
