// The page: one finding at a time, and the explorations.

const data = JSON.parse(document.getElementById("data").textContent);
const element = (name, attributes, ...children) => {
  const e = document.createElement(name);
  for (const k in attributes || {}) {
    if (k.startsWith("on")) e.addEventListener(k.slice(2), attributes[k]);
    else e.setAttribute(k, attributes[k]);
  }
  e.append(...children.filter(c => c !== null && c !== undefined));
  return e;
};
const cut = (text, most) => text.length > most ? text.slice(0, most) + "…" : text;
const main = document.getElementById("main");
let shown = 0, stepper = null;

function sourceOf(frame) {
  const pre = element("pre", {});
  const lines = frame && data.sources[frame.file];
  if (!lines || !frame.line) return element("p", { class: "more soft" }, frame && frame.file ? "The source file was not there when the report was made." : "No source is known.");
  for (let n = frame.line - 5; n <= frame.line + 5; ++n) {
    if (lines[n] === undefined) continue;
    pre.append(element("span", { class: "row" + (n === frame.line ? " mark" : "") }, element("b", {}, String(n)), lines[n]));
  }
  return pre;
}

function stackOf(stack) {
  return element("ol", { class: "stack" }, ...stack.map(f => element("li", {}, (f.function || "(unknown function)") + " ", element("span", { class: "soft" }, place(f) || (f.module || "").replace(/.*\//, "")))));
}

function side(head, g, stack, locks, tint) {
  const own = ownFrame(stack);
  const held = locks.map(l => l.kind + (l.shared ? " (for reading)" : "") + " locked at " + (place(ownFrame(l.acquired_at)) || "?"));
  return element("section", { class: "side", style: "--tint:" + tint },
    element("p", {}, element("strong", {}, head), " ", element("span", { class: "soft" }, own ? cut(own.function || "", 90) + " " + place(own) : "")),
    sourceOf(own),
    element("div", { class: "more" },
      element("div", { class: "soft" }, "Locks held: " + (held.join("; ") || "none")),
      g && g.created_at.length ? element("div", { class: "soft" }, nameOf(g) + " was started at " + place(ownFrame(g.created_at))) : null,
      element("details", {}, element("summary", {}, "Stack"), stackOf(stack))));
}

const verb = { read: "read", write: "wrote", atomic_read: "read (atomic)", atomic_write: "wrote (atomic)", free: "freed", channel_send: "sent on the channel", channel_close: "closed the channel", wait_group_add: "called add", wait_group_wait: "called wait" };
const upper = text => text.charAt(0).toUpperCase() + text.slice(1);

function sidesOf(f, schedule) {
  const tint = id => tintOf(schedule ? Math.max(0, schedule.goroutines.findIndex(g => g.id === id)) : id - 1);
  if (f.kind === "data_race") {
    const one = (a, before) => side(upper(nameOf(a.goroutine)) + " " + before + verb[a.kind] + " " + (a.variable || (a.size ? a.size + " bytes" : "")), a.goroutine, a.stack, a.locks, tint(a.goroutine.id));
    return [one(f.previous, "first "), one(f.current, "then ")];
  }
  return f.goroutines.map(p => side(upper(nameOf(p.goroutine)) + " " + p.doing, p.goroutine, p.stack, p.locks, tint(p.goroutine.id)));
}

function diagramOf(f, schedule) {
  const names = objectNames(schedule), view = { zoom: 1, hidden: new Set(), filter: "", at: -1 };
  if (f.goroutines) schedule.stuck = Object.fromEntries(f.goroutines.map(p => [schedule.goroutines.findIndex(g => g.id === p.goroutine.id) + 1, p.doing]));
  const stops = schedule.steps.map((s, i) => [s, i]).filter(([s]) => s.type === "step" || s.type === "choice").map(([, i]) => i);
  const drawn = element("div", { class: "drawn", tabindex: 0, "aria-label": "Diagram" }), now = element("p", { class: "now", id: "now", "aria-live": "polite" }), states = element("div", { class: "states", id: "states" });
  const slider = element("input", { type: "range", id: "slider", min: 0, max: Math.max(0, stops.length - 1), value: 0, "aria-label": "Step", oninput: () => go(Number(slider.value)) });
  const draw = () => (view.width = drawn.clientWidth - 2) && drawn.replaceChildren(drawSchedule(schedule, names, view, i => go(stops.indexOf(i))));
  let before = null;
  function go(n) {
    if (!schedule.controlled || !stops.length) return;
    n = Math.max(0, Math.min(stops.length - 1, n));
    view.at = stops[n];
    slider.value = n;
    const s = schedule.steps[view.at], g = schedule.goroutines[s.goroutine - 1], where = place(s);
    now.replaceChildren(element("strong", {}, "Step " + (n + 1) + " of " + stops.length + ": "), element("span", { class: "dot", style: "background:" + tintOf(s.goroutine - 1) }), nameOf(g) + " " + sayStep(schedule, names, s) + (where ? " at " + where : "") +
      (view.at === schedule.current_at - 1 ? "; the access that is reported comes after this step" : view.at === schedule.previous_at - 1 ? "; the first access comes after this step" : ""));
    const state = stateAt(schedule, names, view.at), earlier = n > 0 ? stateAt(schedule, names, stops[n - 1]) : null;
    const row = (name, says, old) => element("tr", { class: old !== null && old !== says ? "changed" : "" }, element("th", {}, name), element("td", {}, says));
    const tables = [element("table", {}, element("caption", {}, "Goroutines after this step"), ...state.goroutines.map((x, i) => row(nameOf(schedule.goroutines[i]), x.says, earlier ? earlier.goroutines[i].says : null)))];
    const says = (st, i) => sayObject(schedule.objects[i].kind, st.objects[i], schedule.objects[i].capacity, schedule.goroutines);
    const objects = schedule.objects.map((o, i) => i).filter(i => /channel|mutex|lock/.test(schedule.objects[i].kind));
    if (objects.length) tables.push(element("table", {}, element("caption", {}, "Channels and locks after this step"), ...objects.map(i => row(names[i], says(state, i), earlier ? says(earlier, i) : null))));
    states.replaceChildren(...tables);
    draw();
    const band = drawn.querySelector(".band");
    if (band) { const y = Number(band.getAttribute("y")); if (y < drawn.scrollTop || y > drawn.scrollTop + drawn.clientHeight - 40) drawn.scrollTop = y - 80; }
  }
  const zoom = by => { view.zoom = by ? Math.max(.4, Math.min(3, view.zoom * by)) : 1; draw(); };
  const search = element("input", { type: "search", id: "filter", placeholder: "filter: lock, chan, bank.cpp", "aria-label": "Filter steps", oninput: () => { view.filter = search.value.toLowerCase(); draw(); } });
  const chips = schedule.goroutines.length < 2 ? [] : schedule.goroutines.slice(0, 24).map((g, i) => {
    const chip = element("button", { "aria-pressed": "true", onclick: () => { const on = view.hidden.delete(i + 1) || !view.hidden.add(i + 1); chip.setAttribute("aria-pressed", on); draw(); } },
      element("span", { class: "dot", style: "background:" + tintOf(i) }), nameOf(g));
    return chip;
  });
  const current = () => stops.indexOf(view.at);
  stepper = { by: d => go(current() + d), to: n => go(n < 0 ? stops.length + n : n), zoom, search };
  const parts = [element("h3", {}, schedule.controlled ? "The schedule, step by step" : "What the detector knows of the order"),
    element("div", { class: "bar" }, element("button", { onclick: () => zoom(1 / 1.25), "aria-label": "Zoom out" }, "−"), element("button", { onclick: () => zoom(1.25), "aria-label": "Zoom in" }, "+"), search, ...chips)];
  if (schedule.controlled) {
    parts.push(element("div", { class: "bar" }, element("button", { id: "back", onclick: () => stepper.by(-1) }, "← back"), element("button", { id: "forward", onclick: () => stepper.by(1) }, "forward →"), slider), now);
  } else parts.push(element("p", { class: "soft" }, "The program ran in parallel, so only what is certain of the order is drawn, and steps that nothing orders stand in some order. A RAVEL_TEST records every step."));
  if (schedule.left_out) parts.push(element("p", { class: "soft" }, schedule.left_out + " earlier steps are left out; locks and channels are known from the first step that is shown."));
  const legend = (line, text) => element("span", { class: "legend " + line }, text);
  const kinds = new Set(arrowsOf(schedule).map(a => a.kind === "wake" ? "message" : a.kind));
  const meant = { spawn: "starts", message: schedule.controlled ? "message, wakes" : "the last that one heard of the other", lock: "lock handed on" };
  parts.push(element("p", { class: "bar soft", id: "legend" }, f.kind === "data_race" ? legend("missing", "the missing order: nothing leads from one access to the other") : null,
    ...Object.keys(meant).filter(k => kinds.has(k)).map(k => legend(k, meant[k]))));
  parts.push(drawn);
  if (schedule.controlled) parts.push(states);
  parts.start = () => { const at = stops.indexOf(schedule.current_at - 1); schedule.controlled ? go(at >= 0 ? at : stops.length - 1) : draw(); };
  return parts;
}

function showFinding(i) {
  const f = data.findings[i], words = data.words[i], schedule = scheduleOf(f, words.controlled);
  stepper = null;
  const parts = [element("div", { class: "kind" }, words.kind), element("h2", {}, words.title), element("p", { class: "told", id: "told" }, words.message)];
  if (f.schedule && f.schedule.replay) {
    const line = "RAVEL_REPLAY='" + f.schedule.replay + "' " + (f.program || "PROGRAM") + (f.arguments ? " " + f.arguments : "");
    parts.push(element("p", {}, "Again: ", element("code", {}, line), " ", element("button", { onclick: e => navigator.clipboard && navigator.clipboard.writeText(line).then(() => { e.target.textContent = "copied"; }) }, "copy")));
  }
  const waits = f.goroutines ? drawWaits(f, words.controlled) : null;
  if (waits) parts.push(element("h3", {}, "Who waits for whom"), element("div", { class: "drawn", id: "waits" }, waits));
  const sides = sidesOf(f, schedule);
  if (sides.length) parts.push(element("h3", {}, f.kind === "data_race" ? "The two accesses" : "Where they are"), element("div", { class: "sides" }, ...sides));
  const drawn = schedule ? diagramOf(f, schedule) : null;
  if (drawn) parts.push(...drawn);
  parts.push(element("h3", {}, "Everything else"), element("details", {}, element("summary", {}, "The report as text"), element("pre", { class: "all" }, words.text)));
  main.replaceChildren(...parts);
  if (drawn) drawn.start();
}

function showExploration(e) {
  stepper = null;
  main.replaceChildren(element("div", { class: e.failures ? "kind" : "kind clean" }, "Exploration of " + e.program.replace(/.*\//, "")), element("h2", {}, e.failures ? e.failures + (e.failures === 1 ? " failure" : " failures") + " in " + e.schedules + " schedules" : "Nothing found in " + e.schedules + " schedules"),
    element("p", { class: "told", id: "told" }, upper(e.verdict) + ". Strategy: " + e.strategy + ". " + (e.complete ? "Every behaviour has been seen." : "Behaviours that were not drawn were not judged.")),
    element("h3", {}, "Distinct behaviours"), element("div", { class: "drawn", id: "progress" }, drawProgress(e)),
    element("p", { class: "soft" }, e.distinct + " of " + e.schedules + " schedules differ in the order of steps that do not commute. A curve that still rises says that more schedules would show more."));
}

const pages = [...data.findings.map((f, i) => [data.words[i].title, () => showFinding(i)]), ...data.explorations.map((e, i) => ["exploration " + (i + 1), () => showExploration(e)])];
function show(i) {
  if (!pages.length) {
    main.replaceChildren(element("h2", {}, "Nothing was found."), element("p", { class: "told", id: "told" }, (data.programs.length ? data.programs.join(", ") + " ran" : "The programs ran") + " to the end of what was written, without a finding."));
    return;
  }
  shown = Math.max(0, Math.min(pages.length - 1, i));
  pages[shown][1]();
  [...document.getElementById("findings").children].forEach((b, k) => b.setAttribute("aria-current", k === shown));
  if (location.hash !== "#" + (shown + 1)) history.replaceState(null, "", "#" + (shown + 1));
}

document.getElementById("count").textContent = data.findings.length === 1 ? "1 finding" : data.findings.length + " findings";
if (pages.length > 1) document.getElementById("findings").append(...pages.map(([title], i) => element("button", { onclick: () => show(i) }, (i + 1) + " " + (title.length > 38 ? title.slice(0, 37) + "…" : title))));
addEventListener("keydown", e => {
  if (e.ctrlKey || e.altKey || e.metaKey || /INPUT|TEXTAREA/.test(e.target.tagName) && !(e.target.type === "range" && /^[jk+\-0/]$/.test(e.key))) { if (e.key === "Escape") e.target.blur(); return; }
  const act = { j: () => show(shown + 1), k: () => show(shown - 1), ArrowRight: () => stepper && stepper.by(1), ArrowLeft: () => stepper && stepper.by(-1), Home: () => stepper && stepper.to(0), End: () => stepper && stepper.to(-1),
    "+": () => stepper && stepper.zoom(1.25), "-": () => stepper && stepper.zoom(1 / 1.25), 0: () => stepper && stepper.zoom(0), "/": () => stepper && stepper.search.focus() }[e.key];
  if (!act) return;
  e.preventDefault();
  act();
});
addEventListener("hashchange", () => show((parseInt(location.hash.slice(1), 10) || 1) - 1));
show((parseInt(location.hash.slice(1), 10) || 1) - 1);
