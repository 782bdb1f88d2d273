import { defineModule } from '@/core/module'
import en from './locales/en'
import zh from './locales/zh-CN'

const list = () => import('./pages/AssetListPage.vue')
const detail = () => import('./pages/AssetDetailPage.vue')
const permission = 'asset:asset:list'

export default defineModule({
  id: 'asset',
  routes: [
    { path: 'assets', component: list, meta: { title: 'asset.title', permission } },
    { path: 'assets/:id', component: detail, meta: { title: 'asset.detail', permission, menu: '/assets' } },
  ],
  mobileRoutes: [
    { path: 'assets', component: () => import('./pages/MobileAssetsPage.vue'), meta: { title: 'asset.title', permission, back: true } },
  ],
  locales: { 'zh-CN': zh, en },
})
