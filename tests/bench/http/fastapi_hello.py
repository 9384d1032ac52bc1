# A third peer: FastAPI's own hello, served by uvicorn. uvicorn fastapi_hello:app
from fastapi import FastAPI

app = FastAPI()


@app.get("/hello")
async def hello():
    return {"hello": "world", "success": True}
