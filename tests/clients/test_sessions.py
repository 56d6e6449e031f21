"""Sessions compared: the same script is alike every time, and a changed one is found out."""

import json

import pytest
from twin import CMS, ROOT, Trace, Twin, beamtwin, folded, script

MEASURE = ROOT / "demo" / "measure.py"
SPEED = 10


def session(change="nothing"):
    """Records the demo's script against a fresh twin, and returns the path of the trace."""
    with Twin(CMS, speed=SPEED) as twin:
        script(twin, MEASURE.read_text(), "--quiet", "--change", change, timeout=90)
        assert twin.stop().end["complete"] is True
    return twin.record


@pytest.fixture(scope="module")
def reference():
    return session()


def compare(reference, attempt, *options):
    return beamtwin("compare", reference, attempt, *options)


def test_a_session_is_alike_with_itself(reference):
    compared = compare(reference, reference)
    assert compared.returncode == 0, compared.stdout + compared.stderr


@pytest.mark.parametrize("time", range(10))
def test_the_unchanged_script_compares_alike_each_of_ten_times(reference, time):
    compared = compare(reference, session())
    assert compared.returncode == 0, compared.stdout + compared.stderr


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        ("exposure", ["camera.saxs AcquireTime", "0.2", "0.4"]),
        ("position", ["motor.sample.Z", "0.5 mm", "1 mm"]),
        ("drop", ["shutter.fast"]),
        ("swap", ["linkam.thermal STARTHEAT"]),
    ],
)
def test_one_changed_step_is_found_and_named(reference, change, steps):
    compared = compare(reference, session(change))
    assert compared.returncode == 1, compared.stdout + compared.stderr
    for step in steps:
        assert step in folded(compared.stdout)


def test_the_session_holds_every_step_at_its_time(reference):
    trace = Trace.read(reference)
    shots = [it for it in trace.puts() if it.name.endswith(":Acquire")]
    assert [trace.lasted(it) for it in shots] == [200_000_000] * 10, "ten exposures of 0.2 s"
    assert [it.value for it in trace.puts("XF:11BM-ES{Shutter}")] == [1, 0]
    assert [it.value for it in trace.puts("XF:11BMB-ES{Chm:Smpl-Ax:Z}Mtr")] == [0, 0.5]
    assert [it.value for it in trace.puts("XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr")] == [-0.5, 0, 0.5] * 2
    warming = [it for it in trace.posts("XF:11BM-ES:{LINKAM}:TEMP") if 26 < it.value < 34]
    first, last = warming[0], warming[-1]
    rate = (last.value - first.value) / ((last.t - first.t) / 1e9) * 60
    assert rate == pytest.approx(30, rel=0.02), "thirty degrees a minute"


def test_a_comparison_can_be_had_as_json(reference):
    compared = compare(reference, reference, "--json", "-")
    assert compared.returncode == 0
    assert isinstance(json.loads(compared.stdout), dict)


def test_the_method_of_envtrace_judges_too(reference):
    compared = beamtwin("compare", reference, reference, "--method", "envtrace")
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_a_session_exported_as_envtrace_comes_back_alike(reference, tmp_path):
    exported = beamtwin("trace", "export", reference)
    assert exported.returncode == 0, exported.stderr
    (tmp_path / "exported.json").write_text(exported.stdout)
    compared = beamtwin(
        "compare", tmp_path / "exported.json", tmp_path / "exported.json", "--method", "envtrace"
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ""),
        ("", ""),
        ("this is not a trace\n", ""),
        (
            '{"trace":"2.0","beamline":"x","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"x"}\n',
            "2.0",
        ),
    ],
    ids=["missing", "empty", "text", "of another version"],
)
def test_what_cannot_be_read_is_told_from_what_is_different(reference, tmp_path, content, words):
    attempt = tmp_path / "attempt.jsonl"
    if content is not None:
        attempt.write_text(content)
    compared = compare(reference, attempt)
    assert compared.returncode == 2, compared.stdout + compared.stderr
    assert "attempt.jsonl" in compared.stderr
    assert words in compared.stderr.lower()


def test_a_session_cut_short_is_compared_and_said_to_be(reference, tmp_path):
    lines = reference.read_text().splitlines(keepends=True)
    short = tmp_path / "short.jsonl"
    short.write_text("".join(lines[: len(lines) // 2]) + lines[len(lines) // 2][:10])
    compared = compare(reference, short)
    assert compared.returncode == 0, compared.stdout
    assert compared.stdout.startswith("ALIKE so far")
    assert "cut short: compared as far as it goes" in folded(compared.stdout)
