"""Fixtures of the real-client tests; `twin.py` has what they are made of."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import twin as twins_module  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _all_twins_end_cleanly():
    """Whatever the tests did to them: exit 0 on SIGINT, no panic, a closed trace."""
    yield
    for it in twins_module.served():
        trace = it.stop()
        assert trace.end is not None and trace.end["complete"] is True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """Adds to the report of a failure what the twins said."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        report.sections.append(("twins", twins_module.logs()))


@pytest.fixture
def motor() -> str:
    """A motor no other test uses: at 0, limits ±10, 1 mm/s."""
    return twins_module.fresh_motor()


@pytest.fixture
def recorded(request):
    """Call it to get the trace of this test so far."""
    it = request.module.TWIN
    start = it.trace().facts[-1].n
    return lambda: it.trace().after(start)
