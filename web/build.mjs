// Writes age.js with all that it imports as one file into the package, the licences of those parts at its head.
import { readdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";

const TARGET = "../src/meetcoord/adapters/web/static/vendor/age.js";
const OPTIONS = { entryPoints: ["age.js"], bundle: true, format: "esm", target: "es2022", metafile: true };

function licence(folder) {
  const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!file) throw new Error(`${name} ships no licence: it cannot be bundled.`);
  return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
}

// The folder of the package that holds this file.
function home(file) {
  return file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
}

const { metafile } = await build({ ...OPTIONS, write: false });
const folders = [...new Set(Object.keys(metafile.inputs).map(home).filter(Boolean))].sort();
const head = `/*!\n${folders.map(licence).join("\n")}*/`.replaceAll("*/\n", "* /\n");
await build({ ...OPTIONS, minify: true, legalComments: "none", banner: { js: head }, outfile: TARGET });
console.log(`${TARGET.replace("../", "")}: ${folders.length} packages with their licences`);
