import { api, type Page, type Query } from '@/core/api/request'
import type { AuditChain, AuditRecord } from '@/core/api/types'

// The table wants an id; the record's number is one.
export type AuditRow = AuditRecord & { id: string }

// The start of a civil day of the installation (Asia/Shanghai has no daylight saving), `days` later.
export function dayStart(date: string, days = 0): number | undefined {
  const at = Date.parse(`${date}T00:00:00+08:00`)
  return Number.isNaN(at) ? undefined : at + days * 86_400_000
}

export const auditApi = {
  records: async (query: Query, signal?: AbortSignal): Promise<Page<AuditRow>> => {
    const sent = { ...query, from: dayStart(String(query.from ?? '')), to: dayStart(String(query.to ?? ''), 1) }
    const page = await api.get<Page<AuditRecord>>('/audit/records', sent, { signal })
    return { ...page, items: page.items.map((item) => ({ ...item, id: item.seq })) }
  },
  chain: () => api.get<AuditChain>('/audit/chain'),
}
