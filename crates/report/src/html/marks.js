// The shapes of marks: one drawing for the canvas, the list, and the legend. Each is 14 by 14.

const SHAPES = {
  agrees: { fill: "M7 3.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6z" },
  exposed: { fill: "M7 2.2a4.8 4.8 0 0 1 0 9.6z", line: "M7 2.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6z" },
  differs: { fill: "M7 .8L13.2 7L7 13.2L.8 7z" },
  missing: { line: "M7 1.6a5.4 5.4 0 1 0 0 10.8a5.4 5.4 0 1 0 0-10.8zM4.2 7H9.8" },
  extra: { line: "M7 1.6a5.4 5.4 0 1 0 0 10.8a5.4 5.4 0 1 0 0-10.8zM4.2 7H9.8M7 4.2V9.8" },
  fine: { line: "M2.5 7.5L5.6 10.6L11.8 3.6" },
  late: { line: "M7 1.6a5.4 5.4 0 1 0 0 10.8a5.4 5.4 0 1 0 0-10.8zM7 4V7.2L9.2 8.8" },
  moved: { fill: "M1.5 1.8L12.8 7L1.5 12.2z" },
};

const TOLD = {
  agrees: "agrees",
  exposed: "exposed in another state",
  differs: "differs",
  missing: "missing",
  extra: "extra",
  moved: "moved",
};

const PATHS = Object.fromEntries(
  Object.entries(SHAPES).map(([kind, shape]) => [
    kind,
    { fill: shape.fill && new Path2D(shape.fill), line: shape.line && new Path2D(shape.line) },
  ]),
);

function drawMark(context, kind, x, y, color, paper) {
  const path = PATHS[kind];
  context.save();
  context.translate(x - 7, y - 7);
  context.lineWidth = 1.7;
  if (path.line) {
    context.fillStyle = paper;
    context.fill(path.line);
    context.strokeStyle = color;
    context.stroke(path.line);
  }
  if (path.fill) {
    context.fillStyle = color;
    context.fill(path.fill);
  }
  context.restore();
}

function icon(kind, name = kind === "agrees" || kind === "fine" ? "reference" : "unlike") {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const set = (node, attributes) =>
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  set(svg, { viewBox: "0 0 14 14", class: `icon ${name}`, "aria-hidden": "true" });
  for (const [how, d] of Object.entries(SHAPES[kind])) {
    const path = document.createElementNS(space, "path");
    set(path, { d, fill: how === "fill" ? "currentColor" : "none" });
    if (how === "line") set(path, { stroke: "currentColor", "stroke-width": "1.7" });
    svg.append(path);
  }
  return svg;
}

// What the colours are at the moment: canvases do not inherit them.
function colors() {
  const probe = document.body.appendChild(el("i"));
  const found = {};
  for (const name of ["paper", "raised", "ink", "soft", "line", "reference", "session", "unlike"]) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}
