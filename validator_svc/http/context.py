"""What the routes share: one of each for the life of the application."""

import asyncio

import redis.asyncio
from aiohttp import web

from validator_svc.access.day_budget import DayBudget
from validator_svc.access.key_store import KeyStore
from validator_svc.access.usage_log import UsageLog
from validator_svc.access.usage_report import UsageReport
from validator_svc.batches.batching import Batching
from validator_svc.config import Settings
from validator_svc.http.access_log import AccessLog
from validator_svc.http.document.openapi import ApiDocument
from validator_svc.http.draining import InFlight
from validator_svc.http.gate import Gate
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.routes import Routes
from validator_svc.screening.forwarding import Forwarder
from validator_svc.screening.screening import Screening

SETTINGS = web.AppKey("settings", Settings)
STORE = web.AppKey("store", redis.asyncio.Redis)
CLASSIFIER = web.AppKey("classifier", Classifier)
RESOLVER = web.AppKey("resolver", Resolver)
VERSION = web.AppKey("version", str)
DOCUMENT = web.AppKey("document", ApiDocument)
ACCESS_LOG = web.AppKey("access_log", AccessLog)
GATE = web.AppKey("gate", Gate)
IN_FLIGHT = web.AppKey("in_flight", InFlight)
DAYS = web.AppKey("days", DayBudget)
KEYS = web.AppKey("keys", KeyStore)
USAGE = web.AppKey("usage", UsageLog)
USAGE_REPORT = web.AppKey("usage_report", UsageReport)
UPLOADS = web.AppKey("uploads", asyncio.Semaphore)
FORWARDER = web.AppKey("forwarder", Forwarder)
SCREENING = web.AppKey("screening", Screening)
BATCHING = web.AppKey("batching", Batching)
ROUTES: web.AppKey[Routes | None] = web.AppKey("routes")
