import { api, type Page, type Query } from '@/core/api/request'

export interface AuditRecord {
  id: string
  seq: number
  at: number
  actor_name: string
  actor_account?: string
  action: string
  object_kind?: string
  object_id: string | null
  address?: string | null
  outcome?: string
  detail?: unknown
  changes?: unknown
  trace_id?: string
}

export interface ChainState {
  head_seq: number
  checkpoints: number
  last_verified: { at: number; ok: boolean; seq?: number } | number | null
}

export const auditApi = {
  records: (query: Query, signal?: AbortSignal) => api.get<Page<AuditRecord>>('/audit/records', query, { signal }),
  chain: () => api.get<ChainState>('/audit/chain'),
}
