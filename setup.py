"""What `pyproject.toml` cannot say: the loop in machine code, left out where there is no compiler for C++."""

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError


class BuildIfPossible(build_ext):
    """An optional extension may fail to compile; for setuptools, a compiler must be there to try."""

    def build_extension(self, ext: Extension) -> None:
        try:
            super().build_extension(ext)
        except OSError as error:
            raise CompileError(str(error)) from error


(native,) = cythonize("validator_svc/numbering/plan/native.pyx", build_dir="build/native")
native.optional = True
setup(cmdclass={"build_ext": BuildIfPossible}, ext_modules=[native])
