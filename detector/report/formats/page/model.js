// What a schedule's steps mean: names, arrows, and the state after each step. Nothing here touches the page.

const place = f => !f || !f.file ? "" : f.file.replace(/.*\//, "") + (f.line ? ":" + f.line : "");
const isLibrary = f => /\/include\/c\+\+\/|\/bits\/gthr|\/detector\/standard\//.test(f.file) || /\/libstdc\+\+\.so/.test(f.module || "");
const ownFrame = s => s.find(f => f.line && !isLibrary(f)) || s[0];
const nameOf = g => "goroutine " + g.id + (g.id === 1 ? " (main)" : g.name ? " (" + g.name + ")" : "");
const tintOf = i => ["#3584e4", "#e66100", "#26a269", "#9141ac", "#c0a000", "#00a3a3", "#c061cb", "#986a44"][i % 8];
const wordsOf = {
  begin: "begins", go_on: "goes on", spawn: "starts a goroutine", yield: "yields", sleep: "sleeps", chan_send: "sends on", chan_receive: "receives from",
  chan_close: "closes", chan_look: "looks at", select: "selects among", mutex_lock: "locks", mutex_try_lock: "tries to lock", mutex_unlock: "unlocks",
  rw_lock: "locks", rw_try_lock: "tries to lock", rw_unlock: "unlocks", rw_rlock: "locks for reading", rw_try_rlock: "tries to lock for reading",
  rw_runlock: "unlocks from reading", group_add: "adds to", group_done: "is done with", group_wait: "waits for", once_call: "calls", cond_wait: "waits on",
  cond_signal: "signals", pool_use: "uses", timer_use: "changes", atomic_load: "reads", atomic_store: "writes", atomic_rmw: "changes", atomic_cas: "compares and swaps",
  fence: "makes a fence", thread_lock: "locks", thread_try_lock: "tries to lock", thread_unlock: "unlocks", random: "draws a random number", end: "ends",
  net_listen: "listens at", net_dial: "dials", net_accept: "accepts from", net_read: "reads from", net_write: "writes to", net_close: "closes",
  net_use: "sets a deadline of", net_look: "looks at",
};

// The schedule of a finding. Where the program ran in parallel it is what the detector knows of the order, in the same form.
const scheduleOf = (finding, controlled) => finding.schedule && finding.schedule.steps.length ? { controlled, ...finding.schedule } : null;

function objectNames(schedule) {
  const seen = {};
  return schedule.objects.map(o => o.kind + " " + (seen[o.kind] = (seen[o.kind] || 0) + 1));
}

function sayStep(schedule, names, s) {
  const objects = (s.objects || []).map(o => names[o - 1]).join(", ");
  if (s.type === "created") return "is started by " + (s.other ? nameOf(schedule.goroutines[s.other - 1]) : "a timer or the test");
  if (s.type === "woken") return s.other && s.other !== s.goroutine ? "is woken by " + nameOf(schedule.goroutines[s.other - 1]) : "is woken by time";
  if (s.type === "choice") return "is given case " + (s.value || 0) + " of " + s.of;
  return (wordsOf[s.operation] || s.operation) + (objects ? " " + objects : "");
}

// {from, to, kind}: indices of steps. Messages are matched in order; where a select is on the channel, it may have taken one, and none are drawn.
function arrowsOf(schedule) {
  const steps = schedule.steps, arrows = [], last = {}, sends = {}, selected = new Set(), unlocked = {};
  const next = (g, from) => { for (let i = from; i < steps.length; ++i) if (steps[i].goroutine === g && steps[i].type === "step") return i; return -1; };
  steps.forEach(s => { if (s.operation === "select" || s.operation === "chan_look") (s.objects || []).forEach(o => selected.add(o)); });
  const received = {};
  steps.forEach((s, i) => {
    if (s.type === "step") {
      const o = (s.objects || [])[0];
      if (/^chan_send$/.test(s.operation) && !selected.has(o)) (sends[o] = sends[o] || []).push(i);
      if (s.operation === "chan_receive" && !selected.has(o)) (received[o] = received[o] || []).push(i);
      if (/unlock$/.test(s.operation)) unlocked[o] = i;
      if (/lock$/.test(s.operation) && !/unlock$/.test(s.operation) && unlocked[o] !== undefined && steps[unlocked[o]].goroutine !== s.goroutine) {
        arrows.push({ from: unlocked[o], to: i, kind: "lock" });
      }
      last[s.goroutine] = i;
    } else if (s.type !== "choice" && s.other && s.other !== s.goroutine && last[s.other] !== undefined) {
      const to = next(s.goroutine, i);
      if (to >= 0) arrows.push({ from: last[s.other], to, kind: s.type === "created" ? "spawn" : "wake" });
    }
  });
  for (const o in sends) sends[o].forEach((from, k) => {
    const to = (received[o] || [])[k];
    if (to !== undefined && steps[from].goroutine !== steps[to].goroutine && to > from) arrows.push({ from, to, kind: "message" });
  });
  return arrows;
}

const waiting = says => says.startsWith("waits") ? says : "waits: " + says;

// State after steps[0..at]: [{name, says, changed}] of goroutines and of objects.
function stateAt(schedule, names, at) {
  const gs = schedule.goroutines.map((g, i) => ({ says: i === 0 ? "not begun" : "not started", waits: 0 }));
  const os = schedule.objects.map(o => ({ holders: [], readers: [], length: o.kind === "channel" ? 0 : -1, closed: false, count: 0 }));
  const steps = schedule.steps;
  const ahead = (g, from) => { for (let i = from; i < steps.length; ++i) if (steps[i].goroutine === g && steps[i].type === "step") return steps[i]; return null; };
  let running = 0;
  for (let i = 0; i <= at; ++i) {
    const s = steps[i], g = gs[s.goroutine - 1];
    if (s.type === "created") { g.says = "ready"; continue; }
    if (s.type === "woken") { g.says = "ready, was woken"; continue; }
    if (s.type === "choice") continue;
    running = s.goroutine;
    g.says = "runs";
    for (const number of s.objects || []) {
      const o = os[number - 1], op = s.operation;
      const blocked = steps[i + 1] && nextStepBlocked(steps, i);
      if (s.length !== undefined) { o.length = s.length; o.closed = !!s.closed; }
      if (op === "chan_send" && !blocked && o.length < schedule.objects[number - 1].capacity) ++o.length;
      if (op === "chan_receive" && !blocked && o.length > 0) --o.length;
      if (op === "chan_close") o.closed = true;
      if (/^(mutex|rw|thread)_lock$/.test(op) && !blocked) o.holders = [s.goroutine];
      if (/try_lock$/.test(op)) { const n = ahead(s.goroutine, i + 1); if (n && /unlock/.test(n.operation) && (n.objects || [])[0] === number) o.holders = [s.goroutine]; }
      if (/_rlock$/.test(op) && !blocked) o.readers.push(s.goroutine);
      if (/_runlock$/.test(op)) o.readers = o.readers.filter(x => x !== s.goroutine);
      else if (/_unlock$/.test(op)) o.holders = [];
    }
    if (s.operation === "go_on") {
      let before = i - 1;
      while (before >= 0 && !(steps[before].goroutine === s.goroutine && steps[before].type === "step" && steps[before].operation !== "go_on")) --before;
      if (before >= 0 && /^rw_r?lock$/.test(steps[before].operation)) {
        const o = os[steps[before].objects[0] - 1];
        if (steps[before].operation === "rw_lock") o.holders = [s.goroutine]; else o.readers.push(s.goroutine);
      }
    }
    let following = i + 1;
    while (following < steps.length && steps[following].type !== "step") ++following;
    const then = steps[following];
    const last = !ahead(s.goroutine, i + 1);
    if (then && then.goroutine !== s.goroutine || !then) {
      if (then && then.asker_ended) g.after = "has ended";
      else if (then && then.asker_blocked || !then && schedule.stuck && schedule.stuck[s.goroutine]) {
        const own = ahead(s.goroutine, i + 1);
        g.after = own && own.operation !== "go_on" ? waiting(sayStep(schedule, names, own)) : schedule.stuck && last && schedule.stuck[s.goroutine] ? schedule.stuck[s.goroutine] : waiting(sayStep(schedule, names, s));
      } else g.after = "ready";
    }
    for (let k = 0; k < gs.length; ++k) if (k !== running - 1 && gs[k].after && gs[k].says === "runs") gs[k].says = gs[k].after;
  }
  return { goroutines: gs, objects: os, running };
}

// The goroutine of step i could not go on after it.
function nextStepBlocked(steps, i) {
  for (let k = i + 1; k < steps.length; ++k) {
    if (steps[k].type !== "step") continue;
    return !!steps[k].asker_blocked && steps[k].goroutine !== steps[i].goroutine && /chan_|rw_|select|cond_|group_wait/.test(steps[i].operation) &&
      (() => { for (let m = k; m < steps.length; ++m) if (steps[m].goroutine === steps[i].goroutine && steps[m].type === "step") return steps[m].operation === "go_on"; return true; })();
  }
  return false;
}

function sayObject(kind, o, capacity, goroutines) {
  const who = list => list.map(n => nameOf(goroutines[n - 1])).join(", ");
  if (kind === "channel") return (capacity ? o.length + " of " + capacity + " elements" : "without a buffer") + (o.closed ? ", closed" : "");
  if (/mutex|lock/.test(kind)) return o.holders.length ? "held by " + who(o.holders) : o.readers.length ? "held for reading by " + who(o.readers) : "free";
  return "";
}
