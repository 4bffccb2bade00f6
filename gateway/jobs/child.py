"""One job, done in a process of its own: `python -m gateway.jobs.child KIND`.

Reads the meta data as one line of JSON and then the file from standard input; writes
`{"result": …}` or `{"error": "…"}` to standard output. Memory and time are bounded, because a
workbook of a few kilobytes can ask its reader for half a terabyte and make it abort.
"""

import json
import resource
import sys
from typing import Any

from gateway.jobs import claim_list_file
from gateway.jobs.errors import FileRefused

MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 60

KINDS = {claim_list_file.KIND: claim_list_file.read}


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    meta = json.loads(sys.stdin.buffer.readline())
    answer: dict[str, Any]
    try:
        answer = {"result": KINDS[sys.argv[1]](sys.stdin.buffer.read(), meta)}
    except FileRefused as refusal:
        answer = {"error": str(refusal)}
    except MemoryError:
        answer = {"error": "文件展开后太大，无法处理。请只保留需要导入的工作表。"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
