// The join page: shows what a link opens, waits for the doors, asks for a code where one is needed, lets its holder in;
// writes text, never markup.

const element = (id) => document.getElementById(id);
const words = JSON.parse(element("main").dataset.words);
const links = document.querySelectorAll("[data-language]");
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

let language = document.documentElement.lang;
let chosen = location.search.includes("lang="); // else the page takes the language of the person invited
let [token, device] = ["", ""];
let busy = ""; // the word for what we wait for
let attempt = () => look(); // what failed last, to be tried again
let seat = null; // what the link opens, once we know
let lead = 0; // how far the service's clock is ahead of this device's, in ms
let click = ""; // the name of the press under way; a retry keeps it
let refusal = ""; // the code of the last refusal
let tries = 0; // how many wrong codes may follow
let ways = null; // how a code can be had, once one is needed
let sent = null; // where the last one went
const PROVING = ["proof_needed", "used_elsewhere", "code_form", "code_wrong", "code_expired", "too_many_tries"];

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

// A secret of this device, under which a right code counts until the end: made here, so that an answer lost on its
// way costs nobody a second code.
function secret() {
  try { device ||= sessionStorage.getItem("device") ?? ""; } catch { /* then it lasts as long as the page */ }
  device ||= btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  try { sessionStorage.setItem("device", device); } catch { /* as above */ }
  return device;
}

async function ask(path, question, word) {
  const [body, headers] = [JSON.stringify(question), { "Content-Type": "application/json" }];
  [busy, refusal] = [word, ""];
  show();
  try {
    const signal = AbortSignal.timeout(20000);
    const answer = await fetch(path, { method: "POST", headers, body, credentials: "omit", signal });
    const found = await answer.json().catch(() => ({}));
    if (answer.ok) return found;
    refusal = found.code in words[language] ? found.code : answer.status < 500 ? "link_invalid" : "unavailable";
    if (found.code === "too_early" && seat) [seat.opens_at, refusal] = [found.opens_at, ""];
    if (found.code === "too_many_tries") ways = ["phoned"];
    ways = found.ways ?? ways;
    tries = found.tries_left ?? tries;
  } catch {
    refusal = "network";
  } finally {
    busy = "";
  }
  return null;
}

async function look() {
  seat = null; // so that nothing of a former link is shown meanwhile
  refusal = click = "";
  ways = sent = null;
  attempt = look;
  seat = token ? await ask("/j/look", { token, device: secret() }, "looking") : null;
  if (seat) {
    lead = Date.parse(seat.now) - Date.now();
    if (!chosen && seat.language in words) language = seat.language;
  }
  show();
}

async function enter() {
  const [code, first] = [ways ? element("code").value.replace(/\s/g, "") : "", !ways];
  if (ways && !/^\d{6}$/.test(code)) return mistyped();
  attempt = enter;
  click ||= crypto.randomUUID();
  const entry = await ask("/j/admission", { token, click, device: secret(), code }, "entering");
  if (entry) return location.replace(entry.address);
  if (refusal === "code_wrong" && !tries) refusal = "code_expired";
  show();
  if (first && refusal === "proof_needed" && ways.includes("mailed")) await mailCode();
  if (ways) element("code").select();
}

function mistyped() {
  refusal = "code_form";
  show();
  element("code").select();
}

async function mailCode() {
  attempt = mailCode;
  const answer = await ask("/j/code", { token }, "sending");
  if (answer) [sent, lead] = [answer, Date.parse(answer.now) - Date.now()];
  show();
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
  if (busy) return say(busy);
  if (refusal && refusal !== "proof_needed") return say(refusal, { tries });
  if (ways) return proofNotice();
  if (!seat) return say("paste_why");
  if (wait <= 0) return say("open");
  const [key, style] = wait > 43200 ? ["later", { dateStyle: "full" }] : ["early", {}];
  return say(key, { time: format(seat.opens_at, { ...style, timeStyle: "short" }) });
}

function proofNotice() {
  if (sent) return say(sent.fresh ? "code_sent" : "code_sent_before", { address: sent.address });
  return say(ways.includes("mailed") ? "proof_needed" : "code_by_phone");
}

const write = (target, text) => {
  if (target.textContent !== text) target.textContent = text; // a screen reader repeats what is written again
};

function show() {
  const wait = seat ? secondsTo(seat.opens_at) : 0;
  const proving = ways && (!refusal || PROVING.includes(refusal));
  const again = refusal === "network" || refusal === "unavailable";
  translate();
  write(element("notice"), notice(wait));
  element("notice").hidden = false;
  element("seat").hidden = !seat;
  element("countdown").hidden = !seat || wait <= 0 || Boolean(refusal);
  element("action").hidden = !seat || Boolean(refusal || ways);
  element("enter").disabled = Boolean(busy) || wait > 0;
  element("proof").hidden = !proving;
  if (proving) describeProof();
  element("again").hidden = !again;
  element("paste").hidden = Boolean(busy) || Boolean(token && refusal !== "link_invalid");
  if (seat) describe(wait);
}

const secondsTo = (instant) => Math.ceil((Date.parse(instant) - Date.now() - lead) / 1000);

function describeProof() {
  const pause = sent ? secondsTo(sent.again_at) : 0;
  const mailed = ways.includes("mailed");
  element("mail-code").hidden = element("no-mail").hidden = !mailed;
  element("mail-code").disabled = Boolean(busy) || pause > 0;
  element("use-code").disabled = Boolean(busy);
  write(element("mail-code"), pause > 0 ? say("code_wait", { time: remaining(pause) }) : say("code_again"));
}

function describe(wait) {
  for (const name of ["organiser", "name", "agenda"]) write(element(name), seat[name]);
  write(element("when"), when());
  element("agenda").hidden = element("agenda-label").hidden = !seat.agenda;
  if (wait > 0) write(element("countdown"), say("countdown", { time: remaining(wait) }));
}

function translate() {
  document.documentElement.lang = language;
  write(element("title"), seat?.title || say("heading")); // the title of a protected meeting comes after the code
  document.title = `${element("title").textContent} · meetcoord`;
  for (const each of document.querySelectorAll("[data-word]")) write(each, say(each.dataset.word));
  for (const link of links) link.ariaCurrent = link.dataset.language === language ? "true" : null;
}

element("enter").addEventListener("click", enter);
element("retry").addEventListener("click", () => attempt());
element("mail-code").addEventListener("click", mailCode);
element("proof").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!busy) enter();
});
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
setInterval(() => { if (seat && !busy && (!refusal || ways)) show(); }, 1000);
takeToken();
look();
