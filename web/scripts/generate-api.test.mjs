import { expect, test } from 'vitest'
import { generate, pascal, typeOf } from './generate-api.mjs'

test.each([
  [{ type: 'string' }, 'string'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ type: 'array', items: { type: ['integer', 'null'] } }, '(number | null)[]'],
  [{ enum: ['a', 'b'] }, '"a" | "b"'],
  [{ $ref: '#/components/schemas/hazard.detail' }, 'HazardDetail'],
  [{ type: 'object', properties: { id: { type: 'string' }, n: { type: 'integer' } }, required: ['id'] }, '{\n  id: string\n  n?: number\n}'],
  [{}, 'unknown'],
])('typeOf %j', (schema, text) => expect(typeOf(schema)).toBe(text))

test('names are Pascal', () => expect(pascal('session_view')).toBe('SessionView'))

test('an operation lists query, body and answer', () => {
  const text = generate({
    components: { schemas: { Row: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } } },
    paths: {
      '/rows': {
        post: {
          parameters: [{ in: 'query', name: 'q', schema: { type: 'string' } }],
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Row' } } } },
          responses: { 201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Row' } } } } },
        },
        delete: { responses: { 204: {} } },
      },
    },
  })
  expect(text).toContain('"POST /rows": {\n    query: {\n      q?: string\n    }\n    body: Row\n    answer: Row\n  }')
  expect(text).toContain('"DELETE /rows": {\n    answer: void\n  }')
})
