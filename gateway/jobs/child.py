"""One job, done in a process of its own: `python -m gateway.jobs.child KIND`.

Reads the meta data as one line of JSON and then the file from standard input. To standard output go
lines of JSON: `{"progress": 40}` while it works, then `{"result": …}` or `{"error": "…"}` or, with so
many bytes behind the line, `{"file": {"name": …, "mime": …, "size": …, "thumbnail_size": …}}`.
Memory and time are bounded, because a workbook of a few kilobytes can ask its reader for half a
terabyte and make it abort.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from gateway.jobs import agreement, claim_list_file, evidence_file, items_sheet, list_sheet, needs_file
from gateway.jobs.outcome import FileRefused, MadeFile, Report

MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 60

KINDS: dict[str, Callable[[bytes, dict[str, Any], Report], dict[str, Any] | MadeFile]] = {
    claim_list_file.KIND: claim_list_file.read,
    needs_file.KIND: needs_file.read,
    items_sheet.KIND: items_sheet.write,
    list_sheet.KIND: list_sheet.write,
    evidence_file.KIND: evidence_file.read,
    agreement.KIND: agreement.write,
    agreement.CHECK_KIND: agreement.check,
}


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    meta = json.loads(sys.stdin.buffer.readline())
    try:
        made = KINDS[sys.argv[1]](sys.stdin.buffer.read(), meta, lambda percent: _say({"progress": percent}))
    except FileRefused as refusal:
        _say({"error": str(refusal)})
    except MemoryError:
        _say({"error": "文件展开后太大，无法处理。请只保留需要导入的工作表。"})
    else:
        if isinstance(made, MadeFile):
            sizes = {"size": len(made.content), "thumbnail_size": len(made.thumbnail)}
            _say({"file": {"name": made.name, "mime": made.mime, **sizes}})
            sys.stdout.buffer.write(made.content + made.thumbnail)
        else:
            _say({"result": made})
    return 0


def _say(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
