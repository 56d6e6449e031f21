// Both events of a row, side by side, and how they differ.

function makeDetails(model, closed) {
  const panel = byId("details");
  let shown = null;

  function open(row) {
    shown = row;
    const channel = model.channel(row);
    const kind = KINDS[model.kind[row]];
    panel.replaceChildren(
      el(
        "div",
        { class: "inner" },
        el(
          "header",
          {},
          icon(kind),
          el("h3", {}, channel.title),
          el("span", { class: kind === "agrees" ? "" : "unlike" }, TOLD[kind]),
          el("code", {}, channel.name),
          el("button", { type: "button", class: "quiet", onclick: close }, "Close ", el("kbd", {}, "Esc")),
        ),
        el(
          "div",
          { class: "both" },
          event(model.half(0, row), 0),
          event(model.half(1, row), 1),
          between(row),
        ),
      ),
    );
    panel.hidden = false;
    document.body.style.paddingBottom = `${panel.offsetHeight + 40}px`;
  }

  function event(row, side) {
    const entry = model.rows[SIDES[side]];
    const about = model.data.sides[side];
    const title = el("h4", { class: SIDES[side] }, `● ${side ? "Session" : "Reference"}`);
    const t = entry.t[row];
    if (t === null) {
      return el(
        "div",
        {},
        title,
        el("p", { class: "big" }, "not asked for"),
        el("p", {}, side ? "The session did not do this here." : "The reference did not do this here."),
      );
    }
    const client = about.clients[entry.by[row]];
    const facts = [
      ["at", `${seconds(t)} of the recording`],
      ["clock", clock(about, t)],
      ["line", entry.at[row]],
      ["who", who(about, entry.by[row])],
      ["client", client && [`number ${entry.by[row]}`, client.addr].filter(Boolean).join(", ")],
      ["refused", entry.refused[row]],
      ["took", entry.done[row] === null ? null : seconds(entry.done[row] - t)],
      ["fact", `number ${entry.n[row]} of ${about.name}`],
    ];
    return el("div", {}, title, el("p", { class: "big" }, model.word(side, row)), listed(facts));
  }

  function between(row) {
    const { rows } = model;
    const number = rows.difference[row];
    const { units } = model.channel(row);
    const unit = units ? ` ${units}` : "";
    const [one, other] = [0, 1].map((side) => model.time(side, model.half(side, row)));
    const kind = model.kind[row];
    const first = rows.reference.value[row] === null ? null : parseFloat(model.word(0, row));
    const percent = number && first ? `, ${signedNumber((100 * number) / Math.abs(first))} %` : "";
    const facts = [
      ["value", kind === DIFFERS && number !== null ? `${signedNumber(number)}${unit}${percent}` : null],
      ["time", one !== null && other !== null ? `${signed(other - one)} on the axis` : null],
      ["cost", kind === AGREES ? "nothing" : `${costs(model.cost(row))} of the score of steps`],
      ...(rows.gates[row] ?? []).map((gate) => [
        gate.title,
        `${gate.session} instead of ${gate.reference}`,
      ]),
    ];
    return el("div", {}, el("h4", {}, "Difference"), listed(facts));
  }

  function listed(facts) {
    return el(
      "dl",
      {},
      facts
        .filter(([, value]) => value)
        .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
    );
  }

  function close() {
    if (shown === null) return false;
    shown = null;
    panel.hidden = true;
    document.body.style.paddingBottom = "";
    closed();
    return true;
  }

  return {
    open,
    close,
    get row() {
      return shown;
    },
  };
}
