"""What the requests to Wavix have in common."""

from validator_svc.screening.finding import Finding
from validator_svc.screening.system import Refusal


def refusal(findings: list[Finding]) -> Refusal:
    """As Wavix says no: `{"success": false, "message": "…"}`."""
    return Refusal(400, {"success": False, "message": "; ".join(each.message for each in findings)})
