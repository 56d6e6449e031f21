// Small words and elements.

const byId = (id) => document.getElementById(id);

// An element with attributes and children; texts become text, never markup.
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false)
      node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const digits = (number) => number.toLocaleString("en");
const count = (number, noun) => `${digits(number)} ${noun}${number === 1 ? "" : "s"}`;
const seconds = (t, digits = 3) => `${t.toFixed(digits)} s`.replace("-", "−");
const signed = (t, digits = 3) => `${t < 0 ? "−" : "+"}${Math.abs(t).toFixed(digits)} s`;

// A number with as many digits as it needs, and no more than six that count.
function plain(number) {
  if (number === 0 || !Number.isFinite(number)) return String(number);
  const size = Math.abs(number);
  const text = size >= 1e6 || size < 1e-4 ? number.toExponential(3) : String(Number(number.toPrecision(6)));
  return text.replace("-", "−");
}

const signedNumber = (number) => (number > 0 ? "+" : "") + plain(number);

// What something costs of a score: never a nought for what is not nothing.
function costs(cost) {
  if (cost < 1e-9) return "0";
  return cost < 5e-4 ? "under 0.001" : `−${cost.toFixed(3)}`;
}

// The date of a moment of a recording, as the clock of its beamline had it.
function clock(side, t, digits = 3) {
  const start = Date.parse(side.epoch);
  if (Number.isNaN(start)) return "";
  const date = new Date(start + t * 1000).toISOString();
  return `${date.slice(0, 10)} ${date.slice(11, digits ? 20 + digits : 19)} UTC`;
}

// Who a client is: as much as the trace tells.
function who(side, by) {
  if (by === null || by === undefined) return "";
  if (side.who[by]) return side.who[by];
  const client = side.clients[by];
  if (!client) return `client ${by}`;
  const name = [client.user, client.host].filter(Boolean).join("@");
  return name || `client ${by}`;
}

// A distance between marks of an axis that shows about so many: 1, 2 or 5 times a power of ten.
function tickStep(span, many) {
  const raw = span / Math.max(many, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw * 0.999);
}
