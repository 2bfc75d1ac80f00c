// The join page: shows what a link opens, waits for the doors, lets its holder in; writes text, never markup.

const element = (id) => document.getElementById(id);
const words = JSON.parse(element("main").dataset.words);
const links = document.querySelectorAll("[data-language]");
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

let language = document.documentElement.lang;
let chosen = location.search.includes("lang="); // else the page takes the language of the person invited
let [token, busy] = ["", false];
let seat = null; // what the link opens, once we know
let lead = 0; // how far the service's clock is ahead of this device's, in ms
let click = ""; // the name of the press under way; a retry keeps it
let refusal = ""; // the code of the last refusal

const say = (key, facts = {}) =>
  Object.entries(facts).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[language][key]);

function takeToken() {
  const found = location.hash.slice(1);
  if (found && found !== "main") {
    keep(found);
    history.replaceState(null, "", location.pathname + location.search);
  } else {
    try { token ||= sessionStorage.getItem("token") ?? ""; } catch { /* then the link is pasted */ }
  }
}

function keep(found) {
  token = found;
  try { sessionStorage.setItem("token", found); } catch { /* then a reload asks for the link again */ }
}

async function ask(path, question) {
  const [body, headers] = [JSON.stringify(question), { "Content-Type": "application/json" }];
  [busy, refusal] = [true, ""];
  show();
  try {
    const signal = AbortSignal.timeout(20000);
    const answer = await fetch(path, { method: "POST", headers, body, credentials: "omit", signal });
    const found = await answer.json().catch(() => ({}));
    if (answer.ok) return found;
    refusal = found.code in words[language] ? found.code : answer.status < 500 ? "link_invalid" : "unavailable";
    if (found.code === "too_early" && seat) [seat.opens_at, refusal] = [found.opens_at, ""];
  } catch {
    refusal = "network";
  } finally {
    busy = false;
  }
  return null;
}

async function look() {
  seat = null; // so that nothing of a former link is shown meanwhile
  refusal = click = "";
  seat = token ? await ask("/j/look", { token }) : null;
  if (seat) {
    lead = Date.parse(seat.now) - Date.now();
    if (!chosen && seat.language in words) language = seat.language;
  }
  show();
}

async function enter() {
  click ||= crypto.randomUUID();
  const entry = await ask("/j/admission", { token, click });
  if (entry) location.replace(entry.address);
  else show();
}

const format = (instant, style) =>
  new Intl.DateTimeFormat(language, { ...style, timeZone: seat.time_zone }).format(new Date(instant));

function when() {
  const clock = { timeStyle: "short" };
  const city = seat.time_zone.split("/").pop().replaceAll("_", " ");
  const day = format(seat.start, { dateStyle: "full" });
  return `${day}, ${format(seat.start, clock)} – ${format(seat.end, clock)} (${say("zone", { city })})`;
}

function remaining(seconds) {
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  return UNITS.slice(first, first + 2).map(([unit, size], place) => {
    const count = Math.floor((place ? seconds % UNITS[first][1] : seconds) / size);
    return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
  }).join(" ");
}

function notice(wait) {
  if (busy) return say(seat ? "entering" : "looking");
  if (refusal) return say(refusal);
  if (!seat) return say("paste_why");
  if (wait <= 0) return say("open");
  const [key, style] = wait > 43200 ? ["later", { dateStyle: "full" }] : ["early", {}];
  return say(key, { time: format(seat.opens_at, { ...style, timeStyle: "short" }) });
}

const write = (target, text) => {
  if (target.textContent !== text) target.textContent = text; // a screen reader repeats what is written again
};

function show() {
  const wait = seat ? Math.ceil((Date.parse(seat.opens_at) - Date.now() - lead) / 1000) : 0;
  const again = refusal === "network" || refusal === "unavailable";
  translate();
  write(element("notice"), notice(wait));
  element("notice").hidden = false;
  element("seat").hidden = !seat;
  element("countdown").hidden = !seat || wait <= 0 || Boolean(refusal);
  element("action").hidden = !seat || Boolean(refusal);
  element("enter").disabled = busy || wait > 0;
  element("again").hidden = !again;
  element("paste").hidden = busy || Boolean(token && refusal !== "link_invalid");
  if (seat) describe(wait);
}

function describe(wait) {
  for (const name of ["organiser", "name", "agenda"]) write(element(name), seat[name]);
  write(element("when"), when());
  element("agenda").hidden = element("agenda-label").hidden = !seat.agenda;
  if (wait > 0) write(element("countdown"), say("countdown", { time: remaining(wait) }));
}

function translate() {
  document.documentElement.lang = language;
  write(element("title"), seat ? seat.title : say("heading"));
  document.title = `${element("title").textContent} · meetcoord`;
  for (const each of document.querySelectorAll("[data-word]")) write(each, say(each.dataset.word));
  for (const link of links) link.ariaCurrent = link.dataset.language === language ? "true" : null;
}

element("enter").addEventListener("click", enter);
element("retry").addEventListener("click", () => (seat ? enter() : look()));
element("paste").addEventListener("submit", (event) => {
  event.preventDefault();
  keep(element("link").value.replace(/\s/g, "").match(/[\w-]+\.[\w-]+\.[\w-]+/g)?.pop() ?? "-");
  element("link").value = "";
  look();
});
for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    [language, chosen] = [link.dataset.language, true];
    show();
  });
}
addEventListener("hashchange", () => { takeToken(); look(); });
setInterval(() => { if (seat && !busy && !refusal) show(); }, 1000);
takeToken();
look();
