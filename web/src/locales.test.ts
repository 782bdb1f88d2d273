import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Messages } from './core/module'

const source = dirname(fileURLToPath(import.meta.url))
const folders = [
  ['core', join(source, 'core/i18n/locales')],
  ...readdirSync(join(source, 'modules')).map((name) => [name, join(source, 'modules', name, 'locales')]),
] as [string, string][]

function flat(messages: Messages, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(messages).map(([key, value]) => (typeof value === 'string' ? { [prefix + key]: value } : flat(value, `${prefix}${key}.`))),
  ) as Record<string, string>
}
const load = async (file: string) => flat(((await import(/* @vite-ignore */ file)) as { default: Messages }).default)
const params = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

describe.each(folders)('texts of %s', (_name, folder) => {
  test('both languages have the same keys and parameters', async () => {
    const [zh, en] = await Promise.all([load(join(folder, 'zh-CN.ts')), load(join(folder, 'en.ts'))])
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    for (const [key, text] of Object.entries(zh)) {
      expect(text.trim(), key).not.toBe('')
      expect(params(en[key] ?? ''), key).toEqual(params(text))
    }
  })
})

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else if (/\.(vue|ts)$/.test(name) && !/\.test\.ts$/.test(name)) yield path
  }
}

test('every key that the code names has a text', async () => {
  const known = new Set<string>()
  for (const [name, folder] of folders) {
    for (const key of Object.keys(await load(join(folder, 'zh-CN.ts')))) known.add(name === 'core' ? key : `${name}.${key}`)
  }
  const missing: string[] = []
  for (const path of files(source)) {
    for (const match of readFileSync(path, 'utf8').matchAll(/(?:\bt|translate)\(\s*'([\w.]+)'/g)) {
      if (!known.has(match[1] ?? '')) missing.push(`${path}: ${match[1]}`)
    }
  }
  expect(missing).toEqual([])
})
