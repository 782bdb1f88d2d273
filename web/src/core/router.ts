// Routes of all modules, guarded by session and permission.
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { ApiError } from './api/problem'
import { translate } from './i18n'
import type { ConsoleModule } from './module'
import { useSession } from './session'

// The page first asked for, taken back after login: a path of this site and nothing else.
export function safeReturnPath(wanted: unknown): string {
  if (typeof wanted !== 'string' || !/^\/(?![/\\])/.test(wanted)) return ''
  if (/[\\\u0000-\u001f]/.test(wanted) || /^\/(login|password)\b/.test(wanted)) return ''
  return wanted
}

export function homeFor(path = window.location.pathname): string {
  return path === '/m' || path.startsWith('/m/') ? '/m' : '/workbench'
}

export function buildRouter(modules: ConsoleModule[]): Router {
  const router = createRouter({
    history: createWebHistory(),
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
    routes: [
      ...modules.flatMap((module) => module.plainRoutes ?? []),
      {
        path: '/m',
        component: () => import('./mobile/MobileShell.vue'),
        children: [
          { path: '', component: () => import('./mobile/MobileHome.vue'), meta: { title: 'core.mobile.home' } },
          ...modules.flatMap((module) => module.mobileRoutes ?? []),
          { path: ':rest(.*)*', component: () => import('./pages/MissingPage.vue'), meta: { title: 'core.page.404' } },
        ],
      },
      {
        path: '/',
        component: () => import('./shell/AppShell.vue'),
        children: [
          { path: '', redirect: '/workbench' },
          ...modules.flatMap((module) => module.routes ?? []),
          { path: '403', component: () => import('./pages/ForbiddenPage.vue'), meta: { title: 'core.page.403' } },
          { path: '500', component: () => import('./pages/FailedPage.vue'), meta: { title: 'core.page.500' } },
          { path: ':rest(.*)*', component: () => import('./pages/MissingPage.vue'), meta: { title: 'core.page.404' } },
        ],
      },
    ],
  })

  router.beforeEach(async (to) => {
    const session = useSession()
    if (!session.known) {
      try {
        await session.load()
      } catch (error) {
        // Not a refusal but no answer: the login page shows the reason and a retry.
        if (!(error instanceof ApiError)) throw error
        if (to.meta.public) return true
        return { path: '/login', query: { next: to.fullPath, failed: error.code } }
      }
    }
    if (to.meta.public) return true
    if (!session.view) return { path: '/login', query: { next: to.fullPath } }
    if (session.view.must_change_password && to.path !== '/password') {
      return { path: '/password', query: { next: to.fullPath } }
    }
    if (to.path !== '/403' && !session.may(to.meta.permission)) {
      return { path: '/403', query: { from: to.fullPath } }
    }
    return true
  })

  router.afterEach((to) => {
    const session = useSession()
    const title = to.meta.title ? translate(to.meta.title) : ''
    document.title = title ? `${title} · ${session.productTitle}` : session.productTitle
  })

  // A page chunk that is gone after an upgrade: load the new console once.
  router.onError((error, to) => {
    if (/dynamically imported module|module script/i.test(String(error))) {
      const key = 'anlan.reloaded'
      if (sessionStorage.getItem(key) === to.fullPath) return
      sessionStorage.setItem(key, to.fullPath)
      window.location.assign(to.fullPath)
    }
  })

  return router
}
