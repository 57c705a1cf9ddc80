"""The kernel: bytes of rows in, bytes of their records out, with what they add up to.

In machine code where it was built, else in plain Python; nobody outside needs to know which.
"""

import os

from validator_svc.kernel.interface import Kernel
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.python import PythonKernel
from validator_svc.numbering.risk import NO_LIST, RiskList

LEFT_OUT = "VALIDATOR_NO_NATIVE"
"""Environment variable that leaves the machine code out, when it is not empty."""

try:
    from validator_svc.kernel.native_kernel import NativeKernel
except ImportError:
    HAS_NATIVE = False
else:
    HAS_NATIVE = not os.environ.get(LEFT_OUT)


def new_kernel(plan: Plan, risk_list: RiskList = NO_LIST) -> Kernel:
    """A kernel for one plan and one operator's risk list. Raises PlanFileError when the plan is not sound."""
    return NativeKernel(plan, risk_list) if HAS_NATIVE else PythonKernel(plan, risk_list)
