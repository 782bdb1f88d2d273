// The report form: its values, its checks in the browser (the server checks again) and the body sent.
import type { Point } from '@/core/map/borders'
import { translate } from '@/core/i18n'

export interface ReportValues {
  client_uuid: string
  source: string
  name: string
  type: string
  sector: string
  reporter_grade: string
  asset_id: string
  address: string
  point: Point | null
  floor: string
  part: string
  nature: string
  cause: string
  consequence: string
  affected_people: string
  reporter_name: string
  reporter_phone: string
  urgent: boolean
}

// crypto.randomUUID exists on https and localhost only; plain http in a test network has getRandomValues.
export function newUuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function emptyReport(source: string): ReportValues {
  return {
    client_uuid: newUuid(),
    source,
    name: '',
    type: '',
    sector: '',
    reporter_grade: 'ordinary',
    asset_id: '',
    address: '',
    point: null,
    floor: '',
    part: '',
    nature: '',
    cause: '',
    consequence: '',
    affected_people: '',
    reporter_name: '',
    reporter_phone: '',
    urgent: false,
  }
}

const texts: [keyof ReportValues & string, number, number][] = [
  ['name', 2, 100],
  ['address', 2, 200],
  ['nature', 5, 1000],
]

// Field name -> sentence; empty when the report may be sent.
export function checkReport(values: ReportValues, photoCount: number): Record<string, string> {
  const errors: Record<string, string> = {}
  const label = (name: string) => translate(`hazard.field.${name}`)
  for (const name of ['type', 'sector', 'reporter_grade', 'source'] as const) {
    if (!values[name]) errors[name] = translate('core.form.choose', { label: label(name) })
  }
  for (const [name, min, max] of texts) {
    const n = Array.from(String(values[name]).trim()).length
    if (n === 0) errors[name] = translate('core.form.blank', { label: label(name) })
    else if (n < min || n > max) errors[name] = translate('core.form.length', { label: label(name), min, max, n })
  }
  if (!values.point) {
    errors.longitude = translate('core.form.choose', { label: translate('core.map.longitude') })
    errors.latitude = translate('core.form.choose', { label: translate('core.map.latitude') })
  }
  const people = values.affected_people.trim()
  if (people !== '' && !/^\d{1,6}$/.test(people)) {
    errors.affected_people = translate('core.form.number', { label: label('affected_people'), min: 0, max: 100000 })
  }
  if (photoCount === 0 && values.source !== 'hotline') errors.photo_ids = translate('hazard.report.photoNeeded')
  return errors
}

export function reportBody(values: ReportValues, photoIds: string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {
    client_uuid: values.client_uuid,
    source: values.source,
    name: values.name.trim(),
    type: values.type,
    sector: values.sector,
    reporter_grade: values.reporter_grade,
    address: values.address.trim(),
    longitude: values.point?.longitude,
    latitude: values.point?.latitude,
    nature: values.nature.trim(),
    photo_ids: photoIds,
  }
  for (const name of ['asset_id', 'floor', 'part', 'cause', 'consequence', 'reporter_name', 'reporter_phone'] as const) {
    const text = values[name].trim()
    if (text !== '') body[name] = text
  }
  if (values.urgent) body.urgent = true
  if (values.affected_people.trim() !== '') body.affected_people = Number(values.affected_people)
  return body
}
