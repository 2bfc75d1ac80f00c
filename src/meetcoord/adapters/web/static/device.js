// A secret of this browser for one link, the same in each of its tabs. It lies under a name that tells nothing of the
// link, with the day on which nobody needs it any more, and goes when the meeting is over or the link is dead.

const NAME = "device.";
const DAY = 86400000; // ms
const UNKNOWN = 30; // days: as long as nobody has told us when the meeting ends

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const today = () => Math.floor(Date.now() / DAY);

export class Device {
  #made = {}; // where nothing may be stored, a secret lasts as long as the page

  // Made here, so that an answer lost on its way costs nobody a second code. Read again each time: another tab may
  // have made one at the same moment, and the last to be stored is the one that counts.
  async secret(token) {
    const name = await nameOf(token);
    const [known] = stored(name);
    const secret = known || this.#made[name] || base64url(crypto.getRandomValues(new Uint8Array(32)));
    this.#made[name] = secret;
    if (!known) keep(name, secret, today() + UNKNOWN);
    return secret;
  }

  // `rest` in ms, as the service counts it: the clock of this device may be wrong.
  async keepFor(token, rest) {
    const name = await nameOf(token);
    const [secret] = stored(name);
    if (secret) keep(name, secret, Math.floor((Date.now() + rest) / DAY) + 2);
  }

  async forget(token) {
    const name = await nameOf(token);
    delete this.#made[name];
    try { localStorage.removeItem(name); } catch { /* then nothing was stored */ }
  }

  // What other links have left behind that were never opened again.
  static tidy() {
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(NAME) && !(stored(name)[1] >= today())) localStorage.removeItem(name);
      }
    } catch { /* then nothing was stored */ }
  }
}

async function nameOf(token) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`device ${token}`));
  return NAME + base64url(new Uint8Array(digest).slice(0, 16));
}

function stored(name) {
  try {
    const [secret = "", day = ""] = (localStorage.getItem(name) ?? "").split(" ");
    return [secret, Number(day)];
  } catch {
    return ["", 0];
  }
}

function keep(name, secret, day) {
  try { localStorage.setItem(name, `${secret} ${day}`); } catch { /* then it lasts as long as the page */ }
}
