import { defineModule } from '@/core/module'
import BellButton from './components/BellButton.vue'
import en from './locales/en'
import zh from './locales/zh-CN'

const page = () => import('./pages/NoticesPage.vue')

export default defineModule({
  id: 'notify',
  routes: [{ path: 'notices', component: page, meta: { title: 'notify.title' } }],
  mobileRoutes: [{ path: 'notices', component: page, props: { phone: true }, meta: { title: 'notify.title', back: true } }],
  headerTools: [BellButton],
  locales: { 'zh-CN': zh, en },
})
