import { defineModule } from '@/core/module'
import en from './locales/en'
import zh from './locales/zh-CN'

export default defineModule({
  id: 'workbench',
  routes: [{ path: 'workbench', component: () => import('./pages/WorkbenchPage.vue'), meta: { title: 'workbench.title' } }],
  locales: { 'zh-CN': zh, en },
})
