// Words of the trade by code, in the reader's language. The server's dictionaries win; the console's
// own texts stand in until they are loaded or when a code is missing there.
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { api } from './api/request'
import { hasText, translate } from './i18n'
import { usePreferences } from './preferences'

export interface Entry {
  code: string
  name: string
  color?: string
}

interface Dictionary {
  code: string
  name: string
  entries: Entry[]
}

export const useDictionaries = defineStore('dictionaries', () => {
  const byCode = ref(new Map<string, Entry[]>())
  const preferences = usePreferences()
  let loaded = ''

  async function load(): Promise<void> {
    const language = preferences.language
    if (loaded === language) return
    loaded = language
    try {
      const answer = await api.get<{ items: Dictionary[] }>('/dictionaries')
      byCode.value = new Map(answer.items.map((entry) => [entry.code, entry.entries]))
    } catch {
      loaded = '' // own texts stand in; the next page asks again
    }
  }
  watch(
    () => preferences.language,
    () => {
      if (byCode.value.size > 0) void load()
    },
  )

  function name(dictionary: string, code: string | null | undefined): string {
    if (!code) return ''
    const entry = byCode.value.get(dictionary)?.find((candidate) => candidate.code === code)
    if (entry) return entry.name
    const key = `core.words.${dictionary}.${code}`
    return hasText(key) ? translate(key) : code
  }

  // Choices of a dictionary; `fallback` gives the codes when the server has none.
  function entries(dictionary: string, fallback: readonly string[]): Entry[] {
    const own = byCode.value.get(dictionary)
    if (own && own.length > 0) return own
    return fallback.map((code) => ({ code, name: name(dictionary, code) }))
  }

  return { load, name, entries }
})
