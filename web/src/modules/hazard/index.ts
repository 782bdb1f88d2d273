import { defineModule } from '@/core/module'
import en from './locales/en'
import zh from './locales/zh-CN'

const list = 'hazard:case:list'
const view = 'hazard:case:view'
const report = 'hazard:case:report'

export default defineModule({
  id: 'hazard',
  routes: [
    { path: 'hazards', component: () => import('./pages/HazardListPage.vue'), meta: { title: 'hazard.list.title', permission: list } },
    { path: 'hazards/new', component: () => import('./pages/ReportPage.vue'), meta: { title: 'hazard.report.title', permission: report } },
    { path: 'hazards/:id', component: () => import('./pages/HazardDetailPage.vue'), meta: { title: 'hazard.detail.title', permission: view, menu: '/hazards' } },
  ],
  mobileRoutes: [
    { path: 'report', component: () => import('./pages/MobileReportPage.vue'), meta: { title: 'hazard.mobile.report', permission: report, back: true } },
    { path: 'receipt/:id', component: () => import('./pages/MobileReceiptPage.vue'), meta: { title: 'hazard.mobile.receipt', permission: view, back: true } },
    { path: 'mine', component: () => import('./pages/MobileListPage.vue'), props: { kind: 'mine' }, meta: { title: 'hazard.mobile.mine', permission: list } },
    { path: 'tasks', component: () => import('./pages/MobileListPage.vue'), props: { kind: 'todo' }, meta: { title: 'hazard.mobile.tasks', permission: list } },
    { path: 'hazards/:id', component: () => import('./pages/MobileDetailPage.vue'), meta: { title: 'hazard.detail.title', permission: view, back: true } },
  ],
  locales: { 'zh-CN': zh, en },
})

export { moveName, regionText } from './moves/names'
