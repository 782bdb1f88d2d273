// Errors of the server (RFC 9457 problem documents) and of the network, as one typed error.
// Pages compare `code`, never a sentence.

export interface FieldError {
  field: string
  code: string
  message: string
  params?: Record<string, unknown>
}

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly traceId: string,
    readonly fields: FieldError[],
    readonly extra: Record<string, unknown>,
  ) {
    super(detail || title || code)
    this.name = 'ApiError'
  }

  get offline(): boolean {
    return this.status === 0
  }
}

const known = new Set(['type', 'title', 'status', 'code', 'detail', 'trace_id', 'fields', 'instance'])

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

// Builds the error of an answer that is not 2xx. `body` is whatever came; it is not trusted to be a
// problem document (a proxy may answer with a page of its own).
export function toApiError(status: number, body: unknown, traceHeader: string): ApiError {
  const document =
    body !== null && typeof body === 'object' ? (body as Record<string, unknown>) : {}
  const fields = Array.isArray(document.fields)
    ? (document.fields as unknown[]).flatMap((entry) => {
        const field = entry as Record<string, unknown>
        return entry !== null && typeof entry === 'object' && typeof field.field === 'string'
          ? [
              {
                field: field.field,
                code: text(field.code),
                message: text(field.message),
                params: (field.params as Record<string, unknown>) ?? {},
              },
            ]
          : []
      })
    : []
  const extra = Object.fromEntries(Object.entries(document).filter(([key]) => !known.has(key)))
  return new ApiError(
    status,
    text(document.code) || `http.${status}`,
    text(document.title),
    text(document.detail),
    text(document.trace_id) || traceHeader,
    fields,
    extra,
  )
}

export function networkError(cause: unknown): ApiError {
  return new ApiError(0, 'network.unreachable', '', String(cause), '', [], {})
}
