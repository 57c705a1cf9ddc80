"""What `pyproject.toml` cannot say: the plan file is made, and code compiled where there is a compiler."""

import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.errors import CompileError

PLAN = Path("validator_svc/numbering/data/plan.bin")
SOURCE = Path(__file__).parent


class BuildIfPossible(build_ext):
    """An optional extension may fail to compile; for setuptools, a compiler must be there to try."""

    def build_extension(self, ext: Extension) -> None:
        try:
            super().build_extension(ext)
        except OSError as error:
            raise CompileError(str(error)) from error


class BuildWithPlan(build_py):
    """The package, and in it the numbering plan of the `phonenumbers` that it is built with."""

    def run(self) -> None:
        sys.path.insert(0, str(SOURCE))
        from validator_svc.numbering.compile.build import build_into

        build_into(SOURCE / PLAN)
        # Which data there are may have been looked up before.
        self.__dict__.pop("data_files", None)
        super().run()


KERNEL = Path("validator_svc/kernel")
kernel = Extension(
    "validator_svc.kernel.native",
    [str(KERNEL / "native.pyx")],
    include_dirs=[str(KERNEL)],
    depends=[str(header) for header in sorted(KERNEL.glob("*.hh"))],
    language="c++",
    extra_compile_args=[] if sys.platform == "win32" else ["-std=c++17", "-O3"],
)
(native,) = cythonize(kernel, build_dir="build/native")
native.optional = True
setup(cmdclass={"build_ext": BuildIfPossible, "build_py": BuildWithPlan}, ext_modules=[native])
