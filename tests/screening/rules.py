"""For every rule of the references: what just breaks it, and what just keeps to it."""

from typing import Any

from tests.screening.examples import INVALID

NO_URLS = (
    "ftp://example.com/",
    "example.com",
    "https://",
    "https://exa mple.com/",
    "javascript:alert(1)",
    "",
)
NOT_PUBLIC = (
    *("http://localhost/", "http://127.0.0.1/", "http://10.1.2.3/", "http://[::1]/", "http://intranet/"),
    *("http://[64:ff9b::a01:203]/", "http://[2002:a01:203::]/", "http://[ff02::1]/"),
    *("http://169.254.169.254/", "http://printer.local/", "http://2130706433/", "http://a.0x7f/"),
)
NO_FLAGS = ("true", 1, "yes")
NO_SECONDS = ("60", 1.5, -1, 86_401, True)
BAD_SIP = (
    *(
        "sip:",
        "sip:alice",
        "sip:@example.com",
        "sip:alice@",
        "sip:alice@exa mple.com",
        "sip:al ice@example.com",
    ),
    *("sip:alice@example.com:0", "sip:alice@example.com:70000", "sip:alice@1.2.3.400", "sip:alice@[::zz]"),
    *("sips:alice@-example.com", "sip:alice%4@example.com"),
)
SIP = (
    *("sip:alice@example.com", "sips:alice@example.com:5061;transport=tcp", "SIP:+13524815863@10.0.0.1"),
    *("sip:alice:secret@[2001:db8::1]?subject=x", "sip:al%40ice@example.com", "sip:a;x=1@host"),
)

Cases = dict[tuple[str, str], tuple[list[Any], list[Any]]]
"""System and parameter: values that are refused, naming it; values that are allowed. None: left out."""

RULES: Cases = {
    ("wavix-call", "from"): ([None, INVALID, "", 13524815863, "x" * 251], ["13524815863"]),
    ("wavix-call", "to"): ([None, INVALID, "abc", ["+447911123456"]], ["447911123456", "+44 (7911) 123-456"]),
    ("wavix-call", "callback_url"): ([*NO_URLS, 1], ["http://example.com", "https://example.com:8443/?a=b"]),
    ("wavix-call", "recording"): ([*NO_FLAGS], [True, False, None]),
    ("wavix-call", "voicemail_detection"): ([*NO_FLAGS], [True, False, None]),
    ("wavix-call", "tag"): ([1, ["x"]], ["", "x", None]),
    ("wavix-call", "timeout"): ([*NO_SECONDS], [0, 86_400, None]),
    ("tryvox-call", "from"): ([None, INVALID], ["13524815863"]),
    ("tryvox-call", "to"): ([None, INVALID], ["6281234567000"]),
    ("tryvox-call", "answer_url"): ([None, *NO_URLS, *NOT_PUBLIC], ["https://8.8.8.8/", "http://a.example"]),
    ("tryvox-call", "answer_method"): (["PUT", "post", 1], ["GET", "POST", None]),
    ("tryvox-call", "ring_url"): ([*NO_URLS], [None]),
    ("tryvox-call", "hangup_url"): ([*NO_URLS], [None]),
    ("tryvox-call", "fallback_url"): ([*NO_URLS], [None]),
    ("tryvox-call", "ring_timeout"): ([*NO_SECONDS], [0, 86_400, None]),
    ("tryvox-call", "time_limit"): ([*NO_SECONDS], [0, 86_400, None]),
    ("tryvox-call", "machine_detection"): (["enable", True, ""], ["Enable", "Disable", None]),
    ("signalwire-call", "From"): ([None, INVALID, "", *BAD_SIP], ["13524815863", *SIP]),
    ("signalwire-call", "To"): ([None, INVALID, "", *BAD_SIP], ["6281234567000", *SIP]),
    ("signalwire-call", "CallerId"): ([INVALID, "sip:alice@example.com"], ["13524815863", None]),
    ("signalwire-call", "Url"): ([*NO_URLS], ["http://example.com/x"]),
    ("signalwire-call", "ApplicationSid"): (["", "  "], ["AP123", None]),
    ("signalwire-call", "Method"): (["PUT", "get", ""], ["GET", "POST", None]),
    ("signalwire-call", "FallbackUrl"): ([*NO_URLS], [None]),
    ("signalwire-call", "FallbackMethod"): (["PUT", "get"], ["GET", "POST", None]),
    ("signalwire-call", "StatusCallback"): ([*NO_URLS], [None]),
    ("signalwire-call", "StatusCallbackMethod"): (["PUT", "get"], ["GET", "POST", None]),
    ("signalwire-call", "StatusCallbackEvent"): (
        [["begun"], ["ringing", "Ringing"], [], ["ringing"] * 21, "ringing"],
        [["ringing"], ["initiated", "completed"], None],
    ),
    ("signalwire-call", "RecordingStatusCallback"): ([*NO_URLS], [None]),
    ("signalwire-call", "RecordingStatusCallbackMethod"): (["PUT", "get"], ["GET", "POST", None]),
    ("signalwire-call", "AsyncAmd"): (["yes", "True", ""], ["true", "false", True, None]),
    ("signalwire-call", "AsyncAmdPartialResults"): (["yes", "True", ""], ["true", "false", None]),
    ("signalwire-call", "AsyncAmdStatusCallback"): ([*NO_URLS], [None]),
    ("signalwire-call", "AsyncAmdStatusCallbackMethod"): (["PUT", "get"], ["GET", "POST", None]),
    ("signalwire-call", "MachineDetection"): (
        ["enable", "Disable"],
        ["Enable", "DetectMessageEnd", "none", None],
    ),
    ("signalwire-call", "MachineDetectionTimeout"): (["-1", "1.5", "x", ""], ["30", 30, None]),
    ("signalwire-call", "MachineDetectionSilenceTimeout"): (["1999", "10001", "x"], ["2000", "10000", None]),
    ("signalwire-call", "MachineDetectionSpeechThreshold"): (["999", "6001", "x"], ["1000", "6000", None]),
    ("signalwire-call", "MachineDetectionSpeechEndThreshold"): (["499", "5001", "x"], ["500", "5000", None]),
    ("signalwire-call", "MachineWordsThreshold"): (["0", "101", "x"], ["1", "100", None]),
    ("signalwire-call", "MaxPricePerMinute"): (
        ["0.12345", "-1", "1e3", "x", "1."],
        ["0", "0.1234", "12", 0.05, None],
    ),
    ("signalwire-call", "Record"): (["yes", "1"], ["true", "false", None]),
    ("signalwire-call", "RecordingChannels"): (["stereo"], ["mono", "dual", None]),
    ("signalwire-call", "RecordingTrack"): (["none"], ["inbound", "outbound", "both", None]),
    ("signalwire-call", "SendDigits"): (["1,2", "a", "1 2", "W"], ["0123456789#*w", None]),
    ("signalwire-call", "Timeout"): (["601", "-1", "x"], ["0", "600", None]),
    ("signalwire-call", "Trim"): (["yes"], ["trim-silence", "do-not-trim", None]),
    ("signalwire-call", "SipAuthUsername"): ([["a"]], ["alice", None]),
    ("signalwire-call", "SipAuthPassword"): ([["a"]], ["x", None]),
    ("voicecall", "from_number"): ([None, INVALID], ["13524815863"]),
    ("voicecall", "to_number"): ([None, INVALID], ["6281234567000"]),
    ("voicecall", "staff_uid"): ([None, "", "123", "g" * 36], ["123E4567-E89B-12D3-A456-426614174000"]),
    ("voicecall", "client_uid"): ([None, "123"], []),
    ("voicecall", "business_uid"): ([None, "123"], []),
    ("voicecall", "direction"): ([None, "inbound", "Outbound", ""], ["INBOUND", "OUTBOUND"]),
    ("voicecall", "status"): (
        [None, "missed", "DONE"],
        [
            *("INCOMING_CALL", "ANSWERED_BY_STAFF", "MISSED", "ANSWERED_BY_CALLS_PROVIDER"),
            *("MISSED_CALL_HANDLED", "VOICEMAIL_RECEIVED"),
        ],
    ),
    ("voicecall", "price_rate"): ([None, 0, 0.5, "-1", "", "1,5", "x"], ["0", "0.05", "12"]),
    ("voicecall", "provider"): ([None, "vonage", "TWILIO"], ["VONAGE"]),
    ("voicecall", "source_uid"): ([None, "", " "], ["x"]),
    ("voicecall", "external_uid"): ([None, "", " "], ["x"]),
    ("wavix-message", "from"): (
        [None, "", "TwelveLetter", "Wävix", "Wavix\t", INVALID],
        ["Wavix", "ElevenLette", "W", "1a", "My Shop", "13524815863", "12345"],
    ),
    ("wavix-message", "to"): ([None, INVALID, "Wavix", "+6281234567000"], ["13524815863", "+14168364512"]),
    ("wavix-message", "message_body"): (["Hi", ["Hi"]], [{}, None]),
    ("wavix-message", "message_body.text"): ([1, ["x"]], ["", "Hi", None]),
    ("wavix-message", "message_body.media"): (
        [[], "https://example.com/a.png", ["x"], ["http://localhost/a"], ["https://example.com/"] * 101],
        [["https://example.com/a", "http://example.org/b"], None],
    ),
    ("wavix-campaign", "voice_campaign"): ([None, "x", []], []),
    ("wavix-campaign", "voice_campaign.contact"): ([None, INVALID], ["+16729923812"]),
    ("wavix-campaign", "voice_campaign.caller_id"): ([None, INVALID], ["+13123310912"]),
    ("wavix-campaign", "voice_campaign.callflow_id"): ([None, "", -1, 1.5, True, []], [0, 3212, "3212"]),
    ("wavix-e911", "phone_number"): ([None, INVALID, "+447911123456"], ["+13524815863", "+14168364512"]),
    ("wavix-e911", "address"): ([None, "1 Main Street"], []),
    ("wavix-e911", "address.street_number"): ([None, "", " ", 1], ["1a"]),
    ("wavix-e911", "address.street"): ([None, "", " "], []),
    ("wavix-e911", "address.city"): ([None, "", " "], []),
    ("wavix-e911", "address.state"): ([None, "", " "], []),
    ("wavix-e911", "address.zip_code"): ([None, "", " "], []),
    ("wavix-e911", "address.zip_plus_four"): (["12", "12345", "abcd", 1234], [None]),
    ("wavix-e911", "address.location"): ([1], ["", None]),
    ("wavix-e911", "name"): ([1], ["", None]),
}

BROKEN = [(system, name, value) for (system, name), (bad, _) in RULES.items() for value in bad]
KEPT = [(system, name, value) for (system, name), (_, good) in RULES.items() for value in good]
