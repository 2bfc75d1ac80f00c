// Moments and durations in words: in the meeting's own zone, and on this device's clock where the two differ.

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const HALF_A_DAY = 43200;
const LOCALES = { en: "en-GB" }; // 24 hours and the day first, as in the invitation

export const secondsTo = (instant, now) => Math.ceil((Date.parse(instant) - now) / 1000);

// The two largest units of it.
export function duration(seconds, language) {
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  return UNITS.slice(first, first + 2).map(([unit, size], place) => {
    const count = Math.floor((place ? seconds % UNITS[first][1] : seconds) / size);
    return place && !count ? "" : new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
  }).filter(Boolean).join(" ");
}

// Whole minutes begun: nobody is hurried by seconds, and a text that rests is read in peace.
export const minutes = (seconds, language) => duration(Math.ceil(seconds / 60) * 60, language);

export class Times {
  constructor(seat, language, say) {
    Object.assign(this, { seat, language, say });
    this.own = Intl.DateTimeFormat().resolvedOptions().timeZone ?? seat.time_zone;
  }

  slot() {
    return `${this.#day(this.seat.start)}, ${this.#hours(this.seat.time_zone)} (${this.#zone(this.seat.time_zone)})`;
  }

  // The same on this device's clock, or nothing where it shows the same.
  slotHere() {
    if (!this.#elsewhere()) return "";
    const day = this.#day(this.seat.start, this.own);
    const hours = `${this.#hours(this.own)} (${this.#zone(this.own)})`;
    return day === this.#day(this.seat.start) ? hours : `${day}, ${hours}`;
  }

  doors(wait) {
    const day = wait > HALF_A_DAY ? { dateStyle: "full" } : {};
    const time = this.#text(this.seat.opens_at, { ...day, timeStyle: "short" });
    return this.#elsewhere() ? `${time} (${this.#zone(this.seat.time_zone)})` : time;
  }

  #elsewhere() {
    const style = { dateStyle: "short", timeStyle: "short" };
    return this.#text(this.seat.start, style, this.own) !== this.#text(this.seat.start, style);
  }

  #day(instant, zone) {
    return this.#text(instant, { dateStyle: "full" }, zone);
  }

  #hours(zone) {
    const clock = (instant) => this.#text(instant, { timeStyle: "short" }, zone);
    return `${clock(this.seat.start)}\u00a0–\u00a0${clock(this.seat.end)}`;
  }

  #zone(zone) {
    if (!zone.includes("/")) return zone; // no city's: UTC
    const city = zone.split("/").pop().replaceAll("_", " ");
    const said = this.say("zone", { city });
    return this.language === "fr" ? said.replace(/\bde (?=[AEIOUÀÉÎ])/, "d’") : said;
  }

  #text(instant, style, zone = this.seat.time_zone) {
    return new Intl.DateTimeFormat(LOCALES[this.language] ?? this.language, { ...style, timeZone: zone }).format(new Date(instant));
  }
}

export const isLongWait = (wait) => wait > HALF_A_DAY;
