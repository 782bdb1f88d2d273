// How a module shows itself to the console: routes, menu icons and texts.
import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'

export type Messages = { [key: string]: string | Messages }

export interface ConsoleModule {
  id: string
  // Desktop pages, shown inside the shell.
  routes?: RouteRecordRaw[]
  // Phone pages, below /m.
  mobileRoutes?: RouteRecordRaw[]
  // Pages without shell (login).
  plainRoutes?: RouteRecordRaw[]
  // Shown in the header of the desktop shell, left of the avatar.
  headerTools?: Component[]
  locales: { 'zh-CN': Messages; en: Messages }
}

declare module 'vue-router' {
  interface RouteMeta {
    title?: string // message key
    permission?: string
    public?: boolean
    menu?: string // path of the menu entry to highlight
    back?: boolean // phone: show the back arrow
  }
}

export function defineModule(module: ConsoleModule): ConsoleModule {
  return module
}
