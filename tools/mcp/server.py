"""A small server made with the official Python SDK. usage: server.py stdio|http|stateless|json|sse [PORT]"""
import sys

from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel

server = MCPServer("python-sdk")


class Point(BaseModel):
    x: float
    y: float
    label: str | None = None


@server.tool()
def move(to: Point, by: int = 1) -> Point:
    "Moves a point to the right."
    return Point(x=to.x + by, y=to.y, label=to.label)


@server.tool()
def count() -> int:
    "A number that needs more than a float."
    return 2**60 + 1


mode = sys.argv[1]
if mode == "stdio":
    server.run()
else:
    how = {"stateless": {"stateless_http": True}, "json": {"json_response": True}}.get(mode, {})
    server.run(host="127.0.0.1", port=int(sys.argv[2]), transport="sse" if mode == "sse" else "streamable-http", **how)
