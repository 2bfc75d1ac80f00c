// The entries of the log as a reader sees them, each with the digest that the tree holds (RFC 9162: SHA-256 of 0x00
// and the entry's bytes).

import { digest, make } from "./building.js";

// As the log writes an entry: sorted names, no blanks; all of it is ASCII.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

export const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
export const sha256 = async (bytes) => base64(await crypto.subtle.digest("SHA-256", bytes));

export async function withDigests(entries) {
  const leaf = (entry) => new TextEncoder().encode(`\0${canonical(entry)}`);
  return Promise.all(entries.map(async (each) => ({ ...each, digest: await sha256(leaf(each.entry)) })));
}

export class History {
  constructor(entries, meeting, persons, say, moment) {
    Object.assign(this, { entries, meeting, persons, say, moment });
  }

  lines() {
    const { proposed_at: at, organiser } = this.meeting;
    const proposed = this.#line(at, this.say("proposed"), organiser, make("span", { class: "small" }, this.say("not_in_log")));
    return [proposed, ...this.entries.map((each) => this.#entry(each))];
  }

  #entry({ index, entry, digest: value }) {
    const number = this.say("number", { index });
    const mark = make("span", { class: "small" }, `${number} · `, digest(value, number, this.say));
    return this.#line(entry.at * 1000, this.#what(entry), this.#who(entry), mark);
  }

  #line(at, what, who, mark) {
    const time = make("time", { datetime: new Date(at).toISOString() }, this.moment(at));
    return make("li", {}, make("strong", {}, what), make("br"), `${who} · `, time, make("br"), mark);
  }

  #what(entry) {
    const word = entry.type === "act" ? `act.${entry.act}` : `leaf.${entry.type}`;
    const said = this.say(word) ?? this.say("act.other", { act: entry.act ?? entry.type });
    const seq = entry.seq ?? entry.object?.match(/\/(\d+)$/)?.[1];
    return seq === undefined ? said : `${said} (${this.say("document", { seq })})`;
  }

  #who(entry) {
    const [home, id] = entry.author ? entry.author.split("/") : [entry.agency, entry.by];
    const known = this.persons.get(id);
    const name = known ? `${known.name}, ${known.function}` : this.say("someone", { id: id?.slice(0, 8) ?? "" });
    return [home ?? entry.agencies?.join(", "), id ? name : ""].filter(Boolean).join(" · ");
  }
}
