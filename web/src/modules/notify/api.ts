import { api, type Page, type Query } from '@/core/api/request'
import type { Notice } from '@/core/api/types'

export type { Notice }

export const notifyApi = {
  list: (query: Query, signal?: AbortSignal) => api.get<Page<Notice>>('/notices', query, { signal }),
  read: (id: string) => api.post<unknown>(`/notices/${encodeURIComponent(id)}/read`),
  count: () => api.get<{ unread: number }>('/notices/count'),
}
