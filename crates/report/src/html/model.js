// What the page shows: rows, lanes, and what of them is in view. No element is touched here.

const KINDS = ["agrees", "exposed", "differs", "missing", "extra", "moved"];
const [AGREES, EXPOSED, DIFFERS, MISSING, EXTRA, MOVED] = KINDS.keys();
const SIDES = ["reference", "session"];

// So many lanes are drawn whether they are in sight or not, and in the order in which they were used; of
// more than these, those come first that are not alike.
const FEW = 12;

function makeModel(data) {
  const rows = data.rows;
  const length = rows.op.length;
  const kind = new Uint8Array(length);
  for (let row = 0; row < length; row += 1) {
    const op = rows.op[row];
    if (op === "m") kind[row] = rows.gates[row] ? EXPOSED : AGREES;
    else if (op === "d") kind[row] = DIFFERS;
    else if (row in rows.moved) kind[row] = MOVED;
    else kind[row] = op === "-" ? MISSING : EXTRA;
  }

  // All weights together, those included that belong to no row.
  let agreeing = 0;
  let unlike = data.counts.refused * data.weights.refused;
  for (let row = 0; row < length; row += 1) {
    if (kind[row] === AGREES) agreeing += rows.weight[row];
    else unlike += rows.weight[row];
  }
  const all = data.parts.weighted > 0 ? agreeing / data.parts.weighted : Math.max(unlike, 1);

  const model = { data, rows, length, kind, all, lanes: [], shift: [0, data.shift] };
  model.time = (side, row) => {
    const t = rows[SIDES[side]].t[row];
    return t === null ? null : t - model.shift[side];
  };
  // Where a side has its event: of what was moved, in another row.
  model.half = (side, row) => (model.time(side, row) === null && row in rows.moved ? rows.moved[row] : row);
  model.at = (row) => model.time(0, row) ?? model.time(1, row);
  model.channel = (row) => data.channels[rows.channel[row]];
  model.cost = (row) => (kind[row] === AGREES ? 0 : rows.weight[row] / all);
  model.word = (side, row) => {
    const value = rows[SIDES[side]].value[row];
    return value === null ? "" : data.texts[value];
  };
  model.lanes = makeLanes(model);
  model.home = extent(model);
  return model;
}

// Of each exposure of the session, what was in force that should not have been: the channels whose
// last step before it did not agree.
function exposures(model) {
  const off = new Set();
  const found = [];
  for (let row = 0; row < model.length; row += 1) {
    const channel = model.channel(row);
    const taken = model.time(1, row) !== null;
    if (!channel.exposes) {
      // Between its two places what was moved is in force on one side only.
      const putRight = model.kind[row] === AGREES || (model.kind[row] === MOVED && off.has(channel));
      if (putRight) off.delete(channel);
      else off.add(channel);
    } else if (taken && parseFloat(model.word(1, row)) !== 0) {
      found.push({ row, off: [...off], unlike: model.kind[row] !== AGREES });
    }
  }
  return found;
}

function makeLanes(model) {
  const { data, rows, kind } = model;
  const lanes = new Map();
  const lane = (device) => {
    if (!lanes.has(device)) lanes.set(device, { device, rows: [], unlike: 0, curves: [], sides: [[], []] });
    return lanes.get(device);
  };
  const owner = data.channels.map((channel) => channel.device);
  for (let row = 0; row < model.length; row += 1) {
    const own = lane(owner[rows.channel[row]]);
    own.rows.push(row);
    if (kind[row] !== AGREES) own.unlike += 1;
    for (const side of [0, 1]) if (model.time(side, row) !== null) own.sides[side].push(row);
  }
  for (const curve of data.curves) lane(curve.device).curves.push(makeCurve(model, curve));
  for (const own of lanes.values()) {
    own.sides = own.sides.map((list, side) => {
      list.sort((a, b) => model.time(side, a) - model.time(side, b) || a - b);
      return { row: Uint32Array.from(list), t: Float64Array.from(list, (row) => model.time(side, row)) };
    });
  }
  const all = [...lanes.values()];
  return all.length > FEW ? all.sort((a, b) => (b.unlike > 0) - (a.unlike > 0)) : all;
}

function makeCurve(model, curve) {
  let [low, high] = [Infinity, -Infinity];
  const sides = curve.sides.map(([times, values], side) => {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return { t: Float64Array.from(times, (t) => t - model.shift[side]), v: Float64Array.from(values) };
  });
  return { ...curve, sides, low, high };
}

// From the first to the last thing asked for, and until that was done.
function extent(model) {
  let [from, to] = [Infinity, -Infinity];
  for (const side of [0, 1]) {
    const { t, done } = model.rows[SIDES[side]];
    for (let row = 0; row < model.length; row += 1) {
      if (t[row] === null) continue;
      from = Math.min(from, t[row] - model.shift[side]);
      to = Math.max(to, (done[row] ?? t[row]) - model.shift[side]);
    }
  }
  if (from > to) [from, to] = [0, 1];
  const margin = Math.max((to - from) * 0.02, 0.05);
  return { from: from - margin, to: to + margin };
}

// The first place in sorted numbers that is not before one.
function place(sorted, t) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The events of one side of a lane in view; those nearer than `apart` pixels become one mark, which
// is of the kind that is least alike.
function cluster(model, side, view, scale, apart) {
  const marks = [];
  let mark = null;
  const end = place(side.t, view.to + apart / scale);
  for (let at = place(side.t, view.from - apart / scale); at < end; at += 1) {
    const x = (side.t[at] - view.from) * scale;
    const row = side.row[at];
    const kind = model.kind[row];
    if (mark && x - mark.x < apart) {
      mark.count += 1;
      mark.last = row;
      mark.to = side.t[at];
      if (kind !== AGREES && mark.kind === AGREES) {
        mark.kind = kind;
        mark.row = row;
      }
    } else {
      mark = { x, kind, row, last: row, count: 1, from: side.t[at], to: side.t[at] };
      marks.push(mark);
    }
  }
  return marks;
}

// The value of one side of a curve at a moment of the axis; none outside of what was recorded.
function valueAt(curve, side, t) {
  const samples = curve.sides[side];
  const after = place(samples.t, t);
  if (samples.t[after] === t) return samples.v[after];
  if (after === 0) return null;
  const before = samples.v[after - 1];
  if (curve.held || after === samples.t.length) return before;
  const part = (t - samples.t[after - 1]) / (samples.t[after] - samples.t[after - 1]);
  return before + part * (samples.v[after] - before);
}

// The rows that a device and the words of a filter leave, in order.
function select(model, device, filter, all) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [];
  for (let row = 0; row < model.length; row += 1) {
    if (!all && model.kind[row] === AGREES) continue;
    if (device && model.channel(row).device !== device) continue;
    if (words.length && !matches(model, row, words)) continue;
    rows.push(row);
  }
  return rows;
}

function matches(model, row, words) {
  const channel = model.channel(row);
  const said = [KINDS[model.kind[row]], channel.name, channel.title, channel.device];
  for (const side of [0, 1]) {
    said.push(model.word(side, row));
    const by = model.rows[SIDES[side]].by[row];
    if (by !== null) said.push(who(model.data.sides[side], by));
    said.push(model.rows[SIDES[side]].at[row] ?? "");
  }
  const text = said.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}
