// Pointing at the lanes: what lies there, choosing it, and moving along the time axis.

function pointers(it) {
  const { model, state, lanes, timeline, canvases } = it;
  const cross = byId("cross");
  const range = byId("range");
  const held = new Map();
  let start = null;

  const left = () => canvases.axis.getBoundingClientRect().left;
  const inside = (event) => event.clientX - left();
  const laneOf = (event) => lanes.find((lane) => lane.canvas === event.target);

  timeline.addEventListener("pointerdown", (event) => {
    if (event.target.tagName !== "CANVAS" || event.button !== 0) return;
    held.set(event.pointerId, inside(event));
    const whole = event.target === canvases.overview;
    const moves = event.shiftKey || event.pointerType === "touch";
    start = { x: inside(event), view: { ...state.view }, target: event.target, whole, moves, moved: false };
    event.target.setPointerCapture(event.pointerId);
  });

  timeline.addEventListener("pointermove", (event) => {
    const x = inside(event);
    if (held.size === 2 && held.has(event.pointerId)) return pinch(event, x);
    if (!start) return hover(event, x);
    if (Math.abs(x - start.x) > 4) start.moved = true;
    if (!start.moved) return;
    const span = start.view.to - start.view.from;
    if (start.whole) {
      const middle = model.home.from + (x / state.width) * (model.home.to - model.home.from);
      it.show(middle - span / 2, middle + span / 2);
    } else if (start.moves) {
      const by = ((start.x - x) / state.width) * span;
      it.show(start.view.from + by, start.view.to + by);
    } else {
      range.hidden = false;
      range.style.left = `${canvases.axis.offsetLeft + Math.min(x, start.x)}px`;
      range.style.width = `${Math.abs(x - start.x)}px`;
    }
  });

  timeline.addEventListener("pointerup", (event) => {
    held.delete(event.pointerId);
    range.hidden = true;
    if (!start) return;
    const { x, moved, moves, whole } = start;
    start = null;
    if (moved && !moves && !whole) {
      const ends = [it.moment(x), it.moment(inside(event))].sort((a, b) => a - b);
      return it.show(ends[0], ends[1]);
    }
    if (whole && !moved) {
      const middle = model.home.from + (x / state.width) * (model.home.to - model.home.from);
      const half = (state.view.to - state.view.from) / 2;
      return it.show(middle - half, middle + half);
    }
    if (!moved) click(event);
  });

  for (const end of ["pointercancel", "pointerleave"]) {
    timeline.addEventListener(end, (event) => {
      held.delete(event.pointerId);
      cross.hidden = true;
      hideTip();
    });
  }

  // A click on a mark shows it; on several that lie together, zooms to them until they can be told apart.
  function click(event) {
    const lane = laneOf(event);
    const found = lane && it.nearest(lane, inside(event), event.offsetY, 16);
    if (!found) return;
    const { mark } = found;
    if (mark.count > 1 && mark.to - mark.from > 1e-3) {
      const margin = (mark.to - mark.from) * 0.3;
      it.show(mark.from - margin, mark.to + margin);
    }
    it.choose(mark.row);
  }

  timeline.addEventListener("dblclick", () => it.show(model.home.from, model.home.to));
  timeline.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        it.zoom(Math.exp(-event.deltaY / 250), it.moment(inside(event)));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
        event.preventDefault();
        it.pan((event.deltaX || event.deltaY) / state.width);
      }
    },
    { passive: false },
  );

  // Two fingers keep what lies under them.
  function pinch(event, x) {
    const other = [...held].find(([id]) => id !== event.pointerId)[1];
    const before = held.get(event.pointerId);
    held.set(event.pointerId, x);
    if (Math.abs(before - other) > 4)
      it.zoom(Math.abs(x - other) / Math.abs(before - other), it.moment((x + other) / 2));
    start = null;
  }

  function hover(event, x) {
    const on = x >= 0 && x <= state.width;
    cross.hidden = !on || event.pointerType === "touch";
    cross.style.left = `${canvases.axis.offsetLeft + x}px`;
    byId("clock").textContent = on ? seconds(it.moment(x)) : "";
    const lane = laneOf(event);
    if (!lane) return hideTip();
    const found = it.nearest(lane, x, event.offsetY, 14);
    const text = found
      ? markWords(model, found.mark, found.side)
      : curveWords(lane.lane, event.offsetY, it.moment(x));
    if (text) showTip(text, event.clientX, event.clientY);
    else hideTip();
  }
}

function markWords(model, mark, side) {
  const row = mark.row;
  const { title } = model.channel(row);
  const words = [0, 1].map((it) => model.word(it, row));
  const value = mark.kind === DIFFERS ? `${words[1]} instead of ${words[0]}` : words[side] || words[1 - side];
  const more = mark.count > 1 ? `\nand ${count(mark.count - 1, "more")}: click to see each` : "";
  return `${title} = ${value}\n${TOLD[KINDS[mark.kind]]}${more}`.replace("\nagrees", "");
}

function curveWords(lane, y, t) {
  const at = lane.curves.findIndex((_, place) => y >= bandAt(lane, place) && y < bandAt(lane, place) + BAND);
  const curve = lane.curves[at];
  if (!curve) return "";
  const said = (side) => {
    const value = valueAt(curve, side, t);
    return value === null ? "–" : `${plain(Number(value.toPrecision(5)))} ${curve.units ?? ""}`;
  };
  return `${curve.title}\nreference ${said(0)}\nsession ${said(1)}`;
}

function showTip(text, x, y) {
  const tip = byId("tip");
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 14, window.innerWidth - box.width - 8))}px`;
  tip.style.top = `${y + 18 + box.height > window.innerHeight ? y - box.height - 12 : y + 18}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}
