import { defineModule } from '@/core/module'
import en from './locales/en'
import zh from './locales/zh-CN'

export default defineModule({
  id: 'audit',
  routes: [{ path: 'audit', component: () => import('./pages/AuditPage.vue'), meta: { title: 'audit.title', permission: 'audit:record:list' } }],
  locales: { 'zh-CN': zh, en },
})
