// Plays the platform in Debian's Chromium: five people take a hazard from report to write-off, on the
// desktop and on the phone. A console error, a policy violation, a request to elsewhere or an axe
// finding of serious weight fails the test.
//
//   node tests/browser/run.mjs --store sqlite --program build/ci/apps/anlan/anlan [--pictures]
//
// --pictures writes docs/pictures/*.png.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const photo = join(root, 'tests/scenario/files/photo.png')
const pictures = join(root, 'docs/pictures')
const desktop = { width: 1280, height: 800 }
const phone = { width: 360, height: 640 }

const options = {}
for (let i = 2; i < process.argv.length; i += 1) {
  const name = process.argv[i].replace(/^--/, '')
  options[name] = process.argv[i + 1]?.startsWith('--') || process.argv[i + 1] === undefined ? true : process.argv[(i += 1)]
}

// --- the server --------------------------------------------------------------------------------
async function startServer() {
  const words = [join(root, 'tests/lib/serve.py'), '--stations', '--store', options.store ?? 'sqlite']
  for (const name of ['program', 'mysql']) if (options[name]) words.push(`--${name}`, options[name])
  const child = spawn('/usr/bin/python3', words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const site = await new Promise((resolve, reject) => {
    lines.once('line', (line) => resolve(JSON.parse(line)))
    child.once('exit', (status) => reject(new Error(`serve.py ended with ${status}`)))
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return { ...site, url: `http://${site.address}`, stop: async () => { child.stdin.end(); await ended } }
}

// --- a person at a browser ---------------------------------------------------------------------
class Person {
  constructor(site, context, page) {
    this.site = site
    this.context = context
    this.page = page
    this.problems = []
    page.on('console', (message) => {
      // The browser reports each answer above 399 itself; the test checks those answers.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.problems.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.problems.push(`page error: ${error.message}`))
    page.on('response', (response) => {
      if (response.status() >= 500) this.problems.push(`${response.status()} ${response.url()}`)
    })
    page.on('request', (request) => {
      const target = request.url()
      if (!target.startsWith(site.url) && !/^(data|blob):/.test(target)) this.problems.push(`request to elsewhere: ${target}`)
    })
  }

  at(id) {
    return this.page.getByTestId(id)
  }

  async open(path) {
    await this.page.goto(this.site.url + path)
  }

  // First login: the one-time password, then the forced change, then the page first asked for.
  async signIn(account, path) {
    await this.open(path)
    await this.at('login-account').fill(account)
    const first = this.site.passwords[account]
    await this.at('login-password').fill(first ?? this.site.password)
    await this.at('login-submit').click()
    if (first) {
      await this.at('password-current').waitFor()
      await this.at('password-current').fill(first)
      await this.at('password-new').fill(this.site.password)
      await this.at('password-repeat').fill(this.site.password)
      await this.at('password-submit').click()
      delete this.site.passwords[account]
    }
    await this.page.waitForURL((url) => url.pathname === path.split('?')[0])
  }

  async choose(name, value) {
    const label = this.at(`field-${name}-${value}`)
    if (await label.count()) await label.click()
    else await this.at(`field-${name}`).selectOption(value)
  }

  async addPhoto() {
    await this.at('photo-input').setInputFiles(photo)
    await this.page.locator('[data-testid=photo-item][data-status=done]').first().waitFor()
  }

  // Opens the form of a move, fills it, sends it, waits for the state.
  async move(code, state, fill) {
    await this.at(`move-${code}`).click()
    await this.at(`form-${code}`).waitFor()
    if (fill) await fill()
    await this.at(`submit-${code}`).click()
    await this.page.locator(`[data-testid=hazard-state][data-state=${state}]`).first().waitFor()
  }

  async look(name) {
    const violations = (await new AxeBuilder({ page: this.page }).analyze()).violations.filter((v) => ['serious', 'critical'].includes(v.impact))
    for (const v of violations) {
      this.problems.push(`axe ${name}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`)
    }
    const overflow = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (overflow > 1) this.problems.push(`${name}: ${overflow} px wider than the screen`)
    if (options.pictures) {
      mkdirSync(pictures, { recursive: true })
      await this.page.screenshot({ path: join(pictures, `${name}.png`) })
    }
  }

  async finish(what) {
    await this.context.close()
    if (this.problems.length) throw new Error(`${what}:\n    ${[...new Set(this.problems)].join('\n    ')}`)
  }
}

async function person(browser, site, { viewport = desktop, language = 'zh-CN', dark = false } = {}) {
  const context = await browser.newContext({
    viewport,
    locale: language,
    colorScheme: dark ? 'dark' : 'light',
    isMobile: viewport === phone,
    hasTouch: viewport === phone,
    geolocation: { longitude: 114.235, latitude: 22.556 },
    permissions: ['geolocation'],
  })
  context.setDefaultTimeout(20000)
  return new Person(site, context, await context.newPage())
}

function day(offset) {
  return new Date(Date.now() + 8 * 3600_000 + offset * 86_400_000).toISOString().slice(0, 10)
}

// --- the tests ---------------------------------------------------------------------------------
const tests = []
const test = (name, run) => tests.push({ name, run })
const kept = {}

test('a wrong password and empty fields are refused in the reader\'s language', async (browser, site) => {
  const anyone = await person(browser, site)
  await anyone.open('/hazards')
  await anyone.at('login-submit').click()
  await anyone.at('error-account').waitFor()
  await anyone.look('login')
  await anyone.at('login-account').fill('chen.safety')
  await anyone.at('login-password').fill('not the password')
  await anyone.at('login-submit').click()
  await anyone.page.locator('[data-testid=login-error][data-code="session.invalid_credentials"]').waitFor()
  await anyone.finish('login page')
})

test('the enterprise reports a hazard, first with fields missing', async (browser, site) => {
  const chen = await person(browser, site)
  await chen.signIn('chen.safety', site.stations ? '/assets' : '/hazards/new')
  if (site.stations) {
    await chen.at('asset-row').first().waitFor()
    await chen.look('assets')
    // A station in the district of the starter users: the first ones of the file lie elsewhere.
    const stations = await chen.page.evaluate(() => fetch('/api/v1/assets?bbox=114.22,22.54,114.30,22.60&limit=50').then((answer) => answer.json()))
    const station = stations.items.find((item) => item.region_name === '盐田区')
    if (!station) throw new Error('no imported station lies in 盐田区')
    kept.station = station.name
    await chen.open(`/hazards/new?asset=${station.id}`)
  }
  await chen.at('form-report').waitFor()
  await chen.at('submit-report').click()
  await chen.at('error-name').waitFor()
  await chen.at('field-name').fill('充电枪线绝缘层破损')
  await chen.choose('type', 'equipment_fault')
  await chen.choose('sector', 'charging')
  await chen.choose('reporter_grade', 'ordinary')
  if (!(await chen.at('field-address').inputValue())) await chen.at('field-address').fill('沙头角街道测试充电站')
  await chen.at('field-nature').fill('3 号充电桩枪线外皮破损约 5 厘米，可见内层屏蔽。')
  if (!site.stations) {
    await chen.at('field-longitude').fill('114.235')
    await chen.at('field-latitude').fill('22.556')
  }
  await chen.addPhoto()
  await chen.look('report')
  await chen.at('submit-report').click()
  await chen.page.waitForURL(/\/hazards\/\d+$/)
  kept.id = chen.page.url().match(/\d+$/)[0]
  await chen.page.locator('[data-testid=hazard-state][data-state=reported]').first().waitFor()
  kept.number = (await chen.at('hazard-no').first().innerText()).trim()
  await chen.finish('report')
})

// The server finds the duty holders itself; the form asks for those that it misses, at once for an
// unknown principal and after the refusal for the others.
const dutyHolders = { principal: '深圳海山充电有限公司', territorial: '海山街道办事处', sectoral: '盐田区发展和改革局', general: '盐田区应急管理局' }
async function accept(one) {
  await one.at('move-accept').click()
  await one.at('form-accept').waitFor()
  const accepted = one.page.locator('[data-testid=hazard-state][data-state=reviewing]').first()
  const asked = one.page.locator('[data-testid^="error-duties."]').first()
  for (let round = 0; round < 2; round += 1) {
    for (const [kind, holder] of Object.entries(dutyHolders)) {
      const field = one.at(`field-duties.${kind}`)
      if (await field.count()) await field.selectOption({ label: holder })
    }
    await one.at('submit-accept').click()
    await accepted.or(asked).first().waitFor()
    if (await accepted.count()) return
  }
  await accepted.waitFor()
}

test('the bureau accepts it', async (browser, site) => {
  const sun = await person(browser, site)
  await sun.signIn('sun.supervise', `/hazards/${kept.id}`)
  await accept(sun)
  await sun.finish('accept')
})

test('the regulator reviews five items and files it', async (browser, site) => {
  const li = await person(browser, site)
  await li.signIn('li.review', `/hazards/${kept.id}`)
  await li.move('confirm', 'archived', async () => {
    await li.choose('basic_information.ok', 'true')
    await li.choose('accuracy.ok', 'true')
    await li.choose('new_risk.found', 'false')
    await li.choose('influence.degree', 'low')
    await li.choose('grade.hazard_grade', 'ordinary')
    await li.choose('grade.risk_grade', 'general')
    await li.at('field-opinion').fill('情况属实，按一般隐患整改。')
    await li.look('review')
  })
  await li.at('archive-no').first().waitFor()
  await li.finish('review')
})

test('the enterprise plans and rectifies with an after-photo', async (browser, site) => {
  const chen = await person(browser, site)
  await chen.signIn('chen.safety', `/hazards/${kept.id}`)
  await chen.move('plan', 'rectifying', async () => {
    await chen.at('field-responsible_person').fill('陈安全员')
    await chen.at('field-due_on').fill(day(3))
    await chen.at('field-measures.0.text').fill('停用 3 号桩，更换枪线。')
    await chen.at('field-measures.0.due_on').fill(day(2))
  })
  await chen.move('report_done', 'awaiting_verification', async () => {
    await chen.addPhoto()
    await chen.at('field-measures_done').fill('已更换枪线并复测绝缘电阻。')
    await chen.at('field-self_check').check()
  })
  await chen.finish('plan and rectification')
})

test('a second regulator verifies, the bureau writes it off', async (browser, site) => {
  const zhao = await person(browser, site)
  await zhao.signIn('zhao.verify', `/hazards/${kept.id}`)
  await zhao.move('pass', 'awaiting_write_off', async () => {
    await zhao.choose('method', 'site_visit')
    await zhao.at('field-opinion').fill('现场核验合格。')
  })
  await zhao.finish('verification')
  const sun = await person(browser, site)
  await sun.signIn('sun.supervise', `/hazards/${kept.id}`)
  await sun.move('write_off', 'written_off', async () => {
    await sun.choose('residual_risk_grade', 'low')
    await sun.at('field-opinion').fill('同意核销。')
  })
  for (const move of ['accept', 'confirm', 'plan', 'report_done', 'pass', 'write_off']) {
    await sun.page.locator(`[data-testid=timeline-item][data-move=${move}]`).first().waitFor()
  }
  await sun.look('hazard')
  await sun.finish('write-off')
})

test('the phone reports from the street at 360 px', async (browser, site) => {
  const wang = await person(browser, site, { viewport: phone })
  await wang.signIn('wang.street', '/m')
  await wang.at('m-home').waitFor()
  await wang.look('phone-home')
  await wang.at('m-tile-m.report').click()
  await wang.at('m-report').waitFor()
  await wang.at('submit-report').click()
  await wang.at('error-nature').waitFor()
  await wang.addPhoto()
  await wang.at('field-nature').fill('路边充电桩外壳松动，靠近公交站。')
  await wang.choose('sector', 'charging')
  await wang.at('field-address').fill('海山街道公交站旁')
  await wang.at('use-location').click()
  await wang.page.waitForFunction(() => document.querySelector('[data-testid=located-region]')?.textContent?.trim())
  await wang.look('phone-report')
  await wang.at('submit-report').click()
  await wang.at('m-receipt').waitFor()
  if (!(await wang.at('receipt-no').innerText()).trim()) throw new Error('the receipt has no number')
  const id = wang.page.url().match(/\d+$/)[0]
  await wang.finish('phone report')
  // Back in the office, the street names who must act.
  const office = await person(browser, site)
  await office.signIn('wang.street', `/hazards/${id}`)
  await accept(office)
  await office.finish('accept at the street office')
})

test('list, workbench, notices, users, audit and status in both languages and both themes', async (browser, site) => {
  for (const [language, dark] of [['zh-CN', false], ['en', true]]) {
    const suffix = dark ? '-dark-en' : ''
    const sun = await person(browser, site, { language, dark })
    await sun.signIn('sun.supervise', '/hazards')
    await sun.page.locator(`[data-testid=hazard-row][data-id="${kept.id}"]`).waitFor()
    await sun.look(`hazards${suffix}`)
    await sun.open('/workbench')
    await sun.at('workbench-tasks').waitFor()
    await sun.look(`workbench${suffix}`)
    await sun.open(`/hazards/${kept.id}`)
    await sun.at('timeline').waitFor()
    await sun.look(`hazard${suffix}`)
    if (language === 'en' && /[\u4e00-\u9fff]/.test(await sun.at('hazard-state').first().innerText())) throw new Error('the English page shows a Chinese state')
    await sun.open('/notices')
    await sun.page.locator('[data-testid=notice-row], [data-testid=state-empty]').first().waitFor()
    await sun.look(`notices${suffix}`)
    await sun.finish(`${language} pages of the supervisor`)
    const admin = await person(browser, site, { language, dark })
    await admin.signIn('admin', '/users')
    await admin.at('user-row').first().waitFor()
    await admin.look(`users${suffix}`)
    await admin.open('/status')
    await admin.page.waitForLoadState('networkidle')
    await admin.look(`status${suffix}`)
    await admin.finish(`${language} pages of the administrator`)
    const auditor = await person(browser, site, { language, dark })
    await auditor.signIn('audit', '/audit')
    await auditor.at('audit-row').first().waitFor()
    await auditor.look(`audit${suffix}`)
    await auditor.finish(`${language} pages of the auditor`)
  }
})

test('the administrator has no business decision and is refused a page by its address', async (browser, site) => {
  const admin = await person(browser, site)
  await admin.signIn('admin', '/users')
  const answer = await admin.page.evaluate(async (id) => {
    const reply = await fetch(`/api/v1/hazards/${id}/transitions`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Anlan-Request': '1' }, body: '{"move":"accept","version":1}',
    })
    return reply.status
  }, kept.id)
  if (answer !== 403) throw new Error(`a transition by the administrator answers ${answer}`)
  await admin.open('/audit')
  await admin.at('state-forbidden').waitFor()
  await admin.finish('administrator')
})

// --- run ---------------------------------------------------------------------------------------
const site = await startServer()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--use-gl=swiftshader', '--enable-unsafe-swiftshader'] })
let passed = 0
const failures = []
for (const { name, run } of tests) {
  const from = Date.now()
  try {
    await run(browser, site)
    passed += 1
    console.log(`passed ${((Date.now() - from) / 1000).toFixed(1)} s ${name} [${options.store ?? 'sqlite'}]`)
  } catch (error) {
    failures.push(name)
    console.log(`failed ${((Date.now() - from) / 1000).toFixed(1)} s ${name} [${options.store ?? 'sqlite'}]\n    ${error.message}`)
    for (const context of browser.contexts()) {
      for (const page of context.pages()) {
        mkdirSync(join(root, 'build/test-logs'), { recursive: true })
        await page.screenshot({ path: join(root, 'build/test-logs', `failed-${failures.length}.png`) }).catch(() => undefined)
        console.log(`    at ${page.url()}; picture build/test-logs/failed-${failures.length}.png`)
      }
      await context.close()
    }
  }
}
await browser.close()
await site.stop()
console.log(`${passed} passed, ${failures.length} failed`)
process.exit(failures.length ? 1 : 0)
