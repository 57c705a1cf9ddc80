"""A good request to each system, made from what its public reference says."""

from typing import Any

Body = dict[str, Any]

UUID = "123e4567-e89b-12d3-a456-426614174000"

GOOD: dict[str, Body] = {
    "wavix-call": {
        "from": "+13524815863",
        "to": "+447911123456",
        "callback_url": "https://example.com/callback",
        "recording": True,
        "voicemail_detection": False,
        "tag": "a campaign",
        "timeout": 60,
    },
    "tryvox-call": {
        "from": "+13524815863",
        "to": "+6281234567000",
        "answer_url": "https://example.com/answer",
        "answer_method": "POST",
        "ring_url": "https://example.com/ring",
        "hangup_url": "https://example.com/hangup",
        "fallback_url": "https://example.com/fallback",
        "ring_timeout": 60,
        "time_limit": 14400,
        "machine_detection": "Disable",
    },
    "signalwire-call": {
        "From": "+13524815863",
        "To": "sip:alice@example.com",
        "CallerId": "+13524815863",
        "Url": "https://example.com/call",
        "Method": "POST",
        "FallbackUrl": "https://example.com/fallback",
        "FallbackMethod": "GET",
        "StatusCallback": "https://example.com/status",
        "StatusCallbackMethod": "POST",
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "RecordingStatusCallback": "https://example.com/recording",
        "RecordingStatusCallbackMethod": "POST",
        "AsyncAmd": "true",
        "AsyncAmdPartialResults": "false",
        "AsyncAmdStatusCallback": "https://example.com/amd",
        "AsyncAmdStatusCallbackMethod": "POST",
        "MachineDetection": "Enable",
        "MachineDetectionTimeout": "30",
        "MachineDetectionSilenceTimeout": "5000",
        "MachineDetectionSpeechThreshold": "2400",
        "MachineDetectionSpeechEndThreshold": "1200",
        "MachineWordsThreshold": "6",
        "MaxPricePerMinute": "0.0525",
        "Record": "true",
        "RecordingChannels": "mono",
        "RecordingTrack": "both",
        "SendDigits": "1ww2#*",
        "Timeout": "60",
        "Trim": "do-not-trim",
        "SipAuthUsername": "alice",
        "SipAuthPassword": "secret",
    },
    "voicecall": {
        "from_number": "+13524815863",
        "to_number": "+6281234567000",
        "staff_uid": UUID,
        "client_uid": UUID,
        "business_uid": UUID,
        "direction": "OUTBOUND",
        "status": "ANSWERED_BY_STAFF",
        "price_rate": "0",
        "provider": "VONAGE",
        "source_uid": "a source",
        "external_uid": "another",
    },
    "wavix-message": {
        "from": "Wavix",
        "to": "+13524815863",
        "message_body": {"text": "Hi there", "media": ["https://example.com/a.png"]},
    },
    "wavix-campaign": {
        "voice_campaign": {"contact": "16729923812", "caller_id": "13123310912", "callflow_id": 3212}
    },
    "wavix-e911": {
        "phone_number": "13524815863",
        "name": "An office",
        "address": {
            "street_number": "1",
            "street": "Main Street",
            "city": "Springfield",
            "state": "IL",
            "zip_code": "62701",
            "zip_plus_four": "1234",
            "location": "2nd floor",
        },
    },
}

INVALID = "+44 20 7946"
PREMIUM = "+1 900 234 5678"


def changed(system: str, changes: dict[str, Any]) -> Body:
    """The good request with some parameters, by their dotted names, replaced; None leaves one out."""
    return with_changes(GOOD[system], changes)


def with_changes(body: Body, changes: dict[str, Any]) -> Body:
    """A copy of a body, changed."""
    copy = {
        name: with_changes(value, {}) if isinstance(value, dict) else value for name, value in body.items()
    }
    for name, value in changes.items():
        *outer, last = name.split(".")
        part = copy
        for each in outer:
            part = part.setdefault(each, {})
        if value is None:
            part.pop(last, None)
        else:
            part[last] = value
    return copy
