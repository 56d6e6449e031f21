"""How fast the page is with few and with many events. Prints what it measures."""

import time

import pytest

import samples
from conftest import make

# Loading, and the longest of nine tenths of the frames while zooming; generous, for busy machines.
LIMITS = {10: (5, 100), 1_000: (5, 100), 10_000: (8, 150), 100_000: (30, 400)}

ZOOM = """async () => {
    const { timeline, model } = beamtwin;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const [drawing, frames] = [[], []];
    await frame();
    let last = performance.now();
    for (let step = 0; step < 120; step += 1) {
        timeline.zoom(step < 60 ? 1.1 : 1 / 1.1, model.home.from + 0.37 * (model.home.to - model.home.from));
        const now = await frame();
        const before = performance.now();
        timeline.draw(false);
        drawing.push(performance.now() - before);
        frames.push(now - last);
        last = now;
    }
    const at = (list, part) => [...list].sort((a, b) => a - b)[Math.floor(part * (list.length - 1))];
    return { draw: at(drawing, 0.5), slow: at(drawing, 0.9), frame: at(frames, 0.5), worst: at(frames, 0.9) };
}"""


@pytest.mark.parametrize("events", LIMITS)
def test_loading_and_zooming(visit, tmp_path, capsys, events):
    plan = samples.steps(events)
    session = samples.record(samples.changed(plan) if events > 10 else plan)
    made = make(tmp_path, ("reference.jsonl", samples.record(plan).text()), ("session.jsonl", session.text()))
    before = time.monotonic()
    it = visit(made)
    loaded = time.monotonic() - before
    found = it.page.evaluate(ZOOM)
    with capsys.disabled():
        print(
            f"\n  {events:>7} events: page of {made.size / 1e6:.2f} MB, open in {loaded:.2f} s; while zooming drawing takes "
            f"{found['draw']:.1f} ms (median), {found['slow']:.1f} ms (nine of ten), frames {found['frame']:.1f} and {found['worst']:.1f} ms"
        )
    assert len(made.rows) >= events
    elements = it.page.evaluate("() => document.querySelectorAll('*').length")
    assert elements < 2000, "rows out of sight are no elements"
    most, slowest = LIMITS[events]
    assert loaded < most
    assert found["worst"] < slowest
