import { bars } from "./charts.js";
import { className, day, element, facts, failure, get, makeMap, moment, name, number, percent, post, t, language } from "./common.js";

const form = document.getElementById("search"), query = document.getElementById("query"), list = document.getElementById("suggestions"), answer = document.getElementById("answer");
const record = document.getElementById("record"), recorded = document.getElementById("recorded");
const geo = makeMap("map", null);
let chosen = -1, waiting = null, place = null, typed = 0, filled = "", ticket = crypto.randomUUID();

/* --- suggestions while typing: arrow keys, Enter, Escape ------------------------------------ */

query.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(suggest, 90); });
query.addEventListener("keydown", (event) => {
  const items = [...list.children];
  if (event.key === "Escape") hide();
  if (!items.length || list.hidden) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", i === chosen));
    query.setAttribute("aria-activedescendant", items[chosen].id);
  } else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); items[chosen].click(); }
});

async function suggest() {
  const text = query.value.trim();
  if (text.length < 2) return hide();
  const mine = ++typed;
  let found;
  try { found = await get("/v1/locations/suggest?q=" + encodeURIComponent(text)); } catch { return hide(); }
  if (mine !== typed || text !== query.value.trim()) return;
  list.replaceChildren(...found.map((one, i) => {
    const item = element("li");
    item.id = "s" + i;
    item.setAttribute("role", "option");
    item.append(element("span", "", one.name), element("small", "", [one.label !== one.name ? one.label : "", one.kind].filter(Boolean).join(" · ")));
    item.onclick = () => { query.value = one.name; hide(); look(one.lat !== undefined && one.exact ? `${one.lat},${one.lon}` : one.name); };
    return item;
  }));
  chosen = -1;
  list.hidden = !found.length;
  query.setAttribute("aria-expanded", String(!list.hidden));
}

function hide() { clearTimeout(waiting); typed++; list.hidden = true; chosen = -1; query.setAttribute("aria-expanded", "false"); }

form.addEventListener("submit", (event) => { event.preventDefault(); hide(); if (query.value.trim()) look(query.value.trim()); });

/* --- the answer card ------------------------------------------------------------------------ */

async function look(text) {
  place = null;
  answer.replaceChildren(element("p", "note", t.loading));
  try { show(await get("/v1/locations/lookup?lang=" + language + "&q=" + encodeURIComponent(text))); }
  catch (error) { answer.replaceChildren(failure(error, () => look(text))); }
}

function show(found) {
  const verdict = element("div", "card verdict " + found.verdict_code), say = element("p", "say");
  say.append(element("b", "", t.say), found.say);
  verdict.append(element("h2", "", found.verdict), say);
  answer.replaceChildren();
  if (found.fixes.length > 1) answer.append(candidates(found.fixes));
  answer.append(verdict);
  const best = found.fixes[0], ambiguous = found.verdict_code === "ambiguous";
  if (!best || ambiguous) { record.elements.place_text.value = ambiguous ? found.query : ""; filled = ""; return; }
  // The point belongs to the words it was found by: typing another place lets go of it.
  place = best;
  filled = record.elements.place_text.value = best.label || found.query;
  geo.pin(best.lat, best.lon, best.radius_m);
  geo.map.setView([best.lat, best.lon], best.radius_m > 1500 ? 12 : 15, { animate: false });
  around();
  const grid = element("div", "answer-grid");
  grid.append(outage(found), hotspot(found), coverage(found), nearby(found), planned(found));
  answer.append(grid);
}

function candidates(fixes) {
  const box = element("div", "places");
  box.append(element("span", "hint", t.candidates));
  for (const fix of fixes) {
    const button = element("button", "", `${fix.label || fix.lat.toFixed(4) + "," + fix.lon.toFixed(4)} · ${percent(fix.probability)}`);
    button.type = "button";
    button.setAttribute("aria-pressed", String(fix === fixes[0]));
    button.onclick = () => { query.value = fix.label || `${fix.lat},${fix.lon}`; look(`${fix.lat},${fix.lon}`); };
    box.append(button);
  }
  return box;
}

function card(title, ...content) { const box = element("div", "card"); box.append(element("h3", "", title), ...content); return box; }

function outage(found) {
  const one = found.outage;
  return card(t.outage, one ? facts([[one.code, one.object], [t.since, moment(one.from)]]) : element("p", "note", t.no_outage));
}

function hotspot(found) {
  const one = found.hotspot;
  if (!one) return card(t.hotspot_here, element("p", "note", t.no_hotspot_here));
  const link = element("a", "", `#${one.rank} · ${one.id}`);
  link.href = "/#hotspot=" + encodeURIComponent(one.id);
  return card(t.hotspot_here, facts([[link.textContent ? t.hotspot_here : "", link], [t.since, day(one.since)], [t.customers, number(one.customers, 0)], [t.cause, name(one, "cause_name")], [t.actions, one.action ? `${one.action} ${name(one, "action_name")}` : null], [t.due, one.due ? day(one.due) : null]]));
}

function coverage(found) {
  const one = found.coverage;
  if (!one) return card(t.coverage_here, element("p", "note", t.no_coverage_data));
  const cells = found.serving.slice(0, 3).map((cell) => [cell.cgi, percent(cell.probability)]);
  const box = card(t.coverage_here, facts([
    [t.outdoor, `${number(one.rsrp_dbm, 0)} dBm · ${t["level_" + one.level]}`], [t.indoor, one.rsrp_indoor_dbm === null ? null : number(one.rsrp_indoor_dbm, 0) + " dBm"],
    [t.basis, t["b_" + one.basis]], [t.sure, number(one.sigma_db) + " dB"],
  ]));
  box.append(element("p", "hint", t.serving_cells), facts(cells));
  return box;
}

function nearby(found) {
  const one = found.complaints_nearby;
  const title = `${t.nearby} (${number(one.radius_m, 0)} m, ${one.days} d)`;
  if (!one.contacts) return card(title, element("p", "note", t.nearby_none));
  const classes = Object.entries(one.classes).slice(0, 5).map(([code, count]) => [className(code), count]);
  return card(title, element("p", "", `${number(one.customers, 0)} ${t.customers} · ${number(one.contacts, 0)} ${t.contacts}`), bars(classes));
}

function planned(found) {
  if (!found.planned_sites.length) return card(t.planned, element("p", "note", t.no_planned));
  return card(t.planned, facts(found.planned_sites.slice(0, 4).map((site) => [`${site.plan_no} · ${number(site.distance_m, 0)} m`, `${site.type || ""} ${site.status || ""} ${site.expected_on_air || ""}`])));
}

async function around() {
  const b = geo.map.getBounds();
  const box = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((v) => v.toFixed(5)).join(",");
  try { geo.showCells(await get("/v1/cells?bbox=" + box), true); geo.measure = "rsrp"; geo.showHexes(await get(`/v1/hexes?bbox=${box}&zoom=${Math.round(geo.map.getZoom())}&measure=rsrp`)); } catch { /* the card stands without its map */ }
}

/* --- record --------------------------------------------------------------------------------- */

record.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = Object.fromEntries([...new FormData(record)].filter(([, value]) => value !== ""));
  for (const flag of ["indoor", "other_phone_ok"]) if (record.elements[flag].checked) data[flag] = true; else delete data[flag];
  if (data.occurred_from) data.occurred_from = new Date(data.occurred_from).toISOString();
  if (place && data.place_text === filled && ["gnss", "building", "street"].includes(place.precision)) Object.assign(data, { lat: place.lat, lon: place.lon, radius_m: Math.max(30, place.radius_m) });
  const button = record.querySelector("button[type=submit]");
  button.disabled = true;
  recorded.className = "note";
  recorded.textContent = t.saving;
  try {
    const taken = await post("/v1/complaints", data, { "Idempotency-Key": ticket });
    ticket = crypto.randomUUID();
    const why = taken.phrase ? ` (${t.deciding_phrase} “${taken.phrase}”)` : "";
    recorded.textContent = `${taken.created ? t.saved : t.saved_known}: ${taken.ticket_no} · ${t.recognised_as} ${className(taken.class)}${why}`;
    record.reset();
    record.elements.place_text.value = filled;
  } catch (error) {
    recorded.className = "note error";
    recorded.textContent = error.status ? error.message : t.load_failed;
    ticket = crypto.randomUUID();
  } finally { button.disabled = false; }
});

/* A click on the map asks about that point. */
geo.map.on("click", (event) => { query.value = `${event.latlng.lat.toFixed(6)},${event.latlng.lng.toFixed(6)}`; look(query.value); });

const asked = new URLSearchParams(location.search).get("q");
if (asked) { query.value = asked; look(asked); }
