// One lane: what was asked of a device on either side, and its curves laid over each other.

const TRACK = 20;
const BAND = 46;
const TOP = 4;
const APART = 9;
const CROWD = 14;

const laneHeight = (lane) => TOP + (lane.rows.length ? 2 * TRACK : 0) + 8 + lane.curves.length * BAND;
const trackAt = (side) => TOP + TRACK * (side + 0.5);
const bandAt = (lane, place) => TOP + (lane.rows.length ? 2 * TRACK : 0) + 4 + place * BAND;

// Draws a lane and answers with its marks, for those who point at them. `chosen` says when either side
// has what is shown in full.
function drawLane(context, model, lane, view, width, palette, chosen) {
  const scale = width / (view.to - view.from);
  const x = (t) => (t - view.from) * scale;
  context.clearRect(0, 0, width, laneHeight(lane));
  lane.curves.forEach((curve, at) => drawCurve(context, curve, bandAt(lane, at), view, width, palette));
  if (!lane.rows.length) return [[], []];
  drawSpans(context, model, lane, view, x, palette);
  const marks = lane.sides.map((side) => cluster(model, side, view, scale, APART));
  drawLinks(context, model, lane, view, x, palette);
  marks.forEach((list, side) => {
    // What is not alike comes last, so that it lies on top.
    for (const unlike of [false, true]) {
      let symbol = -Infinity;
      list.forEach((mark, at) => {
        if ((mark.kind !== AGREES) !== unlike) return;
        const gap = at + 1 < list.length ? list[at + 1].x - x(mark.to) : Infinity;
        const middle = mark.count === 1 ? mark.x : (x(mark.from) + x(mark.to)) / 2;
        if (mark.count > 1) drawBar(context, mark, side, x, gap, palette);
        if (mark.count > 1 && (!unlike || middle - symbol < CROWD)) return;
        symbol = middle;
        drawOne(context, mark, side, middle, palette);
      });
    }
    if (chosen[side] !== null) ringed(context, x(chosen[side]), trackAt(side), palette);
  });
  return marks;
}

// Several events that cannot be told apart: a bar from the first to the last, with their number where
// there is room for it.
function drawBar(context, mark, side, x, gap, palette) {
  const color = mark.kind === AGREES ? palette[SIDES[side]] : palette.unlike;
  const [from, to] = [x(mark.from), x(mark.to)];
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(from - 4, trackAt(side) - 4, Math.max(to - from, 0) + 8, 8, 4);
  context.fill();
  if (gap < 2.2 * CROWD) return;
  context.font = "10px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = mark.kind === AGREES ? palette.soft : palette.unlike;
  context.fillText(
    mark.count > 9999 ? `${Math.round(mark.count / 1000)}k` : String(mark.count),
    to + 7,
    trackAt(side) - 5,
  );
}

function drawOne(context, mark, side, at, palette) {
  const color = mark.kind === AGREES ? palette[SIDES[side]] : palette.unlike;
  const y = trackAt(side);
  if (mark.kind === MISSING || mark.kind === EXTRA) {
    context.strokeStyle = palette.unlike;
    context.lineWidth = 1;
    context.setLineDash([2, 2]);
    context.beginPath();
    context.arc(at, trackAt(1 - side), 3.5, 0, 7);
    context.moveTo(at, y);
    context.lineTo(at, trackAt(1 - side) + (side ? 3.5 : -3.5));
    context.stroke();
    context.setLineDash([]);
  }
  drawMark(context, KINDS[mark.kind], at, y, color, palette.paper);
}

function ringed(context, x, y, palette) {
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.2;
  context.beginPath();
  context.arc(x, y, 9, 0, 7);
  context.stroke();
}

// How long what was asked for took, where the trace says so.
function drawSpans(context, model, lane, view, x, palette) {
  for (const side of [0, 1]) {
    const { t, row } = lane.sides[side];
    const done = model.rows[SIDES[side]].done;
    context.fillStyle = palette[SIDES[side]];
    context.globalAlpha = 0.28;
    let drawn = -Infinity;
    const end = place(t, view.to);
    for (let at = 0; at < end; at += 1) {
      const until = done[row[at]];
      if (until === null) continue;
      const to = x(until - model.shift[side]);
      const from = Math.max(x(t[at]), drawn);
      if (to < 0 || to - from < 1.5) continue;
      context.fillRect(from, trackAt(side) - 2, to - from, 4);
      drawn = to;
    }
    context.globalAlpha = 1;
  }
}

// Lines from an event of the reference to the same one of the session, unless there are too many to see.
function drawLinks(context, model, lane, view, x, palette) {
  const { t, row } = lane.sides[0];
  const [from, to] = [place(t, view.from), place(t, view.to)];
  const most = x(view.to) / CROWD;
  const inView = row.subarray(from, to);
  const many = inView.reduce((sum, own) => sum + (model.kind[own] !== AGREES), 0);
  for (const unlike of [false, true]) {
    if ((unlike ? many : inView.length) > most) continue;
    context.beginPath();
    for (let at = from; at < to; at += 1) {
      const own = row[at];
      const kind = model.kind[own];
      if ((kind !== AGREES) !== unlike) continue;
      const other = model.time(1, kind === MOVED ? model.rows.moved[own] : own);
      if (other === null) continue;
      context.moveTo(x(t[at]), trackAt(0));
      context.lineTo(x(other), trackAt(1));
    }
    context.strokeStyle = unlike ? palette.unlike : palette.soft;
    context.lineWidth = unlike ? 1.4 : 0.8;
    context.globalAlpha = unlike ? 0.9 : 0.6;
    context.stroke();
  }
  context.globalAlpha = 1;
}

// The reference broad and pale, the session thin upon it: where they agree one sees a single line.
function drawCurve(context, curve, top, view, width, palette) {
  const bottom = top + BAND - 8;
  const span = curve.high - curve.low || 1;
  const y = (value) => bottom - 3 - ((value - curve.low) / span) * (bottom - top - 8);
  context.lineJoin = "round";
  trace(context, curve, 0, view, width, y);
  context.strokeStyle = palette.reference;
  context.globalAlpha = 0.5;
  context.lineWidth = 4;
  context.stroke();
  context.globalAlpha = 1;
  trace(context, curve, 1, view, width, y);
  context.strokeStyle = curve.decides ? palette.unlike : palette.session;
  context.lineWidth = 1.4;
  context.stroke();
}

// The path of one side of a curve: lines from sample to sample, or the extremes of each pixel.
function trace(context, curve, side, view, width, y) {
  const { t, v } = curve.sides[side];
  const scale = width / (view.to - view.from);
  const [from, to] = [Math.max(place(t, view.from) - 1, 0), Math.min(place(t, view.to) + 1, t.length)];
  context.beginPath();
  if (from >= to) return;
  const x = (at) => (t[at] - view.from) * scale;
  context.moveTo(x(from), y(v[from]));
  if (to - from < 3 * width) {
    for (let at = from + 1; at < to; at += 1) {
      if (curve.held) context.lineTo(x(at), y(v[at - 1]));
      context.lineTo(x(at), y(v[at]));
    }
  } else {
    for (let at = from; at < to;) {
      const pixel = Math.floor(x(at));
      let [low, high] = [v[at], v[at]];
      for (; at < to && Math.floor(x(at)) <= pixel; at += 1) {
        low = Math.min(low, v[at]);
        high = Math.max(high, v[at]);
      }
      context.lineTo(pixel, y(low));
      context.lineTo(pixel, y(high));
    }
  }
  // What nobody posts a change of stays as it was.
  const last = v[to - 1];
  if (to === t.length) context.lineTo(Math.max(x(to - 1), width), y(last));
}
