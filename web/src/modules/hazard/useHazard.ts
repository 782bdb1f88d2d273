// One hazard with its time line, kept fresh: reloads on live events and says what changed when
// somebody else was first.
import { ref, shallowRef, type Ref } from 'vue'
import { useDictionaries } from '@/core/dictionary'
import { ApiError } from '@/core/api/problem'
import { translate } from '@/core/i18n'
import { onLive } from '@/core/live'
import { dateTime } from '@/core/time'
import { hazardApi, type HazardDetail, type HazardEvent } from './api'

export interface HazardState {
  hazard: Ref<HazardDetail | null>
  timeline: Ref<HazardEvent[]>
  loading: Ref<boolean>
  error: Ref<ApiError | null>
  changes: Ref<string[]>
  newer: Ref<boolean>
  reload: () => Promise<void>
  take: (next: HazardDetail) => Promise<void>
  stale: () => Promise<void>
}

export function useHazard(id: string, editing: () => boolean): HazardState {
  const dictionaries = useDictionaries()
  const hazard = shallowRef<HazardDetail | null>(null)
  const timeline = shallowRef<HazardEvent[]>([])
  const loading = ref(true)
  const error = shallowRef<ApiError | null>(null)
  const changes = ref<string[]>([])
  const newer = ref(false)

  async function reload(): Promise<void> {
    try {
      const [detail, events] = await Promise.all([hazardApi.get(id), hazardApi.timeline(id)])
      hazard.value = detail
      timeline.value = events.items
      error.value = null
      newer.value = false
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause
      error.value = cause
    } finally {
      loading.value = false
    }
  }

  async function take(next: HazardDetail): Promise<void> {
    hazard.value = next
    changes.value = []
    await reload()
  }

  // A move was refused because the case is no longer what the page showed: reload, and say in words
  // what is different. The form stays open with its text.
  async function stale(): Promise<void> {
    const old = hazard.value
    await reload()
    const now = hazard.value
    if (!old || !now) return
    const said: string[] = []
    const say = (label: string, before: string, after: string) => {
      if (before !== after) said.push(translate('hazard.detail.changed', { label: translate(`hazard.field.${label}`), before: before || '—', after: after || '—' }))
    }
    say('state', dictionaries.name('hazard_state', old.state), dictionaries.name('hazard_state', now.state))
    say('hazard_grade', dictionaries.name('hazard_grade', old.hazard_grade), dictionaries.name('hazard_grade', now.hazard_grade))
    say('risk_grade', dictionaries.name('risk_grade', old.risk_grade), dictionaries.name('risk_grade', now.risk_grade))
    say('due', dateTime(old.due_at), dateTime(now.due_at))
    say('round', String(old.round), String(now.round))
    if (said.length === 0) said.push(translate('hazard.detail.changedOther'))
    changes.value = said
  }

  onLive('hazard', (event) => {
    if (String(event.id) !== id || !hazard.value) return
    if (Number(event.version) <= hazard.value.version) return
    // A person who is writing is told; nobody's form is pulled away.
    if (editing()) newer.value = true
    else void reload()
  })

  void reload()
  return { hazard, timeline, loading, error, changes, newer, reload, take, stale }
}
