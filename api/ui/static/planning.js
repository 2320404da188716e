/* The planner's page: ranked requests, the sites a budget buys, what a change would do, decisions. */
import { bbox, config, element, errorText, failure, get, language, makeMap, nothingYet, number, percent, placeName, t } from "./common.js";
import { detailOf } from "./planning-detail.js";
import { showPlan, units } from "./planning-budget.js";
import { WhatIf } from "./planning-what-if.js";

const at = (id) => document.getElementById(id);
const head = document.querySelector("#requests thead"), body = document.querySelector("#requests tbody");
const geo = makeMap("map", null, { geo: { collapsed: true } });
const whatIf = new WhatIf(geo);
const marked = new Set();
let requests = [], sort = { key: "priority", down: true }, selected = null, planned = new Map();
geo.legend.close();

const NOT_OPEN = new Set(["refused", "built"]);

const COLUMNS = [
  { key: "priority", title: t.priority, show: priority, value: (r) => r.priority },
  { key: "request_no", title: t.request_and_place, className: "place", show: where },
  { key: "state", title: t.state, show: (r) => element("span", "tag " + ({ approved: "good", built: "good", refused: "bad", submitted: "warn" }[r.state] || ""), t[r.state]) },
  { key: "type", title: t.type, className: "keep", show: (r) => t["type_" + r.type] || r.type },
  { key: "customers", title: t.customers_n, number: true, show: (r) => number(r.customers, 0) },
  { key: "uncovered_customers", title: t.uncovered, number: true, className: "wide-only", show: (r) => number(r.uncovered_customers, 0) },
  { key: "predicted_net_customers", title: t.gain, number: true, show: (r) => number(r.predicted_net_customers, 0) },
  { key: "lifted_share", title: t.lifted, number: true, className: "wide-only", show: (r) => percent(r.lifted_share) },
  { key: "cost", title: t.cost, number: true, show: (r) => number(r.cost) },
];

function priority(request) {
  const box = element("div"), terms = element("span", "terms");
  for (const term of request.priority_terms || []) {
    const part = element("i");
    part.style.width = term.points + "%";
    part.title = `${t["pt_" + term.item] || term.item}: ${number(term.points)}`;
    terms.append(part);
  }
  box.append(element("b", "", number(request.priority)), terms);
  return box;
}

function where(request) {
  const box = element("div"), small = element("small", "", placeName(request, "district").replaceAll(",", ", "));
  box.append(element("b", "code", request.request_no), ` ${placeName(request, "place")}`, small);
  return box;
}

/* --- table ------------------------------------------------------------------------------------ */

function shown() {
  const words = at("filter").value.trim().toLowerCase(), state = at("by-state").value, kind = at("by-type").value;
  const text = (r) => [r.request_no, r.place, r.place_en, r.district, r.district_en, t[r.state], t["type_" + r.type], r.scene].join(" ").toLowerCase();
  const found = requests.filter((r) => (!words || text(r).includes(words)) && (!state || r.state === state) && (!kind || r.type === kind));
  const value = (r) => r[sort.key] ?? "";
  return found.sort((a, b) => (value(a) === value(b) ? 0 : value(a) < value(b) ? -1 : 1) * (sort.down ? -1 : 1));
}

function classOf(column) { return [column.number ? "number" : "", column.className || ""].join(" ").trim(); }

function header(rows) {
  const row = element("tr"), all = element("input"), first = element("th");
  Object.assign(all, { type: "checkbox", checked: rows.length > 0 && rows.every((r) => marked.has(r.request_no)), title: t.select_all });
  all.setAttribute("aria-label", t.select_all);
  all.onchange = () => { for (const r of rows) if (all.checked) marked.add(r.request_no); else marked.delete(r.request_no); table(); };
  first.append(all);
  row.append(first);
  for (const column of COLUMNS) {
    const on = sort.key === column.key, cell = element("th", classOf(column)), turn = element("button", "", column.title + (on ? (sort.down ? " ↓" : " ↑") : ""));
    turn.type = "button";
    turn.onclick = () => { sort = { key: column.key, down: on ? !sort.down : Boolean(column.number || column.value) }; table(); };
    cell.setAttribute("aria-sort", on ? (sort.down ? "descending" : "ascending") : "none");
    cell.append(turn);
    row.append(cell);
  }
  row.append(element("th", "", t.in_plan));
  head.replaceChildren(row);
}

function table() {
  const rows = shown(), empty = at("empty");
  header(rows);
  body.replaceChildren(...rows.map(line));
  empty.hidden = rows.length > 0;
  empty.textContent = requests.length ? t.no_match : t.no_requests;
  selection();
}

function line(request) {
  const row = element("tr"), first = element("td"), box = element("input");
  row.tabIndex = 0;
  row.setAttribute("aria-selected", String(selected === request.request_no));
  Object.assign(box, { type: "checkbox", checked: marked.has(request.request_no) });
  box.setAttribute("aria-label", `${t.select} ${request.request_no}`);
  box.onclick = (event) => event.stopPropagation();
  box.onchange = () => { if (box.checked) marked.add(request.request_no); else marked.delete(request.request_no); table(); };
  first.append(box);
  row.append(first);
  for (const column of COLUMNS) {
    const cell = element("td", classOf(column));
    cell.append(column.show(request));
    row.append(cell);
  }
  row.append(inPlan(request));
  row.onclick = () => choose(request);
  row.onkeydown = (event) => { if (event.key === "Enter" && event.target === row) choose(request); };
  return row;
}

/* A tick where the plan builds what is asked for; the type's name where it builds another type there. */
function inPlan(request) {
  const kind = NOT_OPEN.has(request.state) ? undefined : planned.get(request.request_no);
  if (!kind) return element("td");
  if (kind === request.type) return element("td", "good", "✓");
  return Object.assign(element("td", "hint keep", t["type_" + kind] || kind), { title: t.other_type });
}

/* Exports hold what is ticked, or everything the filters leave. */
function selection() {
  const rows = shown(), numbers = marked.size ? [...marked] : rows.length < requests.length ? rows.map((r) => r.request_no) : null;
  at("chosen").textContent = numbers ? `${numbers.length} ${t.chosen}` : `${requests.length} ${requests.length === 1 ? t.requests_1 : t.requests_n}`;
  const address = (format) => `/v1/site-requests?format=${format}&lang=${language}${numbers ? "&only=" + encodeURIComponent(numbers.join(",")) : ""}`;
  at("xlsx").href = address("xlsx");
  for (const link of at("formats").querySelectorAll("a")) link.href = address(link.dataset.format);
}

/* --- one request ------------------------------------------------------------------------------ */

function choose(request, still) {
  selected = request.request_no;
  history.replaceState(null, "", "#request=" + encodeURIComponent(selected));
  table();
  if (!still) geo.map.setView([request.lat, request.lon], 15, { animate: false });
  const detail = detailOf(request, { change: (updated) => { requests = requests.map((one) => (one.request_no === updated.request_no ? { ...one, ...updated } : one)); draw(); choose(requests.find((one) => one.request_no === updated.request_no), true); budget(); }, reload: start, simulate: (one) => whatIf.site(one) });
  at("detail").replaceChildren(detail);
  around();
}

function draw() { geo.showRequests(requests, true, (number) => choose(requests.find((one) => one.request_no === number), true)); }

async function around() {
  const box = bbox(geo.map, 0), zoom = Math.round(geo.map.getZoom());
  // The table stands without its map.
  await Promise.allSettled([
    whatIf.shown || !config.run ? null : get(`/v1/hexes?bbox=${box}&zoom=${zoom}&measure=rsrp`).then((view) => geo.showHexes(view)),
    zoom < 13 ? geo.showCells([], true) : get("/v1/cells?bbox=" + box).then((cells) => { geo.showCells(cells, true); whatIf.offer(cells); }),
    get("/v1/planned-sites?bbox=" + box).then((sites) => geo.showPlanned(sites, true)),
    get(`/v1/places?bbox=${box}&limit=20`).then((places) => geo.showPlaces(places)),
  ]);
}

/* --- start ------------------------------------------------------------------------------------ */

async function start() {
  if (!config.run) {
    table();
    // Nothing to save and nothing to plan with.
    for (const part of document.querySelectorAll(".exports, .tools")) part.hidden = true;
    return at("empty").replaceChildren(nothingYet());
  }
  try { requests = await get("/v1/site-requests"); } catch (error) { at("detail").replaceChildren(failure(error, start)); return; }
  draw();
  if (requests.length) geo.map.fitBounds(L.latLngBounds(requests.map((r) => [r.lat, r.lon])).pad(0.3), { animate: false, maxZoom: 14 });
  table();
  const wanted = new URLSearchParams(location.hash.slice(1)).get("request");
  const first = requests.find((one) => one.request_no === wanted) || [...requests].sort((a, b) => b.priority - a.priority)[0];
  if (first) choose(first, !wanted); else around();
  const cost = requests.reduce((sum, one) => sum + (one.cost || 0), 0);
  at("budget").max = Math.max(20, Math.ceil(1.5 * cost));
  at("budget").value = Math.max(1, Math.round(cost) || 10);
  budget();
}

let soon = null;
function budget() {
  // Without cells there is nothing to plan on.
  document.querySelector(".budget").hidden = !config.cells;
  if (!config.run || !config.cells) return;
  at("spent").textContent = units(Number(at("budget").value));
  clearTimeout(soon);
  soon = setTimeout(async () => {
    try { const types = await showPlan(geo, Number(at("budget").value)); if (types) { planned = types; table(); } } catch (error) { at("plan").hidden = false; at("plan").replaceChildren(element("p", "note", errorText(error))); }
  }, 200);
}

at("budget").oninput = budget;
for (const id of ["filter", "by-state", "by-type"]) at(id).oninput = table;
geo.map.on("moveend", () => { clearTimeout(geo.soon); geo.soon = setTimeout(around, 150); });
if (!config.me.scopes.includes("plan")) at("what-if").hidden = true;
start();
