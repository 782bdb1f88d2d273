// Who is signed in, what they may do, and what happens when the session ends under them.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { ApiError } from './api/problem'
import { request } from './api/request'
import type { SessionView as ServerSession } from './api/types'
import { translate } from './i18n'

export type SessionView = ServerSession

// A menu as the server sends it; its children are menus again.
export interface MenuEntry {
  code: string
  name: string
  icon: string
  path: string
  mobile: boolean
  children?: MenuEntry[]
}

export const useSession = defineStore('session', () => {
  const view = shallowRef<SessionView | null>(null)
  const known = ref(false) // the server has been asked
  const title = ref('')
  const expired = ref(false)
  let waiting: ((again: boolean) => void)[] = []

  const user = computed(() => view.value?.user ?? null)
  const menus = computed(() => (view.value?.menus ?? []) as MenuEntry[])
  const productTitle = computed(() => title.value || translate('core.product'))

  function take(next: SessionView | null): void {
    view.value = next
    known.value = true
    if (next?.product_title) title.value = next.product_title
  }

  // Asks the server once per page load; a failure other than 401 is thrown to the router.
  async function load(): Promise<void> {
    try {
      take(await request<SessionView>('GET', '/session', { plain401: true }))
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      if (typeof error.extra.product_title === 'string') title.value = error.extra.product_title
      take(null)
    }
  }

  async function signIn(account: string, password: string): Promise<SessionView> {
    const next = await request<SessionView>('POST', '/session', {
      body: { account, password },
      plain401: true,
    })
    take(next)
    return next
  }

  async function signOut(): Promise<void> {
    try {
      await request<void>('DELETE', '/session', { plain401: true })
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
    }
    take(null)
  }

  async function changePassword(current: string, next: string): Promise<SessionView> {
    const answer = await request<SessionView>('PUT', '/session/password', {
      body: { current_password: current, new_password: next },
    })
    take(answer)
    return answer
  }

  // Called by the request layer on 401. Resolves when the dialog is answered.
  function ended(): Promise<boolean> {
    if (!view.value) return Promise.resolve(false)
    expired.value = true
    return new Promise((resolve) => waiting.push(resolve))
  }

  function settleExpiry(again: boolean): void {
    expired.value = false
    const callers = waiting
    waiting = []
    for (const resolve of callers) resolve(again)
  }

  function may(permission: string | undefined): boolean {
    return !permission || (view.value?.permissions.includes(permission) ?? false)
  }

  function hasRole(code: string): boolean {
    return user.value?.roles.some((role) => role.code === code) ?? false
  }

  return {
    view,
    known,
    user,
    menus,
    productTitle,
    expired,
    load,
    signIn,
    signOut,
    changePassword,
    ended,
    settleExpiry,
    may,
    hasRole,
  }
})
