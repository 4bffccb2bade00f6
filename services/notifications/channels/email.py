"""E-mail by SMTP.

no connection, or lost before the text was sent   refused, retry
4xx at any step                                   refused, retry
5xx to recipient or text                          refused, final
5xx to sign-in, TLS or sender                     refused, retry     ours to put right, not the address
lost after the text was sent                      uncertain
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from services.contracts.notifications.terms import Channel as ChannelTerm
from services.notifications.channels.base import Message, Refused, Uncertain

# Some ten exchanges of at most this long each stay within the two minutes a channel may take.
STEP_SECONDS = 10.0
_REST = timedelta(seconds=10)
_NO_TRUST = "邮件服务器的证书无法验证。"


class Email:
    """`smtp_url` empty: the channel is switched off.

    `smtp://` uses STARTTLS where the server offers it and insists on it when a password is sent;
    `smtps://` speaks TLS from the first byte.
    """

    term = ChannelTerm.EMAIL

    def __init__(self, smtp_url: str, *, mail_from: str, step_seconds: float = STEP_SECONDS) -> None:
        self.server = urlsplit(smtp_url)
        self.mail_from = mail_from
        self.sender = parseaddr(mail_from)[1]
        self.sender_domain = self.sender.rpartition("@")[2] or "localhost"
        self.step_seconds = step_seconds

    def split(self, message: Message) -> Sequence[Message]:
        return [message]

    def send(self, address: str, part: Message) -> None:
        if not self.server.hostname:
            raise Refused("未配置：邮件服务器的地址为空。", may_retry=False)
        text = self.letter(address, part).as_bytes(policy=SMTP_POLICY)
        smtp = self._connect()
        try:
            self._prepare(smtp, address)
            self._hand_over(smtp, text)
            _leave(smtp)
        finally:
            smtp.close()

    def letter(self, address: str, part: Message) -> EmailMessage:
        """The Message-ID comes from the delivery: should a person resend it, mail programs can tell."""
        letter = EmailMessage(policy=SMTP_POLICY)
        letter["From"] = self.mail_from
        letter["To"] = address
        letter["Subject"] = part.title
        letter["Date"] = part.written_at
        letter["Message-ID"] = f"<{part.message_id}@{self.sender_domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(part.text, charset="utf-8", cte="base64")
        return letter

    def _connect(self) -> smtplib.SMTP:
        """Connected and greeted; SMTP's own classes raise for anything else."""
        host, is_tls = self.server.hostname or "", self.server.scheme == "smtps"
        port = self.server.port or (465 if is_tls else 25)
        # A greeting name is given because smtplib would otherwise ask DNS for one, and wait.
        name, seconds = self.sender_domain, self.step_seconds
        try:
            if is_tls:
                return smtplib.SMTP_SSL(
                    host, port, name, timeout=seconds, context=ssl.create_default_context()
                )
            return smtplib.SMTP(host, port, name, timeout=seconds)
        except ssl.SSLCertVerificationError as error:
            raise Refused(_NO_TRUST, may_retry=True, rest=_REST) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Refused("连接不上邮件服务器。", may_retry=True, rest=_REST) from error

    def _prepare(self, smtp: smtplib.SMTP, address: str) -> None:
        """Everything up to the text itself: nothing is delivered yet, so every failure is a refusal."""
        try:
            smtp.ehlo_or_helo_if_needed()
            if self.server.scheme == "smtp" and smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self.server.username:
                self._sign_in(smtp)
            code, answer = smtp.mail(self.sender)
            if code != 250:
                raise Refused(_said("邮件服务器拒绝了发件人", code, answer), may_retry=True, rest=_REST)
            code, answer = smtp.rcpt(address)
            if code not in (250, 251):
                raise Refused(_said("邮件服务器拒绝了收件地址", code, answer), may_retry=code < 500)
            code, answer = smtp.docmd("DATA")
            if code != 354:
                raise Refused(_said("邮件服务器拒绝了邮件", code, answer), may_retry=code < 500)
        except smtplib.SMTPAuthenticationError as error:
            raise Refused("邮件服务器不接受登录。", may_retry=True, rest=_REST) from error
        except ssl.SSLCertVerificationError as error:
            raise Refused(_NO_TRUST, may_retry=True, rest=_REST) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Refused("与邮件服务器的对话中断。", may_retry=True, rest=_REST) from error

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        is_local = self.server.hostname in ("localhost", "127.0.0.1", "::1")
        if not isinstance(smtp.sock, ssl.SSLSocket) and not is_local:
            raise Refused("邮件服务器不支持加密，未发送登录密码。", may_retry=True, rest=_REST)
        smtp.login(unquote(self.server.username or ""), unquote(self.server.password or ""))

    def _hand_over(self, smtp: smtplib.SMTP, text: bytes) -> None:
        """From the first byte of the text on, a silence may hide an acceptance."""
        try:
            # A line that begins with a dot would end the text (RFC 5321, 4.5.2).
            smtp.send(re.sub(rb"(?m)^\.", b"..", text.rstrip(b"\r\n")) + b"\r\n.\r\n")
            code, answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise Uncertain("邮件服务器没有答复，邮件可能已经送达。") from error
        if code != 250:
            raise Refused(_said("邮件服务器拒绝了邮件", code, answer), may_retry=code < 500)


def _leave(smtp: smtplib.SMTP) -> None:
    """The mail is accepted; how the goodbye goes changes nothing."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        return


def _said(what: str, code: int, answer: bytes) -> str:
    """The server's words help whoever looks into it, but may repeat the address: only the code is kept."""
    enhanced = re.match(rb"\d\.\d{1,3}\.\d{1,3}", answer)
    return f"{what}（{code}{' ' + enhanced.group().decode() if enhanced else ''}）。"
