// The join page: shows what a link opens, waits for the doors, asks for a code where one is needed, lets its holder in;
// writes text, never markup.

import { Device } from "./device.js";
import { DeviceCheck } from "./devices.js";
import { read } from "./links.js";
import { duration, isLongWait, minutes, secondsTo, Times } from "./when.js";

const element = (id) => document.getElementById(id);
const words = JSON.parse(element("main").dataset.words);
const links = document.querySelectorAll("[data-language]");
const ASK_AGAIN = 60000; // ms: a meeting may be moved or called off while somebody waits, a full room may empty

let language = document.documentElement.lang;
let chosen = location.search.includes("lang="); // else the page takes the language of the person invited
let token = "";
let busy = ""; // the word for what we wait for
let attempt = () => look(); // what failed last, to be tried again
let seat = null; // what the link opens, once we know
let lead = 0; // how far the service's clock is ahead of this device's, in ms
let click = ""; // the name of the press under way; a retry keeps it
let refusal = ""; // the code of the last refusal
let tries = 0; // how many wrong codes may follow
let ways = null; // how a code can be had, once one is needed
let sent = null; // where the last one went
let knocking = 0; // the timer that knocks again at a full room
let inside = false; // whether the room is open inside this page
const PROVING = [
  "proof_needed", "used_elsewhere", "code_form", "code_wrong", "code_expired", "too_many_tries", "room_full",
];
const PASTING = ["link_invalid", "link_cut", "paste_none"];
const AGAIN = ["network", "unavailable", "room_full"];
const ENDED = ["link_invalid", "link_replaced", "meeting_moved", "meeting_cancelled", "too_late"];
const SHARED = ["camera", "microphone", "display-capture", "fullscreen", "autoplay"];

const say = (key, facts = {}) =>
  Object.entries(facts).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[language][key]);

const check = new DeviceCheck(say);
const device = new Device();

function takeToken() {
  const found = location.hash.slice(1);
  if (found && found !== "main") {
    keep(read(found).token || found);
    history.replaceState(null, "", location.pathname + location.search);
  } else {
    try { token ||= sessionStorage.getItem("token") ?? ""; } catch { /* then the link is pasted */ }
  }
}

function keep(found) {
  token = found;
  try { sessionStorage.setItem("token", found); } catch { /* then a reload asks for the link again */ }
}

// Null when nothing answers in time.
async function post(path, question) {
  const [body, headers] = [JSON.stringify(question), { "Content-Type": "application/json" }];
  try {
    const signal = AbortSignal.timeout(20000);
    const answer = await fetch(path, { method: "POST", headers, body, credentials: "omit", signal });
    const found = answer.ok ? await answer.json() : await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, found };
  } catch {
    return null;
  }
}

async function ask(path, question, word) {
  [busy, refusal] = [word, ""];
  show();
  if (path !== "/j/code") question.device = await device.secret(token);
  const answer = await post(path, question);
  busy = "";
  if (answer?.ok) return answer.found;
  refuse(answer);
  return null;
}

function refuse(answer) {
  const { found = {}, status } = answer ?? {};
  const known = found.code === "too_early" || found.code in words[language];
  if (ENDED.includes(found.code)) device.forget(token);
  refusal = !answer ? "network" : known ? found.code : status < 500 ? "link_invalid" : "unavailable";
  if (found.code === "too_many_tries") ways = ["phoned"];
  ways = found.ways ?? ways;
  tries = found.tries_left ?? tries;
}

async function look() {
  seat = null; // so that nothing of a former link is shown meanwhile
  refusal = click = "";
  ways = sent = null;
  attempt = look;
  if (read(token).cut) refusal = "link_cut";
  else if (token) take(await ask("/j/look", { token }, "looking"));
  show();
}

function take(found) {
  seat = found;
  if (!seat) return;
  lead = Date.parse(seat.now) - Date.now();
  device.keepFor(token, Date.parse(seat.end) - Date.parse(seat.now));
  if (!chosen && seat.language in words) language = seat.language;
}

// What the link opens may change while somebody waits. Nothing is shown of a look that fails.
async function lookAgain() {
  if (!seat || busy || refusal || ways || inside) return;
  const answer = await post("/j/look", { token, device: await device.secret(token) });
  if (!answer || answer.status >= 500 || busy || refusal || ways || inside) return;
  if (answer.ok) take(answer.found);
  else refuse(answer);
  show();
}

async function enter() {
  const [code, first] = [ways ? element("code").value.replace(/\s/g, "") : "", !ways];
  if (ways && !/^\d{6}$/.test(code)) return mistyped();
  attempt = enter;
  click ||= crypto.randomUUID();
  const entry = await ask("/j/admission", { token, click, code }, "entering");
  if (entry) return go(entry.address);
  if (refusal === "too_early") return look(); // our clocks had drifted apart
  if (refusal === "code_wrong" && !tries) refusal = "code_expired";
  if (refusal === "room_full") knockLater();
  show();
  if (first && refusal === "proof_needed" && ways.includes("mailed")) await mailCode();
  if (ways) element("code").select();
}

// Nobody need sit before a full room and press: a place may come free.
function knockLater() {
  clearTimeout(knocking);
  knocking = setTimeout(() => { if (refusal === "room_full" && !busy) enter(); }, ASK_AGAIN);
}

// The pass stands behind the # alone, where no server and no history sees it.
function go(address) {
  click = "";
  check.stop();
  if (!element("room")) return location.replace(address);
  const [frame, { origin }] = [document.createElement("iframe"), new URL(address)];
  frame.allow = SHARED.map((feature) => `${feature} ${origin}`).join("; ");
  frame.title = say("room");
  frame.referrerPolicy = "no-referrer";
  frame.src = `${address}&config.defaultLanguage=%22${language}%22&config.disableDeepLinking=true`;
  element("frame").replaceChildren(frame);
  inside = true;
  show();
  frame.focus();
}

function leave() {
  element("frame").replaceChildren();
  inside = false;
  look();
}

function mistyped() {
  refusal = "code_form";
  show();
  element("code").select();
}

async function mailCode() {
  attempt = mailCode;
  const answer = await ask("/j/code", { token }, "sending");
  if (refusal === "too_early") return look();
  if (answer) [sent, lead] = [answer, Date.parse(answer.now) - Date.now()];
  show();
}

function notice(wait) {
  if (busy) return say(busy);
  if (inside) return say("room_open");
  if (refused() && refusal !== "proof_needed") return say(refused(), { tries });
  if (ways) return proofNotice();
  if (!seat) return say("paste_why");
  if (wait > 0) return say(isLongWait(wait) ? "later" : "early", { time: times().doors(wait) });
  const since = -secondsTo(seat.start, now());
  if (since < 0) return say("open");
  return since < 60 ? say("late_soon") : say("late", { time: minutes(since - 59, language) });
}

function proofNotice() {
  if (sent) return say(sent.fresh ? "code_sent" : "code_sent_before", { address: sent.address });
  return say(ways.includes("mailed") ? "proof_needed" : "code_by_phone");
}

const write = (target, text) => {
  if (target.textContent !== text) target.textContent = text; // a screen reader repeats what is written again
};

function show() {
  const wait = seat ? secondsTo(seat.opens_at, now()) : 0;
  const refusing = refused();
  const proving = ways && !inside && (!refusing || PROVING.includes(refusing));
  const paste = !busy && (!token || PASTING.includes(refusing));
  translate();
  write(element("notice"), notice(wait));
  element("notice").hidden = false;
  const near = refusing && (proving || refusing === "room_full"); // else the one below is near enough
  element("near-help").hidden = !near || Boolean(busy);
  element("seat").hidden = !seat || inside;
  element("other-device").hidden = !seat?.other_device || inside || Boolean(refusing);
  element("countdown").hidden = !seat || wait <= 0 || Boolean(refusing);
  element("action").hidden = !seat || inside || Boolean(refusing || ways);
  element("enter").disabled = Boolean(busy) || wait > 0;
  element("proof").hidden = !proving;
  if (proving) describeProof();
  element("again").hidden = !AGAIN.includes(refusing);
  element("paste").hidden = !paste;
  checking(Boolean(seat) && !inside && (!refusing || PROVING.includes(refusing)));
  if (element("room")) element("room").hidden = !inside;
  if (seat) describe(wait);
}

const now = () => Date.now() + lead;
const times = () => new Times(seat, language, say);
const refused = () => refusal || (seat && !inside && secondsTo(seat.end, now()) <= 0 ? "too_late" : "");

// Camera and microphone are let go when there is nothing to check them for.
function checking(wanted) {
  if (!wanted && !element("check").hidden) check.stop();
  element("check").hidden = !wanted;
}

function describeProof() {
  const pause = sent ? secondsTo(sent.again_at, now()) : 0;
  const mailed = ways.includes("mailed");
  element("mail-code").hidden = element("no-mail").hidden = !mailed;
  element("mail-code").disabled = Boolean(busy) || pause > 0;
  element("use-code").disabled = Boolean(busy);
  write(element("mail-code"), pause > 0 ? say("code_wait", { time: duration(pause, language) }) : say("code_again"));
}

function describe(wait) {
  for (const name of ["organiser", "name", "agenda"]) write(element(name), seat[name]);
  write(element("when"), times().slot());
  write(element("here"), times().slotHere());
  element("here").hidden = element("here-label").hidden = !element("here").textContent;
  element("agenda").hidden = element("agenda-label").hidden = !seat.agenda;
  if (wait > 60) write(element("countdown"), say("countdown", { time: minutes(wait, language) }));
  else write(element("countdown"), say("countdown_soon"));
}

// What a tab in the background tells.
function headline() {
  if (!seat || busy || refused() || inside) return "";
  return say(secondsTo(seat.opens_at, now()) > 0 ? "tab_waiting" : "tab_open");
}

function translate() {
  document.documentElement.lang = language;
  write(element("title"), seat?.title || say("heading")); // the title of a protected meeting comes after the code
  document.title = [headline(), element("title").textContent, "meetcoord"].filter(Boolean).join(" · ");
  for (const each of document.querySelectorAll("[data-word]")) write(each, say(each.dataset.word));
  check.show();
  for (const link of links) link.ariaCurrent = link.dataset.language === language ? "true" : null;
}

function pasted(text) {
  const { token: found, cut } = read(text);
  if (found) {
    keep(found);
    element("link").value = "";
    return look();
  }
  refusal = cut ? "link_cut" : "paste_none";
  show();
  element("link").focus();
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
  pasted(element("link").value);
});
for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    [language, chosen] = [link.dataset.language, true];
    show();
  });
}
addEventListener("hashchange", () => { takeToken(); look(); });
element("leave")?.addEventListener("click", leave);
addEventListener("visibilitychange", () => { if (!document.hidden) lookAgain(); });
setInterval(lookAgain, ASK_AGAIN);
setInterval(() => { if (seat && !busy && (!refusal || ways)) show(); }, 1000);
Device.tidy();
takeToken();
look();
