// The verdict, its reasons, and what the score is made of.

const FIRST = 8;

function drawSummary(model, choose) {
  const { data } = model;
  byId("beamline").textContent = [data.sides[1].beamline, clock(data.sides[1], 0, 0)]
    .filter(Boolean)
    .join(" · ");
  byId("verdict").append(
    data.alike ? `The sessions did the same${data.so_far ? ", as far as they go" : ""}` : "The sessions did not do the same",
    el("span", { class: "score" }, `score ${data.score.toFixed(3)}`),
  );
  if (data.alike) byId("mattered").textContent = "What was compared";
  byId("lead").textContent = lead(data);
  byId("effect").textContent = effect(model);
  drawCaveats(data);
  drawReasons(model, choose);
  if (!data.time.decides) drawIntervals(model, choose);
  drawParts(model);
  byId("sides").append(...[0, 1].map((side) => drawSide(data, side)));
  byId("made").textContent =
    `Made by beamtwin compare. Recorded by ${[...new Set(data.sides.map((it) => it.program))].join(" and ")}.`;
}

function lead(data) {
  const { matched, differing, missing, extra, moved } = data.counts;
  const asked = data.sides[0].asked;
  const parts = [
    [differing, "with another value"],
    [missing - moved, "missing"],
    [extra - moved, "extra"],
    [moved, "at another place"],
  ].filter(([number]) => number > 0);
  const same = matched === asked ? "all" : digits(matched);
  const words = [
    `${same} are the same in the session`,
    parts.map(([number, what]) => `${digits(number)} ${what}`).join(", "),
  ];
  return `Of ${count(asked, "step")} of the reference, ${words.filter(Boolean).join("; ")}.`;
}

// What followed for the measurement.
function effect(model) {
  const { data } = model;
  if (data.alike) return "";
  const all = exposures(model);
  const state = all.filter((it) => model.kind[it.row] === EXPOSED).length;
  const wrong = all.filter((it) => it.off.length && model.kind[it.row] !== EXPOSED);
  const titles = [...new Set(wrong.flatMap((it) => it.off.map((channel) => channel.title)))];
  const names = titles.length > 3 ? `${titles.length} channels` : titles.join(" and ");
  const more = data.sides[1].exposures - data.sides[0].exposures;
  const ends = data.ends.filter((end) => end.asked);
  const parts = [
    [state, `${digits(state)} of ${count(all.length, "exposure")} saw another state`],
    [
      wrong.length,
      `${digits(wrong.length)} of ${count(all.length, "exposure")} followed a step of ${names} that is not alike`,
    ],
    [more, `${count(Math.abs(more), "exposure")} ${more > 0 ? "more" : "fewer"}`],
    ...ends.slice(0, 2).map((end) => [1, end.words]),
    [ends.length > 2, `${ends.length - 2} other channels ended elsewhere`],
    ...data.curves
      .filter((curve) => curve.decides)
      .slice(0, 3)
      .map((curve) => [1, `${curve.title} took another course`]),
    [data.counts.refused, `${count(data.counts.refused, "violated limit")} on one side only`],
    [data.time.decides, "the run took another time"],
  ]
    .filter(([number]) => number)
    .map(([, words]) => words);
  return parts.length
    ? `It mattered: ${parts.join("; ")}.`
    : "No exposure followed it before it was put right, and everything ended where it should.";
}

function drawCaveats(data) {
  const caveats = [...data.remarks, ...data.caveats];
  if (data.references.length > 1) {
    const others = data.references.filter((_, at) => at !== data.best).join(", ");
    const best = data.references[data.best];
    caveats.push(
      `compared with the best of ${data.references.length} references: ${best} (the others: ${others})`,
    );
  }
  if (!caveats.length) return;
  byId("caveats").hidden = false;
  byId("caveats").append(...caveats.map((caveat) => el("p", {}, `Note: ${caveat}.`)));
}

function drawReasons(model, choose) {
  const { data } = model;
  const list = byId("reasons");
  if (!data.reasons.length) {
    list.append(
      el(
        "li",
        {},
        el(
          "span",
          { class: "plain" },
          icon("fine"),
          "Nothing: all steps, curves and times are within their bounds.",
        ),
      ),
    );
  }
  const shown = (reasons) =>
    list.append(...reasons.map((reason) => el("li", {}, drawReason(model, reason, choose))));
  shown(data.reasons.slice(0, FIRST));
  const rest = data.reasons.slice(FIRST);
  if (rest.length) {
    const more = byId("more");
    more.hidden = false;
    more.textContent = `Show ${rest.length} more`;
    more.addEventListener("click", () => {
      shown(rest.splice(0, 500));
      more.hidden = !rest.length;
      more.textContent = `Show ${rest.length} more`;
    });
  }
}

// Intervals that stand out: told, though they do not decide.
function drawIntervals(model, choose) {
  const told = ({ row, reference, session }) => {
    const much = `${seconds(Math.abs(session - reference))} ${session > reference ? "more" : "less"}`;
    const what = `${model.channel(row).title} = ${model.word(1, row)}`;
    return `${much} before ${what}: ${seconds(session)} instead of ${seconds(reference)}`;
  };
  const line = (interval) =>
    el(
      "button",
      { type: "button", "data-row": interval.row, onclick: () => choose(interval.row) },
      icon("late", "reference"),
      el("span", {}, told(interval)),
      el("small", {}, "times do not decide"),
    );
  byId("intervals").append(...model.data.time.intervals.map((interval) => el("li", {}, line(interval))));
}

function drawReason(model, reason, choose) {
  const { row, text } = reason;
  if (row === null) return el("span", { class: "plain" }, icon("differs"), text);
  const side = model.time(1, row) === null ? 0 : 1;
  const by = who(model.data.sides[side], model.rows[SIDES[side]].by[row]);
  const when = model.rows[SIDES[side]].t[row];
  const told = [clock(model.data.sides[side], when, 0).slice(11, 19), by].filter(Boolean).join(" · ");
  return el(
    "button",
    { type: "button", "data-row": row, onclick: () => choose(row) },
    icon(KINDS[model.kind[row]]),
    el("span", {}, text),
    el("small", { title: "when and by whom, as the trace has it" }, `${side ? "" : "reference: "}${told}`),
  );
}

// What each part takes from the score, and what was found in it.
function drawParts(model) {
  const { data, kind, rows } = model;
  const { parts, weights } = data;
  const taken = exposures(model);
  const exposed = taken.filter((it) => kind[it.row] === EXPOSED).length;
  const followed = taken.filter((it) => it.off.length).length;
  const unlike = data.counts.differing + data.counts.missing + data.counts.extra - data.counts.moved;
  const asked = data.ends.filter((end) => end.asked).length;
  const off = data.curves.filter((curve) => curve.decides).length;
  const known = data.curves.filter((curve) => curve.score !== null);
  const refused = data.sides[0].refused.length + data.sides[1].refused.length;
  let spoiled = 0;
  for (let row = 0; row < model.length; row += 1) if (kind[row] === EXPOSED) spoiled += model.cost(row);
  const vain = (data.counts.refused * weights.refused) / model.all;
  const ended = (data.counts.elsewhere * weights.last) / model.all;
  const steps = 1 - parts.weighted - vain - ended;
  const curves = parts.weighted * weights.curves * (1 - parts.curves);
  const lines = [
    ["Steps", unlike ? `${digits(unlike)} not alike` : "all alike", unlike, steps - spoiled],
    [
      "Exposures",
      exposed
        ? `${digits(exposed)} of ${digits(taken.length)} taken in another state`
        : followed
          ? `${digits(followed)} of ${digits(taken.length)} followed a step that is not alike`
          : `${count(taken.length, "exposure")}, all in the same state`,
      exposed || followed,
      exposed ? spoiled : null,
    ],
    [
      "Where it ended",
      asked ? `${count(asked, "channel")} elsewhere` : "at the same place",
      asked,
      data.counts.elsewhere ? ended : null,
    ],
    [
      "Curves",
      off ? `${off} of ${known.length} took another course` : known.length ? `${known.length} alike` : "none",
      off,
      curves,
    ],
    ["Times", timeWords(data), data.time.decides, parts.weighted - curves - data.score],
  ];
  if (refused)
    lines.splice(1, 0, [
      "Refused",
      data.counts.refused
        ? `${data.counts.refused} beyond a limit or counted, on one side only`
        : `${data.sides[0].refused.length} in the reference, ${data.sides[1].refused.length} in the session`,
      data.counts.refused,
      vain,
    ]);
  byId("parts").append(
    ...lines.map(([name, words, isOff, cost]) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, isOff ? icon("differs") : icon("fine"), ` ${name}`),
        el("td", {}, words),
        el("td", { class: "number" }, cost === null ? "" : costs(cost)),
      ),
    ),
    el(
      "tr",
      { class: "sum" },
      el("th", { scope: "row" }, "Score"),
      el("td", {}, ""),
      el("td", { class: "number" }, data.score.toFixed(3)),
    ),
  );
}

function timeWords(data) {
  const { stretch, stretched, longer, intervals } = data.time;
  const words = [`${signed(longer)} in all`];
  if (stretched && (stretch > 1.1 || stretch < 0.9))
    words.unshift(`${stretched === 1 ? "one wait " : ""}${stretch < 0.01 ? "less than 0.01" : stretch.toFixed(2)} times as long`);
  if (intervals.length) words.push(`${count(intervals.length, "interval")} off`);
  return words.join(", ");
}

function drawSide(data, side) {
  const it = data.sides[side];
  const clients = Object.keys(it.clients).map((by) => who(it, Number(by)));
  const lines = [
    [
      clock(it, 0, 0) && `recorded from ${clock(it, 0, 0)}`,
      clients.length && `by ${[...new Set(clients)].join(", ")}`,
    ],
    [
      count(it.asked, "step"),
      it.idle_stops && `${count(it.idle_stops, "idle stop")} left out`,
      `${count(it.exposures, "exposure")}`,
      `${seconds(it.duration, 1)} from the first to the last`,
    ],
    [!it.whole && it.end],
  ];
  const dash = el("span", { class: SIDES[side] }, "● ");
  return el(
    "div",
    { class: "side" },
    el("h2", {}, dash, side ? "Session" : "Reference"),
    el("h3", {}, it.name),
    ...lines.map((line) => el("p", {}, line.filter(Boolean).join(" · "))),
  );
}

function drawLegend(model) {
  const kinds = new Set(model.kind);
  const entries = [
    el("span", {}, icon("agrees", "reference"), "reference, above"),
    el("span", {}, icon("agrees", "session"), "session, below"),
    ...KINDS.filter((name, at) => at !== AGREES && kinds.has(at)).map((name) =>
      el("span", {}, icon(name), TOLD[name]),
    ),
    el(
      "span",
      {},
      "a bar lasts until it was done; what is too near to be told apart is one bar, with its number where there is room",
    ),
  ];
  byId("legend").append(...entries);
  const { shift } = model.data;
  const later = `${seconds(Math.abs(shift))} ${shift > 0 ? "earlier" : "later"} than recorded`;
  byId("shift").textContent = [
    "The axis has the seconds of the reference.",
    `The session is drawn ${shift === 0 ? "as it was recorded" : later},`,
    "so that the first step that both took lies at one place.",
    model.data.curves.length ? "Curves: the reference broad and grey, the session thin and blue." : "",
  ].join(" ");
}
