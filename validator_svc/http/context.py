"""What the routes share: one of each for the life of the application."""

import redis.asyncio
from aiohttp import web

from validator_svc.config import Settings
from validator_svc.lookup.resolver import Resolver

SETTINGS = web.AppKey("settings", Settings)
STORE = web.AppKey("store", redis.asyncio.Redis)
RESOLVER = web.AppKey("resolver", Resolver)
VERSION = web.AppKey("version", str)
