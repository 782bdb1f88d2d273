// Times as people read them, in the installation's zone.
import { ref, onScopeDispose, type Ref } from 'vue'
import { i18n } from './i18n'

const zone = 'Asia/Shanghai'

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(i18n.global.locale.value, { timeZone: zone, ...options }).format(at)
}

export function dateTime(at: number | null | undefined): string {
  if (at === null || at === undefined) return ''
  return format(at, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  })
}

export function shortDateTime(at: number | null | undefined): string {
  if (at === null || at === undefined) return ''
  return format(at, { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
}

// The civil date (YYYY-MM-DD) of a moment in the installation's zone.
export function civilDate(at: number): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at)
  const part = (type: string) => parts.find((entry) => entry.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

export interface Span {
  days: number
  hours: number
  minutes: number
}

export function toSpan(ms: number): Span {
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  return {
    days: Math.floor(minutes / 1440),
    hours: Math.floor((minutes % 1440) / 60),
    minutes: minutes % 60,
  }
}

export type DueState = 'none' | 'calm' | 'soon' | 'today' | 'overdue'

export interface Due {
  state: DueState
  span: Span
}

// How near a deadline is. `today` means the same civil day, `soon` within 3 days.
export function dueOf(dueAt: number | null | undefined, now: number): Due {
  if (dueAt === null || dueAt === undefined) return { state: 'none', span: toSpan(0) }
  const left = dueAt - now
  const span = toSpan(left)
  if (left < 0) return { state: 'overdue', span }
  if (civilDate(dueAt) === civilDate(now)) return { state: 'today', span }
  return { state: left <= 3 * 86_400_000 ? 'soon' : 'calm', span }
}

// A clock that ticks once a minute while somebody looks.
export function useNow(): Ref<number> {
  const now = ref(Date.now())
  const timer = window.setInterval(() => (now.value = Date.now()), 30_000)
  onScopeDispose(() => window.clearInterval(timer))
  return now
}
