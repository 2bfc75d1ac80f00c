// Asks the service in the name of one key, which lives in this object and nowhere else.

const PATIENCE = 60000; // ms: a sealed file may be large and the line slow

export class Service {
  #key;

  constructor(key) {
    this.#key = key;
  }

  get(path) {
    return this.#ask("GET", path, (answer) => answer.json());
  }

  post(path) {
    return this.#ask("POST", path, (answer) => answer.json());
  }

  // The bytes of a file; asking for one is an act.
  take(path) {
    return this.#ask("POST", path, async (answer) => new Uint8Array(await answer.arrayBuffer()));
  }

  text(path) {
    return this.#ask("GET", path, (answer) => answer.text());
  }

  // `status` is 0 when nothing answers in time.
  async #ask(method, path, read) {
    const headers = { Authorization: `Bearer ${this.#key}` };
    const manner = { credentials: "omit", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE) };
    try {
      const answer = await fetch(path, { method, headers, ...manner });
      const found = answer.ok ? await read(answer) : await answer.json().catch(() => ({}));
      return { ok: answer.ok, status: answer.status, found };
    } catch {
      return { ok: false, status: 0, found: {} };
    }
  }
}
