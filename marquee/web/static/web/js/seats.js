// What makes the page of seats live: tickets and their total, the choice in the URL, and what others take.
// All limits, prices and texts come from the page; the server decides.
import {makeGrid} from "./seat_grid.js";
import {watchShow} from "./show_changes.js";

const read = id => JSON.parse(document.getElementById(id).textContent);
const data = {...read("seat-data"), ...read("show-data")};
const form = document.getElementById("choose");
const table = document.getElementById("seats");
const status = document.getElementById("status");
const lost = document.getElementById("lost");
const list = form.querySelector(".chosen");
const redrawn = table ? makeGrid(table) : null;
const types = new Map([...list.querySelectorAll("select")].map(one => [one.name.slice(5), one.value]));
const money = new Intl.NumberFormat(data.locale, {
  style: "currency", currency: data.currency,
  minimumFractionDigits: data.digits, maximumFractionDigits: data.digits,
});
const say = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
const inMoney = minor => money.format(minor / 10 ** data.digits);
const boxes = () => [...form.querySelectorAll("input[name=seat]")];
const chosen = () => boxes().filter(box => box.checked && !box.disabled);
const holderOf = box => box.closest(".seat");
const shapeOf = holder => Object.keys(data.shapes).find(shape => holder.classList.contains(shape));

// --- Tickets and their total ---

// Tickets that get other seats keep type and price where they stay: both by seat. None where seats are booked.
const kept = data.exchange?.kept ?? {};

function typesFor(label, shape) {
  const known = data.shapes[shape].types;
  return label in kept ? [kept[label], ...known.filter(([code]) => code !== kept[label][0])] : known;
}

function typeOf(label, shape) {
  const known = typesFor(label, shape);
  return known.find(([code]) => code === (types.get(label) ?? kept[label]?.[0]))
    ?? known.find(([code]) => code === data.default) ?? known[0];
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function shapeSvg(shape, number = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.innerHTML = `<use href="#shape-${shape}"/><text x="12" y="14"></text>`;
  svg.querySelector("text").textContent = number;
  return svg;
}

function ticket(label, shape) {
  const known = typesFor(label, shape);
  let choice = element("span", {textContent: known[0]?.[1] ?? ""});
  if (known.length > 1) {
    choice = element("select", {name: `type-${label}`, id: `type-${label}`, ariaLabel: say(data.texts.type, {seats: label})},
      ...known.map(([code, text]) => new Option(text, code)));
    choice.value = typeOf(label, shape)[0];
  }
  const row = element("li", {},
    element("span", {className: `seat ${shape}`}, shapeSvg(shape)), " ",
    element("strong", {textContent: label}), " ",
    element("span", {className: "was", textContent: data.shapes[shape].name}), " ", choice);
  row.dataset.seat = label;
  return row;
}

function showTickets(seats) {
  const labels = seats.map(box => box.value);
  for (const row of [...list.children]) if (!labels.includes(row.dataset.seat)) row.remove();
  seats.forEach((box, index) => {
    if (list.children[index]?.dataset.seat === box.value) return;
    const known = [...list.children].find(row => row.dataset.seat === box.value);
    list.insertBefore(known ?? ticket(box.value, shapeOf(holderOf(box))), list.children[index] ?? null);
  });
}

// A seat that is new takes over the type of a ticket whose seat is given up.
function takeOverTypes(seats) {
  const labels = seats.map(box => box.value), left = new Map(Object.entries(kept));
  for (const label of labels) left.delete(label);
  const free = [...left.values()].map(([code]) => code), fresh = labels.filter(label => !(label in kept));
  for (const label of fresh) if (free.includes(types.get(label))) free.splice(free.indexOf(types.get(label)), 1);
  for (const label of fresh) if (!types.has(label) && free.length) types.set(label, free.shift());
}

function totalOf(seats) {
  return seats.reduce((sum, box) => sum + (typeOf(box.value, shapeOf(holderOf(box)))?.[2] ?? 0), 0);
}

// --- The choice in the URL ---

function keepInUrl(seats) {
  const here = new URLSearchParams(location.search);
  for (const name of [...here.keys()]) if (name === "seat" || name.startsWith("type-") || name === "best") here.delete(name);
  for (const box of seats) here.append("seat", box.value);
  for (const select of list.querySelectorAll("select")) here.append(select.name, select.value);
  const query = here.toString();
  history.replaceState(history.state, "", data.url + (query ? `?${query}` : ""));
  for (const link of document.querySelectorAll("a[data-keeps]")) {
    const there = new URLSearchParams(here);
    if (!there.delete("view") && !here.has("view")) there.set("view", "list");
    link.href = `${data.url}?${there}#choose`;
  }
}

function inWords(seats, total) {
  if (!seats.length) return data.texts.none;
  const {exchange} = data, labels = seats.map(box => box.value).join(", ");
  if (!exchange) return say(data.texts.chosen, {seats: labels, total: inMoney(total)});
  const text = exchange.texts[seats.length < data.limit ? "missing" : Math.sign(total - exchange.total)];
  return say(text, {seats: labels, count: data.limit - seats.length, total: inMoney(total), before: inMoney(exchange.total)});
}

function update(extra = "") {
  const seats = chosen();
  takeOverTypes(seats);
  showTickets(seats);
  const total = totalOf(seats), text = inWords(seats, total);
  const line = extra ? `${text}. ${extra}` : text;
  if (status.textContent !== line) status.textContent = line;
  form.elements.expected_total.value = seats.length ? (total / 10 ** data.digits).toFixed(data.digits) : "";
  keepInUrl(seats);
}

form.addEventListener("change", event => {
  const {target} = event;
  if (target.name?.startsWith("type-")) {
    types.set(target.name.slice(5), target.value);
    target.removeAttribute("aria-invalid");
    target.removeAttribute("aria-describedby");
    target.closest("li").querySelector(".error")?.remove();
  }
  if (data.exchange && data.limit === 1 && target.checked) for (const box of chosen()) box.checked = box === target;
  if (target.closest(".row .taken")) target.checked = false;
  if (target.name === "seat" && target.checked && chosen().length > data.limit) {
    target.checked = false;
    update(data.exchange?.texts.limit ?? data.texts.limit);
    return;
  }
  lost.replaceChildren();
  update();
});

// --- What others take ---

function draw(holder, label, isTaken) {
  const hadFocus = holder.contains(document.activeElement);
  const shape = shapeOf(holder), {name, price} = data.shapes[shape];
  const hidden = text => element("span", {className: "visually-hidden", textContent: text});
  if (isTaken) {
    holder.dataset.seat = label;
    holder.replaceChildren(shapeSvg("taken"), hidden(say(data.texts.taken, {seat: label})));
  } else {
    delete holder.dataset.seat;
    holder.replaceChildren(element("label", {},
      element("input", {type: "checkbox", name: "seat", value: label}),
      shapeSvg(shape, label.match(/\d+$/)?.[0]), hidden(say(data.texts.free, {seats: label, name, price}))));
  }
  holder.classList.toggle("taken", isTaken);
  redrawn(holder, hadFocus);
}

// A seat of the list that went while it has the focus stays, struck out, until the focus leaves it.
function showListed(box, isTaken) {
  const holder = holderOf(box), stays = isTaken && box === document.activeElement;
  if (isTaken) box.checked = false;
  holder.classList.toggle("taken", stays);
  holder.hidden = box.disabled = isTaken && !stays;
}

form.addEventListener("focusout", ({target}) => {
  const holder = target.closest(".row .taken");
  if (holder) holder.hidden = target.disabled = true;
});

// Cells of the table by label: those that never change, such as own seats, are left out.
function cells() {
  const found = new Map();
  for (const cell of table?.querySelectorAll("td.seat") ?? []) {
    const label = cell.dataset.seat ?? cell.querySelector("input").value;
    if (!cell.classList.contains("own") && data.shapes[shapeOf(cell)].price) found.set(label, cell);
  }
  return found;
}

function showTaken(taken) {
  const gone = chosen().map(box => box.value).filter(label => taken.has(label));
  for (const [label, cell] of cells()) {
    if (cell.classList.contains("taken") !== taken.has(label)) draw(cell, label, taken.has(label));
  }
  if (!table) for (const box of boxes()) showListed(box, taken.has(box.value));
  if (gone.length) tellLost(gone);
}

async function tellLost(gone) {
  const wanted = chosen().length + gone.length;
  update();
  const parts = [say(data.texts.lost, {seats: gone.join(", ")})];
  const others = await bestInstead(wanted);
  if (others) {
    const link = element("a", {className: "button", href: others.href, textContent: say(data.texts.others, {seats: others.labels.join(", ")})});
    parts.push(" ", link);
  }
  lost.replaceChildren(...parts);
}

async function bestInstead(count) {
  try {
    const category = new URLSearchParams(location.search).get("category") ?? "";
    const response = await fetch(`${data.url}?best=1&count=${count}&category=${encodeURIComponent(category)}`);
    const labels = new URL(response.url).searchParams.getAll("seat");
    return labels.length ? {labels, href: response.url} : null;
  } catch {
    return null;
  }
}

const hasEnded = watchShow(data);
let timer, version = null, wait = data.every;

async function poll() {
  clearTimeout(timer);
  if (document.hidden || !form.isConnected) return;
  try {
    // The browser asks with the ETag that it has, and the answer is mostly 304.
    const response = await fetch(data.availability, {cache: "no-cache", headers: {Accept: "application/json"}});
    if (!response.ok) throw new Error(response.statusText);
    const now = await response.json();
    if (await hasEnded(now)) return;
    if (now.version !== version) {
      version = now.version;
      showTaken(new Set(now.taken.filter(label => !data.own.includes(label))));
    }
    wait = data.every;
  } catch {
    wait = Math.min(2 * wait, 60000);
  }
  clearTimeout(timer);
  timer = setTimeout(poll, wait);
}

document.addEventListener("visibilitychange", poll);
addEventListener("pageshow", event => event.persisted ? location.reload() : poll());

const first = form.querySelector("input[name=seat]:checked");
const box = table?.parentElement;
if (box) {
  const cell = first?.closest("td");
  box.scrollLeft = cell ? cell.offsetLeft - box.clientWidth / 2 : (box.scrollWidth - box.clientWidth) / 2;
}
// Seats that the best ones, or a link, have chosen are seen at once.
if (first && location.hash === "#choose") {
  requestAnimationFrame(() => holderOf(first).scrollIntoView({block: "center", inline: "center"}));
}
update();
