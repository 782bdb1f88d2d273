// Live events of the server (SSE). One connection per page, shared; EventSource reconnects itself,
// and after a refused connection we try again with growing pauses.
import { onScopeDispose } from 'vue'
import { apiBase, inBackground } from './api/request'

type Listener = (data: Record<string, unknown>) => void
const listeners = new Map<string, Set<Listener>>()
let source: EventSource | null = null
let pause = 2000
let retryTimer = 0

function attach(kind: string): void {
  source?.addEventListener(kind, (event) => {
    let data: Record<string, unknown>
    try {
      data = JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>
    } catch {
      return // not ours
    }
    for (const listener of listeners.get(kind) ?? []) inBackground(() => listener(data))
  })
}

export function openLive(): void {
  if (source || typeof EventSource === 'undefined') return
  source = new EventSource(`${apiBase}/live`)
  source.onopen = () => (pause = 2000)
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return
    closeLive()
    retryTimer = window.setTimeout(openLive, pause)
    pause = Math.min(pause * 2, 60_000)
  }
  for (const kind of listeners.keys()) attach(kind)
}

export function closeLive(): void {
  window.clearTimeout(retryTimer)
  source?.close()
  source = null
}

// Subscribes for the life of the component. What the listener asks of the server counts as background.
export function onLive(kind: string, listener: Listener): void {
  let set = listeners.get(kind)
  if (!set) {
    set = new Set()
    listeners.set(kind, set)
    attach(kind)
  }
  set.add(listener)
  onScopeDispose(() => set.delete(listener))
}

// Like onLive for lists: a burst of events is one call, a second later.
export function onLiveBurst(kind: string, listener: () => void): void {
  let timer = 0
  onLive(kind, () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => inBackground(listener), 1000)
  })
  onScopeDispose(() => window.clearTimeout(timer))
}
