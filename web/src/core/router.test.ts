import { expect, test } from 'vitest'
import { safeReturnPath } from './router'

test.each([
  ['/hazards/5?tab=x', '/hazards/5?tab=x'],
  ['/m/tasks', '/m/tasks'],
  ['//evil.example', ''],
  ['/\\evil.example', ''],
  ['/a\\b', ''],
  ['https://evil.example', ''],
  ['javascript:alert(1)', ''],
  ['/login?next=/x', ''],
  ['/a\tb', ''],
  ['', ''],
  [undefined, ''],
  [['/x'], ''],
])('%j returns to %j', (wanted, path) => expect(safeReturnPath(wanted)).toBe(path))
