// What is told
const told = (value) => value === null ? "–" : typeof value !== "number" ? String(value)
  : value.toLocaleString("en", Number.isInteger(value) ? {} : { maximumSignificantDigits: 4 });
function figures(u) {
  const out = near[u].filter((link) => link.follows).length;
  return [["community", String(communities[data.community[u]].id)], ["follows", told(out)],
    ["followed by", told(near[u].length - out)],
    ["links to other communities", `${told(data.outside[u])} in ${told(data.touched[u])}`],
    ...Object.entries(data.figures).map(([name, values]) => [name.replaceAll("_", " "), told(values[u])])];
}
const make = (tag, text, inside = []) => {
  const made = document.createElement(tag);
  if (text !== null) made.textContent = text;
  made.append(...inside);
  return made;
};
const goTo = (u, text) => {
  const button = make("button", text);
  button.type = "button";
  button.addEventListener("click", () => choose(u, true));
  return button;
};
function tell() {
  const box = find("chosen");
  box.replaceChildren();
  if (user !== null) {
    const rows = figures(user).map(([name, value]) => make("tr", null, [make("th", name), make("td", value)]));
    box.append(make("h2", `User ${data.id[user]}`), make("table", null, rows));
    const linked = make("div", null);
    linked.id = "near";
    near[user].slice(0, 100).forEach((link) =>
      linked.append(goTo(link.user, `${link.follows ? "→" : "←"} ${data.id[link.user]}`)));
    if (near[user].length) box.append(make("p", "Follows (→, solid line) and is followed by (←, dashed):"), linked);
    if (near[user].length > 100) box.append(make("p", `and ${told(near[user].length - 100)} more`));
  } else if (community !== null) {
    const one = communities[community];
    const rows = [["users shown", one.users], ["links within", one.within], ["links to others", one.across]];
    box.append(make("h2", `Community ${one.id}`), make("table", null,
      rows.map(([name, value]) => make("tr", null, [make("th", name), make("td", told(value))]))));
  }
  find("bridges-title").textContent = community === null ? "Bridges" : `Bridges of community ${communities[community].id}`;
  find("bridges").replaceChildren(...bridges().map((u) => make("li", null, [goTo(u, `User ${data.id[u]}`),
    ` ${told(data.outside[u])} links to ${told(data.touched[u])} others`])));
  find("communities").childNodes.forEach((b, c) => b.setAttribute("aria-pressed", String(c === community)));
}
const found = new Map();
function bridges() {
  if (!found.has(community)) {
    const some = [];
    for (let u = 0; u < users; u++) {
      if (data.outside[u] && (community === null || data.community[u] === community)) some.push(u);
    }
    found.set(community, some.sort((a, b) => data.outside[b] - data.outside[a] || a - b).slice(0, 10));
  }
  return found.get(community);
}

// What is chosen
function remember() {
  const hash = user !== null ? `#user=${data.id[user]}` : community !== null ? `#community=${communities[community].id}` : "";
  try { history.replaceState(null, "", hash || location.pathname + location.search); } catch { /* not in every viewer */ }
}
function choose(u, centre) {
  user = u; step = -1;
  if (u !== null && centre) {
    view.x = data.x[u]; view.y = data.y[u];
    view.zoom = Math.max(view.zoom, 5);
  }
  tell(); remember(); move();
}
function chooseCommunity(c) {
  community = c; user = null; step = -1;
  tell(); remember();
  if (c === null) { fit(); return; }
  // With room around it: its bridges lead there.
  fit((u) => data.community[u] === c);
  zoom(0.6);
}
function walk(by) {
  if (user === null || !near[user].length) return;
  step = (step + by + near[user].length) % near[user].length;
  const next = near[user][step];
  find("missing").textContent = "";
  showTip(next.user, toX(data.x[next.user]), toY(data.y[next.user]));
  ask();
}
function showTip(u, x, y) {
  tip.hidden = u === null;
  if (u === null) return;
  tip.replaceChildren(make("strong", `User ${data.id[u]}`),
    ...figures(u).map(([name, value]) => make("div", `${name}: ${value}`)));
  tip.style.left = `${Math.max(4, Math.min(x + 14, width - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.max(4, Math.min(y + 14, height - tip.offsetHeight - 8))}px`;
}
function hover(u, x, y) {
  if (u !== hovered) { hovered = u; ask(); }
  canvas.style.cursor = u === null ? "grab" : "pointer";
  showTip(u, x, y);
}

// Hands
const fingers = new Map();
let dragged = 0;
const place = (event) => {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
};
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  if (!fingers.size) dragged = 0;
  fingers.set(event.pointerId, place(event));
  hover(null);
});
canvas.addEventListener("pointermove", (event) => {
  const now = place(event), before = fingers.get(event.pointerId);
  if (!before) { hover(at(now.x, now.y, 5), now.x, now.y); return; }
  dragged += Math.hypot(now.x - before.x, now.y - before.y);
  const share = 1 / fingers.size;
  view.x -= (now.x - before.x) / view.zoom * share; view.y -= (now.y - before.y) / view.zoom * share;
  if (fingers.size === 2) {
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(now.x - other.x, now.y - other.y);
    zoom(is / Math.max(was, 1), (now.x + other.x) / 2, (now.y + other.y) / 2);
  }
  fingers.set(event.pointerId, now);
  move();
});
const lift = (event) => {
  const many = fingers.size;
  fingers.delete(event.pointerId);
  if (event.type !== "pointerup" || many !== 1 || dragged > 6) return;
  const here = place(event);
  choose(at(here.x, here.y, event.pointerType === "mouse" ? 5 : 18), false);
};
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);
canvas.addEventListener("pointerleave", () => hover(null));
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const here = place(event);
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), here.x, here.y);
}, { passive: false });
canvas.addEventListener("dblclick", (event) => zoom(2, place(event).x, place(event).y));
find("in").addEventListener("click", () => zoom(1.5));
find("out").addEventListener("click", () => zoom(1 / 1.5));
find("fit").addEventListener("click", () => fit());
find("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = find("wanted").value.trim(), u = places.get(wanted);
  find("missing").textContent = u === undefined && wanted ? `User ${wanted} is not on this page.` : "";
  if (u !== undefined) choose(u, true);
});

// Keys
const keys = {
  ArrowLeft: () => { view.x -= 60 / view.zoom; move(); }, ArrowRight: () => { view.x += 60 / view.zoom; move(); },
  ArrowUp: () => { view.y -= 60 / view.zoom; move(); }, ArrowDown: () => { view.y += 60 / view.zoom; move(); },
  "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: () => fit(),
  n: () => walk(1), p: () => walk(-1), Enter: () => { if (user !== null && step >= 0) choose(near[user][step].user, true); },
  "]": () => chooseCommunity(community === null ? 0 : (community + 1) % communities.length),
  "[": () => chooseCommunity(community === null ? communities.length - 1 : (community || communities.length) - 1),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") { tip.hidden = true; if (user !== null) choose(null); else chooseCommunity(null); return; }
  if (event.target.tagName === "INPUT") return;
  if (event.key === "/") { event.preventDefault(); find("wanted").select(); return; }
  if (event.target === canvas && keys[event.key]) { event.preventDefault(); keys[event.key](); }
});

// The list of communities: the same colour and shape as on the map.
find("communities").append(...communities.map((one, c) => {
  const space = "http://www.w3.org/2000/svg", mark = document.createElementNS(space, "svg");
  mark.setAttribute("width", 16); mark.setAttribute("height", 16); mark.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(space, "path");
  const outline = ["M14 8A6 6 0 1 1 2 8A6 6 0 1 1 14 8", "M2.6 2.6h10.8v10.8H2.6z", "M8 1l6.5 12h-13z", "M8 1l7 7-7 7-7-7z"];
  drawn.setAttribute("d", outline[shape(c)]);
  drawn.setAttribute("fill", colour(c));
  mark.append(drawn);
  const button = make("button", null, [mark, make("span", `${one.id} · ${told(one.users)} users`)]);
  button.type = "button";
  button.setAttribute("aria-label", `Community ${one.id}, ${one.users} users`);
  button.addEventListener("click", () => chooseCommunity(c === community ? null : c));
  return button;
}));

new ResizeObserver(() => {
  const box = canvas.getBoundingClientRect(), scale = window.devicePixelRatio || 1, first = width === 1;
  width = box.width; height = box.height;
  canvas.width = Math.round(width * scale); canvas.height = Math.round(height * scale);
  if (first) begin(); else ask();
}).observe(canvas);
function begin() {
  const [, kind, id] = /^#(user|community)=(-?\d+)$/.exec(location.hash) || [];
  const wanted = communities.findIndex((one) => String(one.id) === id);
  if (kind === "user" && places.has(id)) { fit(); choose(places.get(id), true); }
  else if (kind === "community" && wanted >= 0) chooseCommunity(wanted);
  else if (data.focus !== null) chooseCommunity(data.focus);
  else { tell(); fit(); }
}
