import { describe, expect, test } from 'vitest'
import { checkReport, emptyReport, newUuid, reportBody, type ReportValues } from './report'

const filled = (change: Partial<ReportValues> = {}): ReportValues => ({
  ...emptyReport('inspection'),
  name: 'Casing broken',
  type: 'equipment_fault',
  sector: 'charging',
  address: 'Harbour road 1',
  point: { longitude: 114.2, latitude: 22.5 },
  nature: 'Cable is bare',
  ...change,
})

describe('report', () => {
  test('an empty one names every required field', () => {
    expect(Object.keys(checkReport(emptyReport('inspection'), 0)).sort()).toEqual(['address', 'latitude', 'longitude', 'name', 'nature', 'photo_ids', 'sector', 'type'])
  })
  test('a filled one may go', () => expect(checkReport(filled(), 1)).toEqual({}))
  test('a call to the hotline brings no photo', () => expect(checkReport(filled({ source: 'hotline' }), 0)).toEqual({}))
  test('length counts characters, not code units', () => {
    expect(checkReport(filled({ name: '\u{20000}' }), 1)).toHaveProperty('name')
    expect(checkReport(filled({ name: '\u{20000}\u{20001}' }), 1)).toEqual({})
  })
  test('empty optional fields are not sent, numbers are numbers', () => {
    const values = filled({ affected_people: '12', floor: ' B1 ', cause: ' ' })
    const body = reportBody(values, ['9'])
    expect(body).toMatchObject({ client_uuid: values.client_uuid, affected_people: 12, floor: 'B1', photo_ids: ['9'], longitude: 114.2 })
    expect(body).not.toHaveProperty('cause')
    expect(body).not.toHaveProperty('urgent')
  })
  test('ids are version 4 and differ', () => {
    expect(newUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(newUuid()).not.toBe(newUuid())
  })
})
