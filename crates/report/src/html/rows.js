// The list of rows: only those in sight are elements, however many there are.

const PRINTED = 400;

function makeRows(model, choose) {
  const grid = byId("grid");
  const names = [
    "",
    "reference at",
    "session at",
    "what",
    "reference",
    "session",
    "difference",
    "by",
    "costs",
  ];
  const classes = ["label", "t one", "t other", "title", "was", "is", "by", "who", "cost"];
  const head = el(
    "div",
    { class: "row head", role: "row" },
    names.map((name, at) => el("span", { role: "columnheader", class: classes[at] }, name)),
  );
  const body = el("div", { class: "body", role: "rowgroup" });
  grid.append(head, body);
  const state = { rows: [], active: 0, printing: false };

  const height = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row"));
  const headHeight = () => head.offsetHeight;

  function draw() {
    const tall = height();
    body.style.height = `${Math.max(state.rows.length * tall, 1)}px`;
    grid.setAttribute("aria-rowcount", state.rows.length + 1);
    if (!state.rows.length) {
      body.style.height = "auto";
      body.replaceChildren(
        el(
          "p",
          { class: "empty" },
          model.length ? "No row is left by this filter." : "Nothing was asked for on either side.",
        ),
      );
      return;
    }
    const first = state.printing ? 0 : Math.max(Math.floor(grid.scrollTop / tall) - 5, 0);
    const many = state.printing ? PRINTED : Math.ceil(grid.clientHeight / tall) + 10;
    const shown = state.rows.slice(first, first + many);
    body.replaceChildren(...shown.map((row, at) => line(row, first + at, tall)));
    if (state.printing && state.rows.length > PRINTED)
      body.append(el("p", {}, `… and ${state.rows.length - PRINTED} more`));
    const active = state.rows[state.active];
    grid.setAttribute("aria-activedescendant", `row-${active}`);
  }

  function line(row, at, tall) {
    const kind = model.kind[row];
    const { title } = model.channel(row);
    const { rows } = model;
    const [one, other] = [rows.reference.t[row], rows.session.t[row]];
    const side = other === null ? 0 : 1;
    const cost = model.cost(row);
    const cells = [
      [icon(KINDS[kind]), ` ${kind === EXPOSED ? "exposed" : TOLD[KINDS[kind]]}`],
      [one === null ? "–" : seconds(one)],
      [other === null ? "–" : seconds(other)],
      [title],
      [model.word(0, row)],
      [model.word(1, row)],
      [difference(model, row)],
      [[rows[SIDES[side]].at[row], who(model.data.sides[side], rows[SIDES[side]].by[row])].filter(Boolean).join(", ")],
      [cost ? costs(cost) : ""],
    ];
    const classNames = `row ${KINDS[kind]}${at === state.active ? " active" : ""}`;
    return el(
      "div",
      {
        class: classNames,
        role: "row",
        id: `row-${row}`,
        "aria-rowindex": at + 2,
        "aria-selected": at === state.active,
        style: `top:${at * tall}px`,
        onclick: () => {
          state.active = at;
          choose(row);
        },
      },
      cells.map((cell, column) =>
        el(
          "span",
          {
            role: "gridcell",
            class: `${classes[column]}${column === 0 && kind !== AGREES ? " unlike" : ""}`,
            title: column > 2 && column < 8 ? cell[0] : null,
          },
          cell,
        ),
      ),
    );
  }

  function activate(at) {
    if (!state.rows.length) return;
    state.active = Math.min(Math.max(at, 0), state.rows.length - 1);
    const tall = height();
    const top = state.active * tall;
    const view = grid.clientHeight - headHeight();
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + tall > grid.scrollTop + view) grid.scrollTop = top + tall - view;
    draw();
  }

  grid.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  grid.addEventListener("keydown", (event) => {
    const page = Math.max(Math.floor(grid.clientHeight / height()) - 2, 1);
    const to = {
      ArrowDown: state.active + 1,
      ArrowUp: state.active - 1,
      PageDown: state.active + page,
      PageUp: state.active - page,
      Home: 0,
      End: state.rows.length - 1,
    }[event.key];
    if (to !== undefined) activate(to);
    else if ((event.key === "Enter" || event.key === " ") && state.rows.length)
      choose(state.rows[state.active]);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(grid);

  return {
    state,
    draw,
    fill(rows) {
      state.rows = rows;
      state.active = 0;
      grid.scrollTop = 0;
      draw();
    },
    mark(row) {
      const at = state.rows.indexOf(row);
      if (at >= 0) activate(at);
    },
    print(on) {
      state.printing = on;
      draw();
    },
  };
}

// By how much the session differs, in a few words.
function difference(model, row) {
  const { rows } = model;
  const kind = model.kind[row];
  const number = rows.difference[row];
  const { units } = model.channel(row);
  if (kind === DIFFERS && number !== null) return `${signedNumber(number)}${units ? ` ${units}` : ""}`;
  if (kind === EXPOSED)
    return rows.gates[row].map((gate) => `${gate.session}: ${gate.title}`).join(", ");
  const [one, other] = [model.time(0, row), model.time(1, row)];
  if (kind === AGREES && Math.abs(other - one) >= 0.5) return signed(other - one, 1);
  return "";
}

function drawNotes(model) {
  const lists = [];
  model.data.sides.forEach((side, at) => {
    for (const [name, notes] of [
      ["Refused in", side.refused],
      ["Markers of", side.markers],
      ["Faults in", side.faults],
    ]) {
      if (!notes.length) continue;
      lists.push(
        el("h3", {}, `${name} the ${SIDES[at]}`),
        el(
          "ul",
          {},
          notes.slice(0, 50).map((note) => el("li", {}, `${seconds(note.t)}  ${note.text}`)),
        ),
      );
      if (notes.length > 50) lists.push(el("p", { class: "note" }, `… and ${notes.length - 50} more`));
    }
  });
  byId("notes").append(...lists);
}
