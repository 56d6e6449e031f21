"""Jump time tells the truth: the scripts of tests/truth at real pace and in jump time, in short.

`make truth` runs each ten times. All scripts are run at once here: they wait most of the time.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from twin import HERE

sys.path.append(str(HERE.parent / "truth"))

import truth

REPEATS = 2
# The first test waits for all sessions before its own.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """Starts the session of a script at a pace, and gives what will be it."""
    folder = Path(tmp_path_factory.mktemp("truth"))
    with ThreadPoolExecutor(2) as pool:
        real = {it: pool.submit(truth.session, folder, it, "real") for it in truth.SCRIPTS}
        jump = {
            it: [pool.submit(truth.session, folder, it, "jump", number) for number in range(REPEATS)]
            for it in truth.SCRIPTS
        }
        yield real, jump


@pytest.mark.parametrize("script", truth.SCRIPTS)
def test_a_script_does_in_jump_time_what_it_does_at_real_pace(sessions, script):
    real, jump = sessions
    first, *others = (it.result() for it in jump[script])
    assert truth.differences(real[script].result(), first) == []
    for other in others:
        assert other.moments() == first.moments()
        assert truth.replayed(other) == []


@pytest.mark.parametrize(
    "script, stops",
    [
        ("half_way", {"TRU:x": 2.35, "TRU:y": 1.6}),
        ("time_outs", {"TRU:x": 2.25, "TRU:y": 1.25}),
    ],
)
def test_what_a_script_stops_by_its_clock_is_stopped_at_that_moment(sessions, script, stops):
    trace = sessions[1][script][0].result().trace
    for motor, seconds in stops.items():
        began, stopped = trace.puts(motor)[0], trace.puts(f"{motor}.STOP")[0]
        # pyepics waits a microsecond more.
        assert (stopped.t - began.t) / truth.SECOND == pytest.approx(seconds, abs=1.5e-6)
