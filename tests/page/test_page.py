"""What the page of a comparison shows, and how one moves in it."""

import json

import pytest

import samples
from conftest import make

DRAWN = """() => beamtwin.timeline.lanes.flatMap((it) => it.marks)
    .map((side) => side.reduce((sum, mark) => sum + mark.count, 0))"""


def devices(report):
    return list(dict.fromkeys(row["device"] or row["channel"] for row in report["rows"]))


def test_there_are_as_many_lanes_and_marks_as_the_report_has(visit, made):
    it = visit(made)
    assert it.page.locator("#lanes > li").count() == len(devices(made.report)) == 5
    it.draw()
    events = sum((row["reference"] is not None) + (row["session"] is not None) for row in made.rows)
    assert sum(it.page.evaluate(DRAWN)) == events
    # Zoomed in far enough, every event in view is a mark of its own.
    it.page.evaluate("() => { const t = beamtwin.model.at(20); beamtwin.timeline.show(t - 0.5, t + 0.5); }")
    it.draw()
    clustered = it.page.evaluate(
        "() => beamtwin.timeline.lanes.flatMap((it) => it.marks.flat()).filter((mark) => mark.count > 1).length"
    )
    assert clustered == 0


def test_the_verdict_and_its_reasons_come_first(visit, made):
    page = visit(made).page
    assert "did not do the same" in page.locator("h1").inner_text()
    assert f"{made.report['score']:.3f}" in page.locator("h1").inner_text()
    reasons = page.locator("#reasons li")
    assert reasons.count() == min(len(made.report["reasons"]), 8)
    assert made.report["reasons"][0] in reasons.first.inner_text()
    assert "guest@ws1" in page.locator("#reasons").inner_text()
    assert "It mattered" in page.locator("#effect").inner_text()
    assert "beyond its limits" in page.locator("#notes").inner_text()
    assert page.locator("#parts tr").last.inner_text().split()[-1] == f"{made.report['score']:.3f}"


def test_each_reason_leads_to_a_row_that_it_names(visit, made):
    page = visit(made).page
    buttons = page.locator("#reasons button[data-row]")
    assert buttons.count() >= 4
    for at in range(buttons.count()):
        row = made.rows[int(buttons.nth(at).get_attribute("data-row"))]
        words = buttons.nth(at).inner_text()
        titles = [row["title"], *(gate["title"] for gate in row.get("gates", []))]
        assert any(title in words for title in titles), words


def test_a_click_on_a_row_shows_both_events(visit, made):
    page = visit(made).page
    at = next(at for at in made.unlike() if made.rows[at]["op"] == "differs")
    row = made.rows[at]
    page.locator(f"#row-{at}").click()
    shown = page.locator("#details").inner_text()
    for side, script, who in (("reference", "gold.py", "xf11bm@ws1"), ("session", "scan.py", "guest@ws1")):
        assert f"{row[side]['value']:g} mm" in shown
        assert f"{row[side]['t']:.3f} s" in shown
        assert who in shown
        assert f"{script}:{row[side]['n']}" in shown
    assert "+0.37 mm" in shown and row["channel"] in shown and "10.0.0.7:51234" in shown
    page.keyboard.press("Escape")
    assert page.locator("#details").is_hidden()


def test_a_click_on_a_mark_shows_its_row(visit, made):
    it = visit(made)
    at = next(at for at in made.unlike() if made.rows[at]["op"] == "missing")
    place = it.page.evaluate(
        """(row) => {
            const t = beamtwin.model.at(row);
            beamtwin.timeline.show(t - 0.5, t + 0.5);
            const lane = beamtwin.timeline.lanes.find((it) => it.lane.device === beamtwin.model.channel(row).device);
            lane.canvas.scrollIntoView({ block: "center" });
            return lane.lane.device;
        }""",
        at,
    )
    it.draw()
    mark = it.page.evaluate(
        """([device, row]) => {
            const lane = beamtwin.timeline.lanes.find((it) => it.lane.device === device);
            const box = lane.canvas.getBoundingClientRect();
            return [box.left + lane.marks[0].find((mark) => mark.row === row).x, box.top + 14];
        }""",
        [place, at],
    )
    it.page.mouse.click(*mark)
    assert it.page.evaluate("() => beamtwin.details.row") == at
    assert "not asked for" in it.page.locator("#details").inner_text()


def test_rows_and_lanes_are_filtered_by_device_and_by_words(visit, made):
    page = visit(made).page
    page.select_option("#device", "camera")
    assert page.locator("#lanes > li:visible").count() == 1
    page.check("#all")
    own = [row for row in made.rows if row["device"] == "camera"]
    assert page.locator("#grid").get_attribute("aria-rowcount") == str(len(own) + 1)
    page.select_option("#device", "")
    page.fill("#filter", "setpoint guest")
    wanted = [row for row in made.rows if row["channel"].endswith("SETPOINT") and row["session"]]
    assert page.locator("#found").inner_text().startswith(f"{len(wanted)} rows")
    assert page.locator("#lanes > li:visible").count() == 1
    page.fill("#filter", "no such thing")
    assert "No row" in page.locator("#grid").inner_text()
    page.keyboard.press("Escape")
    assert page.input_value("#filter") == "" and page.locator("#lanes > li:visible").count() == 5


def test_all_of_it_works_by_keyboard(visit, made):
    it = visit(made)
    page = it.page
    focused = "() => document.activeElement.id"
    page.keyboard.press("/")
    assert page.evaluate(focused) == "filter"
    page.keyboard.type("motor")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "grid":
            break
    assert page.evaluate(focused) == "grid"
    listed = page.evaluate("() => beamtwin.rows.state.rows")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate("() => beamtwin.details.row") == listed[1]
    assert page.locator("#grid").get_attribute("aria-activedescendant") == f"row-{listed[1]}"
    page.keyboard.press("Escape")
    assert page.locator("#details").is_hidden() and page.evaluate(focused) == "grid"
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.evaluate("() => beamtwin.details.row") == listed[-1]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.input_value("#filter") == ""

    first = min(made.unlike(), key=lambda at: page.evaluate("(row) => beamtwin.model.at(row)", at))
    page.keyboard.press("n")
    assert page.evaluate("() => beamtwin.details.row") == first
    page.keyboard.press("n")
    page.keyboard.press("p")
    assert page.evaluate("() => beamtwin.details.row") == first
    page.keyboard.press("Escape")
    page.focus("#timeline")
    page.keyboard.press("ArrowRight")
    one = page.evaluate("() => beamtwin.details.row")
    page.keyboard.press("ArrowRight")
    two = page.evaluate("() => beamtwin.details.row")
    assert one != two and page.evaluate(
        "([a, b]) => beamtwin.model.at(a) <= beamtwin.model.at(b)", [one, two]
    )
    span = "() => beamtwin.timeline.state.view.to - beamtwin.timeline.state.view.from"
    whole = page.evaluate(span)
    page.keyboard.press("+")
    assert page.evaluate(span) == pytest.approx(whole / 1.6)
    page.keyboard.press("0")
    assert page.evaluate(span) == pytest.approx(whole)
    keys = page.locator(".keys").inner_text()
    for key in ("/", "n", "p", "Enter", "Esc", "+", "0", "←", "↓"):
        assert key in keys


def test_dragging_and_the_wheel_move_in_time(visit, made):
    it = visit(made)
    it.page.locator("#axis").scroll_into_view_if_needed()
    it.page.locator("#lanes canvas").first.scroll_into_view_if_needed()
    box = it.page.locator("#axis").bounding_box()
    lane = it.page.locator("#lanes canvas").first.bounding_box()
    y = lane["y"] + 5
    before = it.page.evaluate("() => beamtwin.timeline.state.view")
    it.page.mouse.move(box["x"] + 200, y)
    it.page.mouse.down()
    it.page.mouse.move(box["x"] + 400, y, steps=4)
    it.page.mouse.up()
    after = it.page.evaluate("() => beamtwin.timeline.state.view")
    scale = (before["to"] - before["from"]) / box["width"]
    assert after["from"] == pytest.approx(before["from"] + 200 * scale, rel=0.02)
    assert after["to"] == pytest.approx(before["from"] + 400 * scale, rel=0.02)
    it.page.keyboard.down("Control")
    it.page.mouse.wheel(0, -200)
    it.page.keyboard.up("Control")
    was = after["to"] - after["from"]
    it.wait(f"beamtwin.timeline.state.view.to - beamtwin.timeline.state.view.from < {0.9 * was!r}")
    it.page.mouse.dblclick(box["x"] + 300, y)
    assert it.page.evaluate("() => beamtwin.timeline.state.view") == pytest.approx(before)


LUMINANCE = """(name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(--${name})`;
    const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    probe.remove();
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_light_or_dark_and_readable_in_both(visit, made, scheme):
    page = visit(made, color_scheme=scheme).page
    paper = page.evaluate(LUMINANCE, "paper")
    assert (paper > 0.5) == (scheme == "light")

    def contrast(name):
        low, high = sorted((paper, page.evaluate(LUMINANCE, name)))
        return (high + 0.05) / (low + 0.05)

    for name in ("ink", "soft", "session", "unlike"):
        assert contrast(name) >= 4.5, name
    assert contrast("reference") >= 3
    for wanted in ("light", "dark"):
        page.click("#theme")
        assert (page.evaluate(LUMINANCE, "paper") > 0.5) == (wanted == "light")
        assert wanted in page.locator("#theme").inner_text()


def test_it_prints_all_that_differs_in_light_colours(visit, made):
    it = visit(made, color_scheme="dark")
    it.page.evaluate("""() => addEventListener("beforeprint", () => {
        window.printed = [document.querySelectorAll("#grid .body .row").length, document.querySelectorAll("#timeline img").length,
            getComputedStyle(document.body).backgroundColor];
    })""")
    pdf = it.page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
    rows, pictures, paper = it.page.evaluate("() => window.printed")
    assert rows == len(made.unlike()) and pictures == 7 and paper == "rgb(255, 255, 255)"
    assert it.page.locator("#timeline img").count() == 0
    assert it.page.evaluate(LUMINANCE, "paper") < 0.5


@pytest.mark.parametrize("width", [360, 768, 1280, 2200])
def test_nothing_is_wider_than_the_window(visit, made, width):
    page = visit(made, width=width).page
    page.keyboard.press("n")
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("#details .both").is_visible()


def test_everything_has_a_role_and_a_name(visit, made):
    page = visit(made).page
    page.keyboard.press("n")
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, select, input, [role]")]
        .filter((it) => it.checkVisibility() && !["row", "rowgroup", "gridcell", "columnheader", "status", "search"].includes(it.getAttribute("role")))
        .filter((it) => !(it.textContent.trim() || it.ariaLabel || it.getAttribute("aria-labelledby") || it.labels?.length))
        .map((it) => it.outerHTML)""")
    assert nameless == []
    assert page.get_by_role("region", name="Both events").is_visible()
    assert page.get_by_role("grid", name="Step by step").is_visible()
    assert page.get_by_role("searchbox", name="Filter").is_visible()
    drawn = page.evaluate(
        "() => [...document.querySelectorAll('canvas, svg')].filter((it) => it.ariaHidden !== 'true').length"
    )
    assert drawn == 0
    page.focus("#grid")
    page.keyboard.press("ArrowDown")
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    # Each kind of mark is said in a word as well.
    words = page.locator("#grid .body .label").all_inner_texts()
    assert {"differs", "missing", "extra", "exposed"} <= {word.strip() for word in words}


def test_damaged_and_several_references_are_told(visit, tmp_path):
    plan = samples.steps(12)
    other = samples.record(samples.steps(30)).text()
    whole = samples.record(plan)
    made = make(
        tmp_path,
        ("worse.jsonl", other),
        ("better.jsonl", whole.text("damaged")),
        ("session.jsonl", whole.text("cut")),
    )
    told = visit(made).page.locator("#caveats").inner_text()
    assert "the trace of the session is cut short" in told
    assert "the trace of the reference is damaged" in told
    assert "best of 2 references" in told and "better.jsonl" in told and "worse.jsonl" in told


def test_names_are_text_whatever_they_hold(visit, tmp_path):
    events = '[{"channel":"</script><img src=x onerror=alert(1)>","timestamp":%d,"value":"<b>%s</b>"}]'
    made = make(tmp_path, ("a.json", events % (0, "one")), ("b.json", events % (0, "two")))
    page = visit(made).page
    assert "<img src=x" in page.locator("#lanes").inner_text()
    assert '"<b>two</b>"' in page.locator("#grid").inner_text()
    assert page.locator("#lanes img, #grid b").count() == 0


def test_sessions_without_a_step_have_a_page_too(visit, tmp_path):
    empty = samples.Session().text()
    page = visit(make(tmp_path, ("a.jsonl", empty), ("b.jsonl", empty))).page
    assert "did the same" in page.locator("h1").inner_text()
    assert "Nothing was asked for" in page.locator("#grid").inner_text()


def test_small_functions_keep_their_word(visit, made):
    page = visit(made).page
    for span, many, step in [(10, 10, 1), (31.7, 9, 5), (0.003, 10, 0.0005), (1, 1, 1)]:
        assert page.evaluate("([a, b]) => beamtwin.tickStep(a, b)", [span, many]) == pytest.approx(step)
    for number, text in [
        (0, "0"),
        (-0.5, "−0.5"),
        (1234567, "1.235e+6"),
        (0.1 + 0.2, "0.3"),
        (13500, "13500"),
    ]:
        assert page.evaluate("(it) => beamtwin.plain(it)", number) == text
    value = "([held, t]) => beamtwin.valueAt({ held, sides: [{ t: [1, 3], v: [10, 20] }] }, 0, t)"
    for held, t, wanted in [
        (False, 2, 15),
        (True, 2, 10),
        (False, 0, None),
        (False, 1, 10),
        (False, 9, 20),
        (True, 3, 20),
    ]:
        assert page.evaluate(value, [held, t]) == wanted


def test_a_refused_step_says_why(visit, tmp_path):
    reference, session = samples.Session(), samples.Session(user="guest")
    for it, far in ((reference, 2.0), (session, 900.0)):
        it.put(samples.SHUTTER, 1)
        it.put(samples.X, far, reason="beyond its limits" if far > 100 else None)
        it.put(samples.ACQUIRE, 1)
    made = make(tmp_path, ("a.jsonl", reference.text()), ("b.jsonl", session.text()))
    page = visit(made).page
    at = next(at for at, row in enumerate(made.rows) if row["session"] and row["session"].get("refused"))
    assert "900 mm, refused" in page.locator(f"#row-{at}").inner_text()
    page.locator(f"#row-{at}").click()
    assert "beyond its limits" in page.locator("#details").inner_text()


def test_of_many_devices_those_that_are_not_alike_come_first(visit, tmp_path):
    def events(far):
        return json.dumps(
            [{"channel": f"m{at}", "timestamp": at, "value": far if at == 30 else 1.0} for at in range(40)]
        )

    made = make(tmp_path, ("a.json", events(2.0)), ("b.json", events(3.0)))
    page = visit(made).page
    assert page.locator("#lanes > li").count() == 40
    assert page.locator("#lanes > li .lane").first.inner_text().startswith("m30")
    page.evaluate("""() => addEventListener("beforeprint", () => {
        window.printed = document.querySelectorAll("#timeline img").length;
    })""")
    page.pdf(format="A4")
    assert page.evaluate("() => window.printed") == 3
