import { api, type Page, type Query } from '@/core/api/request'

export interface HazardSummary {
  id: string
  hazard_no: string
  name: string
  state: string
  type: string
  sector: string
  hazard_grade: string | null
  reporter_grade: string
  risk_grade: string | null
  region_id: string | null
  region_name: string
  region_status: string
  address: string
  longitude: number | null
  latitude: number | null
  org_name: string | null
  reported_at: number
  due_at: number | null
  overdue: boolean
  round: number
  version: number
  next_move: string | null
  cover_photo_id: string | null
  urgent: boolean
}

export interface Move {
  move: string
  allowed: boolean
  reason_code: string | null
  reason: string | null
  name: string
}

export interface Duty {
  kind: string
  org_id: string | null
  org_name: string
  person_id: string | null
  person_name: string | null
  phone: string | null
  basis: string
}

export interface Finding {
  ok: boolean
  comment: string | null
}

export interface Review {
  basic_information: Finding
  accuracy: Finding
  new_risk: { found: boolean; items: string[]; comment: string | null }
  influence: { degree: string; comment: string | null }
  grade: { hazard_grade: string; risk_grade: string; clause: string | null; comment: string | null }
  opinion: string | null
  reviewer_name: string
  reviewed_at: number
}

export interface Plan {
  responsible_person: string
  measures: { text: string; due_on: string }[]
  funds_amount: number | null
  funds_source: string | null
  due_on: string
  contingency: string | null
  interim_controls: string | null
  author_name: string
  created_at: number
}

export interface HazardDetail extends HazardSummary {
  source: string
  floor: string | null
  part: string | null
  nature: string
  cause: string | null
  consequence: string | null
  affected_people: number | null
  asset: { id: string; name: string; asset_no: string } | null
  reporter: { id: string; name: string; org_name: string | null; phone: string | null } | null
  duties: Duty[]
  photos: { file_id: string; kind: string; taken_at: number | null; name: string }[]
  review: Review | null
  plan: Plan | null
  rectification: { measures_done: string; cost: number | null; self_check: boolean; rectifier_name: string; reported_at: number } | null
  verification: { method: string | null; result: string; opinion: string; verifier_name: string; verified_at: number } | null
  write_off: { residual_risk_grade: string; opinion: string; by_name: string; at: number } | null
  archive_no: string | null
  latest_due_on?: string | null
  moves: Move[]
}

export interface TimelineItem {
  id: string
  at: number
  kind: string
  move: string | null
  from: string | null
  to: string | null
  actor_name: string
  actor_org: string | null
  actor_roles: string[]
  duty_kind: string | null
  round: number
  note: string | null
  duration_ms: number | null
  late: boolean
  photos: string[]
}

export interface Counts {
  by_state: Record<string, number>
  todo: number
  overdue: number
  total: number
}

const at = (id: string) => `/hazards/${encodeURIComponent(id)}`

export const hazardApi = {
  list: (query: Query, signal?: AbortSignal) => api.get<Page<HazardSummary>>('/hazards', query, { signal }),
  counts: (query: Query = {}) => api.get<Counts>('/hazards/counts', query),
  get: (id: string) => api.get<HazardDetail>(at(id)),
  report: (body: unknown) => api.post<HazardDetail>('/hazards', body),
  timeline: (id: string) => api.get<Page<TimelineItem>>(`${at(id)}/timeline`),
  move: (id: string, body: unknown) => api.post<HazardDetail>(`${at(id)}/transitions`, body),
  comment: (id: string, text: string) => api.post<unknown>(`${at(id)}/comments`, { text }),
}

export const states = [
  'reported',
  'returned',
  'reviewing',
  'archived',
  'rectifying',
  'awaiting_verification',
  'awaiting_write_off',
  'written_off',
  'rejected',
] as const

export const closedStates: readonly string[] = ['written_off', 'rejected']
export const types = ['equipment_fault', 'environment', 'improper_operation', 'management_defect', 'other'] as const
export const sources = ['report', 'inspection', 'monitoring', 'citizen', 'hotline', 'transfer'] as const
export const sectors = [
  'charging',
  'gas_pipeline',
  'catering_gas',
  'water_supply_drainage',
  'elevator',
  'confined_space',
  'small_premises',
  'hazardous_chemicals',
  'slope',
  'waterlogging',
] as const
export const grades = ['ordinary', 'major'] as const
export const risks = ['major', 'considerable', 'general', 'low'] as const
