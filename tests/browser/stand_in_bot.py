"""A small HTTP server that answers as the bot's channel does, and opens tickets as actions do."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from desk.database import Database
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket

MENU = [
    {"title": "看房与价格", "payload": "/ask_price"},
    {"title": "报修", "payload": "/request_repair"},
    {"title": "投诉建议", "payload": "/file_complaint"},
]

CARDS: dict[str, tuple[str, list[dict[str, str]], dict[str, Any]]] = {
    "请核对": (
        "我把登记的内容念给您核对：\n位置：3栋1201\n请问对吗？",
        [
            {"title": "确认提交", "payload": "/affirm"},
            {"title": "修改", "payload": '/deny{"button": "edit"}'},
            {"title": "取消", "payload": "/cancel_form"},
        ],
        {
            "kind": "summary",
            "title": "请核对登记内容",
            "fields": [
                {"label": "反映的事", "value": "楼上漏水，客厅天花板湿了一大片", "edit": None},
                {
                    "label": "位置",
                    "value": "云栖雅苑3栋1201",
                    "edit": '/deny{"button": "edit_case_place"}',
                },
            ],
        },
    ),
    "征求同意": (
        "登记前先征得您的同意。",
        [{"title": "同意登记", "payload": "/affirm"}, {"title": "匿名办理", "payload": "/deny"}],
        {
            "kind": "consent",
            "title": "个人信息使用说明",
            "notice": "仅供承办部门联系您使用。",
            "version": "3f2a9c1b7d40",
            "points": ["同意：登记称呼和电话。", "匿名办理：不留称呼和电话。"],
        },
    ),
    "查进度": (
        "您的投诉单 T261122-0001-0 正在由工程部处理。",
        [],
        {
            "kind": "progress",
            "title": "投诉进度",
            "number": "T261122-0001-0",
            "state": "in_progress",
            "state_text": "处理中",
            "department": "工程部",
            "due": "11月23日（周一）18:00",
            "steps": [
                {"at": "11月22日 09:10", "text": "已登记"},
                {"at": "11月22日 10:30", "text": "已转交责任部门"},
            ],
        },
    ),
}
"""What the customer says, and the text, buttons and card of the answer."""


class StandInBot:
    """Answers as the bot's channel does; opens a ticket when the customer complains."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def turn(self, body: dict[str, Any]) -> dict[str, Any]:
        said, payload = body["text"] or "", body.get("payload") or ""
        if said == "你好":
            return _turn("greet", _says("您好，我在的。请问有什么可以帮您？", MENU))
        if said in CARDS:
            return _turn("file_complaint", _says(*CARDS[said][:2]), _shows(CARDS[said][2]))
        if "人工" in said:
            return _turn("request_human", _says("好的，马上为您转接。"), _hands_over("requested"))
        if "投诉" in said:
            number = self._complain(body["conversation_id"], said)
            text = f"非常抱歉给您带来不便，已为您登记投诉，单号 {number}。"
            return _turn("file_complaint", _says(text), _hands_over("major_complaint", True))
        if payload:
            return _turn("ask_viewing", _says(f"您选择了：{said}"))
        return _turn("ask_layout", _says(f"收到：{said}", [{"title": "预约看房", "payload": "/v"}]))

    def _complain(self, conversation_id: str, said: str) -> str:
        new = NewTicket(
            kind="complaint",
            description=said,
            wish="尽快上门维修",
            conversation_id=conversation_id,
            source_key="complaint-1",
            category="indoor_repair",
            department="engineering",
            severity="major",
            has_consent=True,
            customer_name="王丽",
            phone="13800138000",
            estate="云栖雅苑",
            building="3栋",
            room="1201",
        )
        with self._database.transaction() as session:
            return open_ticket(session, new).number

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps(bot.turn(body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler


def _says(text: str, buttons: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"text": text, "buttons": buttons or [], "custom": None}


def _shows(card: dict[str, Any]) -> dict[str, Any]:
    """A card as Rasa passes it on: after the text that says the same."""
    return {"text": None, "buttons": [], "custom": {"card": card}}


def _hands_over(reason: str, urgent: bool = False) -> dict[str, Any]:
    command = {"command": "handover", "reason": reason, "urgent": urgent}
    return {"text": None, "buttons": [], "custom": command}


def _turn(intent: str, *messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "messages": list(messages),
        "intent": {"name": intent, "confidence": 0.9},
        "entities": [],
    }
