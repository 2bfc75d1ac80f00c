// The auditor's page: her key and her identity live in this page's memory only; writes text, never markup.

import { Service } from "./asking.js";
import { digest, make, save, write } from "./building.js";
import { History, withDigests } from "./history.js";
import { approvedText, decrypt, decrypterFor, identityIn, mustBeLogged, Refusal } from "./opening.js";
import { Verdict } from "./verdict.js";

const element = (id) => document.getElementById(id);
const words = JSON.parse(element("main").dataset.words);
const opener = element("main").dataset.opener;
const links = document.querySelectorAll("[data-language]");
const LOCALES = { en: "en-GB" };

let language = document.documentElement.lang;
let service = null; // asks with the key; null without one
let agency = "";
let notice = null; // { word, detail }
let found = { items: [], cursor: null, asked: "" };
let dossier = null; // the document looked at, and what is known of it
let busy = false;
const frozen = new Map(); // what was found altered stays found

const say = (key, facts = {}) => Object.entries(facts).reduce(
  (text, [name, value]) => text?.replace(`{${name}}`, () => value), words[language][key]);

const moment = (at, style = { dateStyle: "long", timeStyle: "medium" }, zone = dossier?.item.time_zone) =>
  new Intl.DateTimeFormat(LOCALES[language] ?? language, { ...style, timeZone: zone }).format(new Date(at));

const nameOf = (item) => `${item.meeting}/${item.seq}`;
const titleOf = (item) => item.title ?? say("untitled", { meeting: item.meeting.slice(0, 8) });
const kindOf = (item) => `${say(`kind_${item.kind}`)} · ${say("document", { seq: item.seq })}`;

// One thing at a time: a second press while something is under way does nothing.
async function doing(deed) {
  if (busy) return;
  busy = true;
  try {
    await deed();
  } finally {
    busy = false;
  }
}

function told(answer) {
  if (!answer.status) return { word: "network" };
  if (answer.status === 401) return { word: "key_wrong" };
  if (answer.status >= 500) return { word: "unavailable" };
  return { word: "refused", detail: answer.found.detail ?? "" };
}

function tell(target, message) {
  target.hidden = !message;
  if (!message) return target.replaceChildren();
  const detail = message.detail ? [" ", make("span", { lang: "en" }, message.detail)] : [];
  target.replaceChildren(say(message.word, message.facts), ...detail);
}

async function enter(key) {
  if (!/^mtc_\S+$/.test(key)) return show({ word: "key_empty" });
  show({ word: "working" });
  const asking = new Service(key);
  const me = await asking.get("/v1/me");
  if (!me.ok) return show(told(me));
  element("key").value = "";
  [service, agency] = [asking, me.found.agency];
  await search();
}

function forget(message = null) {
  closeText();
  [service, agency, dossier] = [null, "", null];
  found = { items: [], cursor: null, asked: "" };
  frozen.clear();
  for (const form of document.forms) form.reset();
  show(message);
  element("key").focus();
}

// The answer, or null once it is told why there is none; a key that is not valid any more is let go.
async function asked(answer, target = element("notice")) {
  if (answer.ok) return answer.found;
  if (answer.status === 401) forget(told(answer));
  else if (target === element("notice")) show(told(answer));
  else tell(target, told(answer));
  return null;
}

function question() {
  const form = element("search").elements;
  const values = { agency: form.agency.value.trim(), meeting: form.meeting.value.trim(), kind: form.kind.value };
  for (const name of ["held", "sealed"]) {
    const [first, last] = [form[`${name}_from`].value, form[`${name}_until`].value];
    if (first) values[`${name}_from`] = new Date(`${first}T00:00`).toISOString();
    if (last) values[`${name}_until`] = dayAfter(last).toISOString();
  }
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
}

function dayAfter(day) {
  const next = new Date(`${day}T00:00`);
  next.setDate(next.getDate() + 1);
  return next;
}

async function search() {
  const wanted = question();
  show({ word: "working" });
  found = { items: [], cursor: null, asked: wanted };
  if (!(await further())) return;
  show();
  element("results-title").focus();
}

// Until something more is found, or all is looked through: a page may be empty and yet not the last.
async function further() {
  const before = found.items.length;
  do {
    const place = found.cursor ? `&cursor=${found.cursor}` : "";
    const page = await asked(await service.get(`/v1/minutes?${found.asked}${place}`));
    if (!page) return false;
    found = { ...found, items: [...found.items, ...page.items], cursor: page.next_cursor };
  } while (found.cursor && found.items.length === before);
  return true;
}

async function more() {
  const first = found.items.length;
  if (!(await further())) return;
  show();
  element("results").children[first]?.querySelector("button").focus();
}

async function consult(item) {
  closeText();
  dossier = { item, entries: null, siblings: [], persons: new Map(), check: null, file: null, gone: [] };
  const mine = dossier;
  if (!history.state?.document) history.pushState({ document: true }, "");
  show();
  element("document-title").focus();
  const path = `/v1/meetings/${item.meeting}`;
  const [log, meeting, all] = await Promise.all(
    [service.get(`${path}/history`), service.get(path), service.get(`/v1/minutes?meeting=${item.meeting}&limit=100`)]);
  if (dossier !== mine) return;
  dossier.entries = log.ok ? await withDigests(log.found.items) : null;
  dossier.persons = new Map((meeting.ok ? meeting.found.persons : []).map((person) => [person.id, person]));
  dossier.siblings = all.ok ? all.found.items.sort((one, other) => one.seq - other.seq) : [];
  show();
}

function leave() {
  if (!dossier) return;
  const place = found.items.findIndex((each) => nameOf(each) === nameOf(dossier.item));
  closeText();
  dossier = null;
  show();
  (element("results").children[place]?.querySelector("button") ?? element("results-title")).focus();
}

async function verify() {
  const { item } = dossier;
  element("verdict").replaceChildren(make("p", { class: "notice" }, say("working")));
  const answer = await service.post(`/v1/meetings/${item.meeting}/minutes/${item.seq}/evidence-check`);
  if (!answer.ok) {
    element("verdict").replaceChildren(make("p", { class: "notice" }, say(told(answer).word), " ", told(answer).detail ?? ""));
    if (answer.status === 401) forget(told(answer));
    return;
  }
  dossier.check = answer.found;
  if (answer.found.outcome === "altered") {
    const failed = answer.found.steps.find((step) => step.state === "failed");
    freeze(failed?.sentence ?? answer.found.sentence.replace(/^Altered: /, ""), "en", answer.found.checked_at);
  }
  show();
}

function freeze(what, lang, until) {
  if (!frozen.has(nameOf(dossier.item))) frozen.set(nameOf(dossier.item), { what, lang, until });
}

async function take(what, name) {
  const { item } = dossier;
  const target = element("take-said");
  tell(target, { word: "working" });
  const bytes = await asked(await service.take(`/v1/meetings/${item.meeting}/minutes/${item.seq}/${what}`), target);
  if (!bytes) return;
  save(bytes, name);
  tell(target, { word: "taken", facts: { name } });
}

async function open() {
  const target = element("open-said");
  closeText();
  tell(target, { word: "opening" });
  try {
    const identity = await givenIdentity();
    const text = await openedWith(identity);
    if (text === null) return;
    tell(target, { word: "opened" });
    showText(text);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (refusal.altered) freeze(refusal.altered, "", new Date().toISOString());
    show();
    tell(target, { word: refusal.word });
  }
}

async function givenIdentity() {
  const [file] = element("identity-file").files;
  const given = file ? await file.text() : element("identity").value;
  element("open").reset(); // the identity does not stay on the page either
  return identityIn(given);
}

// Null once it is told why nothing can be opened.
async function openedWith(identity) {
  const { item } = dossier;
  const leaf = dossier.entries?.find((each) => each.index === item.leaf)?.entry;
  const decrypter = await decrypterFor(identity, opener);
  const key = await service.text("/log/key");
  if (!leaf || !key.ok) throw new Refusal(leaf ? told(key).word : "history_none");
  if (leaf.meeting !== item.meeting || leaf.seq !== item.seq) throw new Refusal("file_altered", "step_received");
  const rewraps = dossier.entries.filter(({ entry }) => entry.type === "rewrap" && entry.target === item.leaf);
  dossier.file ??= await asked(
    await service.take(`/v1/meetings/${item.meeting}/minutes/${item.seq}/readings`), element("open-said"));
  if (!dossier?.file) return null;
  await checkedFile(leaf, [leaf.header, ...rewraps.map(({ entry }) => entry.header)]);
  return approvedText(await decrypt(decrypter, dossier.file), leaf, key.found.split("+")[0]);
}

// A file that is not the logged one is not kept for another try.
async function checkedFile(leaf, headers) {
  try {
    await mustBeLogged(dossier.file, leaf, headers);
  } catch (refusal) {
    dossier.file = null;
    throw refusal;
  }
}

function showText(text) {
  element("text").textContent = text;
  element("opened").hidden = false;
  element("text-title").focus();
}

function closeText() {
  element("text").textContent = "";
  element("opened").hidden = true;
  tell(element("open-said"), null);
  tell(element("take-said"), null);
}

function show(message = null) {
  notice = message;
  translate();
  tell(element("notice"), notice);
  element("door").hidden = Boolean(service);
  element("holder").hidden = !service;
  write(element("agency-of-key"), agency);
  element("desk").hidden = !service || Boolean(dossier);
  element("document").hidden = !dossier;
  if (dossier) describe();
  else list();
}

function list() {
  const count = found.items.length;
  write(element("count"), count ? say("results_some", { count }) : say("results_none"));
  element("results").replaceChildren(...found.items.map(card));
  element("more").hidden = !found.cursor;
}

function card(item) {
  const day = (at) => moment(at, { dateStyle: "long" }, item.time_zone);
  const facts = [item.start ? `${say("held_on")}${colon()} ${day(item.start)}` : say("no_slot"), `${say("sealed_on")}${colon()} ${day(item.sealed_at)}`];
  const label = `${say("consult")}${colon()} ${titleOf(item)}, ${kindOf(item)}`;
  return make("li", {},
    make("h3", {}, titleOf(item)),
    make("p", {}, kindOf(item), make("br"), facts.join(" · "), make("br"), `${say("agencies")}${colon()} ${item.agencies.join(", ")}`),
    make("button", { type: "button", class: "second", "aria-label": label, click: () => doing(() => consult(item)) }, say("consult")));
}

const colon = () => (language === "fr" ? "\u00a0:" : ":");

function describe() {
  const { item } = dossier;
  write(element("document-title"), titleOf(item));
  const facts = [
    ["kind", kindOf(item)],
    ["held_on", item.start ? moment(item.start, { dateStyle: "full", timeStyle: "short" }) : say("no_slot")],
    ["agencies", item.agencies.join(", ")],
    ["approved_by", item.approved_by.join(", ")],
    ["sealed_on", moment(item.sealed_at)],
    ["times", item.time_zone],
    ["entry", String(item.leaf)],
    ["content", digest(item.content, say("content"), say)],
  ];
  element("facts").replaceChildren(...facts.flatMap(([key, value]) => [make("dt", {}, say(key)), make("dd", {}, value)]));
  describeVerdict();
  describeSiblings();
  write(element("commands"), commands(item));
  const past = dossier.entries && new History(dossier.entries, item, dossier.persons, say, moment);
  element("entries").replaceChildren(...(past ? past.lines() : []));
  write(element("history-why"), say(past ? "history_why" : "history_none"));
}

function describeVerdict() {
  const { item, check } = dossier;
  const fault = frozen.get(nameOf(item));
  element("verify").disabled = Boolean(fault);
  const found = new Verdict(item, say, moment, colon());
  const shown = fault ? [found.alarm(fault, element("phone"))] : check ? [found.calm(check)] : [];
  element("verdict").replaceChildren(...shown, ...(check ? found.said(check) : []));
}

function describeSiblings() {
  const { item, siblings } = dossier;
  element("siblings").hidden = siblings.length < 2;
  element("documents").replaceChildren(...siblings.map((each) => make("li", {}, each.seq === item.seq
    ? `${kindOf(each)} ${say("this_one")}`
    : make("button", { type: "button", class: "second", click: () => doing(() => consult(each)) }, kindOf(each)))));
}

const fileOf = (item) => `minutes-${item.meeting}-${item.seq}.age`;
const evidenceOf = (item) => `evidence-${item.meeting}-${item.seq}.zip`;

const commands = (item) => [
  `meetcoord evidence verify ${evidenceOf(item)} --log-key log.vkey --witness-policy policy --genesis FINGERPRINT`,
  `meetcoord minutes open ${fileOf(item)} --identity identity.txt --evidence ${evidenceOf(item)} --log-key log.vkey`,
].join("\n\n");

function translate() {
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-word]")) write(each, say(each.dataset.word));
  document.title = [dossier ? titleOf(dossier.item) : "", say("heading"), "meetcoord"].filter(Boolean).join(" · ");
  for (const link of links) link.ariaCurrent = link.dataset.language === language ? "true" : null;
}

const on = (id, event, deed) => element(id)?.addEventListener(event, (happened) => {
  happened.preventDefault();
  doing(deed);
});
on("door", "submit", () => enter(element("key").value.trim()));
on("search", "submit", search);
on("more", "click", more);
on("verify", "click", verify);
on("open", "submit", open);
on("take-file", "click", () => take("readings", fileOf(dossier.item)));
on("take-evidence", "click", () => take("evidence", evidenceOf(dossier.item)));
element("forget").addEventListener("click", () => forget({ word: "key_forgotten" }));
element("close").addEventListener("click", () => { closeText(); element("opening-title").scrollIntoView(); });
element("back").addEventListener("click", () => history.back());
addEventListener("popstate", leave);
addEventListener("pagehide", () => { if (service) forget(); }); // a page kept for the back button keeps no key
for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    language = link.dataset.language;
    show(notice);
  });
}
show();
