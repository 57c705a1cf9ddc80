"""The systems whose requests are screened."""

from validator_svc.screening import (
    signalwire_call,
    tryvox_call,
    voicecall,
    wavix_call,
    wavix_campaign,
    wavix_e911,
    wavix_message,
)

SYSTEMS = {
    each.name: each
    for each in (
        wavix_call.SYSTEM,
        tryvox_call.SYSTEM,
        signalwire_call.SYSTEM,
        voicecall.SYSTEM,
        wavix_message.SYSTEM,
        wavix_campaign.SYSTEM,
        wavix_e911.SYSTEM,
    )
}
"""By the name that the routes have in their path."""
