"""A server that answers as the bot's channel does: python stand_in.py PORT

`POST /behave {"delay_s", "answer"}` makes it slow, or lets it answer something else.
"""

import asyncio
import sys
from itertools import count

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

app = FastAPI()
behaviour: dict[str, object] = {}
numbers = count(1)


@app.get("/")
async def live() -> Response:
    return Response("ok")


@app.post("/behave")
async def behave(request: Request) -> Response:
    behaviour.clear()
    behaviour.update(await request.json())
    return Response("ok")


@app.post("/webhooks/desk/webhook")
async def turn(request: Request) -> Response:
    body = await request.json()
    await asyncio.sleep(float(str(behaviour.get("delay_s", 0))))
    if "answer" in behaviour:
        return Response(str(behaviour["answer"]), media_type="application/json")
    if body["text"] == "转人工":
        command = {"command": "handover", "reason": "requested"}
        return JSONResponse(_says(None, command))
    return JSONResponse(_says(f"答（{next(numbers)}）：{body['text']}"))


def _says(text: str | None, custom: dict[str, str] | None = None) -> dict[str, object]:
    return {
        "messages": [{"text": text, "buttons": [], "custom": custom}],
        "intent": {"name": "ask_price", "confidence": 0.9},
        "entities": [],
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
