from array import array

import pytest

from validator_svc import kernel as kernels
from validator_svc.kernel.interface import Kernel, Tally
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.plan_store import current_plan
from validator_svc.kernel.python import PythonKernel
from validator_svc.numbering.risk import RiskList

RISK_LIST = RiskList({"44": True, "4420": False, "1201": True, "62": True, "628123": False, "7": False})


@pytest.fixture(scope="session")
def plan() -> Plan:
    return current_plan()


@pytest.fixture(scope="session", params=["python", "native"])
def kernel(request: pytest.FixtureRequest, plan: Plan) -> Kernel:
    return kernel_named(request.param, plan)


@pytest.fixture(scope="session", params=["python", "native"])
def strict_kernel(request: pytest.FixtureRequest, plan: Plan) -> Kernel:
    """A kernel with an operator's risk list."""
    return kernel_named(request.param, plan, RISK_LIST)


def kernel_named(name: str, plan: Plan, risk_list: RiskList = RiskList({})) -> Kernel:  # noqa: B008
    if name == "python":
        return PythonKernel(plan, risk_list)
    if not kernels.HAS_NATIVE:
        pytest.skip("no machine code here")
    from validator_svc.kernel.native_kernel import NativeKernel

    return NativeKernel(plan, risk_list)


@pytest.fixture
def tally(plan: Plan) -> Tally:
    return new_tally(plan)


def new_tally(plan: Plan) -> Tally:
    return Tally(array("q", bytes(8 * len(plan.records))))
