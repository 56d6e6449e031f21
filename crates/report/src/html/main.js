// Puts the page together.

const model = makeModel(JSON.parse(byId("data").textContent));
let timeline;
let came = null;

const details = makeDetails(model, () => {
  timeline.mark(null);
  came?.focus({ preventScroll: true });
});
const rows = makeRows(model, (row) => choose(row));
timeline = makeTimeline(model, (row) => choose(row));

function choose(row) {
  came = document.activeElement;
  details.open(row);
  timeline.mark(row);
  rows.mark(row);
}

drawSummary(model, choose);
drawLegend(model);
drawNotes(model);

// The filter: a device, words, and whether what agrees is listed too.
const inputs = { device: byId("device"), filter: byId("filter"), all: byId("all") };
inputs.device.append(
  el("option", { value: "" }, `all ${count(model.lanes.length, "device")}`),
  ...model.lanes.map((lane) =>
    el(
      "option",
      { value: lane.device },
      lane.unlike ? `${lane.device} (${lane.unlike} not alike)` : lane.device,
    ),
  ),
);
inputs.all.checked = model.kind.every((kind) => kind === AGREES);

function filter() {
  const device = inputs.device.value;
  const words = inputs.filter.value;
  const fitting = select(model, device, words, true);
  const found = inputs.all.checked ? fitting : fitting.filter((row) => model.kind[row] !== AGREES);
  rows.fill(found);
  timeline.only(device, words.trim() ? new Set(fitting.map((row) => model.channel(row).device)) : null);
  const agree = fitting.length - found.length;
  byId("found").textContent =
    `${count(found.length, "row")} of ${digits(model.length)}` +
    (words.trim() && agree ? `; ${digits(agree)} more agree` : "");
}

for (const input of Object.values(inputs)) input.addEventListener("input", filter);
timeline.onDevice = (device) => {
  inputs.device.value = inputs.device.value === device ? "" : device;
  filter();
};
byId("in").addEventListener("click", () => timeline.zoom(1.6));
byId("out").addEventListener("click", () => timeline.zoom(1 / 1.6));
byId("fit").addEventListener("click", () => timeline.fit());
filter();

// Keys, as the page says itself.
function step(list, by) {
  if (!list.length) return;
  const from = details.row === null ? -1 : list.indexOf(details.row);
  const to = from < 0 ? (by > 0 ? 0 : list.length - 1) : from + by;
  if (list[to] !== undefined) choose(list[to]);
}

const inTime = Array.from({ length: model.length }, (_, row) => row).sort(
  (a, b) => model.at(a) - model.at(b) || a - b,
);
const unlike = inTime.filter((row) => model.kind[row] !== AGREES);
const actions = {
  "/": () => {
    inputs.filter.focus();
    inputs.filter.select();
  },
  n: () => step(unlike, 1),
  p: () => step(unlike, -1),
  "+": () => timeline.zoom(1.6),
  "=": () => timeline.zoom(1.6),
  "-": () => timeline.zoom(1 / 1.6),
  0: () => timeline.fit(),
};
const inLanes = {
  ArrowRight: () => step(inTime.filter(isShown), 1),
  ArrowLeft: () => step(inTime.filter(isShown), -1),
};
const isShown = (row) => !inputs.device.value || model.channel(row).device === inputs.device.value;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (details.close()) return;
    inputs.filter.value = "";
    inputs.device.value = "";
    filter();
    return;
  }
  if (["INPUT", "SELECT"].includes(event.target.tagName) && event.target.type !== "checkbox") return;
  const act = actions[event.key] ?? (event.target === byId("timeline") ? inLanes[event.key] : undefined);
  if (!act) return;
  event.preventDefault();
  act();
});

// Light or dark, as the system has it unless the reader says otherwise.
const themes = ["auto", "light", "dark"];
function theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  byId("theme").textContent = `Theme: ${name}`;
  timeline.repaint();
}
byId("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme ?? "auto";
  theme(themes[(themes.indexOf(now) + 1) % themes.length]);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => timeline.repaint());

// Paper is white, holds all rows that matter, and wants finer lines.
let before;
window.addEventListener("beforeprint", () => {
  before = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  document.body.dataset.print = "yes";
  timeline.repaint();
  timeline.pictures(true);
  rows.print(true);
});
window.addEventListener("afterprint", () => {
  delete document.body.dataset.print;
  theme(before ?? "auto");
  timeline.pictures(false);
  rows.print(false);
});

// For tests.
window.beamtwin = { model, timeline, rows, details, choose, select, cluster, valueAt, tickStep, plain };
