// A list page whose filters and cursor live in the address, so that back, reload and links work.
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import { ApiError } from './api/problem'
import type { Page, Query } from './api/request'

export interface List<T> {
  items: Ref<T[]>
  loading: Ref<boolean>
  error: Ref<ApiError | null>
  hasNext: ComputedRef<boolean>
  hasBack: ComputedRef<boolean>
  filter: (name: string) => string
  setFilter: (values: Record<string, string>) => void
  next: () => void
  first: () => void
  reload: () => Promise<void>
}

export function useList<T>(
  names: readonly string[],
  fetchPage: (query: Query, signal: AbortSignal) => Promise<Page<T>>,
): List<T> {
  const route = useRoute()
  const router = useRouter()
  const home = route.path
  const items = shallowRef<T[]>([]) as Ref<T[]>
  const loading = ref(true)
  const error = shallowRef<ApiError | null>(null)
  const nextCursor = ref<string | null>(null)
  let running: AbortController | null = null

  const filter = (name: string): string => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }

  async function reload(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    loading.value = true
    const query: Query = { cursor: filter('cursor'), limit: 20 }
    for (const name of names) query[name] = filter(name)
    try {
      const page = await fetchPage(query, mine.signal)
      if (mine.signal.aborted) return
      items.value = page.items
      nextCursor.value = page.next_cursor
      error.value = null
    } catch (cause) {
      if (mine.signal.aborted) return
      if (!(cause instanceof ApiError)) throw cause
      error.value = cause
      items.value = []
    } finally {
      if (running === mine) loading.value = false
    }
  }

  function setFilter(values: Record<string, string>): void {
    const query: LocationQueryRaw = { ...route.query, ...values, cursor: undefined }
    for (const key of Object.keys(query)) if (query[key] === '') query[key] = undefined
    void router.replace({ query })
  }

  watch(
    () => (route.path === home ? JSON.stringify(route.query) : null),
    (now) => {
      if (now !== null) void reload()
    },
    { immediate: true },
  )

  return {
    items,
    loading,
    error,
    hasNext: computed(() => nextCursor.value !== null),
    hasBack: computed(() => filter('cursor') !== ''),
    filter,
    setFilter,
    next: () => void router.push({ query: { ...route.query, cursor: nextCursor.value ?? undefined } }),
    first: () => void router.push({ query: { ...route.query, cursor: undefined } }),
    reload,
  }
}

// One thing fetched for a page.
export function useLoad<T>(fetch: () => Promise<T>): {
  data: Ref<T | null>
  loading: Ref<boolean>
  error: Ref<ApiError | null>
  reload: () => Promise<void>
} {
  const data = shallowRef<T | null>(null) as Ref<T | null>
  const loading = ref(true)
  const error = shallowRef<ApiError | null>(null)
  async function reload(): Promise<void> {
    loading.value = data.value === null
    try {
      data.value = await fetch()
      error.value = null
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause
      error.value = cause
    } finally {
      loading.value = false
    }
  }
  void reload()
  return { data, loading, error, reload }
}
