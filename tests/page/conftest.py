"""A browser, and pages made by the real binary."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

import samples

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # The sandbox of Chromium does not work for root; the pages are our own.
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        yield browser
        browser.close()


class Made:
    """A page with the JSON of the same comparison."""

    def __init__(self, path, report):
        self.url = path.as_uri()
        self.size = path.stat().st_size
        self.report = report
        self.rows = report["rows"]

    def unlike(self):
        return [at for at, row in enumerate(self.rows) if row["op"] != "matched" or row.get("gates")]


def make(folder, *traces):
    """The page on some traces, the last of which is the session; each is a name and a text."""
    names = []
    for name, text in traces:
        (folder / name).write_text(text)
        names.append(str(folder / name))
    page, report = folder / "page.html", folder / "report.json"
    command = [os.environ["BEAMTWIN"], "compare", *names, "--html", str(page), "--json", str(report)]
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ran.returncode in (0, 1), ran.stderr
    return Made(page, json.loads(report.read_text()))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Fifty steps, with four mistakes."""
    plan = samples.steps(50)
    session = samples.record(samples.changed(plan), user="guest", start=2.5, script="scan.py")
    session.put(samples.X, 900.0, reason="beyond its limits")
    traces = ("reference.jsonl", samples.record(plan, script="gold.py").text()), ("session.jsonl", session.text())
    return make(tmp_path_factory.mktemp("page"), *traces)


class Visit:
    """A page that is open, with what it complained of and what it asked the network for."""

    def __init__(self, page):
        self.page = page
        self.complaints = []
        self.requests = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def wait(self, condition):
        """Waits until something is so. The page forbids `eval`, which Playwright's own waiting uses."""
        self.page.evaluate(
            f"""() => new Promise((done) => {{
                const look = () => (({condition}) ? done() : requestAnimationFrame(look));
                look();
            }})"""
        )

    def draw(self):
        """Waits until what is due is drawn."""
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )


@pytest.fixture
def visit(browser):
    """Opens pages; fails if one complained or asked the network for anything."""
    visits = []

    def open_page(made, width=1280, height=900, **options):
        page = browser.new_page(viewport={"width": width, "height": height}, **options)
        visit = Visit(page)
        visit.made = made
        visits.append(visit)
        page.goto(made.url)
        visit.wait("beamtwin.timeline.state.drawn > 0")
        return visit

    yield open_page
    for visit in visits:
        visit.page.close()
        assert visit.complaints == []
        assert visit.requests == [visit.made.url]
