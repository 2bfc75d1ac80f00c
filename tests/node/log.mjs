// Checks a log of ours with nothing of ours: only node:crypto, and for one entry the verifier of Sigstore.
//   node log.mjs check FOLDER LOGKEY [WITNESSKEY...]   an export, recomputed from its entries; prints what was found
//   node log.mjs grown                                 a consistency proof on stdin (JSON), RFC 9162 2.1.4.2
//   node log.mjs sigstore                              an inclusion proof and its note on stdin (JSON)
// Formats: c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles. Exit code 1 when it refuses.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const WIDTH = 256;
const [ED25519, COSIGNATURE] = [1, 4];
const PLAIN = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410, before the 32 bytes of a key

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const leafHash = (entry) => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

function must(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

function rootOf(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return nodeHash(rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)));
}

function keyOf(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const data = Buffer.from(rest.join("+"), "base64");
  const expected = sha256(Buffer.from(`${name}\n`), data).subarray(0, 4).toString("hex");
  must(id === expected, `the key of ${name} has another id`);
  must(data.length === 33, `the key of ${name} has another length`);
  const spki = Buffer.concat([PLAIN, data.subarray(1)]);
  return { name, id, type: data[0], raw: data, key: createPublicKey({ key: spki, format: "der", type: "spki" }) };
}

function noteOf(text) {
  const end = text.lastIndexOf("\n\n");
  must(end > 0 && text.endsWith("\n"), "not a note");
  const lines = text.slice(end + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const found = /^\u2014 ([^ +]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
    must(found, `not a signature line: ${line}`);
    const data = Buffer.from(found[2], "base64");
    return { name: found[1], id: data.subarray(0, 4).toString("hex"), data: data.subarray(4) };
  });
  return { text: text.slice(0, end + 1), signatures };
}

function signedBy(note, key) {
  const found = note.signatures.filter((each) => each.name === key.name && each.id === key.id);
  if (found.length === 0) return null;
  must(found.length === 1, `${key.name} signed twice`);
  const { data } = found[0];
  if (key.type === ED25519) {
    must(data.length === 64 && verify(null, Buffer.from(note.text), key.key, data), `${key.name} did not sign this`);
    return true;
  }
  must(key.type === COSIGNATURE && data.length === 72, `${key.name} is no witness`);
  const at = data.readBigUInt64BE(0);
  const said = Buffer.from(`cosignature/v1\ntime ${at}\n${note.text}`);
  must(verify(null, said, key.key, data.subarray(8)), `${key.name} did not cosign this`);
  return Number(at);
}

function checkpointOf(note) {
  const [origin, size, root, end] = note.text.split("\n");
  must(/^(0|[1-9][0-9]*)$/.test(size) && end === "", "not a checkpoint");
  return { origin, size: Number(size), root: Buffer.from(root, "base64") };
}

function tilePath(level, index) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.{3}/g);
  return ["tile", String(level), ...digits.map((three, n) => (n < digits.length - 1 ? `x${three}` : three))];
}

function tile(folder, level, index, width) {
  const path = join(folder, ...tilePath(level, index));
  return readFileSync(width === WIDTH ? path : join(`${path}.p`, String(width)));
}

function widths(count) {
  const full = Math.floor(count / WIDTH);
  return [...Array(full).fill(WIDTH), ...(count % WIDTH ? [count % WIDTH] : [])];
}

function entriesOf(bundle, width) {
  const found = [];
  let at = 0;
  while (at < bundle.length) {
    const end = at + 2 + bundle.readUInt16BE(at);
    must(end <= bundle.length, "an entry is cut short");
    found.push(bundle.subarray(at + 2, end));
    at = end;
  }
  must(found.length === width, "a bundle holds another number of entries");
  return found;
}

function tilesAgree(folder, hashes, level = 0) {
  let checked = 0;
  widths(hashes.length).forEach((width, index) => {
    const here = hashes.slice(index * WIDTH, index * WIDTH + width);
    must(tile(folder, level, index, width).equals(Buffer.concat(here)), `tile ${level}/${index} is another`);
    checked += 1;
  });
  const full = Math.floor(hashes.length / WIDTH);
  const above = Array.from({ length: full }, (_, index) => rootOf(hashes.slice(index * WIDTH, (index + 1) * WIDTH)));
  return full ? checked + tilesAgree(folder, above, level + 1) : checked;
}

function check(folder, logKey, ...witnessKeys) {
  const note = noteOf(readFileSync(join(folder, "checkpoint"), "utf8"));
  const checkpoint = checkpointOf(note);
  const log = keyOf(logKey);
  must(log.type === ED25519 && log.name === checkpoint.origin, "the key of another log");
  must(signedBy(note, log), "the log did not sign this");
  const bundles = widths(checkpoint.size).map((width, index) => entriesOf(tile(folder, "entries", index, width), width));
  const hashes = bundles.flat().map(leafHash);
  must(rootOf(hashes).equals(checkpoint.root), "the entries lead to another root");
  const cosigned = witnessKeys.map(keyOf).map((key) => [key.name, signedBy(note, key)]);
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: checkpoint.root.toString("base64"),
    tiles: tilesAgree(folder, hashes),
    cosigned: Object.fromEntries(cosigned.filter(([, at]) => at !== null)),
  };
}

function grown({ old, size, oldRoot, root, proof }) {
  const path = proof.map((hash) => Buffer.from(hash, "base64"));
  const [first, second] = [Buffer.from(oldRoot, "base64"), Buffer.from(root, "base64")];
  must(0 < old && old < size && path.length > 0, "nothing to compare");
  if (Number.isInteger(Math.log2(old))) path.unshift(first);
  let [fn, sn] = [old - 1, size - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [path[0], path[0]];
  for (const hash of path.slice(1)) {
    must(sn !== 0, "the proof is too long");
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(hash, fr), nodeHash(hash, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else {
      sr = nodeHash(sr, hash);
    }
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  must(sn === 0 && fr.equals(first) && sr.equals(second), "the log did not grow out of that one");
  return { old, size };
}

async function sigstore({ note, logKey, index, entry, hashes }) {
  const { verifyTLogInclusion } = await import("@sigstore/verify/dist/tlog/index.js");
  const log = keyOf(logKey);
  const proven = {
    canonicalizedBody: Buffer.from(entry, "base64"),
    inclusionProof: {
      logIndex: String(index),
      hashes: hashes.map((hash) => Buffer.from(hash, "base64")),
      checkpoint: { envelope: note },
    },
  };
  verifyTLogInclusion(proven, [{ logID: Buffer.from(log.id, "hex"), baseURL: log.name, publicKey: log.key }]);
  return { index };
}

const [command, ...words] = process.argv.slice(2);
try {
  const answer = { check: () => check(...words), grown: () => grown(given()), sigstore: () => sigstore(given()) };
  process.stdout.write(`${JSON.stringify(await answer[command]())}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function given() {
  return JSON.parse(readFileSync(0, "utf8"));
}
