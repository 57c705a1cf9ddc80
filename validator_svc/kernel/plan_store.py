"""The plan file that goes with the installed `phonenumbers`: the package's own, or one made anew and kept.

The package brings one along, made when it was built. Where another version of `phonenumbers` or of
Python's character database is installed it would tell what is not true any more; then a file is
made anew, once, and kept in the data directory.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from validator_svc.data_directory import is_own_file
from validator_svc.kernel.plan import Plan, open_plan
from validator_svc.numbering.compile.sources import current
from validator_svc.numbering.plan_file import PlanFileError

FILE_NAME = "plan.bin"
PACKAGED = Path(str(resources.files("validator_svc.numbering"))) / "data" / FILE_NAME


def current_plan(directory: Path | None = None, packaged: Path = PACKAGED) -> Plan:
    """The plan of the installed versions.

    `directory`: where one that had to be made anew is kept; it takes twenty seconds each time without.
    """
    kept = [directory / FILE_NAME] if directory else []
    for path in (packaged, *kept):
        plan = opened(path, is_kept=path != packaged)
        if plan is not None:
            return plan
    return made_anew(kept)


def made_anew(kept: Sequence[Path]) -> Plan:
    """A plan made now, and kept under each of the paths that can be written."""
    # Only here, as it takes longer to import than to open a plan and to use it.
    import structlog

    from validator_svc.numbering.compile.build import build, replace_file

    log = structlog.get_logger()
    log.warning("numbering plan is built anew", phonenumbers=current().phonenumbers, keeps=bool(kept))
    content = build()
    for path in kept:
        try:
            replace_file(path, content)
        except OSError as error:
            log.warning("numbering plan cannot be kept", error=error.strerror)
    return Plan(content)


def opened(path: Path, is_kept: bool = False) -> Plan | None:
    """The plan in a file; None when there is none, or none of the installed versions.

    `is_kept`: in the data directory, where another user's file would not be trusted.
    """
    try:
        if is_kept and not is_own_file(path):
            return None
        plan = open_plan(path)
    except (OSError, PlanFileError):
        return None
    return plan if plan.meta == current() else None
