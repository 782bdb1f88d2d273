// Writes a .gz file beside every text asset of the build, for servers that send precompressed
// files, and fails when the build lacks the map worker (without it MapLibre shows a blank map).
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'

const root = process.argv[2] ?? 'dist'
const kinds = new Set(['.js', '.mjs', '.css', '.html', '.svg', '.json', '.webmanifest'])
const smallest = 1024

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else yield path
  }
}

let before = 0
let after = 0
let worker = false
for (const path of files(root)) {
  if (/maplibre-gl-worker/.test(path)) worker = true
  if (!kinds.has(extname(path))) continue
  const bytes = readFileSync(path)
  if (bytes.length < smallest) continue
  const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION })
  writeFileSync(`${path}.gz`, packed)
  before += bytes.length
  after += packed.length
}
if (!worker) {
  console.error('precompress: no maplibre-gl-worker file among the assets')
  process.exit(1)
}
console.log(`precompress: ${(before / 1024).toFixed(0)} KiB -> ${(after / 1024).toFixed(0)} KiB gzip`)
