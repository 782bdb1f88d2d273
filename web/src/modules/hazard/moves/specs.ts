// What each move asks for. The forms of desktop and phone are drawn from this table; the server checks
// every rule again.
import { translate } from '@/core/i18n'
import { civilDate } from '@/core/time'
import type { HazardDetail } from '../api'

export type Values = Record<string, unknown>

export interface FieldSpec {
  name: string // dotted path in the body
  label: string // message key under hazard.ask
  kind: 'text' | 'area' | 'date' | 'number' | 'yesno' | 'choice' | 'tick' | 'photos' | 'lines' | 'measures' | 'organisation'
  dictionary?: string
  codes?: readonly string[]
  required?: boolean | ((values: Values, hazard: HazardDetail) => boolean)
  shown?: (values: Values, hazard: HazardDetail) => boolean
  min?: number
  max?: number
  start?: (hazard: HazardDetail) => unknown
  hint?: string
}

export interface Section {
  title?: string // message key under hazard.ask
  fields: FieldSpec[]
}

export interface Measure {
  text: string
  due_on: string
}

const isMajor = (_values: Values, hazard: HazardDetail) => hazard.hazard_grade === 'major'
const finding = (name: string, label: string): FieldSpec[] => [
  { name: `${name}.ok`, label, kind: 'yesno', required: true },
  { name: `${name}.comment`, label: 'comment', kind: 'text', max: 1000, required: (values) => values[`${name}.ok`] === false },
]
const reason = (max: number): Section[] => [{ fields: [{ name: 'reason', label: 'reason', kind: 'area', required: true, min: 5, max }] }]
const risks = ['major', 'considerable', 'general', 'low'] as const
const note: FieldSpec = { name: 'note', label: 'note', kind: 'area', max: 500 }

// The server finds the duty holders by itself; only an unknown principal has to be named at once. The
// others are asked for when the server says that it found none (`askDuties`).
const dutyKinds = ['principal', 'territorial', 'sectoral', 'general'] as const
export const askDuties = 'ask_duties' // in the values: the kinds that the server could not find

// Which kinds a refused acceptance misses; all when the answer does not say.
export function kindsMissing(params: Record<string, unknown> | undefined): string[] {
  const named = dutyKinds.filter((kind) => new RegExp(`\\b${kind}\\b`).test(String(params?.kinds ?? '')))
  return named.length > 0 ? named : [...dutyKinds]
}
const asked = (values: Values, kind: string) => ((values[askDuties] as string[] | undefined) ?? []).includes(kind)

export const specs: Record<string, Section[]> = {
  accept: [
    {
      fields: [
        ...dutyKinds.map(
          (kind): FieldSpec => ({
            name: `duties.${kind}`,
            label: `duty.${kind}`,
            kind: 'organisation',
            required: true,
            shown: (values, hazard) => asked(values, kind) || (kind === 'principal' && !hazard.org_name),
          }),
        ),
        note,
      ],
    },
  ],
  return: reason(500),
  resubmit: [
    {
      fields: [
        { name: 'name', label: 'name', kind: 'text', required: true, min: 2, max: 100, start: (hazard) => hazard.name },
        { name: 'address', label: 'address', kind: 'text', required: true, min: 2, max: 200, start: (hazard) => hazard.address },
        { name: 'nature', label: 'nature', kind: 'area', required: true, min: 5, max: 1000, start: (hazard) => hazard.nature },
        { name: 'photo_ids', label: 'morePhotos', kind: 'photos' },
        note,
      ],
    },
  ],
  reject: reason(1000),
  confirm: [
    { title: 'basic_information', fields: finding('basic_information', 'ok') },
    { title: 'accuracy', fields: finding('accuracy', 'accurate') },
    {
      title: 'new_risk',
      fields: [
        { name: 'new_risk.found', label: 'found', kind: 'yesno', required: true },
        { name: 'new_risk.items', label: 'items', kind: 'lines', hint: 'itemsHint', shown: (values) => values['new_risk.found'] === true, required: true },
        { name: 'new_risk.comment', label: 'comment', kind: 'text', max: 1000 },
      ],
    },
    {
      title: 'influence',
      fields: [
        { name: 'influence.degree', label: 'degree', kind: 'choice', dictionary: 'influence_degree', codes: ['low', 'medium', 'high'], required: true },
        { name: 'influence.comment', label: 'comment', kind: 'text', max: 1000 },
      ],
    },
    {
      title: 'grade',
      fields: [
        { name: 'grade.hazard_grade', label: 'hazard_grade', kind: 'choice', dictionary: 'hazard_grade', codes: ['ordinary', 'major'], required: true },
        { name: 'grade.risk_grade', label: 'risk_grade', kind: 'choice', dictionary: 'risk_grade', codes: risks, required: true },
        { name: 'grade.clause', label: 'clause', kind: 'text', max: 200, hint: 'clauseHint', required: (values) => values['grade.hazard_grade'] === 'major' },
        {
          name: 'grade.comment',
          label: 'gradeComment',
          kind: 'text',
          max: 500,
          required: (values, hazard) => values['grade.hazard_grade'] === 'major' || (hazard.reporter_grade === 'major' && values['grade.hazard_grade'] === 'ordinary'),
        },
      ],
    },
    { title: 'opinion', fields: [{ name: 'opinion', label: 'opinion', kind: 'area', max: 1000 }] },
  ],
  plan: [
    {
      fields: [
        { name: 'responsible_person', label: 'responsible_person', kind: 'text', required: true, min: 2, max: 50 },
        { name: 'due_on', label: 'due_on', kind: 'date', required: true },
        { name: 'measures', label: 'measures', kind: 'measures', required: true },
        { name: 'funds_amount', label: 'funds_amount', kind: 'number', required: isMajor },
        { name: 'funds_source', label: 'funds_source', kind: 'text', max: 100, required: isMajor },
        { name: 'contingency', label: 'contingency', kind: 'area', max: 1000, required: isMajor },
        { name: 'interim_controls', label: 'interim_controls', kind: 'area', max: 1000, required: isMajor },
      ],
    },
  ],
  report_done: [
    {
      fields: [
        { name: 'photo_ids', label: 'afterPhotos', kind: 'photos', required: true },
        { name: 'measures_done', label: 'measures_done', kind: 'area', required: true, min: 5, max: 1000 },
        { name: 'cost', label: 'cost', kind: 'number' },
        { name: 'self_check', label: 'self_check', kind: 'tick', required: true },
      ],
    },
  ],
  fail: [{ fields: [...reason(1000)[0]!.fields, { name: 'due_on', label: 'new_due_on', kind: 'date', required: true }] }],
  pass: [
    {
      fields: [
        { name: 'method', label: 'method', kind: 'choice', dictionary: 'verification_method', codes: ['site_visit', 'photo', 'sensor'], required: true },
        { name: 'opinion', label: 'opinion', kind: 'area', required: true, min: 2, max: 1000 },
        { name: 'photo_ids', label: 'photos', kind: 'photos' },
      ],
    },
  ],
  write_off: [
    {
      fields: [
        { name: 'residual_risk_grade', label: 'residual_risk_grade', kind: 'choice', dictionary: 'risk_grade', codes: risks, required: true },
        { name: 'opinion', label: 'opinion', kind: 'area', required: true, min: 2, max: 1000 },
      ],
    },
  ],
}

export const maxMeasures = 20

export function startValues(move: string, hazard: HazardDetail): Values {
  const values: Values = {}
  for (const section of specs[move] ?? []) {
    for (const field of section.fields) {
      if (field.start) values[field.name] = field.start(hazard)
      else if (field.kind === 'measures') values[field.name] = [{ text: '', due_on: '' }]
      else if (field.kind === 'yesno') values[field.name] = null
      else if (field.kind === 'tick') values[field.name] = false
      else values[field.name] = ''
    }
  }
  return values
}

export function isRequired(field: FieldSpec, values: Values, hazard: HazardDetail): boolean {
  return typeof field.required === 'function' ? field.required(values, hazard) : (field.required ?? false)
}

export function shownFields(move: string, values: Values, hazard: HazardDetail): FieldSpec[] {
  return (specs[move] ?? []).flatMap((section) => section.fields.filter((field) => field.shown?.(values, hazard) ?? true))
}

const length = (text: unknown) => Array.from(String(text ?? '').trim()).length

// Field name -> sentence. `today` is the civil date of the installation.
export function checkMove(move: string, values: Values, hazard: HazardDetail, photoCount: number, today = civilDate(Date.now())): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const field of shownFields(move, values, hazard)) {
    const label = translate(`hazard.ask.${field.label}`)
    const value = values[field.name]
    const needed = isRequired(field, values, hazard)
    if (field.kind === 'photos') {
      if (needed && photoCount === 0) errors[field.name] = translate('hazard.report.photoNeeded')
    } else if (field.kind === 'measures') {
      ;(value as Measure[]).forEach((measure, index) => {
        const n = length(measure.text)
        if (n < 2 || n > 500) errors[`measures.${index}.text`] = translate('core.form.length', { label: translate('hazard.ask.measure'), min: 2, max: 500, n })
        if (!measure.due_on) errors[`measures.${index}.due_on`] = translate('core.form.choose', { label: translate('hazard.ask.measureDue') })
        else if (measure.due_on < today) errors[`measures.${index}.due_on`] = translate('hazard.ask.past')
      })
    } else if (field.kind === 'tick') {
      if (needed && value !== true) errors[field.name] = translate('hazard.ask.tickNeeded')
    } else if (value === null || value === undefined || String(value).trim() === '') {
      if (needed) {
        const choose = field.kind === 'yesno' || field.kind === 'choice' || field.kind === 'date' || field.kind === 'organisation'
        errors[field.name] = translate(choose ? 'core.form.choose' : 'core.form.blank', { label })
      }
    } else if (field.kind === 'date') {
      if (String(value) < today) errors[field.name] = translate('hazard.ask.past')
    } else if (field.kind === 'number') {
      if (!/^\d{1,9}(\.\d{1,2})?$/.test(String(value).trim())) errors[field.name] = translate('core.form.number', { label, min: 0, max: 999999999 })
    } else if (field.min !== undefined || field.max !== undefined) {
      const n = length(value)
      const min = field.min ?? 0
      const max = field.max ?? 1000
      if (n < min || n > max) errors[field.name] = translate('core.form.length', { label, min, max, n })
    }
  }
  return errors
}

// The body of POST .../transitions: dotted names become nested objects, empty texts are left out.
export function moveBody(move: string, values: Values, hazard: HazardDetail, photoIds: string[]): Record<string, unknown> {
  const body: Record<string, unknown> = { move, version: hazard.version }
  const put = (name: string, value: unknown) => {
    const [head = '', tail] = name.split('.')
    if (tail === undefined) body[head] = value
    else body[head] = { ...(body[head] as object | undefined), [tail]: value }
  }
  const duties: { kind: string; org_id: string }[] = []
  for (const field of shownFields(move, values, hazard)) {
    const value = values[field.name]
    if (field.kind === 'photos') {
      if (photoIds.length > 0) put('photo_ids', photoIds)
    } else if (field.kind === 'organisation') {
      if (value) duties.push({ kind: field.name.slice('duties.'.length), org_id: String(value) })
    } else if (field.kind === 'measures') {
      put(field.name, (value as Measure[]).map((measure) => ({ text: measure.text.trim(), due_on: measure.due_on })))
    } else if (field.kind === 'lines') {
      put(field.name, String(value).split('\n').map((line) => line.trim()).filter(Boolean))
    } else if (field.kind === 'number') {
      if (String(value).trim() !== '') put(field.name, Number(value))
    } else if (typeof value === 'string') {
      if (value.trim() !== '') put(field.name, value.trim())
    } else if (value !== null && value !== undefined) {
      put(field.name, value)
    }
  }
  if (duties.length > 0) body.duties = duties
  if (move === 'confirm') {
    const risk = body.new_risk as { items?: string[] } | undefined
    if (risk && !risk.items) risk.items = []
  }
  return body
}
