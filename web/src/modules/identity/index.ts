import { defineModule } from '@/core/module'
import en from './locales/en'
import zh from './locales/zh-CN'

export default defineModule({
  id: 'identity',
  plainRoutes: [
    { path: '/login', component: () => import('./pages/LoginPage.vue'), meta: { public: true, title: 'identity.login.title' } },
    { path: '/password', component: () => import('./pages/PasswordPage.vue'), meta: { title: 'identity.password.title' } },
  ],
  routes: [
    { path: 'users', component: () => import('./pages/UsersPage.vue'), meta: { title: 'identity.users.title', permission: 'identity:user:list' } },
    { path: 'profile', component: () => import('./pages/ProfilePage.vue'), meta: { title: 'identity.profile.title' } },
  ],
  locales: { 'zh-CN': zh, en },
})
