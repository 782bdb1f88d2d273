import { api, type Page, type Query } from '@/core/api/request'
import type { HazardComment, HazardCounts, HazardDetail, HazardEvent, HazardSummary } from '@/core/api/types'

export type { HazardCounts, HazardDetail, HazardDuty, HazardEvent, HazardMove, HazardReview, HazardSummary, ReportRequest } from '@/core/api/types'

const at = (id: string) => `/hazards/${encodeURIComponent(id)}`

export const hazardApi = {
  list: (query: Query, signal?: AbortSignal) => api.get<Page<HazardSummary>>('/hazards', query, { signal }),
  counts: (query: Query = {}) => api.get<HazardCounts>('/hazards/counts', query),
  get: (id: string) => api.get<HazardDetail>(at(id)),
  report: (body: unknown) => api.post<HazardDetail>('/hazards', body),
  timeline: (id: string) => api.get<Page<HazardEvent>>(`${at(id)}/timeline`),
  move: (id: string, body: unknown) => api.post<HazardDetail>(`${at(id)}/transitions`, body),
  comment: (id: string, text: string) => api.post<HazardComment>(`${at(id)}/comments`, { text }),
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
