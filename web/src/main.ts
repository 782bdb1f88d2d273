// Start of the console: the explicit list of modules and nothing else.
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { setRequestHooks } from './core/api/request'
import { addModuleTexts, i18n } from './core/i18n'
import { usePreferences } from './core/preferences'
import { buildRouter } from './core/router'
import { useSession } from './core/session'
import { modulesKey } from './core/shell/tools'
import './core/ui/styles'
import asset from './modules/asset'
import audit from './modules/audit'
import hazard from './modules/hazard'
import identity from './modules/identity'
import notify from './modules/notify'
import status from './modules/status'
import workbench from './modules/workbench'

const modules = [workbench, hazard, asset, notify, identity, audit, status]

const app = createApp(App)
app.use(createPinia())
addModuleTexts(modules)
const preferences = usePreferences()
const session = useSession()
const router = buildRouter(modules)
setRequestHooks({
  language: () => preferences.language,
  sessionEnded: () => session.ended(),
  passwordDue: () => void router.push('/password'),
})
app.config.errorHandler = (error) => {
  console.error(error)
  if (router.currentRoute.value.path !== '/500') void router.push('/500')
}
app.use(i18n).use(router).provide(modulesKey, modules).mount('#app')
