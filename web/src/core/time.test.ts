import { describe, expect, test } from 'vitest'
import { civilDate, dueOf, toSpan } from './time'

// 2026-11-24 20:00 in Shanghai.
const now = Date.UTC(2026, 10, 24, 12, 0)
const hour = 3_600_000
const day = 24 * hour

describe('due clock', () => {
  test.each([
    [null, 'none'],
    [now - 1, 'overdue'],
    [now - 3 * day, 'overdue'],
    [now, 'today'],
    [now + 3 * hour, 'today'],
    [now + 5 * hour, 'soon'], // past midnight in Shanghai
    [now + 3 * day, 'soon'],
    [now + 3 * day + 1, 'calm'],
  ])('%s is %s', (at, state) => expect(dueOf(at, now).state).toBe(state))

  test('the span counts whole days, hours and minutes, also when late', () => {
    expect(toSpan(2 * day + 3 * hour + 4 * 60_000 + 59_000)).toEqual({ days: 2, hours: 3, minutes: 4 })
    expect(dueOf(now - (day + hour), now).span).toEqual({ days: 1, hours: 1, minutes: 0 })
  })

  test('the civil date is the one of Shanghai', () => {
    expect(civilDate(Date.UTC(2026, 10, 24, 15, 59))).toBe('2026-11-24')
    expect(civilDate(Date.UTC(2026, 10, 24, 16, 0))).toBe('2026-11-25')
  })
})
