"""Named points at which a test may kill the process, to prove that nothing is lost or done twice.

`GONGZHI_FAULTPOINT=relay.after_publish:17` kills the process with SIGKILL at the 17th passage;
several points are separated by commas.
Without the variable a point costs one dictionary look-up.
"""

import os
import signal

_COUNTDOWN: dict[str, int] = {}

for _setting in filter(None, os.environ.get("GONGZHI_FAULTPOINT", "").split(",")):
    _name, _, _nth = _setting.partition(":")
    _COUNTDOWN[_name] = int(_nth or 1)


def faultpoint(name: str) -> None:
    if name in _COUNTDOWN:
        _COUNTDOWN[name] -= 1
        if _COUNTDOWN[name] == 0 and _may_strike(name):
            os.kill(os.getpid(), signal.SIGKILL)


def _may_strike(name: str) -> bool:
    """Strike once at each point in the life of `GONGZHI_FAULTPOINT_MARK`, so that the restarted process lives."""
    mark = os.environ.get("GONGZHI_FAULTPOINT_MARK")
    if mark is None:
        return True
    try:
        os.close(os.open(f"{mark}.{name}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
