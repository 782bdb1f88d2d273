import { defineModule } from '@/core/module'
import en from './locales/en'
import zh from './locales/zh-CN'

export default defineModule({
  id: 'status',
  routes: [{ path: 'status', component: () => import('./pages/StatusPage.vue'), meta: { title: 'status.title', permission: 'system:status:view' } }],
  locales: { 'zh-CN': zh, en },
})
