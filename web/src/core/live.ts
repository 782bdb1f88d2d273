// Live events of the server (SSE). One connection per page, shared; EventSource reconnects itself,
// and after a refused connection we try again with growing pauses.
import { onScopeDispose } from 'vue'
import { apiBase } from './api/request'

type Listener = (data: Record<string, unknown>) => void
const listeners = new Map<string, Set<Listener>>()
let source: EventSource | null = null
let pause = 2000
let timer = 0

function attach(kind: string): void {
  source?.addEventListener(kind, (event) => {
    let data: Record<string, unknown>
    try {
      data = JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>
    } catch {
      return // not ours
    }
    for (const listener of listeners.get(kind) ?? []) listener(data)
  })
}

export function openLive(): void {
  if (source || typeof EventSource === 'undefined') return
  source = new EventSource(`${apiBase}/live`)
  source.onopen = () => (pause = 2000)
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return
    closeLive()
    timer = window.setTimeout(openLive, pause)
    pause = Math.min(pause * 2, 60_000)
  }
  for (const kind of listeners.keys()) attach(kind)
}

export function closeLive(): void {
  window.clearTimeout(timer)
  source?.close()
  source = null
}

// Subscribes for the life of the component.
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
