/* Imports and analyses: start one, watch it, cancel it; what is served stays whole meanwhile. */
import { button, config, element, errorText, facts, failure, get, moment, number, percent, post, t } from "./common.js";

const at = (id) => document.getElementById(id);
const ACTIVE = new Set(["queued", "running"]), TONE = { done: "good", failed: "bad", cancelled: "", running: "warn", queued: "" };
const SOON_MS = 1200, LATER_MS = 8000;
let timer = null;

function row(job) {
  const box = element("article", "job"), title = element("div"), what = job.request.table ? `${t.import}: ${t["tb_" + job.request.table.replaceAll("_", "-")] || job.request.table}` : t.analyse;
  title.append(element("b", "", what), element("span", "tag " + (TONE[job.state] || ""), t["job_" + job.state] || job.state));
  box.append(title, ACTIVE.has(job.state) ? button(t.cancel, () => cancel(job)) : element("span"));
  if (ACTIVE.has(job.state)) {
    const bar = element("progress");
    bar.max = 1;
    if (job.state === "running") bar.value = job.share;
    bar.setAttribute("aria-label", what);
    box.append(bar, element("p", "hint", `${percent(job.share)} · ${job.doing || ""}`));
  }
  if (job.result) box.append(element("p", "", outcome(job.result)));
  if (job.error) box.append(element("p", "error", job.error.message));
  const file = job.request.file;
  box.append(element("p", "hint", [moment(job.created_at), job.by, file].filter(Boolean).join(" · ")));
  return box;
}

function outcome(result) {
  if (result.read !== undefined) return `${t.read} ${number(result.read, 0)} · ${t.taken} ${number(result.taken, 0)} · ${t.rejected} ${number(result.rejected, 0)} · ${t.duplicates} ${number(result.duplicates, 0)}`;
  if (result.hotspots !== undefined) return `${number(result.hotspots, 0)} ${t.hotspots} · ${number(result.complaints, 0)} ${t.tb_complaints} · ${number(result.seconds, 0)} s`;
  return "";
}

async function cancel(job) {
  try { await get("/v1/jobs/" + job.id, { method: "DELETE" }); } catch (error) { at("started").textContent = errorText(error); }
  watch();
}

async function watch() {
  clearTimeout(timer);
  let wait = LATER_MS;
  try {
    const jobs = await get("/v1/jobs?limit=30");
    at("list").replaceChildren(...(jobs.length ? jobs.map(row) : [element("p", "state", t.no_jobs)]));
    if (jobs.some((job) => ACTIVE.has(job.state))) wait = SOON_MS; else stored();
  } catch (error) { at("list").replaceChildren(failure(error, watch)); return; }
  timer = setTimeout(watch, wait);
}

async function stored() {
  const status = await get("/v1/status");
  const rows = Object.entries(status.tables).filter(([name]) => t["tb_" + name.replaceAll("_", "-")]);
  at("stored").replaceChildren(facts([...rows.map(([name, count]) => [t["tb_" + name.replaceAll("_", "-")], number(count, 0)]), [t.run, status.run], [t.as_of, moment(status.as_of)]]));
}

at("import").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, said = at("imported"), body = new FormData();
  body.set("file", form.elements.file.files[0]);
  if (form.elements.datum.value) body.set("datum", form.elements.datum.value);
  if (form.elements.strict.checked) body.set("strict", "true");
  said.className = "note";
  said.textContent = t.uploading;
  try {
    await get("/v1/imports/" + form.elements.table.value, { method: "POST", body, headers: { Accept: "application/json", Prefer: "respond-async" } });
    said.textContent = t.accepted;
    form.elements.file.value = "";
  } catch (error) { said.className = "note error"; said.textContent = errorText(error); }
  watch();
});

at("run").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = at("started");
  said.className = "note";
  try { await post("/v1/runs", {}); said.textContent = t.accepted; } catch (error) { said.className = "note error"; said.textContent = errorText(error); }
  watch();
});

if (config.me.scopes.includes("jobs")) { watch(); stored(); }
