import { bars, bbox, className, day, lastDay, element, facts, failure, get, language, makeMap, name, number, percent, t } from "./common.js";

const panel = document.getElementById("panel"), measure = document.getElementById("measure"), group = document.getElementById("group"), busy = document.getElementById("busy");
const place = new URLSearchParams(location.hash.slice(1));
measure.value = place.get("measure") || "customers";
group.value = place.get("group") || "all";
if (!measure.value) measure.value = "customers";
if (!group.value) group.value = "all";
const given = ["lat", "lon", "zoom"].map((key) => (place.get(key) ? Number(place.get(key)) : NaN));
const sound = given.every(Number.isFinite) && Math.abs(given[0]) <= 85 && Math.abs(given[1]) <= 180 && given[2] >= 2 && given[2] <= 20;
const view = sound ? { lat: given[0], lon: given[1], zoom: given[2] } : null;
const geo = makeMap("map", view), map = geo.map;
let spots = [], asked = 0;

async function hexes() {
  const mine = ++asked;
  busy.hidden = false;
  busy.textContent = t.loading;
  geo.measure = measure.value;
  try {
    const answer = await get(`/v1/hexes?bbox=${bbox(map)}&zoom=${Math.round(map.getZoom())}&measure=${measure.value}&class_group=${group.value}`);
    if (mine === asked) geo.showHexes(answer);
  } catch (error) {
    if (mine === asked && error.status !== 404) busy.textContent = t.load_failed;
    return;
  }
  if (mine === asked) busy.hidden = true;
}

async function surroundings() {
  if (map.getZoom() < 11) { geo.showCells([], true); }
  else geo.showCells(await get(`/v1/cells?bbox=${bbox(map)}`), true);
  geo.showPlaces(await get(`/v1/places?bbox=${bbox(map)}&limit=${map.getZoom() < 12 ? 25 : 60}`));
}

function remember() {
  const c = map.getCenter();
  const now = new URLSearchParams({ lat: c.lat.toFixed(5), lon: c.lng.toFixed(5), zoom: map.getZoom(), measure: measure.value, group: group.value });
  const open = new URLSearchParams(location.hash.slice(1)).get("hotspot");
  if (open) now.set("hotspot", open);
  history.replaceState(null, "", "#" + now);
}

function list() {
  panel.replaceChildren();
  const head = element("div");
  const shown = spots.filter((spot) => group.value === "all" || spot.class_group === group.value);
  head.append(element("h2", "", `${t.hotspots} (${shown.length})`), element("p", "hint", t.hotspots_hint));
  panel.append(head);
  if (!shown.length) panel.append(element("p", "note", t.no_hotspots));
  for (const spot of shown) panel.append(entry(spot));
  panel.append(exports());
}

/* Over well before the newest findings end: history, not work. */
function ended(spot) {
  const last = Math.max(...spots.map((one) => new Date(one.to).getTime()));
  return new Date(spot.to).getTime() < last - 7 * 86400000;
}

function entry(spot) {
  const button = element("button", "spot");
  button.type = "button";
  const first = element("div"), second = element("div", "line");
  first.append(element("b", "", name(spot, "cause_name") || "–"), " ");
  const state = ended(spot) ? "ended" : spot.state === "steady" ? "" : spot.state;
  if (state) first.append(element("span", "tag " + state, t["state_" + state]));
  const counts = element("b", "", number(spot.customers, 0));
  second.append(counts, ` ${t.customers} · ${t.expected} ${number(spot.expected)} · ${day(spot.from)} – ${lastDay(spot.to)}`);
  button.append(element("span", "badge", spot.rank), first, second);
  button.onclick = () => { open(spot.id); geo.focusHotspot(spot.id, false); };
  return button;
}

function open(id) {
  const spot = spots.find((one) => one.id === id);
  if (!spot) return;
  const hash = new URLSearchParams(location.hash.slice(1));
  hash.set("hotspot", id);
  history.replaceState(null, "", "#" + hash);
  panel.replaceChildren();
  const back = element("button", "", "← " + t.back);
  back.type = "button";
  back.onclick = () => { hash.delete("hotspot"); history.replaceState(null, "", "#" + hash); list(); };
  const title = element("h2", "", `#${spot.rank} · ${name(spot, "cause_name") || spot.id}`);
  panel.append(back, title, element("p", "", name(spot, "sentence")));
  panel.append(facts([
    [t.relative_risk, number(spot.relative_risk) + (spot.risk_low ? ` (${number(spot.risk_low)}–${number(spot.risk_high)})` : "")],
    [t.p_value, window.GeoMap.pValue(spot.p_value)], [t.contacts, number(spot.contacts, 0)],
    [t.precise, percent(spot.precise_share)], [t.expectation, t["e_" + spot.expectation] || spot.expectation],
  ]));
  panel.append(element("h3", "", t.causes));
  spot.causes.filter((cause) => cause.shown).forEach((cause, i) => panel.append(causeBox(cause, i === 0)));
  panel.append(element("h3", "", t.actions));
  for (const action of spot.actions) panel.append(actionBox(action));
  const mix = Object.entries(spot.classes || {}).sort((a, b) => b[1] - a[1]).map(([code, count]) => [className(code), count]);
  panel.append(element("h3", "", t.class_mix), bars(mix));
  if (spot.trend && spot.trend.length > 1) panel.append(element("h3", "", t.trend), trend(spot.trend));
  panel.scrollTop = 0;
}

function evidenceText(item) {
  const label = item["label_" + language] || item["what_" + language] || item.what;
  // Yes-or-no evidence has no unit and the value 1: its label says it all.
  if (!item.unit && item.value === 1) return label;
  const share = item.unit === "share" && typeof item.value === "number";
  const value = share ? percent(item.value) : typeof item.value === "number" ? number(item.value, 1) : item.value;
  const limit = item.threshold === null || item.threshold === undefined ? "" : ` (${t.threshold} ${item.threshold})`;
  const basis = item.basis ? ` · ${t["b_" + item.basis] || item.basis}` : "";
  return `${label}: ${value ?? ""}${item.unit && !share ? " " + item.unit : ""}${limit}${basis}`;
}

function causeBox(cause, first) {
  const box = element("div", "cause" + (first ? " first" : ""));
  box.append(element("b", "", name(cause, "name")), ` · ${t.confidence} ${percent(cause.confidence)}`);
  const points = element("ul");
  for (const item of cause.evidence || []) points.append(element("li", "", evidenceText(item)));
  for (const item of cause.contradictions || []) points.append(element("li", "against", t.contradictions + ": " + evidenceText(item)));
  for (const item of cause.missing || []) points.append(element("li", "", t.missing + ": " + (typeof item === "string" ? item : item[language] || item["label_" + language] || item.what)));
  box.append(points);
  return box;
}

function actionBox(action) {
  const box = element("div", "cause");
  box.append(element("b", "", `${action.action} ${name(action, "name")}`), element("div", "hint", name(action, "sentence")));
  box.append(facts([[t.department, name(action, "department")], [t.due, day(action.due)], [t.cost_class, t["cost_" + action.cost_class]]]));
  if (action.gain !== null && action.gain !== undefined) {
    const effect = element("div", "effect");
    effect.append(element("span", "", `${t.gain} ${number(action.gain, 0)} (+${number(action.gain_customers, 0)}`), element("span", "harm", `−${number(action.harm_customers, 0)})`));
    if (action.complaints_avoided !== null && action.complaints_avoided !== undefined) {
      effect.append(element("span", "", `${t.avoided} ${number(action.complaints_avoided)} (${number(action.avoided_low)} – ${number(action.avoided_high)})`));
      if (action.complaints_avoided <= 0) effect.append(element("span", "warn", t.avoids_none));
    }
    box.append(effect);
  }
  return box;
}

function trend(steps) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), width = 360, height = 90;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("class", "trend");
  const most = Math.max(1, ...steps.map((s) => Math.max(s[1], s[2]))), w = (width - 24) / steps.length;
  const add = (tag, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    svg.append(node);
  };
  const y = (v) => height - 16 - ((height - 24) * v) / most;
  steps.forEach((s, i) => add("rect", { x: 24 + i * w, width: Math.max(1, w - 1), y: y(s[1]), height: height - 16 - y(s[1]) }));
  add("path", { d: steps.map((s, i) => `${i ? "L" : "M"}${24 + (i + 0.5) * w},${y(s[2])}`).join("") });
  add("text", { x: 0, y: 14 }, number(most, 0)); add("text", { x: 0, y: height - 16 }, "0");
  add("text", { x: 24, y: height - 3 }, day(steps[0][0])); add("text", { x: width, y: height - 3, "text-anchor": "end" }, day(steps[steps.length - 1][0]));
  return svg;
}

function exports() {
  const box = element("div", "buttons");
  for (const [what, format, label] of [["hotspots", "xlsx", "XLSX"], ["hotspots", "geojson", "GeoJSON"], ["hexes", "gpkg", "GPKG"], ["coverage", "csv", "CSV RSRP"]]) {
    const link = element("a", "button", `${t.export} ${label}`);
    link.href = `/v1/export/${what}?format=${format}`;
    link.download = "";
    box.append(link);
  }
  return box;
}

async function start() {
  try {
    spots = await get("/v1/hotspots");
  } catch (error) {
    panel.replaceChildren(failure(error, start));
    return;
  }
  geo.showHotspots(spots);
  get("/v1/site-requests").then((requests) => geo.showRequests(requests, false)).catch(() => {});
  if (!view && spots.length) map.fitBounds(L.latLngBounds(spots.map((spot) => [spot.lat, spot.lon])).pad(0.25), { animate: false });
  const wanted = place.get("hotspot");
  if (wanted) open(wanted); else list();
  await hexes();
  surroundings();
}

let waiting = null;
map.on("moveend", () => { remember(); clearTimeout(waiting); waiting = setTimeout(() => { hexes(); surroundings(); }, 120); });
measure.onchange = () => { remember(); hexes(); };
group.onchange = () => { remember(); hexes(); if (!new URLSearchParams(location.hash.slice(1)).get("hotspot")) list(); };
geo.on("hotspot", open);
panel.append(element("p", "note", t.loading));
start();
