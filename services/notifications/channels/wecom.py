"""WeCom (企业微信) group robots: text messages by webhook.

no connection                 refused, retry     nothing was written
HTTP 502, 504                 uncertain          a proxy lost the robot's answer
other HTTP 4xx                refused, final     except 408, 425, 429: retry
other HTTP not 200            refused, retry
200 with errcode 0            accepted
200 with another errcode      refused            the provider answers 200 to what it refuses
200 without errcode           uncertain          not the provider's answer
no, or half an answer         uncertain
"""

import json
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import requests
import urllib3.exceptions

from services.contracts.notifications.terms import Channel as ChannelTerm
from services.notifications.channels.base import Message, Refused, Uncertain
from services.notifications.domain.text import split_bytes

MOST_BYTES = 2048
CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
WHOLE_SECONDS = 20.0
MOST_ANSWER_BYTES = 64 * 1024

TOO_FAST = 45009
# The key or the message is wrong, the robot was removed or switched off: no retry can help.
_FINAL = {
    40008: "消息类型不正确",
    40058: "消息参数不正确",
    44004: "消息内容为空",
    45002: "消息内容过长",
    93000: "机器人 key 无效，或机器人已被移出群",
    93004: "机器人已被停用",
    93008: "机器人不在群中",
}
_REST = timedelta(seconds=10)
_RETRY_STATUS = (408, 425, 429)
_LOST_STATUS = (502, 504)


class WeCom:
    """`base_url` empty: the channel is switched off."""

    term = ChannelTerm.WECOM

    def __init__(
        self,
        base_url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        self.base_url = base_url
        self.connect_seconds = connect_seconds
        self.read_seconds = read_seconds
        self.whole_seconds = whole_seconds

    def split(self, message: Message) -> Sequence[Message]:
        """A robot's text has no title of its own: it is the first line."""
        whole = f"{message.title}\n{message.text}"
        return [replace(message, title="", text=text) for text in split_bytes(whole, MOST_BYTES)]

    def send(self, address: str, part: Message) -> None:
        if not self.base_url:
            raise Refused("未配置：企业微信机器人的服务地址为空。", may_retry=False)
        status, body = self._post(address, {"msgtype": "text", "text": {"content": part.text}})
        if status in _LOST_STATUS:
            raise Uncertain(f"企业微信的网关未能取得答复（HTTP {status}）。")
        if status != 200:
            is_final = 300 <= status < 500 and status not in _RETRY_STATUS
            raise Refused(f"企业微信拒绝了请求（HTTP {status}）。", may_retry=not is_final)
        _check(body)

    def _post(self, key: str, payload: dict[str, Any]) -> tuple[int, bytes]:
        deadline = time.monotonic() + self.whole_seconds
        try:
            # No kept-alive connections: one that the other side has just closed fails after the request was
            # written, and a message that was never read would count as uncertain.
            with requests.post(
                f"{self.base_url}/cgi-bin/webhook/send",
                params={"key": key},
                data=json.dumps(payload, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json", "Connection": "close"},
                timeout=(self.connect_seconds, self.read_seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, b"".join(_bounded(response, deadline))
        except requests.RequestException as error:
            if _never_written(error):
                raise Refused("连接不上企业微信服务器。", may_retry=True, rest=_REST) from error
            if isinstance(error, requests.Timeout):
                raise Uncertain("企业微信没有及时答复，消息可能已经送达。") from error
            raise Uncertain("与企业微信的连接中断，消息可能已经送达。") from error


def _bounded(response: requests.Response, deadline: float) -> Iterator[bytes]:
    """The body, as long as it comes in time and in bounds: the read timeout only bounds each silence.

    Byte by byte, because a larger chunk would be waited for without looking at the clock;
    a real answer has some thirty.
    """
    for size, byte in enumerate(response.iter_content(1)):
        if size > MOST_ANSWER_BYTES or time.monotonic() > deadline:
            raise requests.Timeout("The answer does not end.")
        yield byte


def _never_written(error: requests.RequestException) -> bool:
    """Whether the failure happened before a byte of the request could have reached the provider."""
    causes: list[BaseException] = [error]
    for cause in causes:
        if isinstance(
            cause,
            requests.ConnectTimeout
            | urllib3.exceptions.NewConnectionError
            | urllib3.exceptions.ConnectTimeoutError
            | ssl.SSLCertVerificationError
            | ConnectionRefusedError,
        ):
            return True
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        causes.extend(one for one in inner if isinstance(one, BaseException) and one not in causes)
    return False


def _check(body: bytes) -> None:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        raise Uncertain("企业微信的答复无法识别，消息可能已经送达。")
    if code == 0:
        return
    if code == TOO_FAST:
        raise Refused(
            f"企业微信限制了发送频率（errcode {code}）。", may_retry=True, rest=timedelta(minutes=1)
        )
    if code in _FINAL:
        raise Refused(f"{_FINAL[code]}（errcode {code}）。", may_retry=False)
    raise Refused(f"企业微信拒绝了消息（errcode {code}）。", may_retry=True)
