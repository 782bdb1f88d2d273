// The only door to the server. Adds language, CSRF and trace handling; turns every failure into an
// ApiError; on an ended session asks the person to sign in again and repeats the call once, so that
// a half-filled form survives.
import { ApiError, networkError, toApiError } from './problem'

export type QueryValue = string | number | boolean | null | undefined
export type Query = Record<string, QueryValue>

export interface RequestOptions {
  query?: Query
  body?: unknown
  form?: FormData
  signal?: AbortSignal
  headers?: Record<string, string>
  onProgress?: (sent: number, total: number) => void
  // The call belongs to signing in itself: a 401 is an answer, not an ended session.
  plain401?: boolean
}

interface Hooks {
  language: () => string
  // Resolves to true when somebody has signed in again and the call may be repeated.
  sessionEnded: () => Promise<boolean>
  // The server lets nothing but a password change pass.
  passwordDue?: () => void
}

let hooks: Hooks = { language: () => 'zh-CN', sessionEnded: () => Promise.resolve(false) }

export function setRequestHooks(next: Hooks): void {
  hooks = next
}

// Calls that a clock or the server started, not a person, must not keep an idle session alive. What
// `run` sends before its first pause is marked so.
let background = false
export function inBackground<T>(run: () => T): T {
  background = true
  try {
    return run()
  } finally {
    background = false
  }
}

export const apiBase = '/api/v1'

export function toUrl(path: string, query?: Query): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '' || value === false) continue
    parameters.set(key, String(value))
  }
  const tail = parameters.toString()
  return `${apiBase}${path}${tail ? `?${tail}` : ''}`
}

function headersOf(method: string, options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {
    Accept: 'application/json, application/problem+json',
    'Accept-Language': hooks.language(),
    ...options.headers,
  }
  // A header that a foreign page cannot set without a preflight: the server's CSRF rule.
  if (method !== 'GET') headers['X-Anlan-Request'] = '1'
  if (background) headers['X-Anlan-Background'] = '1'
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  return headers
}

interface Answer {
  status: number
  text: string
  trace: string
}

async function byFetch(method: string, url: string, options: RequestOptions): Promise<Answer> {
  const response = await fetch(url, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: headersOf(method, options),
    body: options.form ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
    signal: options.signal,
  })
  return {
    status: response.status,
    text: response.status === 204 ? '' : await response.text(),
    trace: response.headers.get('X-Trace-Id') ?? '',
  }
}

// fetch reports no upload progress; XMLHttpRequest does.
function byUpload(method: string, url: string, options: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest()
    call.open(method, url)
    for (const [name, value] of Object.entries(headersOf(method, options))) {
      call.setRequestHeader(name, value)
    }
    call.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded, event.total)
    }
    call.onload = () =>
      resolve({
        status: call.status,
        text: call.responseText,
        trace: call.getResponseHeader('X-Trace-Id') ?? '',
      })
    call.onerror = () => reject(new TypeError('upload failed'))
    call.onabort = () => reject(new DOMException('aborted', 'AbortError'))
    options.signal?.addEventListener('abort', () => call.abort())
    call.send(options.form ?? null)
  })
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function once<T>(method: string, path: string, options: RequestOptions): Promise<T> {
  const url = toUrl(path, options.query)
  let answer: Answer
  try {
    answer = await (options.onProgress ? byUpload : byFetch)(method, url, options)
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw networkError(cause)
  }
  const body = parse(answer.text)
  if (answer.status >= 200 && answer.status < 300) return body as T
  throw toApiError(answer.status, body, answer.trace)
}

export async function request<T>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  try {
    return await once<T>(method, path, options)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'session.password_change_required') hooks.passwordDue?.()
    if (!(error instanceof ApiError) || error.status !== 401 || options.plain401) throw error
    if (!(await hooks.sessionEnded())) throw error
    return once<T>(method, path, options)
  }
}

export const api = {
  get: <T>(path: string, query?: Query, options?: RequestOptions) =>
    request<T>('GET', path, { ...options, query }),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>('POST', path, { ...options, body }),
  put: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>('PUT', path, { ...options, body }),
  patch: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>('PATCH', path, { ...options, body }),
  remove: <T>(path: string, options?: RequestOptions) => request<T>('DELETE', path, options),
}

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}
