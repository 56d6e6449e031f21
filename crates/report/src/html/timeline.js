// The lanes on their time axis: what is in view, and how to move there.

function makeTimeline(model, choose) {
  const canvases = { overview: byId("overview"), axis: byId("axis") };
  const timeline = byId("timeline");
  const list = byId("lanes");
  const state = { view: { ...model.home }, chosen: null, device: "", palette: colors(), width: 0, drawn: 0 };
  const lanes = model.lanes.map((lane) => {
    const canvas = el("canvas", { height: laneHeight(lane), "aria-hidden": "true" });
    canvas.style.height = `${laneHeight(lane)}px`;
    const label = el(
      "button",
      { class: "lane", type: "button", title: `Only ${lane.device}`, onclick: () => onDevice(lane.device) },
      lane.device,
      ...laneWords(lane),
    );
    const item = el("li", {}, label, canvas);
    list.append(item);
    return { lane, canvas, item, marks: [[], []], dirty: true };
  });
  let onDevice = () => {};
  let waiting = false;

  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries)
        lanes.find((it) => it.canvas === entry.target).visible = entry.isIntersecting;
      redraw();
    },
    { rootMargin: "200px" },
  );
  lanes.forEach((it) => seen.observe(it.canvas));
  new ResizeObserver(() => redraw()).observe(timeline);

  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw(false);
    });
  }

  function draw(everything) {
    state.width = canvases.axis.clientWidth;
    if (!state.width) return;
    byId("ticks").style.top = `${document.querySelector(".tools").offsetHeight - 1}px`;
    drawAxis();
    drawOverview();
    for (const it of lanes) {
      if (it.item.hidden || (!everything && !it.visible && lanes.length > FEW)) continue;
      const context = prepared(it.canvas, laneHeight(it.lane));
      gridlines(context, laneHeight(it.lane));
      const own = state.chosen !== null && model.channel(state.chosen).device === it.lane.device;
      const chosen = [0, 1].map((side) => (own ? model.time(side, model.half(side, state.chosen)) : null));
      it.marks = drawLane(context, model, it.lane, state.view, state.width, state.palette, chosen);
    }
    state.drawn += 1;
  }

  // The context of a canvas, in units of the page whatever the screen has.
  function prepared(canvas, height) {
    const ratio = Math.max(window.devicePixelRatio || 1, document.body.dataset.print ? 3 : 1);
    const [width, tall] = [Math.round(state.width * ratio), Math.round(height * ratio)];
    if (canvas.width !== width || canvas.height !== tall) [canvas.width, canvas.height] = [width, tall];
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, state.width, height);
    return context;
  }

  function ticks() {
    const span = state.view.to - state.view.from;
    const step = tickStep(span, state.width / 90);
    const first = Math.ceil(state.view.from / step);
    return {
      step,
      at: Array.from({ length: Math.floor(state.view.to / step) - first + 1 }, (_, k) => (first + k) * step),
    };
  }

  const pixel = (t) => ((t - state.view.from) / (state.view.to - state.view.from)) * state.width;
  const moment = (x) => state.view.from + (x / state.width) * (state.view.to - state.view.from);

  function gridlines(context, height) {
    context.strokeStyle = state.palette.line;
    context.lineWidth = 1;
    context.beginPath();
    for (const t of ticks().at) {
      const x = Math.round(pixel(t)) + 0.5;
      context.moveTo(x, 0);
      context.lineTo(x, height);
    }
    context.stroke();
  }

  function drawAxis() {
    const context = prepared(canvases.axis, 24);
    const { step, at } = ticks();
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    context.fillStyle = state.palette.soft;
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    for (const t of at) {
      const text = seconds(t, digits);
      const half = context.measureText(text).width / 2;
      context.textAlign = "center";
      context.fillText(text, Math.min(Math.max(pixel(t), half), state.width - half), 13);
    }
  }

  // All of both sessions: grey where something was asked for, a vermilion line for what is not alike.
  function drawOverview() {
    const context = prepared(canvases.overview, 22);
    const { from, to } = model.home;
    const scale = state.width / (to - from);
    const [left, right] = [(state.view.from - from) * scale, (state.view.to - from) * scale];
    context.fillStyle = state.palette.raised;
    context.fillRect(0, 3, state.width, 16);
    model.overview ??= overview(model, state.width);
    if (model.overview.length !== Math.ceil(state.width)) model.overview = overview(model, state.width);
    model.overview.forEach((kind, x) => {
      if (!kind) return;
      context.fillStyle = kind === 2 ? state.palette.unlike : state.palette.reference;
      context.fillRect(x, kind === 2 ? 3 : 8, kind === 2 ? 2 : 1, kind === 2 ? 16 : 6);
    });
    if (right - left > state.width - 1) return;
    context.strokeStyle = state.palette.session;
    context.lineWidth = 1.5;
    context.strokeRect(
      Math.max(left, 0) + 0.75,
      2.75,
      Math.min(right, state.width) - Math.max(left, 0) - 1.5,
      16.5,
    );
  }

  // Moving. No view is wider than all there is, nor narrower than a tenth of a millisecond.
  function show(from, to) {
    const { home } = model;
    const span = Math.min(Math.max(to - from, 1e-4), home.to - home.from);
    const start = Math.min(Math.max((from + to - span) / 2, home.from), home.to - span);
    state.view = { from: start, to: start + span };
    hideTip();
    redraw();
  }

  function zoom(factor, at = (state.view.from + state.view.to) / 2) {
    show(at - (at - state.view.from) / factor, at + (state.view.to - at) / factor);
  }

  function pan(part) {
    const by = part * (state.view.to - state.view.from);
    show(state.view.from + by, state.view.to + by);
  }

  // Brings a row into view, and marks it.
  function mark(row) {
    state.chosen = row;
    if (row !== null) {
      const t = model.at(row);
      const span = state.view.to - state.view.from;
      if (t < state.view.from || t > state.view.to) show(t - span / 2, t + span / 2);
      inSight(lanes.find((it) => it.lane.device === model.channel(row).device).item);
    }
    redraw();
  }

  // Scrolls so that a lane lies between the tools and what is shown of a row.
  function inSight(item) {
    if (item.hidden) return;
    const { top, bottom } = item.getBoundingClientRect();
    const upper = byId("ticks").getBoundingClientRect().height + document.querySelector(".tools").offsetHeight;
    const lower = window.innerHeight - byId("details").offsetHeight;
    if (top >= upper && bottom <= lower) return;
    window.scrollBy({ top: (top + bottom - upper - lower) / 2 });
  }

  function nearest(it, x, y, reach) {
    let best = null;
    it.marks.forEach((list, side) => {
      for (const found of list) {
        const away = Math.hypot(found.x - x, (trackAt(side) - y) * 0.7);
        if (away < reach && (!best || away < best.away)) best = { mark: found, side, away };
      }
    });
    return best;
  }

  pointers({
    model,
    state,
    lanes,
    timeline,
    canvases,
    nearest,
    moment,
    pixel,
    show,
    zoom,
    pan,
    choose,
    redraw,
  });

  return {
    state,
    lanes,
    show,
    zoom,
    pan,
    mark,
    redraw,
    draw,
    fit: () => show(model.home.from, model.home.to),
    set onDevice(act) {
      onDevice = act;
    },
    only(device, rows) {
      for (const it of lanes)
        it.item.hidden =
          Boolean(device && it.lane.device !== device) || Boolean(rows && !rows.has(it.lane.device));
      redraw();
    },
    // Printers get pictures: what is drawn into a canvas while printing is not scaled with it. Of many
    // lanes only those are printed that are not alike.
    pictures(on) {
      timeline.querySelectorAll("img").forEach((image) => image.remove());
      for (const it of lanes) it.item.classList.toggle("unprinted", lanes.length > FEW && !it.lane.unlike);
      if (!on) return;
      for (const canvas of timeline.querySelectorAll(".axis canvas, li:not(.unprinted) canvas")) {
        canvas.after(el("img", { src: canvas.toDataURL(), alt: "" }));
      }
    },
    repaint() {
      state.palette = colors();
      draw(true);
    },
  };
}

function laneWords(lane) {
  const words = [];
  if (lane.unlike) words.push(el("small", { class: "unlike" }, `${lane.unlike} not alike`));
  for (const curve of lane.curves) {
    const unit = curve.units ? ` ${curve.units}` : "";
    const name = curve.title === lane.device ? "" : curve.title.replace(`${lane.device} `, "");
    words.push(el("small", {}, `${name} ${plain(curve.low)} to ${plain(curve.high)}${unit}`));
  }
  return words;
}

// For each pixel of all time: nothing, something that agrees, or something that does not.
function overview(model, width) {
  const cells = new Uint8Array(Math.ceil(width));
  const scale = width / (model.home.to - model.home.from);
  for (let row = 0; row < model.length; row += 1) {
    const cell = Math.floor((model.at(row) - model.home.from) * scale);
    cells[cell] = Math.max(cells[cell], model.kind[row] === AGREES ? 1 : 2);
  }
  return cells;
}
