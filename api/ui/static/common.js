/* What the three pages share: words, requests, dates, the map, messages of errors. */
export const config = JSON.parse(document.getElementById("config").textContent);
export const t = config.texts;
export const language = config.language;
export const { element, number } = window.GeoMap;

/* Whether the caller may do something: the server decides, the page only leaves out what would be refused. */
export function may(scope) { return config.me.scopes.includes(scope); }

export async function get(path, options) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  if (response.status === 401) { location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search + location.hash)); }
  const body = response.status === 304 || response.status === 204 ? null : await response.json();
  if (!response.ok) throw Object.assign(new Error(body.detail || body.title), { status: response.status, problem: body });
  return body;
}

export function post(path, body, headers) {
  return get(path, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json", ...headers }, body: JSON.stringify(body) });
}

/* Days are written 2026-03-31 in both languages: nobody reads 02/03 wrongly. */
export function day(text) { return text ? new Date(text).toLocaleDateString("sv-SE", { timeZone: config.timezone }) : "–"; }

/* The last day of a period whose end is the first moment after it. */
export function lastDay(text) { return text ? day(new Date(new Date(text).getTime() - 1000).toISOString()) : "–"; }

export function moment(text) {
  return text ? new Date(text).toLocaleString("sv-SE", { timeZone: config.timezone, dateStyle: "short", timeStyle: "short" }) : "–";
}

export function name(item, stem) { return item[stem + "_" + language] || ""; }

/* A place in the reader's language: "English (中文)" where an English name is known. */
export function placeName(item, key) { return window.GeoMap.placeName(item, key, language); }

export function className(code) { const found = config.classes[code]; return found ? found[language] : code; }

export function percent(share) { return share === null || share === undefined ? "–" : Math.round(100 * share) + " %"; }

export function facts(pairs) {
  const list = element("dl", "facts");
  for (const [term, value] of pairs) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) continue;
    const body = element("dd");
    body.append(value instanceof Node ? value : String(value));
    list.append(element("dt", "", term), body);
  }
  return list;
}

export function button(label, onclick, className) {
  const node = element("button", className || "", label);
  node.type = "button";
  node.onclick = onclick;
  return node;
}

export function link(label, href, className) {
  const node = element("a", className || "", label);
  node.href = href;
  return node;
}

/* What went wrong, in the page's language: the server's own sentence where it speaks it, else by code and field. */
export function errorText(error) {
  if (!error.status) return t.load_failed;
  const problem = error.problem || {}, listed = (problem.errors || []).map((one) => fieldName(one.field)).filter(Boolean);
  const ours = language === "en" || /[\u3400-\u9fff]/.test(error.message);
  // A sentence of the server names its one field itself; several wrong fields come as a list beside it.
  const fields = [...new Set(listed.length || ours || !problem.field ? listed : [fieldName(problem.field)])].join(t.comma);
  const said = ours ? error.message : t["err_" + problem.code] || t["err_" + error.status] || t.err_other;
  return !fields ? said : language === "zh" ? `${said}（${fields}）` : `${said} (${fields})`;
}

function fieldName(field) {
  const key = String(field).split(".").filter((part) => !/^\d+$/.test(part) && part !== "body").pop() || "";
  return (config.fields[key] && config.fields[key][language]) || t["f_" + key] || t["ch_" + key] || t[key] || key;
}

export function failure(error, retry) {
  const box = element("div", "state"), nothing = error.status === 404 && error.problem && error.problem.code === "not-found";
  box.append(element("p", nothing ? "" : "error", nothing ? t.no_run : errorText(error)));
  if (retry) box.append(button(t.retry, retry));
  return box;
}

/* Before the first analysis: what to do, instead of questions that can only fail. */
export function nothingYet() {
  const box = element("div", "state nothing");
  box.append(element("h2", "", t.nothing_yet), element("p", "", t.no_run));
  if (may("jobs")) box.append(link(t.nav_jobs, "/jobs", "button"));
  return box;
}

export function makeMap(id, view, options) {
  const map = L.map(id, { preferCanvas: true, zoomSnap: 0.5, attributionControl: true, ...options }).setView(view ? [view.lat, view.lon] : [30, 105], view ? view.zoom : 4);
  if (!view && config.extent) { const [west, south, east, north] = config.extent; map.fitBounds([[south, west], [north, east]], { animate: false }); }
  if (config.tiles) L.tileLayer(config.tiles, { maxZoom: 19 }).addTo(map);
  return new window.GeoMap.GeoMap(map, { ...config.map, ...(options && options.geo) });
}

export function bbox(map, pad = 0.05) {
  const b = map.getBounds().pad(pad);
  const clip = (v, low, high) => Math.max(low, Math.min(high, v));
  return [clip(b.getWest(), -180, 179.9), clip(b.getSouth(), -90, 89.9), clip(b.getEast(), -179.9, 180), clip(b.getNorth(), -89.9, 90)].map((v) => v.toFixed(5)).join(",");
}

/* Save something the browser made itself. */
export function download(blob, fileName) {
  const anchor = element("a");
  anchor.href = URL.createObjectURL(blob);
  anchor.download = fileName;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
}

async function asOf() {
  try { const status = await get("/v1/status"); if (status.run || status.tables.complaints) document.getElementById("as-of").textContent = t.as_of + " " + moment(status.as_of); } catch { /* the page itself reports what fails */ }
}

document.getElementById("theme").addEventListener("click", () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", theme);
  setTheme(theme);
});

/* Paper is light: names, outlines and tags follow the theme, so the theme changes for the print. */
function setTheme(theme) { document.documentElement.dataset.theme = theme; document.dispatchEvent(new Event("themechange")); }
window.addEventListener("beforeprint", () => setTheme("light"));
window.addEventListener("afterprint", () => setTheme(localStorage.getItem("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")));

/* Another language, the same place: keep what the address says now. */
document.getElementById("language").addEventListener("click", (event) => {
  event.preventDefault();
  const query = new URLSearchParams(location.search);
  query.set("lang", language === "zh" ? "en" : "zh");
  location.href = location.pathname + "?" + query + location.hash;
});

/* Open menus close when one looks elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});
asOf();
