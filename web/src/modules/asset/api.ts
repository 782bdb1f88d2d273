import { api, type Page, type Query } from '@/core/api/request'
import type { Asset } from '@/core/api/types'

export type { Asset }

export const assetApi = {
  list: (query: Query, signal?: AbortSignal) => api.get<Page<Asset>>('/assets', query, { signal }),
  get: (id: string) => api.get<Asset>(`/assets/${encodeURIComponent(id)}`),
}
