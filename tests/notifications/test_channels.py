"""The channels against real servers on this machine."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notifications.channels.base import Message, Refused, Uncertain
from services.notifications.channels.email import Email
from services.notifications.channels.wecom import WeCom
from tests.notifications import servers

KEY = "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"


def message(*, title: str = "公告", text: str = "路灯已修好。") -> Message:
    return Message(
        message_id=UUID(int=7),
        title=title,
        text=text,
        written_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
    )


def robot_at(url: str) -> WeCom:
    return WeCom(url, connect_seconds=0.5, read_seconds=0.5, whole_seconds=1.0)


def mail_to(url: str, *, mail_from: str = "共治平台 <gongzhi@heihe.example>") -> Email:
    return Email(url, mail_from=mail_from, step_seconds=1.0)


class TestWeCom:
    def test_a_message_arrives_as_text_at_the_robot_of_the_key(self):
        with servers.robot_server() as server:
            channel = robot_at(server.url)
            (part,) = channel.split(message())

            channel.send(KEY, part)

        assert server.taken == [servers.Taken("/cgi-bin/webhook/send", KEY, "text", "公告\n路灯已修好。")]

    def test_a_long_message_arrives_whole_in_parts_that_the_robot_takes(self):
        with servers.robot_server() as server:
            channel = robot_at(server.url)
            parts = channel.split(message(text="共" * 3000))

            for part in parts:
                channel.send(KEY, part)

        assert len(server.texts) == 5
        assert "".join(server.texts) == "公告\n" + "共" * 3000
        assert all(len(text.encode()) <= 2048 for text in server.texts)

    def test_an_error_code_inside_an_ok_is_a_refusal(self):
        with servers.robot_server(servers.refuse(-1)) as server, pytest.raises(Refused) as refusal:
            robot_at(server.url).send(KEY, message())

        assert refusal.value.may_retry
        assert "errcode -1" in refusal.value.reason

    def test_too_many_messages_let_the_robot_rest_for_a_minute(self):
        with servers.robot_server(servers.refuse(45009)) as server, pytest.raises(Refused) as refusal:
            robot_at(server.url).send(KEY, message())

        assert refusal.value.may_retry
        assert refusal.value.rest == timedelta(minutes=1)

    @pytest.mark.parametrize("errcode", [93000, 93004, 93008, 40058])
    def test_a_removed_robot_or_wrong_message_is_final(self, errcode):
        with servers.robot_server(servers.refuse(errcode)) as server, pytest.raises(Refused) as refusal:
            robot_at(server.url).send(KEY, message())

        assert not refusal.value.may_retry

    @pytest.mark.parametrize("status", [500, 503, 408, 429])
    def test_a_server_that_cannot_now_may_be_asked_again(self, status):
        behaviour = servers.answer(b"oops", status=status)
        with servers.robot_server(behaviour) as server, pytest.raises(Refused) as refusal:
            robot_at(server.url).send(KEY, message())

        assert refusal.value.may_retry
        assert f"HTTP {status}" in refusal.value.reason

    @pytest.mark.parametrize("status", [302, 400, 403, 404])
    def test_a_server_that_does_not_know_the_request_is_not_asked_again(self, status):
        behaviour = servers.answer(b"", status=status)
        with servers.robot_server(behaviour) as server, pytest.raises(Refused) as refusal:
            robot_at(server.url).send(KEY, message())

        assert not refusal.value.may_retry

    @pytest.mark.parametrize("status", [502, 504])
    def test_a_proxy_that_lost_the_answer_leaves_doubt(self, status):
        behaviour = servers.answer(b"", status=status)
        with servers.robot_server(behaviour) as server, pytest.raises(Uncertain):
            robot_at(server.url).send(KEY, message())

    @pytest.mark.parametrize(
        "body",
        [b"<html>welcome</html>", b"", b"[]", b"{}", b'{"errcode": "0"}', b'{"errcode": true}', b"\xff"],
    )
    def test_an_ok_that_is_not_the_providers_leaves_doubt(self, body):
        with servers.robot_server(servers.answer(body)) as server, pytest.raises(Uncertain):
            robot_at(server.url).send(KEY, message())

    @pytest.mark.parametrize(
        "behaviour",
        [
            servers.drop_before_reading,
            servers.drop_after_taking,
            servers.half_an_answer,
            servers.say_nothing,
            servers.drip,
        ],
    )
    def test_a_lost_answer_leaves_doubt(self, behaviour):
        with servers.robot_server(behaviour) as server, pytest.raises(Uncertain):
            robot_at(server.url).send(KEY, message())

    def test_a_connection_that_never_came_about_may_be_tried_again(self):
        with servers.closed_port() as port, pytest.raises(Refused) as refusal:
            robot_at(f"http://127.0.0.1:{port}").send(KEY, message())

        assert refusal.value.may_retry
        assert refusal.value.rest is not None

    def test_a_name_that_does_not_resolve_may_be_tried_again(self):
        with pytest.raises(Refused) as refusal:
            robot_at("http://robot.invalid").send(KEY, message())

        assert refusal.value.may_retry

    def test_a_server_without_tls_is_not_spoken_to_in_clear(self):
        with servers.robot_server() as server, pytest.raises((Refused, Uncertain)):
            robot_at(server.url.replace("http:", "https:")).send(KEY, message())

        assert server.taken == []

    def test_without_configuration_the_reason_is_said(self):
        with pytest.raises(Refused, match="未配置") as refusal:
            WeCom("").send(KEY, message())

        assert not refusal.value.may_retry

    def test_no_reason_repeats_the_key(self):
        with servers.closed_port() as port, pytest.raises(Refused) as refusal:
            robot_at(f"http://127.0.0.1:{port}").send(KEY, message())

        assert KEY not in refusal.value.reason


class TestEmail:
    def test_a_letter_arrives_with_chinese_subject_body_and_sender(self):
        with servers.mail_server() as mailbox:
            mail_to(mailbox.url).send("wang@example.cn", message(text="第一行\n.第二行以点开头\n\n末行"))

        (raw,) = mailbox.letters
        letter = email.message_from_bytes(raw, policy=email.policy.SMTP)
        assert letter["Subject"] == "公告"
        assert letter["To"] == "wang@example.cn"
        assert letter["From"] == "共治平台 <gongzhi@heihe.example>"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter.get_content().replace("\r\n", "\n") == "第一行\n.第二行以点开头\n\n末行\n"
        assert raw.isascii()

    def test_the_message_id_stays_the_same_so_that_a_repetition_can_be_told(self):
        with servers.mail_server() as mailbox:
            for _ in range(2):
                mail_to(mailbox.url).send("wang@example.cn", message())

        first, second = (email.message_from_bytes(raw)["Message-ID"] for raw in mailbox.letters)
        assert first == second == "<00000000-0000-0000-0000-000000000007@heihe.example>"

    @pytest.mark.parametrize("verb", ["RCPT", "DATA"])
    def test_a_mailbox_that_does_not_exist_is_final_and_the_server_is_not_quoted(self, verb):
        refusing = {verb: "550 5.1.1 no such user wang@example.cn"}
        with servers.mail_server(**refusing) as mailbox, pytest.raises(Refused) as refusal:
            mail_to(mailbox.url).send("wang@example.cn", message())

        assert not refusal.value.may_retry
        assert "550 5.1.1" in refusal.value.reason
        assert "wang@" not in refusal.value.reason

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
    def test_a_server_that_is_busy_may_be_asked_again(self, verb):
        busy = {verb: "451 4.3.0 try later"}
        with servers.mail_server(**busy) as mailbox, pytest.raises(Refused) as refusal:
            mail_to(mailbox.url).send("wang@example.cn", message())

        assert refusal.value.may_retry

    def test_a_refused_sender_is_ours_to_put_right_and_not_the_addressees_fault(self):
        with servers.mail_server(MAIL="550 5.7.1 not you") as mailbox, pytest.raises(Refused) as refusal:
            mail_to(mailbox.url).send("wang@example.cn", message())

        assert refusal.value.may_retry

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
    def test_a_connection_lost_before_the_text_is_a_refusal(self, verb):
        dropping = {verb: "drop"}
        with servers.mail_server(**dropping) as mailbox, pytest.raises(Refused) as refusal:
            mail_to(mailbox.url).send("wang@example.cn", message())

        assert refusal.value.may_retry
        assert mailbox.letters == []

    def test_a_connection_lost_after_the_text_leaves_doubt(self):
        with servers.mail_server(DATA="drop") as mailbox, pytest.raises(Uncertain):
            mail_to(mailbox.url).send("wang@example.cn", message())

        assert len(mailbox.letters) == 1

    def test_a_server_that_does_not_listen_may_be_asked_again(self):
        with servers.closed_port() as port, pytest.raises(Refused) as refusal:
            mail_to(f"smtp://127.0.0.1:{port}").send("wang@example.cn", message())

        assert refusal.value.may_retry

    def test_a_password_is_not_sent_in_clear_to_another_machine(self):
        channel = mail_to("smtp://user:pass@mail.example")

        class Plain:
            sock = None

        with pytest.raises(Refused, match="未发送登录密码"):
            channel._sign_in(Plain())

    def test_without_configuration_the_reason_is_said(self):
        with pytest.raises(Refused, match="未配置"):
            mail_to("").send("wang@example.cn", message())
