/* The handler's desk: one box to ask, one card that answers, one form that records. */
import { candidates, cards, tickets } from "./desk-answer.js";
import { Record } from "./desk-record.js";
import { bbox, config, element, errorText, failure, get, language, makeMap, post, t } from "./common.js";
import { searchBox } from "./search.js";

const at = (id) => document.getElementById(id);
const query = at("query"), answer = at("answer");
const geo = makeMap("map", null, { geo: { collapsed: true } });
const record = new Record(at("record"));
let shown = "", typed = "", fixes = [], asked = 0;
geo.legend.close();

searchBox(at("search"), query, at("suggestions"), (text, one) => {
  // Enter once more, with the answer read, goes on to the complaint.
  if (!one && text === shown) return record.focus();
  look(text, null, one);
});

/* `chosen` is a candidate of what was typed: the words and the other candidates stay. A suggestion is asked for by its
   point and keeps its name and its size: its complaint is not one of a spot of 30 m. */
async function look(text, chosen, suggested) {
  const mine = ++asked;
  if (!chosen) typed = suggested ? query.value.trim() : text;
  shown = typed;
  record.place(null, typed);
  const waiting = setTimeout(() => { if (mine === asked) answer.replaceChildren(element("p", "state", t.loading)); }, 250);
  try {
    const found = await get(`/v1/locations/lookup?lang=${language}&q=${encodeURIComponent(text)}`);
    if (mine !== asked) return;
    show(found, chosen || sized(suggested, found.fixes[0]));
    if (!chosen) earlier(text, mine);
  } catch (error) {
    if (mine === asked) answer.replaceChildren(failure(error, () => look(text, chosen, suggested)));
  } finally { clearTimeout(waiting); }
}

/* The place that was suggested as the candidate that was chosen; nothing for points, cells and tickets. */
function sized(suggested, fix) {
  return suggested && suggested.radius_m && suggested.kind !== "point" && fix ? { ...fix, radius_m: suggested.radius_m, label: typed } : null;
}

function show(found, chosen) {
  if (!chosen || !fixes.includes(chosen)) fixes = found.fixes;
  const verdict = element("div", "card verdict " + found.verdict_code), say = element("div", "say"), other = language === "zh" ? "en" : "zh";
  say.append(element("b", "", t.say), element("p", "say-main", found.say));
  if (found["say_" + other] && found["say_" + other] !== found.say) {
    const second = element("p", "say-other", found["say_" + other]);
    second.lang = other === "zh" ? "zh-CN" : "en";
    say.append(second);
  }
  verdict.append(element("h2", "", found.verdict), say);
  const best = chosen || fixes[0], ambiguous = found.verdict_code === "ambiguous";
  answer.replaceChildren(...(fixes.length > 1 ? [candidates(fixes, choose, ambiguous ? null : best)] : []), verdict);
  if (!best || ambiguous) return record.place(null, ambiguous ? found.query : "");
  record.place(best, words(best, chosen), Boolean(chosen));
  geo.pin(best.lat, best.lon, best.radius_m);
  geo.map.setView([best.lat, best.lon], best.radius_m > 1500 ? 12 : 15, { animate: false });
  around();
  answer.append(cards(found));
}

/* A ticket number shows the customer's tickets as well. */
async function earlier(text, mine) {
  if (!isNumber(text)) return;
  try {
    const found = await post("/v1/customers/history", { ticket_no: text });
    if (mine === asked && found.tickets.length) answer.querySelector(".verdict").after(tickets(found, text));
  } catch { /* not a ticket, or not for this role */ }
}

/* House and entrance as they were typed, with the name of the candidate that was chosen; a name for points and numbers. */
function words(fix, chosen) {
  const label = fix.label || typed;
  if (fix.precision === "gnss" || isNumber(typed)) return label;
  return chosen && !typed.includes(label) ? `${typed}（${label}）` : typed;
}

function isNumber(text) { return /^[A-Za-z0-9_-]{4,40}$/.test(text) && /\d/.test(text); }

function choose(fix) { look(`${fix.lat},${fix.lon}`, fix); }

async function around() {
  const box = bbox(geo.map, 0), zoom = Math.round(geo.map.getZoom());
  const jobs = [
    config.run ? get(`/v1/hexes?bbox=${box}&zoom=${zoom}&measure=rsrp`).then((view) => geo.showHexes(view)) : null,
    get("/v1/cells?bbox=" + box).then((cells) => geo.showCells(cells, true)),
    get("/v1/planned-sites?bbox=" + box).then((sites) => geo.showPlanned(sites, true)),
    get(`/v1/places?bbox=${box}&limit=20`).then((places) => geo.showPlaces(places)),
  ];
  // The card stands without its map.
  await Promise.allSettled(jobs);
}

/* A click on the map asks about that point. */
geo.map.on("click", (event) => { query.value = `${event.latlng.lat.toFixed(6)},${event.latlng.lng.toFixed(6)}`; look(query.value); });

document.addEventListener("keydown", (event) => {
  const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "/" && !writing) { event.preventDefault(); query.focus(); query.select(); }
  if (event.altKey && /^[1-5]$/.test(event.key) && fixes[event.key - 1]) { event.preventDefault(); choose(fixes[event.key - 1]); }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); record.submit(); }
});

record.onerror = (error) => errorText(error);
const first = new URLSearchParams(location.search).get("q");
if (first) { query.value = first; look(first); } else around();
