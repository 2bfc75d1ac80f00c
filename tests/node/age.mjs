// What the tests ask of another implementation of age. Bytes come on stdin and leave on stdout.
//   node age.mjs identity                      a fresh identity and its recipient, one per line
//   node age.mjs seal RECIPIENT...             seals stdin
//   node age.mjs open IDENTITY                 opens stdin; exit code 1 when it refuses
//   node age.mjs vectors                       the test vectors of the format, as JSON {name: base64}
import { readFileSync } from "node:fs";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import * as vectors from "cctv-age";

const [command, ...keys] = process.argv.slice(2);

async function answer() {
  if (command === "vectors") {
    const entries = Object.entries(vectors).map(([name, file]) => [name, Buffer.from(file).toString("base64")]);
    return JSON.stringify(Object.fromEntries(entries));
  }
  if (command === "identity") {
    const identity = await generateHybridIdentity();
    return `${identity}\n${await identityToRecipient(identity)}\n`;
  }
  const input = new Uint8Array(readFileSync(0));
  if (command === "seal") {
    const encrypter = new Encrypter();
    keys.forEach((recipient) => encrypter.addRecipient(recipient));
    return encrypter.encrypt(input);
  }
  const decrypter = new Decrypter();
  keys.forEach((identity) => decrypter.addIdentity(identity));
  return decrypter.decrypt(input, "uint8array");
}

try {
  process.stdout.write(await answer());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
