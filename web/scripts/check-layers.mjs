// Fails when core imports a module, a module imports more of another module than its api.ts or
// index.ts, Element Plus is used outside core/ui, or a Chinese literal stands outside a locale file.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = resolve(dirname(fileURLToPath(import.meta.url)), '../src')

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else if (/\.(ts|vue)$/.test(name)) yield path
  }
}

const faults = []
for (const path of files(source)) {
  const place = relative(source, path)
  const text = readFileSync(path, 'utf8')
  const own = /^modules\/([^/]+)\//.exec(place)?.[1]
  const inCore = place.startsWith('core/')
  for (const match of text.matchAll(/(?:from\s+|import\(\s*|import\s+)['"]([^'"]+)['"]/g)) {
    const target = match[1]
    const local = target.startsWith('@/')
      ? target.slice(2)
      : target.startsWith('.')
        ? relative(source, resolve(dirname(path), target))
        : null
    if (local === null) {
      if (/^element-plus/.test(target) && !place.startsWith('core/ui/')) {
        faults.push(`${place}: imports ${target}; use core/ui`)
      }
      continue
    }
    const other = /^modules\/([^/]+)\/?(.*)$/.exec(local)
    if (!other) continue
    if (inCore) faults.push(`${place}: core imports module ${other[1]}`)
    else if (own && other[1] !== own && !/^(api|index)?(\.ts)?$/.test(other[2])) {
      faults.push(`${place}: imports the inside of module ${other[1]} (${other[2]})`)
    }
  }
  if (!/locales\//.test(place) && !/\.test\.ts$/.test(place)) {
    text.split('\n').forEach((line, index) => {
      if (/[\u4e00-\u9fff]/.test(line)) {
        faults.push(`${place}:${index + 1}: Chinese text outside a locale file`)
      }
    })
  }
}
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log('check-layers: ok')
