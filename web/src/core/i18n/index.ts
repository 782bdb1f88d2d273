// Languages of the console. Module texts are merged under the module's id.
import { createI18n } from 'vue-i18n'
import type { ConsoleModule, Messages } from '../module'
import coreEn from './locales/en'
import coreZh from './locales/zh-CN'

export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]

export function pickLanguage(wanted: string | null | undefined): Language {
  return wanted?.toLowerCase().startsWith('en') ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as Language,
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': coreZh as Messages, en: coreEn as Messages },
})

export function addModuleTexts(modules: ConsoleModule[]): void {
  for (const module of modules) {
    for (const language of languages) {
      i18n.global.mergeLocaleMessage(language, { [module.id]: module.locales[language] })
    }
  }
}

// For code outside components.
export function translate(key: string, params: Record<string, unknown> = {}): string {
  return i18n.global.t(key, params)
}

export function hasText(key: string): boolean {
  return i18n.global.te(key)
}
