// What a person chose for this browser: theme, language, text size. Kept in localStorage so that the
// login page has it too; the server keeps language and theme per user.
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { i18n, pickLanguage, type Language } from './i18n'

export type Theme = 'system' | 'light' | 'dark'
const storageKey = 'anlan.preferences'

interface Stored {
  theme?: Theme
  language?: Language
  large?: boolean
  folded?: boolean
}

function load(): Stored {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Stored
  } catch {
    return {} // unreadable or forbidden storage: start from the defaults
  }
}

export const usePreferences = defineStore('preferences', () => {
  const stored = load()
  const theme = ref<Theme>(stored.theme ?? 'system')
  const language = ref<Language>(stored.language ?? pickLanguage(navigator.language))
  const large = ref(stored.large ?? false)
  const folded = ref(stored.folded ?? false)

  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(system.matches)
  system.addEventListener('change', (event) => (systemDark.value = event.matches))
  const dark = computed(() => (theme.value === 'system' ? systemDark.value : theme.value === 'dark'))

  watch(
    [dark, large, language],
    () => {
      const root = document.documentElement
      root.classList.toggle('dark', dark.value)
      root.classList.toggle('large', large.value)
      root.lang = language.value
      i18n.global.locale.value = language.value
    },
    { immediate: true, flush: 'sync' },
  )
  watch([theme, language, large, folded], () => {
    try {
      localStorage.setItem(
        storageKey,
        JSON.stringify({
          theme: theme.value,
          language: language.value,
          large: large.value,
          folded: folded.value,
        } satisfies Stored),
      )
    } catch {
      // Private mode without storage: the choice lasts as long as the page.
    }
  })

  function setLanguage(next: Language): void {
    language.value = next
  }

  return { theme, language, large, folded, dark, setLanguage }
})
