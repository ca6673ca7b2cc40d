// Space and time: a column for each goroutine, time goes down.

const svgElement = (name, attributes, ...children) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  e.append(...children);
  return e;
};

// view: {zoom, hidden: set of goroutine numbers, filter: text, at: index of the present step}
function drawSchedule(schedule, names, view, select) {
  const shown = schedule.goroutines.map((g, i) => i + 1).filter(n => !view.hidden.has(n));
  // In a narrow window columns come nearer, as long as a name fits in one.
  const wide = 230 * Math.min(view.zoom, 1.4), fits = ((view.width || 0) - 48) / shown.length;
  const column = Math.max(130, view.zoom === 1 ? Math.min(wide, fits) : wide), most = Math.floor((column - 16) / 6.5), height = 24 * view.zoom, top = 46, left = 18;
  const steps = schedule.steps, rows = [];
  const matches = s => !view.filter || (sayStep(schedule, names, s) + " " + place(s) + " " + (s.function || "")).toLowerCase().includes(view.filter);
  let y = top;
  steps.forEach((s, i) => {
    rows[i] = y;
    if (s.type === "step") y += height;
  });
  const width = Math.max(left + shown.length * column + 30, view.width || 0), total = y + 24;
  const x = n => left + 14 + shown.indexOf(n) * column, visible = n => shown.includes(n);
  const svg = svgElement("svg", { width, height: total, viewBox: `0 0 ${width} ${total}`, role: "img", "aria-label": "Order of steps of the goroutines, time goes down" });
  const heads = ["spawn", "message", "wake", "lock"].map(kind => {
    const m = svgElement("marker", { id: "head-" + kind, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" },
      svgElement("path", { d: "M0 0L8 4L0 8z", style: "fill:" + (kind === "spawn" ? "var(--soft)" : kind === "lock" ? "var(--green)" : "var(--blue)") }));
    return m;
  });
  svg.append(svgElement("defs", {}, ...heads));
  if (view.at >= 0 && schedule.controlled) svg.append(svgElement("rect", { class: "band", x: 0, y: rows[view.at] - height / 2, width, height }));
  for (const n of shown) {
    const g = schedule.goroutines[n - 1], tint = tintOf(n - 1);
    const mine = steps.map((s, i) => [s, i]).filter(([s]) => s.goroutine === n && s.type !== "choice").map(([, i]) => i);
    if (mine.length) svg.append(svgElement("line", { class: "life", x1: x(n), x2: x(n), y1: n === 1 ? top - 8 : rows[mine[0]], y2: total - 14 }));
    const head = svgElement("text", { x: x(n) - 8, y: 18, "font-weight": 600 }, nameOf(g));
    svg.append(svgElement("circle", { cx: x(n), cy: 32, r: 5, fill: tint }), head);
    for (let i = 0; i < steps.length; ++i) {
      if (steps[i].goroutine !== n || steps[i].type !== "step" || !schedule.controlled) continue;
      let k = i + 1;
      while (k < steps.length && steps[k].type !== "step") ++k;
      const end = k < steps.length && steps[k].goroutine === n ? rows[k] : rows[i] + height * .4;
      svg.append(svgElement("line", { class: "runs", x1: x(n), x2: x(n), y1: rows[i], y2: end, stroke: tint }));
    }
  }
  for (const a of arrowsOf(schedule)) {
    const f = steps[a.from].goroutine, t = steps[a.to].goroutine;
    if (!visible(f) || !visible(t)) continue;
    const side = x(t) > x(f) ? 1 : -1, bend = Math.abs(x(t) - x(f)) * .35;
    svg.append(svgElement("path", { class: "arrow " + a.kind, "marker-end": `url(#head-${a.kind})`,
      d: `M${x(f)} ${rows[a.from]}C${x(f) + side * bend} ${rows[a.from] + 8} ${x(t) - side * bend} ${rows[a.to] - 4} ${x(t) - side * 7} ${rows[a.to]}` }));
  }
  const accesses = new Set([schedule.current_at - 1, schedule.previous_at - 1]);
  steps.forEach((s, i) => {
    if (s.type !== "step" || !visible(s.goroutine)) return;
    const g = svgElement("g", { class: "step" + (matches(s) ? "" : " dim"), "data-step": i });
    const where = place(s);
    g.append(svgElement("circle", { cx: x(s.goroutine), cy: rows[i], r: accesses.has(i) ? 6 : 4, class: accesses.has(i) ? "race" : "", fill: accesses.has(i) ? "" : tintOf(s.goroutine - 1) }));
    const text = sayStep(schedule, names, s);
    if (height >= 13) g.append(svgElement("text", { class: "label", x: x(s.goroutine) + 12, y: rows[i] + 4 }, text.length > most ? text.slice(0, most - 1) + "…" : text));
    g.append(svgElement("title", {}, nameOf(schedule.goroutines[s.goroutine - 1]) + " " + text + (where ? " at " + where : "")));
    g.addEventListener("click", () => select(i));
    svg.append(g);
  });
  const [p, c] = [schedule.previous_at - 1, schedule.current_at - 1];
  if (p >= 0 && c >= 0 && visible(steps[p].goroutine) && visible(steps[c].goroutine)) {
    const [x1, y1, x2, y2] = [x(steps[p].goroutine), rows[p], x(steps[c].goroutine), rows[c]];
    svg.append(svgElement("line", { class: "missing", x1, y1, x2, y2 }));
  }
  return svg;
}

// Who waits for whom: goroutines are round, what they wait for is square. What is on a circle is red.
function drawWaits(finding, controlled) {
  const nodes = new Map(), edges = [];
  const node = (key, text, round) => { if (!nodes.has(key)) nodes.set(key, { key, text, round }); return key; };
  const objectName = address => {
    const known = (finding.objects || []).find(o => o.address === address);
    const lock = finding.goroutines.flatMap(p => p.locks).find(l => l.address === address);
    const at = controlled ? finding.schedule.objects.findIndex(o => o.address === address) : -1;
    if (at >= 0) return objectNames(finding.schedule)[at];
    return (known ? known.what.split(",")[0] : lock ? lock.kind : "object") + " …" + address.slice(-4);
  };
  for (const p of finding.goroutines) {
    const g = node("g" + p.goroutine.id, nameOf(p.goroutine), true);
    for (const o of p.waits_for || []) edges.push({ from: g, to: node(o, objectName(o), false), says: "waits for" });
  }
  for (const p of finding.goroutines) for (const l of p.locks) {
    if (nodes.has(l.address)) edges.push({ from: l.address, to: "g" + p.goroutine.id, says: "held by" });
  }
  if (!edges.length) return null;
  const reaches = (a, b, seen = new Set()) => edges.some(e => e.from === a && (e.to === b || !seen.has(e.to) && reaches(e.to, b, seen.add(e.to))));
  const circle = [...nodes.keys()].filter(k => reaches(k, k)), others = [...nodes.keys()].filter(k => !circle.includes(k));
  const ordered = [];
  if (circle.length) {
    let at = circle[0];
    while (at && !ordered.includes(at)) { ordered.push(at); at = (edges.find(e => e.from === at && circle.includes(e.to) && !ordered.includes(e.to)) || {}).to; }
    circle.forEach(k => { if (!ordered.includes(k)) ordered.push(k); });
  }
  const radius = Math.max(90, ordered.length * 32), middle = radius + 30, width = Math.max(ordered.length ? 2 * middle + 140 : 0, 480);
  ordered.forEach((k, i) => {
    const a = 2 * Math.PI * i / ordered.length - Math.PI / 2;
    Object.assign(nodes.get(k), { x: width / 2 + radius * 1.35 * Math.cos(a), y: middle + radius * .8 * Math.sin(a), hot: true });
  });
  const base = ordered.length ? 2 * middle : 0;
  const goroutines = others.filter(k => nodes.get(k).round), objects = others.filter(k => !nodes.get(k).round);
  goroutines.forEach((k, i) => Object.assign(nodes.get(k), { x: width / 2 - 150, y: base + 30 + i * 46 }));
  objects.forEach((k, i) => Object.assign(nodes.get(k), { x: width / 2 + 150, y: base + 30 + i * 46 }));
  const height = base + Math.max(goroutines.length, objects.length) * 46 + (others.length ? 20 : 0);
  const svg = svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Who waits for whom" });
  const head = (id, tint) => svgElement("marker", { id, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 12, markerHeight: 12, markerUnits: "userSpaceOnUse", orient: "auto" }, svgElement("path", { d: "M0 0L8 4L0 8z", style: "fill:" + tint }));
  svg.append(svgElement("defs", {}, head("head-wait", "var(--soft)"), head("head-wait-hot", "var(--red)")));
  for (const e of edges) {
    const a = nodes.get(e.from), b = nodes.get(e.to), hot = a.hot && b.hot;
    const length = Math.hypot(b.x - a.x, b.y - a.y), reach = n => Math.min(Math.abs(62 * length / ((b.x - a.x) || .01)), Math.abs(18 * length / ((b.y - a.y) || .01)));
    const cut = Math.min(reach() + 4, length / 2.2), dx = (b.x - a.x) / length, dy = (b.y - a.y) / length;
    svg.append(svgElement("line", { class: "arrow" + (hot ? " in-circle" : ""), "marker-end": hot ? "url(#head-wait-hot)" : "url(#head-wait)", x1: a.x + dx * cut, y1: a.y + dy * cut, x2: b.x - dx * cut, y2: b.y - dy * cut }));
    svg.append(svgElement("text", { class: "label", "text-anchor": "middle", x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 - 4 }, e.says));
  }
  for (const n of nodes.values()) {
    svg.append(svgElement("rect", { class: "node" + (n.hot ? " in-circle" : ""), x: n.x - 62, y: n.y - 16, width: 124, height: 32, rx: n.round ? 16 : 3 }));
    svg.append(svgElement("text", { "text-anchor": "middle", x: n.x, y: n.y + 4 }, n.text.length > 18 ? n.text.slice(0, 17) + "…" : n.text));
  }
  return svg;
}

// How many schedules that differ were seen after how many.
function drawProgress(e) {
  const width = 560, height = 170, left = 48, top = 30, bottom = 34;
  const most = Math.max(...e.progress.map(p => p[0]), 1), high = Math.max(...e.progress.map(p => p[1]), 1);
  const at = p => (left + (width - left - 20) * p[0] / most).toFixed(1) + "," + (height - bottom - (height - bottom - top) * p[1] / high).toFixed(1);
  const svg = svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Distinct behaviours over schedules" });
  svg.append(svgElement("line", { class: "life", x1: left, x2: width - 20, y1: height - bottom, y2: height - bottom }), svgElement("line", { class: "life", x1: left, x2: left, y1: 10, y2: height - bottom }));
  svg.append(svgElement("polyline", { points: e.progress.map(at).join(" "), fill: "none", stroke: "var(--blue)", "stroke-width": 2.5 }));
  svg.append(svgElement("text", { x: left - 8, y: top + 4, "text-anchor": "end" }, String(high)), svgElement("text", { x: width - 20, y: height - bottom + 16, "text-anchor": "end" }, most + " schedules"),
    svgElement("text", { x: left + 8, y: 16, class: "soft" }, "distinct behaviours"));
  return svg;
}
