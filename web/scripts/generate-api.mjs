// Turns an OpenAPI 3.1 document into TypeScript types, and into the list of operations:
//   node scripts/generate-api.mjs openapi.json [--check]
// Writes src/core/api/types.ts; with --check it only says whether that file is up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const methods = ['get', 'post', 'put', 'patch', 'delete']

export function pascal(text) {
  const joined = text.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, letter) => letter.toUpperCase())
  return /^[A-Za-z]/.test(joined) ? joined : `T${joined}`
}

function key(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

export function typeOf(schema, indent = '') {
  if (schema === undefined || schema === true || Object.keys(schema).length === 0) return 'unknown'
  if (schema.$ref) return pascal(schema.$ref.split('/').pop())
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const several = schema.oneOf ?? schema.anyOf
  if (several) return [...new Set(several.map((part) => typeOf(part, indent)))].join(' | ')
  if (schema.allOf) return schema.allOf.map((part) => `(${typeOf(part, indent)})`).join(' & ')
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => (type === 'null' ? 'null' : typeOf({ ...schema, type }, indent))).join(' | ')
  }
  switch (schema.type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array': {
      const item = typeOf(schema.items, indent)
      return /[|&]/.test(item) ? `(${item})[]` : `${item}[]`
    }
    default:
      break
  }
  if (schema.type === 'object' || schema.properties) {
    const deeper = `${indent}  `
    const required = new Set(schema.required ?? [])
    const lines = Object.entries(schema.properties ?? {}).map(
      ([name, part]) => `${deeper}${key(name)}${required.has(name) ? '' : '?'}: ${typeOf(part, deeper)}`,
    )
    if (lines.length === 0) {
      const extra = schema.additionalProperties
      return `Record<string, ${extra && extra !== true ? typeOf(extra, deeper) : 'unknown'}>`
    }
    return `{\n${lines.join('\n')}\n${indent}}`
  }
  return 'unknown'
}

function jsonSchema(content) {
  const entry = Object.entries(content ?? {}).find(([type]) => /json$/.test(type))
  return entry?.[1].schema
}

export function generate(document) {
  const lines = [
    '// Generated from the server\'s OpenAPI document by scripts/generate-api.mjs. Do not edit.',
    '/* eslint-disable */',
    '',
  ]
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    lines.push(`export type ${pascal(name)} = ${typeOf(schema)}`, '')
  }
  lines.push('// What each operation takes and answers, by "METHOD /path".', 'export interface Operations {')
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of methods) {
      const operation = item[method]
      if (!operation) continue
      const body = jsonSchema(operation.requestBody?.content)
      const success = Object.entries(operation.responses ?? {}).find(([status]) => /^2/.test(status))
      const answer = jsonSchema(success?.[1].content)
      const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
      lines.push(`  ${JSON.stringify(`${method.toUpperCase()} ${path}`)}: {`)
      if (query.length > 0) {
        lines.push('    query: {')
        for (const parameter of query) {
          lines.push(`      ${key(parameter.name)}${parameter.required ? '' : '?'}: ${typeOf(parameter.schema, '      ')}`)
        }
        lines.push('    }')
      }
      if (body) lines.push(`    body: ${typeOf(body, '    ')}`)
      lines.push(`    answer: ${success && !answer ? 'void' : typeOf(answer, '    ')}`, '  }')
    }
  }
  lines.push('}', '')
  return lines.join('\n')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [input, flag] = process.argv.slice(2)
  if (!input) {
    console.error('usage: node scripts/generate-api.mjs openapi.json [--check]')
    process.exit(2)
  }
  const target = resolve(dirname(fileURLToPath(import.meta.url)), '../src/core/api/types.ts')
  const text = generate(JSON.parse(readFileSync(input, 'utf8')))
  if (flag === '--check') {
    if (readFileSync(target, 'utf8') !== text) {
      console.error('generate-api: src/core/api/types.ts is not what the document gives; run npm run generate:api')
      process.exit(1)
    }
    console.log('generate-api: up to date')
  } else {
    writeFileSync(target, text)
    console.log(`generate-api: ${target}`)
  }
}
