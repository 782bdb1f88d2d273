import { describe, expect, test } from 'vitest'
import type { HazardDetail } from '../api'
import { askDuties, checkMove, kindsMissing, moveBody, specs, startValues, type Values } from './specs'

const hazard = (values: Partial<HazardDetail> = {}): HazardDetail =>
  ({ id: '1', version: 7, hazard_grade: 'ordinary', reporter_grade: 'ordinary', duties: [], ...values }) as HazardDetail
const today = '2026-11-24'
const reviewed: Values = {
  'basic_information.ok': true,
  'accuracy.ok': true,
  'new_risk.found': false,
  'influence.degree': 'low',
  'grade.hazard_grade': 'ordinary',
  'grade.risk_grade': 'general',
}

describe('moves', () => {
  test('every move starts with something missing, so none can be sent by accident', () => {
    for (const move of Object.keys(specs)) {
      if (move === 'resubmit') continue // starts from the report itself
      expect(Object.keys(checkMove(move, startValues(move, hazard()), hazard(), 0, today)).length, move).toBeGreaterThan(0)
    }
  })

  test('an ordinary review needs the five answers only', () => {
    const values = { ...startValues('confirm', hazard()), ...reviewed }
    expect(checkMove('confirm', values, hazard(), 0, today)).toEqual({})
    expect(moveBody('confirm', values, hazard(), [])).toEqual({
      move: 'confirm',
      version: 7,
      basic_information: { ok: true },
      accuracy: { ok: true },
      new_risk: { found: false, items: [] },
      influence: { degree: 'low' },
      grade: { hazard_grade: 'ordinary', risk_grade: 'general' },
    })
  })

  test.each([
    ['major without clause and comment', { 'grade.hazard_grade': 'major' }, {}, ['grade.clause', 'grade.comment']],
    ['lower than reported', {}, { reporter_grade: 'major' }, ['grade.comment']],
    ['no needs a note', { 'accuracy.ok': false }, {}, ['accuracy.comment']],
    ['new risk without items', { 'new_risk.found': true }, {}, ['new_risk.items']],
  ] as [string, Values, Partial<HazardDetail>, string[]][])('review: %s', (_name, change, facts, fields) => {
    const values = { ...startValues('confirm', hazard()), ...reviewed, ...change }
    expect(Object.keys(checkMove('confirm', values, hazard(facts), 0, today)).sort()).toEqual(fields)
  })

  test('a plan of a major hazard needs all parts, of an ordinary one person, date and measures', () => {
    const values = { ...startValues('plan', hazard()), responsible_person: 'Chen', due_on: '2026-11-30', measures: [{ text: 'Cut the power', due_on: '2026-11-25' }] }
    expect(checkMove('plan', values, hazard(), 0, today)).toEqual({})
    expect(Object.keys(checkMove('plan', values, hazard({ hazard_grade: 'major' }), 0, today)).sort()).toEqual(['contingency', 'funds_amount', 'funds_source', 'interim_controls'])
    expect(moveBody('plan', { ...values, funds_amount: '12.50' }, hazard(), [])).toMatchObject({ funds_amount: 12.5, measures: [{ text: 'Cut the power', due_on: '2026-11-25' }] })
  })

  test('measures report the row they are in, and no date lies in the past', () => {
    const values = { ...startValues('plan', hazard()), responsible_person: 'Chen', due_on: '2026-11-23', measures: [{ text: 'ok then', due_on: '2026-11-24' }, { text: '', due_on: '' }] }
    expect(Object.keys(checkMove('plan', values, hazard(), 0, today)).sort()).toEqual(['due_on', 'measures.1.due_on', 'measures.1.text'])
  })

  test('completion needs a photo and the self-check', () => {
    const values = { ...startValues('report_done', hazard()), measures_done: 'Replaced the casing', self_check: true }
    expect(Object.keys(checkMove('report_done', values, hazard(), 0, today))).toEqual(['photo_ids'])
    expect(moveBody('report_done', values, hazard(), ['5'])).toEqual({ move: 'report_done', version: 7, measures_done: 'Replaced the casing', self_check: true, photo_ids: ['5'] })
  })

  test.each([
    [{ kinds: '@hazard.duty_name.territorial,@hazard.duty_name.general' }, ['territorial', 'general']],
    [{ kinds: 'something else' }, ['principal', 'territorial', 'sectoral', 'general']],
    [undefined, ['principal', 'territorial', 'sectoral', 'general']],
  ])('%j misses %j', (params, kinds) => expect(kindsMissing(params)).toEqual(kinds))

  test('accept asks for the principal when it is unknown, for the others when the server found none', () => {
    expect(Object.keys(checkMove('accept', startValues('accept', hazard()), hazard(), 0, today))).toEqual(['duties.principal'])
    const known = hazard({ org_name: 'x' })
    expect(checkMove('accept', startValues('accept', known), known, 0, today)).toEqual({})
    expect(moveBody('accept', { [askDuties]: ['general'], 'duties.general': '9', note: '' }, known, [])).toEqual({ move: 'accept', version: 7, duties: [{ kind: 'general', org_id: '9' }] })
  })
})
