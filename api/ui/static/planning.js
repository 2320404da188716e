import { bars } from "./charts.js";
import { className, element, facts, failure, get, language, makeMap, name, number, percent, post, t } from "./common.js";

const head = document.querySelector("#requests thead"), body = document.querySelector("#requests tbody"), empty = document.getElementById("empty"), detail = document.getElementById("detail");
const filter = document.getElementById("filter"), ask = document.getElementById("ask");
const geo = makeMap("map", null);
let requests = [], sort = { key: "priority", down: true }, selected = null;

const COLUMNS = [
  ["request_no", t.request_no, (r) => r.request_no], ["priority", t.priority, (r) => number(r.priority), true], ["state", t.state, (r) => t[r.state]],
  ["place", t.place, (r) => [r.place, r.district].filter(Boolean).join(" · ")], ["type", t.type, (r) => t["type_" + r.type] || r.type], ["customers", t.customers, (r) => number(r.customers, 0), true],
  ["uncovered_customers", t.uncovered, (r) => number(r.uncovered_customers, 0), true], ["lifted_share", t.lifted, (r) => percent(r.lifted_share), true],
  ["search_ring_m", t.ring, (r) => number(r.search_ring_m, 0), true], ["cost", t.cost, (r) => number(r.cost), true],
];
const NEXT = { draft: [["submitted", t.submit], ["refused", t.refuse]], submitted: [["approved", t.approve], ["refused", t.refuse]], approved: [["built", t.mark_built], ["refused", t.refuse]], built: [], refused: [] };

function header() {
  const row = element("tr");
  for (const [key, title] of COLUMNS) {
    const cell = element("th"), button = element("button", "", title + (sort.key === key ? (sort.down ? " ↓" : " ↑") : ""));
    button.type = "button";
    button.onclick = () => { sort = { key, down: sort.key === key ? !sort.down : true }; table(); };
    cell.setAttribute("aria-sort", sort.key === key ? (sort.down ? "descending" : "ascending") : "none");
    cell.append(button);
    row.append(cell);
  }
  head.replaceChildren(row);
}

function table() {
  header();
  const wanted = filter.value.trim().toLowerCase();
  const shown = requests.filter((r) => !wanted || COLUMNS.some(([, , text]) => String(text(r)).toLowerCase().includes(wanted)));
  shown.sort((a, b) => { const x = a[sort.key], y = b[sort.key]; return (x === y ? 0 : x === null || x < y ? -1 : 1) * (sort.down ? -1 : 1); });
  body.replaceChildren(...shown.map(line));
  empty.hidden = shown.length > 0;
  empty.textContent = requests.length ? t.no_match : t.no_requests;
}

function line(request) {
  const row = element("tr");
  row.tabIndex = 0;
  row.setAttribute("aria-selected", String(selected === request.request_no));
  for (const [, , text, numeric] of COLUMNS) row.append(element("td", numeric ? "number" : "", text(request)));
  row.onclick = () => choose(request);
  row.onkeydown = (event) => { if (event.key === "Enter") choose(request); };
  return row;
}

function choose(request) {
  selected = request.request_no;
  table();
  geo.map.setView([request.lat, request.lon], 15, { animate: false });
  around();
  const box = element("div", "card"), buttons = element("div", "buttons");
  box.append(element("h2", "", request.request_no), element("p", "", name(request, "sentence")));
  box.append(facts([
    [t.type, t["type_" + request.type] || request.type], [t.height, number(request.height_m, 0)], [t.azimuths, (request.azimuths || []).map((a) => number(a, 0)).join(" / ")], [t.band, number(request.band_mhz, 0)],
    ["RSRP P50 / P10", `${number(request.rsrp_p50_dbm, 0)} / ${number(request.rsrp_p10_dbm, 0)} dBm (${t["b_" + request.rsrp_basis] || request.rsrp_basis || ""})`],
    [t.position, `${request.lat.toFixed(6)}, ${request.lon.toFixed(6)} (WGS-84)`], [t.ring, number(request.search_ring_m, 0) + " m"],
    [t.planned, (request.planned_nearby || []).slice(0, 3).map((s) => `${s.plan_no} ${number(s.distance_m, 0)} m ${s.expected_on_air || s.status || ""}`).join(", ")],
    [t.nearest_sites, (request.nearest_sites || []).slice(0, 3).map((s) => `${s.site} ${number(s.distance_m, 0)} m`).join(", ")],
  ]));
  const terms = (request.priority_terms || []).map((term) => [t["pt_" + term.item] || term.item, term.points]);
  if (terms.length) box.append(element("h3", "", t.priority_terms), bars(terms));
  const mix = Object.entries(request.classes || {}).map(([code, count]) => [className(code), count]);
  if (mix.length) box.append(element("h3", "", t.class_mix), bars(mix));
  if ((request.alternatives || []).length) {
    const list = element("ul");
    for (const one of request.alternatives) list.append(element("li", "", [`${one.option} ${tried(request, one)}`.trim(), reason(one)].join(": ")));
    box.append(element("h3", "", t.alternatives), list);
  }
  for (const [state, label] of NEXT[request.state] || []) {
    const button = element("button", state === "refused" ? "" : "primary", label);
    button.type = "button";
    button.onclick = () => decide(request, state);
    buttons.append(button);
  }
  box.append(buttons);
  detail.replaceChildren(box);
}

/* Which cell was turned by how much, where an alternative was computed. */
function tried(request, one) {
  const found = (request.actions_tried || []).find((t) => t.action === one.option && t.net_customers === one.net_customers);
  const changes = (found && found.changes) || [];
  return changes.map((c) => `${c.cgi} ${c.field.replace(/_(deg|dbm)$/, "")} ${number(c.from)}→${number(c.to)}`).join(", ");
}

/* Reasons are kept in both languages, "中文 / English". */
function reason(one) {
  const parts = String(one["reason_" + language] || one.reason || "").split(" / ");
  return parts.length === 2 ? parts[language === "zh" ? 0 : 1] : parts.join(" / ");
}

function question(label) {
  return new Promise((resolve) => {
    document.getElementById("ask-label").textContent = label;
    const input = document.getElementById("ask-value");
    input.value = "";
    ask.onclose = () => resolve(ask.returnValue === "ok" ? input.value : null);
    ask.showModal();
  });
}

async function decide(request, state) {
  const change = { state };
  if (state === "refused") { change.reason = await question(t.ask_reason); if (!change.reason) return; }
  if (state === "approved") { change.by = await question(t.ask_by); if (!change.by) return; }
  try {
    const updated = await post(`/v1/site-requests/${encodeURIComponent(request.request_no)}/state`, change);
    requests = requests.map((one) => (one.request_no === updated.request_no ? updated : one));
    choose(updated);
  } catch (error) { detail.append(element("p", "error", error.message)); }
}

async function around() {
  const b = geo.map.getBounds();
  const box = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((v) => v.toFixed(5)).join(",");
  try { geo.showCells(await get("/v1/cells?bbox=" + box), true); geo.measure = "rsrp"; geo.showHexes(await get(`/v1/hexes?bbox=${box}&zoom=${Math.round(geo.map.getZoom())}&measure=rsrp`)); } catch { /* the table stands without its map */ }
}

async function start() {
  try { requests = await get("/v1/site-requests"); } catch (error) { detail.replaceChildren(failure(error, start)); return; }
  geo.showRequests(requests, true);
  if (requests.length) geo.map.fitBounds(L.latLngBounds(requests.map((r) => [r.lat, r.lon])).pad(0.3), { animate: false, maxZoom: 14 });
  table();
  if (requests.length) choose([...requests].sort((a, b) => b.priority - a.priority)[0]);
}

filter.oninput = table;
start();
