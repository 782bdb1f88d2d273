import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError } from './problem'
import { api, inBackground, request, setRequestHooks, toUrl } from './request'

const calls: { url: string; init: RequestInit }[] = []
let answers: Response[] = []

beforeEach(() => {
  calls.length = 0
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    calls.push({ url, init })
    const answer = answers.shift()
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError('refused'))
  })
  setRequestHooks({ language: () => 'en', sessionEnded: () => Promise.resolve(false) })
})
afterEach(() => vi.unstubAllGlobals())

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(status === 204 ? null : JSON.stringify(body), { status, headers })
const header = (name: string) => (calls[0]?.init.headers as Record<string, string>)[name]

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => null,
    (cause: unknown) => cause,
  )
  if (!(error instanceof ApiError)) throw new Error('an ApiError was expected')
  return error
}

describe('request', () => {
  test('leaves empty query values out', () => {
    expect(toUrl('/hazards', { q: '', state: 'reported', mine: false, todo: true, limit: 20, x: null })).toBe(
      '/api/v1/hazards?state=reported&todo=true&limit=20',
    )
  })

  test('a read carries the language and no CSRF header', async () => {
    answers = [json(200, { items: [] })]
    expect(await api.get('/hazards')).toEqual({ items: [] })
    expect(header('Accept-Language')).toBe('en')
    expect(header('X-Anlan-Request')).toBeUndefined()
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s carries the CSRF header', async (method) => {
    answers = [json(204, null)]
    expect(await request(method, '/x')).toBeUndefined()
    expect(header('X-Anlan-Request')).toBe('1')
  })

  test('only calls started inside inBackground are marked', async () => {
    answers = [json(200, {}), json(200, {})]
    await inBackground(() => api.get('/notices/count'))
    await api.get('/hazards')
    expect(header('X-Anlan-Background')).toBe('1')
    expect((calls[1]?.init.headers as Record<string, string>)['X-Anlan-Background']).toBeUndefined()
  })

  test('a due password change is told', async () => {
    const passwordDue = vi.fn()
    setRequestHooks({ language: () => 'en', sessionEnded: () => Promise.resolve(false), passwordDue })
    answers = [json(403, { code: 'session.password_change_required' })]
    await failure(api.get('/hazards'))
    expect(passwordDue).toHaveBeenCalledTimes(1)
  })

  test('a problem document becomes a typed error', async () => {
    answers = [
      json(422, {
        type: 'about:blank',
        title: 'Wrong',
        status: 422,
        code: 'request.invalid',
        detail: 'See fields',
        trace_id: 'abc',
        fields: [{ field: 'name', code: 'text.short', message: 'too short', params: { min: 2 } }, 'junk'],
        state: 'reported',
      }),
    ]
    const error = await failure(api.post('/hazards', {}))
    expect(error).toMatchObject({ status: 422, code: 'request.invalid', detail: 'See fields', traceId: 'abc', extra: { state: 'reported' } })
    expect(error.fields).toEqual([{ field: 'name', code: 'text.short', message: 'too short', params: { min: 2 } }])
  })

  test('an answer that is no problem document keeps its status and trace header', async () => {
    answers = [new Response('<html>', { status: 502, headers: { 'X-Trace-Id': 't1' } })]
    expect(await failure(api.get('/x'))).toMatchObject({ status: 502, code: 'http.502', traceId: 't1', fields: [] })
  })

  test('no answer is an offline error', async () => {
    answers = []
    expect((await failure(api.get('/x'))).offline).toBe(true)
  })

  test('an ended session asks to sign in and repeats once', async () => {
    const sessionEnded = vi.fn(() => Promise.resolve(true))
    setRequestHooks({ language: () => 'en', sessionEnded })
    answers = [json(401, { code: 'session.none' }), json(200, { ok: true })]
    expect(await api.post('/x', { a: 1 })).toEqual({ ok: true })
    expect(sessionEnded).toHaveBeenCalledTimes(1)
    expect(calls[1]?.init.body).toBe('{"a":1}')
  })

  test('a second 401 is not asked again', async () => {
    setRequestHooks({ language: () => 'en', sessionEnded: () => Promise.resolve(true) })
    answers = [json(401, { code: 'session.none' }), json(401, { code: 'session.none' })]
    expect((await failure(api.get('/x'))).status).toBe(401)
    expect(calls).toHaveLength(2)
  })

  test('a refused login is an answer, not an ended session', async () => {
    const sessionEnded = vi.fn(() => Promise.resolve(true))
    setRequestHooks({ language: () => 'en', sessionEnded })
    answers = [json(401, { code: 'session.invalid_credentials' })]
    await failure(request('POST', '/session', { plain401: true }))
    expect(sessionEnded).not.toHaveBeenCalled()
  })
})
