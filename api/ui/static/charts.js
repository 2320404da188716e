/* Small charts as SVG: drawn to the page's own colours, named for those who cannot see them. */
import { day, element, number, percent, t } from "./common.js";

const MOST_COLUMNS = 46;
const SPACE = "http://www.w3.org/2000/svg";

export function svg(tag, attributes, text) {
  const node = document.createElementNS(SPACE, tag);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

/* Horizontal bars with their counts; `share` writes the part of the whole beside them. */
export function bars(entries, share) {
  const box = element("div", "bars"), total = entries.reduce((sum, [, count]) => sum + count, 0);
  const most = Math.max(...entries.map(([, count]) => count), 1);
  for (const [label, count] of entries) {
    const line = element("div"), track = element("span", "track"), bar = element("i");
    bar.style.width = Math.max(2, (100 * count) / most) + "%";
    track.append(bar);
    const value = element("span", "value", number(count, 1));
    if (share && total) value.append(element("small", "", " " + percent(count / total)));
    line.append(element("span", "", label), track, value);
    box.append(line);
  }
  return box;
}

/* Round steps of an axis: 1, 2 or 5 times a power of ten. */
function ticks(most) {
  const raw = most / 3, power = 10 ** Math.floor(Math.log10(raw || 1));
  const step = Math.max(1, [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/* Neighbouring steps added up, so that columns stay wide enough to be read. */
function gathered(steps, most) {
  const size = Math.max(1, Math.ceil(steps.length / most)), sums = [];
  for (let i = 0; i < steps.length; i += size) {
    const part = steps.slice(i, i + size), add = (k) => part.reduce((sum, s) => sum + s[k], 0);
    sums.push([part[0][0], add(1), add(2), part[part.length - 1][0]]);
  }
  return sums;
}

/* Customers by time step as columns, what was expected as a line. */
export function trend(all) {
  const steps = gathered(all, MOST_COLUMNS), width = 368, height = 132, left = 28, bottom = 20, top = 8;
  const most = Math.max(1, ...steps.map((s) => Math.max(s[1], s[2]))), w = (width - left) / steps.length;
  const y = (v) => height - bottom - ((height - bottom - top) * v) / most;
  const total = steps.reduce((sum, s) => sum + s[1], 0), usual = steps.reduce((sum, s) => sum + s[2], 0);
  const figure = element("figure", "trend");
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${t.trend}: ${number(total, 0)} ${t.customers}, ${t.expected} ${number(usual)}, ${day(steps[0][0])} – ${day(steps[steps.length - 1][3])}` });
  for (const value of ticks(most)) {
    drawing.append(svg("line", { class: "grid", x1: left, x2: width, y1: y(value), y2: y(value) }));
    drawing.append(svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, number(value, 0)));
  }
  steps.forEach((s, i) => {
    const column = svg("rect", { class: "column", x: left + i * w + 0.5, width: Math.max(1, w - 1), y: y(s[1]), height: height - bottom - y(s[1]) });
    column.append(svg("title", {}, `${day(s[0])}${s[3] === s[0] ? "" : " – " + day(s[3])}: ${number(s[1])} (${t.expected} ${number(s[2])})`));
    drawing.append(column);
  });
  drawing.append(svg("path", { class: "usual", d: steps.map((s, i) => `${i ? "L" : "M"}${left + (i + 0.5) * w},${y(s[2])}`).join("") }));
  drawing.append(svg("text", { x: left, y: height - 4 }, day(steps[0][0])));
  drawing.append(svg("text", { x: width, y: height - 4, "text-anchor": "end" }, day(steps[steps.length - 1][3])));
  const key = element("figcaption", "key");
  key.append(element("span", "key-column", t.customers), element("span", "key-usual", t.expected));
  figure.append(drawing, key);
  return figure;
}

/* A trend of a line's height, for lists. */
export function spark(steps, bins = 24) {
  const width = 72, height = 20, sums = gathered(steps, bins).map((s) => s[1]);
  const most = Math.max(1, ...sums), w = width / sums.length;
  const drawing = svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
  sums.forEach((sum, i) => drawing.append(svg("rect", { x: i * w, width: Math.max(1, w - 0.7), y: height - (height * sum) / most, height: (height * sum) / most })));
  return drawing;
}
