/* What the three pages share. */
export const config = JSON.parse(document.getElementById("config").textContent);
export const t = config.texts;
export const language = config.language;
export const { element, number } = window.GeoMap;

export async function get(path, options) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  const body = response.status === 304 ? null : await response.json();
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
  return text ? new Date(text).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { timeZone: config.timezone, dateStyle: "medium", timeStyle: "short" }) : "–";
}

export function name(item, stem) { return item[stem + "_" + language] || ""; }

export function className(code) { const found = config.classes[code]; return found ? found[language] : code; }

export function percent(share) { return share === null || share === undefined ? "–" : Math.round(100 * share) + " %"; }

export function facts(pairs) {
  const list = element("dl", "facts");
  for (const [term, value] of pairs) {
    if (value === null || value === undefined || value === "") continue;
    const body = element("dd");
    body.append(value instanceof Node ? value : String(value));
    list.append(element("dt", "", term), body);
  }
  return list;
}

export function bars(entries) {
  const box = element("div", "bars");
  const most = Math.max(...entries.map(([, count]) => count), 1);
  for (const [label, count] of entries) {
    const line = element("div"), track = element("span"), bar = element("i");
    bar.style.width = Math.max(2, (100 * count) / most) + "%";
    track.append(bar);
    line.append(element("span", "", label), track, element("span", "", number(count, 1)));
    box.append(line);
  }
  return box;
}

export function failure(error, retry) {
  const box = element("div", "note");
  const nothing = error.status === 404 && error.problem && error.problem.code === "not-found";
  box.append(element("p", nothing ? "" : "error", nothing ? t.no_run : error.status ? error.message : t.load_failed));
  if (retry) { const button = element("button", "", t.retry); button.type = "button"; button.onclick = retry; box.append(button); }
  return box;
}

export function makeMap(id, view) {
  const map = L.map(id, { preferCanvas: true, zoomSnap: 0.5, attributionControl: true }).setView(view ? [view.lat, view.lon] : [30, 105], view ? view.zoom : 4);
  if (config.tiles) L.tileLayer(config.tiles, { maxZoom: 19 }).addTo(map);
  return new window.GeoMap.GeoMap(map, config.map);
}

export function bbox(map) {
  const b = map.getBounds().pad(0.05);
  const clip = (v, low, high) => Math.max(low, Math.min(high, v));
  return [clip(b.getWest(), -180, 179.9), clip(b.getSouth(), -90, 89.9), clip(b.getEast(), -179.9, 180), clip(b.getNorth(), -89.9, 90)].map((v) => v.toFixed(5)).join(",");
}

async function asOf() {
  try { const status = await get("/v1/status"); document.getElementById("as-of").textContent = t.as_of + " " + moment(status.as_of); } catch { /* the page itself reports what fails */ }
}

document.getElementById("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
});

/* Another language, the same place: keep what the address says now. */
document.getElementById("language").addEventListener("click", (event) => {
  event.preventDefault();
  const query = new URLSearchParams(location.search);
  query.set("lang", language === "zh" ? "en" : "zh");
  location.href = location.pathname + "?" + query + location.hash;
});
asOf();
