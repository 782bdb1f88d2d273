import { api, type Page, type Query } from '@/core/api/request'

export interface Notice {
  id: string
  title: string
  body: string
  at: number
  read_at: number | null
  link: string | null
}

export const notifyApi = {
  list: (query: Query, signal?: AbortSignal) => api.get<Page<Notice>>('/notices', query, { signal }),
  read: (id: string) => api.post<unknown>(`/notices/${encodeURIComponent(id)}/read`),
  count: () => api.get<{ unread: number }>('/notices/count'),
}
