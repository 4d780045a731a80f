// The map: what is where, and how it is drawn.
const data = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const canvas = find("canvas"), pen = canvas.getContext("2d"), tip = find("tip");
const users = data.id.length, communities = data.communities;
// Okabe and Ito's colours without yellow, which a white page swallows; shapes tell those apart that share one.
const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#5C5C5C"];
const colour = (c) => COLOURS[c % COLOURS.length], shape = (c) => Math.floor(c / COLOURS.length) % 4;

const near = Array.from({ length: users }, () => []);
for (let at = 0; at < data.links.length; at += 2) {
  const from = data.links[at], to = data.links[at + 1];
  near[from].push({ user: to, follows: true });
  near[to].push({ user: from, follows: false });
}
for (const links of near) links.sort((a, b) => b.follows - a.follows || a.user - b.user);
const size = near.map((links) => 1.5 + Math.min(Math.sqrt(links.length) * 0.45, 7));
const places = new Map(data.id.map((id, at) => [String(id), at]));
const middle = communities.map(() => ({ x: 0, y: 0, top: Infinity, r: 0 }));
for (let at = 0; at < users; at++) {
  const m = middle[data.community[at]], n = communities[data.community[at]].users;
  m.x += data.x[at] / n; m.y += data.y[at] / n;
}
for (let at = 0; at < users; at++) {
  const m = middle[data.community[at]];
  m.r = Math.max(m.r, Math.hypot(data.x[at] - m.x, data.y[at] - m.y) + 2);
}

const view = { x: 0, y: 0, zoom: 1 };
let width = 1, height = 1, user = null, community = null, step = -1, hovered = null, asked = false, moving = 0;
const toX = (x) => (x - view.x) * view.zoom + width / 2, toY = (y) => (y - view.y) * view.zoom + height / 2;

// Drawing
function draw() {
  asked = false;
  const scale = window.devicePixelRatio || 1;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  if (!moving) drawLinks();
  const lit = litUsers();
  for (let c = communities.length - 1; c >= 0; c--) {
    if (lit) drawDots(c, (at) => !lit.has(at), 0.13);
  }
  for (let c = communities.length - 1; c >= 0; c--) drawDots(c, (at) => !lit || lit.has(at), 1);
  drawRings(lit);
  drawNames();
}

function litUsers() {
  if (user !== null) return new Set([user, ...near[user].map((link) => link.user)]);
  if (community === null) return null;
  const lit = new Set();
  for (let at = 0; at < users; at++) {
    if (data.community[at] !== community) continue;
    lit.add(at);
    for (const link of near[at]) lit.add(link.user);
  }
  return lit;
}

function drawLinks() {
  const links = data.links, bundles = new Map();
  for (let at = 0; at < links.length; at += 2) {
    const from = links[at], to = links[at + 1], a = data.community[from], b = data.community[to];
    let style;
    if (user !== null) {
      if (from !== user && to !== user) continue;
      style = from === user ? "follows" : "followed";
    } else if (community !== null) {
      if (a !== community && b !== community) continue;
      style = a === b ? a : "bridge";
    } else style = a === b ? a : "between";
    if (!bundles.has(style)) bundles.set(style, new Path2D());
    const path = bundles.get(style);
    path.moveTo(toX(data.x[from]), toY(data.y[from]));
    path.lineTo(toX(data.x[to]), toY(data.y[to]));
  }
  const many = Math.min(1, 6000 / Math.max(1, links.length / 2));
  for (const [style, path] of bundles) {
    pen.setLineDash(style === "followed" ? [5, 4] : []);
    pen.lineWidth = style === "follows" || style === "followed" ? (near[user].length > 60 ? 0.8 : 1.6) : 0.7;
    pen.strokeStyle = typeof style === "number" ? colour(style) : style === "between" ? "#777" : "#1d1d1d";
    pen.globalAlpha = style === "between" ? 0.05 + 0.1 * many : style === "bridge" ? 0.16 + 0.3 * many
      : typeof style === "number" ? 0.12 + 0.2 * many : 0.75;
    pen.stroke(path);
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

const dot = (path, kind, x, y, r) => {
  if (kind === 0) { path.moveTo(x + r, y); path.arc(x, y, r, 0, 7); }
  else if (kind === 1) path.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else {
    const steps = kind === 2 ? [[0, -1.25], [1.1, 0.8], [-1.1, 0.8]] : [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]];
    steps.forEach(([dx, dy], at) => path[at ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
    path.closePath();
  }
};
const radius = (at) => Math.max(1.5, size[at] * Math.min(2.2, 0.4 * Math.sqrt(view.zoom)));

function drawDots(c, which, alpha) {
  const path = new Path2D();
  for (let at = 0; at < users; at++) {
    if (data.community[at] !== c || !which(at)) continue;
    const x = toX(data.x[at]), y = toY(data.y[at]);
    if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
    dot(path, shape(c), x, y, radius(at));
  }
  pen.globalAlpha = alpha;
  pen.fillStyle = colour(c);
  pen.fill(path);
  // An edge of white keeps dots apart; at small sizes it would eat them.
  if (view.zoom > 2) { pen.strokeStyle = "#fff"; pen.lineWidth = 0.6; pen.stroke(path); }
  pen.globalAlpha = 1;
}

function drawRings() {
  pen.strokeStyle = "#1d1d1d";
  const ring = (at, wide) => {
    pen.lineWidth = wide;
    pen.beginPath();
    pen.arc(toX(data.x[at]), toY(data.y[at]), radius(at) + 2.5, 0, 7);
    pen.stroke();
  };
  if (user === null) for (const at of bridges()) ring(at, 1.4);
  if (user !== null) { ring(user, 3); if (step >= 0) ring(near[user][step].user, 2); }
  if (hovered !== null) ring(hovered, 2);
}

function drawNames() {
  pen.textAlign = "center"; pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.font = "600 15px system-ui, sans-serif";
  communities.forEach((one, c) => {
    if (c >= 60 || middle[c].r * view.zoom < 12) return;
    const x = toX(middle[c].x), y = toY(middle[c].y - middle[c].r) - 10;
    pen.strokeStyle = "#fff"; pen.lineWidth = 4; pen.strokeText(String(one.id), x, y);
    pen.fillStyle = community === null || c === community ? "#1d1d1d" : "#767676"; pen.fillText(String(one.id), x, y);
  });
}

const ask = () => { if (!asked) { asked = true; requestAnimationFrame(draw); } };
// Thousands of lines are left out while the map moves, and drawn when it rests.
function move() {
  clearTimeout(moving);
  moving = data.links.length > 8000 ? setTimeout(() => { moving = 0; ask(); }, 90) : 0;
  ask();
}

// What is seen
function fit(which) {
  let left = Infinity, right = -Infinity, up = Infinity, down = -Infinity;
  for (let at = 0; at < users; at++) {
    if (which && !which(at)) continue;
    left = Math.min(left, data.x[at]); right = Math.max(right, data.x[at]);
    up = Math.min(up, data.y[at]); down = Math.max(down, data.y[at]);
  }
  if (left > right) return;
  view.x = (left + right) / 2; view.y = (up + down) / 2;
  view.zoom = Math.min((width - 50) / (right - left + 6), (height - 70) / (down - up + 6), 14);
  move();
}
function zoom(by, x = width / 2, y = height / 2) {
  const to = Math.min(60, Math.max(0.05, view.zoom * by)), change = 1 / view.zoom - 1 / to;
  view.x += (x - width / 2) * change; view.y += (y - height / 2) * change; view.zoom = to;
  move();
}
function at(x, y, reach) {
  let best = null, least = Infinity;
  for (let u = 0; u < users; u++) {
    const away = Math.hypot(toX(data.x[u]) - x, toY(data.y[u]) - y) - radius(u);
    if (away < reach && away < least) { least = away; best = u; }
  }
  return best;
}
