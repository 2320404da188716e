/* Everything a view of the map consists of stands in the address: a link shows another person the same. */
const KEYS = ["lat", "lon", "zoom", "measure", "group", "since", "until", "since2", "until2", "hotspot", "layers", "cell", "effect"];

function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(KEYS.filter((key) => given.get(key)).map((key) => [key, given.get(key)]));
}

export const state = read();

/* Change parts of the view; null takes a part away. */
export function remember(changes) {
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") delete state[key]; else state[key] = String(value);
  }
  history.replaceState(null, "", "#" + new URLSearchParams(KEYS.filter((key) => key in state).map((key) => [key, state[key]])));
}

/* Centre and zoom of the address, null when it names none that can be shown. */
export function givenView() {
  const [lat, lon, zoom] = ["lat", "lon", "zoom"].map((key) => (key in state ? Number(state[key]) : NaN));
  const sound = [lat, lon, zoom].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 2 && zoom <= 20;
  return sound ? { lat, lon, zoom } : null;
}

window.addEventListener("hashchange", () => location.reload());
