/* The engineer's map: hexes of a measure and period, hotspots beside it, layers, comparison, search, export. */
import { bbox, button, config, download, element, errorText, failure, get, language, makeMap, may, nothingYet, number, placeName, post, t } from "./common.js";
import { builds, entry, panelOf, tryable } from "./map-hotspots.js";
import { givenView, remember, state } from "./map-state.js";
import { Timeline } from "./map-timeline.js";
import { searchBox } from "./search.js";

const at = (id) => document.getElementById(id);
const panel = at("panel"), measure = at("measure"), group = at("group"), status = at("status"), compare = at("compare"), ending = at("ending");
const COVERAGE = new Set(["rsrp", "rsrp_indoor", "sinr", "probability", "dominance", "basis", "best_server"]);
const CELL = ["cgi", "lat", "lon", "rat", "frequency_mhz", "bandwidth_mhz", "height_m", "azimuth_deg", "elec_tilt_deg", "mech_tilt_deg", "rs_power_dbm", "gain_dbi"];
const LAZY = { alarms: "/v1/alarms", levels: "/v1/measurements", planned: "/v1/planned-sites" };
const SHOW = { alarms: "showAlarms", levels: "showLevels", planned: "showPlanned" };
const KEPT = 240, ERROR_STAYS_MS = 10000, CELLS_FROM_ZOOM = 13, REDRAW_MS = 120;

measure.value = state.measure || "customers";
group.value = state.group || "all";
if (!measure.value) measure.value = "customers";
if (!group.value) group.value = "all";
const geo = makeMap("map", givenView(), { geo: { collapsed: true } }), map = geo.map;
const timeline = new Timeline(at("timeline"), hexes), answers = new Map();
const on = { open, back: list, hover: (id) => mark(id), effect: showEffect, periods: comparePeriods };
let spots = [], asked = 0, kept = 0, actions = new Map();

/* --- hexes ------------------------------------------------------------------------------------ */

function address(period) {
  const query = new URLSearchParams({ bbox: bbox(map), zoom: Math.round(map.getZoom()), measure: measure.value, class_group: group.value });
  if (period && !COVERAGE.has(measure.value)) { query.set("since", period.since); query.set("until", period.until); }
  return query;
}

async function view(period) {
  const path = "/v1/hexes?" + address(period);
  if (!answers.has(path)) {
    if (answers.size > KEPT) answers.clear();
    answers.set(path, await get(path));
  }
  return answers.get(path);
}

async function hexes() {
  if (state.effect || state.cell || !config.run) return;
  const mine = ++asked;
  say(t.loading, "busy");
  geo.measure = measure.value;
  const [a, b] = timeline.periods();
  try {
    const found = await Promise.all((b ? [a, b] : [a]).map(view));
    if (mine !== asked) return;
    if (b && !COVERAGE.has(measure.value)) geo.compare({ view: found[0], label: timeline.label(a) }, { view: found[1], label: timeline.label(b) });
    else { geo.endCompare(); geo.showHexes(found[0], COVERAGE.has(measure.value) ? "" : !may("desk") ? t.withheld_hint : a ? timeline.label(a) : ""); }
    geo.dim((spot) => Boolean(a) && (spot.to <= a.since || spot.from >= (b || a).until));
    say(found.some((one) => one.hexes.length) ? "" : t.no_hexes, "empty");
  } catch (error) {
    if (mine === asked) say(error.status === 404 ? t.no_run : errorText(error), "failed", hexes);
  }
}

/* One quiet line over the map: loading, nothing here, or what failed and how to try again. */
function say(text, kind, retry) {
  // What failed stays readable while the map goes on drawing.
  if ((!text || kind === "busy") && Date.now() < kept) return;
  kept = kind === "failed" && !retry ? Date.now() + ERROR_STAYS_MS : 0;
  status.hidden = !text;
  status.className = "map-status " + kind;
  status.replaceChildren(element("span", "", text));
  if (retry) status.append(button(t.retry, retry));
}

/* --- what lies around ------------------------------------------------------------------------- */

async function surroundings() {
  const jobs = [places(), cells(), ...Object.keys(LAZY).filter((slot) => geo.visible(slot)).map(lazy)];
  await Promise.allSettled(jobs);
}

async function places() { geo.showPlaces(await get(`/v1/places?bbox=${bbox(map)}&limit=${map.getZoom() < 12 ? 25 : 60}`)); }

async function cells() {
  geo.showCells(map.getZoom() < CELLS_FROM_ZOOM ? [] : await get(`/v1/cells?bbox=${bbox(map)}`), true, footprint);
}

async function lazy(slot) { geo[SHOW[slot]](await get(`${LAZY[slot]}?bbox=${bbox(map)}&zoom=${Math.round(map.getZoom())}`), true); }

function layersKept() { return ["hotspots", "cells", "places", "requests", ...Object.keys(LAZY)].filter((slot) => geo.visible(slot)).join(","); }

function restoreLayers() {
  const wanted = state.layers === undefined ? null : state.layers.split(",");
  for (const slot of Object.keys(LAZY)) geo.offer(slot);
  if (wanted) for (const slot of ["hotspots", "cells", "places", "requests", ...Object.keys(LAZY)]) geo.setVisible(slot, wanted.includes(slot));
  geo.on("layers", ({ slot, visible }) => { remember({ layers: layersKept() || "none" }); if (visible && LAZY[slot]) lazy(slot); });
}

/* --- special views: footprint of a cell, effect of an action ---------------------------------- */

async function footprint(cgi) {
  map.closePopup();
  special({ cell: cgi, effect: null });
  say(t.loading, "busy");
  try {
    const found = await get(`/v1/cells/${encodeURIComponent(cgi)}/footprint`);
    geo.endCompare();
    geo.showHexes({ measure: "rsrp", resolution: found.resolution, hexes: found.hexes, values: found.rsrp_dbm }, `${t.footprint_of} ${cgi}`);
    const said = [`${t.footprint_of} ${cgi}`, `${number(found.served_km2, 1)} km²`, `${t.farthest} ${number(found.farthest_m, 0)} m`];
    ending.replaceChildren(element("span", "", said.join(" · ")), button(t.end_view, endSpecial));
    say("", "");
  } catch (error) { endSpecial(); say(errorText(error), "failed"); }
}

async function showEffect(action) {
  special({ effect: action.action_id, cell: null });
  say(t.computing, "busy");
  const changes = tryable(action).map((change) => ({ cgi: change.cgi, field: change.field, value: change.to }));
  try {
    const spot = spots.find((one) => one.actions.includes(action));
    const found = await post("/v1/what-if", { changes, ...(spot ? { hotspot: spot.id } : {}), ...(builds(action) ? await additions(action) : {}) });
    const side = (key) => ({ measure: "rsrp", resolution: h3.getResolution(found.hexes[0].hex), hexes: found.hexes.map((row) => row.hex), values: found.hexes.map((row) => row[key]) });
    if (!found.hexes.length) throw Object.assign(new Error(t.no_effect), { status: 422, problem: { detail: t.no_effect } });
    geo.compare({ view: side("rsrp_before_dbm"), label: t.before }, { view: side("rsrp_after_dbm"), label: t.after });
    const said = `${t.gain} ${number(found.customers_net, 0)} · +${number(found.customers_gained, 0)} ${t.better} · −${number(found.customers_lost, 0)} ${t.worse}`;
    ending.replaceChildren(element("span", "", `${action.action}: ${said}`), button(t.end_view, endSpecial));
    say("", "");
  } catch (error) { endSpecial(); say(errorText(error), "failed"); }
}

/* What a site request would build: its own cells, or for older results its type at its place. */
async function additions(action) {
  const spot = spots.find((one) => one.actions.includes(action));
  const asked = (await get("/v1/site-requests")).filter((one) => spot && one.hotspot_id === spot.id && one.type !== "DAS");
  const told = (cell) => Object.fromEntries(CELL.filter((key) => cell[key] !== null && cell[key] !== undefined).map((key) => [key, cell[key]]));
  const older = asked.filter((one) => !(one.new_cells || []).length);
  return {
    new_cells: asked.flatMap((one) => one.new_cells || []).slice(0, 12).map(told),
    new_sites: older.slice(0, 4).map((one) => ({ lat: one.lat, lon: one.lon, type: one.type === "macro" ? "macro" : "micro", azimuths: one.azimuths || [], ...(one.height_m ? { height_m: one.height_m } : {}) })),
  };
}

function special(changes) {
  asked++;
  kept = 0;
  remember(changes);
  ending.hidden = false;
  timeline.enable(false, t.run_only);
}

function endSpecial() {
  remember({ cell: null, effect: null });
  ending.hidden = true;
  geo.endCompare();
  usable();
  hexes();
}

/* Coverage belongs to the run: its time slider rests. */
function usable() {
  const timed = !COVERAGE.has(measure.value);
  timeline.enable(timed, t.run_only);
  compare.disabled = !timed;
  compare.setAttribute("aria-pressed", String(timeline.two));
  at("map").parentElement.classList.toggle("two", timeline.two);
}

/* --- hotspots --------------------------------------------------------------------------------- */

function mark(id) {
  geo.highlight(id || state.hotspot || null);
  for (const node of panel.querySelectorAll(".spot")) node.classList.toggle("marked", node.dataset.id === id);
}

function list() {
  remember({ hotspot: null });
  const shown = spots.filter((spot) => group.value === "all" || spot.class_group === group.value);
  const head = element("div", "panel-head");
  head.append(element("h2", "", `${t.hotspots} (${shown.length})`));
  panel.replaceChildren(head, element("p", "hint", shown.length ? t.hotspots_hint : t.no_hotspots), ...shown.map((spot) => entry(spot, spots, on)));
  geo.highlight(null);
}

function open(id, still) {
  const spot = spots.find((one) => one.id === id);
  if (!spot) return list();
  remember({ hotspot: id });
  panel.replaceChildren(panelOf(spot, spots, on));
  panel.scrollTop = 0;
  if (!still) geo.focusHotspot(id);
  geo.highlight(id);
}

/* The weeks before a hotspot began beside the hotspot's own. */
function comparePeriods(spot) {
  if (state.effect || state.cell) endSpecial();
  if (COVERAGE.has(measure.value)) measure.value = "customers";
  const first = timeline.steps.findIndex((step) => step.to > spot.from), days = timeline.lengths.filter((n) => 2 * n <= timeline.steps.length);
  timeline.length = days[days.length - 1] || 1;
  timeline.at = [Math.max(0, first - timeline.length), Math.min(Math.max(first, timeline.length), timeline.steps.length - timeline.length)];
  usable();
  timeline.compare(true);
  usable();
}

/* --- search, export, start -------------------------------------------------------------------- */

searchBox(at("find"), at("find-text"), at("find-list"), async (text, one) => {
  try {
    if (!may("desk")) return show(one || (await get("/v1/locations/suggest?q=" + encodeURIComponent(text)))[0]);
    const found = await get(`/v1/locations/lookup?lang=${language}&q=${encodeURIComponent(text)}`), best = found.fixes[0];
    if (!best) return say(found.verdict, "empty");
    map.setView([best.lat, best.lon], best.radius_m > 1500 ? 12 : 15, { animate: false });
    const box = element("div", "gm-popup");
    const desk = element("a", "", t.open_desk);
    desk.href = "/desk?q=" + encodeURIComponent(text);
    box.append(element("h3", "", (one && placeName(one, "name")) || placeName(best, "label") || text), element("p", "", found.verdict), desk);
    geo.pin(best.lat, best.lon, best.radius_m).bindPopup(box, { maxWidth: 320 }).openPopup();
  } catch (error) { say(errorText(error), "failed"); }
});

/* For those who may not ask what is known about a place: where it is. */
function show(place) {
  if (!place || place.lat === null) return say(t.not_found, "empty");
  map.setView([place.lat, place.lon], 15, { animate: false });
  geo.pin(place.lat, place.lon, 100);
}

at("export").addEventListener("click", async (event) => {
  const format = event.target.dataset.format;
  if (!format) return;
  event.currentTarget.open = false;
  const name = `${measure.value}-${new Date().toISOString().slice(0, 10)}`;
  if (format === "png") return download(await window.GeoMap.picture(geo, at("timeline").querySelector(".tl-when")?.textContent), name + ".png");
  if (format === "link") { remember({}); await navigator.clipboard.writeText(location.href); return say(t.link_copied, "empty"); }
  if (format === "print") return print();
  const anchor = element("a");
  anchor.href = `/v1/view?${address(timeline.periods()[0])}&format=${format}&lang=${language}`;
  anchor.download = `${name}.${format}`;
  anchor.click();
});

async function start() {
  if (!config.run) {
    panel.replaceChildren(nothingYet());
    // Nothing to measure, to compare or to save.
    for (const part of [measure.closest("label"), group.closest("label"), compare, at("export")]) part.hidden = true;
    return surroundings();
  }
  try { spots = await get("/v1/hotspots"); } catch (error) { panel.replaceChildren(failure(error, start)); return say(error.status === 404 ? t.no_run : "", "empty"); }
  geo.showHotspots(spots, { select: (id) => open(id, true), hover: mark });
  actions = new Map(spots.flatMap((spot) => spot.actions.map((action) => [action.action_id, action])));
  // Asked before the map moves: every move writes its view into the address.
  const given = Boolean(givenView());
  if (!given && spots.length) map.fitBounds(L.latLngBounds(spots.map((spot) => [spot.lat, spot.lon])).pad(0.25), { animate: false, maxZoom: 13 });
  restoreLayers();
  if (state.hotspot) open(state.hotspot, given); else list();
  get("/v1/site-requests").then((requests) => geo.showRequests(requests, state.layers ? state.layers.includes("requests") : false, (id) => location.assign("/planning#request=" + encodeURIComponent(id)))).catch(() => {});
  const first = hexes();
  surroundings();
  if (may("desk")) await timeline.load(group.value).catch(() => {});
  usable();
  await first;
  if (state.cell) footprint(state.cell);
  else if (state.effect && actions.has(state.effect)) showEffect(actions.get(state.effect));
  else if (state.since) hexes();
}

let waiting = null;
map.on("moveend", () => {
  const c = map.getCenter();
  remember({ lat: c.lat.toFixed(5), lon: c.lng.toFixed(5), zoom: map.getZoom() });
  clearTimeout(waiting);
  waiting = setTimeout(() => { hexes(); surroundings(); }, REDRAW_MS);
});
document.addEventListener("themechange", () => { geo.showHotspots(spots, { select: (id) => open(id, true), hover: mark }); geo.highlight(state.hotspot || null); });
measure.onchange = () => { remember({ measure: measure.value, cell: null, effect: null }); ending.hidden = true; usable(); hexes(); };
group.onchange = async () => {
  remember({ group: group.value });
  if (!state.hotspot) list();
  await timeline.load(group.value).catch(() => {});
  usable();
  hexes();
};
compare.onclick = () => { timeline.compare(!timeline.two); usable(); };
/* Single classes, periods and excess would give single customers away: hidden where the server withholds them. */
if (!may("desk")) {
  for (const option of [...measure.options]) if (["excess", "significance"].includes(option.value)) option.remove();
  group.closest("label").hidden = compare.hidden = true;
  group.value = "all";
}
panel.replaceChildren(element("p", "note", t.loading));
start();
