import { api, type Page, type Query } from '@/core/api/request'

export interface AuditRecord {
  id: string // seq, for the table
  seq: string
  at: number
  actor: string
  address: string
  action: string
  action_name: string
  object_type: string
  object_id: string | null
  result: 'done' | 'refused'
  note: string
  trace_id: string
  changes: { field: string; before: string; after: string }[]
}

export interface ChainState {
  head_seq: string | null
  checkpoints: number
  checkpointed_seq: string | null
  last_verified: { at: number; through_seq: string | null; whole: boolean; bad_seq: string | null; damage: string } | null
}

// The start of a civil day of the installation (Asia/Shanghai has no daylight saving), `days` later.
export function dayStart(date: string, days = 0): number | undefined {
  const at = Date.parse(`${date}T00:00:00+08:00`)
  return Number.isNaN(at) ? undefined : at + days * 86_400_000
}

export const auditApi = {
  records: async (query: Query, signal?: AbortSignal): Promise<Page<AuditRecord>> => {
    const sent = { ...query, from: dayStart(String(query.from ?? '')), to: dayStart(String(query.to ?? ''), 1) }
    const page = await api.get<Page<AuditRecord>>('/audit/records', sent, { signal })
    return { ...page, items: page.items.map((item) => ({ ...item, id: item.seq })) }
  },
  chain: () => api.get<ChainState>('/audit/chain'),
}
