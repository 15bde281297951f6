// A plot on two logarithmic axes as SVG.

const WIDTH = 720;
const HEIGHT = 440;
const LEFT = 72;
const RIGHT = 120;
const TOP = 48;
const BOTTOM = 56;
/** Apart for those who see no red or green as well (Okabe and Ito). */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/** An SVG of series of `[x, y]`, each a line with its name behind its last point. */
export function logarithmicPlot({ title, x, y, series }) {
  const all = series.flatMap(({ points }) => points);
  const across = axis(all.map(([value]) => value), LEFT, WIDTH - RIGHT);
  const upward = axis(all.map(([, value]) => value), HEIGHT - BOTTOM, TOP);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#222" role="img" aria-label="${title}: ${y} against ${x}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 26, title, 'font-size="16" font-weight="600"'),
  ];
  for (const value of across.ticks) {
    const at = across.place(value);
    parts.push(line(at, TOP, at, HEIGHT - BOTTOM), text(at, HEIGHT - BOTTOM + 20, shown(value), 'text-anchor="middle"'));
  }
  for (const value of upward.ticks) {
    const at = upward.place(value);
    parts.push(line(LEFT, at, WIDTH - RIGHT, at), text(LEFT - 8, at + 4, shown(value), 'text-anchor="end"'));
  }
  parts.push(
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x, 'text-anchor="middle"'),
    text(18, (TOP + HEIGHT - BOTTOM) / 2, y, `text-anchor="middle" transform="rotate(-90 18 ${(TOP + HEIGHT - BOTTOM) / 2})"`),
  );
  series.forEach(({ name, points }, number) => {
    const color = COLORS[number % COLORS.length];
    const places = points.map(([one, other]) => [across.place(one), upward.place(other)]);
    parts.push(`<polyline fill="none" stroke="${color}" stroke-width="2" points="${places.map((place) => place.join(",")).join(" ")}"/>`);
    for (const [cx, cy] of places) parts.push(`<circle cx="${cx}" cy="${cy}" r="3.5" fill="${color}"/>`);
    const [endX, endY] = places.at(-1);
    parts.push(text(endX + 10, endY + 4, name, `fill="${color}"`));
  });
  return `${parts.join("\n")}\n</svg>\n`;
}

/** Powers of ten around some values, and where on the picture a value lies. */
function axis(values, from, until) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.ceil(Math.log10(Math.max(...values)));
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => 10 ** (first + n));
  const place = (value) => Math.round((from + ((Math.log10(value) - first) / (last - first)) * (until - from)) * 10) / 10;
  return { ticks, place };
}

const shown = (value) => (value < 1 ? String(Number(value.toPrecision(1))) : value.toLocaleString("en-US"));
const text = (x, y, content, attributes) => `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
const line = (x1, y1, x2, y2) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
