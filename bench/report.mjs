// How a figure is printed: a line of JSON, or a line of a table. What a target is comes from the
// issue that set it; a figure without one is for information.

const TARGETS = {
  api_read: (figure) => figure.ratio >= 0.95,
  api_read_1000_tokens: (figure) => figure.ratio >= 0.95,
  api_write: (figure) => figure.ratio >= 0.9,
  api_write_1000_tokens: (figure) => figure.ratio >= 0.9,
  health_floor: (figure) => figure.ratio >= 0.6,
  wasm_gzip_kib: (figure) => figure.value <= 1200,
  startup_ms: (figure) => figure.value <= 1000,
  auth_overhead: (figure) => (figure.of === "a token seen before" ? figure.ratio >= 0.9 : undefined),
  auth_overhead_d1: (figure) => figure.value === 0,
  // Against date-fns; plain numbers are for information.
  slots: (figure) => (figure.peer === "date-fns" ? figure.ratio >= 50 : undefined),
  recurrence: (figure) => figure.ratio >= 20,
  recurrence_seek: (figure) => (figure.of === "Wasm" ? figure.ratio <= 1.5 : undefined),
  analyze: (figure) => figure.ratio >= 20,
  // Of a letter of 4 KB; the others say how it grows.
  analyze_us_per_message: (figure) => (figure.of.startsWith("letters of 4 KB") ? figure.value <= 1000 : undefined),
  live_latency_ms: (figure) => !figure.unit.includes("p50") || figure.value <= 50,
};

const WIDTHS = [62, 12, 22, 12, 8, 6];
let isHeaded = false;

/** Prints a figure: name, value, unit, and where there is one the peer with its value. */
export function print(figure, asJson) {
  const { name, value, unit, peer = null, peer_value = null, ratio = null, ...more } = figure;
  if (asJson) {
    const line = { name, value: rounded(value), unit, peer, peer_value: rounded(peer_value), ratio: rounded(ratio), ...more };
    console.log(JSON.stringify(line));
    return;
  }
  if (!isHeaded) {
    row(["figure", "value", "unit", "peer", "ratio", ""]);
    isHeaded = true;
  }
  const met = TARGETS[name]?.(figure);
  const label = more.of === undefined ? name : `${name} ${more.of}`;
  row([label, text(value), unit, text(peer_value), ratio === null ? "" : ratio.toFixed(3), met === undefined ? "" : met ? "met" : "MISSED"]);
}

function rounded(value) {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

function text(value) {
  return value === null ? "" : Number.isInteger(value) || value >= 1000 ? value.toFixed(0) : value.toFixed(2);
}

function row(cells) {
  const padded = cells.map((cell, index) => (index % 5 === 0 || index === 2 ? cell.padEnd(WIDTHS[index]) : cell.padStart(WIDTHS[index])));
  console.log(padded.join("  ").trimEnd());
}
