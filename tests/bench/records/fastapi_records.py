"""The peer: the same two routes in FastAPI with asyncpg on the same PostgreSQL, without token, tenant,
permission or limits."""
import os
import time
import uuid

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

app = FastAPI()


class Record(BaseModel):
    title: str = Field(min_length=1, max_length=200)


@app.on_event("startup")
async def start():
    app.state.pool = await asyncpg.create_pool(os.environ["PEER_POSTGRES"], min_size=16, max_size=16)


@app.post("/records", status_code=201)
async def create(record: Record):
    number = str(uuid.uuid4())
    await app.state.pool.execute("INSERT INTO records (id, number, title) VALUES ($1, $2, $3)",
                                 number, time.time_ns() // 1000, record.title)
    return {"success": True, "data": {"id": number}}


@app.get("/records/{number}")
async def read(number: str):
    row = await app.state.pool.fetchrow("SELECT id, number, title FROM records WHERE id = $1", number)
    if row is None:
        raise HTTPException(404)
    return {"success": True, "data": dict(row)}
