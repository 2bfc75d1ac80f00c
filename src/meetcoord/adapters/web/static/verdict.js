// What a check has found, in calm words first, then in the verifier's own.

import { make } from "./building.js";

export class Verdict {
  constructor(item, say, moment, colon) {
    Object.assign(this, { item, say, moment, colon });
  }

  calm({ outcome }) {
    const word = outcome === "intact" ? "intact" : "unknown";
    return make("div", { class: "notice" },
      make("strong", {}, this.say(word)), make("br"), this.say(`${word}_why`));
  }

  // What, where, since when, whom to call, and to leave everything as it is. Without a `lang`, `what` is a word of ours.
  alarm({ what, lang, until }, phone) {
    const { item, say, moment } = this;
    const [before, after] = say("altered_what").split("{what}");
    const part = make("span", { lang }, (lang ? what : say(what)).replace(/\.$/, ""));
    const call = phone ? make("a", { class: "phone", href: phone.href }, phone.textContent) : "";
    return make("div", { class: "notice alarm" },
      make("strong", {}, say("altered")),
      make("p", {}, before, part, after),
      make("p", {}, say("altered_where", { seq: item.seq, meeting: item.meeting, leaf: item.leaf })),
      make("p", {}, say("altered_since", { since: moment(item.sealed_at), until: moment(until) })),
      make("p", {}, `${say("altered_call")} `, call),
      make("p", {}, say("altered_hands_off")));
  }

  said({ sentence, steps }) {
    const { say, colon } = this;
    const found = ({ name, state, sentence: why }) => make("li", {},
      make("strong", {}, say(state.replace(" ", "_"))), `${colon} `, make("span", { lang: "en" }, `${name}. ${why}`));
    return [
      make("p", {}, `${say("verdict_said")}${colon} `, make("q", { lang: "en" }, sentence)),
      make("details", {}, make("summary", {}, say("steps")), make("ol", { class: "plain" }, ...steps.map(found))),
    ];
  }
}
