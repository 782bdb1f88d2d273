// Turns the server's status answer into groups of facts. What it holds may grow with the server, so the
// page shows whatever is there instead of a fixed list.

export interface Fact {
  name: string
  text: string
  state: 'on' | 'off' | 'bad' | ''
  note: string
}

export interface Group {
  name: string
  facts: Fact[]
}

const good = ['ok', 'up', 'on', 'working', 'running', 'ready', 'alive', 'healthy']
const idle = ['off', 'disabled', 'absent', 'idle']
const wrong = ['bad', 'down', 'failed', 'fault', 'error', 'dead', 'stale', 'stopped']

export function stateOf(value: unknown): Fact['state'] {
  if (value === true) return 'on'
  if (value === false) return 'bad'
  const text = String(value).toLowerCase()
  if (good.includes(text)) return 'on'
  if (idle.includes(text)) return 'off'
  return wrong.includes(text) ? 'bad' : ''
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function show(name: string, value: unknown, time: (at: number) => string): string {
  if (value === null || value === undefined) return '—'
  if (typeof value === 'number' && /_at$/.test(name)) return time(value)
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return String(value)
  return JSON.stringify(value)
}

function factOf(name: string, value: unknown, time: (at: number) => string): Fact {
  if (!isObject(value)) {
    const state = typeof value === 'string' || typeof value === 'boolean' ? stateOf(value) : ''
    return { name, text: state === '' ? show(name, value, time) : '', state, note: '' }
  }
  const label = String(value.name ?? value.title ?? value.code ?? name)
  const raw = value.state ?? value.status ?? value.ok ?? value.alive
  const rest = Object.entries(value).filter(([key]) => !['name', 'title', 'code', 'state', 'status', 'ok', 'alive'].includes(key))
  return {
    name: label,
    text: '',
    state: raw === undefined ? '' : stateOf(raw),
    note: rest.map(([key, part]) => `${key}: ${show(key, part, time)}`).join(' · '),
  }
}

export function groupsOf(answer: unknown, time: (at: number) => string): Group[] {
  if (!isObject(answer)) return []
  const plain: Fact[] = []
  const groups: Group[] = []
  for (const [name, value] of Object.entries(answer)) {
    if (Array.isArray(value)) groups.push({ name, facts: value.map((part: unknown, index) => factOf(String(index + 1), part, time)) })
    else if (isObject(value)) groups.push({ name, facts: Object.entries(value).map(([key, part]) => factOf(key, part, time)) })
    else plain.push(factOf(name, value, time))
  }
  return plain.length > 0 ? [{ name: '', facts: plain }, ...groups] : groups
}
