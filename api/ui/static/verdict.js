/* Did it work? The verdict of an action once somebody says when it was done. */
import { button, element, errorText, facts, get, language, name, number, percent, t } from "./common.js";

/* These change nothing in the network that could be compared. */
const WITHOUT = new Set(["A01", "A02", "A19"]);
const LOOK = { "solved": "good", "not solved": "harm", "not enough data": "" };

export function followUp(action) {
  if (WITHOUT.has(action.action)) return "";
  const box = element("details", "verdict"), form = element("form", "verdict-ask"), found = element("div");
  const done = Object.assign(element("input"), { type: "date", required: true, name: "done", max: new Date().toISOString().slice(0, 10) });
  const label = element("label", "", t.done_on + " ");
  label.append(done);
  form.append(label, Object.assign(button(t.verify, null), { type: "submit" }));
  form.onsubmit = async (event) => {
    event.preventDefault();
    found.replaceChildren(element("p", "note", t.loading));
    try {
      // Noon: the same day in every zone whose day counts here.
      const answer = await get(`/v1/actions/${encodeURIComponent(action.action_id)}/verification?done=${done.value}T12:00:00Z`);
      found.replaceChildren(...verdict(answer));
    } catch (error) { found.replaceChildren(element("p", "warn", errorText(error))); }
  };
  found.setAttribute("aria-live", "polite");
  box.append(element("summary", "", t.did_it_work), form, found);
  return box;
}

function verdict(one) {
  const head = element("p", LOOK[one.verdict] || "hint", name(one, "sentence"));  // begins with the verdict
  const span = one.ratio_high === null ? "" : ` (${number(one.ratio_low, 2)}–${number(one.ratio_high, 2)})`;
  const figures = facts([
    [t.complaining_here, `${one.before} → ${one.after}`],
    [t.complaining_controls, one.controls ? `${one.control_before} → ${one.control_after} (${one.controls})` : null],
    [t.rate_ratio, one.ratio === null ? null : number(one.ratio, 2) + span],
    [t.level_after, one.level_samples ? `${percent(one.level_share)} (${number(one.level_samples, 0)})` : null],
    [t.test_calls, one.calls ? `${one.calls} · ${one.lost_calls} ${t.lost_calls}` : null],
    [t.counter_days, one.counter_days ? number(one.counter_days, 0) : null],
    [t.repeated_since, one.repeats || null],
  ]);
  const lacks = element("ul");
  for (const item of one.lacking || []) lacks.append(element("li", "lacks", `${t.missing}: ${item[language] || ""}`));
  return [head, figures, lacks];
}
