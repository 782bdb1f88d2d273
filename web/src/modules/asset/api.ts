import { api, type Page, type Query } from '@/core/api/request'

export interface Asset {
  id: string
  asset_no: string
  name: string
  sector: string
  type: string
  status: string
  region_id: string | null
  region_name: string
  region_status: string
  address: string
  longitude: number
  latitude: number
  org_name: string
}

export const assetApi = {
  list: (query: Query, signal?: AbortSignal) => api.get<Page<Asset>>('/assets', query, { signal }),
  get: (id: string) => api.get<Asset>(`/assets/${encodeURIComponent(id)}`),
}
