// Opens a sealed file in this page: the file must be the one that the log names before anything is decrypted, and the
// text the one approved for that place before any of it is shown. Nothing here asks the service anything.

import { sha256 } from "./history.js";

const IDENTITY = /AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]+/g;
const HEADER_MAX = 262144; // bytes
const FRAME = /^meetcoord-minutes\/v1\nlog: (.*)\nmeeting: (.*)\nseq: (\d{1,16})\nkind: (.*)\nauthor: (.*)\nsalt: (.*)\n\n([^]*)$/;

// `word` is what the page says; `altered` where the document itself is at fault, and which part of it.
export class Refusal extends Error {
  constructor(word, altered = "") {
    super(word);
    Object.assign(this, { word, altered });
  }
}

export function identityIn(text) {
  const found = text.match(IDENTITY) ?? [];
  if (found.length !== 1) throw new Refusal("identity_form");
  return found[0];
}

// `headers` are those that the log names: the first, and any made anew since.
export async function mustBeLogged(file, leaf, headers) {
  const [header, payload] = split(file);
  const found = [await sha256(header), await sha256(payload)];
  const foreign = latin1(header).split("\n").some((line) => line.startsWith("-> ") && !line.startsWith("-> mlkem768x25519 "));
  if (foreign || !headers.includes(found[0]) || found[1] !== leaf.payload || payload.length !== leaf.size) {
    throw new Refusal("file_altered", "step_received");
  }
}

const latin1 = (bytes) => new TextDecoder("latin1").decode(bytes);

function split(file) {
  const head = latin1(file.subarray(0, HEADER_MAX));
  const mark = head.indexOf("\n--- ");
  const end = mark < 0 ? -1 : head.indexOf("\n", mark + 1);
  if (end < 0) throw new Refusal("file_altered", "step_received");
  return [file.subarray(0, end + 1), file.subarray(end + 1)];
}

// Asked before the file is, so that a mistyped identity costs no reading.
export async function decrypterFor(identity, opener) {
  const { Decrypter } = await import(opener).catch(() => { throw new Refusal("network"); });
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(identity);
  } catch {
    throw new Refusal("identity_form");
  }
  return decrypter;
}

// All of what was sealed, or nothing.
export const decrypt = (decrypter, file) =>
  decrypter.decrypt(file, "uint8array").catch(() => { throw new Refusal("identity_wrong"); });

// The text, once it has proved to be the one approved for this place in this log.
export async function approvedText(plain, leaf, log) {
  const altered = new Refusal("text_altered", "step_text");
  if ((await sha256(plain)) !== leaf.content) throw altered;
  const frame = decode(plain)?.match(FRAME);
  if (!frame) throw altered;
  const [, origin, meeting, seq, kind, author] = frame;
  const named = [log, leaf.meeting, String(leaf.seq), leaf.kind, leaf.author];
  if (named.some((each, place) => each !== [origin, meeting, seq, kind, author][place])) throw altered;
  return frame[7];
}

function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
