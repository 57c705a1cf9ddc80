from tests.lookup.conftest import emulator, start_service, store

__all__ = ["emulator", "start_service", "store"]
