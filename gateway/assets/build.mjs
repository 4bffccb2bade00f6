// Builds the pages' style and behaviour into ../static: hashed names, manifest.json, LEGAL.txt.
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "node_modules");
const target = path.join(here, "..", "static");
const manifest = {};

/** Lists become cards on narrow screens and in the large-type version: one source, two scopes. */
async function stylesheet() {
  const cards = await readFile(path.join(here, "src", "cards.css"), "utf8");
  return [
    '@import "bootstrap/dist/css/bootstrap.min.css";',
    '@import "./theme.css";',
    '@import "./parts.css";',
    '@import "./public.css";',
    '@import "./elder.css";',
    `@media screen and (max-width: 767.98px) { ${cards} }`,
    `@media screen { html.elder { ${cards} } }`,
    '@import "./print.css";',
  ];
}

function hashed(name, contents) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  return `${stem}-${hash}${ext}`;
}

async function put(name, contents) {
  manifest[name] = hashed(name, contents);
  await writeFile(path.join(target, manifest[name]), contents);
}

async function bundle(name, options) {
  const result = await esbuild.build({
    bundle: true,
    minify: true,
    write: false,
    legalComments: "none",
    target: ["es2020"],
    supported: { nesting: false }, // older phones do not know nested rules
    logLevel: "warning",
    ...options,
  });
  await put(name, result.outputFiles[0].contents);
}

async function style() {
  const parts = await stylesheet();
  const imports = parts.filter((part) => part.startsWith("@import"));
  const rules = parts.filter((part) => !part.startsWith("@import"));
  await bundle("app.css", {
    stdin: { contents: [...imports, ...rules].join("\n"), loader: "css", resolveDir: path.join(here, "src") },
  });
}

/** One SVG file with exactly the icons that templates and menus name. */
async function icons() {
  const names = JSON.parse(await readFile(path.join(here, "src", "icons.json"), "utf8"));
  const symbols = [];
  for (const name of names) {
    const svg = await readFile(path.join(modules, "bootstrap-icons", "icons", `${name}.svg`), "utf8");
    const [, inner] = svg.match(/<svg[^>]*>([\s\S]*)<\/svg>/);
    symbols.push(`<symbol id="${name}" viewBox="0 0 16 16">${inner.replace(/\s*\n\s*/g, "")}</symbol>`);
  }
  await put("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function swagger() {
  const from = path.join(modules, "swagger-ui-dist");
  const to = path.join(target, "vendor", "swagger-ui");
  await mkdir(to, { recursive: true });
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"]) {
    await cp(path.join(from, file), path.join(to, file));
  }
}

async function legal() {
  const packages = ["bootstrap", "bootstrap-icons", "echarts", "htmx.org", "swagger-ui-dist", "tslib", "zrender"];
  const parts = ["以下软件包含在本目录的文件中。 The files here contain the following software.\n"];
  for (const name of packages) {
    const folder = path.join(modules, name);
    const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    parts.push(`${"=".repeat(78)}\n${name} ${version} (${license})\n${"=".repeat(78)}\n`);
    const files = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && /^(licen[cs]e|copyright|notice)|\.js\.LICENSE\.txt$/i.test(entry.name))
      .map((entry) => entry.name)
      .sort();
    for (const file of files) parts.push(await readFile(path.join(folder, file), "utf8"));
  }
  await writeFile(path.join(target, "LEGAL.txt"), parts.join("\n"));
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const src = (name) => path.join(here, "src", name);
await Promise.all([
  style(),
  bundle("app.js", { entryPoints: [src("app.js")] }),
  bundle("charts.js", { entryPoints: [src("charts.js")] }),
  icons(),
  readFile(src("favicon.svg")).then((contents) => put("favicon.svg", contents)),
  swagger(),
  legal(),
]);
const sorted = Object.fromEntries(Object.entries(manifest).sort());
await writeFile(path.join(target, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
for (const [name, file] of Object.entries(sorted)) process.stdout.write(`${name} -> static/${file}\n`);
